from __future__ import annotations

from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM, Actor
from foundation.storage import queries, service
from foundation.storage.models import FileKind, StoredFile
from tests import factories
from tests.conftest import NOON

ID = "0123456789abcd"
PDF = b"%PDF-1.7\n%%EOF\n"


def test_photo_addresses() -> None:
    photo = StoredFile(public_id=ID, kind=FileKind.PHOTO, width=900)
    assert queries.photo_url(photo, 480) == f"/media/{ID}-640.webp"
    assert queries.photo_url(photo) == f"/media/{ID}-1280.webp"
    assert queries.photo_srcset(photo) == (
        f"/media/{ID}-320.webp 320w, /media/{ID}-640.webp 640w, /media/{ID}-1280.webp 900w"
    )


def test_drawing_addresses() -> None:
    drawing = StoredFile(public_id=ID, kind=FileKind.DRAWING, width=800)
    assert queries.photo_url(drawing, 480) == f"/media/{ID}.svg"
    assert queries.photo_srcset(drawing) == ""


def test_a_document_is_found_by_its_organisation_the_authority_and_its_sender(
    session: Session,
) -> None:
    person = factories.PersonFactory()
    actor = Actor.person(person.id)
    held = service.keep_document(session, PDF, name="a", organisation_id=7, actor=SYSTEM, now=NOON)
    loose = service.keep_document(
        session, PDF, name="a", organisation_id=None, actor=actor, now=NOON
    )

    def seen(file: StoredFile, organisations: list[int], person_id: int, everything: bool) -> bool:
        return (
            queries.document(
                session,
                file.public_id,
                organisation_ids=organisations,
                person_id=person_id,
                any_organisation=everything,
            )
            is file
        )

    assert seen(held, [7], 0, False)
    assert not seen(held, [8], person.id, False)
    assert not seen(held, [], person.id, False)
    assert seen(held, [], 0, True)
    assert seen(loose, [], person.id, False)
    assert not seen(loose, [7], person.id + 1, False)


def test_media_of_what_was_never_kept(session: Session) -> None:
    assert queries.media(f"{ID}-640.webp") is None
    assert queries.media("../secret_key") is None
