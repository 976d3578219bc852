"""The commands of `flask --app wsgi`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from jobs.commands import add_commands
from tests.make import PACK
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
