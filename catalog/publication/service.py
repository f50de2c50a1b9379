"""Putting products on sale and taking them off: the seller's steps and the authority's.

Every function locks the row it moves. The seller's take the seller's organisation, so that a
stranger's product is not found; what buyers may see is told as ProductChanged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.products.errors import ReasonNeeded, SellerNotVerified
from catalog.products.events import ProductChanged, ProductPublished, ProductReviewed
from catalog.products.models import Product, State
from catalog.products.rules import NEXT_STATES, NOTE_LENGTH
from catalog.products.service import lock, refuse_incomplete, refuse_stale
from foundation.audit import service as audit
from foundation.audit.errors import CannotMove
from foundation.audit.rules import Actor
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations_queries
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from foundation.outbox import service as outbox

# --- the seller -------------------------------------------------------------------------------


def submit(
    session: Session,
    public_id: str,
    *,
    review: bool,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Put a draft forward: to the authority's review, or on sale at once where `review` is off.

    What the authority took down always goes through a review. Raises NoSuchProduct, CannotMove,
    Incomplete, SellerNotVerified.
    """
    product = lock(session, public_id, organisation_id)
    refuse_incomplete(product)
    if not review and not product.taken_down:
        _publish(session, product, actor=actor, now=now)
        return product
    _refuse_unverified(session, product)
    product.submitted_at = now
    _move(session, product, State.IN_REVIEW, actor=actor, now=now)
    return product


