"""Readings of single characters: what pypinyin says, without its weight."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import readings
from training.people.rules import sound_of
from training.readings import TABLE, reading_of


def test_the_table_is_up_to_date() -> None:
    """Remake it with `python -m tests.readings`."""
    assert TABLE.read_text("utf-8") == readings.table()


@pytest.mark.parametrize(
    ("character", "reading"),
    [
        ("冉", "ran"),
        ("琼", "qiong"),
        ("瓊", "qiong"),
        ("绿", "lv"),
        ("A", "A"),
        ("·", "·"),
        ("\U0010ffff", "\U0010ffff"),
    ],
)
def test_a_character_has_one_reading_and_what_is_not_chinese_is_itself(character: str, reading: str) -> None:
    assert reading_of(character) == reading


def test_a_name_sounds_the_same_in_every_process_whatever_phrases_it_has_learnt() -> None:
    assert sound_of("单雄信") == "dan xiong xin"


def test_no_door_holds_the_dictionary_of_phrases() -> None:
    """56 MB for each worker: only who publishes classes loads it."""
    code = "import sys, portal.app, backoffice.app; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
