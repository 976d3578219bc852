"""Who may appeal, until when, and who may decide."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import NotAllowedNow
from training.objections.lifecycle import NEXT, Action, MatterKind, MatterStatus, next_status
from training.objections.rules import (
    KINDS_OF,
    Decider,
    kinds_for,
    reasons_against_answer,
    reasons_not_to_appeal,
    reasons_not_to_decide,
)
from training.staff.models import Role

TODAY = date(2026, 6, 16)
REVIEWER = frozenset({Role.REVIEWER_DISTRICT})
MUNICIPAL = frozenset({Role.REVIEWER_MUNICIPAL})


def closed(kind=MatterKind.APPEAL, status=MatterStatus.OPEN, roles=REVIEWER, not_by=(), **how):
    where = {"district_can": True, "is_late": False} | how
    return reasons_not_to_decide(kind, status, Decider("me", roles), not_by, **where)


@pytest.mark.parametrize("status", [MatterStatus.UPHELD, MatterStatus.DISMISSED])
@pytest.mark.parametrize("action", list(Action))
def test_what_is_decided_stays_so(status: MatterStatus, action: Action) -> None:
    with pytest.raises(NotAllowedNow, match="decided"):
        next_status(status, action)


def test_every_edge_begins_where_a_matter_is_open() -> None:
    assert {status for status, _ in NEXT} == {MatterStatus.OPEN}


def test_the_last_day_counts_and_the_next_is_too_late() -> None:
    assert reasons_not_to_appeal(True, TODAY, TODAY) == []
    assert reasons_not_to_appeal(True, TODAY - timedelta(days=1), TODAY) == ["too_late"]


def test_an_appeal_that_stands_is_named_before_the_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert reasons_not_to_appeal(True, yesterday, TODAY, is_open=True, was_answered=True) == ["already_open"]
    assert reasons_not_to_appeal(True, yesterday, TODAY, was_answered=True) == ["already_answered"]
    assert reasons_not_to_appeal(False, None, TODAY) == ["not_refused"]


def test_every_kind_has_a_district_desk() -> None:
    in_district = [kinds for role, kinds in KINDS_OF.items() if role is not Role.REVIEWER_MUNICIPAL]
    assert frozenset().union(*in_district) == frozenset(MatterKind)


@pytest.mark.parametrize("role", sorted(set(Role) - set(KINDS_OF)))
def test_no_other_role_works_on_matters(role: Role) -> None:
    assert kinds_for([role]) == frozenset()
    assert closed(roles=frozenset({role})) == ["other_desk"]


def test_I14_whoever_had_a_part_in_it_does_not_decide() -> None:
    assert closed() == []
    assert closed(not_by=["other", "me"]) == ["decided_it_before"]
    assert closed(roles=MUNICIPAL, not_by=["me"], district_can=False) == ["decided_it_before"]


def test_the_municipal_desk_decides_what_the_district_cannot_and_what_is_late() -> None:
    assert closed(roles=MUNICIPAL) == ["district_has_it"]
    assert closed(roles=MUNICIPAL, district_can=False) == []
    assert closed(roles=MUNICIPAL, is_late=True) == []
    assert closed(roles=MUNICIPAL | REVIEWER) == []


def test_a_publicity_clerk_has_lists_and_messages() -> None:
    clerk = frozenset({Role.PUBLICITY})
    assert closed(MatterKind.APPEAL, roles=clerk) == ["other_desk"]
    assert closed(MatterKind.COMPLAINT, roles=clerk) == ["other_desk"]
    assert closed(MatterKind.OBJECTION, roles=clerk) == []
    assert closed(MatterKind.OBJECTION) == ["other_desk"]


@pytest.mark.parametrize(
    "text",
    [
        "号码 500103198501010017 没有错",
        "号码 500103 1985 0101 0017 没有错",
        "旧号码 500103850101001",
        "卡号 6222 0212 3456 7890 123",
        "打 13800000000",
        "打 138-0000-0000",
        "社保卡 E04123417",
    ],
)
def test_A62_an_answer_holds_no_number_of_a_person(text: str) -> None:
    assert reasons_against_answer(text, "") == ["holds_number"]


@pytest.mark.parametrize(
    "text",
    [
        "请打 12333，或 023-0000 0000。",
        "依据渝人社发〔2026〕18 号第 2 条，2024 年 9 月 12 日付过 1,500 元。",
        "编号 CQ-26-7F3KM-Q9XWS 已经恢复。",
        "2026-06-16 到 2026-07-01 之间来。",
    ],
)
def test_references_days_amounts_and_offices_may_stand_in_it(text: str) -> None:
    assert reasons_against_answer(text, "周小满") == []


@given(st.text(max_size=60))
def test_an_answer_that_names_the_person_never_passes(text: str) -> None:
    assert "names_person" in reasons_against_answer(f"{text}周小满{text}", "周小满")
