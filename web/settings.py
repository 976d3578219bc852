"""Settings: read from the environment once, checked at start. Production refuses what would be unsafe."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, cast, get_args

from training.demo_clock import MOVED_FILE
from training.errors import SettingsError
from training.keys import Keyring, make_key_file
from training.limits import Limit

ROOT = Path(__file__).parent.parent
DEMO_DRAW = b"the demo draws the same people each time"
Environment = Literal["demo", "production", "test"]
HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)


@dataclass(frozen=True)
class Limits:
    """How often things may be asked. A demo loosens the first six (contract §5)."""

    resend_seconds: int = 60
    codes_person_hour: Limit = Limit("codes-person-hour", 3, HOUR)
    codes_person_day: Limit = Limit("codes-person-day", 10, DAY)
    codes_prefix: Limit = Limit("codes-prefix", 10, HOUR)
    codes_network: Limit = Limit("codes-network", 300, HOUR)
    codes_all: Limit = Limit("codes-all", 20000, HOUR)
    references_network: Limit = Limit("references-network", 120, QUARTER)
    slip_tries: Limit = Limit("slip-tries", 20, QUARTER)
    staff_pair: Limit = Limit("staff-pair", 5, QUARTER)
    staff_networks: Limit = Limit("staff-networks", 50, QUARTER)
    challenges_network: Limit = Limit("challenges-network", 300, QUARTER)
    without_code_network: Limit = Limit("without-code-network", 300, HOUR)
    feedback_network: Limit = Limit("feedback-network", 60, HOUR)

    @classmethod
    def of_a_demo(cls) -> Limits:
        return cls(
            resend_seconds=2,
            codes_person_hour=Limit("codes-person-hour", 30, HOUR),
            codes_person_day=Limit("codes-person-day", 300, DAY),
            codes_prefix=Limit("codes-prefix", 30, HOUR),
            codes_network=Limit("codes-network", 3000, HOUR),
            references_network=Limit("references-network", 3000, QUARTER),
            without_code_network=Limit("without-code-network", 3000, HOUR),
            feedback_network=Limit("feedback-network", 3000, HOUR),
        )


@dataclass(frozen=True)
class Settings:
    """Everything a door or a job needs to know about where it runs."""

    environment: Environment
    data_dir: Path
    database_url: str
    registries_url: str
    keys: Keyring
    registries_mode: Literal["http", "fake"] = "http"
    sandbox_token: str = field(default="", repr=False)
    pack: Path = ROOT / "packs" / "chongqing"
    metrics_token: str = field(default="", repr=False)
    base_url: str = "http://127.0.0.1:8000"
    proxy_hops: int = 0
    limits: Limits = field(default_factory=Limits)
    records_bytes: int = 30 << 20

    @property
    def is_demo(self) -> bool:
        return self.environment == "demo"

    @property
    def secure_cookies(self) -> bool:
        return self.environment == "production"

    @property
    def audit_heads(self) -> Path:
        """Where the head of the seals is kept, outside the database."""
        return self.data_dir / "audit-heads.jsonl"

    @property
    def demo_clock(self) -> Path:
        """How far a demo has moved its clock; the sandbox looks into the same file."""
        return self.data_dir / MOVED_FILE

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read and check. Raises SettingsError with one line that says which setting is wrong."""
        environment = _environment(environ)
        data_dir = Path(environ.get("DATA_DIR") or ROOT / "instance").resolve()
        if environment == "production":
            _refuse_unsafe(environ)
        else:
            data_dir.mkdir(parents=True, exist_ok=True)
            make_key_file(data_dir / "keys.json", draw=DEMO_DRAW)
        keys = Keyring.from_file(Path(environ.get("KEYS_FILE") or data_dir / "keys.json"))
        if environment == "production" and keys.draw == DEMO_DRAW:
            raise SettingsError("KEYS_FILE: the demo's keys may not serve production")
        port = environ.get("PORT") or "8000"
        return cls(
            environment=environment,
            data_dir=data_dir,
            database_url=_database_url(environ, data_dir),
            registries_url=environ.get("REGISTRIES_URL") or f"http://127.0.0.1:{int(port) + 1}",
            registries_mode=_registries_mode(environ, environment),
            keys=keys,
            sandbox_token=environ.get("SANDBOX_TOKEN") or _sandbox_token(data_dir),
            metrics_token=environ.get("METRICS_TOKEN") or "",
            pack=Path(environ.get("PACK") or ROOT / "packs" / "chongqing"),
            base_url=(environ.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
            proxy_hops=_whole(environ, "PROXY_HOPS", 0),
            limits=Limits.of_a_demo() if environment == "demo" else Limits(),
            records_bytes=_whole(environ, "RECORDS_MAX_MB", 30) << 20,
        )


def _sandbox_token(data_dir: Path) -> str:
    """What `make run` made for the sandbox of this data folder; empty without one."""
    file = data_dir / "sandbox.token"
    return file.read_text() if file.is_file() else ""


def _environment(environ: Mapping[str, str]) -> Environment:
    word = environ.get("APP_ENV") or "demo"
    for known in get_args(Environment):
        if word == known:
            return cast(Environment, known)
    raise SettingsError(f"APP_ENV: {word} is not one of demo, production, test")


def _registries_mode(environ: Mapping[str, str], environment: Environment) -> Literal["http", "fake"]:
    word = environ.get("REGISTRIES_MODE") or "http"
    if word == "http" or (word == "fake" and environment != "production"):
        return "http" if word == "http" else "fake"
    raise SettingsError(f"REGISTRIES_MODE: {word} is not possible here")


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(environ.get(name) or default)
    except ValueError:
        raise SettingsError(f"{name}: not a whole number") from None


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    return with_driver(environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'training.sqlite3'}")


def with_driver(url: str) -> str:
    """The address of a database, with the driver we speak to PostgreSQL by."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return url.replace(short, "postgresql+psycopg://", 1)
    return url


def _refuse_unsafe(environ: Mapping[str, str]) -> None:
    """A72: one line says which setting would be unsafe in production."""
    needed = ("DATABASE_URL", "KEYS_FILE", "REGISTRIES_URL", "BASE_URL", "DATA_DIR")
    for name in needed:
        if not environ.get(name):
            raise SettingsError(f"{name}: must be set in production")
    if environ.get("FLASK_DEBUG") not in (None, "", "0"):
        raise SettingsError("FLASK_DEBUG: must be off in production")
    if Path(environ["KEYS_FILE"]).resolve() == (Path(environ["DATA_DIR"]) / "keys.json").resolve():
        raise SettingsError("KEYS_FILE: the demo's keys may not serve production")
    if (Path(environ["DATA_DIR"]) / "demo.json").exists():
        raise SettingsError("DATA_DIR: holds demo data")
    if not environ["BASE_URL"].startswith("https://"):
        raise SettingsError("BASE_URL: must begin with https://")
    if _whole(environ, "PROXY_HOPS", 0) < 1:
        raise SettingsError("PROXY_HOPS: declare the TLS proxy in front (number of hops)")
    _refuse_unsafe_sqlite(environ)


def _refuse_unsafe_sqlite(environ: Mapping[str, str]) -> None:
    wal = "journal_mode=wal" in environ["DATABASE_URL"].lower()
    if wal and sqlite3.sqlite_version_info < (3, 51, 3) and not environ.get("SQLITE_WAL_ON_PURPOSE"):
        raise SettingsError(
            "DATABASE_URL: WAL with this SQLite may lose data; set SQLITE_WAL_ON_PURPOSE to insist"
        )
