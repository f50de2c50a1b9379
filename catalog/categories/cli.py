"""Commands for whoever runs the platform."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from catalog.categories import service
from foundation.db import transaction

categories_cli = AppGroup("categories", help="OCOP's list of groups, kinds and sub-kinds.")


@categories_cli.command("load")
def load() -> None:
    """Bring the table of categories up to the editions in catalog/categories/data."""
    with transaction() as session:
        count = service.load(session)
    click.echo(f"{count} categories")
