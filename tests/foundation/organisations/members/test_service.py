from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from foundation.accounts.errors import TooManyKnocks
from foundation.accounts.models import Person
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.notifications.models import Message, Notification
from foundation.organisations.members import rules, service
from foundation.organisations.members.errors import (
    AlreadyMember,
    InvitationForAnother,
    InvitationNotFound,
    InvitationSpent,
    LastOwner,
    MemberNotFound,
    RoleUnknown,
)
from foundation.organisations.models import (
    Invitation,
    Kind,
    Membership,
    Organisation,
    Role,
    State,
)
from foundation.text import fold, sort_key
from tests.conftest import NOON
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
)
from tests.unguarded import unguard

KEY = "test-" + "d4ta-" * 8
PHONE = "0912345678"


@pytest.fixture
def organisation(session: Session) -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def owner(session: Session, organisation: Organisation) -> Actor:
    return Actor.person(MembershipFactory(organisation=organisation).person_id)


def invite(
    session: Session,
    organisation: Organisation,
    owner: Actor,
    *,
    phone: str = PHONE,
    role: Role = Role.SELLER,
) -> Invitation:
    return service.invite(
        session,
        organisation.id,
        phone=phone,
        role=role,
        data_key=KEY,
        actor=owner,
        now=NOON,
    )


def sent_token(session: Session) -> str:
    message = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert message is not None
    return message.url.removeprefix("/invitations/")


def role_of(session: Session, organisation: Organisation, person: Person) -> Role | None:
    session.flush()
    return session.scalar(
        select(Membership.role).where(
            Membership.organisation_id == organisation.id, Membership.person_id == person.id
        )
    )


