"""Builds a province that can be clicked through: real names and places, invented everything else.

Nobody's phone rings: the numbers begin with 0550, a range that was never given out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.ocop.models import (
    Certificate,
    CertificateProduct,
    IssuerLevel,
)
from catalog.ocop.models import State as CertificateState
from catalog.products.events import ProductChanged
from catalog.products.models import NetUnit, Product, ProductPhoto, Variant
from catalog.products.models import State as ProductState
from foundation import clock
from foundation.accounts import service as accounts
from foundation.accounts.models import Person
from foundation.accounts.rules import Contact
from foundation.audit.rules import SYSTEM
from foundation.crypto import encrypt
from foundation.organisations.models import Kind, Membership, Organisation, Role, State
from foundation.organisations.rules import SELLING_KINDS
from foundation.outbox import service as outbox
from foundation.places import queries as places
from foundation.places.models import AdminUnit
from foundation.storage import service as storage
from foundation.text import fold, slugify, sort_key
from marketplace.demo import rules
from marketplace.demo.books import service as demo_books
from marketplace.demo.payments import service as demo_payments
from marketplace.demo.rules import Listed

PASSWORD: Final = "phien cho que minh"  # noqa: S105  # printed at every start
# The officer's authenticator secret: known to all, which is why the demo never runs for real.
OFFICER_SECRET: Final = "PHIENCHODEMO2234PHIENCHODEMO2234"  # noqa: S105  # public on purpose
OFFICER_PHONE: Final = "0550000001"
SELLER_PHONE: Final = "0550000002"
BUYER_PHONE: Final = "0550000003"
PARTNER_PHONE: Final = "0550000004"
SAMPLE_SELLER: Final = "Bánh tráng phơi sương"
SEED: Final = 2026

KINDS: Final = {
    "cooperative": Kind.COOPERATIVE,
    "enterprise": Kind.ENTERPRISE,
    "household_business": Kind.HOUSEHOLD_BUSINESS,
}
ISSUERS: Final = {
    IssuerLevel.DISTRICT: "Uỷ ban nhân dân huyện (mẫu)",
    IssuerLevel.PROVINCE: "Uỷ ban nhân dân tỉnh (mẫu)",
    IssuerLevel.CENTRAL: "Bộ Nông nghiệp và Môi trường (mẫu)",
}


@dataclass(frozen=True, kw_only=True)
class SignInSample:
    """Somebody to look around as."""

    who: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Built:
    """How much was made."""

    organisations: int
    products: int
    certificates: int


def sign_ins() -> list[SignInSample]:
    """Return who can be signed in as; everybody's password is PASSWORD."""
    return [
        SignInSample(who="Cán bộ sở (duyệt hồ sơ)", phone=OFFICER_PHONE),
        SignInSample(who="Chủ lò bánh tráng (bán hàng)", phone=SELLER_PHONE),
        SignInSample(who="Người mua", phone=BUYER_PHONE),
        SignInSample(who="Người cùng quản lý lò bánh (duyệt hoàn tiền)", phone=PARTNER_PHONE),
    ]


def officer_code() -> str:
    """Return the second factor of the demo's officer just now, for the page that asks for it."""
    return pyotp.TOTP(OFFICER_SECRET).at(clock.now())


def is_empty(session: Session) -> bool:
    """Say whether nobody has used this database yet."""
    return session.scalar(select(Person.id).limit(1)) is None


def build(session: Session, *, now: datetime, data_key: str, password_hash: str) -> Built:
    """Fill an empty database. Places and categories are loaded already."""
    builder = _Builder(session, now=now, data_key=data_key, password_hash=password_hash)
    builder.people()
    for number, (kind, _place, rows) in enumerate(rules.shops(), start=1):
        builder.shop(number, kind, rows)
    builder.waiting()
    builder.payments()
    session.flush()
    return builder.built()


