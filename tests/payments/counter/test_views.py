"""The page on which anybody pays, in every state; and the counter."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.organisations.models import Organisation, Role
from foundation.organisations.models import State as OrganisationState
from payments.bank_accounts.models import State as AccountState
from payments.intents import service as intents
from payments.intents.models import Intent, State
from payments.vietqr import codec
from tests import factories
from tests.conftest import NOON, SignInAs

STATES: dict[str, tuple[dict[str, Any], str]] = {
    "waiting": ({}, "Quét mã để trả"),
    "part_paid": ({"settled": 20_000, "state": State.PART_PAID}, "Quét mã để trả tiếp"),
    "paid": ({"settled": 120_000, "state": State.PAID, "settled_at": NOON}, "Đã nhận đủ tiền"),
    "overpaid": (
        {"settled": 120_000, "excess": 5_000, "state": State.OVERPAID, "settled_at": NOON},
        "Đã nhận đủ, có phần trả thừa",
    ),
    "checking": ({"excess": 5_000, "state": State.OVERPAID}, "Tiền đã vào, đang xem lại"),
    "late": ({"expires_at": NOON}, "Đã quá hạn, vẫn trả được"),
    "expired": ({"expires_at": NOON, "settles_late": False}, "Khoản này đã hết hạn"),
    "cancelled": ({"state": State.CANCELLED}, "Khoản này đã huỷ"),
    "no_account": ({"bank_account": None}, "Khoản phải trả"),
}
PAYABLE = {"waiting", "part_paid", "late"}


def page(client: FlaskClient, intent: Intent, rest: str = "", status: int = 200) -> str:
    answer = client.get(f"/pay/{intent.public_id}{rest}")
    assert answer.status_code == status
    return str(answer.text).replace("\xa0", " ")


@pytest.mark.parametrize("case", STATES)
def test_every_state_has_its_own_sentence(session: Session, client: FlaskClient, case: str) -> None:
    facts, heading = STATES[case]
    intent = factories.IntentFactory(**facts)
    session.commit()

    shown = page(client, intent)

    assert f">{heading}" in re.sub(r"\s+", " ", shown)
    assert f'data-version="{case}-' in shown
    told = client.get(f"/pay/{intent.public_id}/status").json
    assert told["state"] == case
    assert told["words"].replace("\xa0", " ") in shown
    assert (f"/pay/{intent.public_id}/qr.svg" in shown) is (case in PAYABLE)
    for picture in ("/qr.svg", "/qr.png"):
        page_status = client.get(f"/pay/{intent.public_id}{picture}").status_code
        assert page_status == (200 if case in PAYABLE else 404)
    receipt = client.get(f"/pay/{intent.public_id}/receipt").status_code
    assert receipt == (200 if case in ("paid", "overpaid") else 404)


def test_all_a_payer_types_stands_there_to_be_copied(session: Session, client: FlaskClient) -> None:
    intent = factories.IntentFactory()
    session.commit()

    shown = page(client, intent)

    for value in (intent.bank_account.number, "120000", intent.reference):
        assert f'data-copy="{value}"' in shown
    assert intent.bank_account.holder in shown
    assert intent.organisation.name in shown
    assert "Đã xác minh" in shown


def test_an_unverified_payee_bears_no_mark(session: Session, client: FlaskClient) -> None:
    organisation = factories.OrganisationFactory(state=OrganisationState.SUSPENDED)
    intent = factories.IntentFactory(organisation=organisation)
    session.commit()

    assert "Đã xác minh" not in page(client, intent)


@pytest.mark.parametrize("rest", ["/qr.svg", "/qr.png"])
def test_invariant_14_the_pictures_say_what_is_still_due(
    session: Session, client: FlaskClient, rest: str
) -> None:
    intent = factories.IntentFactory(settled=20_000, state=State.PART_PAID)
    session.commit()
    answer = client.get(f"/pay/{intent.public_id}{rest}")
    assert answer.status_code == 200
    if rest == "/qr.svg":
        assert answer.mimetype == "image/svg+xml"
        assert "100.000" in answer.text
        return
    found = zxingcpp.read_barcodes(Image.open(BytesIO(answer.data)))
    read = codec.decode(found[0].text)
    assert (read.amount, read.account) == (100_000, intent.bank_account.number)
    assert read.fields["62"] == {"08": intent.reference}


def test_invariant_17_a_replaced_one_is_void_and_leads_to_the_newer(
    session: Session, client: FlaskClient
) -> None:
    old = factories.IntentFactory()
    new = factories.IntentFactory(
        organisation=old.organisation, bank_account=old.bank_account, amount=90_000
    )
    intents.replace(session, old, new, reason="Sửa số lượng", actor=SYSTEM, now=NOON)
    session.commit()

    shown = page(client, old)

    assert "Khoản này đã thay bằng khoản mới" in shown
    assert f'href="/pay/{new.public_id}"' in shown
    assert "90.000" in shown
    assert "void" in shown


def test_invariant_19_a_receipt_spells_the_amount_out(
    session: Session, client: FlaskClient
) -> None:
    intent = factories.IntentFactory(**STATES["paid"][0])
    session.commit()

    for shown in (page(client, intent), page(client, intent, "/receipt")):
        assert "Một trăm hai mươi nghìn đồng chẵn" in shown
        assert "12:00, 22/11/2026" in shown
        assert intent.reference in shown
        assert f"•••• {intent.bank_account.number[-4:]}" in shown
        assert intent.bank_account.number not in shown


def test_a_payers_name_is_not_told_whole(session: Session, client: FlaskClient) -> None:
    intent = factories.IntentFactory(payer_name="Trần Ngọc Bích", payer="person:secret")
    session.commit()

    shown = page(client, intent)

    assert "T. N. Bích" in shown
    assert "Trần Ngọc Bích" not in shown
    assert "person:secret" not in shown


def test_nobody_keeps_indexes_or_passes_it_on(session: Session, client: FlaskClient) -> None:
    intent = factories.IntentFactory()
    session.commit()

    for rest in ("", "/status", "/qr.svg", "/qr.png"):
        headers = client.get(f"/pay/{intent.public_id}{rest}").headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]


def test_what_waits_is_told_only_what_is_new(session: Session, client: FlaskClient) -> None:
    intent = factories.IntentFactory()
    session.commit()
    address = f"/pay/{intent.public_id}/status"
    first = client.get(address)
    assert first.json == {
        "state": "waiting",
        "settled": 0,
        "due": 120_000,
        "excess": 0,
        "paid": False,
        "final": False,
        "words": first.json["words"],
        "say": first.json["say"],
        "version": "waiting-0-0-0",
    }
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(address, headers=tag).status_code == 304

    intents.settle(session, intent, 120_000, actor=SYSTEM, now=NOON)
    session.commit()

    told = client.get(address, headers=tag)
    assert told.status_code == 200
    assert (told.json["state"], told.json["paid"], told.json["final"]) == ("paid", True, True)
    assert told.json["say"] == "Đã nhận một trăm hai mươi nghìn đồng"


def test_invariant_20_each_payment_may_be_asked_about_so_often(
    session: Session, client: FlaskClient
) -> None:
    first, second = factories.IntentFactory(), factories.IntentFactory()
    session.commit()
    address = f"/pay/{first.public_id}/status"

    answers = [client.get(address).status_code for _ in range(181)]

    assert answers == [200] * 180 + [429]
    assert int(client.get(address).headers["Retry-After"]) > 0
    assert client.get(f"/pay/{second.public_id}/status").status_code == 200


def test_reading_costs_few_statements(
    session: Session, client: FlaskClient, statements: list[str]
) -> None:
    intent = factories.IntentFactory()
    for _ in range(5):
        factories.IntentLineFactory(intent=intent, amount=24_000)
    session.commit()
    session.expunge_all()

    for rest, most in (("", 4), ("/status", 1), ("/qr.svg", 3)):
        statements.clear()
        assert client.get(f"/pay/{intent.public_id}{rest}").status_code == 200
        assert len(statements) <= most, (rest, statements)


def test_an_unknown_payment_is_not_found(client: FlaskClient) -> None:
    for rest in ("", "/status", "/qr.svg", "/qr.png", "/receipt"):
        assert client.get(f"/pay/{'0' * 14}{rest}").status_code == 404


def test_without_scripts_the_page_asks_again_by_itself(
    session: Session, client: FlaskClient
) -> None:
    waiting = factories.IntentFactory()
    paid = factories.IntentFactory(**STATES["paid"][0])
    session.commit()

    assert '<noscript><meta http-equiv="refresh"' in page(client, waiting)
    assert "Tôi đã chuyển, kiểm tra lại" in page(client, waiting)
    assert 'http-equiv="refresh"' not in page(client, paid)


# --- the counter ------------------------------------------------------------------------------


@pytest.fixture
def shop(session: Session, sign_in_as: SignInAs) -> Organisation:
    account = factories.BankAccountFactory()
    person = factories.PersonFactory()
    factories.MembershipFactory(
        organisation=account.organisation, person_id=person.id, role=Role.SELLER
    )
    sign_in_as(person)
    session.commit()
    found: Organisation = account.organisation
    return found


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Intent)) or 0


def newest(session: Session) -> Intent:
    return session.scalars(select(Intent).order_by(Intent.id.desc()).limit(1)).one()


def token(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get(address).text)
    assert found
    return found[1]


def test_charging_shows_the_code(session: Session, client: FlaskClient, shop: Organisation) -> None:
    desk = f"/money/{shop.public_id}/counter"
    answer = client.post(
        desk, data={"amount": "45.000", "note": "2 ký xoài", "token": token(client, desk)}
    )

    intent = newest(session)
    assert answer.status_code == 303
    assert answer.location == f"{desk}/{intent.public_id}"
    assert (intent.amount, intent.purpose, intent.state) == (45_000, "2 ký xoài", State.OPEN)
    shown = client.get(answer.location).text
    assert f"/pay/{intent.public_id}/qr.svg" in shown
    assert f'data-watch="/pay/{intent.public_id}/status"' in shown
    listed = client.get(desk).text.replace("\xa0", " ")
    assert "45.000 ₫" in listed
    assert "2 ký xoài" in listed


def test_a_form_sent_twice_charges_once(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    desk = f"/money/{shop.public_id}/counter"
    form = {"amount": "45000", "token": token(client, desk)}
    first, second = (client.post(desk, data=form).location for _ in range(2))

    assert first == second
    assert count(session) == 1
    changed = client.post(desk, data={**form, "amount": "46000"})
    assert changed.status_code == 422
    assert count(session) == 1
    assert form["token"] not in changed.text


def test_one_press_on_an_amount_often_used(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    client.post(f"/money/{shop.public_id}/counter", data={"amount": "", "quick": "50000"})

    assert newest(session).amount == 50_000
    assert newest(session).purpose == "Thu tại quầy"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"amount": ""}, "Nhập số tiền khách phải trả"),
        ({"amount": "nhiều"}, "số tiền chẵn đồng"),
        ({"amount": "0"}, "từ 1 đồng trở lên"),
        ({"amount": "-5"}, "từ 1 đồng trở lên"),
        ({"amount": "500.000.000"}, "dưới 500 triệu"),
        ({"amount": "5000", "note": "x" * 81}, "nhiều nhất 80"),
    ],
)
def test_what_cannot_be_charged(
    session: Session, client: FlaskClient, shop: Organisation, form: dict[str, str], words: str
) -> None:
    answer = client.post(f"/money/{shop.public_id}/counter", data=form)

    assert answer.status_code == 422
    assert words in answer.text
    assert count(session) == 0


def test_without_an_account_nothing_is_charged(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    account = session.scalars(select(factories.BankAccountFactory._meta.model)).one()
    account.main, account.state = False, AccountState.CLOSED
    session.commit()
    desk = f"/money/{shop.public_id}/counter"

    assert "Chưa có tài khoản nhận tiền" in client.get(desk).text
    answer = client.post(desk, data={"amount": "5000"})
    assert answer.status_code == 422
    assert "Chưa có tài khoản nhận tiền" in answer.text
    assert count(session) == 0


def test_a_suspended_shop_charges_nothing(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    shop.state = OrganisationState.SUSPENDED
    session.commit()

    answer = client.post(f"/money/{shop.public_id}/counter", data={"amount": "5000"})

    assert answer.status_code == 422
    assert count(session) == 0


def test_withdrawing_at_the_counter(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    desk = f"/money/{shop.public_id}/counter"
    address = client.post(desk, data={"amount": "5000"}).location

    assert client.post(f"{address}/cancel").status_code == 303

    session.expire_all()
    assert newest(session).state is State.CANCELLED
    assert "Đã huỷ" in client.get(desk).text


def test_what_was_paid_is_not_withdrawn(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    address = client.post(f"/money/{shop.public_id}/counter", data={"amount": "5000"}).location
    intent = newest(session)
    intents.settle(session, intent, 5_000, actor=SYSTEM, now=NOON)
    session.commit()

    assert client.post(f"{address}/cancel").status_code == 409
    session.expire_all()
    assert newest(session).state is State.PAID
    assert "screen-paid" in client.get(address).text
    assert "Khách tiếp theo" in client.get(address).text


def test_invariant_20_another_shops_payment_is_not_found(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    other = factories.IntentFactory()
    session.commit()
    desk = f"/money/{shop.public_id}/counter"

    assert client.get(f"{desk}/{other.public_id}").status_code == 404
    assert client.post(f"{desk}/{other.public_id}/cancel").status_code == 404
    assert client.get(f"/money/{other.organisation.public_id}/counter").status_code == 404
    assert other.state is State.OPEN


def test_the_second_screen_follows_the_counter(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    desk = f"/money/{shop.public_id}/counter"
    assert "Mời quý khách" in client.get(f"{desk}/screen").text
    assert client.get(f"{desk}/screen/status").json["version"] == "idle"

    client.post(desk, data={"amount": "5000"})

    intent = newest(session)
    shown = client.get(f"{desk}/screen").text
    told = client.get(f"{desk}/screen/status").json
    assert f"/pay/{intent.public_id}/qr.svg" in shown
    assert f'data-version="{told["version"]}"' in shown
    intents.settle(session, intent, 5_000, actor=SYSTEM, now=NOON)
    session.commit()
    assert client.get(f"{desk}/screen/status").json["paid"] is True
    assert "screen-paid" in client.get(f"{desk}/screen").text
    intent.settled_at = NOON - timedelta(seconds=61)
    session.commit()
    assert client.get(f"{desk}/screen/status").json["version"] == "idle"


def test_invariant_20_the_day_counts_what_came_in(
    session: Session, client: FlaskClient, shop: Organisation
) -> None:
    desk = f"/money/{shop.public_id}/counter"
    for amount in ("5000", "7000", "11000"):
        client.post(desk, data={"amount": amount})
    paid, waiting, _last = session.scalars(select(Intent).order_by(Intent.id)).all()
    intents.settle(session, paid, 5_000, actor=SYSTEM, now=NOON)
    intents.settle(session, waiting, 1_000, actor=SYSTEM, now=NOON)
    session.commit()

    shown = client.get(desk).text.replace("\xa0", " ")

    assert "Đã thu, 1 lần" in shown
    assert ">6.000 ₫<" in shown
    assert ">17.000 ₫<" in shown
