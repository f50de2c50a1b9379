"""`flask demo`: the demo province, in an empty database that has its places and categories."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from foundation import clock
from foundation.accounts.rules import hash_password
from foundation.config import Config
from foundation.db import extension, reading, transaction
from marketplace.demo import service


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty database with the demo province."""
    config: Config = extension("config")
    if not config.demo:
        raise click.ClickException("Dữ liệu mẫu đang tắt (DEMO). Không dựng gì cả.")
    if not service.is_empty(reading()):
        raise click.ClickException("Cơ sở dữ liệu đã có người dùng. Không dựng gì cả.")
    with transaction() as session:
        built = service.build(
            session,
            now=clock.now(),
            data_key=config.data_key,
            password_hash=hash_password(service.PASSWORD),
        )
    click.echo(f"Đã dựng {built.organisations} gian hàng, {built.products} món hàng.")
