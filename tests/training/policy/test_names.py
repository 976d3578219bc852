"""Readings that a dictionary gets wrong."""

from __future__ import annotations

from pypinyin import lazy_pinyin, load_phrases_dict

from tests.training.policy.packs import chongqing

NAMES = chongqing().pronunciation


def test_a_reading_has_as_many_sounds_as_characters():
    for table in (NAMES.surnames, NAMES.places, NAMES.words):
        assert all(len(word) == len(said.split()) for word, said in table.items())


def test_places_and_words_are_read_as_here():
    load_phrases_dict(NAMES.phrases())
    assert lazy_pinyin("重庆綦江") == ["chong", "qing", "qi", "jiang"]
    assert lazy_pinyin("北碚调酒") == ["bei", "bei", "tiao", "jiu"]


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
