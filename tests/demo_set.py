"""The demo set, loaded once for a whole run of tests on the morning of every test, and copied for each that asks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import time_machine

from jobs import demo
from tests import postgres
from tests.conftest import MORNING, settings_for
from web.settings import Settings


@dataclass(frozen=True)
class DemoSet:
    """`settings` of a demo whose database holds the set; `told` is demo.json, `records` what the card system knows."""

    settings: Settings
    told: dict[str, Any]
    records: list[dict[str, Any]]

    def people(self, case: str) -> list[dict[str, Any]]:
        return [person for person in self.told["people"] if person["case"] == case]

    def class_of(self, case: str) -> str:
        """The id of a class case."""
        return str(next(one["ref"] for one in self.told["classes"] if one["case"] == case))

    def references(self, status: str) -> list[str]:
        return [track["reference"] for track in self.told["tracks"] if track["status"] == status]


def on_sqlite(run_folder: Path, folder: Path) -> DemoSet:
    """A copy of the loaded set in `folder`, to be changed at will."""
    kept = run_folder / "demo-set"
    with postgres.locked(run_folder, "demo-set.lock"):
        if not (kept / "records.json").exists():
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir()
            _load(kept)
    for name in ("training.sqlite3", "demo.json", "records.json"):
        shutil.copyfile(kept / name, folder / name)
    return found_in(folder)


def found_in(folder: Path) -> DemoSet:
    told, records = (json.loads((folder / name).read_text()) for name in ("demo.json", "records.json"))
    return DemoSet(demo_settings(folder), told, records)


def demo_settings(folder: Path, url: str | None = None, **changes: Any) -> Settings:
    """Settings of a demo in `folder`, with the registries in this process."""
    return settings_for(
        url or f"sqlite:///{folder / 'training.sqlite3'}", folder, environment="demo", **changes
    )


def _load(kept: Path) -> None:
    from jobs.prepare import migrate

    migrate(demo_settings(kept))
    heard: list[dict[str, object]] = []

    def hear(records: Sequence[dict[str, object]]) -> None:
        heard.extend(records)

    with time_machine.travel(MORNING, tick=False):
        demo.load_once(demo_settings(kept), teach=hear)
    (kept / "records.json").write_text(json.dumps(heard))
