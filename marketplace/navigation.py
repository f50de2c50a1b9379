"""The ways through the platform: what stands in the header, at the bottom and in the footer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

from flask import current_app, g, request, url_for
from flask_babel import gettext as _

from foundation.config import Config
from foundation.web.access import Acting, Me, access_of, me_or_none
from foundation.web.frame import section
from foundation.web.i18n import language
from marketplace.demo.payments.rules import PAGE as DEMO_PAYMENT


@dataclass(frozen=True, kw_only=True)
class Link:
    label: str
    url: str
    icon: str = ""
    current: bool = False
    push: bool = False
    count: int = 0
    initials: str = ""
    person: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    label: str
    links: list[Link]


@dataclass(frozen=True, kw_only=True)
class Navigation:
    corner: Link | None
    top: list[Link]
    bottom: list[Link]
    foot: list[Column] = field(default_factory=list)
    tabs: list[Link] = field(default_factory=list)  # under the header, within one part


def navigation() -> Navigation:
    """Return the links for this request: of the shop, or of whoever works here."""
    acting: Acting | None = g.get("acting")
    person = me_or_none()
    if acting is not None and acting.kind == "authority":
        return _authority(acting)
    if acting is not None:
        return _seller(acting)
    if person is not None:
        return _shop(person, request.path)
    return _shop_of_visitor(language(), f"/{section()}", _demo=_is_demo())


@lru_cache(maxsize=64)
def _shop_of_visitor(_language: str, here: str, *, _demo: bool) -> Navigation:
    """Return what every visitor sees in this section and language: made once."""
    return _shop(None, here)


def _shop(person: Me | None, here: str) -> Navigation:
    account = Link(
        label=person.full_name if person else _("Đăng nhập"),
        url=url_for("accounts.home") if person else url_for("accounts.sign_in"),
        icon="user",
        push=True,
        count=person.unread if person else 0,
        current=here.startswith("/account"),
    )
    shops = [m for m in person.memberships if m.kind != "authority"] if person else []
    own = Link(
        label=_("Gian hàng của tôi") if shops else _("Mở gian hàng"),
        url=url_for("sellers.home"),
        icon="basket",
        current=here.startswith("/sell/") or here == "/sell",
    )
    goods = Link(
        label=_("Đặc sản"), url="/products", icon="goods", current=here.startswith("/products")
    )
    sellers = Link(
        label=_("Người bán"), url="/sellers", icon="box", current=here.startswith("/sellers")
    )
    places = Link(
        label=_("Xã, phường"), url="/places", icon="pin", current=here.startswith("/places")
    )
    home = Link(label=_("Trang chủ"), url="/", icon="home", current=here == "/")
    me_link = Link(
        label=_("Tôi"),
        url=account.url,
        icon="user",
        current=account.current,
        count=account.count,
    )
    return Navigation(
        corner=None,
        top=[goods, sellers, places, own, account],
        bottom=[home, goods, places, replace(own, label=_("Bán hàng")), me_link],
        foot=_foot(),
    )


def _seller(acting: Acting) -> Navigation:
    links = [link for permission, link in _desk(acting) if permission in acting.permissions]
    out = Link(label=_("Xem chợ"), url="/", icon="basket", push=True)
    tabs = _money_tabs(acting) if request.path.startswith("/money/") else []
    return Navigation(
        corner=_corner(acting), top=[*links, out], bottom=links, foot=_foot(), tabs=tabs
    )


def _desk(acting: Acting) -> list[tuple[str, Link]]:
    """Return the parts of a seller's desk, each with the permission it takes."""
    here, org = request.path, acting.public_id
    today = Link(
        label=_("Hôm nay"),
        url=url_for("sellers.desk", org=org),
        icon="home",
        current=here.rstrip("/") == f"/sell/{org}",
    )
    goods = Link(
        label=_("Hàng bán"),
        url=url_for("products.index", org=org),
        icon="goods",
        current="/products" in here,
    )
    certificates = Link(
        label=_("Chứng nhận"),
        url=url_for("ocop.index", org=org),
        icon="check",
        current="/certificates" in here,
    )
    own = Link(
        label=_("Gian hàng"),
        url=url_for("organisations.show", org=org),
        icon="basket",
        current="/organisation" in here or "/members" in here,
    )
    return [
        ("organisation.view", today),
        ("products.edit", goods),
        ("certificates.edit", certificates),
        ("payments.view", _money(org)),
        ("organisation.view", own),
    ]


