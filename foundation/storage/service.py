"""Keeping files and dropping them, in step with the transaction.

Bytes are written before the row is committed, so no row is ever without its file; when the
transaction fails they are taken away again. A dropped file's bytes go after the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import BinaryIO

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from foundation.audit.rules import Actor
from foundation.config import Config
from foundation.db import after_commit
from foundation.errors import Invalid
from foundation.ids import new_public_id
from foundation.storage import pictures, rules
from foundation.storage.errors import (
    AS_DOCUMENT,
    DocumentTooBig,
    NotADrawing,
    PhotoTooBig,
    StoreError,
)
from foundation.storage.local import LocalStore
from foundation.storage.models import FileKind, StoredFile
from foundation.storage.s3 import S3Store
from foundation.storage.store import Store, current, use

log = structlog.get_logger(__name__)

Data = bytes | BinaryIO


def open_store(config: Config) -> Store:
    """Choose this process's store: the bucket of S3_URL, else a folder. Raises ConfigError."""
    store = S3Store.at(config.s3_url) if config.s3_url else LocalStore(config.data_dir / "files")
    use(store)
    return store


def keep_photo(
    session: Session,
    data: Data,
    *,
    name: str,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> StoredFile:
    """Keep a photo for everybody to see, in the widths of rules.WIDTHS.

    `data` is the upload as it came, `name` what the sender called it. `sha256` is that of the
    upload, so the same bytes sent twice can be told. Raises NotAPhoto, PhotoTooBig,
    PhotoTooManyPixels, PhotoTooSmall, PhotoTooLong, StoreError.
    """
    upload = _read(data)
    if upload is None:
        raise PhotoTooBig(most=rules.MOST_BYTES // rules.MEGABYTE)
    made = pictures.photo(upload)
    largest = made[max(made)]
    file = _row(
        FileKind.PHOTO,
        upload,
        rules.PHOTO_TYPE,
        name=name,
        organisation_id=organisation_id,
        actor=actor,
        now=now,
    )
    file.width, file.height = largest.width, largest.height
    parts = {
        rules.photo_key(file.public_id, width): picture.data for width, picture in made.items()
    }
    return _keep(session, file, parts)


def keep_document(
    session: Session,
    data: Data,
    *,
    name: str,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> StoredFile:
    """Keep a paper (PDF or photo) for its organisation and the authority alone.

    Raises NotADocument, DocumentTooBig, PhotoTooManyPixels, PhotoTooSmall, PhotoTooLong,
    StoreError; all name the field "document".
    """
    upload = _read(data)
    if upload is None:
        raise DocumentTooBig(most=rules.MOST_BYTES // rules.MEGABYTE)
    content_type, stored, size = _paper(upload)
    file = _row(
        FileKind.DOCUMENT,
        upload,
        content_type,
        name=name,
        organisation_id=organisation_id,
        actor=actor,
        now=now,
    )
    file.width, file.height = size
    return _keep(session, file, {rules.document_key(file.public_id, content_type): stored})


def keep_drawing(
    session: Session,
    data: Data,
    *,
    name: str,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> StoredFile:
    """Keep one of the platform's own SVG pictures. Never for what people send.

    Raises NotADrawing, StoreError.
    """
    upload = _read(data) or b""
    size = rules.drawing_size(upload)
    if size is None:
        raise NotADrawing
    file = _row(
        FileKind.DRAWING,
        upload,
        rules.DRAWING_TYPE,
        name=name,
        organisation_id=organisation_id,
        actor=actor,
        now=now,
    )
    file.width, file.height = size
    return _keep(session, file, {rules.drawing_key(file.public_id): upload})


def drop(session: Session, file: StoredFile) -> None:
    """Delete a file that nothing refers to any more: the row now, the bytes after the commit."""
    session.delete(file)
    for key in _keys(file):
        after_commit(session, partial(_forget, current(), key))


def _read(data: Data) -> bytes | None:
    """Return the bytes, None when there are more than we take; never reads on beyond that."""
    read = data if isinstance(data, bytes) else data.read(rules.MOST_BYTES + 1)
    return read if len(read) <= rules.MOST_BYTES else None


def _paper(upload: bytes) -> tuple[str, bytes, tuple[int | None, int | None]]:
    """Return what is kept of a paper: content type, bytes, size in pixels if it is a photo."""
    if rules.is_pdf(upload):
        return rules.PDF_TYPE, upload, (None, None)
    try:
        scan = pictures.scan(upload)
    except Invalid as error:
        raise AS_DOCUMENT[type(error)](**error.facts) from error
    return rules.SCAN_TYPE, scan.data, (scan.width, scan.height)


def _row(
    kind: FileKind,
    upload: bytes,
    content_type: str,
    *,
    name: str,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> StoredFile:
    return StoredFile(
        public_id=new_public_id(),
        kind=kind,
        organisation_id=organisation_id,
        uploaded_by_id=actor.person_id,
        name=rules.clean_name(name, content_type),
        content_type=content_type,
        sha256=hashlib.sha256(upload).hexdigest(),
        created_at=now,
    )


def _keep(session: Session, file: StoredFile, parts: Mapping[str, bytes]) -> StoredFile:
    store = current()
    file.size = sum(map(len, parts.values()))
    session.add(file)
    _watch(session)
    session.info["kept_files"].append((file, store, tuple(parts)))
    for key, data in parts.items():
        store.put(key, data, file.content_type)
    session.flush()
    return file


def _watch(session: Session) -> None:
    """Have the session take written bytes away again whenever it undoes their row."""
    if "kept_files" not in session.info:
        session.info["kept_files"] = []
        event.listen(session, "after_soft_rollback", _take_back)
        event.listen(session, "after_commit", _settle)


def _take_back(session: Session, _undone: SessionTransaction) -> None:
    kept = session.info["kept_files"]
    session.info["kept_files"] = [entry for entry in kept if entry[0] in session]
    for file, store, keys in kept:
        if file not in session:
            for key in keys:
                _forget(store, key)


def _settle(session: Session) -> None:
    if not session.in_nested_transaction():  # a released savepoint may still be undone
        session.info["kept_files"] = []


def _keys(file: StoredFile) -> tuple[str, ...]:
    if file.kind == FileKind.PHOTO:
        made = rules.renditions(file.width or rules.WIDTHS[0])
        return tuple(rules.photo_key(file.public_id, width) for width in made)
    if file.kind == FileKind.DRAWING:
        return (rules.drawing_key(file.public_id),)
    return (rules.document_key(file.public_id, file.content_type),)


def _forget(store: Store, key: str) -> None:
    try:
        store.delete(key)
    except StoreError:  # bytes left behind cost room and nothing else
        log.warning("storage.left_behind", key=key)
