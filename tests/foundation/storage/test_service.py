from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from foundation import db
from foundation.audit.rules import SYSTEM, Actor
from foundation.errors import DomainError
from foundation.storage import queries, rules, service, store
from foundation.storage.errors import (
    DocumentTooBig,
    NotADocument,
    NotADrawing,
    NotAPhoto,
    PhotoTooBig,
    ScanTooSmall,
    StoreError,
)
from foundation.storage.local import LocalStore
from foundation.storage.models import FileKind, StoredFile
from tests import factories
from tests.conftest import NOON
from tests.foundation.storage import pictures_for_tests as make

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600"><path d="M0 0"/></svg>'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A store of the test's own; afterwards the one from before is back."""
    before = store.current()
    store.use(LocalStore(tmp_path / "files"))
    yield tmp_path / "files"
    store.use(before)


def files_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_keep_photo(session: Session, folder: Path) -> None:
    person = factories.PersonFactory()
    data = make.photo(1600, 1200)
    file = service.keep_photo(
        session,
        BytesIO(data),
        name="../Bánh tráng.JPG",
        organisation_id=7,
        actor=Actor.person(person.id),
        now=NOON,
    )
    assert (file.kind, file.content_type, file.name) == (
        FileKind.PHOTO,
        "image/webp",
        "Bánh tráng.webp",
    )
    assert (file.width, file.height, file.organisation_id) == (1280, 960, 7)
    assert (file.uploaded_by_id, file.created_at) == (person.id, NOON)
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert files_in(folder) == sorted(rules.photo_key(file.public_id, w) for w in rules.WIDTHS)
    assert file.size == sum(path.stat().st_size for path in folder.rglob("*.webp"))


def test_keep_document_pdf_unchanged(session: Session, folder: Path) -> None:
    file = service.keep_document(
        session, PDF, name="giấy phép", organisation_id=7, actor=SYSTEM, now=NOON
    )
    assert (file.kind, file.content_type, file.name) == (
        FileKind.DOCUMENT,
        "application/pdf",
        "giấy phép.pdf",
    )
    assert queries.document_bytes(file) == PDF


def test_keep_document_photo_without_location(session: Session, folder: Path) -> None:
    file = service.keep_document(
        session,
        make.lying_photo_with_gps(),
        name="scan.heic",
        organisation_id=7,
        actor=SYSTEM,
        now=NOON,
    )
    data = queries.document_bytes(file)
    assert data is not None
    assert (file.content_type, file.name) == ("image/jpeg", "scan.jpg")
    assert dict(make.opened(data).getexif()) == {}


def test_keep_drawing(session: Session, folder: Path) -> None:
    file = service.keep_drawing(
        session, SVG, name="na.svg", organisation_id=None, actor=SYSTEM, now=NOON
    )
    assert (file.kind, file.width, file.height) == (FileKind.DRAWING, 800, 600)
    assert queries.media(f"{file.public_id}.svg") == (SVG, "image/svg+xml")


@pytest.mark.parametrize(
    ("keep", "data", "refusal"),
    [
        (service.keep_photo, b"chu", NotAPhoto),
        (service.keep_photo, SVG, NotAPhoto),
        (service.keep_photo, b"x" * (rules.MOST_BYTES + 1), PhotoTooBig),
        (service.keep_document, b"chu", NotADocument),
        (service.keep_document, PDF[:-8], NotADocument),
        (service.keep_document, b"x" * (rules.MOST_BYTES + 1), DocumentTooBig),
        (service.keep_document, make.photo(300, 300), ScanTooSmall),
        (service.keep_drawing, SVG.replace(b"<path", b"<script"), NotADrawing),
    ],
)
def test_a_refusal_leaves_nothing(
    session: Session, folder: Path, keep: object, data: bytes, refusal: type[DomainError]
) -> None:
    before = session.scalar(select(func.count()).select_from(StoredFile))
    with pytest.raises(refusal) as refused:
        keep(session, data, name="a", organisation_id=7, actor=SYSTEM, now=NOON)  # type: ignore[operator]
    assert refused.value.field in ("photo", "document", "drawing")
    session.flush()
    assert session.scalar(select(func.count()).select_from(StoredFile)) == before
    assert files_in(folder) == []


