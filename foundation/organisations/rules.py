"""Who may apply, with which papers, which way an application may go, what roles permit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from foundation import clock
from foundation.errors import N_
from foundation.identity import BadTaxCode, TaxCode, TaxCodeKind, check_tax_code
from foundation.organisations.errors import (
    TAX_CODE_REFUSALS,
    TaxCodeNotForKind,
)


class Kind(StrEnum):
    COOPERATIVE = "cooperative"
    ENTERPRISE = "enterprise"
    HOUSEHOLD_BUSINESS = "household_business"
    FARMER = "farmer"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    UTILITY = "utility"
    AUTHORITY = "authority"


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_MORE = "needs_more"
    VERIFIED = "verified"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    SELLER = "seller"
    ACCOUNTANT = "accountant"
    CASHIER = "cashier"
    CLASS_TEACHER = "class_teacher"
    OFFICER = "officer"
    TRAINER = "trainer"
    VIEWER = "viewer"


class Paper(StrEnum):
    """What a document of an application is."""

    BUSINESS_REGISTRATION = "business_registration"
    COMMUNE_CONFIRMATION = "commune_confirmation"
    FOUNDING_DECISION = "founding_decision"
    MEDICAL_LICENCE = "medical_licence"
    FOOD_SAFETY = "food_safety"
    OTHER = "other"


class Decision(StrEnum):
    """What the authority may answer to an application."""

    ACCEPT = "accept"
    ASK_MORE = "ask_more"
    REJECT = "reject"


NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.NEEDS_MORE, State.VERIFIED, State.REJECTED}),
    State.NEEDS_MORE: frozenset({State.SUBMITTED}),
    State.VERIFIED: frozenset({State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.VERIFIED}),
    State.REJECTED: frozenset({State.SUBMITTED}),
}
DECIDED: Final = {
    Decision.ACCEPT: State.VERIFIED,
    Decision.ASK_MORE: State.NEEDS_MORE,
    Decision.REJECT: State.REJECTED,
}
# While an application waits for an answer, what was sent is what is judged.
APPLICATION_OPEN: Final = frozenset({State.DRAFT, State.NEEDS_MORE, State.REJECTED})
PROFILE_OPEN: Final = frozenset({State.VERIFIED})
# A draft is nobody's business but its owner's.
SEEN_BY_AUTHORITY: Final = frozenset(State) - {State.DRAFT}

REVIEW_DAYS: Final = 5
MOST_DRAFTS: Final = 5
MOST_DOCUMENTS: Final = 20

SELLING_KINDS: Final = frozenset(
    {Kind.COOPERATIVE, Kind.ENTERPRISE, Kind.HOUSEHOLD_BUSINESS, Kind.FARMER}
)
APPLYING_KINDS: Final = tuple(kind for kind in Kind if kind is not Kind.AUTHORITY)
# Circular 86/2024/TT-BTC: the personal number is the tax code of persons, households and
# household businesses; everybody else has ten digits, or thirteen for a dependent unit.
PERSONAL_NUMBER_KINDS: Final = frozenset({Kind.HOUSEHOLD_BUSINESS, Kind.FARMER})

REQUIRED_PAPERS: Final[dict[Kind, tuple[Paper, ...]]] = {
    Kind.COOPERATIVE: (Paper.BUSINESS_REGISTRATION,),
    Kind.ENTERPRISE: (Paper.BUSINESS_REGISTRATION,),
    Kind.HOUSEHOLD_BUSINESS: (Paper.BUSINESS_REGISTRATION,),
    Kind.FARMER: (Paper.COMMUNE_CONFIRMATION,),
    Kind.SCHOOL: (Paper.FOUNDING_DECISION,),
    Kind.HOSPITAL: (Paper.MEDICAL_LICENCE,),
    Kind.UTILITY: (Paper.FOUNDING_DECISION,),
    Kind.AUTHORITY: (),
}
USUAL_PAPERS: Final[dict[Kind, tuple[Paper, ...]]] = {
    kind: (
        *REQUIRED_PAPERS[kind],
        *((Paper.FOOD_SAFETY,) if kind in SELLING_KINDS else ()),
        Paper.OTHER,
    )
    for kind in Kind
}
REQUIRED_FIELDS: Final[dict[str, str]] = {
    "tax_code": N_("Mã số thuế"),
    "representative": N_("Họ tên người đại diện"),
    "phone": N_("Số điện thoại liên hệ"),
    "commune": N_("Xã, phường"),
    "address": N_("Số nhà, đường, ấp"),
}

KIND_NAMES: Final[dict[Kind, str]] = {
    Kind.COOPERATIVE: N_("Hợp tác xã"),
    Kind.ENTERPRISE: N_("Công ty, doanh nghiệp"),
    Kind.HOUSEHOLD_BUSINESS: N_("Hộ kinh doanh"),
    Kind.FARMER: N_("Nông hộ, người trồng, người làm nghề"),
    Kind.SCHOOL: N_("Trường học"),
    Kind.HOSPITAL: N_("Bệnh viện, cơ sở y tế"),
    Kind.UTILITY: N_("Đơn vị cấp nước, quản lý chợ, dịch vụ công"),
    Kind.AUTHORITY: N_("Cơ quan nhà nước"),
}
KIND_HINTS: Final[dict[Kind, str]] = {
    Kind.COOPERATIVE: N_("Nhiều nhà góp vốn cùng làm, có giấy đăng ký hợp tác xã."),
    Kind.ENTERPRISE: N_("Có giấy đăng ký doanh nghiệp và mã số thuế 10 số."),
    Kind.HOUSEHOLD_BUSINESS: N_("Cơ sở, cửa hàng gia đình có giấy đăng ký hộ kinh doanh."),
    Kind.FARMER: N_("Nhà tự trồng, tự nuôi, tự làm rồi bán; chưa đăng ký kinh doanh."),
    Kind.SCHOOL: N_("Thu học phí và các khoản của học sinh."),
    Kind.HOSPITAL: N_("Thu viện phí và phí khám chữa bệnh."),
    Kind.UTILITY: N_("Thu tiền nước, phí chợ và các khoản định kỳ."),
}
STATE_NAMES: Final[dict[State, str]] = {
    State.DRAFT: N_("Bản nháp"),
    State.SUBMITTED: N_("Đang chờ xem"),
    State.NEEDS_MORE: N_("Cần bổ sung"),
    State.VERIFIED: N_("Đã xác minh"),
    State.REJECTED: N_("Không được duyệt"),
    State.SUSPENDED: N_("Đang tạm ngừng"),
}
PAPER_NAMES: Final[dict[Paper, str]] = {
    Paper.BUSINESS_REGISTRATION: N_("Giấy chứng nhận đăng ký kinh doanh"),
    Paper.COMMUNE_CONFIRMATION: N_("Giấy xác nhận của xã, phường về nơi sản xuất"),
    Paper.FOUNDING_DECISION: N_("Quyết định thành lập hoặc giấy đăng ký hoạt động"),
    Paper.MEDICAL_LICENCE: N_("Giấy phép hoạt động khám bệnh, chữa bệnh"),
    Paper.FOOD_SAFETY: N_("Giấy an toàn thực phẩm hoặc bản cam kết"),
    Paper.OTHER: N_("Giấy tờ khác"),
}
ROLE_NAMES: Final[dict[Role, str]] = {
    Role.OWNER: N_("Chủ tài khoản"),
    Role.MANAGER: N_("Quản lý"),
    Role.SELLER: N_("Bán hàng"),
    Role.ACCOUNTANT: N_("Kế toán"),
    Role.CASHIER: N_("Thu ngân"),
    Role.CLASS_TEACHER: N_("Giáo viên chủ nhiệm"),
    Role.OFFICER: N_("Chuyên viên"),
    Role.TRAINER: N_("Giảng viên"),
    Role.VIEWER: N_("Chỉ xem"),
}
ROLE_HINTS: Final[dict[Role, str]] = {
    Role.OWNER: N_("Làm được mọi việc, kể cả mời người và đổi quyền."),
    Role.MANAGER: N_("Sửa thông tin, hàng bán và chứng nhận; không đổi được quyền của ai."),
    Role.SELLER: N_("Đăng hàng, sửa giá và số lượng, thu tiền tại quầy."),
    Role.ACCOUNTANT: N_("Thu tiền, đối soát và xem sổ sách; không sửa hàng."),
    Role.CASHIER: N_("Thu tiền và đối soát; đăng nhập phải có thêm mã xác thực."),
    Role.CLASS_TEACHER: N_("Xem các khoản của lớp mình."),
    Role.OFFICER: N_("Xem và duyệt hồ sơ, hàng hoá, chứng nhận của người bán."),
    Role.TRAINER: N_("Xem số liệu và phụ trách lớp học bán hàng."),
    Role.VIEWER: N_("Xem, không sửa được gì."),
}
# What the history of an organisation says, by the action in the audit trail.
ACTION_NAMES: Final[dict[str, str]] = {
    "organisations.begun": N_("Mở hồ sơ"),
    "organisations.edited": N_("Sửa thông tin"),
    "organisations.document_added": N_("Thêm giấy tờ"),
    "organisations.document_removed": N_("Bỏ giấy tờ"),
    "organisations.logo_set": N_("Đổi ảnh đại diện"),
    "organisations.submitted": N_("Gửi hồ sơ"),
    "organisations.needs_more": N_("Yêu cầu bổ sung"),
    "organisations.verified": N_("Xác minh"),
    "organisations.rejected": N_("Không duyệt"),
    "organisations.suspended": N_("Tạm ngừng"),
    "organisations.authority_created": N_("Lập cơ quan quản lý"),
    "members.invited": N_("Mời thành viên"),
    "members.invitation_withdrawn": N_("Rút lời mời"),
    "members.joined": N_("Thành viên nhận lời"),
    "members.role_changed": N_("Đổi quyền thành viên"),
    "members.removed": N_("Bỏ thành viên"),
    "members.left": N_("Thành viên rời đi"),
}
_ALL_TENANTS: Final = (Role.OWNER, Role.MANAGER)
_SCHOOL_ROLES: Final = (*_ALL_TENANTS, Role.ACCOUNTANT, Role.CASHIER, Role.CLASS_TEACHER)
_FEE_ROLES: Final = (*_ALL_TENANTS, Role.ACCOUNTANT, Role.CASHIER, Role.VIEWER)

_SELL: Final = frozenset({"products.edit"})
_CERTIFY: Final = frozenset({"certificates.edit"})
_EDIT: Final = frozenset({"organisation.edit"})
_MANAGE: Final = frozenset({"members.manage"})
_LOOK: Final = frozenset({"organisation.view"})
_SEE_MONEY: Final = frozenset({"payments.view"})  # credits, intents, ledger, reports
_COLLECT: Final = _SEE_MONEY | {"payments.collect"}  # counter, cash desk
_RECONCILE: Final = _COLLECT | {"payments.reconcile"}  # decide about credits, statements, refunds
_APPROVE: Final = frozenset({"payments.approve"})  # refunds, payouts, accounts of somebody else
_ACCOUNTS: Final = frozenset({"payments.accounts"})  # receiving accounts, feeds, gateways

PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    Role.OWNER: _SELL | _CERTIFY | _EDIT | _MANAGE | _RECONCILE | _APPROVE | _ACCOUNTS,
    Role.MANAGER: _SELL | _CERTIFY | _EDIT | _RECONCILE | _APPROVE,
    Role.SELLER: _SELL | _COLLECT,
    Role.ACCOUNTANT: _RECONCILE,
    Role.CASHIER: _RECONCILE,
    Role.CLASS_TEACHER: frozenset(),
    Role.OFFICER: frozenset(),
    Role.TRAINER: frozenset(),
    Role.VIEWER: frozenset(),
}
AUTHORITY_PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    Role.OWNER: frozenset({"authority.view", "authority.review", "authority.payouts"})
    | _EDIT
    | _MANAGE
    | _RECONCILE
    | _APPROVE
    | _ACCOUNTS,
    Role.OFFICER: frozenset({"authority.view", "authority.review", "authority.payouts"}),
    Role.VIEWER: frozenset({"authority.view"}),
    Role.TRAINER: frozenset({"authority.view"}),
}


def permissions(kind: Kind, role: Role) -> frozenset[str]:
    """Return what a role may do in an organisation of this kind; every member may look in."""
    if kind is Kind.AUTHORITY:
        return AUTHORITY_PERMISSIONS.get(role, frozenset()) | _LOOK
    allowed = PERMISSIONS.get(role, frozenset()) | _LOOK
    return allowed if kind in SELLING_KINDS else allowed - _SELL - _CERTIFY


def needs_second_factor(kind: Kind, role: Role) -> bool:
    """Say whether somebody in this role must sign in with a second factor."""
    return kind is Kind.AUTHORITY or role is Role.CASHIER


def roles_of(kind: Kind) -> tuple[Role, ...]:
    """Return the roles there are in an organisation of this kind, the strongest first."""
    if kind is Kind.AUTHORITY:
        return (Role.OWNER, Role.OFFICER, Role.TRAINER, Role.VIEWER)
    if kind in SELLING_KINDS:
        return (*_ALL_TENANTS, Role.SELLER, Role.ACCOUNTANT, Role.VIEWER)
    return _SCHOOL_ROLES if kind is Kind.SCHOOL else _FEE_ROLES


@dataclass(frozen=True, kw_only=True)
class Application:
    """What an applicant says of the organisation. Everything but kind and name may be empty in
    a draft; an empty tax code leaves the stored one as it is."""

    kind: Kind
    name: str
    tax_code: str = field(default="", repr=False)  # it may be a personal number
    representative: str = ""
    phone: str = ""
    email: str = ""
    commune_code: str | None = None
    address: str = ""
    story: str = ""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a verified organisation may change by itself."""

    phone: str
    email: str
    commune_code: str
    address: str
    story: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the checklist: a field by its name in the form, or a paper."""

    name: str
    words: str
    done: bool
    paper: Paper | None = None


def read_tax_code(kind: Kind, text: str, *, today: date) -> TaxCode:
    """Return the tax code typed, if an organisation of this kind may have it.

    Raises the refusal of foundation.organisations.errors that names the rule it broke.
    """
    try:
        found = check_tax_code(text, today=today)
    except BadTaxCode as error:
        raise TAX_CODE_REFUSALS[error.code]() from error
    if found.kind is TaxCodeKind.PERSON and kind not in PERSONAL_NUMBER_KINDS:
        raise TaxCodeNotForKind()
    return found


def checklist(kind: Kind, filled: Mapping[str, bool], papers: Collection[Paper]) -> list[Item]:
    """Return what an application of this kind needs, and whether each thing is there.

    `filled` says of every name in REQUIRED_FIELDS whether it holds something.
    """
    fields = [
        Item(name=name, words=words, done=filled[name]) for name, words in REQUIRED_FIELDS.items()
    ]
    return fields + [
        Item(name="documents", words=PAPER_NAMES[paper], done=paper in papers, paper=paper)
        for paper in REQUIRED_PAPERS[kind]
    ]


def waiting_days(submitted_at: datetime, *, now: datetime) -> int:
    """Return for how many days, on the calendar of Việt Nam, an application has waited."""
    return max((clock.day(now) - clock.day(submitted_at)).days, 0)
