"""The answers of the check as they travel in the address: read from a query, carried on, handed to the rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast, get_args

from training.errors import NotThere
from training.policy.facts import CHOICES, EXCLUSIONS, Answer, Answers, Situation
from training.policy.models import Notice
from training.policy.pack import District, Pack
from training.policy.queries import district_now, districts_on, notice_for, wanted
from training.policy.questions import missing_facts

FIELDS = ("birth_year", "situation", "district", "had_subsidy_this_year", "wants")
ANSWERS: tuple[str, ...] = get_args(Answer)
SITUATIONS: tuple[str, ...] = get_args(Situation)
OLDEST = 1900
ELSEWHERE = ""
"""A district that cannot be read: then the rules of the whole city count."""


@dataclass(frozen=True)
class Given:
    """What could be read. `given` holds the answers by field; `district` is None where it means nothing."""

    given: Mapping[str, str]
    further: Mapping[str, Answer] = field(default_factory=dict)
    district: District | None = None

    @property
    def unanswered(self) -> list[int]:
        """The numbers of the five questions that have no answer yet."""
        return [n for n, name in enumerate(FIELDS, start=1) if name not in self.given]

    def first_unreadable(self, query: Mapping[str, str]) -> int | None:
        """The number of the first of the five that the query answers with something that is no answer."""
        return next((n for n in self.unanswered if query.get(FIELDS[n - 1], "").strip()), None)

    def carried(self, without: str = "") -> dict[str, Any]:
        """The answers as they stand in an address, but for one."""
        return {name: value for name, value in {**self.given, **self.further}.items() if name != without}

    def answers(self, pack: Pack) -> Answers:
        """The answers as the rules read them; all five must be there."""
        return Answers(
            birth_year=int(self.given["birth_year"]),
            situation=cast(Situation, self.given["situation"]),
            had_subsidy_this_year=cast(Answer, self.given["had_subsidy_this_year"]),
            wanted=wanted(pack, self.given["wants"]),
            district=self.district.code if self.district else None,
            further=self.further,
        )

    def notice(self, pack: Pack, on: date) -> Notice:
        """The notice in force where the person lives."""
        return notice_for(pack, self.district.code if self.district else ELSEWHERE, on)

    def further_questions(self, pack: Pack, on: date) -> list[str]:
        """The facts asked beyond the five: those answered, then those a rule still needs."""
        if self.unanswered:
            return []
        notice = self.notice(pack, on)
        missing = missing_facts(self.answers(pack), notice, on)
        return [*self.further, *(name for name in missing if name in _further_names(notice))]

    def next_question(self, pack: Pack, on: date) -> int | None:
        """The number of the next question without an answer; None: all is known."""
        if self.unanswered:
            return self.unanswered[0]
        if len(self.further_questions(pack, on)) > len(self.further):
            return len(FIELDS) + len(self.further) + 1
        return None


def read(query: Mapping[str, str], pack: Pack, on: date) -> Given:
    """The answers in a query; what cannot be read counts as not answered. Of a repeated field the first counts."""
    given = dict(_five(query, pack, on))
    five = Given(given, district=_district(given.get("district", ""), pack, on))
    names = _further_names(five.notice(pack, on))
    return replace(
        five, further={name: cast(Answer, query[name]) for name in names if query.get(name) in ANSWERS}
    )


def _further_names(notice: Notice) -> list[str]:
    """The facts that may be asked beyond the five."""
    groups = [group for group in notice.groups if group not in CHOICES]
    return [*groups, *(name for name in EXCLUSIONS if name != "deceased")]


def _five(query: Mapping[str, str], pack: Pack, on: date) -> Iterator[tuple[str, str]]:
    for name in FIELDS:
        value = unicodedata.normalize("NFKC", query.get(name, "")).strip()
        if _can_be(name, value, pack, on):
            yield name, value


def _can_be(name: str, value: str, pack: Pack, on: date) -> bool:
    if name == "birth_year":
        return bool(re.fullmatch(r"[12]\d{3}", value, re.ASCII)) and OLDEST <= int(value) <= on.year
    if name == "district":
        return bool(value)
    choices: dict[str, Any] = {
        "situation": SITUATIONS,
        "had_subsidy_this_year": ANSWERS,
        "wants": {interest.code for interest in pack.interests},
    }
    return value in choices[name]


def _district(written: str, pack: Pack, on: date) -> District | None:
    """By code (also one that is gone) or by name."""
    try:
        return district_now(pack, written, on)
    except NotThere:
        named = (unit for unit in districts_on(pack, on) if written in {unit.name_zh, unit.name_en})
        return next(named, None)
