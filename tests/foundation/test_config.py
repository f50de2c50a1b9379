from __future__ import annotations

from pathlib import Path

import pytest

from foundation import config
from foundation.config import ConfigError

GOOD = {
    "PHIENCHO_PROFILE": "production",
    "SECRET_KEY": "q8Zt1vXw3nRk5mYp7sHd9fJg2bLc4aEu6iOo",
    "DATA_KEY": "Ue6a4cLb2gJf9dHs7pYm5kRn3wXv1tZq8oOi",
    "DATABASE_URL": "postgres://phiencho@localhost/phiencho",
    "PUBLIC_URL": "https://cho.example.vn",
    "SMTP_URL": "smtps://user:secret@localhost:465",
    "MAIL_FROM": "Phiên Chợ <cho@example.vn>",
    "METRICS_TOKEN": "a-token",
}


def test_production_names_every_missing_setting_at_once() -> None:
    with pytest.raises(ConfigError) as refusal:
        config.read({"PHIENCHO_PROFILE": "production"})

    for name in set(GOOD) - {"PHIENCHO_PROFILE"}:
        assert f"{name} is missing" in str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too weak"),
        ("SECRET_KEY", "a" * 64, "SECRET_KEY is too weak"),
        ("DATA_KEY", "changeme", "DATA_KEY is too weak"),
        ("PUBLIC_URL", "http://cho.example.vn", "https://"),
        ("DEMO", "1", "DEMO must be off"),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES"),
        ("PHIENCHO_PROFILE", "prod", "PHIENCHO_PROFILE"),
    ],
)
def test_production_refuses_what_is_weak(
    tmp_path: Path, setting: str, value: str, words: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        config.read({**GOOD, "DATA_DIR": str(tmp_path), setting: value})

    assert words in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_a_good_production_starts_and_hides_its_secrets(tmp_path: Path) -> None:
    read = config.read({**GOOD, "DATA_DIR": str(tmp_path)})

    assert read.production
    assert not read.demo
    assert read.database_url == "postgresql+psycopg://phiencho@localhost/phiencho"
    assert GOOD["SECRET_KEY"] not in repr(read)
    assert GOOD["DATA_KEY"] not in repr(read)


def test_development_makes_its_secrets_up_once(tmp_path: Path) -> None:
    first = config.read({"DATA_DIR": str(tmp_path)})
    second = config.read({"DATA_DIR": str(tmp_path)})

    assert first.secret_key == second.secret_key
    assert first.secret_key != first.data_key
    assert len(first.secret_key) >= config.WEAKEST_SECRET
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert first.demo


def test_taking_cards_needs_all_three_of_the_keys(tmp_path: Path) -> None:
    keys = {
        "STRIPE_SECRET_KEY": "sk_test_0",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_0",
        "STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old",
    }
    environ = {**GOOD, "DATA_DIR": str(tmp_path)}

    with pytest.raises(ConfigError) as refusal:
        config.read({**environ, "STRIPE_SECRET_KEY": "sk_test_0"})

    assert len(refusal.value.problems) == 2
    assert config.read({**environ, **keys}).stripe_webhook_secrets == ("whsec_new", "whsec_old")
    assert config.read(environ).stripe_secret_key is None
