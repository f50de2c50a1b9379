"""The pages about receiving accounts: who sees what, the second factor, the authority's queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts.models import SignIn
from foundation.audit.rules import Actor
from foundation.organisations.models import Kind, Organisation, Role
from payments.bank_accounts import queries, service
from payments.bank_accounts.models import BankAccount, State
from payments.banks.queries import by_bin as banks_of
from payments.vietqr.codec import decode
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.payments.bank_accounts.test_service import PAPER

NUMBER = "0123456789"
GROUPED = "0123 4567 89"


@dataclass
class Shop:
    organisation: Organisation
    people: dict[Role, Any]
    account: BankAccount

    @property
    def path(self) -> str:
        return f"/money/{self.organisation.public_id}/accounts"

    @property
    def page(self) -> str:
        return f"{self.path}/{self.account.public_id}"


@pytest.fixture
def shop(session: Session) -> Shop:
    """An organisation with one member in each role; its owner has entered an account."""
    organisation = factories.OrganisationFactory.create()
    people = {}
    for role in (Role.OWNER, Role.MANAGER, Role.ACCOUNTANT, Role.VIEWER):
        people[role] = factories.PersonFactory.create(totp_confirmed_at=NOON)
        factories.MembershipFactory.create(
            organisation=organisation, person_id=people[role].id, role=role
        )
    actor = Actor.person(people[Role.OWNER].id, organisation_id=organisation.id)
    account = service.propose(session, organisation.id, PAPER, actor=actor, now=NOON)
    return Shop(organisation=organisation, people=people, account=account)


def confirm(session: Session, shop: Shop) -> None:
    actor = Actor.person(shop.people[Role.MANAGER].id, organisation_id=shop.organisation.id)
    service.confirm(session, None, shop.account.public_id, actor=actor, now=NOON)
    session.commit()


def state(session: Session, shop: Shop) -> State:
    session.expire_all()
    return session.scalars(select(BankAccount.state).where(BankAccount.id == shop.account.id)).one()


# --- entering ---------------------------------------------------------------------------------


def test_the_bank_is_found_and_the_account_entered_without_a_script(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    sign_in_as(shop.people[Role.OWNER], second_factor=True)

    banks = client.get(f"{shop.path}/new?q=quan+doi").text
    assert 'value="970422"' in banks
    assert 'value="970436"' not in banks
    assert "970499" not in client.get(f"{shop.path}/new").text
    form = client.get(f"{shop.path}/new?bank=970422").text
    bank = banks_of("970422")
    assert bank is not None
    assert f"<strong>{bank.short_name}</strong>" in form

    answer = client.post(
        f"{shop.path}/new?bank=970422",
        data={"number": "9988 7766", "holder": "Nguyễn Thị Ánh", "label": ""},
    )

    assert answer.status_code == 303
    added = queries.own(session, shop.organisation.id)[0]
    assert answer.location == f"{shop.path}/{added.public_id}"
    assert (added.bank_bin, added.number, added.holder) == ("970422", "99887766", "NGUYEN THI ANH")
    assert "Cần một người khác" in client.get(answer.location).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"number": "", "holder": "Lan Anh"}, "Ghi số tài khoản"),
        ({"number": "12", "holder": "Lan Anh"}, "Số tài khoản gồm 4 đến 19"),
        ({"number": "99887766", "holder": ""}, "Ghi tên chủ tài khoản"),
        ({"number": NUMBER, "holder": "Lan Anh"}, "đã có trong danh sách"),
    ],
)
def test_a_mistake_is_said_beside_the_field_and_nothing_is_lost(
    client: FlaskClient,
    session: Session,
    shop: Shop,
    sign_in_as: SignInAs,
    data: dict[str, str],
    words: str,
) -> None:
    sign_in_as(shop.people[Role.OWNER], second_factor=True)

    answer = client.post(f"{shop.path}/new?bank=970436", data={**data, "label": "Quỹ lễ"})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Quỹ lễ"' in answer.text
    assert len(queries.own(session, shop.organisation.id)) == 1


def test_a_sample_shop_is_offered_the_demo_bank_alone(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    sample = factories.OrganisationFactory.create(demo=True)
    owner = factories.PersonFactory.create(totp_confirmed_at=NOON)
    factories.MembershipFactory.create(organisation=sample, person_id=owner.id)
    sign_in_as(owner, second_factor=True)

    page = client.get(f"/money/{sample.public_id}/accounts/new").text

    assert page.count("<option") == 1
    assert 'value="970499"' in page


# --- who sees what ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "list_status", "whole_number"),
    [
        (Role.OWNER, 200, True),
        (Role.MANAGER, 200, False),
        (Role.ACCOUNTANT, 200, False),
        (Role.VIEWER, 403, False),
    ],
)
def test_the_whole_number_is_for_those_who_keep_the_accounts(
    client: FlaskClient,
    session: Session,
    shop: Shop,
    sign_in_as: SignInAs,
    role: Role,
    list_status: int,
    whole_number: bool,
) -> None:
    sign_in_as(shop.people[role], second_factor=True)

    listed, shown = client.get(shop.path), client.get(shop.page)

    assert listed.status_code == shown.status_code == list_status
    assert NUMBER not in listed.text
    assert GROUPED not in listed.text
    assert (GROUPED in shown.text) is whole_number
    assert ("•••• 6789" in listed.text) is (list_status == 200)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("address", ["", "/new", "/{}", "/{}/confirm", "/{}/main", "/{}/close"])
def test_invariant_20_a_strangers_pages_are_not_found(
    client: FlaskClient,
    session: Session,
    shop: Shop,
    sign_in_as: SignInAs,
    address: str,
    method: str,
) -> None:
    owner = factories.PersonFactory.create(totp_confirmed_at=NOON)
    membership = factories.MembershipFactory.create(person_id=owner.id)
    sign_in_as(owner, second_factor=True)
    part = address.format(shop.account.public_id)

    foreign = client.open(shop.path + part, method=method)
    mixed = client.open(f"/money/{membership.organisation.public_id}/accounts{part}", method=method)

    assert foreign.status_code in (404, 405)
    if "{" in address:
        assert mixed.status_code in (404, 405)
    assert state(session, shop) is State.PROPOSED


@pytest.mark.parametrize(
    ("role", "address", "status"),
    [
        (Role.ACCOUNTANT, "/new", 403),
        (Role.MANAGER, "/new", 403),
        (Role.ACCOUNTANT, "/{}/confirm", 403),
        (Role.MANAGER, "/{}/confirm", 200),
        (Role.MANAGER, "/{}/close", 403),
        (Role.MANAGER, "/{}/main", 403),
    ],
)
def test_each_page_asks_for_its_permission(
    client: FlaskClient, shop: Shop, sign_in_as: SignInAs, role: Role, address: str, status: int
) -> None:
    sign_in_as(shop.people[role], second_factor=True)
    page = client.get(shop.path + address.format(shop.account.public_id))
    assert page.status_code == status


# --- the second pair of eyes ------------------------------------------------------------------


def test_a_second_member_compares_and_confirms(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    sign_in_as(shop.people[Role.MANAGER], second_factor=True)

    page = client.get(f"{shop.page}/confirm").text
    assert GROUPED in page
    assert "HTX BANH TRANG TRANG BANG" in page
    assert "Vietcombank" in page

    answer = client.post(f"{shop.page}/confirm")

    assert answer.location == shop.page
    assert state(session, shop) is State.ACTIVE
    assert "chuyển thử một khoản" in client.get(answer.location).text


def test_whoever_entered_it_cannot_confirm_it(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    sign_in_as(shop.people[Role.OWNER], second_factor=True)
    assert "confirm" not in client.get(shop.page).text

    answer = client.post(f"{shop.page}/confirm")

    assert answer.status_code == 422
    assert "không được tự xác nhận" in answer.text
    assert state(session, shop) is State.PROPOSED


def test_declining_needs_a_reason(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    sign_in_as(shop.people[Role.MANAGER], second_factor=True)

    assert client.post(f"{shop.page}/decline", data={"reason": ""}).status_code == 422
    assert state(session, shop) is State.PROPOSED

    client.post(f"{shop.page}/decline", data={"reason": "Sai số cuối"})
    assert state(session, shop) is State.DECLINED
    assert "Sai số cuối" in client.get(shop.page).text


def test_the_owner_changes_the_main_account_and_closes_the_old_one(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    confirm(session, shop)
    actor = Actor.person(shop.people[Role.OWNER].id)
    second = service.propose(
        session, shop.organisation.id, replace(PAPER, number="55556666"), actor=actor, now=NOON
    )
    manager = Actor.person(shop.people[Role.MANAGER].id)
    service.confirm(session, None, second.public_id, actor=manager, now=NOON)
    session.commit()
    sign_in_as(shop.people[Role.OWNER], second_factor=True)

    refused = client.post(f"{shop.page}/close")
    assert refused.status_code == 422
    assert "Chọn tài khoản chính khác" in refused.text
    assert state(session, shop) is State.ACTIVE

    assert "Cho tiền mới về" in client.get(f"{shop.path}/{second.public_id}/main").text
    client.post(f"{shop.path}/{second.public_id}/main")
    assert "Đóng tài khoản" in client.get(f"{shop.page}/close").text
    client.post(f"{shop.page}/close")

    assert state(session, shop) is State.CLOSED
    main = queries.main(session, shop.organisation.id)
    assert main is not None
    assert main.public_id == second.public_id


# --- the second factor ------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_somebody_without_a_second_factor_is_led_to_set_it_up(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs, method: str
) -> None:
    person = shop.people[Role.MANAGER]
    person.totp_confirmed_at = None
    sign_in_as(person)
    assert client.get(shop.path).status_code == 200  # looking is free

    answer = client.open(f"{shop.page}/confirm", method=method, follow_redirects=False)

    assert answer.status_code == 303
    onward = client.get(answer.location)
    assert onward.location.startswith("/account/second-factor/set-up?next=")
    assert shop.account.public_id in onward.location
    assert state(session, shop) is State.PROPOSED


@pytest.mark.parametrize(("minutes", "asked"), [(14, False), (15, False), (16, True), (600, True)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_factor_shown_long_ago_is_asked_for_again(
    client: FlaskClient,
    session: Session,
    shop: Shop,
    sign_in_as: SignInAs,
    minutes: int,
    asked: bool,
    method: str,
) -> None:
    sign_in_as(shop.people[Role.MANAGER], second_factor=True)

    with clock.frozen(NOON + timedelta(minutes=minutes)):
        answer = client.open(f"{shop.page}/confirm", method=method)

        went_there = answer.location or ""
        assert went_there.startswith("/account/second-factor?next=") is asked
        if asked:
            again = client.get(went_there)
            assert again.status_code == 200
            assert "nhập mã thêm một lần" in again.text
    confirmed = method == "POST" and not asked
    assert (state(session, shop) is State.ACTIVE) is confirmed


def test_a_fresh_factor_leads_back_to_the_page(
    client: FlaskClient, session: Session, shop: Shop, sign_in_as: SignInAs
) -> None:
    sign_in_as(shop.people[Role.MANAGER], second_factor=True)
    later = NOON + timedelta(hours=1)
    with clock.frozen(later):
        where = client.get(f"{shop.page}/confirm").location
        session.scalars(select(SignIn)).one().second_factor_at = later
        session.commit()
        assert client.get(where).location == f"{shop.page}/confirm"
        assert client.get(f"{shop.page}/confirm").status_code == 200


# --- the authority ----------------------------------------------------------------------------


@pytest.fixture
def officer(session: Session) -> Any:
    authority = factories.OrganisationFactory.create(kind=Kind.AUTHORITY)
    person = factories.PersonFactory.create(totp_confirmed_at=NOON)
    factories.MembershipFactory.create(
        organisation=authority, person_id=person.id, role=Role.OFFICER
    )
    return person


def test_the_authority_is_the_second_pair_of_eyes_for_those_who_work_alone(
    client: FlaskClient, session: Session, shop: Shop, officer: Any, sign_in_as: SignInAs
) -> None:
    sign_in_as(officer, second_factor=True)

    queue = client.get("/ops/accounts").text
    assert shop.organisation.name in queue
    assert "•••• 6789" in queue
    assert NUMBER not in queue
    page = f"/ops/accounts/{shop.account.public_id}"
    assert GROUPED in client.get(page).text

    assert client.post(page, data={"act": "confirm"}).location == "/ops/accounts"
    assert state(session, shop) is State.ACTIVE
    assert shop.organisation.name not in client.get("/ops/accounts").text
    again = client.post(page, data={"act": "confirm"})
    assert again.status_code == 422
    assert "đã có người làm rồi" in again.text


def test_the_authority_declines_with_a_reason(
    client: FlaskClient, session: Session, shop: Shop, officer: Any, sign_in_as: SignInAs
) -> None:
    sign_in_as(officer, second_factor=True)
    page = f"/ops/accounts/{shop.account.public_id}"

    assert client.post(page, data={"reason": " "}).status_code == 422
    assert state(session, shop) is State.PROPOSED
    client.post(page, data={"reason": "Không khớp giấy"})
    assert state(session, shop) is State.DECLINED


def test_the_queue_is_the_authoritys_alone(
    client: FlaskClient, session: Session, shop: Shop, officer: Any, sign_in_as: SignInAs
) -> None:
    page = f"/ops/accounts/{shop.account.public_id}"
    sign_in_as(shop.people[Role.OWNER], second_factor=True)
    assert client.get("/ops/accounts").status_code == 404
    assert client.post(page, data={"act": "confirm"}).status_code == 404

    sign_in_as(officer, second_factor=True)
    with clock.frozen(NOON + timedelta(hours=1)):
        assert client.get("/ops/accounts").status_code == 200
        assert "second-factor" in client.post(page, data={"act": "confirm"}).location
    assert state(session, shop) is State.PROPOSED


def test_the_stalls_poster_is_printed_for_an_account_in_use(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, shop: Shop
) -> None:
    sign_in_as(shop.people[Role.ACCOUNTANT], second_factor=True)
    assert client.get(f"{shop.page}/poster.pdf").status_code == 404, "nobody has confirmed it yet"
    confirm(session, shop)

    answer = client.get(f"{shop.page}/poster.pdf")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    with pypdfium2.PdfDocument(answer.data) as document:
        drawn = document[0].render(scale=3).to_pil()
    (found,) = zxingcpp.read_barcodes(drawn)
    payload = decode(found.text)
    assert (payload.account, payload.amount) == (shop.account.number, None)
    assert f"{shop.page}/poster.pdf" in client.get(shop.page).text