def actions(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# --- inviting ---------------------------------------------------------------------------------


def test_an_invitation_goes_to_the_phone(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    invitation = invite(session, organisation, owner)

    [message] = session.scalars(select(Message))
    assert message.recipient == PHONE
    assert organisation.name in message.body
    assert sent_token(session) not in (invitation.token_hash, invitation.public_id)
    assert invitation.expires_at == NOON + timedelta(days=7)
    [entry] = session.scalars(select(AuditEntry))
    assert entry.facts == {"role": "seller", "phone": "091••••678"}


def test_a_new_invitation_takes_the_place_of_the_old(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    first = invite(session, organisation, owner)
    second = invite(session, organisation, owner, role=Role.MANAGER)

    assert first.withdrawn_at == NOON
    assert second.withdrawn_at is None


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CASHIER, Role.CLASS_TEACHER])
def test_a_role_must_be_of_the_kind(
    session: Session, organisation: Organisation, owner: Actor, role: Role
) -> None:
    with pytest.raises(RoleUnknown):
        invite(session, organisation, owner, role=role)

    assert session.scalars(select(Invitation)).all() == []


def test_a_member_is_not_invited_again(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    member = PersonFactory()
    MembershipFactory(organisation=organisation, person_id=member.id)

    with pytest.raises(AlreadyMember):
        invite(session, organisation, owner, phone=member.phone or "")

    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    ("state", "most"),
    [
        (State.DRAFT, rules.INVITATIONS_A_DAY_UNVERIFIED),
        (State.VERIFIED, rules.INVITATIONS_A_DAY),
    ],
)
def test_invitations_are_throttled(
    session: Session, organisation: Organisation, owner: Actor, state: State, most: int
) -> None:
    organisation.state = state
    for number in range(most):
        invite(session, organisation, owner, phone=f"039{number:07d}")

    with pytest.raises(TooManyKnocks):
        invite(session, organisation, owner, phone="0399999999")

    assert session.scalar(select(func.count(Invitation.id))) == most


def test_one_phone_is_not_flooded(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    for _ in range(rules.INVITATIONS_TO_A_PHONE_A_DAY):
        invite(session, organisation, owner)

    with pytest.raises(TooManyKnocks):
        invite(session, organisation, owner)


def test_an_invitation_is_withdrawn(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    invitation = invite(session, organisation, owner)
    person = PersonFactory(phone=PHONE)

    service.withdraw_invitation(
        session, organisation.id, invitation.public_id, actor=owner, now=NOON
    )

    with pytest.raises(InvitationSpent):
        service.accept_invitation(
            session, sent_token(session), actor=Actor.person(person.id), now=NOON
        )
    with pytest.raises(InvitationSpent):
        service.withdraw_invitation(
            session, organisation.id, invitation.public_id, actor=owner, now=NOON
        )
    assert role_of(session, organisation, person) is None


def test_another_organisations_invitation_is_not_there(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    stranger = InvitationFactory(organisation=OrganisationFactory(), invited_by_id=owner.person_id)

    with pytest.raises(InvitationNotFound):
        service.withdraw_invitation(
            session, organisation.id, stranger.public_id, actor=owner, now=NOON
        )

    assert stranger.withdrawn_at is None


# --- accepting --------------------------------------------------------------------------------


def test_whoever_has_the_phone_joins(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    person = PersonFactory(phone=PHONE)
    invite(session, organisation, owner)

    service.accept_invitation(session, sent_token(session), actor=Actor.person(person.id), now=NOON)

    assert role_of(session, organisation, person) is Role.SELLER
    assert actions(session) == ["members.invited", "members.joined"]
    [told] = session.scalars(select(Notification))
    assert (told.person_id, told.kind) == (owner.person_id, "member.joined")


def test_it_can_be_accepted_once(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    person = PersonFactory(phone=PHONE)
    invite(session, organisation, owner)
    token = sent_token(session)
    actor = Actor.person(person.id)
    service.accept_invitation(session, token, actor=actor, now=NOON)
    service.remove_member(session, organisation.id, person.public_id, actor=owner, now=NOON)
    session.flush()

    with pytest.raises(InvitationSpent):
        service.accept_invitation(session, token, actor=actor, now=NOON)

    assert role_of(session, organisation, person) is None


@pytest.mark.parametrize("phone", ["0987654321", None])
def test_another_phone_does_not_do(
    session: Session, organisation: Organisation, owner: Actor, phone: str | None
) -> None:
    person = PersonFactory(phone=phone, email="ai-do@example.com")
    invite(session, organisation, owner)

    with pytest.raises(InvitationForAnother) as refusal:
        service.accept_invitation(
            session, sent_token(session), actor=Actor.person(person.id), now=NOON
        )

    assert refusal.value.facts == {"phone": "091••••678"}
    assert role_of(session, organisation, person) is None


def test_it_lapses_after_seven_days(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    person = PersonFactory(phone=PHONE)
    invite(session, organisation, owner)

    with pytest.raises(InvitationSpent):
        service.accept_invitation(
            session,
            sent_token(session),
            actor=Actor.person(person.id),
            now=NOON + timedelta(days=7),
        )

    assert role_of(session, organisation, person) is None


def test_an_unknown_token_is_not_found(session: Session) -> None:
    with pytest.raises(InvitationNotFound):
        service.accept_invitation(
            session, "khong-co", actor=Actor.person(PersonFactory().id), now=NOON
        )


# --- roles, going -----------------------------------------------------------------------------


def test_a_role_is_changed(session: Session, organisation: Organisation, owner: Actor) -> None:
    person = PersonFactory()
    MembershipFactory(organisation=organisation, person_id=person.id, role=Role.SELLER)

    service.change_role(
        session, organisation.id, person.public_id, Role.MANAGER, actor=owner, now=NOON
    )

    assert role_of(session, organisation, person) is Role.MANAGER
    assert actions(session) == ["members.role_changed"]
    assert session.scalars(select(Notification.person_id)).all() == [person.id]


def test_a_role_of_another_kind_is_refused(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    person = PersonFactory()
    MembershipFactory(organisation=organisation, person_id=person.id, role=Role.SELLER)

    with pytest.raises(RoleUnknown):
        service.change_role(
            session, organisation.id, person.public_id, Role.OFFICER, actor=owner, now=NOON
        )

    assert role_of(session, organisation, person) is Role.SELLER


def test_a_member_elsewhere_is_not_found(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    stranger = PersonFactory()
    elsewhere = MembershipFactory(person_id=stranger.id).organisation

    with pytest.raises(MemberNotFound):
        service.change_role(
            session, organisation.id, stranger.public_id, Role.SELLER, actor=owner, now=NOON
        )
    with pytest.raises(MemberNotFound):
        service.remove_member(session, organisation.id, stranger.public_id, actor=owner, now=NOON)

    assert role_of(session, elsewhere, stranger) is Role.OWNER


def test_the_last_owner_stays_owner(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    person = session.get_one(Person, owner.person_id)

    with pytest.raises(LastOwner):
        service.change_role(
            session, organisation.id, person.public_id, Role.SELLER, actor=owner, now=NOON
        )
    with pytest.raises(LastOwner):
        service.remove_member(session, organisation.id, person.public_id, actor=owner, now=NOON)

    assert role_of(session, organisation, person) is Role.OWNER
    assert actions(session) == []


def test_one_of_two_owners_may_leave(
    session: Session, organisation: Organisation, owner: Actor
) -> None:
    MembershipFactory(organisation=organisation)
    person = session.get_one(Person, owner.person_id)

    service.remove_member(session, organisation.id, person.public_id, actor=owner, now=NOON)

    assert role_of(session, organisation, person) is None
    assert actions(session) == ["members.left"]
    assert session.scalars(select(Notification)).all() == []


def test_who_is_removed_is_told(session: Session, organisation: Organisation, owner: Actor) -> None:
    person = PersonFactory()
    MembershipFactory(organisation=organisation, person_id=person.id, role=Role.SELLER)

    service.remove_member(session, organisation.id, person.public_id, actor=owner, now=NOON)

    assert role_of(session, organisation, person) is None
    assert actions(session) == ["members.removed"]
    assert session.scalars(select(Notification.kind)).all() == ["member.removed"]


@pytest.fixture
def two_owners(engine: Engine) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """A stored organisation with two owners, outside any test's transaction."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with Session(engine) as session, session.begin():
        people = [
            Person(full_name="Đua", phone=f"097000001{n}", password_hash="!", created_at=NOON)
            for n in range(2)
        ]
        organisation = Organisation(
            kind=Kind.FARMER,
            state=State.VERIFIED,
            slug="hai-chu",
            name="Hai chủ",
            sort_key=sort_key("Hai chủ"),
            fold_key=fold("Hai chủ"),
            created_at=NOON,
        )
        session.add_all([*people, organisation])
        session.flush()
        session.add_all(
            Membership(
                organisation_id=organisation.id, person_id=one.id, role=Role.OWNER, since=NOON
            )
            for one in people
        )
        made = organisation.id, [(one.id, one.public_id) for one in people]
    yield made
    with Session(engine) as session, session.begin():
        unguard(session)
        for table in (AuditEntry, Message, Notification, Membership):
            session.execute(delete(table))
        session.execute(delete(Organisation))
        session.execute(delete(Person))


def test_two_owners_cannot_both_leave_at_once(
    engine: Engine, two_owners: tuple[int, list[tuple[int, str]]]
) -> None:
    organisation_id, people = two_owners
    start = Barrier(2)

    def leave(person: tuple[int, str]) -> str:
        with Session(engine) as session:
            start.wait()
            try:
                with session.begin():
                    service.remove_member(
                        session,
                        organisation_id,
                        person[1],
                        actor=Actor.person(person[0]),
                        now=NOON,
                    )
            except LastOwner:
                return "stays"
        return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, people)) == ["left", "stays"]
