"""An upheld "this was not me" and the money: a claim that lives ends, and none is made of a class that is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests import make
from tests.conftest import _bound
from tests.training.objections.refusals import PACK, appealed, decided, denied
from training import audit
from training.audit import SubjectKind
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.claims.operations import Decision, agree, propose, refuse
from training.clock import today
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import FourEyes, NotAllowedNow
from training.outcomes.operations import Marks, enter_result
from training.people.models import Person
from training.staff.models import StaffAccount

AT_COUNTER = {"channel": "counter", "created_by": "k" * 26}


def settled(enrolment: Enrolment, word: str = "uphold") -> str:
    """It was said and is decided by somebody who had no part; the outcome that the trail keeps."""
    matter = decided(denied(enrolment), make.staff("reviewer_district", district=enrolment.district), word)
    return str(audit.history(db.session(), SubjectKind.MATTER, matter.id)[-1].facts["outcome"])


def now_of(claim: Claim) -> Claim:
    return db.session().get_one(Claim, claim.id, populate_existing=True)


def held_of(enrolment: Enrolment) -> list[EntitlementState]:
    rows = select(Entitlement.state).where(Entitlement.enrolment_id == enrolment.id)
    return list(db.session().scalars(rows))


def agreed(claim: Claim, by: StaffAccount) -> Claim:
    decision = Decision(now_of(claim).version, note="看过")
    return agree(claim.reference, make.actor_of(by), PACK, decision, today())


@pytest.mark.parametrize(
    "status", ["proposed", "returned", "district_review", "municipal_review", "approved"]
)
def test_A46_upheld_the_claim_ends_with_its_reason_and_the_money_is_free(
    database: Any, clock: Any, status: str
) -> None:
    more = {"certificate": False} if status == "proposed" else {}
    claim = make.make_claim(status=status, **AT_COUNTER, **more)
    assert held_of(claim.enrolment) == [EntitlementState.HELD]
    assert settled(claim.enrolment) == "claim_ended"
    claim = now_of(claim)
    assert (claim.status, claim.reasons) == (ClaimStatus.WITHDRAWN, ["not_theirs"])
    assert held_of(claim.enrolment) == [EntitlementState.RELEASED]
    last = audit.history(db.session(), SubjectKind.CLAIM, claim.id)[-1]
    assert (last.name, last.facts["from"], last.facts["because"][:3]) == ("claim_withdrawn", status, "OB-")
    for role, district in (("reviewer_district", claim.district), ("reviewer_municipal", None)):
        with pytest.raises(NotAllowedNow):
            agreed(claim, make.staff(role, district=district))
    again = propose(claim.enrolment_id, PACK, today())
    assert again is not None
    assert (again.id, again.status) == (claim.id, ClaimStatus.WITHDRAWN)
    assert db.session().get_one(Person, claim.person_id).frozen_at is None


def test_A46_dismissed_the_claim_goes_on(database: Any, clock: Any) -> None:
    claim = make.make_claim(**AT_COUNTER)
    assert settled(claim.enrolment, "dismiss") == "goes_on"
    assert agreed(claim, make.staff("reviewer_district")).status is ClaimStatus.MUNICIPAL_REVIEW
    assert held_of(claim.enrolment) == [EntitlementState.HELD]


@pytest.mark.parametrize("status", ["completed", "passed"])
def test_A46_of_a_class_that_was_not_theirs_no_claim_is_made(database: Any, clock: Any, status: str) -> None:
    enrolment = make.make_passed(**AT_COUNTER, result=status == "passed")
    if status == "completed":
        change = update(Enrolment).where(Enrolment.id == enrolment.id).values(status="completed")
        transaction(lambda session: session.execute(change))
    assert settled(enrolment) == "class_over"
    assert held_of(enrolment) == [EntitlementState.RELEASED]
    if status == "completed":
        enter_result(enrolment.id, Marks(82, 88, passed=True), make.actor_of(make.staff("verifier")))
    assert propose(enrolment.id, PACK, today()) is None


def test_A46_an_appeal_brings_no_claim_back_for_a_class_that_was_not_theirs(
    database: Any, clock: Any
) -> None:
    claim = make.make_claim(**AT_COUNTER)
    first = make.actor_of(make.staff("reviewer_district"))
    refuse(claim.reference, first, PACK, Decision(claim.version, ["attendance_too_low"]), today())
    assert settled(claim.enrolment) == "class_over"
    matter = decided(appealed(claim.enrolment), make.staff("reviewer_district"))
    assert (matter.led_to, len(db.session().scalars(select(Claim)).all())) == ("", 1)
    event = audit.history(db.session(), SubjectKind.MATTER, matter.id)[-1]
    assert event.facts["outcome"] == "not_theirs"


def test_A46_what_has_gone_to_the_bank_is_named_and_stays_as_it_is(database: Any, clock: Any) -> None:
    claim = make.make_claim(status="approved", **AT_COUNTER)
    transaction(lambda session: session.execute(text("UPDATE claim SET status = 'in_batch'")))
    assert settled(claim.enrolment) == "money_gone"
    assert now_of(claim).status is ClaimStatus.IN_BATCH
    assert held_of(claim.enrolment) == [EntitlementState.HELD]


def test_A46_whoever_agreed_to_the_claim_does_not_say_whether_it_was_them(database: Any, clock: Any) -> None:
    reviewer = make.staff("reviewer_district")
    claim = make.make_claim(status="municipal_review", district_by=reviewer, **AT_COUNTER)
    matter = denied(claim.enrolment)
    with pytest.raises(FourEyes):
        decided(matter, reviewer, "dismiss")
    decided(matter, make.staff("reviewer_district"))
    assert now_of(claim).status is ClaimStatus.WITHDRAWN


def test_A46_agreeing_beside_the_decision_lets_no_claim_through(
    settings: Any, database: Any, clock: Any
) -> None:
    claim = make.make_claim(status="municipal_review", **AT_COUNTER)
    matter, version = denied(claim.enrolment), claim.version
    decider, municipal = make.staff("reviewer_district"), make.staff("reviewer_municipal", district=None)
    gate = Barrier(2)

    def uphold() -> str:
        with _bound(settings):
            gate.wait()
            return decided(matter, decider).status.value

    def approve() -> str:
        with _bound(settings):
            gate.wait()
            try:
                agree(
                    claim.reference, make.actor_of(municipal), PACK, Decision(version, note="看过"), today()
                )
            except NotAllowedNow as refusal:
                return refusal.reasons[0]
            return "approved"

    with ThreadPoolExecutor(2) as pool:
        upheld, answer = pool.submit(uphold), pool.submit(approve)
    assert upheld.result() == "upheld"
    assert answer.result() in ("record_frozen", "withdrawn_agree", "changed_meanwhile")
    assert now_of(claim).status is ClaimStatus.WITHDRAWN
