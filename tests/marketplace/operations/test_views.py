from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.audit.rules import Actor
from foundation.organisations.models import Kind, Membership, Organisation, Role, State
from foundation.organisations.review import service
from foundation.organisations.review.queries import PER_PAGE
from foundation.organisations.rules import Decision
from foundation.outbox.models import OutboxEvent
from tests.conftest import NOON, SignInAs
from tests.factories import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProductFactory,
)
from tests.factories.catalog import some_commune

PAGES = ["/ops", "/ops/organisations"]


@pytest.fixture
def officer(session: Session, sign_in_as: SignInAs) -> Person:
    person = PersonFactory(full_name="Lê Văn Chuyên")
    MembershipFactory(
        organisation=OrganisationFactory(kind=Kind.AUTHORITY),
        person_id=person.id,
        role=Role.OFFICER,
    )
    return sign_in_as(person, second_factor=True)


@pytest.fixture
def waiting(session: Session) -> Organisation:
    organisation = OrganisationFactory(
        name="Vườn mãng cầu Bà Đen", state=State.SUBMITTED, submitted_at=NOON - timedelta(days=6)
    )
    MembershipFactory(organisation=organisation)
    return organisation


def address(organisation: Organisation, rest: str = "") -> str:
    return f"/ops/organisations/{organisation.public_id}{rest}"


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_the_desk_is_the_provinces_alone(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, page: str
) -> None:
    assert client.get(page).status_code == 303
    sign_in_as(PersonFactory(id=MembershipFactory().person_id + 1000), second_factor=True)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_it_asks_for_the_second_factor(
    client: FlaskClient, session: Session, officer: Person, sign_in_as: SignInAs, page: str
) -> None:
    sign_in_as(officer)

    assert client.get(page).location.startswith("/account/second-factor")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TRAINER])
def test_who_only_looks_decides_nothing(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation, role: Role
) -> None:
    session.scalars(select(Membership).where(Membership.person_id == officer.id)).one().role = role
    session.flush()

    page = client.get(address(waiting))
    assert page.status_code == 200
    assert "Gửi quyết định" not in page.text
    for rest in ("/decide", "/suspend", "/lift"):
        assert client.post(address(waiting, rest), data={"decision": "accept"}).status_code == 404
    session.refresh(waiting)
    assert waiting.state is State.SUBMITTED


# --- the desk ---------------------------------------------------------------------------------


def test_the_desk_counts_what_waits_and_what_sells(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation
) -> None:
    seller = OrganisationFactory(commune_code=some_commune())
    ProductFactory(organisation=seller)
    ProductFactory(organisation=OrganisationFactory(state=State.SUSPENDED))

    page = client.get("/ops").text

    assert "Có hồ sơ người bán đã quá hạn 5 ngày" in page
    assert "1 hồ sơ người bán" in page
    assert "Cũ nhất 6 ngày" in page
    assert '<span class="sum">1 <small class="soft">món</small>' in page


def test_an_empty_desk_leads_on(client: FlaskClient, officer: Person) -> None:
    page = client.get("/ops").text

    assert "Không còn việc nào chờ quyết định" in page
    assert "Chưa có gian hàng nào" in page


# --- the list ---------------------------------------------------------------------------------


def test_the_list_shows_how_long_each_has_waited(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation
) -> None:
    OrganisationFactory(name="Mới", state=State.SUBMITTED, submitted_at=NOON)

    page = client.get("/ops/organisations").text

    assert "Chờ 6 ngày, quá hạn" in page
    assert "Chờ 0 ngày" in page
    assert page.index("Vườn mãng cầu Bà Đen") < page.index("Mới</strong>")


@pytest.mark.parametrize(
    "query", ["?q=mang+cau", "?state=all", "?state=submitted&sort=name", "?q=MÃNG"]
)
def test_it_is_found(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation, query: str
) -> None:
    assert "Vườn mãng cầu Bà Đen" in client.get(f"/ops/organisations{query}").text


@pytest.mark.parametrize(
    "query",
    ["?state=draft", "?state=bogus", "?sort=bogus", "?page=x", "?page=-4", "?page=" + "9" * 30],
)
def test_nonsense_is_read_as_the_usual(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation, query: str
) -> None:
    response = client.get(f"/ops/organisations{query}")

    assert response.status_code == 200
    assert "Vườn mãng cầu Bà Đen" in response.text


def test_drafts_are_nobodys_business(
    client: FlaskClient, session: Session, officer: Person
) -> None:
    draft = OrganisationFactory(name="Chưa gửi", state=State.DRAFT)

    assert "Chưa gửi" not in client.get("/ops/organisations?state=all").text
    assert client.get(address(draft)).status_code == 404
    decided = client.post(address(draft, "/decide"), data={"decision": "accept", "version": "1"})
    assert decided.status_code == 404


def test_no_match_offers_something(client: FlaskClient, officer: Person) -> None:
    page = client.get("/ops/organisations?q=khong+co").text

    assert "Không thấy hồ sơ nào khớp" in page
    assert "Xem tất cả hồ sơ" in page


