"""The people who work for an organisation, and the address an invitation leads to."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.accounts import queries as accounts
from foundation.config import Config
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.identity import mask_phone
from foundation.organisations.members import queries, service
from foundation.organisations.members.forms import InviteForm, RoleForm
from foundation.organisations.models import Invitation, Kind, Role
from foundation.organisations.rules import ROLE_HINTS, roles_of
from foundation.web.access import acting, actor, me, needs, signed_in
from foundation.web.forms import say

members = Blueprint("members", __name__, template_folder="templates")


@members.app_template_filter("masked_phone")
def masked_phone(phone: str | None) -> str:
    """Return a phone number with its middle hidden."""
    return mask_phone(phone) if phone else ""


@members.get("/sell/<org>/members")
@needs("organisation.view")
def index(org: str) -> ResponseReturnValue:
    return _page(InviteForm.for_kind(Kind(acting().kind)))


@members.post("/sell/<org>/members/invite")
@needs("members.manage")
def invite(org: str) -> ResponseReturnValue:
    """Send an invitation to a phone."""
    form = InviteForm.for_kind(Kind(acting().kind))
    config: Config = current_app.extensions["config"]
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with transaction() as session:
            service.invite(
                session,
                acting().organisation_id,
                phone=form.phone.data or "",
                role=Role(form.role.data),
                data_key=config.data_key,
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return _page(form), error.status
    say(_("Đã nhắn lời mời đến số %(phone)s.", phone=masked_phone(form.phone.data)))
    return _back(org)


@members.post("/sell/<org>/invitations/<invitation>/withdraw")
@needs("members.manage")
def withdraw(org: str, invitation: str) -> ResponseReturnValue:
    with transaction() as session:
        service.withdraw_invitation(
            session, acting().organisation_id, invitation, actor=actor(), now=clock.now()
        )
    say(_("Đã rút lời mời."))
    return _back(org)


@members.post("/sell/<org>/members/<person>/role")
@needs("members.manage")
def change_role(org: str, person: str) -> ResponseReturnValue:
    form = RoleForm.for_kind(Kind(acting().kind))
    if not form.validate_on_submit():
        say(_("Chọn một quyền trong danh sách."), "care")
        return _back(org)
    with transaction() as session:
        service.change_role(
            session,
            acting().organisation_id,
            person,
            Role(form.role.data),
            actor=actor(),
            now=clock.now(),
        )
    say(_("Đã đổi quyền."))
    return _back(org)


@members.post("/sell/<org>/members/<person>/remove")
@needs("members.manage")
def remove(org: str, person: str) -> ResponseReturnValue:
    with transaction() as session:
        service.remove_member(
            session, acting().organisation_id, person, actor=actor(), now=clock.now()
        )
    say(_("Đã bỏ người này khỏi danh sách thành viên."))
    if person == me().public_id:
        return redirect(url_for("sellers.home"), 303)
    return _back(org)


@members.post("/sell/<org>/members/leave")
@needs("organisation.view")
def leave(org: str) -> ResponseReturnValue:
    """Stop working for the organisation oneself."""
    with transaction() as session:
        service.remove_member(
            session, acting().organisation_id, me().public_id, actor=actor(), now=clock.now()
        )
    say(_("Bạn đã rời %(name)s.", name=acting().name))
    return redirect(url_for("sellers.home"), 303)


@members.get("/invitations/<token>")
@signed_in
def invitation(token: str) -> ResponseReturnValue:
    """Show who invites, to whoever holds the link."""
    found = queries.invitation(reading(), token)
    person = accounts.person(reading(), me().person_id)
    return render_template(
        "members/invitation.html",
        invitation=found,
        token=token,
        spent=_is_spent(found),
        mine=person.phone == found.phone,
        hint=_(ROLE_HINTS[found.role]),
    )


@members.post("/invitations/<token>")
@signed_in
def accept(token: str) -> ResponseReturnValue:
    """Begin to work for whoever invites."""
    with transaction() as session:
        service.accept_invitation(session, token, actor=actor(), now=clock.now())
        found = queries.invitation(session, token)
    say(_("Bạn đã là thành viên của %(name)s.", name=found.organisation.name))
    if found.organisation.kind is Kind.AUTHORITY:
        return redirect(url_for("operations.desk"), 303)
    return redirect(url_for("sellers.desk", org=found.organisation.public_id), 303)


def _is_spent(invitation: Invitation) -> bool:
    closed = invitation.accepted_at or invitation.withdrawn_at
    return bool(closed) or invitation.expires_at <= clock.now()


def _back(org: str) -> ResponseReturnValue:
    return redirect(url_for("members.index", org=org), 303)


def _page(form: InviteForm) -> str:
    session = reading()
    kind = Kind(acting().kind)
    may_manage = "members.manage" in acting().permissions
    found = queries.members(session, acting().organisation_id)
    invitations = queries.pending_invitations(session, acting().organisation_id, now=clock.now())
    return render_template(
        "members/index.html",
        org=acting().public_id,
        members=found,
        owners=sum(member.role is Role.OWNER for member in found),
        invitations=invitations if may_manage else (),
        may_manage=may_manage,
        form=form,
        roles=roles_of(kind),
        hints={role.value: str(_(ROLE_HINTS[role])) for role in roles_of(kind)},
    )
