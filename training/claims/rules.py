"""What is due after a class, what must be in order before it is agreed, and by whom. Pure.

`ClaimFacts` is all that a claim rests on. It is stored with the claim, so that the amount can be worked out
again from the same inputs and the same notice (I08).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from training.claims.lifecycle import ClaimStatus, TaskOutcome
from training.enrolments.lifecycle import EnrolmentStatus
from training.outcomes.rules import Attended
from training.people.rules import AccountSeen, reasons_to_look_at_account
from training.policy.amounts import Amount, amount_due
from training.policy.caps import reasons_not_to_hold_entitlement
from training.policy.facts import CourseTerms, Facts, History
from training.policy.groups import group_reason
from training.policy.models import Family, FamilyRule, Notice, Payee
from training.ports import Group

AUTOMATIC: tuple[Family, ...] = ("tuition",)
TASKS = (
    "identity",
    "group",
    "attendance",
    "result",
    "certificate",
    "not_paid_before",
    "yearly_cap",
    "no_overlap",
    "school",
    "amount",
)
STILL_TO_COME = {"result", "certificate"}
SAME_LEVEL = {"already_paid_same_level", "higher_level_held"}
OVERLAP = {"paid_from_other_fund"}


@dataclass(frozen=True)
class ClaimFacts:
    """What is known of an enrolment that has ended, on the day `on`. `history` is without its own entitlement.

    `facts` is what the card registry said, None where it never answered. Certificates are named by their last
    four characters. `school` is the institution's status.
    """

    on: date
    counted_on: date
    group: Group | None
    group_is_declared: bool
    facts: Facts | None
    course: CourseTerms
    history: History
    certified_on: date | None
    certified_by: str | None
    attended: Attended
    passed: bool | None
    certificate_tail: str | None
    certificate_on: date | None
    school: str

    def to_json(self) -> str:
        """One line of JSON, to be stored (encrypted) with the claim."""
        return _FACTS.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> ClaimFacts:
        """The facts stored by `to_json`. Raises ValueError."""
        return _FACTS.validate_json(text)


_FACTS = TypeAdapter(ClaimFacts)


@dataclass(frozen=True)
class Due:
    """A subsidy that is due: how much, made of which lines, to whom."""

    family: Family
    amount: Amount
    payee: Payee


@dataclass(frozen=True)
class Finding:
    """What was found about one task, and the values it rests on (codes, dates and figures, no words)."""

    task: str
    outcome: TaskOutcome
    values: Mapping[str, Any] = field(default_factory=dict)


def claims_due(status: EnrolmentStatus, is_self_paid: bool, facts: ClaimFacts, notice: Notice) -> list[Due]:
    """Which claims are made without anybody applying; empty where the notice wants an application or pays 0."""
    if status is not EnrolmentStatus.PASSED or is_self_paid:
        return []
    found = [(family, amount_of(facts, rule), rule.payee.value) for family, rule in _automatic(notice)]
    return [Due(family, amount, payee) for family, amount, payee in found if amount.fen > 0]


def expected_fen(group: Group | None, course: CourseTerms, history: History, notice: Notice, on: date) -> int:
    """What the claims would come to at most for whoever passes, as things stand on the day `on`.

    0 where the notice pays this group nothing, or something had or held before stands against it. A group that
    nobody knows yet (None) has the best share. `history` is without the own entitlement.
    """
    return sum(
        amount_for(group, course, rule).fen
        for family, rule in _automatic(notice)
        if (group is None or group in rule.groups or not rule.groups)
        and not reasons_not_to_hold_entitlement(family, course, history, notice, on)
    )


def _automatic(notice: Notice) -> Iterator[tuple[Family, FamilyRule]]:
    """The subsidies of a notice that are claimed without anybody applying."""
    for family in AUTOMATIC:
        rule = notice.families.get(family)
        if rule is not None and rule.automatic.value:
            yield family, rule


def amount_of(facts: ClaimFacts, rule: FamilyRule) -> Amount:
    """The amount from stored facts: the same fen each time it is asked (I08)."""
    return amount_for(facts.group, facts.course, rule)


def amount_for(group: Group | None, course: CourseTerms, rule: FamilyRule) -> Amount:
    """The amount of a class for somebody of this group."""
    return amount_due(rule, course, group if group in rule.groups else None)


def tasks_before(facts: ClaimFacts, family: Family, amount_fen: int, notice: Notice) -> list[Finding]:
    """Everything that must be in order before the claim is agreed, in the order of TASKS."""
    rule = notice.families[family]
    past = {reason.code: reason.values for reason in _past(facts, family, notice)}
    return [
        _identity(facts),
        _group(facts, rule, notice),
        _attendance(facts, rule),
        _result(facts),
        _certificate(facts, rule),
        _none_of("not_paid_before", past, SAME_LEVEL),
        _none_of("yearly_cap", past, past.keys() - SAME_LEVEL - OVERLAP),
        _none_of("no_overlap", past, OVERLAP),
        _school(facts, rule),
        _amount(facts, rule, amount_fen),
    ]


def account_task(seen: AccountSeen | None, put_forward_at: datetime) -> Finding:
    """What the claimant's bank account gives to ask about, once the claim was put forward then (A10, A40)."""
    reasons = reasons_to_look_at_account(seen, put_forward_at)
    if seen is None or not reasons:
        return Finding("account", TaskOutcome.PASSED, {"on": _iso(seen.on) if seen else None})
    changed_on = _iso(seen.on) if "account_changed" in reasons else None
    return Finding("account", TaskOutcome.LOOK, {"changed_on": changed_on, "shared_with": seen.others})


