"""Load the demo set once.

Database first, in one transaction, with what the others must be told kept in files beside it; then the card
system; demo.json last. Where demo.json stands, all is done; a run that was killed is taken up where it stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.demo import world
from jobs.demo.records import file_records
from registries.connect import sandbox
from training import clock, database, keys
from training.database import db, transaction
from training.errors import RegistryUnreachable, SettingsError
from training.people import notices
from training.policy.queries import load_pack
from training.staff.models import StaffAccount
from web.settings import ROOT, Settings

Record = dict[str, object]
Teach = Callable[[Sequence[Record]], None]
PATIENCE_S = 30.0


def load_once(settings: Settings, teach: Teach | None = None) -> None:
    """Fill an empty database with the demo set, teach the card system its people, write demo.json.

    `teach` takes the people's records; without it they go to the sandbox of the settings. A second call only
    brings the addresses in demo.json up to date. Raises SettingsError where the pieces do not belong together.
    """
    keys.use(settings.keys)
    notices.use(load_pack(settings.pack).privacy)
    app = Flask("demo", root_path=str(ROOT))
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(
        settings.database_url, statement_timeout_ms=None
    )
    database.install(app)
    with app.app_context():
        try:
            _load(settings, teach or _sandbox(settings))
        finally:
            db.session.remove()
            db.engine.dispose()


def _load(settings: Settings, teach: Teach) -> None:
    told, staged, records = (
        settings.data_dir / name for name in ("demo.json", "demo.json.new", "people.jsonl")
    )
    if not _is_loaded():
        told.unlink(missing_ok=True)
        transaction(lambda session: _write(session, settings))
    elif told.exists():
        staged.write_text(told.read_text(encoding="utf-8"), encoding="utf-8")
        _finish(settings, staged, told)
        return
    elif not (staged.exists() and records.exists()):
        raise SettingsError(
            f"DATA_DIR: the database holds a demo set whose {told} is missing; take both anew"
        )
    file_records(load_pack(settings.pack), settings.pack)
    teach([json.loads(line) for line in records.read_text(encoding="utf-8").splitlines()])
    _finish(settings, staged, told)
    records.unlink()


def _is_loaded() -> bool:
    return db.session().scalar(select(StaffAccount.id).limit(1)) is not None


def _write(session: Session, settings: Settings) -> None:
    """Everything, and beside the database what must still be told; the files mean nothing until the commit."""
    found = world.write(session, load_pack(settings.pack), settings.pack, clock.now())
    lines = [json.dumps(record, ensure_ascii=False) for record in found.records()]
    (settings.data_dir / "people.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = found.told(settings.base_url, settings.registries_url)
    _save(settings, "demo.json.new", told)


def _finish(settings: Settings, staged: Any, told: Any) -> None:
    addresses = {"base_url": settings.base_url, "registries_url": settings.registries_url}
    _save(settings, staged.name, json.loads(staged.read_text(encoding="utf-8")) | addresses)
    staged.replace(told)


def _save(settings: Settings, name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (settings.data_dir / name).write_text(text + "\n", encoding="utf-8")


def _sandbox(settings: Settings) -> Teach:
    def teach(records: Sequence[Record]) -> None:
        control = sandbox(settings.registries_url, settings.sandbox_token)
        until = time.monotonic() + PATIENCE_S
        while not control.is_up():
            if time.monotonic() > until:
                raise SettingsError(f"REGISTRIES_URL: no sandbox answers at {settings.registries_url}")
            time.sleep(0.1)
        try:
            control.put_people(records)
        except RegistryUnreachable as fault:
            raise SettingsError("SANDBOX_TOKEN: the sandbox does not take people from us") from fault

    return teach