def test_statements_do_not_grow_with_the_rows(
    client: FlaskClient, session: Session, officer: Person, statements: list[str]
) -> None:
    client.get("/ops/organisations")  # the first visit notes when the device was seen
    counts = []
    for rows in (1, PER_PAGE):
        for _ in range(rows):
            OrganisationFactory(state=State.SUBMITTED, submitted_at=NOON)
        session.expire_all()
        statements.clear()
        assert client.get("/ops/organisations").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 8


def test_pages_are_numbered(client: FlaskClient, session: Session, officer: Person) -> None:
    for _ in range(PER_PAGE + 1):
        OrganisationFactory(state=State.SUBMITTED, submitted_at=NOON)

    assert 'aria-current="page">1</a>' in client.get("/ops/organisations").text
    assert 'aria-current="page">2</a>' in client.get("/ops/organisations?page=2").text


# --- deciding ---------------------------------------------------------------------------------


def decide(client: FlaskClient, organisation: Organisation, **change: str) -> tuple[int, str]:
    data = {"decision": "accept", "note": "", "version": str(organisation.version)} | change
    response = client.post(address(organisation, "/decide"), data=data)
    return response.status_code, response.text


def test_an_officer_accepts(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation
) -> None:
    DocumentFactory(organisation=waiting)
    page = client.get(address(waiting)).text
    assert "giay-dang-ky.pdf" in page
    assert "Còn thiếu" in page

    status, _ = decide(client, waiting)

    session.refresh(waiting)
    assert (status, waiting.state) == (303, State.VERIFIED)
    history = client.get(address(waiting)).text
    assert "Lê Văn Chuyên" in history


@pytest.mark.parametrize("decision", ["ask_more", "reject"])
def test_a_note_is_asked_for_beside_the_field(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation, decision: str
) -> None:
    status, page = decide(client, waiting, decision=decision)

    session.refresh(waiting)
    assert status == 422
    assert 'id="note-error"' in page
    assert f'value="{decision}" checked' in page
    assert waiting.state is State.SUBMITTED


@pytest.mark.parametrize("decision", ["", "bogus", "suspended"])
def test_a_decision_is_one_of_three(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation, decision: str
) -> None:
    status, page = decide(client, waiting, decision=decision, note="Ghi rồi")

    session.refresh(waiting)
    assert status == 422
    assert "Ghi rồi" in page
    assert 'id="decision-error"' in page
    assert waiting.state is State.SUBMITTED


def test_the_second_officer_is_told(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation
) -> None:
    version = str(waiting.version)
    service.decide(
        session,
        waiting.public_id,
        Decision.REJECT,
        note="Sai địa chỉ.",
        version=waiting.version,
        actor=Actor.person(PersonFactory().id),
        now=NOON,
    )
    session.flush()

    status, page = decide(client, waiting, version=version)

    session.refresh(waiting)
    assert status == 409
    assert "Việc này đã có người làm rồi" in page
    assert "Sai địa chỉ." in page
    assert waiting.state is State.REJECTED


def test_an_officer_does_not_judge_the_own_shop(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation
) -> None:
    MembershipFactory(organisation=waiting, person_id=officer.id)

    page = client.get(address(waiting)).text
    status, _ = decide(client, waiting)

    session.refresh(waiting)
    assert "Gửi quyết định" not in page
    assert status == 403
    assert waiting.state is State.SUBMITTED


def test_suspending_and_lifting(client: FlaskClient, session: Session, officer: Person) -> None:
    organisation = OrganisationFactory()

    unexplained = client.post(address(organisation, "/suspend"), data={"version": "1"})
    assert unexplained.status_code == 422

    client.post(address(organisation, "/suspend"), data={"note": "Hàng giả.", "version": "1"})
    session.refresh(organisation)
    assert organisation.state is State.SUSPENDED

    stale = client.post(address(organisation, "/lift"), data={"version": "1"})
    assert stale.status_code == 409

    client.post(address(organisation, "/lift"), data={"version": str(organisation.version)})
    session.refresh(organisation)
    assert organisation.state is State.VERIFIED
    told = session.scalars(
        select(OutboxEvent.name).where(OutboxEvent.name == "OrganisationChanged")
    ).all()
    assert len(told) == 2


def test_a_personal_number_is_masked_for_the_authority_too(
    client: FlaskClient, session: Session, officer: Person, waiting: Organisation
) -> None:
    waiting.personal_number_masked = "072•••••3456"
    waiting.personal_number_hash = "0" * 64
    waiting.personal_number_encrypted = "bí mật"
    session.flush()

    for page in (client.get("/ops/organisations").text, client.get(address(waiting)).text):
        assert "072•••••3456" in page
        assert "bí mật" not in page
        assert "0" * 64 not in page


@pytest.mark.parametrize("state", [state for state in State if state is not State.DRAFT])
def test_every_state_has_its_page(
    client: FlaskClient, session: Session, officer: Person, state: State
) -> None:
    organisation = OrganisationFactory(state=state, review_note="Xem lại.")

    assert client.get(address(organisation)).status_code == 200
