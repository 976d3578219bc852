"""The commands of `flask --app wsgi`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jobs.commands import add_commands
from tests.make import PACK, make_enrolment
from training.database import db
from training.privacy.models import LegalHold
from web.settings import Settings

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def commands(portal: Any, settings: Settings) -> Any:
    add_commands(portal, settings)
    return portal.test_cli_runner()


def test_the_pack_of_chongqing_is_ready(commands: Any) -> None:
    ended = commands.invoke(args=["pack", "check", str(PACK)])
    assert (ended.exit_code, ended.output.strip()) == (0, "ready")


def test_a_pack_without_its_notices_says_what_is_missing(commands: Any, tmp_path: Path) -> None:
    copy = tmp_path / "pack"
    shutil.copytree(PACK, copy)
    shutil.rmtree(copy / "notices")
    ended = commands.invoke(args=["pack", "check", str(copy)])
    assert ended.exit_code == 1
    assert "not ready" in ended.output


def test_a_whole_trail_is_said_to_be_whole(commands: Any) -> None:
    ended = commands.invoke(args=["audit", "verify"])
    assert (ended.exit_code, ended.output.strip()) == (0, "the trail is whole")


def test_a_hold_of_law_is_placed_and_ended_by_command(portal: Any, commands: Any) -> None:
    with portal.app_context():
        reference = make_enrolment().reference
    assert commands.invoke(args=["retention", "hold", reference, "audit"]).exit_code == 0
    with portal.app_context():
        holds = [(row.reason, row.ended_at) for row in db.session().scalars(select(LegalHold))]
        db.session.remove()
    assert holds == [("audit", None)]
    assert commands.invoke(args=["retention", "release", reference.lower(), "audit"]).exit_code == 0
    again = commands.invoke(args=["retention", "release", reference, "audit"])
    assert (again.exit_code, "no hold for audit" in again.output) == (1, True)
    unknown = commands.invoke(args=["retention", "hold", "CQ-26-7F3KM-Q9XWS", "audit"])
    assert (unknown.exit_code, "no enrolment" in unknown.output) == (1, True)


def test_the_retention_can_be_run_by_day(commands: Any) -> None:
    ended = commands.invoke(args=["retention", "run"])
    assert (ended.exit_code, ended.output.split()) == (0, ["told:", "0", "emptied:", "0"])
