from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.audit.rules import Actor
from foundation.organisations.models import Kind, Membership, Organisation, Role
from payments.payouts.models import BatchState, PayoutBatch, PayoutHold, State
from tests import factories
from tests.conftest import SignInAs
from tests.payments.payouts import books
from tests.payments.payouts.books import Platform

OWED = 1_500_000


@pytest.fixture
def platform(session: Session) -> Platform:
    return books.platform()


def sign_in(session: Session, sign_in_as: SignInAs, actor: Actor) -> None:
    sign_in_as(session.get_one(Person, actor.person_id), second_factor=True)


def test_a_batch_by_its_buttons(
    client: FlaskClient, session: Session, platform: Platform, sign_in_as: SignInAs
) -> None:
    first = books.with_account(session, platform, OWED)
    books.with_account(session, platform, 200_000)
    books.owe(session, platform, 70_000)
    sign_in(session, sign_in_as, platform.maker)
    page = client.get("/ops/payouts")
    assert "1.700.000" in page.text
    assert "Chưa có tài khoản nhận tiền" in page.text

    drawn = client.post("/ops/payouts/draw", data={"fee": "1.100"})
    batch = session.scalars(select(PayoutBatch)).one()
    one = f"/ops/payouts/{batch.public_id}"
    assert (drawn.status_code, drawn.location) == (303, one)
    assert "cần người khác duyệt" in client.get(one).text
    client.post(f"{one}/approve")
    session.refresh(batch)
    assert batch.state is BatchState.DRAFT

    sign_in(session, sign_in_as, platform.checker)
    client.post(f"{one}/approve")
    made = client.post(f"{one}/export")
    assert made.content_type.endswith("spreadsheetml.sheet")
    assert f'filename="{batch.number}.xlsx"' in made.headers["Content-Disposition"]
    assert len(list(openpyxl.load_workbook(BytesIO(made.data))["Chuyen tien"].rows)) == 3
    assert "ban-sao-1" in client.post(f"{one}/export").headers["Content-Disposition"]
    client.post(f"{one}/sent")
    debit = books.told(session, platform.operator, batch.payouts[0].net, "IBT")
    assert "IBT" in client.get(one).text
    line = f"{one}/lines/{batch.payouts[0].public_id}"
    client.post(f"{line}/link", data={"movement": debit.public_id})
    client.post(f"{one}/lines/{batch.payouts[1].public_id}/failed", data={"reason": "Sai tên"})

    session.expire_all()
    assert [each.state for each in batch.payouts] == [State.CONFIRMED, State.FAILED]
    assert batch.state is BatchState.CLOSED
    assert "Bản sao 1" in client.get(one).text
    owner = session.scalars(
        select(Membership.person_id).where(Membership.organisation_id == first.id)
    ).one()
    sign_in(session, sign_in_as, Actor.person(owner))
    page = client.get(f"/money/{first.public_id}/payouts")
    assert "1.498.900" in page.text
    assert batch.payouts[1].reference not in page.text


def test_a_batch_is_dropped(
    client: FlaskClient, session: Session, platform: Platform, sign_in_as: SignInAs
) -> None:
    books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    sign_in(session, sign_in_as, platform.maker)
    assert client.post("/ops/payouts/draw").status_code == 422
    client.post(f"/ops/payouts/{batch.public_id}/export")
    client.post(f"/ops/payouts/{batch.public_id}/drop")
    session.refresh(batch)
    assert batch.state is BatchState.DROPPED


def test_money_is_held_and_let_go(
    client: FlaskClient, session: Session, platform: Platform, sign_in_as: SignInAs
) -> None:
    seller = books.with_account(session, platform, OWED)
    sign_in(session, sign_in_as, platform.maker)
    data = {"seller": seller.public_id, "held": "", "reason": "Khiếu nại"}
    for wrong in ({"reason": ""}, {"seller": ""}, {"held": "nhiều"}, {"seller": "khongco"}):
        assert client.post("/ops/payouts/hold", data={**data, **wrong}).status_code == 422

    assert client.post("/ops/payouts/hold", data=data).status_code == 303

    kept = session.scalars(select(PayoutHold)).one()
    assert kept.amount is None
    assert "Khiếu nại" in client.get("/ops/payouts").text
    client.post(f"/ops/payouts/hold/{kept.public_id}/lift")
    session.refresh(kept)
    assert kept.lifted_by_id == platform.maker.person_id


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TRAINER])
def test_who_does_not_decide_about_money_is_told_so(
    client: FlaskClient,
    session: Session,
    platform: Platform,
    sign_in_as: SignInAs,
    role: Role,
) -> None:
    books.with_account(session, platform, OWED)
    batch = books.drawn(session, platform)
    member = factories.MembershipFactory(organisation=platform.operator, role=role)
    sign_in(session, sign_in_as, Actor.person(member.person_id))
    for path in ("", f"/{batch.public_id}"):
        assert client.get(f"/ops/payouts{path}").status_code in (403, 404)
    assert client.post(f"/ops/payouts/{batch.public_id}/approve").status_code in (403, 404)
    session.refresh(batch)
    assert batch.state is BatchState.DRAFT


def test_invariant_20_another_authority_sees_no_batches(
    client: FlaskClient, session: Session, platform: Platform, sign_in_as: SignInAs
) -> None:
    other: Organisation = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    member = factories.MembershipFactory(organisation=other)
    sign_in(session, sign_in_as, Actor.person(member.person_id))
    assert client.get("/ops/payouts").status_code == 404


@pytest.mark.parametrize("why", ["no account", "suspended", "part", "nothing", "no operator"])
def test_a_seller_reads_why_nothing_comes(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, why: str
) -> None:
    member: Membership = factories.MembershipFactory()
    seller = member.organisation
    words = "Chưa có lần chuyển nào"
    if why not in ("nothing", "no operator"):
        platform = books.platform()
        books.owe(session, platform, OWED, seller=seller)
        if why == "no account":
            words = "chưa có tài khoản nhận tiền"
        else:
            factories.BankAccountFactory(organisation=seller)
            amount = None if why == "suspended" else 500_000
            session.add(
                PayoutHold(
                    seller=seller,
                    amount=amount,
                    reason="Khiếu nại",
                    placed_by_id=platform.maker.person_id,
                    placed_at=seller.created_at,
                )
            )
            words = "500.000" if amount else "đang được giữ lại"
    elif why == "nothing":
        books.platform()
    session.flush()
    sign_in(session, sign_in_as, Actor.person(member.person_id))
    page = client.get(f"/money/{seller.public_id}/payouts")
    assert page.status_code == 200
    assert words in page.text