def still_to_come(findings: Iterable[Finding]) -> list[str]:
    """Tasks whose evidence has not arrived yet: the claim is proposed, and submitted once it has."""
    return [found.task for found in findings if found.task in STILL_TO_COME and found.values.get("missing")]


def _identity(facts: ClaimFacts) -> Finding:
    outcome = TaskOutcome.PASSED if facts.certified_on else TaskOutcome.FAILED
    return Finding("identity", outcome, {"on": _iso(facts.certified_on), "by": facts.certified_by})


def _group(facts: ClaimFacts, rule: FamilyRule, notice: Notice) -> Finding:
    values = {"group": facts.group, "on": _iso(facts.course.starts_on), "declared": facts.group_is_declared}
    if facts.group not in rule.groups:
        return Finding("group", TaskOutcome.FAILED, values)
    only = rule.model_copy(update={"groups": {facts.group: rule.groups[facts.group]}})
    met = group_reason(only, facts.facts or Facts(), notice, facts.course.starts_on)[0].met
    outcomes = {"yes": TaskOutcome.PASSED, "unknown": TaskOutcome.LOOK, "no": TaskOutcome.FAILED}
    return Finding("group", outcomes[met], values)


def _attendance(facts: ClaimFacts, rule: FamilyRule) -> Finding:
    least = rule.min_attendance_percent.value if rule.min_attendance_percent else 0
    seen = facts.attended
    values = {
        "percent": seen.percent,
        "least": least,
        "present": seen.present,
        "scheduled": seen.scheduled,
        "unrecorded": seen.unrecorded,
    }
    if not seen.is_recorded:
        return Finding("attendance", TaskOutcome.LOOK, values | {"missing": True})
    enough = seen.percent >= least
    whole = TaskOutcome.LOOK if seen.unrecorded else TaskOutcome.PASSED
    return Finding("attendance", whole if enough else TaskOutcome.FAILED, values)


def _result(facts: ClaimFacts) -> Finding:
    if facts.passed is None:
        return Finding("result", TaskOutcome.FAILED, {"missing": True})
    return Finding("result", TaskOutcome.PASSED if facts.passed else TaskOutcome.FAILED)


def _certificate(facts: ClaimFacts, rule: FamilyRule) -> Finding:
    values = {"tail": facts.certificate_tail, "on": _iso(facts.certificate_on)}
    if facts.certificate_tail or not rule.certificate.value:
        return Finding("certificate", TaskOutcome.PASSED, values)
    return Finding("certificate", TaskOutcome.FAILED, {"missing": True})


def _past(facts: ClaimFacts, family: Family, notice: Notice) -> Sequence[Any]:
    return reasons_not_to_hold_entitlement(family, facts.course, facts.history, notice, facts.counted_on)


def _none_of(task: str, past: Mapping[str, Mapping[str, Any]], codes: Iterable[str]) -> Finding:
    found = next((code for code in sorted(codes) if code in past), None)
    if found is None:
        return Finding(task, TaskOutcome.PASSED)
    told = {name: past[found].get(name) for name in ("office", "on", "phone")}
    values = {name: _iso(value) if isinstance(value, date) else value for name, value in told.items()}
    return Finding(task, TaskOutcome.FAILED, {"code": found, **values})


def _school(facts: ClaimFacts, rule: FamilyRule) -> Finding:
    values = {"grade": facts.course.grade, "status": facts.school}
    share = rule.amounts.by_grade.get(facts.course.grade)
    if share is not None and share.value == 0:
        return Finding("school", TaskOutcome.FAILED, values)
    in_order = facts.school in ("filed", "listed")
    return Finding("school", TaskOutcome.PASSED if in_order else TaskOutcome.LOOK, values)


def _amount(facts: ClaimFacts, rule: FamilyRule, amount_fen: int) -> Finding:
    again = amount_of(facts, rule).fen
    outcome = TaskOutcome.PASSED if again == amount_fen else TaskOutcome.FAILED
    return Finding("amount", outcome, {"stored": amount_fen, "again": again})


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass(frozen=True)
class Hands:
    """Who has touched a claim, by account: enrolled, verified, decided at the district, at the municipal desk.

    `own` is the account whose holder is the claimant.
    """

    enrolled: str | None
    verified: str | None
    district: frozenset[str] = frozenset()
    municipal: frozenset[str] = frozenset()
    own: str | None = None
    before: frozenset[str] = frozenset()


def four_eyes(status: ClaimStatus, actor_id: str, hands: Hands) -> list[str]:
    """Why this person may not decide this claim, whatever roles they hold (I14, A34); empty: they may."""
    other = hands.municipal if status is ClaimStatus.DISTRICT_REVIEW else hands.district
    reasons = {
        "own_claim": actor_id == hands.own,
        "enrolled_it": actor_id == hands.enrolled,
        "verified_it": actor_id == hands.verified,
        "decided_it_before": actor_id in other or actor_id in hands.before,
    }
    return [code for code, is_so in reasons.items() if is_so]


def reasons_not_to_agree(findings: Iterable[Finding], note: str) -> list[str]:
    """`task_<name>` for each task that is not met, `note_missing` where one needs a look and nothing was said."""
    found = list(findings)
    failed = [f"task_{one.task}" for one in found if one.outcome is TaskOutcome.FAILED]
    unexplained = any(one.outcome is TaskOutcome.LOOK for one in found) and not note.strip()
    return failed + (["note_missing"] if unexplained else [])


def frozen_hash(fields: Mapping[str, Any]) -> str:
    """SHA-256 over what an approval freezes: amount, its lines, payee, notice (A33)."""
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
