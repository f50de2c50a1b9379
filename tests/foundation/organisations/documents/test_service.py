from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM
from foundation.organisations.documents import service
from foundation.organisations.errors import (
    ApplicationClosed,
    DocumentNotFound,
    TooManyDocuments,
)
from foundation.organisations.models import (
    Organisation,
    OrganisationDocument,
    Paper,
    State,
)
from foundation.organisations.rules import APPLICATION_OPEN, MOST_DOCUMENTS
from foundation.outbox.models import OutboxEvent
from foundation.storage.errors import NotADocument, NotAPhoto
from foundation.storage.models import FileKind, StoredFile
from tests.conftest import NOON
from tests.factories import DocumentFactory, OrganisationFactory

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
CLOSED = [state for state in State if state not in APPLICATION_OPEN]


def a_photo() -> bytes:
    made = BytesIO()
    Image.new("RGB", (500, 500), "green").save(made, "JPEG")
    return made.getvalue()


def add(session: Session, organisation: Organisation, data: bytes = PDF) -> OrganisationDocument:
    return service.add_document(
        session,
        organisation.id,
        data,
        name="../giấy phép.pdf",
        paper=Paper.BUSINESS_REGISTRATION,
        title="trang 1",
        actor=SYSTEM,
        now=NOON,
    )


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("state", sorted(APPLICATION_OPEN))
def test_a_paper_is_added(session: Session, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    document = add(session, organisation)
    session.flush()

    assert (document.paper, document.title) == (Paper.BUSINESS_REGISTRATION, "trang 1")
    assert document.file.kind is FileKind.DOCUMENT
    assert document.file.organisation_id == organisation.id
    assert document.file.name == "giấy phép.pdf"
    [entry] = session.scalars(select(AuditEntry))
    assert entry.facts["paper"] == "business_registration"


@pytest.mark.parametrize("state", CLOSED)
def test_not_while_it_is_out_of_hand(session: Session, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(ApplicationClosed):
        add(session, organisation)

    assert count(session, StoredFile) == 0


def test_what_is_no_document_is_refused(session: Session) -> None:
    organisation = OrganisationFactory(state=State.DRAFT)

    with pytest.raises(NotADocument):
        add(session, organisation, b"MZ")

    assert count(session, OrganisationDocument) == 0


def test_there_is_an_end_to_papers(session: Session) -> None:
    organisation = OrganisationFactory(state=State.DRAFT)
    for _ in range(MOST_DOCUMENTS):
        DocumentFactory(organisation=organisation)

    with pytest.raises(TooManyDocuments):
        add(session, organisation)

    assert count(session, OrganisationDocument) == MOST_DOCUMENTS


def test_a_paper_is_taken_out_with_its_file(session: Session) -> None:
    organisation = OrganisationFactory(state=State.NEEDS_MORE)
    document = add(session, organisation)
    session.flush()

    service.remove_document(
        session, organisation.id, document.file.public_id, actor=SYSTEM, now=NOON
    )
    session.flush()

    assert count(session, OrganisationDocument) == 0
    assert count(session, StoredFile) == 0


def test_another_organisations_paper_is_not_there(session: Session) -> None:
    organisation = OrganisationFactory(state=State.DRAFT)
    other = DocumentFactory(organisation=OrganisationFactory(state=State.DRAFT))

    with pytest.raises(DocumentNotFound):
        service.remove_document(
            session, organisation.id, other.file.public_id, actor=SYSTEM, now=NOON
        )

    assert count(session, OrganisationDocument) == 1


def test_what_was_sent_stays_while_it_is_judged(session: Session) -> None:
    document = DocumentFactory(organisation=OrganisationFactory(state=State.SUBMITTED))

    with pytest.raises(ApplicationClosed):
        service.remove_document(
            session,
            document.organisation_id,
            document.file.public_id,
            actor=SYSTEM,
            now=NOON,
        )

    assert count(session, OrganisationDocument) == 1


def test_a_new_sign_takes_the_place_of_the_old(session: Session) -> None:
    organisation = OrganisationFactory()
    for _ in range(2):
        service.set_logo(session, organisation.id, a_photo(), name="a.jpg", actor=SYSTEM, now=NOON)
    session.flush()

    assert organisation.logo is not None
    assert organisation.logo.kind is FileKind.PHOTO
    assert count(session, StoredFile) == 1
    assert session.scalars(select(OutboxEvent.name)).all() == ["OrganisationChanged"] * 2


def test_a_paper_is_no_sign(session: Session) -> None:
    organisation = OrganisationFactory()

    with pytest.raises(NotAPhoto):
        service.set_logo(session, organisation.id, PDF, name="a.pdf", actor=SYSTEM, now=NOON)

    assert organisation.logo is None
