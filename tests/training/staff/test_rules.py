"""Which rights meet in one person, and who may give them: tables and pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from training.policy.service import Sharing
from training.staff.models import ProposalKind, Role
from training.staff.rights import ALL, MUNICIPAL, RIGHTS, Action, Reach, reach_of, right_of, roles_at
from training.staff.rules import (
    ADMINISTRATORS,
    CONFIRMS,
    CONTRADICT,
    PROPOSES,
    Share,
    Turn,
    Waiting,
    contradicts,
    is_above,
    is_fresh,
    next_in_turn,
    reasons_against_deputy,
    reasons_against_leave,
    reasons_against_password,
    reasons_against_place,
    reasons_not_to_confirm,
    reasons_not_to_hold,
    reasons_not_to_propose,
    reasons_not_to_take,
)

TODAY = date(2026, 6, 16)


def test_a_role_has_one_line_for_a_desk_and_one_reach() -> None:
    assert len({(right.role, right.desk) for right in RIGHTS}) == len(RIGHTS)
    for role in Role:
        reaches = {right.scope for right in RIGHTS if right.role is role and right.desk != ALL}
        assert reaches == {reach_of(role)}, role


def test_A21_the_auditor_acts_nowhere_but_on_the_own_settings() -> None:
    assert {right.desk for right in RIGHTS if right.role is Role.AUDITOR and right.action is Action.ACT} == {
        ALL
    }


def test_A21_administrators_sit_at_no_desk_with_cases() -> None:
    desks = {right.desk for right in RIGHTS if right.role in ADMINISTRATORS}
    assert desks == {"staff", "status", "audit", "readers", ALL}


def test_who_acts_may_see() -> None:
    assert roles_at("claims") == roles_at("claims", Action.ACT)
    assert roles_at("audit", Action.ACT) == ()
    assert right_of(Role.VERIFIER, "claims") is None


def test_the_municipal_roles_come_from_the_table() -> None:
    assert {role for role in Role if reach_of(role) is Reach.MUNICIPAL} == MUNICIPAL
    assert {Role.SYSADMIN, Role.SECADMIN, Role.POLICY_EDITOR, Role.AUDITOR} < MUNICIPAL


def test_contradiction_is_mutual_and_never_with_oneself() -> None:
    for one, other in product(Role, Role):
        assert contradicts(one, other) == contradicts(other, one)
    assert all(len(pair) == 2 for pair in CONTRADICT)


@pytest.mark.parametrize(
    ("role", "held", "against"),
    [
        ("finance_release", ["finance"], "contradicts_finance"),
        ("verifier", ["reviewer_district"], "contradicts_reviewer_district"),
        ("counsellor", ["verifier"], "contradicts_verifier"),
        ("policy_approver", ["policy_editor"], "contradicts_policy_editor"),
        ("secadmin", ["sysadmin"], "contradicts_sysadmin"),
        ("auditor", ["secadmin"], "contradicts_secadmin"),
        ("sysadmin", ["planner"], "contradicts_planner"),
        ("institution", ["counsellor"], "contradicts_counsellor"),
        ("verifier", ["verifier"], "already_held"),
    ],
)
def test_rights_that_contradict_are_refused_by_name(role: str, held: list[str], against: str) -> None:
    assert reasons_not_to_hold(Role(role), [Role(word) for word in held]) == [against]


def test_I14_no_two_hands_of_one_claim_meet_in_one_person() -> None:
    hands = [
        Role.COUNSELLOR,
        Role.VERIFIER,
        Role.REVIEWER_DISTRICT,
        Role.REVIEWER_MUNICIPAL,
        Role.FINANCE,
        Role.FINANCE_RELEASE,
    ]
    assert all(contradicts(one, other) for one, other in product(hands, hands) if one is not other)
    assert not contradicts(Role.PUBLICITY, Role.VERIFIER)


def test_where_and_until_when_a_right_holds() -> None:
    assert reasons_against_place(Role.VERIFIER, None, None, None, TODAY) == ["district_missing"]
    assert reasons_against_place(Role.INSTITUTION, None, None, None, TODAY) == ["institution_missing"]
    assert reasons_against_place(Role.PLANNER, None, None, TODAY, TODAY) == []
    past = TODAY - timedelta(days=1)
    assert reasons_against_place(Role.PLANNER, None, None, past, TODAY) == ["until_past"]
    assert reasons_against_place(Role.SECADMIN, None, None, TODAY, TODAY) == ["administrator_without_end"]


def test_A22_nobody_proposes_or_confirms_for_oneself_nor_both() -> None:
    secadmin = [Role.SECADMIN]
    assert reasons_not_to_propose(ProposalKind.RIGHT, secadmin, "a", "a") == ["for_oneself"]
    assert reasons_not_to_propose(ProposalKind.RIGHT, secadmin, "a", "b") == []
    assert reasons_not_to_confirm(ProposalKind.RIGHT, secadmin, "b", "a", "b") == ["for_oneself"]
    assert reasons_not_to_confirm(ProposalKind.RIGHT, secadmin, "a", "a", "b") == ["same_person"]
    assert reasons_not_to_confirm(ProposalKind.RIGHT, secadmin, "c", "a", "b") == []


@pytest.mark.parametrize("kind", list(ProposalKind))
def test_A22_only_administrators_propose_and_confirm(kind: ProposalKind) -> None:
    for role in Role:
        expected = [] if role in PROPOSES[kind] else ["not_this_administrator"]
        assert reasons_not_to_propose(kind, [role], "a", "b") == expected
        expected = [] if role in CONFIRMS[kind] else ["not_this_administrator"]
        assert reasons_not_to_confirm(kind, [role], "c", "a", "b") == expected
    assert PROPOSES[kind] | CONFIRMS[kind] <= {Role.SYSADMIN, Role.SECADMIN}


HERE = (Role.VERIFIER, "500103", None)


@pytest.mark.parametrize(
    ("deputy", "against"),
    [
        ([(Role.PUBLICITY, "500103", None)], []),
        ([(Role.VERIFIER, "500103", None)], []),
        ([(Role.PUBLICITY, "500112", None)], ["deputy_elsewhere"]),
        ([(Role.VERIFIER, "500112", None)], ["deputy_elsewhere"]),
        ([(Role.COUNSELLOR, "500103", None)], ["contradicts_counsellor"]),
        ([], ["deputy_elsewhere"]),
    ],
)
def test_a_deputy_serves_the_same_place_and_contradicts_nothing(deputy, against) -> None:
    assert reasons_against_deputy([HERE], deputy, same_person=False) == against


def test_nobody_deputises_for_oneself_or_for_an_administrator() -> None:
    assert reasons_against_deputy([HERE], [HERE], same_person=True) == ["deputy_oneself"]
    admin = (Role.SECADMIN, None, None)
    assert reasons_against_deputy([admin], [(Role.PLANNER, None, None)], same_person=False) == [
        "administrator_without_deputy"
    ]


def test_days_of_a_leave() -> None:
    assert reasons_against_leave(TODAY, TODAY, TODAY) == []
    assert reasons_against_leave(TODAY, TODAY - timedelta(days=1), TODAY) == ["leave_backwards"]
    long_ago = TODAY - timedelta(days=9)
    assert reasons_against_leave(long_ago, long_ago, TODAY) == ["leave_over"]


@pytest.mark.parametrize(
    ("password", "against"),
    [
        ("four words make it", []),
        ("一句自己记得住的话不要太短", []),
        ("short one", ["short"]),
        ("s1187 is my number", ["username"]),
        ("1234 5678 9012", ["common"]),
        ("ababababababab", ["common"]),
    ],
)
def test_A11_what_may_be_a_password(password: str, against: list[str]) -> None:
    assert reasons_against_password(password, "s1187") == against


def test_fresh_is_ten_minutes() -> None:
    at = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
    assert is_fresh(at, at + timedelta(minutes=10))
    assert not is_fresh(at, at + timedelta(minutes=10, seconds=1))


TERMS = Sharing(
    held_at_most=10,
    share_percent=60,
    of_at_least=10,
    days=30,
    among_oldest=20,
    apart_points=10,
    apart_of_at_least=3,
)


@pytest.mark.parametrize(
    ("own", "every", "above"), [(7, 10, True), (6, 10, False), (9, 9, False), (61, 100, True)]
)
def test_when_somebody_decided_too_much_of_a_school(own: int, every: int, above: bool) -> None:
    assert is_above(Share("a", own, every), TERMS) is above


def test_the_next_in_turn_is_the_oldest_unless_its_school_is_above_and_another_waits() -> None:
    a, b = Share("a", 7, 10), Share("b", 8, 10)
    waiting = [Waiting("1", "a"), Waiting("2", "b"), Waiting("3", "c"), Waiting("4", "c")]
    assert next_in_turn([], {"a": a}) is None
    assert next_in_turn(waiting, {}) == Turn("1")
    assert next_in_turn(waiting, {"b": b}) == Turn("1")
    assert next_in_turn(waiting, {"a": a}) == Turn("2", a)
    assert next_in_turn(waiting, {"a": a, "b": b}) == Turn("3", a)
    assert next_in_turn(waiting[:2], {"a": a, "b": b}) == Turn("1")
    assert next_in_turn([Waiting("1", "a", is_theirs=True), *waiting[1:]], {"a": a}) == Turn("1")


def test_how_many_one_person_holds() -> None:
    assert [reasons_not_to_take(held, 10) for held in (0, 9, 10, 11)] == [
        [],
        [],
        ["holds_enough"],
        ["holds_enough"],
    ]
