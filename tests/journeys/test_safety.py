"""Doors, second factor, other devices, two people at one form, and a network that goes away."""

from __future__ import annotations

import re
from typing import Any

import pyotp

from marketplace.demo.service import SAMPLE_SELLER
from tests.journeys import steps
from tests.journeys.conftest import Visit
from tests.journeys.visitor import DESKTOP, PHONE, Size

REFUSAL = "Chưa đăng nhập được."


def test_second_factor_and_other_devices(visit: Visit, size: Size) -> None:
    person = visit(size=size)
    person.go("/sign-up")
    phone = steps.sign_up(person, "Lý Thị Mai")
    other = visit(size=size, script=False)
    steps.sign_in(other, phone, steps.OWN_PASSWORD)
    person.go("/account/second-factor")
    person.press("Bắt đầu")
    secret = person.main.locator(".code").inner_text().replace(" ", "")
    person.fill("Mã 6 số ứng dụng", "000000")
    person.press("Bật xác thực hai lớp", status=422)
    person.fill("Mã 6 số ứng dụng", pyotp.TOTP(secret).now())
    person.press("Bật xác thực hai lớp")
    spare = person.main.locator("li.code").first.inner_text()
    person.follow("Tôi đã cất mã, đi tiếp")

    person.go("/account/sign-ins")
    person.press("Đăng xuất mọi máy khác")
    other.go("/account")
    assert other.path.startswith("/sign-in")
    person.go("/account")
    person.press("Đăng xuất")
    steps.sign_in(person, phone, steps.OWN_PASSWORD)
    person.sees("Còn một bước")
    person.go("/account")
    person.sees("Còn một bước")
    person.fill("Mã trong ứng dụng xác thực", spare)
    person.press("Tiếp tục")
    person.sees("Lý Thị Mai")


def test_the_door_answers_the_same_and_shuts_for_a_while(visit: Visit) -> None:
    person = visit(size=DESKTOP)
    person.go("/sign-up")
    phone = steps.sign_up(person, "Lý Thị Lựu")
    stranger = visit(size=PHONE, script=False)
    answers = set()
    for contact in (phone, stranger.platform.new_phone()):
        for _ in range(5):
            stranger.go("/sign-in")
            stranger.fill("Số điện thoại hoặc e-mail", contact)
            stranger.fill("Mật khẩu", "đoán bừa một câu")
            stranger.press("Đăng nhập", status=422)
            answers.add(re.sub(r"\d", "", stranger.words()))
    assert len(answers) == 1
    stranger.sees(REFUSAL)
    stranger.go("/sign-in")
    stranger.fill("Số điện thoại hoặc e-mail", phone)
    stranger.fill("Mật khẩu", steps.OWN_PASSWORD)
    stranger.press("Đăng nhập", status=422)
    stranger.sees(REFUSAL, "chờ ít phút")
    sent = len(stranger.platform.messages(phone))
    stranger.press("Gửi mã vào điện thoại tôi")
    stranger.fill("Mã 6 số", stranger.platform.code(phone, earlier=sent))
    stranger.press("Tiếp tục")
    stranger.sees("Lý Thị Lựu")


def test_of_two_at_one_form_the_second_is_told(visit: Visit, seller_state: Any) -> None:
    first = visit(size=DESKTOP, signed_in=seller_state)
    second = visit(size=PHONE, script=False, signed_in=seller_state)
    for each in (first, second):
        each.go("/sell")
        each.go(f"{each.path}/products")
        each.follow(SAMPLE_SELLER)
    first.fill("Giới thiệu trong một câu", "Phơi một đêm sương, dẻo mà không dính.")
    first.press("Lưu")
    second.fill("Giới thiệu trong một câu", "Bánh hai lớp, phơi sương.")
    second.press("Lưu", status=409)
    second.sees("đã sửa món này lúc")
    assert second.field("Giới thiệu").input_value() == "Bánh hai lớp, phơi sương."
    second.press("Lưu")
    second.sees("Đã lưu.")
    first.go(first.path)
    assert first.field("Giới thiệu").input_value() == "Bánh hai lớp, phơi sương."


def test_what_is_typed_outlives_the_tab(visit: Visit, seller_state: Any) -> None:
    seller = visit(size=PHONE, signed_in=seller_state)
    seller.go("/sell")
    seller.go(f"{seller.path}/products")
    seller.follow(SAMPLE_SELLER)
    address = seller.path
    story = seller.field("Kể về món này")
    story.fill("Bánh nhà tráng tay, phơi từ tối đến sáng.")
    seller.remembers("Object.keys(localStorage).join().includes('draft:')", "the draft to be kept")
    seller.go("/products")
    seller.go(address)
    assert story.input_value() == "Bánh nhà tráng tay, phơi từ tối đến sáng."
    seller.sees("Đã lấy lại phần viết dở")
    seller.button("Bỏ phần viết dở").click()


def test_without_a_network(visit: Visit) -> None:
    buyer = visit(size=PHONE, service_workers=True)
    buyer.go("/")
    buyer.remembers("navigator.serviceWorker.controller !== null", "the service worker")
    buyer.go("/places")
    seen = buyer.words()
    with buyer.offline():
        buyer.page.goto("/sellers")
        buyer.sees("Máy của bạn đang mất mạng")
        buyer.page.goto("/places")
        assert buyer.words() == seen
    buyer.go("/sellers")
    buyer.sees("Người bán")
