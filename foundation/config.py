"""Configuration: read once from the environment, checked at start, then never read again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

Profile = Literal["development", "test", "production"]

WEAKEST_SECRET = 32
PROVINCE_TAY_NINH = "80"
PROVINCE_DONG_THAP = "82"


class ConfigError(ValueError):
    """The environment cannot start the platform; `problems` names every reason at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting of the platform. docs/operations.md explains each one."""

    profile: Profile
    secret_key: str = field(repr=False)
    data_key: str = field(repr=False)
    database_url: str = field(repr=False)
    data_dir: Path
    public_url: str = "http://localhost:8000"
    redis_url: str | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "Phiên Chợ <khong-tra-loi@localhost>"
    s3_url: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    provinces: tuple[str, ...] = (PROVINCE_TAY_NINH, PROVINCE_DONG_THAP)
    demo: bool = False
    review_products: bool = True
    trusted_proxies: int = 0
    stripe_secret_key: str | None = field(default=None, repr=False)
    stripe_publishable_key: str = ""
    # One, or two with a comma while they are being changed.
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_api_url: str = "https://api.stripe.com"
    sepay_api_url: str = "https://my.sepay.vn"

    @property
    def production(self) -> bool:
        return self.profile == "production"

    @property
    def postgresql(self) -> bool:
        return self.database_url.startswith("postgresql")


def read(environ: Mapping[str, str]) -> Config:
    """Read the configuration from environment variables.

    Outside production a missing secret is made up and kept in the data folder, so that sign-ins
    survive a restart. In production nothing is made up.

    Raises ConfigError naming every missing or weak setting at once.
    """
    profile = environ.get("PHIENCHO_PROFILE", "development")
    problems = _problems(environ, profile)
    if problems:
        raise ConfigError(problems)
    data_dir = Path(environ.get("DATA_DIR", "var")).resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    return Config(
        profile=cast("Profile", profile),
        secret_key=environ.get("SECRET_KEY") or _kept_secret(data_dir / "secret_key"),
        data_key=environ.get("DATA_KEY") or _kept_secret(data_dir / "data_key"),
        database_url=_driver(
            environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'phiencho.sqlite'}"
        ),
        data_dir=data_dir,
        public_url=environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/"),
        redis_url=environ.get("REDIS_URL") or None,
        smtp_url=environ.get("SMTP_URL") or None,
        mail_from=environ.get("MAIL_FROM", Config.mail_from),
        s3_url=environ.get("S3_URL") or None,
        metrics_token=environ.get("METRICS_TOKEN") or None,
        provinces=tuple(environ.get("PROVINCES", ",".join(Config.provinces)).split(",")),
        demo=_switched_on(environ, "DEMO", default=profile == "development"),
        review_products=_switched_on(environ, "REVIEW_PRODUCTS", default=True),
        trusted_proxies=int(environ.get("TRUSTED_PROXIES", "0")),
        stripe_secret_key=environ.get("STRIPE_SECRET_KEY") or None,
        stripe_publishable_key=environ.get("STRIPE_PUBLISHABLE_KEY", ""),
        stripe_webhook_secrets=_listed(environ.get("STRIPE_WEBHOOK_SECRET", "")),
        stripe_api_url=(environ.get("STRIPE_API_URL") or Config.stripe_api_url).rstrip("/"),
        sepay_api_url=environ.get("SEPAY_API_URL") or Config.sepay_api_url,
    )


def _problems(environ: Mapping[str, str], profile: str) -> list[str]:
    if profile not in ("development", "test", "production"):
        return [f"PHIENCHO_PROFILE is {profile!r}: use development, test or production"]
    problems = []
    if not environ.get("TRUSTED_PROXIES", "0").isdecimal():
        problems.append("TRUSTED_PROXIES must be a whole number")
    if environ.get("STRIPE_SECRET_KEY"):
        problems += [
            f"{name} is missing, as STRIPE_SECRET_KEY is set"
            for name in ("STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET")
            if not environ.get(name)
        ]
    if profile != "production":
        return problems
    for name in ("SECRET_KEY", "DATA_KEY"):
        problems += _secret_problems(name, environ.get(name, ""))
    if _switched_on(environ, "DEMO", default=False):
        problems.append("DEMO must be off: its passwords are known to everybody")
    problems += [
        f"{name} is missing"
        for name in ("DATABASE_URL", "PUBLIC_URL", "SMTP_URL", "MAIL_FROM", "METRICS_TOKEN")
        if not environ.get(name)
    ]
    if environ.get("PUBLIC_URL") and not environ["PUBLIC_URL"].startswith("https://"):
        problems.append("PUBLIC_URL must begin with https://")
    return problems


def _secret_problems(name: str, secret: str) -> list[str]:
    if not secret:
        return [f"{name} is missing"]
    if len(secret) < WEAKEST_SECRET or len(set(secret)) < 10:
        return [
            f"{name} is too weak: at least {WEAKEST_SECRET} characters from a random source, "
            f'for example: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        ]
    return []


def _switched_on(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    return environ.get(name, "1" if default else "0").lower() in ("1", "true", "yes", "on")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _driver(url: str) -> str:
    """Name psycopg 3 as the driver, whichever usual spelling of the address was given."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()
