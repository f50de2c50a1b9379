"""The page of one movement and the decisions taken on it: by a cashier, with a reason, twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.rules import Actor
from foundation.organisations.models import Role
from payments.credits.models import Movement, State
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.reconciliation import queries
from payments.reconciliation.decisions import service
from payments.reconciliation.models import Allocation, AllocationKind
from tests.conftest import NOON, SignInAs
from tests.payments.conservation import check_books
from tests.payments.reconciliation.desk import Desk, leave, make_desk
from tests.payments.reconciliation.test_matching import arrive, intent_at

WHY = "Khách gọi xác nhận"
Post = Callable[..., Any]


@pytest.fixture
def desk(session: Session) -> Desk:
    return make_desk(session)


@pytest.fixture
def waiting(session: Session, desk: Desk) -> Movement:
    movement = arrive(session, desk.account, 450_000, "TIEN AN CHAU DUC LOP 6A")
    session.commit()
    return movement


@pytest.fixture
def due(session: Session, desk: Desk) -> Intent:
    intent = intent_at(desk.account, 450_000, purpose="Tiền ăn", payer_name="Trần Văn Đức")
    session.commit()
    return intent


@pytest.fixture
def post(client: FlaskClient, desk: Desk, sign_in_as: SignInAs) -> Post:
    """Return a function that posts as the accountant, as a browser that saw the page would."""
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    def send(path: str, **data: Any) -> Any:
        return client.post(path, data={"reason": WHY, **data})

    return send


def fresh(session: Session, movement: Movement) -> Movement:
    session.expire_all()
    return session.scalars(select(Movement).where(Movement.id == movement.id)).one()


def count(session: Session) -> int:
    return session.scalar(select(func.count(Allocation.id))) or 0


def test_the_page_tells_everything(
    client: FlaskClient, desk: Desk, waiting: Movement, due: Intent, sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    page = client.get(desk.page(waiting)).text

    assert "Bốn trăm năm mươi nghìn đồng" in page
    assert desk.account.number not in page
    assert desk.account.number[-4:] in page
    assert "SePay" in page
    assert "Đúng số tiền còn phải thu" in page
    assert f"pick={due.public_id}" in page
    assert "Phong toả" not in page  # that takes somebody who approves


def test_a_damaged_code_is_suggested_with_its_reason(
    client: FlaskClient, session: Session, desk: Desk, sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)
    meant = intent_at(desk.account, 300_000, purpose="Khoản bị cắt mã")
    cut = arrive(session, desk.account, 299_000, f"CT {meant.reference[:11]}")
    session.commit()

    page = client.get(desk.page(cut)).text

    assert "Khoản bị cắt mã" in page
    assert "Trùng phần đầu của mã bị cắt" in page


def test_money_is_allocated_to_several_after_a_look_at_the_sum(
    session: Session, desk: Desk, waiting: Movement, due: Intent, post: Post
) -> None:
    other = intent_at(desk.account, 200_000, purpose="Đồng phục")
    session.commit()
    path = f"{desk.page(waiting)}/allocate"
    data = {
        "pick": [due.public_id, other.public_id],
        f"amount-{due.public_id}": "300k",
        "seen": "waiting:0:0",
    }

    look = post(path, act="next", **data)

    assert look.status_code == 200
    assert count(session) == 0
    assert "450.000" in look.text  # the sum: 300.000 and what is left
    assert "vẫn còn phải thu" in look.text

    answer = post(path, act="sure", **data)

    assert answer.status_code == 303
    moved = fresh(session, waiting)
    assert (moved.state, moved.waiting) == (State.DECIDED, 0)
    states = session.scalars(select(Intent.state).order_by(Intent.id)).all()
    assert states == [IntentState.PART_PAID, IntentState.PART_PAID]
    assert {row.reason for row in session.scalars(select(Allocation))} == {WHY}
    check_books(session)


def test_intents_are_searched_and_ticks_are_kept(
    session: Session, desk: Desk, waiting: Movement, due: Intent, post: Post
) -> None:
    intent_at(desk.account, 70_000, purpose="Sách giáo khoa", payer_name="Phạm Thị Lan")
    session.commit()

    page = post(
        f"{desk.page(waiting)}/allocate", act="search", q="pham lan", pick=due.public_id
    ).text

    assert "Sách giáo khoa" in page
    assert f'value="{due.public_id}" checked' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"pick": "due", "reason": ""}, "Ghi lý do"),
        ({}, "Chọn khoản và số tiền"),
        ({"pick": "due", "amount": "450.001"}, "Nhiều hơn số còn phải thu"),
        ({"pick": "due", "amount": "bốn trăm"}, "Ghi số tiền chẵn đồng"),
        ({"pick": "big"}, ""),
    ],
)
def test_a_mistake_is_said_beside_it_and_what_was_typed_stays(
    session: Session,
    desk: Desk,
    waiting: Movement,
    due: Intent,
    post: Post,
    data: dict[str, str],
    words: str,
) -> None:
    given = {key: value for key, value in data.items() if key == "reason"}
    if data.get("pick") == "due":
        given["pick"] = due.public_id
        given[f"amount-{due.public_id}"] = data.get("amount", "")
    elif data.get("pick"):
        given["pick"] = "stranger000000"

    answer = post(f"{desk.page(waiting)}/allocate", act="sure", seen="waiting:0:0", **given)

    assert answer.status_code == 422
    assert words in answer.text
    assert data.get("amount", "") in answer.text
    assert count(session) == 0


def test_more_than_waits_is_refused_before_the_look(
    session: Session, desk: Desk, waiting: Movement, post: Post
) -> None:
    big = intent_at(desk.account, 900_000)
    session.commit()
    data = {"pick": big.public_id, f"amount-{big.public_id}": "500.000"}

    answer = post(f"{desk.page(waiting)}/allocate", act="next", **data)

    assert answer.status_code == 422
    assert "chỉ còn" in answer.text
    assert count(session) == 0


def test_a_stale_page_is_told_what_happened(
    session: Session, desk: Desk, waiting: Movement, due: Intent, post: Post
) -> None:
    actor = Actor.person(desk.people[Role.OWNER].id, organisation_id=desk.organisation.id)
    service.keep(
        session,
        desk.organisation.id,
        waiting.public_id,
        "Đức",
        50_000,
        reason=WHY,
        actor=actor,
        now=NOON,
    )
    session.commit()

    for path, data in (
        ("allocate", {"act": "sure", "pick": due.public_id}),
        ("not-ours", {}),
        ("keep", {"payer": "Đức", "amount": "450.000"}),
    ):
        answer = post(f"{desk.page(waiting)}/{path}", seen="waiting:0:0", **data)
        assert answer.status_code == 409
        assert "Người khác vừa xử lý giao dịch này" in answer.text
        assert "400.000" in answer.text
    assert count(session) == 1


def test_money_is_kept_as_a_balance(
    session: Session, desk: Desk, waiting: Movement, post: Post
) -> None:
    answer = post(f"{desk.page(waiting)}/keep", payer="Trần Văn Đức", amount="450.000")

    assert answer.status_code == 303
    assert queries.balance(session, desk.organisation.id, "Trần Văn Đức") == 450_000
    assert fresh(session, waiting).state is State.DECIDED
    check_books(session)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"payer": "", "amount": "450.000"}, "Ghi rõ giữ số dư cho ai"),
        ({"payer": "Đức", "amount": "450.001"}, "chỉ còn"),
        ({"payer": "Đức", "amount": "x"}, "số tiền chẵn đồng"),
        ({"payer": "Đức", "amount": "450.000", "reason": ""}, "Ghi lý do"),
    ],
)
def test_keeping_is_refused_beside_the_field(
    session: Session,
    desk: Desk,
    waiting: Movement,
    post: Post,
    data: dict[str, str],
    words: str,
) -> None:
    answer = post(f"{desk.page(waiting)}/keep", **data)

    assert answer.status_code == 422
    assert words in answer.text
    assert data["amount"] in answer.text
    assert count(session) == 0


def test_not_ours_and_back_again(
    client: FlaskClient, session: Session, desk: Desk, waiting: Movement, post: Post
) -> None:
    done = post(f"{desk.page(waiting)}/not-ours", usual="Lãi ngân hàng", reason="quý 3")

    assert done.status_code == 303
    row = session.scalars(select(Allocation)).one()
    assert (row.kind, row.reason) == (AllocationKind.NOT_OURS, "Lãi ngân hàng: quý 3")
    page = client.get(desk.page(waiting)).text
    assert f"/undo/{row.public_id}" in page
    assert "Lãi ngân hàng: quý 3" in page

    undone = post(f"{desk.page(waiting)}/undo/{row.public_id}")

    assert undone.status_code == 303
    assert fresh(session, waiting).waiting == 450_000
    again = post(f"{desk.page(waiting)}/undo/{row.public_id}")
    assert again.status_code == 422
    assert "đã được gỡ" in again.text
    check_books(session)


def test_freezing_takes_somebody_who_approves(
    client: FlaskClient,
    session: Session,
    desk: Desk,
    waiting: Movement,
    post: Post,
    sign_in_as: SignInAs,
) -> None:
    assert post(f"{desk.page(waiting)}/freeze", amount="450.000").status_code == 403
    sign_in_as(desk.people[Role.OWNER], second_factor=True)

    assert post(f"{desk.page(waiting)}/freeze", amount="450.000", reason="").status_code == 422
    frozen = post(
        f"{desk.page(waiting)}/freeze", amount="450.000", reason="Ngân hàng yêu cầu tra soát"
    )

    assert frozen.status_code == 303
    assert fresh(session, waiting).state is State.FROZEN
    assert "Gỡ phong toả" in client.get(desk.page(waiting)).text
    reversed_ = post(f"{desk.page(waiting)}/reverse", debit="", reason="Ngân hàng đã thu hồi tiền")
    assert reversed_.status_code == 303
    assert fresh(session, waiting).state is State.REVERSED
    check_books(session)


def test_what_the_bank_left_of_recalled_money_is_still_decided(
    client: FlaskClient,
    session: Session,
    desk: Desk,
    waiting: Movement,
    due: Intent,
    post: Post,
    sign_in_as: SignInAs,
) -> None:
    sign_in_as(desk.people[Role.OWNER], second_factor=True)
    post(f"{desk.page(waiting)}/freeze", amount="150.000")
    post(f"{desk.page(waiting)}/reverse", debit="")

    assert waiting.public_id in client.get(f"{desk.path}/lists/waiting").text
    assert "/allocate" in client.get(desk.page(waiting)).text
    data = {"pick": due.public_id, "act": "sure"}
    answer = post(f"{desk.page(waiting)}/allocate", **data)

    assert answer.status_code == 303
    left = fresh(session, waiting)
    assert (left.state, left.waiting) == (State.REVERSED, 0)
    assert waiting.public_id not in client.get(f"{desk.path}/lists/waiting").text
    check_books(session)


def test_frozen_money_is_let_go(
    session: Session, desk: Desk, waiting: Movement, post: Post, sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.OWNER], second_factor=True)
    post(f"{desk.page(waiting)}/freeze", amount="450.000", reason="Ngân hàng yêu cầu tra soát")

    answer = post(f"{desk.page(waiting)}/unfreeze", reason="Ngân hàng thôi yêu cầu")

    assert answer.status_code == 303
    assert fresh(session, waiting).waiting == 450_000
    check_books(session)


def test_several_are_not_ours_with_one_reason(
    session: Session, desk: Desk, waiting: Movement, post: Post
) -> None:
    second = arrive(session, desk.account, 1_000, "LAI")
    session.commit()
    path = f"{desk.path}/movements/not-ours"
    data = {"movement": [waiting.public_id, second.public_id]}

    look = post(path, **data)

    assert look.status_code == 200
    assert "451.000" in look.text
    assert count(session) == 0
    assert post(path, act="sure", **{**data, "reason": ""}).status_code == 422

    answer = post(path, act="sure", **{**data, "reason": "Lãi ngân hàng"})

    assert answer.status_code == 303
    assert count(session) == 2
    assert fresh(session, waiting).state is State.DECIDED
    check_books(session)


def test_several_are_all_or_nothing(
    session: Session, desk: Desk, waiting: Movement, post: Post
) -> None:
    second = arrive(session, desk.account, 1_000, "LAI")
    actor = Actor.person(desk.people[Role.OWNER].id, organisation_id=desk.organisation.id)
    service.mark_not_ours(
        session, desk.organisation.id, second.public_id, reason=WHY, actor=actor, now=NOON
    )
    stranger = arrive(session, make_desk(session).account, 5_000, "")
    session.commit()

    for other in (second, stranger):
        answer = post(
            f"{desk.path}/movements/not-ours",
            act="sure",
            reason="Lãi ngân hàng",
            movement=[waiting.public_id, other.public_id],
        )
        assert answer.status_code == 422
        assert fresh(session, waiting).waiting == 450_000
    assert post(f"{desk.path}/movements/not-ours").status_code == 303


@pytest.mark.parametrize("path", ["allocate", "keep", "not-ours"])
def test_who_may_only_look_decides_nothing(
    client: FlaskClient,
    session: Session,
    desk: Desk,
    waiting: Movement,
    sign_in_as: SignInAs,
    path: str,
) -> None:
    sign_in_as(desk.people[Role.SELLER], second_factor=True)

    page = client.get(desk.page(waiting))

    assert page.status_code == 200
    assert "/allocate" not in page.text
    assert client.get(f"{desk.page(waiting)}/{path}").status_code == 403
    answer = client.post(f"{desk.page(waiting)}/{path}", data={"reason": WHY, "payer": "x"})
    assert answer.status_code == 403
    assert count(session) == 0


def test_money_out_is_not_allocated(
    session: Session, desk: Desk, waiting: Movement, due: Intent, post: Post
) -> None:
    out = leave(session, desk.account, 450_000, "RUT TIEN")
    session.commit()

    answer = post(f"{desk.page(out)}/allocate", act="sure", pick=due.public_id)

    assert answer.status_code == 422
    assert "tiền ra" in answer.text
    assert post(f"{desk.page(out)}/not-ours").status_code == 422
    assert count(session) == 0
    check_books(session)
