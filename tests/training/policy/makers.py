"""People, classes and pasts for the tests of the rules. Invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.training.policy.packs import chongqing
from training.policy.facts import CourseTerms, Facts, GroupFact, PastSubsidy
from training.policy.models import Notice
from training.policy.queries import notice_for
from training.policy.rules import Finding, findings
from training.ports import Group

TODAY = date(2026, 11, 25)
START = date(2026, 12, 10)
SHAPINGBA, WANZHOU = "500106", "500101"
ELECTRICIAN, WELDER, COOK = "6-31-01-03", "6-18-02-04", "4-03-02-01"


def notice(district: str = SHAPINGBA, on: date = START) -> Notice:
    return notice_for(chongqing(), district, on)


def person(group: Group | None = "migrant", **known: Any) -> Facts:
    groups = (GroupFact(group, "yes", known.pop("since", None)),) if group else ()
    return Facts(**{"birth_on": date(1985, 3, 2), "groups": groups} | known)


def a_class(**terms: Any) -> CourseTerms:
    usual: dict[str, Any] = {
        "occupation": ELECTRICIAN,
        "level": "5",
        "hours": 96,
        "fee_fen": 150000,
        "starts_on": START,
        "district": SHAPINGBA,
        "grade": "A",
    }
    return CourseTerms(**usual | terms)


def paid(on: date, **past: Any) -> PastSubsidy:
    usual: dict[str, Any] = {"family": "tuition", "occupation": COOK, "level": "5", "on": on}
    return PastSubsidy(**usual | past)


def tuition(facts: Facts, *past: PastSubsidy, **terms: Any) -> Finding:
    found = findings(facts, a_class(**terms), past, notice(), TODAY)
    return next(finding for finding in found if finding.family == "tuition")


def codes(finding: Finding, met: str = "no") -> list[str]:
    return [reason.code for reason in finding.reasons if reason.met == met]
