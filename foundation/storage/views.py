"""Serving pictures to everybody, and papers to those they concern."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Flask, Response, request, send_file
from flask.typing import ResponseReturnValue

from foundation.db import reading
from foundation.storage import queries, rules
from foundation.storage.errors import NoSuchFile
from foundation.web.access import Acting, Me, me, public, signed_in

storage = Blueprint("storage", __name__)

# A picture is never changed under its address, so a browser need not ask twice.
FOR_EVER = "public, max-age=31536000, immutable"
SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@storage.get("/media/<name>")
@public
def media(name: str) -> ResponseReturnValue:
    """Show a picture. Touches the store alone: no session, no database."""
    found = queries.media(name)
    if found is None:
        raise NoSuchFile
    data, content_type = found
    response = Response(data, content_type=content_type)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(name)
    return response.make_conditional(request)


@storage.get("/files/<public_id>")
@signed_in
def file(public_id: str) -> ResponseReturnValue:
    """Give a paper to a member of its organisation or of the authority."""
    person = me()
    found = queries.document(
        reading(),
        public_id,
        organisation_ids=_may_look_into(person),
        person_id=person.person_id,
        any_organisation=any(
            "authority.view" in each.permissions and _let_in(person, each)
            for each in person.memberships
        ),
    )
    data = queries.document_bytes(found) if found else None
    if found is None or data is None:
        raise NoSuchFile
    response = send_file(
        BytesIO(data),
        mimetype=found.content_type,
        as_attachment=found.content_type == rules.PDF_TYPE,
        download_name=found.name,
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _may_look_into(person: Me) -> list[int]:
    return [
        each.organisation_id
        for each in person.memberships
        if "organisation.view" in each.permissions and _let_in(person, each)
    ]


def _let_in(person: Me, membership: Acting) -> bool:
    return person.second_factor_passed or not membership.needs_second_factor


def init_app(app: Flask) -> None:
    """Let every template name the addresses of pictures."""
    app.jinja_env.globals.update(
        photo_url=queries.photo_url, photo_srcset=queries.photo_srcset, photo_widths=rules.WIDTHS
    )
