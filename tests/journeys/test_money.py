"""People at work with money: deciding what it is for, statements, giving back, accounts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FilePayload

from foundation import clock
from marketplace.demo import service as demo
from tests.journeys import steps
from tests.journeys.conftest import Visit
from tests.journeys.platform import Platform, until
from tests.journeys.test_paying import NOTICES, notice, tell
from tests.journeys.visitor import DESKTOP, PHONE, Size, Visitor

COLUMNS = "Ngày giao dịch;Tiền vào;Tiền ra;Nội dung;Số tham chiếu"
ON_BOTH = pytest.mark.parametrize(
    ("size", "script"),
    [(PHONE, True), (PHONE, False), (DESKTOP, True)],
    ids=["phone", "phone-no-scripts", "desktop"],
)


def enter(visitor: Visitor) -> str:
    """Go to the seller's money; return the address of its pages."""
    visitor.go("/sell")
    visitor.go(f"/money/{visitor.path.rsplit('/', 1)[-1]}")
    return visitor.path


def arrive(visitor: Visitor, platform: Platform, home: str, amount: int, words: str) -> None:
    """Let money come whose memo names nothing, and open it."""
    facts = notice("", amount)
    facts["content"] = f"{words} {facts['id']}"
    tell(platform, facts)
    row = visitor.main.locator("tbody tr").filter(has_text=f"{amount:,}".replace(",", "."))
    visitor.look_again(
        f"{home}/lists/waiting", lambda: row.count() > 0, f"{words} among what waits"
    )
    visitor.lead(row.get_by_role("link").first.click)
    visitor.sees(words, str(facts["id"]), "Không có mã")


@ON_BOTH
def test_deciding_about_money_and_taking_it_back(
    visit: Visit, platform: Platform, seller_state: Any, size: Size, script: bool
) -> None:
    seller = visit(size=size, script=script, signed_in=seller_state)
    home = enter(seller)
    seller.sees("Cần xem", "chờ xử lý")
    amount = 310_000 + next(NOTICES)
    arrive(seller, platform, home, amount, "Tien nha chuyen qua")
    movement = seller.path
    seller.follow("Không thuộc khoản thu")
    seller.press("Xác nhận không thuộc khoản thu", status=422)
    seller.fill("Ghi thêm hoặc lý do khác", "Tiền nhà chuyển nhầm tài khoản")
    seller.press("Xác nhận không thuộc khoản thu")
    shown = f"{amount:,}".replace(",", ".")
    seller.go(f"{home}/lists/decided")
    seller.sees(shown)
    seller.go(movement)
    seller.sees("Đã quyết định", "Tiền nhà chuyển nhầm tài khoản", "Nguyễn Thị Hiền")
    seller.follow("Gỡ")
    seller.fill("Ghi thêm hoặc lý do khác", "Đúng là tiền hàng")
    seller.press("Gỡ")
    seller.go(movement)
    seller.sees("Chờ xử lý", "Đã gỡ", "Đúng là tiền hàng")
    seller.go(f"{home}/lists/waiting")
    seller.sees(shown)


@ON_BOTH
def test_a_statement_is_looked_through_and_imported(
    visit: Visit, seller_state: Any, size: Size, script: bool
) -> None:
    seller = visit(size=size, script=script, signed_in=seller_state)
    home = enter(seller)
    number = next(NOTICES)
    today = f"{clock.day(clock.now()):%d/%m/%Y}"
    rows = (
        f"{today};{400_000 + number};;KHACH SI {number} THANH TOAN;FT9{number}001",
        f"{today};;{20_000 + number};PHI CHUYEN TIEN {number};FT9{number}002",
    )
    text = "\ufeff" + "\r\n".join((COLUMNS, *rows)) + "\r\n"
    sheet = FilePayload(name=f"sao-ke-{number}.csv", mimeType="text/csv", buffer=text.encode())
    seller.go(f"{home}/statements")
    seller.choose_files(seller.page.locator("input[type=file]"), sheet)
    if seller.field("Tài khoản").locator("option").count() > 1:
        seller.field("Tài khoản").select_option(index=1)
    seller.press("Gửi và xem trước")
    seller.sees("Xem trước sao kê", f"KHACH SI {number} THANH TOAN", "Sẽ vào sổ 2 khoản")
    statement = seller.path
    seller.press("Nhập 2 dòng")
    seller.look_again(
        statement, lambda: "Sao kê đã nhập" in seller.words(), "the statement to be imported"
    )
    seller.sees("2 khoản mới")
    seller.go(f"{home}/lists/waiting")
    seller.sees(f"KHACH SI {number}")


@pytest.fixture(scope="module")
def partner_state(browser: Any, platform: Platform) -> Any:
    with Visitor(browser, platform, size=PHONE, came_from="198.51.101.3") as partner:
        steps.sign_in(partner, demo.PARTNER_PHONE, steps.DEMO_PASSWORD)
        return partner.context.storage_state()


@ON_BOTH
def test_giving_back_needs_a_second_person(
    visit: Visit,
    platform: Platform,
    seller_state: Any,
    partner_state: Any,
    size: Size,
    script: bool,
) -> None:
    seller = visit(size=size, script=script, signed_in=seller_state)
    partner = visit(size=size, script=script, signed_in=partner_state)
    amount = 2_500_000 + next(NOTICES)
    arrive(seller, platform, enter(seller), amount, "Chuyen nham tai khoan")
    seller.follow("Hoàn lại người chuyển")
    seller.fill("Lý do hoàn", "Khách chuyển nhầm tài khoản")
    seller.tick("Chuyển khoản", exact=False)
    seller.field("Ngân hàng của người nhận").select_option("970436")
    seller.fill("Số tài khoản người nhận", "0123 456 789")
    seller.fill("Tên chủ tài khoản", "Lâm Quốc Bảo")
    seller.press("Gửi đề nghị")
    seller.sees("Chờ duyệt", "LAM QUOC BAO", "cần người khác duyệt")
    refund = seller.path
    partner.go(refund)
    partner.press("Duyệt hoàn")
    partner.sees("Đã duyệt, chờ chuyển")
    seller.go(refund)
    picture = seller.page.locator(".qr img")
    until(lambda: picture.evaluate("one => one.complete && one.naturalWidth > 0"), "the code")
    seller.press("Đã chuyển xong")
    seller.sees("Đã chuyển, chờ ngân hàng báo")


def test_the_authority_confirms_an_account(
    visit: Visit, seller_state: Any, officer_state: Any
) -> None:
    officer = visit(size=PHONE, signed_in=officer_state)
    officer.go("/ops/accounts")
    officer.lead(officer.main.locator(".list a").first.click)
    officer.sees("Nguyễn Thị Hiền", "So với giấy của ngân hàng")
    officer.press("Khớp từng số, xác nhận")
    officer.go("/ops/accounts")
    officer.sees("Không có tài khoản nào đang chờ")
