from __future__ import annotations

from marketplace.sellers.rules import first_steps


def done(**facts: object) -> list[str]:
    usual: dict[str, object] = {
        "verified": False,
        "sent": False,
        "products": 0,
        "with_photos": 0,
        "published": 0,
    }
    steps = first_steps(**{**usual, **facts})  # type: ignore[arg-type]
    return [step.name for step in steps if step.done]


def test_steps_follow_what_is_there() -> None:
    assert done() == []
    assert done(sent=True) == ["application"]
    assert done(sent=True, products=1, with_photos=1) == ["application", "product", "photos"]
    assert done(verified=True, sent=True, products=2) == ["application", "verified", "product"]


def test_a_published_product_counts_once_its_seller_is_verified() -> None:
    assert "published" not in done(sent=True, products=1, published=1)
    assert "published" in done(sent=True, verified=True, products=1, published=1)