def take_back(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Take a product back from review to the drafts. Raises NoSuchProduct, CannotMove."""
    product = lock(session, public_id, organisation_id)
    if product.state is State.IN_REVIEW:
        product.review_note = ""
    _move(session, product, State.DRAFT, actor=actor, now=now, only_from=State.IN_REVIEW)
    return product


def pause(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Stop selling for a while. Raises NoSuchProduct, CannotMove."""
    product = lock(session, public_id, organisation_id)
    _move(session, product, State.PAUSED, actor=actor, now=now, only_from=State.PUBLISHED)
    return product


def resume(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Sell a paused product again.

    Raises NoSuchProduct, CannotMove, Incomplete, SellerNotVerified.
    """
    product = lock(session, public_id, organisation_id)
    refuse_incomplete(product)
    _refuse_unverified(session, product)
    _move(session, product, State.PUBLISHED, actor=actor, now=now, only_from=State.PAUSED)
    return product


def withdraw(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Take a product off for good; `restore` undoes it. Raises NoSuchProduct, CannotMove."""
    product = lock(session, public_id, organisation_id)
    before = product.state
    _move(session, product, State.WITHDRAWN, actor=actor, now=now)
    product.withdrawn_from = before
    return product


def restore(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Undo withdrawing: the product stands again where it stood.

    What the authority took down becomes a draft that needs a review; what would go on sale while
    the seller is not verified is paused instead. Raises NoSuchProduct, CannotMove.
    """
    product = lock(session, public_id, organisation_id)
    wanted = product.withdrawn_from or State.DRAFT
    if product.taken_down:
        wanted = State.DRAFT
    elif wanted is State.PUBLISHED and not _verified(session, product):
        wanted = State.PAUSED
    _move(session, product, wanted, actor=actor, now=now, only_from=State.WITHDRAWN)
    product.withdrawn_from = None
    return product


MANY: Final[dict[str, Callable[..., Product]]] = {
    "pause": pause,
    "resume": resume,
    "withdraw": withdraw,
}
_LEADS_FROM: Final = {
    "pause": frozenset({State.PUBLISHED}),
    "resume": frozenset({State.PAUSED}),
    "withdraw": frozenset({State.PUBLISHED, State.PAUSED, State.DRAFT}),
}


def change_many(
    session: Session,
    public_ids: Collection[str],
    act: str,
    *,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Pause, resume or withdraw several products. Return how many changed.

    Those whose state does not allow it stay as they are; a stranger's are not found and stay
    too. Raises SellerNotVerified, Incomplete (then nothing changes); KeyError for another act.
    """
    fitting = session.execute(
        select(Product.public_id)
        .where(
            Product.public_id.in_(public_ids),
            Product.organisation_id == organisation_id,
            Product.state.in_(_LEADS_FROM[act]),
        )
        .order_by(Product.id)  # locks are taken in one order everywhere
        .with_for_update()
    ).scalars()
    chosen = list(fitting)
    for public_id in chosen:
        MANY[act](session, public_id, organisation_id=organisation_id, actor=actor, now=now)
    return len(chosen)


# --- the authority ----------------------------------------------------------------------------


def accept(
    session: Session, public_id: str, *, version: int, actor: Actor, now: datetime
) -> Product:
    """Let a product under review go on sale. `version` is the one the officer looked at.

    Raises NoSuchProduct, Stale, CannotMove, Incomplete, SellerNotVerified.
    """
    product = lock(session, public_id, None)
    if product.state is not State.IN_REVIEW:
        raise CannotMove(product.__tablename__, product.state, State.PUBLISHED)
    refuse_stale(session, product, version)
    _publish(session, product, actor=actor, now=now)
    _tell_reviewed(session, product, accepted=True, now=now)
    return product


def send_back(
    session: Session, public_id: str, *, note: str, version: int, actor: Actor, now: datetime
) -> Product:
    """Give a product under review back to its seller with a note on what to put right.

    Raises NoSuchProduct, Stale, CannotMove, ReasonNeeded.
    """
    product = lock(session, public_id, None)
    if product.state is not State.IN_REVIEW:
        raise CannotMove(product.__tablename__, product.state, State.DRAFT)
    refuse_stale(session, product, version)
    product.review_note = _reason(note)
    _move(session, product, State.DRAFT, actor=actor, now=now, reason=product.review_note)
    _tell_reviewed(session, product, accepted=False, now=now)
    return product


def take_down(
    session: Session, public_id: str, *, reason: str, actor: Actor, now: datetime
) -> Product:
    """Take a product off sale for the authority; it comes back only through a review.

    Raises NoSuchProduct, CannotMove, ReasonNeeded.
    """
    product = lock(session, public_id, None)
    before = product.state
    if before not in (State.PUBLISHED, State.PAUSED):
        raise CannotMove(product.__tablename__, before, State.WITHDRAWN)
    product.review_note = _reason(reason)
    _move(session, product, State.WITHDRAWN, actor=actor, now=now, reason=product.review_note)
    product.withdrawn_from, product.taken_down = before, True
    _tell_reviewed(session, product, accepted=False, now=now)
    return product


# --- telling ----------------------------------------------------------------------------------


def tell_members(session: Session, event: ProductReviewed) -> None:
    """Tell everybody who works for the seller what the authority decided. Listens to events."""
    product = session.get(Product, event.product_id)
    if product is None:
        return
    organisation = session.get_one(Organisation, event.organisation_id)
    kind = "product.accepted"
    if not event.accepted:
        kind = "product.taken_down" if product.taken_down else "product.sent_back"
    for person_id in organisations_queries.member_ids(session, event.organisation_id):
        notifications.tell(
            session,
            person_id,
            kind,
            once_key=f"product-{product.id}-{event.occurred_at.isoformat()}",
            facts={"name": product.name, "note": product.review_note},
            url=f"/sell/{organisation.public_id}/products/{product.public_id}",
            now=event.occurred_at,
        )


# --- how it is done ---------------------------------------------------------------------------


def _move(
    session: Session,
    product: Product,
    wanted: State,
    *,
    actor: Actor,
    now: datetime,
    only_from: State | None = None,
    reason: str | None = None,
) -> None:
    """Move a locked product; buyers' view changes when it comes on sale or leaves."""
    before = product.state
    if only_from is not None and before is not only_from:
        raise CannotMove(product.__tablename__, before, wanted)
    audit.move(
        session, product, wanted, next_states=NEXT_STATES, actor=actor, now=now, reason=reason
    )
    product.updated_at, product.edited_by_id = now, actor.person_id
    if State.PUBLISHED in (before, wanted):
        outbox.record(session, ProductChanged(product_id=product.id, occurred_at=now))


def _tell_reviewed(session: Session, product: Product, *, accepted: bool, now: datetime) -> None:
    outbox.record(
        session,
        ProductReviewed(
            product_id=product.id,
            organisation_id=product.organisation_id,
            accepted=accepted,
            occurred_at=now,
        ),
    )


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonNeeded
    return text.strip()[:NOTE_LENGTH]


def _verified(session: Session, product: Product) -> bool:
    state = session.scalar(
        select(Organisation.state).where(Organisation.id == product.organisation_id)
    )
    return state is SellerState.VERIFIED


def _refuse_unverified(session: Session, product: Product) -> None:
    if not _verified(session, product):
        raise SellerNotVerified


def _publish(session: Session, product: Product, *, actor: Actor, now: datetime) -> None:
    refuse_incomplete(product)
    _refuse_unverified(session, product)
    _move(session, product, State.PUBLISHED, actor=actor, now=now)
    first_time = product.published_at is None
    if first_time:
        product.published_at = now
    product.review_note, product.taken_down = "", False
    outbox.record(
        session,
        ProductPublished(
            product_id=product.id,
            organisation_id=product.organisation_id,
            first_time=first_time,
            occurred_at=now,
        ),
    )
