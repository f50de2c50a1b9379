"""The house rules a machine can check (docs/map.md says them in words)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "foundation": set[str](),
    "catalog": {"foundation"},
    "payments": {"foundation"},
    "training": {"foundation"},
    "marketplace": {"foundation", "catalog", "payments", "training"},
}
# Inside one feature folder, from the bottom up: a file may import only files named before it.
FEATURE_FILES = [
    "errors",
    "events",
    "rules",
    "models",
    "queries",
    "service",
    "jobs",
    "forms",
    "api",
    "views",
    "cli",
]
FLASK = {"flask", "flask_wtf", "flask_babel", "flask_login", "flask_limiter", "apiflask", "wtforms"}
KNOWS_FLASK = {"forms", "api", "views", "cli", "app", "navigation"}
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "route"}
ACCESS = {"public", "signed_in", "needs"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
# Folders that hold one file per provider or per page part beside, or instead of, the house files.
LIBRARIES = {
    "foundation/web": set[str](),
    "foundation/places": {"fitting", "lookup"},
    "foundation/storage": {"store", "local", "s3", "pictures"},
    "foundation/notifications": {"kinds"},
    "foundation/notifications/channels": set[str](),
    "catalog/search": {
        "engine",
        "facets",
        "postgres_engine",
        "postgres_sql",
        "query",
        "spelling",
        "whoosh_engine",
        "whoosh_files",
    },
    "payments/credits": {"recognition"},
    "payments/vietqr": {"codec", "fields", "picture", "poster", "sheet"},
    "payments/bank_feeds": {"feed", "providers", "sepay", "casso", "payos"},
    "payments/bank_feeds/statements": {
        "biff",
        "cells",
        "checking",
        "columns",
        "html",
        "movements",
        "reading",
        "tables",
    },
    "payments/gateways": {"gateway", "noting", "null", "registry", "stripe_cards"},
    "payments/gateways/cash_desk": {"till"},
}
OPEN_TO_OTHERS = {"service", "queries", "models", "events", "errors", "rules"}


def modules(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


EVERY_MODULE = [path for package in MAY_IMPORT for path in modules(package)]
IDS = [str(path.relative_to(ROOT)) for path in EVERY_MODULE]
every_module = pytest.mark.parametrize("path", EVERY_MODULE, ids=IDS)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def folder_of(path: Path) -> str:
    return path.parent.relative_to(ROOT).as_posix()


@every_module
def test_imports_point_downwards(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    tops = {name.split(".")[0] for name in imports(path)}
    upward = (tops & set(MAY_IMPORT)) - {package} - MAY_IMPORT[package]
    assert not upward
    assert not tops & {"tests", "benchmarks", "wsgi", "migrations"}


@every_module
def test_feature_files_import_only_those_below(path: Path) -> None:
    if path.stem not in FEATURE_FILES or path.parent.name in MAY_IMPORT:
        return
    feature = folder_of(path).replace("/", ".")
    for name in imports(path):
        if name.startswith(feature + "."):
            imported = name.removeprefix(feature + ".").split(".")[0]
            if imported in FEATURE_FILES:
                assert FEATURE_FILES.index(imported) < FEATURE_FILES.index(path.stem), name


@every_module
def test_domain_files_do_not_know_flask(path: Path) -> None:
    if path.stem in KNOWS_FLASK or folder_of(path) == "foundation/web":
        return
    if path.relative_to(ROOT).as_posix() == "foundation/db.py":
        return  # transaction() belongs to the running application
    assert not {name for name in imports(path) if name.split(".")[0] in FLASK}


@every_module
def test_sizes(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    for function in functions(path):
        assert function.end_lineno is not None
        assert function.end_lineno - function.lineno < LONGEST_FUNCTION, function.name


@every_module
def test_only_the_transaction_helper_commits(path: Path) -> None:
    calls = {
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    if path.relative_to(ROOT).parts[0] != "foundation" or "search" not in path.parts:
        assert "commit" not in calls or folder_of(path) == "catalog/search"


@every_module
def test_a_feature_has_only_the_house_files(path: Path) -> None:
    folder = folder_of(path)
    if "/" not in folder or folder in ("foundation/web", "foundation/notifications/channels"):
        return
    assert path.stem in {"__init__", *FEATURE_FILES, *LIBRARIES.get(folder, ())}


@every_module
def test_imports_stand_at_the_top(path: Path) -> None:
    for function in functions(path):
        nested = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not nested, function.name


@every_module
def test_money_is_never_a_fraction(path: Path) -> None:
    names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    assert not names & {"Numeric", "Decimal", "Float"}


@every_module
def test_every_route_says_who_may_use_it(path: Path) -> None:
    for function in functions(path):
        decorators = [ast.unparse(one) for one in function.decorator_list]
        routes = [one for one in decorators if one.split("(")[0].split(".")[-1] in HTTP_VERBS]
        if routes and path.stem in ("views", "api", "pages"):
            said = [
                one for one in decorators if one.split("(")[0] in ("public", "signed_in", "needs")
            ]
            assert len(said) == 1, f"{function.name} must say @public, @signed_in or @needs once"
            last_route = max(decorators.index(one) for one in routes)
            assert decorators.index(said[0]) > last_route, f"{function.name}: below the route"


@every_module
def test_no_drawer_for_odds_and_ends(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "misc", "tools"}


def features() -> set[str]:
    return {
        folder_of(path)
        for path in EVERY_MODULE
        if path.stem == "__init__" and "/" in folder_of(path)
    }


def feature_of(name: str) -> str | None:
    """Return the deepest feature folder that this dotted name lies in."""
    parts = name.split(".")
    folders = ["/".join(parts[:length]) for length in range(2, len(parts) + 1)]
    return next((folder for folder in reversed(folders) if folder in features()), None)


def crossings() -> Iterator[tuple[str, str, str]]:
    """Yield (feature, imported feature, imported file) wherever one feature uses another."""
    for path in EVERY_MODULE:
        own = folder_of(path)
        for name in imports(path):
            other = feature_of(name)
            if "/" in own and other and other != own and not own.startswith(other + "/"):
                rest = name.removeprefix(other.replace("/", ".") + ".")
                yield own, other, rest.split(".")[0]


def test_features_form_no_cycle() -> None:
    arrows: dict[str, set[str]] = {}
    for own, other, _ in crossings():
        arrows.setdefault(own, set()).add(other)
    TopologicalSorter(arrows).prepare()


def test_features_use_only_the_open_files_of_others() -> None:
    closed = {
        crossing
        for crossing in crossings()
        if crossing[1] not in LIBRARIES and crossing[2] not in OPEN_TO_OTHERS
    }
    assert not closed


def test_neighbours_do_not_know_each_other() -> None:
    for own, other, _ in crossings():
        tops = {own.split("/")[0], other.split("/")[0]}
        assert len(tops & {"catalog", "payments", "training"}) < 2
