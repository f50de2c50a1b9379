"""Importing a statement, which may take half a minute, in the worker."""

from __future__ import annotations

from datetime import timedelta

from foundation import clock
from foundation.db import sessions, transaction
from foundation.jobs import service as jobs
from foundation.jobs.service import job
from payments.bank_feeds.statements import queries, service, tables


@job(service.JOB, tries=3, longest=timedelta(minutes=10))
def import_file(organisation_id: int, file: str) -> dict[str, int]:
    """Read the kept bytes once more and take all of them over, in one transaction."""
    with sessions().reading() as session:
        found = queries.one(session, organisation_id, file)
        data, total, sent_on = queries.body(session, found), found.row_count, found.uploaded_at
    statement = tables.read(data, today=clock.day(sent_on))
    del data
    with transaction() as session:
        # SQLite has one writer: there, progress cannot be written beside the work itself.
        beside = session.get_bind().dialect.name != "sqlite"

        def progress(done: int) -> None:
            if beside:
                with transaction() as other:
                    jobs.note_progress(other, min(done, total), total)

        made = service.take_over(
            session, organisation_id, file, statement, now=clock.now(), progress=progress
        )
        return {"new": made.new_count, "known": made.known_count, "merged": made.merged_count}
