"""What is known of a person, a class and the past when a rule is asked. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from pydantic import ConfigDict

from training.policy.models import Exclusion, Family, Grade, Level
from training.ports import Group, RegisteredPerson

Answer = Literal["yes", "no", "unknown"]
Proof = Literal["register", "verified", "declared", "answer"]
Situation = Literal["unemployed", "migrant", "graduate", "school_leaver", "employee", "unsure"]
STRICT = ConfigDict(extra="forbid")
CHOICES: tuple[Group, ...] = ("unemployed", "migrant", "graduate", "school_leaver", "employee")
GROUPS: tuple[Group, ...] = get_args(Group)
EXCLUSIONS: tuple[Exclusion, ...] = get_args(Exclusion)


@dataclass(frozen=True)
class GroupFact:
    """Whether the person belongs to `group`, from when to when (both included), and who says so.

    `from_on` is the day of the event: registered, graduated, left school. What is only `declared` is not
    proven: it keeps the question open and never closes it.
    """

    __pydantic_config__ = STRICT

    group: Group
    met: Answer
    from_on: date | None = None
    to_on: date | None = None
    source: Proof = "register"


@dataclass(frozen=True)
class Facts:
    """A person, as far as the rules ask. `birth_year` where the day is not known.

    `excluded` answers each exclusion; what is absent is unknown. `had_subsidy_this_year` is asked only where
    there is no history. `certificates` are (occupation, level).
    """

    __pydantic_config__ = STRICT

    birth_on: date | None = None
    birth_year: int | None = None
    groups: tuple[GroupFact, ...] = ()
    employed: Answer = "unknown"
    excluded: Mapping[Exclusion, Answer] = field(default_factory=dict)
    had_subsidy_this_year: Answer = "unknown"
    certificates: tuple[tuple[str, Level], ...] = ()
    district: str | None = None


@dataclass(frozen=True)
class CourseTerms:
    """A class as the rules see it. `fee_fen` in fen, `hours` in class hours; `grade` is the school's."""

    __pydantic_config__ = STRICT

    occupation: str
    level: Level
    hours: int
    fee_fen: int
    starts_on: date
    district: str
    grade: Grade = "none"
    open_to_self_payers: bool = False


@dataclass(frozen=True)
class Wanted:
    """No class yet: the occupations and levels that may be chosen (`queries.wanted`)."""

    __pydantic_config__ = STRICT

    choices: tuple[tuple[str, Level], ...]


Course = CourseTerms | Wanted


@dataclass(frozen=True)
class PastSubsidy:
    """A subsidy used or held, here or elsewhere. `on` is the day of enrolment, or the only day known.

    `office` and `phone` are all that a refusal may say about it. `also` are the other codes of its occupation, from
    before or after it was renamed.
    """

    __pydantic_config__ = STRICT

    family: Family
    occupation: str
    level: Level
    on: date
    state: Literal["used", "held"] = "used"
    office: str = ""
    phone: str = ""
    claimed_on: date | None = None
    paid_on: date | None = None
    also: frozenset[str] = frozenset()

    def is_of(self, occupation: str) -> bool:
        """Whether it was paid for this occupation, under whichever of its codes."""
        return occupation == self.occupation or occupation in self.also


History = tuple[PastSubsidy, ...]


@dataclass(frozen=True)
class Answers:
    """What the anonymous check was told. `further` holds the facts asked beyond the five, by their name."""

    __pydantic_config__ = STRICT

    birth_year: int
    situation: Situation
    had_subsidy_this_year: Answer
    wanted: Wanted
    district: str | None = None
    further: Mapping[str, Answer] = field(default_factory=dict)


def facts_from_answers(answers: Answers) -> Facts:
    """The facts that the answers of the check amount to.

    Whoever chose one of the situations said no to the others; groups that were no choice stay unknown.
    """
    return Facts(
        birth_year=answers.birth_year,
        groups=tuple(GroupFact(group, _answered(answers, group), source="answer") for group in GROUPS),
        employed="yes" if answers.situation == "employee" else "unknown",
        excluded={name: answers.further[name] for name in EXCLUSIONS if name in answers.further},
        had_subsidy_this_year=answers.had_subsidy_this_year,
        district=answers.district,
    )


def _answered(answers: Answers, group: Group) -> Answer:
    if group in answers.further:
        return answers.further[group]
    if group == answers.situation:
        return "yes"
    if answers.situation == "employee" and group == "hard_to_place":
        return "no"  # certified as without work
    return "no" if group in CHOICES and answers.situation != "unsure" else "unknown"


def facts_from_register(person: RegisteredPerson, on: date, declared: Group | None = None) -> Facts:
    """What the card registry knows on the day `on`, with the group that the person declares beside it.

    A group without evidence is `no` for the register; the declared one stays open.
    """
    proven = tuple(GroupFact(item.group, "yes", item.from_on, item.to_on) for item in person.groups)
    said = (GroupFact(declared, "yes", source="declared"),) if declared else ()
    return Facts(
        birth_on=person.birth_on,
        groups=proven + said + _absent({fact.group for fact in proven + said}),
        employed=_yes(any(job.covers(on) for job in person.employed)),
        excluded={
            "deceased": _yes(person.death_on is not None and person.death_on <= on),
            "draws_pension": _yes(person.pension_from is not None and person.pension_from <= on),
            "full_time_student": _yes(any(period.covers(on) for period in person.full_time_study)),
            "public_payroll": _yes(
                person.public_payroll_from is not None and person.public_payroll_from <= on
            ),
        },
    )


def _absent(known: set[Group]) -> tuple[GroupFact, ...]:
    return tuple(GroupFact(group, "no") for group in GROUPS if group not in known)


def _yes(met: bool) -> Answer:
    return "yes" if met else "no"
