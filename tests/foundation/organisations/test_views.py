from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.models import AuditEntry
from foundation.organisations import service
from foundation.organisations.models import (
    Kind,
    Membership,
    Organisation,
    OrganisationDocument,
    Role,
    State,
)
from tests.conftest import SignInAs
from tests.factories import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
)
from tests.factories.catalog import some_commune

PERSONAL = "072085123456"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def organisation(session: Session, sign_in_as: SignInAs) -> Organisation:
    """A farmer's draft, its owner signed in."""
    person = sign_in_as(PersonFactory())
    organisation = OrganisationFactory(kind=Kind.FARMER, state=State.DRAFT)
    MembershipFactory(organisation=organisation, person_id=person.id)
    return organisation


def address(organisation: Organisation, rest: str = "") -> str:
    return f"/sell/{organisation.public_id}/organisation{rest}"


def typed(organisation: Organisation, **change: str) -> dict[str, str]:
    values = {
        "kind": organisation.kind.value,
        "name": organisation.name,
        "tax_code": "",
        "representative": "Trần Thị Mẫu",
        "phone": "0912 345 678",
        "email": "",
        "commune": "",
        "address": "ấp Mẫu",
        "story": "",
        "version": str(organisation.version),
    }
    return {**values, **change}


# --- beginning --------------------------------------------------------------------------------


def test_beginning_asks_to_sign_in_and_comes_back(client: FlaskClient) -> None:
    response = client.get("/sell/new")

    assert response.status_code == 303
    assert response.location == "/sign-in?next=/sell/new"


def test_a_draft_is_begun(client: FlaskClient, session: Session, sign_in_as: SignInAs) -> None:
    sign_in_as(PersonFactory())
    assert "Hợp tác xã" in client.get("/sell/new").text

    response = client.post("/sell/new", data={"kind": "farmer", "name": "Vườn  cô Ba "})

    stored = session.scalars(select(Organisation)).one()
    assert response.location == address(stored, "/edit")
    assert (stored.name, stored.state) == ("Vườn cô Ba", State.DRAFT)
    assert client.get(response.location).status_code == 200


@pytest.mark.parametrize(
    "data", [{}, {"kind": "farmer"}, {"kind": "authority", "name": "Sở"}, {"name": "Vườn"}]
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, data: dict[str, str]
) -> None:
    sign_in_as(PersonFactory())

    response = client.post("/sell/new", data=data)

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert data.get("name", "") in response.text
    assert session.scalars(select(Organisation)).all() == []


# --- editing ----------------------------------------------------------------------------------


