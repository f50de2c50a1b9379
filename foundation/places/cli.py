"""`flask places …`"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from foundation.db import transaction
from foundation.places import service

places_cli = AppGroup("places", help="Provinces and communes.")


@places_cli.command("load")
def load() -> None:
    """Bring the provinces, the communes and the old units to what the lists say."""
    with transaction() as session:
        loaded = service.load(session)
    click.echo(f"{loaded.added} added, {loaded.changed} changed, {loaded.removed} removed")
