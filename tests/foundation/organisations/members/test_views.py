from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.organisations.models import (
    Invitation,
    Kind,
    Membership,
    Organisation,
    Role,
)
from tests.conftest import SignInAs
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
)


@pytest.fixture
def owner(session: Session, sign_in_as: SignInAs) -> Person:
    return sign_in_as(PersonFactory(full_name="Trần Thị Chủ"))


@pytest.fixture
def organisation(session: Session, owner: Person) -> Organisation:
    organisation = OrganisationFactory()
    MembershipFactory(organisation=organisation, person_id=owner.id)
    return organisation


def address(organisation: Organisation, rest: str = "/members") -> str:
    return f"/sell/{organisation.public_id}{rest}"


def joined(organisation: Organisation, role: Role = Role.SELLER) -> Person:
    person = PersonFactory(full_name="Nguyễn Văn Út")
    MembershipFactory(organisation=organisation, person_id=person.id, role=role)
    return person


@pytest.mark.parametrize("phone", ["0912 345 678", "+84 912.345.678", "84912345678"])
def test_an_invitation_takes_any_spelling_of_a_phone(
    client: FlaskClient, session: Session, organisation: Organisation, phone: str
) -> None:
    response = client.post(
        address(organisation, "/members/invite"),
        data={"phone": phone, "role": "seller"},
        follow_redirects=True,
    )

    assert session.scalars(select(Invitation)).one().phone == "0912345678"
    assert "091••••678" in response.text
    assert "Rút lời mời" in response.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": "12", "role": "seller"}, "Số điện thoại chưa đúng"),
        ({"phone": "0912345678"}, "Chọn một trong những mục có sẵn"),
        ({"phone": "0912345678", "role": "officer"}, "Chọn một trong những mục có sẵn"),
        ({"role": "seller"}, "Nhập số điện thoại"),
    ],
)
def test_a_refused_invitation_is_explained(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    data: dict[str, str],
    words: str,
) -> None:
    response = client.post(address(organisation, "/members/invite"), data=data)

    assert response.status_code == 422
    assert words in response.text
    assert session.scalars(select(Invitation)).all() == []


