"""Setting up the authority, from the server's own console."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from foundation import clock
from foundation.accounts import queries as accounts
from foundation.accounts.rules import read_contact
from foundation.audit.rules import SYSTEM
from foundation.db import transaction
from foundation.organisations import service

organisations_cli = AppGroup("organisations", help="Organisations: set up the authority.")


@organisations_cli.command("create-authority")
@click.argument("name")
@click.argument("contact")
def create_authority(name: str, contact: str) -> None:
    """Set up the authority NAME, run by the person whose phone or e-mail is CONTACT.

    The person must have an account already, and will be asked for a second factor.
    """
    with transaction() as session:
        person = accounts.person_by_contact(session, read_contact(contact))
        if person is None:
            raise click.ClickException("nobody has an account with this phone or e-mail")
        authority = service.create_authority(
            session, name, owner_id=person.id, actor=SYSTEM, now=clock.now()
        )
    click.echo(f"{authority.name}: {authority.public_id}")
