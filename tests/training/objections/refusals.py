"""Refusals to appeal against, and what was not them: opened, and decided."""

from __future__ import annotations

from typing import Any

from tests import make
from training import clock
from training.audit import Actor, ActorKind
from training.claims.models import Claim
from training.claims.operations import Decision as ClaimDecision
from training.claims.operations import refuse
from training.courses import seats
from training.database import new_id, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Decision, refuse_identity
from training.objections.lifecycle import Action
from training.objections.models import Matter
from training.objections.operations import Answer, Appeal, appeal, decide, deny_by_call
from training.policy.queries import load_pack
from training.staff.models import StaffAccount
from training.staff.queries import Scope, scope_of

PACK = load_pack(make.PACK)


def refused_enrolment(by: StaffAccount | None = None, **changes: Any) -> Enrolment:
    """An enrolment by phone that a verifier of its district has refused; its seat went back."""
    fields = {"status": "verifying", "verified_by": None} | changes
    enrolment = make.make_enrolment(**fields)
    transaction(lambda session: seats.take_seat(session, enrolment.class_id))
    by = by or make.staff("verifier", district=enrolment.district)
    decision = Decision(reasons=("already_paid_same_level",), note="万州区付过")
    return refuse_identity(enrolment.reference, enrolment.district, make.actor_of(by), decision, PACK)


def refused_claim(by: StaffAccount | None = None, **changes: Any) -> Claim:
    """A claim that a district reviewer has refused."""
    claim = make.make_claim(**changes)
    by = by or make.staff("reviewer_district", district=claim.district)
    decision = ClaimDecision(claim.version, ("attendance_too_low",))
    return refuse(claim.reference, make.actor_of(by), PACK, decision, clock.today())


def appealed(enrolment: Enrolment, **changes: Any) -> Matter:
    """The person's appeal against what was refused."""
    said = Appeal(**({"reason": "not_me", "text": "那一次不是我", "idempotency_key": new_id()} | changes))
    actor = Actor(ActorKind.PERSON, enrolment.person_id)
    return appeal(enrolment.person_id, enrolment.reference, actor, said, PACK, clock.today())


def denied(enrolment: Enrolment) -> Matter:
    """Somebody called about an enrolment made at a counter: it was not them."""
    by = make.actor_of(make.staff("counsellor", district=enrolment.district))
    return deny_by_call(enrolment.reference, Scope(enrolment.district), by, "没去过。", PACK)


def decided(matter: Matter, by: StaffAccount, word: str = "uphold", **changes: Any) -> Matter:
    """The matter as this member of staff decides it, within their own scope."""
    answer = Answer(Action(word), changes.pop("note", "看过记录，理由成立。"), changes.pop("version", None))
    scope = scope_of(by, by.roles[0].role)
    return decide(matter.reference, scope, make.actor_of(by), answer, PACK, **changes)