def test_inviting_a_member_is_refused_beside_the_phone(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    member = joined(organisation)

    response = client.post(
        address(organisation, "/members/invite"),
        data={"phone": member.phone or "", "role": "seller"},
    )

    assert response.status_code == 409
    assert 'id="phone-error"' in response.text


def test_an_owner_changes_a_role_and_lets_go(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    member = joined(organisation)
    place = address(organisation, f"/members/{member.public_id}")

    changed = client.post(f"{place}/role", data={"role": "manager"}, follow_redirects=True)
    assert "Đã đổi quyền" in changed.text

    removed = client.post(f"{place}/remove", follow_redirects=True)
    assert "Nguyễn Văn Út" not in removed.text
    assert len(session.scalars(select(Membership)).all()) == 1


def test_the_last_owner_is_told_why_not(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    response = client.post(address(organisation, "/members/leave"))

    assert response.status_code == 409
    assert "chủ tài khoản duy nhất" in response.text
    assert len(session.scalars(select(Membership)).all()) == 1


def test_a_member_leaves(
    client: FlaskClient, session: Session, organisation: Organisation, sign_in_as: SignInAs
) -> None:
    member = sign_in_as(joined(organisation))

    response = client.post(address(organisation, "/members/leave"))

    assert response.location == "/sell"
    assert client.get(address(organisation)).status_code == 404
    kept = session.scalars(select(Membership.person_id)).all()
    assert member.id not in kept


def test_an_invitation_is_withdrawn(
    client: FlaskClient, session: Session, organisation: Organisation, owner: Person
) -> None:
    invitation = InvitationFactory(organisation=organisation, invited_by_id=owner.id)

    client.post(address(organisation, f"/invitations/{invitation.public_id}/withdraw"))

    session.refresh(invitation)
    assert invitation.withdrawn_at is not None


# --- who may ----------------------------------------------------------------------------------


def test_colleagues_see_names_but_no_phones(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    owner: Person,
    sign_in_as: SignInAs,
) -> None:
    sign_in_as(joined(organisation))
    InvitationFactory(organisation=organisation, invited_by_id=owner.id, phone="0811111111")

    page = client.get(address(organisation)).text

    assert "Trần Thị Chủ" in page
    assert (owner.phone or "-") not in page
    assert "0811111111" not in page
    assert "Gửi lời mời" not in page


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_only_owners_manage(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    owner: Person,
    sign_in_as: SignInAs,
    role: Role,
) -> None:
    sign_in_as(joined(organisation, role), second_factor=True)
    invitation = InvitationFactory(organisation=organisation, invited_by_id=owner.id)

    for rest in (
        "/members/invite",
        f"/members/{owner.public_id}/role",
        f"/members/{owner.public_id}/remove",
        f"/invitations/{invitation.public_id}/withdraw",
    ):
        assert client.post(address(organisation, rest)).status_code == 403

    assert invitation.withdrawn_at is None


def test_another_organisations_people_are_not_there(
    client: FlaskClient, session: Session, organisation: Organisation
) -> None:
    other = OrganisationFactory()
    stranger = joined(other)
    invitation = InvitationFactory(organisation=other, invited_by_id=stranger.id)

    assert client.get(address(other)).status_code == 404
    for rest in (
        f"/members/{stranger.public_id}/remove",
        f"/invitations/{invitation.public_id}/withdraw",
    ):
        assert client.post(address(other, rest)).status_code == 404
        assert client.post(address(organisation, rest)).status_code == 404
    role = client.post(
        address(organisation, f"/members/{stranger.public_id}/role"), data={"role": "manager"}
    )
    assert role.status_code == 404
    assert invitation.withdrawn_at is None


# --- the address in the message ---------------------------------------------------------------


def invited(owner: Person, organisation: Organisation, **more: object) -> str:
    InvitationFactory(organisation=organisation, invited_by_id=owner.id, token="ma-bi-mat", **more)
    return "/invitations/ma-bi-mat"


def test_an_invitation_asks_to_sign_in_first(
    client: FlaskClient, session: Session, owner: Person, organisation: Organisation
) -> None:
    place = invited(owner, organisation)
    with client.session_transaction() as cookie:
        cookie.clear()

    response = client.get(place)

    assert response.location == f"/sign-in?next={place}"


def test_it_is_accepted_by_its_phone(
    client: FlaskClient,
    session: Session,
    owner: Person,
    organisation: Organisation,
    sign_in_as: SignInAs,
) -> None:
    person = sign_in_as(PersonFactory())
    place = invited(owner, organisation, phone=person.phone)

    page = client.get(place)
    response = client.post(place)

    assert organisation.name in page.text
    assert response.location == f"/sell/{organisation.public_id}"
    assert client.get(response.location).status_code == 200


def test_somebody_else_is_told_in_clear_words(
    client: FlaskClient,
    session: Session,
    owner: Person,
    organisation: Organisation,
    sign_in_as: SignInAs,
) -> None:
    place = invited(owner, organisation, phone="0811111111")
    sign_in_as(PersonFactory())

    page = client.get(place)
    response = client.post(place)

    assert "081••••111" in page.text
    assert "0811111111" not in page.text
    assert organisation.name not in page.text
    assert response.status_code == 403
    assert "0811111111" not in response.text


def test_an_unknown_link_is_not_found(client: FlaskClient, owner: Person) -> None:
    assert client.get("/invitations/khong-co").status_code == 404
    assert client.post("/invitations/khong-co").status_code == 404


def test_an_officer_is_led_to_the_provinces_desk(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    authority = OrganisationFactory(kind=Kind.AUTHORITY)
    head = PersonFactory()
    MembershipFactory(organisation=authority, person_id=head.id)
    person = sign_in_as(PersonFactory())
    place = invited(head, authority, phone=person.phone, role=Role.OFFICER)

    assert client.post(place).location == "/ops"
    assert client.get("/ops").location.startswith("/account/second-factor")


def test_statements_do_not_grow_with_the_members(
    client: FlaskClient,
    session: Session,
    organisation: Organisation,
    owner: Person,
    statements: list[str],
) -> None:
    client.get(address(organisation))  # the first visit notes when the device was seen
    counts = []
    for people in (1, 6):
        for _ in range(people):
            joined(organisation)
            InvitationFactory(organisation=organisation, invited_by_id=owner.id)
        session.expire_all()
        statements.clear()
        client.get(address(organisation))
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 8
