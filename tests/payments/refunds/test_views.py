from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.audit.rules import Actor
from foundation.organisations.models import Kind, Membership, Role
from payments.refunds.asking import service as asking
from payments.refunds.models import Refund, Source, State
from payments.vietqr import codec, picture
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.payments.refunds import books
from tests.payments.refunds.books import Shop


@pytest.fixture
def shop(session: Session) -> Shop:
    return books.shop()


def sign_in(session: Session, sign_in_as: SignInAs, actor: Actor) -> None:
    sign_in_as(session.get_one(Person, actor.person_id), second_factor=True)


def address(shop: Shop, rest: str = "") -> str:
    return f"/money/{shop.organisation.public_id}/refunds{rest}"


def filled(**more: Any) -> dict[str, Any]:
    return {
        "amount": "300.000",
        "reason": "Khách trả hàng",
        "means": "bank",
        "bank_bin": "970436",
        "account_number": "0123 456 789",
        "holder": "Nguyễn Thị Đào",
        "key": "form:mot",
        "believed": "1000000",
        **more,
    }


def asked(session: Session, shop: Shop) -> Refund:
    intent = books.paid(session, shop, 1_000_000)
    wanted = books.wanted(Source.INTENT, intent.public_id, 300_000, 1_000_000)
    return asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)


def test_from_asking_to_the_code_to_pay_by(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    intent = books.paid(session, shop, 1_000_000)
    sign_in(session, sign_in_as, shop.asker)
    form = address(shop, f"/new?source=intent&subject={intent.public_id}")
    page = client.get(form)
    assert "1.000.000" in page.text
    assert 'value="card"' not in page.text

    sent = client.post(form, data=filled())
    again = client.post(form, data=filled())

    assert (sent.status_code, again.location) == (303, sent.location)
    refund = session.scalars(select(Refund)).one()
    assert "Chờ duyệt" in client.get(sent.location).text

    sign_in(session, sign_in_as, shop.approver)
    client.post(address(shop, f"/{refund.public_id}/approve"))
    session.refresh(refund)
    assert refund.state is State.APPROVED
    page = client.get(address(shop, f"/{refund.public_id}"))
    assert f"/{refund.public_id}/code.svg" in page.text
    code = client.get(address(shop, f"/{refund.public_id}/code.svg"))
    text = codec.encode(codec.build("970436", "0123456789", 300_000, code=refund.reference))
    drawn = Image.open(BytesIO(picture.png(text))).convert("L")
    assert zxingcpp.read_barcode(drawn).text == text
    assert picture.svg(text, title="x").split("<path")[1] in code.text
    assert code.mimetype == "image/svg+xml"


def test_what_is_left_is_shown_anew_when_it_changed(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    intent = books.paid(session, shop, 1_000_000)
    sign_in(session, sign_in_as, shop.asker)
    form = address(shop, f"/new?source=intent&subject={intent.public_id}")

    page = client.post(form, data=filled(believed="900000"))

    assert page.status_code == 422
    assert "vừa đổi" in page.text
    assert 'value="1000000"' in page.text
    assert "Khách trả hàng" in page.text
    assert session.scalars(select(Refund)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "nhiều"), ("amount", ""), ("reason", ""), ("means", "vàng"), ("bank_bin", "")],
)
def test_a_form_with_a_mistake_is_shown_again(
    client: FlaskClient,
    session: Session,
    shop: Shop,
    sign_in_as: SignInAs,
    field: str,
    value: str,
) -> None:
    intent = books.paid(session, shop, 1_000_000)
    sign_in(session, sign_in_as, shop.asker)
    form = address(shop, f"/new?source=intent&subject={intent.public_id}")
    page = client.post(form, data=filled(**{field: value}))
    assert page.status_code == 422
    assert session.scalars(select(Refund)).all() == []


