"""The form of a product: what is typed is kept, what is wrong is said beside it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.products.models import Product, State
from foundation.organisations.models import Membership, Organisation, Role
from foundation.places.models import AdminUnit
from tests.conftest import SignInAs
from tests.factories import (
    MembershipFactory,
    PersonFactory,
    PhotoFactory,
    ProductFactory,
    VariantFactory,
)


@pytest.fixture
def seller(session: Session, sign_in_as: SignInAs) -> Organisation:
    person = PersonFactory()
    membership: Membership = MembershipFactory(person_id=person.id, role=Role.SELLER)
    sign_in_as(person)
    return membership.organisation


def jpeg(shade: int = 0, side: int = 800) -> BytesIO:
    made = BytesIO()
    Image.new("RGB", (side, side), (shade, 120, 60)).save(made, "JPEG")
    made.seek(0)
    return made


def home(seller: Organisation, product: Product | None = None, rest: str = "") -> str:
    tail = f"/{product.public_id}{rest}" if product else rest
    return f"/sell/{seller.public_id}/products{tail}"


def commune_name(session: Session, product: Product) -> str:
    unit = session.get_one(AdminUnit, product.commune_code)
    province = session.get_one(AdminUnit, unit.province_code)
    return f"{unit.name}, {province.name}"


def typed(session: Session, product: Product, **changes: Any) -> dict[str, Any]:
    size = product.variants[0] if product.variants else None
    fields: dict[str, Any] = {
        "version": product.version,
        "name": product.name,
        "category": product.category.code,
        "commune": commune_name(session, product),
        "summary": product.summary,
        "description": product.description,
        "act": "save",
    }
    if size is not None:
        fields |= {
            "sizes-0-public_id": size.public_id,
            "sizes-0-name": size.name,
            "sizes-0-amount": "500",
            "sizes-0-unit": "g",
            "sizes-0-price": "45.000",
            "sizes-0-stock": "20",
            "sizes-0-sku": "",
        }
    return fields | {name.replace("__", "-"): value for name, value in changes.items()}


# --- the first step ---------------------------------------------------------------------------


def test_a_draft_begins_with_three_lines(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    example = ProductFactory()
    page = client.get(home(seller, rest="/new"))
    assert page.status_code == 200
    sent = {
        "name": "Bánh tráng phơi sương",
        "category": "food.processed.rice_cereals",
        "commune": commune_name(session, example),
    }
    answer = client.post(home(seller, rest="/new"), data=sent)
    product = session.scalars(select(Product).where(Product.organisation_id == seller.id)).one()
    assert answer.status_code == 303
    assert answer.location.endswith(home(seller, product))
    assert product.state is State.DRAFT
    assert client.get(answer.location).status_code == 200


def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    answer = client.post(home(seller, rest="/new"), data={"name": "Bánh", "category": "nothing"})
    assert answer.status_code == 422
    assert 'value="Bánh"' in answer.text
    assert "Chọn xã, phường nơi làm ra món hàng." in answer.text
    answer = client.post(home(seller, rest="/new"), data={"name": "", "category": ""})
    assert "Ghi tên món hàng" in answer.text
    assert "Chọn một loại hàng trong danh sách." in answer.text
    assert session.scalar(select(func.count()).select_from(Product)) == 0


# --- the form ---------------------------------------------------------------------------------


def test_the_form_is_saved(session: Session, client: FlaskClient, seller: Organisation) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    sent = typed(
        session,
        product,
        name="Tên mới",
        sizes__0__amount="1,5",
        sizes__0__unit="kg",
        sizes__0__price="120k",
    )
    answer = client.post(home(seller, product), data=sent)
    assert answer.status_code == 303, answer.text
    session.expire_all()
    size = product.variants[0]
    assert (product.name, size.net_amount, size.price) == ("Tên mới", 1_500, 120_000)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Ghi tên món hàng"),
        ("sizes-0-price", "-45000", "Giá phải từ 500 ₫"),
        ("sizes-0-price", "99999999999", "Giá phải từ 500 ₫"),
        ("sizes-0-price", "rẻ", "Giá phải là số tiền chẵn đồng"),
        ("sizes-0-price", "", "Ghi giá bán của quy cách này"),
        ("sizes-0-amount", "=1+1", "Ghi lượng tịnh bằng số"),
        ("sizes-0-amount", "99999999", "Khối lượng, thể tích phải từ"),
        ("sizes-0-stock", "-1", "Số còn trong kho phải từ"),
        ("sizes-0-stock", "nhiều", "phải là số nguyên"),
        ("shelf_life_days", "0", "Hạn dùng phải từ 1"),
        ("summary", "ă" * 301, "Dài quá"),
        ("category", "food", "Chọn một loại hàng"),
        ("commune", "Xã Không Có Thật", "Không"),
    ],
)
def test_bad_input_is_answered_beside_the_field(
    session: Session,
    client: FlaskClient,
    seller: Organisation,
    field: str,
    value: str,
    words: str,
) -> None:
    product = ProductFactory(organisation=seller, name="Tên đã lưu")
    sent = typed(session, product, name="Tên đang gõ") | {field: value}
    answer = client.post(home(seller, product), data=sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'class="error-summary"' in answer.text
    if field != "name":
        assert 'value="Tên đang gõ"' in answer.text
    session.expire_all()
    assert product.name == "Tên đã lưu"


def test_html_in_a_description_is_shown_harmless(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller)
    attack = "<script>alert(1)</script> **ngon**"
    client.post(home(seller, product), data=typed(session, product, description=attack))
    shown = client.get(home(seller, product, "/preview")).text
    assert "<script>alert" not in shown
    assert "<strong>ngon</strong>" in shown


def test_a_row_is_added_and_removed_without_scripts(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    sent = typed(session, product, name="Đang gõ", act="add_size")
    more = client.post(home(seller, product), data=sent)
    assert more.status_code == 200
    assert 'name="sizes-1-price"' in more.text
    assert 'value="Đang gõ"' in more.text
    both = sent | {
        "act": "remove_size:0",
        "sizes-1-amount": "1",
        "sizes-1-unit": "kg",
        "sizes-1-price": "80000",
    }
    fewer = client.post(home(seller, product), data=both)
    assert 'name="sizes-0-price"' not in fewer.text
    assert 'name="sizes-1-price"' in fewer.text
    session.expire_all()
    assert product.name != "Đang gõ"
    del both["act"]
    kept = {name: value for name, value in both.items() if not name.startswith("sizes-0")}
    assert client.post(home(seller, product), data=kept).status_code == 303
    session.expire_all()
    assert [size.net_amount for size in product.variants] == [1_000]


def test_an_empty_row_does_not_count(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    sent = typed(session, product) | {"sizes-1-amount": "", "sizes-1-unit": "g"}
    assert client.post(home(seller, product), data=sent).status_code == 303
    session.expire_all()
    assert len(product.variants) == 1


def test_the_second_editor_is_told_and_keeps_what_was_typed(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    opened = typed(session, product, name="Bản của tôi")
    client.post(home(seller, product), data=typed(session, product, name="Bản của chị"))
    answer = client.post(home(seller, product), data=opened)
    assert answer.status_code == 409
    assert "đã sửa món này lúc 12:00, 22/11/2026" in answer.text
    assert 'value="Bản của tôi"' in answer.text
    session.expire_all()
    assert product.name == "Bản của chị"
    again = opened | {"version": product.version}
    assert f'name="version" value="{product.version}"' in answer.text
    assert client.post(home(seller, product), data=again).status_code == 303


def test_a_complete_draft_is_sent_to_review(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    answer = client.post(home(seller, product), data=typed(session, product, act="submit"))
    assert answer.status_code == 303
    session.expire_all()
    assert product.state is State.IN_REVIEW


def test_an_incomplete_draft_hears_what_is_missing(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT, photo=None)
    page = client.get(home(seller, product)).text
    assert "Còn thiếu trước khi lên chợ" in page
    sent = typed(session, product, act="submit", name="Đang gõ")
    answer = client.post(home(seller, product), data=sent)
    assert answer.status_code == 422
    assert "Thêm ít nhất một ảnh chụp món hàng." in answer.text
    assert 'value="Đang gõ"' in answer.text
    session.expire_all()
    assert (product.state, product.name == "Đang gõ") == (State.DRAFT, False)


# --- photos -----------------------------------------------------------------------------------


def test_several_photos_are_added_at_once_and_the_text_is_kept(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT, photo=None)
    sent = typed(session, product, act="photos", name="Đang gõ")
    sent["photos"] = [(jpeg(1), "mot.jpg"), (jpeg(2), "hai.jpg")]
    answer = client.post(home(seller, product), data=sent)
    assert answer.status_code == 200
    assert "Đã thêm 2 ảnh." in answer.text
    assert 'value="Đang gõ"' in answer.text
    session.expire_all()
    assert len(product.photos) == 2
    assert f'name="version" value="{product.version}"' in answer.text


def test_a_bad_photo_is_named_and_the_good_one_kept(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT, photo=None)
    sent = typed(session, product, act="save", name="Đang gõ")
    sent["photos"] = [
        (BytesIO(b"<svg onload=alert(1)>"), "../../etc/passwd.jpg"),
        (jpeg(3, side=200), "nho.jpg"),
        (jpeg(4), "tot.jpg"),
    ]
    answer = client.post(home(seller, product), data=sent)
    assert answer.status_code == 422
    assert "passwd.jpg: Tệp này không phải ảnh" in answer.text
    assert "nho.jpg: Ảnh nhỏ quá" in answer.text
    assert "../" not in answer.text.split("</header>")[1].replace("../look", "")
    session.expire_all()
    assert len(product.photos) == 1
    assert product.name != "Đang gõ"


def test_a_photo_is_removed_and_photos_are_ordered(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    second, third = PhotoFactory(product=product), PhotoFactory(product=product)
    first = product.photos[0].public_id
    sent = typed(session, product, act=f"remove_photo:{first}")
    assert client.post(home(seller, product), data=sent).status_code == 200
    session.expire_all()
    assert [photo.id for photo in product.photos] == [second.id, third.id]
    moved = typed(session, product) | {
        f"place-{third.public_id}": "1",
        f"place-{second.public_id}": "1",
        f"alt-{third.public_id}": "Bìa mới",
    }
    assert client.post(home(seller, product), data=moved).status_code == 303
    session.expire_all()
    assert product.photos[0].alt == "Bìa mới"


# --- other people -----------------------------------------------------------------------------


def test_a_stranger_finds_nothing(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    theirs = ProductFactory(name="Của người khác")
    mine = ProductFactory(organisation=seller)
    for address in (home(seller, theirs), home(seller, theirs, "/preview")):
        assert client.get(address).status_code == 404
    sent = typed(session, mine, name="Chiếm")
    assert client.post(home(seller, theirs), data=sent).status_code == 404
    for act in ("pause", "withdraw", "duplicate", "delete", "restore"):
        assert client.post(home(seller, theirs, f"/{act}")).status_code == 404
    assert client.get(home(theirs.organisation, theirs)).status_code == 404
    session.expire_all()
    assert (theirs.name, theirs.state) == ("Của người khác", State.PUBLISHED)


def test_an_accountant_may_not_edit(
    session: Session, client: FlaskClient, sign_in_as: SignInAs
) -> None:
    person = PersonFactory()
    seller = MembershipFactory(person_id=person.id, role=Role.ACCOUNTANT).organisation
    sign_in_as(person)
    assert client.get(home(seller, rest="/new")).status_code == 403


def test_nobody_signed_in_is_asked_to_sign_in(client: FlaskClient, session: Session) -> None:
    product = ProductFactory()
    assert client.get(home(product.organisation, product)).status_code == 303


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        (State.PUBLISHED, "pause", State.PAUSED),
        (State.PAUSED, "resume", State.PUBLISHED),
        (State.PUBLISHED, "withdraw", State.WITHDRAWN),
        (State.IN_REVIEW, "take_back", State.DRAFT),
    ],
)
def test_steps_are_taken_from_the_page(
    session: Session,
    client: FlaskClient,
    seller: Organisation,
    state: State,
    act: str,
    after: State,
) -> None:
    product = ProductFactory(organisation=seller, state=state)
    assert client.post(home(seller, product, f"/{act}")).status_code == 303
    session.expire_all()
    assert product.state is after
    assert client.get(home(seller, product)).status_code == 200


def test_a_draft_is_deleted_and_a_product_copied(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    draft = ProductFactory(organisation=seller, state=State.DRAFT)
    kept = ProductFactory(organisation=seller)
    assert client.post(home(seller, draft, "/delete")).status_code == 303
    assert client.post(home(seller, kept, "/delete")).status_code == 303
    assert client.post(home(seller, kept, "/duplicate")).status_code == 303
    session.expire_all()
    states = session.scalars(select(Product.state).order_by(Product.id)).all()
    assert states == [State.PUBLISHED, State.DRAFT]


@pytest.mark.parametrize("count", [1, 8])
def test_the_form_takes_the_same_statements_however_much_it_shows(
    session: Session,
    client: FlaskClient,
    seller: Organisation,
    statements: list[str],
    count: int,
) -> None:
    product = ProductFactory(organisation=seller, variant=None, photo=None)
    for number in range(count):
        VariantFactory(product=product, name=f"Gói {number}")
        PhotoFactory(product=product)
    session.expunge_all()
    statements.clear()
    assert client.get(home(seller, product)).status_code == 200
    assert len(statements) <= 15
