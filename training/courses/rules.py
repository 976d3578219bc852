"""What words find a class, how a past is counted, and how the rules of a notice see a class. Pure.

Search words are the same on both databases because they are plain letters and digits: SQLite and PostgreSQL
each have their own idea of what a letter is, so a Chinese character is written as its code. A word that
begins with `c` is Chinese (each character `<hex>v`), one that begins with `p` is typed on a Latin keyboard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import sqrt

from training.courses.models import ClassRun
from training.policy.facts import CourseTerms

Spell = Callable[[str], Sequence[Sequence[str]]]
"""From Chinese characters to their readings, a syllable each; more than one where a name may be read twice."""

LONGEST_SEARCH = 80
MOST_TERMS = 12
FEWEST_PEOPLE = 10
_SYLLABLES_KEPT = 8
_HAN = "㐀-䶿一-鿿豈-﫿〇\U00020000-\U000323af"
_RUN = re.compile(f"([{_HAN}]+)|([a-z0-9]+)")
_INITIAL = "(?:[zcs]h?|[bpmfdtnlgkhjqxryw])?"
_FINAL = "(?:i?ang?|i?ao|ai|ei|eng?|er|i?ong|ou|ing?|iu|ian|ie|ia|ua(?:ng?|i)?|u[eino]|ue|un|[aeiouv])"
_SYLLABLE = re.compile(_INITIAL + _FINAL)


@dataclass(frozen=True)
class Term:
    """One thing that must be found: words next to each other, or a single word that begins like this."""

    words: tuple[str, ...]
    is_beginning: bool


@dataclass(frozen=True)
class Share:
    """`part` of `whole` people; the shares are whole per cent, `low` and `high` the 95 % interval (Wilson)."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        return (200 * self.part + self.whole) // (2 * self.whole)

    @property
    def low(self) -> int:
        return round(100 * max(0.0, self._middle - self._half))

    @property
    def high(self) -> int:
        return round(100 * min(1.0, self._middle + self._half))

    @property
    def _middle(self) -> float:
        z2 = 1.96**2
        return (self.part + z2 / 2) / (self.whole + z2)

    @property
    def _half(self) -> float:
        z, n, p = 1.96, self.whole, self.part / self.whole
        return z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)


def share_of(part: int, whole: int) -> Share | None:
    """The share, or None where fewer than ten people stand behind it."""
    return Share(part, whole) if whole >= FEWEST_PEOPLE else None


def search_words(texts: Iterable[str], spell: Spell) -> str:
    """Everything these texts can be found by, separated by spaces.

    Chinese by pairs of characters, and by pinyin and initials from every character on; Latin words whole.
    """
    return " ".join(word for text in texts for word in _words_of(text, spell))


def _words_of(text: str, spell: Spell) -> Iterator[str]:
    for chinese, latin in _runs(text):
        if latin:
            yield f"p{latin}"
            continue
        yield from _pairs(chinese)
        yield _chinese(chinese[-1])
        for reading in spell(chinese):
            yield from _endings(reading)


def _endings(syllables: Sequence[str]) -> Iterator[str]:
    for start in range(len(syllables)):
        said = syllables[start : start + _SYLLABLES_KEPT]
        yield "p" + "".join(said)
        if len(said) > 1:
            yield "p" + "".join(syllable[:1] for syllable in said)


def search_terms(text: str) -> tuple[Term, ...]:
    """What a search asks for; all of it must be found. Empty when there is nothing to search for.

    Two syllables typed apart (`mian dian`) are one word; initials (`dg`) and names stay as they are typed.
    """
    terms: list[Term] = []
    for is_latin, runs in groupby(_runs(text[:LONGEST_SEARCH]), key=lambda run: bool(run[1])):
        if is_latin:
            terms += [Term((f"p{word}",), True) for word in _paired([latin for _, latin in runs])]
        else:
            terms += [_chinese_term(chinese) for chinese, _ in runs]
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def _chinese_term(run: str) -> Term:
    return Term(tuple(_pairs(run)), False) if len(run) > 1 else Term((_chinese(run),), True)


def _paired(words: list[str]) -> list[str]:
    paired: list[str] = []
    can_join = False
    for word in words:
        is_syllable = _SYLLABLE.fullmatch(word) is not None
        if can_join and is_syllable:
            paired[-1] += word
            can_join = False
        else:
            paired.append(word)
            can_join = is_syllable
    return paired


def _runs(text: str) -> list[tuple[str, str]]:
    """Pieces of Chinese or of Latin letters and digits, without accents, tone marks and everything else."""
    folded = unicodedata.normalize("NFC", text).lower().replace("ü", "v")
    plain = unicodedata.normalize("NFKD", folded)
    kept = "".join(char for char in plain if unicodedata.category(char) != "Mn").lower()
    return _RUN.findall(kept)


def _pairs(run: str) -> Iterator[str]:
    return (_chinese(one + two) for one, two in pairwise(run))


def _chinese(characters: str) -> str:
    return "c" + "".join(f"{ord(character):x}v" for character in characters)


def terms_of(run: ClassRun) -> CourseTerms:
    """A class as the rules of a notice see it."""
    course = run.course
    return CourseTerms(
        occupation=course.occupation,
        level=course.level.value,
        hours=course.hours,
        fee_fen=course.fee_fen,
        starts_on=run.starts_on,
        district=run.district,
        grade=course.institution.grade.value,
        open_to_self_payers=run.open_to_self_payers,
    )
