from __future__ import annotations

from flask import Flask


def test_load(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["places", "load"])
    assert (result.exit_code, result.output) == (0, "0 added, 0 changed, 0 removed\n")
