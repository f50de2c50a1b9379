"""flask accounts …: for whoever runs the platform."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from foundation import clock
from foundation.accounts import rules, service
from foundation.audit.rules import SYSTEM
from foundation.db import transaction
from foundation.errors import DomainError

accounts_cli = AppGroup("accounts", help="People with an account.")


@accounts_cli.command("create-staff")
@click.argument("contact")
@click.argument("name")
@click.option(
    "--password",
    envvar="STAFF_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for when STAFF_PASSWORD is not set; never given on the command line.",
)
def create_staff(contact: str, name: str, password: str) -> None:
    """Open an account for NAME, reached by CONTACT (phone or e-mail), without a code.

    For the first member of the authority; everybody else opens an account on the page. Prints
    the account's public id.
    """
    try:
        whose = rules.read_contact(contact)
        rules.check_new_password(password, personal=(name, whose.value))
        with transaction() as session:
            person = service.create_person(
                session,
                full_name=name,
                contact=whose,
                password_hash=rules.hash_password(password),
                now=clock.now(),
                actor=SYSTEM,
            )
    except DomainError as refusal:
        raise click.ClickException(refusal.sentence % refusal.facts) from refusal
    click.echo(person.public_id)
