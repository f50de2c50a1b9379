"""No. 9: every graph of states in payments is closed: what is not listed raises and changes
nothing, and what was paid never waits to be paid again but by a repair."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from collections.abc import Mapping
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import payments
from foundation.audit import service as audit
from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM
from payments.intents import rules as intents
from payments.intents.rules import State
from tests.conftest import NOON

Graph = Mapping[Any, frozenset[Any]]


def graphs() -> dict[str, Graph]:
    """Every table of next states in payments, by the module it stands in."""
    found = {}
    for module in pkgutil.walk_packages(payments.__path__, "payments."):
        if module.name.endswith(".rules"):
            table = getattr(importlib.import_module(module.name), "NEXT_STATES", None)
            if table is not None:
                found[module.name] = table
    return found


def test_invariant_09_every_feature_with_states_is_looked_at() -> None:
    assert len(graphs()) >= 10


@pytest.mark.parametrize("name", graphs())
def test_invariant_09_what_is_not_listed_changes_nothing(session: Session, name: str) -> None:
    graph = graphs()[name]
    states: type[StrEnum] = type(next(iter(graph)))
    for present, wanted in itertools.product(states, states):
        row = SimpleNamespace(__tablename__="rows", id=1, state=present)
        before = session.scalar(select(func.count(AuditEntry.id)))
        if wanted in graph.get(present, frozenset()):
            continue
        with pytest.raises(CannotMove):
            audit.move(session, row, wanted, next_states=graph, actor=SYSTEM, now=NOON)
        assert row.state is present
        assert session.scalar(select(func.count(AuditEntry.id))) == before


@pytest.mark.parametrize("name", graphs())
def test_invariant_09_no_state_leads_to_itself_or_out_of_the_graph(name: str) -> None:
    graph = graphs()[name]
    states: type[StrEnum] = type(next(iter(graph)))
    for present, following in graph.items():
        assert present not in following
        assert all(isinstance(one, states) for one in following)


def test_invariant_09_what_was_paid_is_never_pending_but_by_a_repair() -> None:
    """Ordinary events only lead on: from paid there is no way back to open, expired or cancelled.
    Repairs stand in a table of their own and are used by nothing but undoing."""
    pending = {State.OPEN, State.PART_PAID, State.EXPIRED, State.CANCELLED}
    reached, edge = set(), {State.PAID, State.OVERPAID}
    while edge:
        reached |= edge
        edge = {one for state in edge for one in intents.NEXT_STATES.get(state, ())} - reached
    assert not reached & pending
    for state, back in intents.REPAIRS.items():
        assert not back & intents.NEXT_STATES.get(state, frozenset()) - {
            State.PAID,
            State.PART_PAID,
        }
