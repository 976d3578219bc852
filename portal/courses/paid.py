"""Will this class be paid for me? Asked before a seat is taken, by the rules that judge the enrolment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from portal.check.answers import ANSWERS, SITUATIONS, Given, read
from portal.check.forms import ELDEST, YOUNGEST, short_name, words_for
from training.courses.models import ClassRun
from training.courses.rules import terms_of
from training.errors import NotThere
from training.policy.facts import Answer, Answers, Facts, Situation, Wanted, facts_from_answers
from training.policy.models import Family, Notice
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.policy.rules import Finding, Reason, findings

TUITION: Family = "tuition"
ASKED = ("birth_year", "situation", "had_subsidy_this_year")
OF_THE_CLASS = {"class_too_short", "level_not_paid", "grade_too_low"}


@dataclass(frozen=True)
class Question:
    """A question of the small form: its name, its words, and the answers to choose from."""

    name: str
    words: str
    choices: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True)
class Paid:
    """What the notice in force on the day the class starts says; `tuition` is None where it pays no tuition."""

    notice: Notice | None
    tuition: Finding | None
    questions: Sequence[Question]
    is_answered: bool

    @property
    def reasons(self) -> Sequence[Reason]:
        """All of them for somebody who answered; else what the class itself decides."""
        found = self.tuition.reasons if self.tuition else ()
        return [reason for reason in found if self.is_answered or reason.code in OF_THE_CLASS]

    @property
    def grade_percent(self) -> int | None:
        """The share that the school's grade leaves of the amount, where the notice names one."""
        factor = next(
            (one for one in (self.tuition.factors if self.tuition else ()) if one.name == "grade"), None
        )
        return int(factor.value_text.removesuffix("%")) if factor else None

    @property
    def least_percent(self) -> int | None:
        """How much of the class one must attend, in per cent."""
        value = self.notice.families[TUITION].min_attendance_percent if self.notice and self.tuition else None
        return value.value if value else None


def paid_for(run: ClassRun, query: Mapping[str, str], pack: Pack, on: date) -> Paid:
    """Judge the class for somebody who gave these answers, on the day `on`. What cannot be read is not answered."""
    given = read(query, pack, on)
    is_answered = all(name in given.given for name in ASKED)
    try:
        notice = notice_for(pack, run.district, run.starts_on)
    except NotThere:
        return Paid(None, None, (), False)
    facts = facts_given(given) if is_answered else Facts()
    found = findings(facts, terms_of(run), None, notice, on)
    tuition = next((item for item in found if item.family == TUITION), None)
    return Paid(notice, tuition, _questions(given, notice, pack, on), is_answered)


def facts_given(given: Given) -> Facts:
    """What the answers amount to; all that is ASKED must be there. The class says the rest."""
    answers = {name: given.given[name] for name in ASKED}
    return facts_from_answers(
        Answers(
            birth_year=int(answers["birth_year"]),
            situation=cast(Situation, answers["situation"]),
            had_subsidy_this_year=cast(Answer, answers["had_subsidy_this_year"]),
            wanted=Wanted(()),
            further=given.further,
        )
    )


def _questions(given: Given, notice: Notice, pack: Pack, on: date) -> list[Question]:
    years = [str(on.year - age) for age in range(YOUNGEST, ELDEST + 1)]
    choices = {"birth_year": years, "situation": SITUATIONS, "had_subsidy_this_year": ANSWERS}
    return [
        Question(
            name,
            short_name(name, notice),
            [
                (
                    code,
                    code if name == "birth_year" else words_for(name, code, given, pack),
                    given.given.get(name) == code,
                )
                for code in codes
            ],
        )
        for name, codes in choices.items()
    ]
