"""The papers of an application, and the organisation's sign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.organisations import queries, rules
from foundation.organisations.errors import DocumentNotFound, TooManyDocuments
from foundation.organisations.events import OrganisationChanged
from foundation.organisations.models import Organisation, OrganisationDocument
from foundation.organisations.rules import Paper
from foundation.outbox import service as outbox
from foundation.storage import service as storage
from foundation.storage.models import StoredFile


def add_document(
    session: Session,
    organisation_id: int,
    data: storage.Data,
    *,
    name: str,
    paper: Paper,
    title: str,
    actor: Actor,
    now: datetime,
) -> OrganisationDocument:
    """Add a photo or PDF of a paper to an application that is with the applicant.

    Raises ApplicationClosed, TooManyDocuments and what storage refuses (field "document").
    """
    organisation = queries.lock_open(session, organisation_id)
    present = queries.documents(session, organisation_id)
    if len(present) >= rules.MOST_DOCUMENTS:
        raise TooManyDocuments(most=rules.MOST_DOCUMENTS)
    file = storage.keep_document(
        session, data, name=name, organisation_id=organisation_id, actor=actor, now=now
    )
    document = OrganisationDocument(
        organisation_id=organisation_id, file=file, paper=paper, title=title, added_at=now
    )
    session.add(document)
    audit.record(
        session,
        "organisations.document_added",
        organisation,
        actor=actor,
        now=now,
        paper=paper.value,
        file=file.public_id,
    )
    return document


def remove_document(
    session: Session, organisation_id: int, file_public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Take a paper out of an application that is with the applicant.

    Raises ApplicationClosed, DocumentNotFound.
    """
    organisation = queries.lock_open(session, organisation_id)
    document = session.scalars(
        select(OrganisationDocument)
        .join(OrganisationDocument.file)
        .where(
            OrganisationDocument.organisation_id == organisation_id,
            StoredFile.public_id == file_public_id,
        )
    ).one_or_none()
    if document is None:
        raise DocumentNotFound()
    file = document.file
    session.delete(document)
    session.flush()
    storage.drop(session, file)
    audit.record(
        session,
        "organisations.document_removed",
        organisation,
        actor=actor,
        now=now,
        paper=document.paper.value,
        file=file.public_id,
    )


def set_logo(
    session: Session,
    organisation_id: int,
    data: storage.Data,
    *,
    name: str,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Show this photo as the organisation's sign, instead of the one before.

    Raises what storage refuses (field "photo").
    """
    organisation = queries.lock(session, organisation_id)
    before = organisation.logo
    organisation.logo = storage.keep_photo(
        session, data, name=name, organisation_id=organisation_id, actor=actor, now=now
    )
    session.flush()
    if before is not None:
        storage.drop(session, before)
    audit.record(session, "organisations.logo_set", organisation, actor=actor, now=now)
    outbox.record(session, OrganisationChanged(organisation_id=organisation.id, occurred_at=now))
    return organisation
