"""Worked cases: a person, a class, a past, and what must come out. They stand beside each notice, run as
tests, and are shown with the rules in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from training.policy.facts import Answers, CourseTerms, Facts, PastSubsidy, facts_from_answers
from training.policy.models import Family, Level, Notice, Payee, Shape, Value, Words
from training.policy.questions import missing_facts
from training.policy.rules import Finding, Outcome, findings, reasons_not_to_claim
from training.ports import Group

Leaf = bool | int | date | str | tuple[str, ...]


class Expected(Shape):
    """What a finding must be. `no` and `unknown` are all reasons of that kind, `met` some that are satisfied.

    What is left out (None) is not compared; the amount of an outcome `no` is always None.
    """

    outcome: Outcome
    amount_fen: int | None = None
    factors: dict[str, int] | None = None
    no: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    papers: tuple[str, ...] | None = None
    payee: Payee | None = None
    group: Group | None = None
    until: date | None = None
    again_on: date | None = None
    example: bool | None = None


class ExpectedClaim(Shape):
    """What stands in the way of a claim after the class; nothing: it can be made."""

    attendance_percent: int
    certificate: bool
    missing: tuple[str, ...] = ()


class Row(Shape):
    """The same person in another class: the amount in fen that comes out."""

    family: Family
    occupation: str
    level: Level
    fen: int


class Case(Shape):
    """`person` with `course` and `history`, or the `answers` of the anonymous check, judged on `on`.

    `expects` by family; `rows` change occupation and level of the class; `asks` are the facts the check must
    still ask; `says` compares values of the notice by their path.
    """

    code: str
    title: Words
    story: Words
    on: date
    district: str
    person: Facts | None = None
    course: CourseTerms | None = None
    history: tuple[PastSubsidy, ...] = ()
    answers: Answers | None = None
    expects: dict[Family, Expected] = {}
    claims: dict[Family, ExpectedClaim] = {}
    rows: tuple[Row, ...] = ()
    asks: tuple[str, ...] | None = None
    says: dict[str, Leaf] = {}


def differences(case: Case, notice: Notice) -> list[str]:
    """What comes out otherwise than the case says, one sentence each; empty: the case holds."""
    return [f"{case.code}: {text}" for text in _differences(case, notice)]


def _differences(case: Case, notice: Notice) -> Iterator[str]:
    if not notice.is_in_force(case.on):
        yield f"{notice.number} is not in force on {case.on}"
    found = findings_of(case, notice)
    for name, expected in case.expects.items():
        yield from _finding_differs(name, found.get(name), expected)
    for row in case.rows:
        yield from _row_differs(row, case, notice)
    for name, claim in case.claims.items():
        yield from _claim_differs(name, claim, case, notice)
    if case.asks is not None and case.answers is not None:
        yield from _differs("asks", tuple(missing_facts(case.answers, notice, case.on)), case.asks)
    for path, value in case.says.items():
        yield from _differs(path, value_at(notice, path), value)


def findings_of(case: Case, notice: Notice) -> dict[Family, Finding]:
    """What the rules say of the case today, by family: the same engine as everywhere else."""
    if case.answers is not None:
        facts = facts_from_answers(case.answers)
        found = findings(facts, case.answers.wanted, None, notice, case.on)
    elif case.person is not None and case.course is not None:
        found = findings(case.person, case.course, case.history, notice, case.on)
    else:
        found = []
    return {finding.family: finding for finding in found}


def _finding_differs(name: str, finding: Finding | None, expected: Expected) -> Iterator[str]:
    if finding is None:
        yield f"{name}: no finding"
        return
    seen = _seen(finding)
    for what in Expected.model_fields:
        wanted = getattr(expected, what)
        if what == "met":
            yield from _differs(f"{name} met", tuple(code for code in wanted if code not in seen["met"]), ())
        elif wanted is not None:
            yield from _differs(f"{name} {what}", seen[what], wanted)
    if expected.outcome == "no":
        yield from _differs(f"{name} amount_fen", finding.amount_fen, None)


def _seen(finding: Finding) -> dict[str, Any]:
    """The finding under the names of `Expected`."""
    codes = {
        met: tuple(reason.code for reason in finding.reasons if reason.met == met)
        for met in ("yes", "no", "unknown")
    }
    values = {
        name: value
        for reason in finding.reasons
        for name, value in reason.values.items()
        if value is not None
    }
    return {
        "outcome": finding.outcome,
        "amount_fen": finding.amount_fen,
        "factors": {factor.name: factor.fen for factor in finding.factors},
        "no": codes["no"],
        "unknown": codes["unknown"],
        "met": codes["yes"],
        "papers": finding.papers,
        "payee": finding.payee,
        "group": finding.group,
        "until": values.get("to_on"),
        "again_on": values.get("again_on"),
        "example": finding.is_example,
    }


def _row_differs(row: Row, case: Case, notice: Notice) -> Iterator[str]:
    assert case.person is not None
    assert case.course is not None
    course = replace(case.course, occupation=row.occupation, level=row.level)
    found = findings(case.person, course, case.history, notice, case.on)
    amounts = {finding.family: finding.amount_fen for finding in found}
    yield from _differs(f"{row.family} {row.occupation} {row.level}", amounts.get(row.family), row.fen)


def _claim_differs(name: Family, claim: ExpectedClaim, case: Case, notice: Notice) -> Iterator[str]:
    assert case.course is not None
    found = reasons_not_to_claim(name, case.course, claim.attendance_percent, claim.certificate, notice)
    yield from _differs(f"claim {name}", tuple(reason.code for reason in found), claim.missing)


def value_at(notice: Notice, path: str) -> object:
    """The value of a notice at a path such as `families.tuition.payee`; None where there is none."""
    place: Any = notice
    for name in path.split("."):
        place = place.get(name) if isinstance(place, dict) else getattr(place, name, None)
    return place.value if isinstance(place, Value) else place


def _differs(what: str, seen: object, wanted: object) -> Iterator[str]:
    if seen != wanted:
        yield f"{what} is {seen}, not {wanted}"
