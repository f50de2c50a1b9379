from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from foundation.accounts.errors import TooManyKnocks
from foundation.accounts.models import Attempt, Person
from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.crypto import decrypt
from foundation.errors import DomainError
from foundation.organisations import queries, service
from foundation.organisations.errors import (
    ApplicationClosed,
    ApplicationIncomplete,
    ChangedMeanwhile,
    CommuneUnknown,
    KindCannotApply,
    TaxCodeCheckDigit,
    TaxCodeNotForKind,
    TaxCodeTaken,
    TooManyDrafts,
)
from foundation.organisations.models import (
    Kind,
    Membership,
    Organisation,
    Paper,
    Role,
    State,
)
from foundation.organisations.rules import MOST_DRAFTS, Application, Profile
from foundation.outbox.models import OutboxEvent
from foundation.places.models import AdminUnit
from tests.conftest import NOON
from tests.factories import (
    DocumentFactory,
    OrganisationFactory,
    PersonFactory,
)
from tests.factories.catalog import some_commune
from tests.unguarded import unguard

KEY = "test-" + "d4ta-" * 8
TAX_CODE = "0100109106"
PERSONAL = "072085123456"
FARMER = Application(kind=Kind.FARMER, name="Vườn mãng cầu Bà Ba")
COOPERATIVE = Application(kind=Kind.COOPERATIVE, name="Hợp tác xã Bánh tráng Trảng Bàng")


@pytest.fixture
def person(session: Session) -> Person:
    return PersonFactory()


@pytest.fixture
def actor(person: Person) -> Actor:
    return Actor.person(person.id)


def complete() -> Application:
    return Application(
        kind=Kind.COOPERATIVE,
        name="Hợp tác xã Bánh tráng Trảng Bàng",
        tax_code=TAX_CODE,
        representative="Trần Thị Mẫu",
        phone="0912345678",
        commune_code=some_commune(),
        address="12 đường Mẫu",
    )


def begin(session: Session, actor: Actor, application: Application = FARMER) -> Organisation:
    return service.apply(session, application, data_key=KEY, actor=actor, now=NOON)


def edit(
    session: Session, organisation: Organisation, actor: Actor, application: Application
) -> Organisation:
    return service.edit_application(
        session,
        organisation.id,
        application,
        version=organisation.version,
        data_key=KEY,
        actor=actor,
        now=NOON,
    )


def events(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)))


def entries(session: Session) -> list[AuditEntry]:
    session.flush()
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


# --- applying ---------------------------------------------------------------------------------


def test_whoever_applies_owns_the_draft(session: Session, actor: Actor, person: Person) -> None:
    organisation = begin(session, actor)

    assert organisation.state is State.DRAFT
    assert organisation.slug == "vuon-mang-cau-ba-ba"
    assert organisation.fold_key == "vuon mang cau ba ba"
    [membership] = queries.memberships_of(session, person.id)
    assert (membership.organisation_id, membership.role) == (organisation.id, Role.OWNER)
    assert [entry.action for entry in entries(session)] == ["organisations.begun"]


def test_two_of_a_name_have_two_addresses(session: Session, actor: Actor) -> None:
    first = begin(session, actor)
    second = begin(session, actor)

    assert second.slug.startswith(f"{first.slug}-")


def test_nobody_applies_as_the_authority(session: Session, actor: Actor) -> None:
    with pytest.raises(KindCannotApply):
        begin(session, actor, Application(kind=Kind.AUTHORITY, name="Sở giả"))

    assert session.scalar(select(func.count(Organisation.id))) == 0


def test_a_person_has_only_so_many_drafts(session: Session, actor: Actor) -> None:
    for _ in range(MOST_DRAFTS):
        begin(session, actor)

    with pytest.raises(TooManyDrafts):
        begin(session, actor)

    assert session.scalar(select(func.count(Organisation.id))) == MOST_DRAFTS


def test_a_personal_number_is_kept_only_encrypted(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor, replace(FARMER, tax_code="072 085 123 456"))

    assert organisation.tax_code is None
    assert organisation.personal_number_masked == "072•••••3456"
    assert organisation.personal_number_encrypted is not None
    assert decrypt(organisation.personal_number_encrypted, KEY) == PERSONAL
    stored = [str(value) for value in vars(organisation).values()]
    stored += [str(entry.facts) for entry in entries(session)]
    stored += [str(body) for body in session.scalars(select(OutboxEvent.body))]
    assert not any(PERSONAL in value for value in stored)


