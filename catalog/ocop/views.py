"""A seller's OCOP certificates, and the page on which anybody may check one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.ocop import queries, rules, service
from catalog.ocop.errors import CertificateChangedMeanwhile
from catalog.ocop.forms import CertificateForm
from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs, public
from foundation.web.forms import say

ocop = Blueprint("ocop", __name__, template_folder="templates")

OWN = "/sell/<org>/certificates"


@ocop.get(OWN)
@needs("certificates.edit")
def index(org: str) -> ResponseReturnValue:
    certificates = queries.of_organisation(reading(), acting().organisation_id)
    today = clock.day(clock.now())
    return render_template("ocop/index.html", org=org, certificates=certificates, today=today)


@ocop.route(OWN + "/new", methods=["GET", "POST"])
@needs("certificates.edit")
def new(org: str) -> ResponseReturnValue:
    form = CertificateForm()
    form.offer(queries.own_products(reading(), acting().organisation_id))
    if form.validate_on_submit():
        try:
            with transaction() as session:
                certificate = service.enter(
                    session,
                    acting().organisation_id,
                    form.paper(),
                    scan=form.scan(),
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã lưu nháp. Xem lại một lượt rồi gửi sở xác minh."))
            return redirect(url_for("ocop.show", org=org, certificate=certificate.public_id), 303)
    page = render_template("ocop/edit.html", org=org, form=form, certificate=None)
    return page, 422 if form.is_submitted() else 200


@ocop.get(OWN + "/<certificate>")
@needs("certificates.edit")
def show(org: str, certificate: str) -> ResponseReturnValue:
    found = queries.one(reading(), acting().organisation_id, certificate)
    return render_template(
        "ocop/show.html",
        org=org,
        certificate=found,
        today=clock.day(clock.now()),
        editable=found.state in rules.EDITABLE,
    )


@ocop.route(OWN + "/<certificate>/edit", methods=["GET", "POST"])
@needs("certificates.edit")
def edit(org: str, certificate: str) -> ResponseReturnValue:
    found = queries.one(reading(), acting().organisation_id, certificate)
    form = CertificateForm()
    form.offer(queries.own_products(reading(), acting().organisation_id))
    if not form.is_submitted():
        form.fill(found)
    elif form.validate():
        try:
            _save(form, certificate)
        except DomainError as error:
            form.refuse(error)
            if isinstance(error, CertificateChangedMeanwhile):
                current = queries.one(reading(), acting().organisation_id, certificate)
                form.version.data = str(current.version)
        else:
            say(_("Đã lưu chứng nhận."))
            return redirect(url_for("ocop.show", org=org, certificate=certificate), 303)
    page = render_template("ocop/edit.html", org=org, form=form, certificate=found)
    return page, 422 if form.is_submitted() else 200


def _save(form: CertificateForm, certificate: str) -> None:
    with transaction() as session:
        service.change(
            session,
            acting().organisation_id,
            certificate,
            form.paper(),
            version=form.known_version(),
            scan=form.scan(),
            actor=actor(),
            now=clock.now(),
        )


@ocop.post(OWN + "/<certificate>/submit")
@needs("certificates.edit")
def submit(org: str, certificate: str) -> ResponseReturnValue:
    with transaction() as session:
        service.submit(
            session, acting().organisation_id, certificate, actor=actor(), now=clock.now()
        )
    say(_("Đã gửi sở xác minh. Thường mất dưới năm ngày làm việc; có kết quả sẽ báo chị."))
    return redirect(url_for("ocop.show", org=org, certificate=certificate), 303)


@ocop.post(OWN + "/<certificate>/take-back")
@needs("certificates.edit")
def take_back(org: str, certificate: str) -> ResponseReturnValue:
    with transaction() as session:
        service.take_back(
            session, acting().organisation_id, certificate, actor=actor(), now=clock.now()
        )
    say(_("Đã rút về nháp. Sửa xong nhớ gửi lại."))
    return redirect(url_for("ocop.edit", org=org, certificate=certificate), 303)


@ocop.post(OWN + "/<certificate>/remove")
@needs("certificates.edit")
def remove(org: str, certificate: str) -> ResponseReturnValue:
    with transaction() as session:
        service.remove(
            session, acting().organisation_id, certificate, actor=actor(), now=clock.now()
        )
    say(_("Đã bỏ bản nháp."))
    return redirect(url_for("ocop.index", org=org), 303)


@ocop.get("/certificates/<certificate>")
@public
def check(certificate: str) -> ResponseReturnValue:
    """What a buyer who asks "is this true?" is shown."""
    today = clock.day(clock.now())
    found = queries.public(reading(), certificate)
    return render_template("ocop/check.html", certificate=found, today=today)
