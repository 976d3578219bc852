"""The demo set behind both doors, for every case of the contract's table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine

from tests import demo_set
from tests.conftest import MORNING, Poison
from tests.journeys.demo import Demo


@pytest.fixture(scope="module")
def opened(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One copy of the demo set for a whole file: every test takes people of its own."""
    with time_machine.travel(MORNING, tick=False):
        demo = Demo.opened(demo_set.on_sqlite(run_folder, tmp_path_factory.mktemp("journeys")))
    yield demo
    demo.close()


@pytest.fixture
def demo(opened: Demo, clock: object, poison: Poison, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """The same, on its morning. The card system's slowness takes no time, but counts as much."""
    monkeypatch.setattr("registries.fake.time", SimpleNamespace(sleep=lambda seconds: None))
    people = opened.told.told["people"]
    poison.never.update(person[what] for person in people for what in ("number", "card"))
    return opened
