"""What is due, which tasks stand before it, and by whom it may be decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import PACK
from training.claims.lifecycle import ClaimStatus, TaskOutcome
from training.claims.reasons import InBatch, reasons_apart
from training.claims.rules import (
    TASKS,
    ClaimFacts,
    Finding,
    Hands,
    account_task,
    amount_of,
    claims_due,
    four_eyes,
    frozen_hash,
    reasons_not_to_agree,
    still_to_come,
    tasks_before,
)
from training.enrolments.lifecycle import EnrolmentStatus
from training.outcomes.rules import Attended
from training.people.rules import AccountSeen
from training.policy.facts import CourseTerms, Facts, GroupFact, PastSubsidy
from training.policy.queries import load_pack, notice_numbered

NOTICE = notice_numbered(load_pack(PACK), "cq-2026-18")
SHARING = load_pack(PACK).sharing
COURSE = CourseTerms("6-31-01-03", "5", 120, 150_000, date(2026, 3, 2), "500103", grade="A")
MIGRANT = Facts(birth_on=date(1985, 1, 1), groups=(GroupFact("migrant", "yes", date(2020, 1, 1)),))
FINE = ClaimFacts(
    on=date(2026, 6, 16),
    counted_on=date(2026, 2, 20),
    group="migrant",
    group_is_declared=False,
    facts=MIGRANT,
    course=COURSE,
    history=(),
    certified_on=date(2026, 2, 20),
    certified_by="register",
    attended=Attended(2160, 2400, 10, 0),
    passed=True,
    certificate_tail="0001",
    certificate_on=date(2026, 6, 1),
    school="listed",
)
PAID = PastSubsidy("tuition", "6-31-01-03", "5", date(2024, 5, 1), "used", "500101")


def found(facts: ClaimFacts, amount: int = 150_000) -> dict[str, str]:
    return {one.task: one.outcome.value for one in tasks_before(facts, "tuition", amount, NOTICE)}


def test_everything_in_order() -> None:
    assert found(FINE) == dict.fromkeys(TASKS, "passed")


@pytest.mark.parametrize(
    ("change", "task", "outcome"),
    [
        ({"certified_on": None}, "identity", "failed"),
        ({"group": "employee"}, "group", "failed"),
        ({"group": None}, "group", "failed"),
        ({"facts": None}, "group", "look"),
        ({"group_is_declared": True, "facts": Facts()}, "group", "look"),
        ({"attended": Attended(1919, 2400, 10, 0)}, "attendance", "failed"),  # 79.9 % is not 80 %
        ({"attended": Attended(1920, 2400, 10, 0)}, "attendance", "passed"),
        ({"attended": Attended(2160, 2400, 10, 1)}, "attendance", "look"),
        ({"attended": Attended(0, 2400, 10, 10)}, "attendance", "look"),
        ({"attended": Attended(0, 0, 0, 0)}, "attendance", "look"),
        ({"passed": False}, "result", "failed"),
        ({"passed": None}, "result", "failed"),
        ({"certificate_tail": None}, "certificate", "failed"),
        ({"history": (PAID,)}, "not_paid_before", "failed"),
        ({"history": (replace(PAID, level="4"),)}, "not_paid_before", "failed"),  # a higher level is held
        ({"history": (replace(PAID, occupation="4-10-01-05", on=date(2026, 1, 9)),)}, "yearly_cap", "failed"),
        ({"history": (replace(PAID, occupation="4-10-01-05"),)}, "yearly_cap", "passed"),
        ({"history": (replace(PAID, family="unemployment_insurance_skill"),)}, "no_overlap", "failed"),
        ({"school": "suspended"}, "school", "look"),
        ({"course": replace(COURSE, grade="D")}, "school", "failed"),
        ({"course": replace(COURSE, grade="C")}, "amount", "failed"),
    ],
)
def test_each_task_says_what_it_rests_on(change: dict[str, Any], task: str, outcome: str) -> None:
    said = found(replace(FINE, **change))
    assert said.pop(task) == outcome
    if not (set(change) & {"history", "course"}):
        assert set(said.values()) == {"passed"}


def test_A10_A40_what_the_account_gives_to_ask_about() -> None:
    then, on = datetime(2026, 6, 16, 10, tzinfo=UTC), date(2026, 6, 17)
    later = then + timedelta(days=1)
    assert account_task(None, then) == Finding("account", TaskOutcome.PASSED, {"on": None})
    first = AccountSeen(later, on, False, 0)
    assert account_task(first, then) == Finding("account", TaskOutcome.PASSED, {"on": "2026-06-17"})
    changed = account_task(AccountSeen(later, on, True, 0), then)
    assert changed == Finding("account", TaskOutcome.LOOK, {"changed_on": "2026-06-17", "shared_with": 0})
    shared = account_task(AccountSeen(then, on, True, 3), then)
    assert shared == Finding("account", TaskOutcome.LOOK, {"changed_on": None, "shared_with": 3})


def test_a_group_counts_on_the_day_the_class_starts() -> None:
    ended = Facts(groups=(GroupFact("migrant", "yes", date(2020, 1, 1), date(2026, 3, 1)),))
    began = Facts(groups=(GroupFact("migrant", "yes", date(2026, 3, 2), date(2026, 3, 2)),))
    assert found(replace(FINE, facts=ended))["group"] == "failed"
    assert found(replace(FINE, facts=began))["group"] == "passed"


def test_an_unemployed_person_with_an_employer_needs_a_look() -> None:
    facts = Facts(groups=(GroupFact("unemployed", "yes", date(2026, 1, 1)),), employed="yes")
    assert found(replace(FINE, group="unemployed", facts=facts))["group"] == "look"


def test_the_claim_waits_only_for_what_will_still_come() -> None:
    def waits(**change: Any) -> list[str]:
        return still_to_come(tasks_before(replace(FINE, **change), "tuition", 150_000, NOTICE))

    assert waits() == []
    assert waits(certificate_tail=None) == ["certificate"]
    assert waits(passed=None, certificate_tail=None) == ["result", "certificate"]
    assert waits(passed=False) == []
    assert waits(attended=Attended(0, 0, 0, 0)) == []


def test_what_is_due() -> None:
    [due] = claims_due(EnrolmentStatus.PASSED, False, FINE, NOTICE)
    assert (due.family, due.amount.fen, due.payee) == ("tuition", 150_000, "institution")
    assert claims_due(EnrolmentStatus.PASSED, True, FINE, NOTICE) == []
    for status in set(EnrolmentStatus) - {EnrolmentStatus.PASSED}:
        assert claims_due(status, False, FINE, NOTICE) == []
    assert (
        claims_due(EnrolmentStatus.PASSED, False, replace(FINE, course=replace(COURSE, grade="D")), NOTICE)
        == []
    )


@given(
    level=st.sampled_from(["5", "4", "3", "2", "1", "special"]),
    fee=st.integers(0, 900_000),
    grade=st.sampled_from(["A", "B", "C", "D", "none"]),
    group=st.sampled_from(["migrant", "unemployed", "graduate"]),
)
def test_I08_stored_facts_give_the_same_fen(level, fee, grade, group) -> None:
    facts = replace(FINE, group=group, course=replace(COURSE, level=level, fee_fen=fee, grade=grade))
    rule = NOTICE.families["tuition"]
    amount = amount_of(facts, rule)
    again = amount_of(ClaimFacts.from_json(facts.to_json()), rule)
    assert again == amount
    assert sum(factor.fen for factor in amount.factors) == amount.fen
    assert 0 <= amount.fen <= fee


def test_I14_who_may_not_decide() -> None:
    hands = Hands("a", "b", frozenset("c"), frozenset("d"), "e")
    district = {who: four_eyes(ClaimStatus.DISTRICT_REVIEW, who, hands) for who in "abcdef"}
    municipal = {who: four_eyes(ClaimStatus.MUNICIPAL_REVIEW, who, hands) for who in "abcdef"}
    assert district == {
        "a": ["enrolled_it"],
        "b": ["verified_it"],
        "c": [],
        "d": ["decided_it_before"],
        "e": ["own_claim"],
        "f": [],
    }
    assert municipal == district | {"c": ["decided_it_before"], "d": []}


def test_reasons_not_to_agree() -> None:
    passed, look, failed = (Finding(name, TaskOutcome(name)) for name in ("passed", "look", "failed"))
    assert reasons_not_to_agree([passed], "") == []
    assert reasons_not_to_agree([passed, look], " ") == ["note_missing"]
    assert reasons_not_to_agree([passed, look], "看过") == []
    assert reasons_not_to_agree([look, failed], "看过") == ["task_failed"]


@pytest.mark.parametrize(
    ("percent", "others", "apart"),
    [
        (90, [100, 100], []),
        (89, [100, 100], ["attendance_differs"]),
        (89, [100], []),
        (89, [100, None], []),
        (None, [100, 100, 100], []),
    ],
)
def test_an_attendance_far_from_the_middle_of_enough_others_stands_out(
    percent: int | None, others: list[int | None], apart: list[str]
) -> None:
    own, *rest = (InBatch(150_000, one, {}) for one in (percent, *others))
    assert reasons_apart(own, [own, *rest], SHARING) == apart


def test_what_is_not_passed_and_another_amount_stand_out() -> None:
    tasks = {"identity": TaskOutcome.PASSED, "group": TaskOutcome.LOOK, "account": TaskOutcome.FAILED}
    own, like = InBatch(140_000, None, tasks), InBatch(150_000, None, {"identity": TaskOutcome.PASSED})
    batch = [own, like, like]
    assert reasons_apart(own, batch, SHARING) == ["group", "account", "amount_differs"]
    assert reasons_apart(like, batch, SHARING) == []


def test_A33_the_hash_depends_on_every_frozen_field() -> None:
    fields = {"amount_fen": 1, "payee": "institution", "factors": [{"fen": 1}]}
    changed = [fields | {"amount_fen": 2}, fields | {"payee": "person"}, fields | {"factors": []}]
    assert len({frozen_hash(one) for one in (fields, *changed)}) == 4
    assert frozen_hash(dict(reversed(fields.items()))) == frozen_hash(fields)