@pytest.mark.parametrize(
    "query", ["", "?source=vang&subject=x", "?source=intent&subject=x", "?source=movement"]
)
def test_nothing_is_given_back_of_what_is_not_there(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs, query: str
) -> None:
    sign_in(session, sign_in_as, shop.asker)
    assert client.get(address(shop, f"/new{query}")).status_code == 404


def test_every_step_by_its_button(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    refund = asked(session, shop)
    one = f"/{refund.public_id}"
    sign_in(session, sign_in_as, shop.approver)

    def press(what: str, **data: str) -> State:
        assert client.post(address(shop, f"{one}/{what}"), data=data).status_code == 303
        assert client.get(address(shop, one)).status_code == 200
        session.refresh(refund)
        return refund.state

    assert client.get(address(shop, f"{one}/code.svg")).status_code == 404
    assert press("decline", reason=" ") is State.REQUESTED
    assert press("approve") is State.APPROVED
    attempt = refund.attempts[0].public_id
    assert press("sent", attempt=attempt) is State.SENT
    assert press("failed", attempt=attempt, reason="Sai số") is State.FAILED
    assert press("retry", attempt=attempt) is State.APPROVED
    debit = books.gone(session, shop, refund, memo="IBT")
    assert "IBT" in client.get(address(shop, one)).text
    assert press("link", movement=debit.public_id) is State.CONFIRMED
    for tab, shown in (("done", True), ("waiting", False), ("la", False)):
        page = client.get(address(shop, f"?tab={tab}"))
        assert (refund.public_id in page.text) is shown


def test_declined_and_withdrawn(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    sign_in(session, sign_in_as, shop.approver)
    for what, state in (("decline", State.DECLINED), ("withdraw", State.WITHDRAWN)):
        refund = asked(session, shop)
        path = address(shop, f"/{refund.public_id}")
        client.post(f"{path}/{what}", data={"reason": "Đã đổi hàng"})
        session.refresh(refund)
        assert refund.state is state
        assert "Đã đổi hàng" in client.get(path).text


def test_the_authority_approves_for_a_seller_who_works_alone(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    operator = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    officer = factories.MembershipFactory(organisation=operator, role=Role.OFFICER)
    shop = books.shop(alone=True)
    intent = books.paid(session, shop, 5_000_000)
    found = []
    for left in (5_000_000, 2_500_000):
        wanted = books.wanted(Source.INTENT, intent.public_id, 2_500_000, left)
        found.append(asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON))
    sign_in(session, sign_in_as, Actor.person(officer.person_id))

    assert found[0].public_id in client.get("/ops/refunds").text
    assert client.get(f"/ops/refunds/{found[0].public_id}").status_code == 200
    client.post(f"/ops/refunds/{found[0].public_id}/approve")
    client.post(f"/ops/refunds/{found[1].public_id}/decline", data={"reason": "Chưa rõ"})

    session.expire_all()
    assert [each.state for each in found] == [State.APPROVED, State.DECLINED]
    own = asked(session, books.shop())
    assert client.get(f"/ops/refunds/{own.public_id}").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SELLER, Role.ACCOUNTANT])
def test_who_may_not_approve_is_told_so(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs, role: Role
) -> None:
    refund = asked(session, shop)
    member: Membership = factories.MembershipFactory(organisation=shop.organisation, role=role)
    sign_in(session, sign_in_as, Actor.person(member.person_id))
    path = address(shop, f"/{refund.public_id}")
    assert client.post(f"{path}/approve").status_code == 403
    expected = 403 if role is Role.VIEWER else 200
    assert client.get(path).status_code == expected
    session.refresh(refund)
    assert refund.state is State.REQUESTED


def test_invariant_20_a_strangers_refund_is_not_found(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    refund = asked(session, books.shop())
    sign_in(session, sign_in_as, shop.asker)
    assert client.get(address(shop, f"/{refund.public_id}")).status_code == 404
    assert client.post(address(shop, f"/{refund.public_id}/approve")).status_code == 404