def test_a_draft_is_saved_with_holes(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    response = client.post(address(organisation, "/edit"), data=typed(organisation))

    session.refresh(organisation)
    assert response.location == address(organisation)
    assert organisation.phone == "0912345678"
    assert "Còn thiếu" in client.get(response.location).text


def test_a_commune_is_typed_as_people_say_it(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    client.post(
        address(organisation, "/edit"), data=typed(organisation, commune="truong mit, tay ninh")
    )

    session.refresh(organisation)
    assert organisation.printed_address == "ấp Mẫu, Xã Truông Mít, Tỉnh Tây Ninh"
    assert "Truông Mít" in client.get(address(organisation, "/edit")).text


def test_an_unknown_commune_is_asked_again(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    response = client.post(
        address(organisation, "/edit"), data=typed(organisation, commune="Xã Không Có Thật")
    )

    session.refresh(organisation)
    assert response.status_code == 422
    assert "Xã Không Có Thật" in response.text
    assert organisation.phone == ""


def test_a_personal_number_is_never_on_a_page(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    saved = client.post(
        address(organisation, "/edit"),
        data=typed(organisation, tax_code=PERSONAL),
        follow_redirects=True,
    )
    edit = client.get(address(organisation, "/edit"))

    for response in (saved, edit):
        assert response.status_code == 200
        assert PERSONAL not in response.text
        assert "072•••••3456" in response.text


def test_a_personal_number_survives_a_refused_form_sealed(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    wrong = typed(organisation, tax_code="072 085 123 456", phone="12")

    refused = client.post(address(organisation, "/edit"), data=wrong)

    assert refused.status_code == 422
    assert "072 085 123 456" not in refused.text
    assert PERSONAL not in refused.text
    assert "072•••••3456" in refused.text
    assert "12" in refused.text
    sealed = refused.text.split('name="sealed" value="')[1].split('"')[0]
    client.post(address(organisation, "/edit"), data=typed(organisation, sealed=sealed))
    session.refresh(organisation)
    assert organisation.personal_number_masked == "072•••••3456"


def test_a_forged_seal_is_ignored(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    response = client.post(
        address(organisation, "/edit"), data=typed(organisation, sealed="gAAAAA-forged")
    )

    session.refresh(organisation)
    assert response.status_code == 303
    assert organisation.personal_number_hash is None


@pytest.mark.parametrize(
    ("tax_code", "words"),
    [
        ("0100109107", "số kiểm tra không khớp"),
        ("01001091", "10 hoặc 13 số"),
        ("072299123456", "năm sinh chưa tới"),
    ],
)
def test_a_refused_tax_code_is_explained_beside_the_field(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    tax_code: str,
    words: str,
) -> None:
    response = client.post(
        address(organisation, "/edit"), data=typed(organisation, tax_code=tax_code)
    )

    assert response.status_code == 422
    assert words in response.text
    assert 'id="tax_code-error"' in response.text
    session.refresh(organisation)
    assert organisation.phone == ""


def test_a_taken_tax_code_does_not_tell_whose(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    OrganisationFactory(name="Chủ cũ kín tiếng", tax_code="0100109106")

    response = client.post(
        address(organisation, "/edit"), data=typed(organisation, tax_code="0100109106")
    )

    assert response.status_code == 409
    assert "gọi tổng đài" in response.text
    assert "Chủ cũ kín tiếng" not in response.text


def test_trying_tax_codes_is_slowed_down(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    OrganisationFactory(tax_code="0100109106")
    answers = [
        client.post(
            address(organisation, "/edit"), data=typed(organisation, tax_code="0100109106")
        ).status_code
        for _ in range(service.TRIES_PER_HOUR + 1)
    ]

    assert answers == [409] * service.TRIES_PER_HOUR + [429]


def test_the_second_of_two_editors_keeps_what_was_typed(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    stale = typed(organisation, story="Bản của người đến sau")
    client.post(address(organisation, "/edit"), data=typed(organisation, story="Bản đầu"))

    response = client.post(address(organisation, "/edit"), data=stale)

    session.refresh(organisation)
    assert response.status_code == 409
    assert "Bản của người đến sau" in response.text
    assert organisation.story == "Bản đầu"


def test_markup_in_a_story_is_text(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    page = client.post(
        address(organisation, "/edit"),
        data=typed(organisation, story="<script>alert(1)</script>"),
        follow_redirects=True,
    )

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("state", [State.SUBMITTED, State.SUSPENDED])
def test_what_is_out_of_hand_has_no_form(
    client: FlaskClient, session: Session, organisation: Organisation, state: State
) -> None:
    organisation.state = state
    session.flush()

    assert client.get(address(organisation, "/edit")).status_code == 303
    assert client.post(address(organisation, "/edit"), data=typed(organisation)).status_code == 409
    assert 'enctype="multipart/form-data"' in client.get(address(organisation)).text  # its sign
    assert "/submit" not in client.get(address(organisation)).text


def test_a_verified_one_keeps_its_name(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    organisation.state = State.VERIFIED
    organisation.commune_code = some_commune()
    session.flush()
    name = organisation.name

    page = client.get(address(organisation, "/edit"))
    client.post(address(organisation, "/edit"), data=typed(organisation, name="Tên khác"))

    session.refresh(organisation)
    assert 'name="tax_code"' not in page.text
    assert organisation.name == name


# --- papers, sending --------------------------------------------------------------------------


def test_a_paper_is_added_and_the_application_sent(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    organisation.tax_code = "0100109106"
    organisation.representative = "Trần Thị Mẫu"
    organisation.phone = "0912345678"
    organisation.address = "ấp Mẫu"
    organisation.commune_code = some_commune()
    session.flush()

    added = client.post(
        address(organisation, "/documents"),
        data={"paper": "commune_confirmation", "document": (BytesIO(PDF), "giấy.pdf")},
        follow_redirects=True,
    )
    sent = client.post(address(organisation, "/submit"), follow_redirects=True)

    session.refresh(organisation)
    assert "giấy.pdf" in added.text
    assert organisation.state is State.SUBMITTED
    assert "Sở trả lời trong 5 ngày" in sent.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"paper": "commune_confirmation"}, "Chọn ảnh chụp"),
        ({"paper": "bogus", "document": "pdf"}, "Chọn một trong những mục có sẵn"),
        ({"paper": "other", "document": "exe"}, "không phải PDF hay ảnh"),
    ],
)
def test_a_refused_paper_is_explained(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    data: dict[str, object],
    words: str,
) -> None:
    files = {"pdf": PDF, "exe": b"MZ\x90"}
    if "document" in data:
        data = data | {"document": (BytesIO(files[str(data["document"])]), "a.pdf")}

    response = client.post(address(organisation, "/documents"), data=data)

    assert response.status_code == 422
    assert words in response.text
    assert session.scalar(select(func.count(OrganisationDocument.id))) == 0


def test_an_incomplete_application_says_so(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    response = client.post(address(organisation, "/submit"))

    session.refresh(organisation)
    assert response.status_code == 422
    assert "còn thiếu 6 mục" in response.text
    assert organisation.state is State.DRAFT


# --- who may ----------------------------------------------------------------------------------

POSTS = ["/edit", "/submit", "/documents", "/documents/0123456789abcd/remove", "/logo"]


@pytest.mark.parametrize("rest", ["", "/edit"])
def test_another_organisations_pages_are_not_there(
    client: FlaskClient, session: Session, organisation: Organisation, rest: str
) -> None:
    assert client.get(address(OrganisationFactory(), rest)).status_code == 404


@pytest.mark.parametrize("rest", POSTS)
def test_nor_can_they_be_written_to(
    client: FlaskClient, session: Session, organisation: Organisation, rest: str
) -> None:
    assert client.post(address(OrganisationFactory(), rest)).status_code == 404
    assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize("rest", POSTS)
@pytest.mark.parametrize("role", [Role.SELLER, Role.VIEWER])
def test_a_member_without_the_permission_only_looks(
    client: FlaskClient, session: Session, organisation: Organisation, role: Role, rest: str
) -> None:
    session.scalars(select(Membership)).one().role = role
    session.flush()

    assert client.get(address(organisation)).status_code == 200
    assert client.post(address(organisation, rest)).status_code == 403


def test_a_strangers_paper_cannot_be_taken_out(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    other = DocumentFactory(organisation=OrganisationFactory(state=State.DRAFT))

    response = client.post(address(organisation, f"/documents/{other.file.public_id}/remove"))

    assert response.status_code == 404
    assert session.get(OrganisationDocument, other.id) is not None


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_page(
    client: FlaskClient, session: Session, organisation: Organisation, state: State
) -> None:
    organisation.state = state
    organisation.review_note = "Thiếu dấu của xã."
    organisation.submitted_at = organisation.created_at
    session.flush()

    response = client.get(address(organisation))

    assert response.status_code == 200
    shown = state in (State.NEEDS_MORE, State.REJECTED, State.SUSPENDED, State.VERIFIED)
    assert ("Thiếu dấu của xã." in response.text) == shown


def test_statements_do_not_grow_with_the_papers(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    statements: list[str],
) -> None:
    client.get(address(organisation))  # the first visit notes when the device was seen
    counts = []
    for papers in (1, 5):
        for _ in range(papers):
            DocumentFactory(organisation=organisation)
        session.expire_all()
        statements.clear()
        client.get(address(organisation))
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 8