def _money(org: str) -> Link:
    return Link(
        label=_("Tiền"),
        url=url_for("board.index", org=org),
        icon="money",
        current=request.path.startswith("/money/"),
    )


def _money_tabs(acting: Acting) -> list[Link]:
    """Return the pages about money that this person may open, each as its route says."""
    named = [
        (_("Thu tại quầy"), "counter.desk"),
        (_("Tiền mặt"), "cash_desk.index"),
        (_("Sao kê"), "statements.index"),
        (_("Hoàn tiền"), "refunds.index"),
        (_("Sổ cái"), "ledger.index"),
        (_("Tài khoản"), "bank_accounts.index"),
        (_("Kết nối"), "bank_feeds.index"),
    ]
    if acting.kind == "authority":
        named.insert(0, (_("Chờ xác nhận"), "bank_accounts.queue"))
        named.append((_("Chuyển người bán"), "payouts.index"))
        named.append((_("Duyệt hoàn"), "refunds.asked"))
        named.append((_("Thu hộ"), "cash_on_delivery.index"))
    else:
        named.append((_("Sàn chuyển"), "payouts.own"))
        named.append((_("Thu hộ"), "cash_on_delivery.of_seller"))
    tabs = []
    for label, endpoint in named:
        access = access_of(current_app.view_functions[endpoint])
        if access is not None and access.permission in acting.permissions:
            url = url_for(endpoint, org=acting.public_id)
            url = url.partition("?")[0]  # the authority's own pages name no organisation
            tabs.append(Link(label=label, url=url, current=request.path.startswith(url)))
    return tabs


def _authority(acting: Acting) -> Navigation:
    here = request.path
    links = [
        Link(
            label=_("Hôm nay"), url=url_for("operations.desk"), icon="home", current=here == "/ops"
        ),
        Link(
            label=_("Người bán"),
            url=url_for("operations.organisations"),
            icon="basket",
            current=here.startswith("/ops/organisations"),
        ),
        Link(
            label=_("Hàng hoá"),
            url=url_for("operations_products.index"),
            icon="goods",
            current=here.startswith("/ops/products"),
        ),
        Link(
            label=_("Chứng nhận"),
            url=url_for("operations_certificates.index"),
            icon="check",
            current=here.startswith("/ops/certificates"),
        ),
        Link(
            label=_("Tiền"),
            url=url_for("bank_accounts.queue"),
            icon="money",
            current=here.startswith(
                ("/ops/accounts", "/ops/couriers", "/ops/payouts", "/ops/refunds", "/money/")
            ),
        ),
    ]
    out = Link(label=_("Xem chợ"), url="/", icon="basket", push=True)
    tabs = _money_tabs(acting) if links[-1].current else []
    return Navigation(
        corner=_corner(acting), top=[*links, out], bottom=links, foot=_foot(), tabs=tabs
    )


def _corner(acting: Acting) -> Link:
    words = [word for word in acting.name.split() if word[0].isalnum()]
    initials = "".join(word[0] for word in words[-2:]).upper()
    return Link(label=acting.name, url=url_for("accounts.home"), initials=initials, person=True)


def _is_demo() -> bool:
    config: Config = current_app.extensions["config"]
    return config.demo


def _foot() -> list[Column]:
    to_try = [Link(label=_("Thử trang trả tiền"), url=DEMO_PAYMENT)] if _is_demo() else []
    return [
        Column(
            label=_("Người mua"),
            links=[
                Link(label=_("Tất cả đặc sản"), url="/products"),
                Link(label=_("Tìm theo xã, phường"), url="/places"),
                Link(label=_("Người bán"), url="/sellers"),
                *to_try,
            ],
        ),
        Column(
            label=_("Người bán"),
            links=[Link(label=_("Mở gian hàng"), url=url_for("sellers.home"))],
        ),
    ]
