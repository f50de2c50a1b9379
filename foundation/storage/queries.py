"""Addresses of pictures, and finding files for those who may see them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from foundation.storage import rules
from foundation.storage.models import FileKind, StoredFile
from foundation.storage.store import current


class Shown(Protocol):
    """What of a stored file its address needs; a row, or a copy of these values."""

    @property
    def public_id(self) -> str: ...
    @property
    def kind(self) -> FileKind: ...
    @property
    def width(self) -> int | None: ...


def photo_url(file: Shown, width: int = rules.WIDTHS[-1]) -> str:
    """Return the address of a picture at least `width` pixels wide, or of its largest one."""
    if file.kind == FileKind.DRAWING:
        return f"/media/{file.public_id}.svg"
    nearest = rules.nearest_rendition(file.width or rules.WIDTHS[0], width)
    return f"/media/{file.public_id}-{nearest}.webp"


def photo_srcset(file: Shown) -> str:
    """Return every width of a photo for a srcset attribute; empty for a drawing."""
    if file.kind == FileKind.DRAWING:
        return ""
    width = file.width or rules.WIDTHS[0]
    return ", ".join(
        f"/media/{file.public_id}-{each}.webp {min(each, width)}w"
        for each in rules.renditions(width)
    )


def document(
    session: Session,
    public_id: str,
    *,
    organisation_ids: Collection[int],
    person_id: int,
    any_organisation: bool = False,
) -> StoredFile | None:
    """Return a document that one of these organisations holds, None when there is no such one.

    With `any_organisation` (the authority) it may be anybody's. What belongs to no organisation
    yet is only for the person who sent it.
    """
    own = and_(StoredFile.organisation_id.is_(None), StoredFile.uploaded_by_id == person_id)
    theirs = StoredFile.organisation_id.in_(organisation_ids)
    stored = select(StoredFile).where(
        StoredFile.public_id == public_id, StoredFile.kind == FileKind.DOCUMENT
    )
    return session.scalars(
        stored if any_organisation else stored.where(or_(own, theirs))
    ).one_or_none()


def document_bytes(file: StoredFile) -> bytes | None:
    """Return what is in a document, None when the store has lost it. Raises StoreError."""
    return current().get(rules.document_key(file.public_id, file.content_type))


def media(name: str) -> tuple[bytes, str] | None:
    """Return (bytes, content type) for the last part of a /media/ address, else None.

    Asks the store alone, never the database. Raises StoreError.
    """
    found = rules.media_key(name)
    if found is None:
        return None
    key, content_type = found
    data = current().get(key)
    return None if data is None else (data, content_type)


def same_bytes(session: Session, file: StoredFile) -> list[StoredFile]:
    """Return the other files made of the very same upload, oldest first, whoever sent them."""
    return list(
        session.scalars(
            select(StoredFile)
            .where(StoredFile.sha256 == file.sha256, StoredFile.id != file.id)
            .order_by(StoredFile.id)
        )
    )
