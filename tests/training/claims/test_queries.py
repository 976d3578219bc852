"""What a citizen follows and what a desk sees."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from tests import make
from training import clock as clocks
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.claims.operations import Decision, agree, return_claim
from training.claims.queries import (
    NextClaim,
    Progress,
    Stage,
    batch_key,
    batch_of,
    batches,
    claim_in_scope,
    claims_of_enrolment,
    claims_of_person,
    count_by_tab,
    enrolments_to_claim,
    lies,
    next_to_decide,
    outliers_of,
    progress_of,
    queue,
    scope_of_reviewer,
    statuses_of,
    usual_days,
)
from training.errors import NotThere
from training.policy.queries import load_pack
from training.staff.queries import Scope

PACK = load_pack(make.PACK)
HERE, ELSEWHERE, ALL = Scope(make.DISTRICT), Scope("500106"), Scope(None, is_municipal=True)


def decide(claim: Claim, verb, account, *reasons: str) -> None:
    decision = Decision(claim.version, reasons, "看过")
    verb(claim.reference, make.actor_of(account), PACK, decision, clocks.today())


def test_what_anybody_may_see_holds_no_amount_and_no_person(database, clock) -> None:
    claim = make.make_claim()
    shown = {field.name for kind in (Progress, Stage) for field in fields(kind)}
    assert not {
        name for name in shown if any(word in name for word in ("fen", "amount", "person", "name", "payee"))
    }
    [progress] = progress_of(database.session, claim.enrolment_id, PACK)
    told = repr(progress)
    assert str(claim.amount_fen) not in told
    assert claim.enrolment.person.name not in told
    assert claim.reference not in told


def test_the_steps_with_their_dates_and_working_days(database, clock) -> None:
    claim, account = make.make_claim(), make.staff("reviewer_district", office="渝中区就业服务中心")
    clock.shift(timedelta(days=2))  # Tuesday to Thursday; the Friday after it is a holiday
    decide(claim, agree, account)
    clock.shift(timedelta(days=4))
    [progress] = progress_of(database.session, claim.enrolment_id, PACK)
    assert [(stage.step, stage.state) for stage in progress.stages] == [
        ("claimed", "done"),
        ("district_review", "done"),
        ("municipal_review", "now"),
        ("paying", "next"),
        ("paid", "next"),
    ]
    district, municipal = progress.stages[1:3]
    assert (district.working_days, district.office, district.desk) == (2, "渝中区就业服务中心", "district")
    assert (municipal.began_at, municipal.ended_at, municipal.working_days) == (claim.changed_at, None, None)
    assert (municipal.usual_days, progress.stages[3].usual_days) == (
        3,
        3,
    )  # too few yet: the notice's own figure
    assert (progress.status, progress.is_late) == ("municipal_review", False)
    clock.shift(timedelta(days=20))
    assert progress_of(database.session, claim.enrolment_id, PACK)[0].is_late


def test_a_returned_claim_stands_at_its_beginning(database, clock) -> None:
    claim = make.make_claim(status="returned")
    [progress] = progress_of(database.session, claim.enrolment_id, PACK)
    assert [stage.state for stage in progress.stages] == ["now", "next", "next", "next", "next"]
    assert progress.reasons == ("attendance_to_explain",)
    assert progress.status == "returned"


def test_a_refused_claim_shows_how_far_it_came(database, clock) -> None:
    from training.claims.operations import refuse

    claim = make.make_claim()
    decide(claim, refuse, make.staff("reviewer_district"), "attendance_too_low")
    [progress] = progress_of(database.session, claim.enrolment_id, PACK)
    assert [stage.state for stage in progress.stages] == ["done", "done", "next", "next", "next"]
    assert progress.now is None


def test_usual_days_are_the_median_of_those_who_passed(database, clock) -> None:
    run = make.make_passed().class_run
    claims = [make.make_claim(class_run=run) for _ in range(10)]
    account = make.staff("reviewer_district")
    assert usual_days(database.session, make.DISTRICT, PACK.calendar)["district_review"] is None
    clock.shift(timedelta(days=1))
    for claim in claims[:6]:
        decide(claim, agree, account)
    clock.shift(timedelta(days=7))
    for claim in claims[6:]:
        decide(claim, return_claim, account, "attendance_to_explain")
    usual = usual_days(database.session, make.DISTRICT, PACK.calendar)
    assert (usual["district_review"], usual["municipal_review"]) == (1, None)
    assert usual_days(database.session, "500106", PACK.calendar)["district_review"] is None
    clock.shift(timedelta(days=100))
    assert usual_days(database.session, make.DISTRICT, PACK.calendar)["district_review"] is None


def test_A15_claims_belong_to_their_person(database, clock) -> None:
    claim, other = make.make_claim(), make.make_claim()
    person = claim.person_id
    assert [row.id for row in claims_of_person(database.session, person)] == [claim.id]
    assert [row.id for row in claims_of_enrolment(database.session, claim.enrolment_id, person)] == [claim.id]
    assert claims_of_enrolment(database.session, other.enrolment_id, person) == []
    found = statuses_of(database.session, [claim.enrolment_id, "a" * 26])
    assert found == {claim.enrolment_id: [ClaimStatus.DISTRICT_REVIEW], "a" * 26: []}


def test_A16_every_read_of_the_desk_keeps_to_the_district(database, clock) -> None:
    claim = make.make_claim()
    session, key = database.session, batch_key(claim)
    for scope, seen in ((HERE, 1), (ALL, 1), (ELSEWHERE, 0), (Scope(None), 0)):
        assert queue(session, scope, "district").total == seen
        assert count_by_tab(session, scope)["district"] == seen
        assert len(batches(session, scope, PACK.sharing)) == seen
    assert lies(session, HERE).cases == 1
    assert lies(session, ELSEWHERE).cases == 0
    assert lies(session, ALL).cases == 0  # nothing waits for the municipal desk yet
    assert next_to_decide(session, ELSEWHERE, "a" * 26, PACK.sharing) is None
    for read in (
        lambda: claim_in_scope(session, claim.reference, ELSEWHERE),
        lambda: batch_of(session, ELSEWHERE, key),
    ):
        with pytest.raises(NotThere):
            read()


def test_the_scope_of_a_reviewer(database, clock) -> None:
    assert scope_of_reviewer(make.staff("reviewer_district")) == HERE
    assert scope_of_reviewer(make.staff("reviewer_municipal", district=None)) == ALL
    assert scope_of_reviewer(make.staff("reviewer_district", "reviewer_municipal")) == Scope(
        make.DISTRICT, True
    )
    assert scope_of_reviewer(make.staff("verifier")) == Scope(None)


def test_the_longest_waiting_first_and_overdue_counted(database, clock) -> None:
    first = make.make_claim()
    clock.shift(timedelta(days=20))
    second = make.make_claim()
    rows = queue(database.session, HERE, "district").rows
    assert [row.id for row in rows] == [first.id, second.id]
    pile = lies(database.session, HERE)
    assert (pile.cases, pile.overdue, pile.oldest_at) == (2, 1, first.changed_at)


def test_the_next_to_decide_is_one_that_one_may_decide(database, clock) -> None:
    account = make.staff("reviewer_district")
    make.make_claim(enrolment=make.make_passed(verified_by=account.id))
    mine = make.make_claim()
    found = next_to_decide(database.session, HERE, account.id, PACK.sharing)
    assert found == NextClaim(mine.reference, None)


def test_a_batch_is_a_class_and_a_month(database, clock) -> None:
    run = make.make_passed().class_run
    claims = [make.make_claim(class_run=run) for _ in range(3)]
    odd = make.make_claim(class_run=run, present=8)
    clock.shift(timedelta(days=20))
    late = make.make_claim(class_run=run)
    found = batches(database.session, HERE, PACK.sharing)
    assert [(batch.count, batch.looks, f"{batch.month:%Y-%m}") for batch in found] == [
        (4, 1, "2026-06"),
        (1, 0, "2026-07"),
    ]
    assert found[0].total_fen == 600_000
    listed = batch_of(database.session, HERE, found[0].key)
    assert {row.id for row in listed} == {claim.id for claim in claims} | {odd.id}
    apart = outliers_of(database.session, listed, PACK.sharing)
    assert {claim_id: reasons for claim_id, reasons in apart.items() if reasons} == {
        odd.id: ["attendance_differs"]
    }
    assert [row.id for row in batch_of(database.session, HERE, batch_key(late))] == [late.id]


def test_who_still_needs_a_claim(database, clock) -> None:
    waiting = make.make_claim(status="proposed", certificate=False)
    fresh = make.make_passed()
    make.make_claim()
    make.make_passed(self_pay=True)
    make.make_enrolment()
    found = dict(enrolments_to_claim(database.session))
    assert found == {waiting.enrolment_id: waiting.version, fresh.id: None}
