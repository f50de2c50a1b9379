"""`flask search rebuild`."""

from __future__ import annotations

import time

import click
from flask.cli import AppGroup

from catalog.search import jobs

search_cli = AppGroup("search", help="Chỉ mục tìm kiếm.")


@search_cli.command("rebuild")
def rebuild() -> None:
    """Lập lại chỉ mục từ đầu; trong lúc đó tìm kiếm vẫn chạy bằng chỉ mục cũ."""
    started = time.monotonic()
    found = jobs.rebuild()
    click.echo(f"Đã lập chỉ mục {found} mặt hàng trong {time.monotonic() - started:.1f} giây.")