@pytest.mark.parametrize("number", [TAX_CODE, PERSONAL])
def test_a_number_stands_for_one_organisation(session: Session, actor: Actor, number: str) -> None:
    begin(session, actor, replace(FARMER, tax_code=number))

    with pytest.raises(TaxCodeTaken) as refusal:
        begin(session, actor, replace(FARMER, name="Vườn khác", tax_code=number))

    assert number not in str(refusal.value)
    assert refusal.value.facts == {}


# --- editing ----------------------------------------------------------------------------------


def test_a_draft_is_filled_in_bit_by_bit(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor, COOPERATIVE)
    code = some_commune()

    edit(session, organisation, actor, replace(complete(), tax_code="0100 109 106"))

    assert organisation.tax_code == TAX_CODE
    assert organisation.commune_code == code
    assert organisation.printed_address.startswith("12 đường Mẫu, ")
    assert organisation.version == 2
    edited = entries(session)[-1]
    assert edited.action == "organisations.edited"
    assert "tax_code" in edited.facts["fields"]
    assert TAX_CODE not in str(edited.facts)


def test_an_empty_tax_code_leaves_the_stored_one(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor, replace(FARMER, tax_code=PERSONAL))

    edit(session, organisation, actor, replace(FARMER, phone="0912345678"))

    assert organisation.personal_number_masked == "072•••••3456"
    assert organisation.phone == "0912345678"


def test_a_tax_code_takes_the_place_of_a_personal_number(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor, replace(FARMER, tax_code=PERSONAL))

    edit(session, organisation, actor, replace(FARMER, tax_code=TAX_CODE))

    assert organisation.tax_code == TAX_CODE
    assert organisation.personal_number_hash is None
    assert organisation.personal_number_encrypted is None


def test_a_farmer_who_turns_firm_needs_a_tax_code(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor, replace(FARMER, tax_code=PERSONAL))
    session.commit()

    with pytest.raises(TaxCodeNotForKind):
        edit(session, organisation, actor, replace(FARMER, kind=Kind.ENTERPRISE))
    session.rollback()

    assert session.get_one(Organisation, organisation.id).kind is Kind.FARMER


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"tax_code": "0100109107"}, TaxCodeCheckDigit),
        ({"commune_code": "no-such"}, CommuneUnknown),
        ({"kind": Kind.AUTHORITY}, KindCannotApply),
    ],
)
def test_a_refused_edit_changes_nothing(
    session: Session, actor: Actor, change: dict[str, object], refusal: type[DomainError]
) -> None:
    organisation = begin(session, actor, COOPERATIVE)
    session.commit()
    asked = replace(complete(), **change)  # type: ignore[arg-type]

    with pytest.raises(refusal):
        edit(session, organisation, actor, asked)
    session.rollback()

    stored = session.get_one(Organisation, organisation.id, populate_existing=True)
    assert (stored.tax_code, stored.phone, stored.version) == (None, "", 1)
    assert len(entries(session)) == 1


def test_a_province_is_no_commune(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor)
    commune = some_commune()
    unit = session.scalar(select(AdminUnit.province_code).where(AdminUnit.code == commune))

    with pytest.raises(CommuneUnknown):
        edit(session, organisation, actor, replace(FARMER, commune_code=unit))


def test_a_commune_that_is_no_more_is_refused(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor)
    unit = session.get_one(AdminUnit, some_commune())
    unit.valid_to = date(2026, 4, 29)
    session.flush()

    with pytest.raises(CommuneUnknown):
        edit(session, organisation, actor, replace(FARMER, commune_code=unit.code))


def test_the_second_of_two_editors_is_told(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor)
    seen = organisation.version
    edit(session, organisation, actor, replace(FARMER, phone="0912345678"))

    with pytest.raises(ChangedMeanwhile):
        service.edit_application(
            session,
            organisation.id,
            replace(FARMER, phone="0987654321"),
            version=seen,
            data_key=KEY,
            actor=actor,
            now=NOON,
        )

    assert organisation.phone == "0912345678"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VERIFIED, State.SUSPENDED])
def test_an_application_out_of_hand_cannot_be_edited(
    session: Session, actor: Actor, state: State
) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(ApplicationClosed):
        edit(session, organisation, actor, COOPERATIVE)

    assert organisation.name != COOPERATIVE.name


def test_offering_tax_codes_is_counted(session: Session, person: Person) -> None:
    for _ in range(service.TRIES_PER_HOUR):
        service.count_tax_code_try(session, person_id=person.id, now=NOON)

    with pytest.raises(TooManyKnocks):
        service.count_tax_code_try(session, person_id=person.id, now=NOON)

    later = NOON + timedelta(hours=1, seconds=1)
    service.count_tax_code_try(session, person_id=person.id, now=later)
    assert session.scalar(select(func.count(Attempt.id))) == service.TRIES_PER_HOUR + 1


