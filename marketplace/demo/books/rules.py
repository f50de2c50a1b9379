"""What came in at the demo's shop these weeks, and what its people have made of it. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from payments.intents.rules import PREFIX, check_character

SEED: Final = 1122
DAYS: Final = 20
SOURCE: Final = "sepay"
OTHER_SOURCE: Final = "casso"
STRANGE: Final = "404404404404"
DESK: Final = "Quầy chợ phiên"
FLOAT: Final = {100_000: 2, 50_000: 4, 20_000: 6, 10_000: 10, 5_000: 8, 2_000: 10}
COURIER: Final = "Đội giao hàng Trảng Bàng"
PARCELS: Final = (415_000, 268_000, 590_000)

PEOPLE: Final = (
    "Lê Thị Xuân",
    "Phạm Văn Tư",
    "Huỳnh Thị Mười",
    "Đặng Ngọc Lài",
    "Võ Minh Phước",
    "Bùi Thị Cúc",
    "Trần Kim Thoa",
    "Nguyễn Văn Đậm",
    "Lý Thị Huệ",
    "Phan Thị Bưởi",
)
GOODS: Final = (
    ("Bánh tráng phơi sương, 2 gói", 68_000),
    ("Bánh tráng phơi sương, 5 gói", 165_000),
    ("Bánh tráng muối tôm, 3 hộp", 96_000),
    ("Muối tôm Tây Ninh, 4 hũ", 152_000),
    ("Bánh tráng và muối tôm, hộp quà", 245_000),
    ("Bánh tráng gạo lứt, 3 gói", 84_000),
)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """Something sold: so many minutes ago, what arrived for it, minutes later."""

    minutes: int
    label: str
    amount: int
    buyer: str
    paid: tuple[int, ...] = ()
    settles_late: bool = True
    minutes_open: int | None = None


# Those that a person must look at, and those that are still waited for.
TOLD_APART: Final = (
    Sale(minutes=95, label="Đặt 10 gói cho tiệc nhà", amount=340_000, buyer="Đặng Ngọc Lài",
         paid=(200_000,)),
    Sale(minutes=150, label="Muối tôm Tây Ninh, 4 hũ", amount=152_000, buyer="Bùi Thị Cúc",
         paid=(172_000,)),
    Sale(minutes=210, label="Bánh tráng muối tôm, 3 hộp", amount=96_000, buyer="Phan Thị Bưởi",
         paid=(96_000, 96_000)),
    Sale(minutes=2 * 1440 + 300, label="Hàng sỉ cho quầy chợ Long Hoa", amount=4_800_000,
         buyer="Trần Kim Thoa", paid=(4_800_000, 4_800_000)),
    Sale(minutes=1440 + 180, label="Bánh tráng phơi sương, 5 gói", amount=165_000,
         buyer="Võ Minh Phước", paid=(165_000,), settles_late=False, minutes_open=5),
    Sale(minutes=40, label="Bánh tráng gạo lứt, 3 gói", amount=84_000, buyer="Lý Thị Huệ"),
    Sale(minutes=70, label="Bánh tráng phơi sương, 2 gói", amount=68_000, buyer="Nguyễn Văn Đậm"),
    Sale(minutes=1440 * 3, label="Bánh tráng và muối tôm, hộp quà", amount=245_000,
         buyer="Phạm Văn Tư"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Stray:
    """Money at the shop's account whose memo names nothing that is owed there."""

    minutes: int
    amount: int
    memo: str
    sender: str = ""
    out: bool = False


STRAYS: Final = (
    Stray(
        minutes=25,
        amount=68_000,
        memo="NGUYEN VAN DAM chuyen tien banh trang",
        sender="NGUYEN VAN DAM",
    ),
    Stray(minutes=130, amount=120_000, memo="CT DEN gui chi Hien nhe", sender="HUYNH THI MUOI"),
    Stray(
        minutes=1440 + 90,
        amount=99_000,
        memo=f"thanh toan {PREFIX}{STRANGE}{check_character(STRANGE)}",
        sender="LAM QUOC BAO",
    ),
    Stray(minutes=3 * 1440, amount=1_247, memo="TRA LAI TIEN GUI KHONG KY HAN"),
    Stray(
        minutes=1440 + 400,
        amount=3_500_000,
        memo="TT TIEN BOT GAO T11",
        sender="CTY BOT GAO",
        out=True,
    ),
)
KEPT: Final = Stray(
    minutes=4 * 1440,
    amount=500_000,
    memo="dat coc hang tet chi Hien",
    sender="BUI THI CUC",
)
NOT_OURS: Final = Stray(
    minutes=6 * 1440, amount=2_000_000, memo="chuyen tien nha qua", sender="NGUYEN THI HIEN"
)
TOLD_TWICE: Final = Stray(
    minutes=1440 + 30, amount=250_000, memo="mua qua bieu", sender="PHAN VAN LOC"
)
TOLD_OTHERWISE: Final = 205_000


def sales() -> Iterator[Sale]:
    """Yield what was sold and paid exactly, over the last weeks and today, the same each time."""
    chance = random.Random(SEED)
    for day in range(DAYS, 0, -1):
        for _ in range(chance.randint(1, 2)):
            yield _sale(chance, day * 1440 + chance.randint(20, 400))
    for minutes in (310, 265, 190, 115, 55, 18):
        yield _sale(chance, minutes)


def _sale(chance: random.Random, minutes: int) -> Sale:
    label, amount = chance.choice(GOODS)
    return Sale(
        minutes=minutes, label=label, amount=amount, buyer=chance.choice(PEOPLE), paid=(amount,)
    )
