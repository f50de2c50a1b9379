"""Statements are looked at, then told to the books: all of it or nothing, each movement once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts.errors import TooManyKnocks
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from payments.bank_accounts.errors import BankAccountNotFound
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.statements import queries, service, tables
from payments.bank_feeds.statements.errors import (
    AccountUnknown,
    NameImported,
    NamePreviewed,
    NoSuchStatement,
    NotPreviewed,
    OtherAccount,
    WhichAccount,
)
from payments.bank_feeds.statements.models import State, StatementFile, StatementOriginal
from payments.credits import service as credits_service
from payments.credits.models import Direction, Movement, ToldMovement
from payments.credits.models import State as MovementState
from payments.credits.rules import Telling
from payments.intents.models import State as IntentState
from tests.conftest import NOON
from tests.factories import OrganisationFactory, PersonFactory
from tests.factories.payments import BankAccountFactory, IntentFactory
from tests.payments.bank_feeds.statements import files
from tests.payments.conservation import check_books

TODAY = clock.day(NOON)
HEAD = ["Ngày giao dịch", "Số tham chiếu", "Tiền vào", "Tiền ra", "Số dư", "Nội dung"]


@pytest.fixture
def account(session: Session) -> BankAccount:
    return BankAccountFactory(number="0071000123456")


def by(account: BankAccount) -> Actor:
    return Actor.person(PersonFactory().id, organisation_id=account.organisation_id)


def preview(
    session: Session, own: BankAccount, data: bytes, name: str = "sao-ke.xlsx", **more: Any
) -> StatementFile:
    wanted: dict[str, Any] = {"account": own.public_id, "replace": False, **more}
    (file,) = service.preview(
        session,
        own.organisation_id,
        tables.read(data, today=TODAY),
        data,
        name=name,
        actor=by(own),
        now=NOON,
        **wanted,
    )
    return file


def take_over(session: Session, file: StatementFile) -> StatementFile:
    """Import a file as the job does."""
    file.state = State.IMPORTING
    file.imported_by_id = PersonFactory().id
    session.flush()
    statement = tables.read(queries.body(session, file), today=TODAY)
    return service.take_over(
        session,
        file.organisation_id,
        file.public_id,
        statement,
        now=NOON,
        progress=lambda _done: None,
    )


def counts(file: StatementFile) -> tuple[int, int, int]:
    return file.new_count, file.known_count, file.merged_count


def movements(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Movement)) or 0


def rows(*amounts: int, day: str = "02/01/2026", memo: str = "nop tien") -> bytes:
    return files.as_csv([HEAD, *([day, "", amount, "", "", memo] for amount in amounts)])


# --- looking ----------------------------------------------------------------------------------


def test_a_preview_tells_what_would_happen_and_books_nothing(
    session: Session, account: BankAccount
) -> None:
    file = preview(session, account, files.mb())
    assert file.state is State.PREVIEWED
    assert (file.row_count, file.total_in, file.total_out) == (2, 1_250_000, 50_000)
    assert (file.opening, file.closing) == (1_000_000, 2_200_000)
    assert (file.period_from, file.period_to) == (date(2026, 1, 2), date(2026, 1, 3))
    assert counts(file) == (2, 0, 0)
    assert file.sample[0]["fate"] == "new"
    assert movements(session) == 0


def test_the_upload_is_kept_unchanged(session: Session, account: BankAccount) -> None:
    data = files.agribank_cp1258()
    assert queries.body(session, preview(session, account, data)) == data


def test_an_upload_of_several_accounts_becomes_a_file_for_each_of_ours(
    session: Session, account: BankAccount
) -> None:
    data = files.vcb_cashup()
    other = BankAccountFactory(
        organisation=account.organisation, number="0071000999999", main=False
    )
    made = service.preview(
        session,
        account.organisation_id,
        tables.read(data, today=TODAY),
        data,
        name="cashup.xlsx",
        account=None,
        replace=False,
        actor=by(account),
        now=NOON,
    )
    assert [file.bank_account_id for file in made] == [account.id, other.id]
    assert [file.row_count for file in made] == [2, 1]
    assert queries.beside(session, made[0]) == [made[1]]


# --- importing --------------------------------------------------------------------------------


def test_importing_tells_the_books_of_every_row(session: Session, account: BankAccount) -> None:
    file = take_over(session, preview(session, account, files.mb()))
    assert file.state is State.IMPORTED
    assert counts(file) == (2, 0, 0)
    stored = session.execute(
        select(Movement.direction, Movement.amount).order_by(Movement.id)
    ).all()
    assert sorted(stored) == [(Direction.IN, 1_250_000), (Direction.OUT, 50_000)]
    check_books(session)


def test_importing_matches_what_is_owed(session: Session, account: BankAccount) -> None:
    intent = IntentFactory(organisation=account.organisation, bank_account=account, amount=70_000)
    file = preview(session, account, rows(70_000, memo=f"MBVCB.1.{intent.reference}.CT tu"))
    assert take_over(session, file).matched_count == 1
    session.refresh(intent)
    assert intent.state is IntentState.PAID
    assert session.scalar(select(Movement.state)) == MovementState.MATCHED
    check_books(session)


def test_invariant_01_the_same_file_again_is_harmless(
    session: Session, account: BankAccount
) -> None:
    data = files.bidv()
    first = take_over(session, preview(session, account, data))
    again = preview(session, account, data, name="khac ten.xlsx")
    assert again.id == first.id
    assert again.state is State.IMPORTED
    assert movements(session) == 2


def test_invariant_01_overlapping_periods_count_every_movement_once(
    session: Session, account: BankAccount
) -> None:
    take_over(session, preview(session, account, rows(10_000, 20_000), "a.csv"))
    later = preview(session, account, rows(20_000, 30_000), "b.csv")
    assert counts(later) == (1, 1, 0)
    assert counts(take_over(session, later)) == (1, 1, 0)
    assert movements(session) == 3


def test_invariant_01_another_layout_tells_of_the_same_movements(
    session: Session, account: BankAccount
) -> None:
    plain = files.as_csv(
        [HEAD, ["02/01/2026", "", 500, "", "", "a"], ["03/01/2026", "", 500, "", "", "a"]]
    )
    fuller = files.as_csv(
        [
            HEAD,
            ["02/01/2026 08:00:01", "", 500, "", 500, "A"],
            ["03/01/2026 09:00:02", "", 500, "", 1000, "a"],
        ]
    )
    take_over(session, preview(session, account, plain, "a.csv"))
    assert counts(take_over(session, preview(session, account, fuller, "b.csv"))) == (0, 2, 0)
    assert movements(session) == 2


def test_invariant_03_two_equal_rows_stay_two(session: Session, account: BankAccount) -> None:
    assert counts(take_over(session, preview(session, account, rows(5_000, 5_000), "a.csv"))) == (
        2,
        0,
        0,
    )
    # Told again beside a third: only that one is new.
    file = take_over(session, preview(session, account, rows(5_000, 5_000, 5_000), "b.csv"))
    assert counts(file) == (1, 2, 0)
    assert movements(session) == 3


def told_by_webhook(account: BankAccount, **more: Any) -> Telling:
    facts: dict[str, Any] = {
        "source": "sepay",
        "told_id": "1",
        "bank_account_id": account.id,
        "direction": Direction.IN,
        "amount": 5_000,
        "booked_on": date(2026, 1, 2),
        "memo": "nop tien",
        "origin": "inbox:1",
        **more,
    }
    return Telling(**facts)


def test_invariant_03_statement_after_webhook_is_one_movement(
    session: Session, account: BankAccount
) -> None:
    credits_service.take_in(session, [told_by_webhook(account)], now=NOON)
    file = preview(session, account, rows(5_000, day="03/01/2026"))
    assert counts(file) == (0, 0, 1)
    assert counts(take_over(session, file)) == (0, 0, 1)
    assert movements(session) == 1


def test_invariant_03_two_webhooks_and_two_equal_rows_are_two_movements(
    session: Session, account: BankAccount
) -> None:
    heard = [told_by_webhook(account, told_id=str(n)) for n in (1, 2)]
    credits_service.take_in(session, heard, now=NOON)
    assert counts(take_over(session, preview(session, account, rows(5_000, 5_000)))) == (0, 0, 2)
    assert movements(session) == 2


def test_asking_again_while_it_is_imported_does_nothing_more(
    session: Session, account: BankAccount
) -> None:
    file = take_over(session, preview(session, account, files.bidv()))
    again = service.take_over(
        session,
        account.organisation_id,
        file.public_id,
        tables.read(files.bidv(), today=TODAY),
        now=NOON,
        progress=lambda _done: None,
    )
    assert again.imported_at == NOON
    assert session.scalar(select(func.count()).select_from(ToldMovement)) == 2


# --- refused ----------------------------------------------------------------------------------


def test_a_file_of_another_account_is_refused(session: Session) -> None:
    account = BankAccountFactory(number="1234567890")
    with pytest.raises(OtherAccount):
        preview(session, account, files.mb())
    with pytest.raises(AccountUnknown):
        preview(session, account, files.mb(), account=None)
    assert session.scalar(select(func.count()).select_from(StatementFile)) == 0


def test_a_file_that_names_no_account_needs_a_choice(
    session: Session, account: BankAccount
) -> None:
    with pytest.raises(WhichAccount):
        preview(session, account, rows(1_000), account=None)


def test_invariant_20_a_strangers_account_and_file_are_not_found(
    session: Session, account: BankAccount
) -> None:
    stranger = OrganisationFactory()
    actor = Actor.person(PersonFactory().id, organisation_id=stranger.id)
    file = preview(session, account, rows(1_000))
    with pytest.raises(NoSuchStatement):
        queries.one(session, stranger.id, file.public_id)
    with pytest.raises(NoSuchStatement):
        service.discard(session, stranger.id, file.public_id, actor=actor, now=NOON)
    with pytest.raises(NoSuchStatement):
        service.start_import(session, stranger.id, file.public_id, actor=actor, now=NOON)
    other = BankAccountFactory(organisation=stranger)
    with pytest.raises(BankAccountNotFound):
        preview(session, account, rows(2_000), account=other.public_id)
    assert file.state is State.PREVIEWED


def test_invariant_20_a_corrected_file_follows_one_that_was_not_imported(
    session: Session, account: BankAccount
) -> None:
    first = preview(session, account, rows(1_000))
    with pytest.raises(NamePreviewed):
        preview(session, account, rows(1_100))
    assert first.state is State.PREVIEWED
    second = preview(session, account, rows(1_100), replace=True)
    assert (first.state, second.state) == (State.DISCARDED, State.PREVIEWED)


def test_invariant_20_same_name_with_other_content_is_refused_once_imported(
    session: Session, account: BankAccount
) -> None:
    take_over(session, preview(session, account, rows(1_000)))
    with pytest.raises(NameImported):
        preview(session, account, rows(1_100), replace=True)
    assert movements(session) == 1
    assert preview(session, account, rows(1_100), "ky-2.csv").state is State.PREVIEWED


def test_a_discarded_file_can_come_again(session: Session, account: BankAccount) -> None:
    file = preview(session, account, rows(1_000))
    service.discard(session, account.organisation_id, file.public_id, actor=by(account), now=NOON)
    assert file.state is State.DISCARDED
    with pytest.raises(NotPreviewed):
        service.discard(
            session, account.organisation_id, file.public_id, actor=by(account), now=NOON
        )
    with pytest.raises(NotPreviewed):
        service.start_import(
            session, account.organisation_id, file.public_id, actor=by(account), now=NOON
        )
    assert preview(session, account, rows(1_000)).id == file.id
    assert file.state is State.PREVIEWED
    assert session.scalar(select(func.count()).select_from(StatementOriginal)) == 1


def test_only_a_file_that_was_asked_for_is_imported(session: Session, account: BankAccount) -> None:
    file = preview(session, account, rows(1_000))
    with pytest.raises(NotPreviewed):
        service.take_over(
            session,
            account.organisation_id,
            file.public_id,
            tables.read(rows(1_000), today=TODAY),
            now=NOON,
            progress=lambda _done: None,
        )
    assert movements(session) == 0


def test_uploads_are_counted(
    session: Session, account: BankAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "UPLOADS_AN_HOUR", 1)
    preview(session, account, rows(1_000))
    with pytest.raises(TooManyKnocks):
        preview(session, account, rows(2_000), "b.csv")


def test_every_step_leaves_a_trace(session: Session, account: BankAccount) -> None:
    take_over(session, preview(session, account, rows(1_000)))
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_kind == "statement_files")
    ).all()
    assert actions == ["statement_files.previewed", "statement_files.imported"]
