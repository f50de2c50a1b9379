"""People, organisations and who works where."""

from __future__ import annotations

from datetime import datetime, timedelta

import factory

from foundation import ids
from foundation.accounts.models import Person, SignIn
from foundation.accounts.queries import token_hash
from foundation.organisations.models import Kind, Membership, Organisation, Role, State
from foundation.text import fold, slugify, sort_key
from tests.factories.base import MOMENT, Stored

PASSWORD = "mot mat khau dai"
# Its argon2 hash, made once: hashing in every test would be slow.
PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$NjCy4JhOFUHloV6KQoV7xA"
    "$KloGfjYD1CYZpG+jV/lA/eUlBGS+TxJtwJ/0qOJM9iA"
)


class PersonFactory(Stored):
    class Meta:
        model = Person

    full_name = factory.Sequence(lambda n: f"Nguyễn Thị Mẫu {n}")
    phone = factory.Sequence(lambda n: f"09{n:08d}")
    password_hash = PASSWORD_HASH
    created_at = MOMENT


class OrganisationFactory(Stored):
    class Meta:
        model = Organisation

    kind = Kind.COOPERATIVE
    state = State.VERIFIED
    name = factory.Sequence(lambda n: f"Hợp tác xã Mẫu {n}")
    slug = factory.LazyAttribute(lambda row: slugify(row.name))
    sort_key = factory.LazyAttribute(lambda row: sort_key(row.name))
    fold_key = factory.LazyAttribute(lambda row: fold(row.name))
    created_at = MOMENT


class MembershipFactory(Stored):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    person_id = factory.LazyFunction(lambda: PersonFactory().id)
    role = Role.OWNER
    since = MOMENT


class SignInFactory(Stored):
    class Meta:
        model = SignIn

    created_at = MOMENT
    last_seen_at = MOMENT


def sign_in_token(person: Person, *, now: datetime, second_factor: bool) -> str:
    """Sign a person in on a new device and return the token its cookie would hold."""
    token = ids.new_token()
    SignInFactory(
        person_id=person.id,
        token_hash=token_hash(token),
        expires_at=now + timedelta(days=30),
        second_factor_at=now if second_factor else None,
    )
    return token
