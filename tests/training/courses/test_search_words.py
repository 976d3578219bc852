"""What a class is found by: words are plain letters and digits, whatever was typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.make import PACK
from training.courses.operations import speller
from training.courses.rules import MOST_TERMS, Share, search_terms, search_words, share_of
from training.policy.queries import load_pack

SPELL = speller(load_pack(PACK))
HAN = "电焊工高级江北区面点师育婴员重庆𠮷〇"


def is_found(typed: str, *texts: str) -> bool:
    """As both databases find it: words next to each other, or the beginning of a word."""
    words = f" {search_words(texts, SPELL)} "
    terms = search_terms(typed)
    return bool(terms) and all(
        (f" {term.words[0]}" if term.is_beginning else f" {' '.join(term.words)} ") in words for term in terms
    )


@pytest.mark.parametrize(
    "typed",
    [
        "电工",
        "焊工",
        "焊",
        "工",
        "diangong",
        "dian gong",
        "DianGong",
        "diang",
        "dg",
        "gjdg",
        "hangong",
        "gaojihangong",
        "diàn gōng",
        "ｄｇ",
        "江岸技能",
        "jiangan",
        "jajn",
        "  电工 ，江岸！",
        "junior weld",
        "3d",
    ],
)
def test_a_class_is_found_by(typed: str) -> None:
    texts = ("高级焊工", "电工（初级工）", "高级电工", "江岸技能学校", "Junior welder 3D")
    assert is_found(typed, *texts)


@pytest.mark.parametrize("typed", ["工电", "师", "gongdian", "gd9", "江安", "welders"])
def test_a_class_is_not_found_by(typed: str) -> None:
    assert not is_found(typed, "高级焊工", "电工", "江岸技能学校", "Junior welder")


def test_names_are_read_as_people_say_them() -> None:
    assert is_found("shanjia", "单家面点学校")
    assert is_found("danjia", "单家面点学校")
    assert is_found("yuchi", "尉迟电工学校")
    assert is_found("chongqing", "重庆")
    assert is_found("qijiang", "綦江区")
    assert is_found("nvzi", "女子")


@given(some.text(alphabet=HAN, min_size=1, max_size=8), some.data())
def test_every_part_of_a_chinese_name_finds_it(name: str, data: some.DataObject) -> None:
    start = data.draw(some.integers(0, len(name) - 1))
    assert is_found(name[start : start + data.draw(some.integers(1, 8))], name)


@given(some.text(max_size=120))
def test_A56_whatever_is_typed_becomes_plain_words(typed: str) -> None:
    terms = search_terms(typed)
    assert len(terms) <= MOST_TERMS
    assert all(re.fullmatch("[cp][a-z0-9]+", word) for term in terms for word in term.words)


def test_a_share_says_how_sure_it_is() -> None:
    share = Share(379, 412)
    assert (share.percent, share.low, share.high) == (92, 89, 94)
    assert share_of(9, 9) is None
    assert share_of(10, 10) == Share(10, 10)
    assert Share(10, 10).high == 100
    assert Share(0, 10).low == 0


def test_places_and_words_are_read_as_here() -> None:
    assert list(SPELL("重庆綦江")) == [["chong", "qing", "qi", "jiang"]]
    assert list(SPELL("北碚调酒")) == [["bei", "bei", "tiao", "jiu"]]
