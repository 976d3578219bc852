"""Readings that a dictionary gets wrong."""

from __future__ import annotations

from tests.training.policy.packs import chongqing

NAMES = chongqing().pronunciation


def test_a_reading_has_as_many_sounds_as_characters():
    for table in (NAMES.surnames, NAMES.places, NAMES.words):
        assert all(len(word) == len(said.split()) for word, said in table.items())


def test_surnames_that_are_read_otherwise_are_listed():
    assert {name: NAMES.surnames[name] for name in ("单", "解", "查", "仇", "区", "曾", "尉迟")} == {
        "单": "shàn",
        "解": "xiè",
        "查": "zhā",
        "仇": "qiú",
        "区": "ōu",
        "曾": "zēng",
        "尉迟": "yù chí",
    }
