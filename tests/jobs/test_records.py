"""The process for old records: started when something waits, never twice, with a limit of memory."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jobs import records
from jobs.worker_app import create_app
from tests import make
from tests.training.records.files import JIULONGPO, payments
from training.database import db
from training.policy.queries import load_pack
from training.records import operations
from training.records.operations.turns import take_turn


class Started:
    """A process that was only written down."""

    def __init__(self, command: list[str], **_: Any) -> None:
        self.command, self.ended, self.signals = command, None, []  # type: tuple[list[str], int | None, list[int]]

    def poll(self) -> int | None:
        return self.ended

    def send_signal(self, number: int) -> None:
        self.signals.append(number)


@pytest.fixture
def jobs(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(records, "_running", [])
    monkeypatch.setattr(subprocess, "Popen", Started)
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def send() -> None:
    actor = make.actor_of(make.staff("reviewer_municipal", district=None))
    content = JIULONGPO.file(payments(3))
    operations.upload(actor, "x.csv", io.BytesIO(content), load_pack(make.PACK), "500107")


def test_a_process_is_started_when_something_waits_and_only_one(jobs: Flask) -> None:
    assert records.start_on_records(jobs) is False
    send()
    assert records.start_on_records(jobs) is True
    assert records.start_on_records(jobs) is False
    [process] = records._running
    assert process.command == [sys.executable, "-m", "jobs.records"]  # type: ignore[attr-defined]
    process.ended = 0  # type: ignore[attr-defined]
    assert records.start_on_records(jobs) is True


def test_while_another_worker_has_it_in_hand_none_is_started(jobs: Flask) -> None:
    from training.database import transaction

    send()
    assert transaction(take_turn) is not None
    assert records.start_on_records(jobs) is False


def test_the_process_ends_with_the_worker(jobs: Flask) -> None:
    send()
    records.start_on_records(jobs)
    records.end_on_records()
    [process] = records._running
    assert process.signals  # type: ignore[attr-defined]


def test_A58_the_process_may_not_take_more_than_its_memory(settings: Any, tmp_path: Any) -> None:
    """The limit stands before the first byte of a stranger's file is read."""
    code = (
        "import resource, jobs.records as r; r.work_once = lambda pack: False; r.main(); "
        "print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    )
    environ = {"APP_ENV": "demo", "DATA_DIR": str(tmp_path), "REGISTRIES_MODE": "fake", "PATH": "/usr/bin"}
    environ["DATABASE_URL"] = settings.database_url
    said = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert int(said.stdout) == records.MEMORY