# --- the profile of a verified organisation ---------------------------------------------------


def profile(**change: object) -> Profile:
    values = {
        "phone": "0912345678",
        "email": "",
        "commune_code": some_commune(),
        "address": "ấp Mẫu",
        "story": "Ba đời làm bánh.",
    }
    return Profile(**{**values, **change})  # type: ignore[arg-type]


def test_a_verified_organisation_changes_its_contact(session: Session, actor: Actor) -> None:
    organisation = OrganisationFactory()

    service.edit_profile(session, organisation.id, profile(), version=1, actor=actor, now=NOON)

    assert organisation.story == "Ba đời làm bánh."
    assert organisation.printed_address.startswith("ấp Mẫu, ")
    assert events(session) == ["OrganisationChanged"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.VERIFIED])
def test_only_a_verified_one_does(session: Session, actor: Actor, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(ApplicationClosed):
        service.edit_profile(session, organisation.id, profile(), version=1, actor=actor, now=NOON)

    assert organisation.story == ""
    assert events(session) == []


def test_the_profile_too_is_held_to_its_version(session: Session, actor: Actor) -> None:
    organisation = OrganisationFactory()

    with pytest.raises(ChangedMeanwhile):
        service.edit_profile(session, organisation.id, profile(), version=0, actor=actor, now=NOON)

    assert organisation.story == ""


# --- submitting -------------------------------------------------------------------------------


def test_a_complete_application_is_sent(session: Session, actor: Actor) -> None:
    organisation = begin(session, actor, complete())
    DocumentFactory(organisation=organisation)

    service.submit(session, organisation.id, actor=actor, now=NOON)

    assert organisation.state is State.SUBMITTED
    assert organisation.submitted_at == NOON
    assert events(session) == ["OrganisationSubmitted"]
    assert entries(session)[-1].action == "organisations.submitted"


@pytest.mark.parametrize("paper", [None, Paper.FOOD_SAFETY])
def test_an_incomplete_one_is_not(session: Session, actor: Actor, paper: Paper | None) -> None:
    organisation = begin(session, actor, complete())
    if paper:
        DocumentFactory(organisation=organisation, paper=paper)

    with pytest.raises(ApplicationIncomplete) as refusal:
        service.submit(session, organisation.id, actor=actor, now=NOON)

    assert refusal.value.facts == {"count": 1}
    assert organisation.state is State.DRAFT
    assert events(session) == []


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VERIFIED, State.SUSPENDED])
def test_it_is_not_sent_twice(session: Session, actor: Actor, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(CannotMove):
        service.submit(session, organisation.id, actor=actor, now=NOON)

    assert organisation.state is state


def test_the_authority_is_set_up_with_its_first_owner(session: Session, person: Person) -> None:
    authority = service.create_authority(
        session, "Sở Công Thương", owner_id=person.id, actor=Actor(kind="system"), now=NOON
    )

    [membership] = queries.memberships_of(session, person.id)
    assert (authority.kind, authority.state) == (Kind.AUTHORITY, State.VERIFIED)
    assert membership.role is Role.OWNER


# --- races ------------------------------------------------------------------------------------


@pytest.fixture
def two_drafts(engine: Engine) -> Iterator[list[tuple[int, int]]]:
    """Two stored drafts with their owners, outside any test's transaction."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with Session(engine) as session, session.begin():
        people = [
            Person(full_name="Đua", phone=f"097000000{n}", password_hash="!", created_at=NOON)
            for n in range(2)
        ]
        session.add_all(people)
        session.flush()
        made = [(begin(session, Actor.person(one.id), FARMER).id, one.id) for one in people]
    yield made
    with Session(engine) as session, session.begin():
        unguard(session)
        session.execute(delete(OutboxEvent))
        session.execute(delete(AuditEntry))
        session.execute(delete(Membership))
        session.execute(delete(Organisation))
        session.execute(delete(Person))


def test_two_cannot_take_one_tax_code_at_once(
    engine: Engine, two_drafts: list[tuple[int, int]]
) -> None:
    start = Barrier(2)

    def take(draft: tuple[int, int]) -> str:
        with Session(engine) as session:
            start.wait()
            try:
                with session.begin():
                    service.edit_application(
                        session,
                        draft[0],
                        replace(FARMER, tax_code=PERSONAL),
                        version=1,
                        data_key=KEY,
                        actor=Actor.person(draft[1]),
                        now=NOON,
                    )
            except TaxCodeTaken:
                return "refused"
        return "taken"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, two_drafts)) == ["refused", "taken"]
