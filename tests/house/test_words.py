"""Both languages are complete, and pages speak the words of the glossary."""

from __future__ import annotations

import re

import pytest

from tests import words
from tests.house import tree


@pytest.mark.parametrize("locale", words.LOCALES)
def test_every_sentence_is_translated(locale: str) -> None:
    assert len(words.collected()) > 50
    assert not [str(fault) for fault in words.faults(locale)]


@pytest.mark.parametrize("locale", words.LOCALES)
def test_no_catalogue_is_fuzzy_as_a_whole(locale: str) -> None:
    """Such a one is passed over in silence when it is compiled, and every page speaks English."""
    assert not words.translated(locale).fuzzy


def test_the_check_notices_what_is_missing() -> None:
    """The check itself is checked: an empty, a fuzzy and a missing entry are three faults."""
    from babel.messages.catalog import Message

    sentence = Message("Show %(n)s classes")
    assert [f.what for f in words._faults_of("zh_Hans_CN", sentence, None)] == ["not in the catalogue"]
    assert [f.what for f in words._faults_of("zh_Hans_CN", sentence, Message("Show %(n)s classes", ""))] == [
        "empty"
    ]
    fuzzy = Message("Show %(n)s classes", "%(n)s 个班", flags=["fuzzy"])
    assert [f.what for f in words._faults_of("zh_Hans_CN", sentence, fuzzy)] == ["fuzzy"]
    lost = Message("Show %(n)s classes", "看班次")
    assert [f.what for f in words._faults_of("zh_Hans_CN", sentence, lost)] == ["a placeholder is lost"]


def test_no_chinese_stands_in_templates_outside_gettext() -> None:
    """Chinese belongs into the catalogue, else an English reader meets it (exceptions: the names of languages, the drawing of a card)."""
    foreign = re.compile(r"[一-鿿]")
    found = [
        f"{tree.name(path)}:{n}: {line.strip()[:120]}"
        for path in tree.templates()
        for n, line in enumerate(tree.without_comments(path.read_text()).splitlines(), 1)
        if foreign.search(line) and not re.search(r"zh-Hans|<text\b", line)
    ]
    assert not found, found


def test_refusing_is_called_refusing() -> None:
    """The verb is refuse, never reject."""
    found = [
        place
        for path in (*tree.modules(), *tree.templates())
        for place in tree.places(path, r"(?i)\breject(?!attr)")
    ]
    assert not found, found
