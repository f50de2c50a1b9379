from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search import query
from catalog.search.engine import AllOf, AnyOf, Node, Plan, Term


def tokens(node: Node) -> set[str]:
    if isinstance(node, Term):
        return {node.token}
    return set().union(*map(tokens, node.parts))


def names(text: str) -> list[tuple[str, ...]]:
    return [
        tuple(word.exact for word in other)
        for slot in query.understand(text).slots
        for other in slot.others
    ]


def test_words_are_folded_and_kept_as_typed() -> None:
    found = query.understand("  Rượu ĐẾ,  gò đen! ")
    assert [word.exact for word in found.words] == ["rượu", "đế", "gò", "đen"]
    assert [word.folded for word in found.words] == ["ruou", "de", "go", "den"]
    assert found.accented


@pytest.mark.parametrize(
    ("text", "accented"), [("banh trang", False), ("HTX sen", False), ("bánh", True), ("đe", True)]
)
def test_knows_whether_accents_were_typed(text: str, accented: bool) -> None:
    assert query.understand(text).accented is accented


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("na", ("mãng", "cầu")),
        ("mang cau", ("na",)),
        ("mãng cầu xiêm", ("na",)),
        ("khóm", ("thơm",)),
        ("thom", ("dứa",)),
        ("lap suon", ("lạp", "xưởng")),
        ("LẠP XƯỞNG", ("lạp", "sườn")),
    ],
)
def test_synonyms_work_in_both_directions(text: str, other: tuple[str, ...]) -> None:
    assert other in names(text)


def test_accents_tell_synonyms_apart() -> None:
    assert ("khóm",) in names("dứa")
    assert ("khóm",) not in names("dừa")
    assert ("coconut",) in names("dừa")


def test_what_is_said_aside_is_left_out() -> None:
    assert [word.exact for word in query.understand("mua muối ở tây ninh").words] == [
        "muối",
        "tây",
        "ninh",
    ]
    assert [word.exact for word in query.understand("mua").words] == ["mua"]
    assert [word.exact for word in query.understand("cua rang").words] == ["cua", "rang"]


def test_no_words_match_everything() -> None:
    assert query.plan(query.understand(" ?! ")) == Plan()


def test_the_plan_goes_from_exact_to_loose() -> None:
    tiers = query.plan(query.understand("dưa lưới")).tiers
    assert tokens(tiers[0]) == {"X:^ dưa", "X:dưa lưới", "X:lưới $"}
    assert tokens(tiers[-1]) >= {"n:dua", "m:dua", "d:dua", "n:luoi", "m:luoi", "d:luoi"}
    order = [tokens(tier) for tier in tiers]
    assert (
        order.index({"X:dưa lưới"}) < order.index({"N:dua luoi"}) < order.index({"n:dua", "n:luoi"})
    )


def test_without_accents_nothing_is_asked_of_them() -> None:
    tiers = query.plan(query.understand("banh phong")).tiers
    assert not any(token[0] in "xX" for tier in tiers for token in tokens(tier))


@pytest.mark.parametrize(
    "text", ["dưa", "muối tôm tây ninh", "na bà đen", "dua ben luc", "a b c d"]
)
def test_the_last_tier_holds_every_other(text: str) -> None:
    tiers = query.plan(query.understand(text)).tiers
    vocabulary = sorted(set().union(*map(tokens, tiers)))

    def holds(node: Node, held: set[str]) -> bool:
        if isinstance(node, Term):
            return node.token in held
        return (all if isinstance(node, AllOf) else any)(holds(each, held) for each in node.parts)

    for tier in tiers:
        # The fewest tokens that satisfy the tier, with the words any such name has anyway.
        held = smallest(tier)
        held |= implied(held)
        assert holds(tier, held)
        assert holds(tiers[-1], held), (tier, held, vocabulary)


def smallest(node: Node) -> set[str]:
    if isinstance(node, Term):
        return {node.token}
    if isinstance(node, AnyOf):
        return smallest(node.parts[0])
    return set().union(*map(smallest, node.parts))


def implied(held: set[str]) -> set[str]:
    more = set()
    for token in held:
        kind, _colon, text = token.partition(":")
        for word in text.split():
            folded = query.rules.fold_word(word)
            more |= {f"n:{folded}"} if kind in "nxNX" else set()
            more |= {f"x:{word}"} if kind == "X" else set()
        if kind == "X":
            more.add("N:" + " ".join(query.rules.fold_word(word) for word in text.split()))
    return more


def test_endless_texts_are_cut() -> None:
    found = query.understand("bánh tráng " * 500)
    assert len(found.text) <= query.LONGEST_TEXT
    assert len(found.words) <= query.MOST_WORDS


@given(st.text(max_size=300))
def test_anything_can_be_understood(text: str) -> None:
    query.plan(query.understand(text))


def test_every_line_of_synonyms_has_two_names() -> None:
    for line in query.SYNONYMS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            names = line.split("\t")
            assert len(names) >= 2, line
            assert len(set(names)) == len(names), line
            assert all(name.strip() == name and name for name in names), line