class _Builder:
    """Carries what all steps need; each step adds rows and nothing else."""

    def __init__(
        self, session: Session, *, now: datetime, data_key: str, password_hash: str
    ) -> None:
        self.session = session
        self.now = now
        self.data_key = data_key
        self.password_hash = password_hash
        self.chance = random.Random(SEED)
        self.categories = {row.code: row for row in session.scalars(select(Category))}
        self.slugs: set[str] = set()
        self.ages = rules.ages(self.chance)
        self.products: list[Product] = []
        self.organisations: list[Organisation] = []
        self.certificates: list[Certificate] = []

    def built(self) -> Built:
        return Built(
            organisations=len(self.organisations),
            products=len(self.products),
            certificates=len(self.certificates),
        )

    # --- people ---------------------------------------------------------------------------

    def people(self) -> None:
        self.officer = officer = self.person("Trần Minh Thuận", OFFICER_PHONE)
        officer.totp_secret_encrypted = encrypt(OFFICER_SECRET, self.data_key)
        officer.totp_confirmed_at = self.now
        self.office = office = self.organisation(
            "Sở Nông nghiệp và Môi trường tỉnh mẫu", Kind.AUTHORITY, None, "0550000009"
        )
        self.member(office, officer, Role.OWNER)
        self.person("Lê Thị Xuân", BUYER_PHONE)
        self.seller = self.person("Nguyễn Thị Hiền", SELLER_PHONE)
        self.partner = self.person("Huỳnh Minh Đạt", PARTNER_PHONE)

    def person(self, name: str, phone: str) -> Person:
        return accounts.create_person(
            self.session,
            full_name=name,
            contact=Contact(phone=phone),
            password_hash=self.password_hash,
            now=self.now,
            actor=SYSTEM,
        )

    def member(self, organisation: Organisation, person: Person, role: Role) -> None:
        self.session.add(
            Membership(
                organisation_id=organisation.id, person_id=person.id, role=role, since=self.now
            )
        )

    # --- shops ----------------------------------------------------------------------------

    def organisation(
        self, name: str, kind: Kind, commune: AdminUnit | None, phone: str
    ) -> Organisation:
        row = Organisation(
            kind=kind,
            state=State.VERIFIED,
            name=name,
            slug=self.slug(name),
            sort_key=sort_key(name),
            fold_key=fold(name),
            phone=phone,
            commune_code=commune.code if commune else None,
            demo=True,
            created_at=self.now - timedelta(days=400),
            submitted_at=self.now - timedelta(days=399),
            decided_at=self.now - timedelta(days=396),
        )
        self.session.add(row)
        self.session.flush()
        self.organisations.append(row)
        return row

    def shop(self, number: int, kind: str, rows: list[Listed]) -> None:
        commune = self.commune_of(rows[0])
        organisation = self.organisation(
            self.new_name(rules.shop_name(kind, commune.name, number)),
            KINDS[kind],
            commune,
            f"0550{number:06d}" if number > 99 else f"05501{number:05d}",
        )
        organisation.representative = rules.owner_name(number)
        organisation.address = rows[0].place
        organisation.story = rules.shop_story(kind, commune.name)
        if any(row.name == SAMPLE_SELLER for row in rows):
            self.member(organisation, self.seller, Role.OWNER)
            self.member(organisation, self.partner, Role.MANAGER)
            self.sample = organisation
            organisation.representative = self.seller.full_name
        for row in rows:
            product = self.product(organisation, commune, row)
            self.recognise(organisation, product, row)

    def new_name(self, name: str) -> str:
        """Return the name, told apart from shops that have it already."""
        known = sum(row.name.startswith(name) for row in self.organisations)
        return f"{name} {known + 1}" if known else name

    def commune_of(self, row: Listed) -> AdminUnit:
        """Return a commune for the printed place; where it was split or only a district is named,
        the first one it may be, for nobody lives in the demo."""
        found = places.resolve_old(self.session, f"{row.place}, {row.province}")
        codes = found.codes()
        if codes:
            return self.session.get_one(AdminUnit, codes[0])
        return self.session.scalars(
            select(AdminUnit)
            .where(AdminUnit.province_code == rules.province_code(row.province))
            .order_by(AdminUnit.sort_key)
            .limit(1)
        ).one()

    # --- goods ----------------------------------------------------------------------------

    def product(self, organisation: Organisation, commune: AdminUnit, row: Listed) -> Product:
        goods = rules.goods_of(row.name)
        category = self.categories[goods.category]
        listed_at = self.now - timedelta(hours=5 + 7 * self.ages[row])
        product = Product(
            organisation_id=organisation.id,
            category_id=category.id,
            commune_code=commune.code,
            name=row.name,
            slug=self.slug(row.name),
            summary=goods.summary,
            description=goods.story,
            ingredients=goods.ingredients,
            storage=goods.storage,
            shelf_life_days=goods.shelf,
            adults_only=category.alcohol,
            state=ProductState.PUBLISHED,
            created_at=listed_at,
            updated_at=listed_at,
            submitted_at=listed_at,
            published_at=listed_at,
            variants=[
                Variant(
                    name=name,
                    price=self.price(price),
                    net_amount=net,
                    net_unit=NetUnit(unit),
                    stock=self.chance.choice((0, 6, 18, 24, 40, 64, 120)) if at else 30,
                    position=at,
                )
                for at, (name, net, unit, price) in enumerate(goods.sizes)
            ],
        )
        self.session.add(product)
        self.session.flush()
        self.picture(product, goods.alt)
        outbox.record(self.session, ProductChanged(product_id=product.id, occurred_at=self.now))
        self.products.append(product)
        return product

    def price(self, usual: int) -> int:
        """Return a price near the usual one, to the thousand đồng, so that shops differ."""
        return max(1000, usual * self.chance.randint(92, 110) // 100 // 1000 * 1000)

    def picture(self, product: Product, alt: str) -> None:
        path = rules.PICTURES / f"{rules.picture_of(product.name)}.svg"
        file = storage.keep_drawing(
            self.session,
            path.read_bytes(),
            name=path.name,
            organisation_id=product.organisation_id,
            actor=SYSTEM,
            now=self.now,
        )
        self.session.flush()
        self.session.add(ProductPhoto(product_id=product.id, file_id=file.id, alt=alt, position=0))

    def recognise(self, organisation: Organisation, product: Product, row: Listed) -> None:
        known = rules.recognition(row)
        if known is None:
            return
        level = IssuerLevel.CENTRAL if known.stars == 5 else IssuerLevel.PROVINCE
        if "district" in row.note:
            level = IssuerLevel.DISTRICT
        certificate = Certificate(
            organisation_id=organisation.id,
            decision_number=f"Mẫu {len(self.certificates) + 1:03d}/QĐ-UBND",
            issuer_level=level,
            issuer=ISSUERS[level],
            stars=known.stars,
            issued_on=known.issued_on,
            lapses_on=known.lapses_on,
            state=CertificateState.VERIFIED,
            created_at=self.now,
            decided_at=self.now,
            covers=[CertificateProduct(product_id=product.id)],
        )
        self.session.add(certificate)
        self.certificates.append(certificate)

    # --- what waits for the province ------------------------------------------------------

    def waiting(self) -> None:
        """Leave something to decide: an application, products and a pending five-star file."""
        waiting = self.organisation(
            "Tổ hợp tác Rau rừng Lộc Trát mẫu",
            Kind.COOPERATIVE,
            self.session.get(AdminUnit, self.organisations[1].commune_code or ""),
            "0550000050",
        )
        waiting.state = State.SUBMITTED
        waiting.representative = "Phan Văn Lộc"
        waiting.submitted_at = self.now - timedelta(days=3)
        waiting.decided_at = None
        first = self.products[0]
        self.session.add(
            Certificate(
                organisation_id=first.organisation_id,
                decision_number="Mẫu 500/QĐ-BNNMT",
                issuer_level=IssuerLevel.CENTRAL,
                issuer=ISSUERS[IssuerLevel.CENTRAL],
                stars=5,
                issued_on=clock.day(self.now) - timedelta(days=20),
                lapses_on=clock.add_months(clock.day(self.now) - timedelta(days=20), 36),
                state=CertificateState.SUBMITTED,
                created_at=self.now,
                submitted_at=self.now - timedelta(days=2),
                covers=[CertificateProduct(product_id=first.id)],
            )
        )

    def payments(self) -> None:
        demo_payments.fill(
            self.session,
            [row for row in self.organisations if row.kind in SELLING_KINDS and row.decided_at],
            self.sample,
            proposed_by=self.seller.id,
            confirmed_by=self.officer.id,
            data_key=self.data_key,
            now=self.now,
        )
        demo_books.fill(
            self.session,
            self.sample,
            self.office,
            seller_id=self.seller.id,
            officer_id=self.officer.id,
            now=self.now,
        )

    def slug(self, name: str) -> str:
        plain = slugify(name)
        wanted, number = plain, 1
        while wanted in self.slugs:
            number += 1
            wanted = f"{plain}-{number}"
        self.slugs.add(wanted)
        return wanted