def test_fifteen_megabytes_are_taken(session: Session, folder: Path) -> None:
    # Bytes after the picture's end, as some phones write them, do no harm.
    data = make.photo()
    data += b"\0" * (rules.MOST_BYTES - len(data))
    file = service.keep_photo(
        session, data, name="a.jpg", organisation_id=7, actor=SYSTEM, now=NOON
    )
    assert file.width == 800


def test_the_same_bytes_twice_are_told(session: Session, folder: Path) -> None:
    one, two, other = (
        service.keep_document(
            session, data, name="a.pdf", organisation_id=number, actor=SYSTEM, now=NOON
        )
        for number, data in ((7, PDF), (8, PDF), (9, PDF + b"\n"))
    )
    assert one.public_id != two.public_id
    assert queries.same_bytes(session, two) == [one]
    assert queries.same_bytes(session, other) == []


def test_bytes_go_when_the_transaction_fails(engine: Engine, folder: Path) -> None:
    making = sessionmaker(engine, expire_on_commit=False)
    with pytest.raises(RuntimeError), making.begin() as session:  # noqa: PT012
        service.keep_photo(
            session, make.photo(), name="a", organisation_id=7, actor=SYSTEM, now=NOON
        )
        assert files_in(folder)
        raise RuntimeError
    assert files_in(folder) == []


def test_bytes_go_with_a_savepoint_undone_and_with_all_that_it_held(
    engine: Engine, folder: Path
) -> None:
    making = sessionmaker(engine, expire_on_commit=False)
    with making() as session:
        kept = service.keep_document(
            session, PDF, name="a", organisation_id=7, actor=SYSTEM, now=NOON
        )
        undone = session.begin_nested()
        service.keep_document(session, PDF, name="b", organisation_id=7, actor=SYSTEM, now=NOON)
        undone.rollback()
        assert files_in(folder) == [rules.document_key(kept.public_id, rules.PDF_TYPE)]
        with session.begin_nested():
            service.keep_document(session, PDF, name="c", organisation_id=7, actor=SYSTEM, now=NOON)
        assert len(files_in(folder)) == 2
        session.rollback()
    assert files_in(folder) == []


def test_what_was_committed_stays_when_a_later_transaction_fails(
    session: Session, folder: Path
) -> None:
    service.keep_document(session, PDF, name="a", organisation_id=7, actor=SYSTEM, now=NOON)
    session.commit()
    service.keep_document(session, PDF, name="b", organisation_id=7, actor=SYSTEM, now=NOON)
    session.rollback()
    assert len(files_in(folder)) == 1


class FailsAtThird(LocalStore):
    def put(self, key: str, data: bytes, content_type: str) -> None:
        if key.endswith("-320.webp"):
            raise StoreError(key=key)
        super().put(key, data, content_type)


def test_a_store_that_breaks_half_way_leaves_nothing(engine: Engine, folder: Path) -> None:
    store.use(FailsAtThird(folder))
    making = sessionmaker(engine, expire_on_commit=False)
    with pytest.raises(StoreError), making.begin() as session:
        service.keep_photo(
            session, make.photo(), name="a", organisation_id=7, actor=SYSTEM, now=NOON
        )
    assert files_in(folder) == []
    with making() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_drop_takes_the_bytes_after_the_commit(app: object, folder: Path) -> None:
    with app.app_context():  # type: ignore[attr-defined]
        with db.transaction() as session:
            file = service.keep_photo(
                session, make.photo(), name="a", organisation_id=7, actor=SYSTEM, now=NOON
            )
        with pytest.raises(RuntimeError), db.transaction() as session:  # noqa: PT012
            service.drop(session, session.get_one(StoredFile, file.id))
            raise RuntimeError
        assert len(files_in(folder)) == 3
        with db.transaction() as session:
            service.drop(session, session.get_one(StoredFile, file.id))
            assert len(files_in(folder)) == 3
        assert files_in(folder) == []
        assert db.reading().get(StoredFile, file.id) is None
