"""Bring a data folder up to date: keys, tables, and in a demo the invented people (once).

`is_done()` answers in milliseconds, without loading the product, so that a second start is quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SQLITE = "training.sqlite3"


def is_done(environ: Mapping[str, str] = os.environ) -> bool:
    """Has this data folder been prepared for this database, these migrations and this demo set?"""
    try:
        noted = json.loads(_note(environ).read_text())
    except (OSError, ValueError):
        return False
    return bool(noted["state"] == state(environ)) and revision(environ) == noted["revision"]


def state(environ: Mapping[str, str]) -> str:
    """A hash over what preparation depends on: addresses, migrations, and the demo set of the pack."""
    digest = hashlib.sha256()
    for name in ("APP_ENV", "DATABASE_URL", "PORT", "BASE_URL", "REGISTRIES_URL"):
        digest.update(f"{name}={environ.get(name, '')}\n".encode())
    for path in _sources(environ):
        digest.update(f"{path} {path.stat().st_size}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _sources(environ: Mapping[str, str]) -> Iterator[Path]:
    yield from sorted((ROOT / "migrations" / "versions").glob("*.py"))
    pack = Path(environ.get("PACK") or ROOT / "packs" / "chongqing")
    yield from sorted(path for path in pack.rglob("*") if path.suffix in {".toml", ".csv", ".jsonl"})


def _note(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("DATA_DIR") or ROOT / "instance").resolve() / "prepared.json"


def revision(environ: Mapping[str, str]) -> str | None:
    """The migration at which the database stands; None when it has no tables yet."""
    url = environ.get("DATABASE_URL") or f"sqlite:///{_note(environ).with_name(SQLITE)}"
    question = "SELECT version_num FROM alembic_version"
    try:
        return _from_sqlite(url, question) if url.startswith("sqlite") else _from_postgres(url, question)
    except Exception:  # noqa: BLE001 (whatever is wrong, preparation finds it out and says so)
        return None


def _from_sqlite(url: str, question: str) -> str | None:
    file = Path(url.split("///", 1)[1].split("?", maxsplit=1)[0])
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as connection:
        return _first(connection.execute(question).fetchone())


def _from_postgres(url: str, question: str) -> str | None:
    import psycopg

    with psycopg.connect("postgresql://" + url.split("://", 1)[1], connect_timeout=5) as connection:
        return _first(connection.execute(question.encode()).fetchone())


def _first(row: tuple[str, ...] | None) -> str | None:
    return row[0] if row else None


def migrate(settings: Settings, revision: str = "head") -> None:
    """Bring the database's tables up to `head`, or down to an older `revision` (`base`: nothing is left).

    MIGRATE_DATABASE_URL may name the role that may change tables.
    """
    from alembic import command
    from alembic.config import Config
    from flask import Flask

    from training import database
    from web.settings import with_driver

    url = with_driver(os.environ.get("MIGRATE_DATABASE_URL") or settings.database_url)
    app = Flask("migrate", root_path=str(ROOT))
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(url, statement_timeout_ms=None)
    database.install(app)
    config = Config(ROOT / "migrations" / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    with app.app_context():
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)
        database.db.session.remove()
        database.db.engine.dispose()


def main() -> int:
    """Prepare, then note what for. A setting that would be unsafe ends it with one line and status 1."""
    from training.errors import SettingsError
    from web.settings import Settings

    try:
        settings = Settings.from_environment()
        migrate(settings)
        if settings.is_demo:
            from jobs import demo

            demo.load_once(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    note = {"state": state(os.environ), "revision": revision(os.environ)}
    _note(os.environ).write_text(json.dumps(note))
    return 0


if __name__ == "__main__":
    sys.exit(main())
