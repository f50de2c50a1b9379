"""Commands that are loaded when they are called, so that web processes do not carry them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click
from flask.cli import AppGroup


class LateCommands(AppGroup):
    """The application's commands; `late` says in which module each of the heavy ones is: the
    worker brings Huey and Redis, migrating brings Alembic, 40 MB together."""

    def __init__(self, late: Mapping[str, str]) -> None:
        super().__init__()
        self.late = late

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self.late})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its module if it is a late one."""
        if cmd_name not in self.late:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module(self.late[cmd_name]), cmd_name)
        return found
