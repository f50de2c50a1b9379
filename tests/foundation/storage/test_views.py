from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM, Actor
from foundation.organisations.models import Kind, Organisation, Role
from foundation.storage import queries, service
from foundation.storage.models import StoredFile
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.foundation.storage import pictures_for_tests as make

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


@pytest.fixture
def organisation(client: FlaskClient) -> Organisation:
    made: Organisation = factories.OrganisationFactory()
    return made


@pytest.fixture
def paper(session: Session, organisation: Organisation) -> StoredFile:
    file = service.keep_document(
        session,
        PDF,
        name="Giấy phép kinh doanh.pdf",
        organisation_id=organisation.id,
        actor=SYSTEM,
        now=NOON,
    )
    session.commit()
    return file


def test_a_photo_is_shown_without_asking_the_database(
    client: FlaskClient, session: Session, statements: list[str]
) -> None:
    file = service.keep_photo(
        session, make.photo(), name="a.jpg", organisation_id=7, actor=SYSTEM, now=NOON
    )
    session.commit()
    statements.clear()
    answer = client.get(queries.photo_url(file, 320))
    assert statements == []
    assert answer.status_code == 200
    assert answer.content_type == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert make.opened(answer.data).size == (320, 240)


def test_a_photo_costs_no_statement_for_who_is_signed_in(
    client: FlaskClient, session: Session, statements: list[str], sign_in_as: SignInAs
) -> None:
    file = service.keep_photo(
        session, make.photo(), name="a.jpg", organisation_id=7, actor=SYSTEM, now=NOON
    )
    sign_in_as(factories.PersonFactory())
    session.commit()
    statements.clear()
    assert client.get(queries.photo_url(file, 320)).status_code == 200
    assert statements == []


def test_a_photo_already_there_is_not_sent_again(client: FlaskClient, session: Session) -> None:
    file = service.keep_photo(
        session, make.photo(), name="a.jpg", organisation_id=7, actor=SYSTEM, now=NOON
    )
    address = queries.photo_url(file, 640)
    etag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_drawing_can_do_nothing(client: FlaskClient, session: Session) -> None:
    data = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"></svg>'
    file = service.keep_drawing(
        session, data, name="na.svg", organisation_id=None, actor=SYSTEM, now=NOON
    )
    answer = client.get(queries.photo_url(file))
    assert (answer.data, answer.mimetype) == (data, "image/svg+xml")
    assert (
        answer.headers["Content-Security-Policy"]
        == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )


@pytest.mark.parametrize(
    "name",
    [
        "0123456789abcd-640.webp",
        "0123456789abcd.svg",
        "0123456789abcd-999.webp",
        "..%2f..%2fsecret_key",
        "%2e%2e",
        "secret_key",
    ],
)
def test_an_unknown_picture_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404


def test_a_member_gets_a_paper_as_an_attachment(
    client: FlaskClient, sign_in_as: SignInAs, organisation: Organisation, paper: StoredFile
) -> None:
    member = factories.MembershipFactory(organisation=organisation, role=Role.VIEWER)
    sign_in_as(person_of(member))
    answer = client.get(f"/files/{paper.public_id}")
    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.mimetype == "application/pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''Gi%E1%BA%A5y%20ph%C3%A9p%20kinh%20doanh.pdf" in disposition
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_photo_of_a_paper_is_shown_in_place(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    person = factories.PersonFactory()
    file = service.keep_document(
        session,
        make.photo(),
        name="the.heic",
        organisation_id=None,
        actor=Actor.person(person.id),
        now=NOON,
    )
    sign_in_as(person)
    answer = client.get(f"/files/{file.public_id}")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "inline; filename=the.jpg"


def test_the_authority_gets_it_with_its_second_factor_only(
    client: FlaskClient, sign_in_as: SignInAs, paper: StoredFile
) -> None:
    authority = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    officer = person_of(factories.MembershipFactory(organisation=authority, role=Role.OFFICER))
    sign_in_as(officer)
    assert client.get(f"/files/{paper.public_id}").status_code == 404
    sign_in_as(officer, second_factor=True)
    assert client.get(f"/files/{paper.public_id}").status_code == 200


def test_strangers_are_told_nothing(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, paper: StoredFile
) -> None:
    assert client.get(f"/files/{paper.public_id}").status_code == 303
    photo = service.keep_photo(
        session,
        make.photo(),
        name="a.jpg",
        organisation_id=paper.organisation_id,
        actor=SYSTEM,
        now=NOON,
    )
    sign_in_as(person_of(factories.MembershipFactory()))
    assert client.get(f"/files/{paper.public_id}").status_code == 404
    assert client.get("/files/0123456789abcd").status_code == 404
    assert client.get(f"/files/{photo.public_id}").status_code == 404
    assert client.get(f"/media/{paper.public_id}.svg").status_code == 404


def person_of(membership: object) -> object:
    session = factories.MembershipFactory._meta.sqlalchemy_session_factory()  # type: ignore[attr-defined]
    return session.get(factories.PersonFactory._meta.model, membership.person_id)  # type: ignore[attr-defined]
