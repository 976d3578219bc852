"""Loading: once, the same each time, on both databases, quickly, and taken up again after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs.demo import load_once
from tests import demo_set
from tests.conftest import KEYRING
from training import keys, seals
from training.enrolments.models import Enrolment
from training.errors import SettingsError

STATEMENTS = 900  # two files of old records go the way of every file


class Killed(BaseException):
    """As if the power went."""


@pytest.fixture
def settings_of_a_demo(database_url: str, tmp_path: Path, clock: Any):
    return demo_set.demo_settings(tmp_path, database_url)


def test_it_loads_on_both_databases_the_same_and_the_trail_is_whole(
    settings_of_a_demo, run_folder: Path, tmp_path_factory, database, statements
) -> None:
    """The first run is killed when the rows stand and the card system is to be told; a second one finishes."""
    folder = settings_of_a_demo.data_dir
    records: list[Any] = []
    with statements() as sent, pytest.raises(Killed):
        load_once(settings_of_a_demo, killed)
    assert not (folder / "demo.json").exists()
    load_once(settings_of_a_demo, records.extend)
    told = json.loads((folder / "demo.json").read_text())
    before = demo_set.on_sqlite(run_folder, tmp_path_factory.mktemp("other"))
    assert (told, records) == (before.told, before.records)
    assert not (folder / "people.jsonl").exists()
    assert len(sent) < STATEMENTS
    keys.use(KEYRING)
    assert seals.verify(database.session) == []


def killed(_: Any) -> None:
    raise Killed


def test_a_second_call_changes_nothing_but_the_addresses(demo, demo_database) -> None:
    count = select(func.count()).select_from(Enrolment)
    before = demo_database.session.scalar(count)
    moved = demo_set.demo_settings(demo.settings.data_dir, base_url="http://127.0.0.1:8188")
    records: list[Any] = []
    load_once(moved, records.extend)
    told = json.loads((demo.settings.data_dir / "demo.json").read_text())
    assert told == demo.told | {"base_url": "http://127.0.0.1:8188"}
    assert demo_database.session.scalar(count) == before
    assert records == []


def test_a_set_without_its_file_is_refused(demo) -> None:
    (demo.settings.data_dir / "demo.json").unlink()
    with pytest.raises(SettingsError, match=r"demo\.json is missing"):
        load_once(demo.settings, lambda _: None)


def test_an_address_without_a_sandbox_is_named(demo, monkeypatch) -> None:
    monkeypatch.setattr("jobs.demo.load.PATIENCE_S", 0.0)
    data_dir = demo.settings.data_dir
    (data_dir / "demo.json").rename(data_dir / "demo.json.new")
    (data_dir / "people.jsonl").write_text(json.dumps(demo.records[0]) + "\n")
    with pytest.raises(SettingsError, match="no sandbox answers"):
        load_once(demo.settings)
