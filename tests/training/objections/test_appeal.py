"""A refusal is appealed in time, once, and what an upheld appeal does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.training.objections.refusals import PACK, appealed, decided, refused_claim, refused_enrolment
from training import audit
from training.audit import Actor, ActorKind, AuditEvent, Outcome, SubjectKind
from training.claims.models import Claim
from training.claims.operations import Decision as ClaimDecision
from training.claims.operations import agree
from training.claims.queries import next_to_decide
from training.clock import today
from training.courses import seats
from training.database import db, new_id, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Decision, pass_identity, take_next
from training.entitlements.models import Entitlement
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.objections.models import Matter
from training.objections.operations import Appeal, appeal
from training.objections.queries import refusal_of
from training.outbox import OutboxRow
from training.staff.queries import scope_of


def again(enrolment: Enrolment) -> Enrolment:
    found = db.session().get_one(Enrolment, enrolment.id, populate_existing=True)
    return found


def reviewer(**changes):
    return make.staff("reviewer_district", **changes)


def told(person_id: str) -> set[str]:
    rows = db.session().scalars(select(OutboxRow)).all()
    return {row.payload["message"] for row in rows if row.payload.get("person") == person_id}


def test_an_appeal_goes_to_the_district_of_what_was_refused(database, clock) -> None:
    enrolment = refused_enrolment()
    matter = appealed(enrolment, reason="new_proof", text="有工厂的证明")
    assert (matter.kind, matter.reason, matter.text) == ("appeal", "new_proof", "有工厂的证明")
    assert (matter.about, matter.district) == (enrolment.id, enrolment.district)
    assert "matter_opened" in told(enrolment.person_id)


def test_whoever_refused_cannot_decide_and_is_noted(database, clock) -> None:
    both = make.staff("verifier", "reviewer_district")
    matter = appealed(refused_enrolment(by=both))
    assert both.id in matter.not_by
    both.roles.sort(key=lambda held: held.role != "reviewer_district")
    with pytest.raises(FourEyes) as refusal:
        decided(matter, both)
    assert refusal.value.reasons == ("decided_it_before",)


def test_the_form_sent_twice_is_one_appeal(database, clock) -> None:
    enrolment, key = refused_enrolment(), new_id()
    first = appealed(enrolment, idempotency_key=key)
    assert appealed(enrolment, idempotency_key=key).reference == first.reference


def test_a_second_appeal_is_led_to_the_first(database, clock) -> None:
    enrolment = refused_enrolment()
    first = appealed(enrolment)
    with pytest.raises(NotAllowedNow) as refusal:
        appealed(enrolment)
    assert (refusal.value.reasons, refusal.value.reference) == (("already_open",), first.reference)


def test_what_was_dismissed_is_not_appealed_again(database, clock) -> None:
    enrolment = refused_enrolment()
    decided(appealed(enrolment), reviewer(), "dismiss", note="记录没有错。")
    with pytest.raises(NotAllowedNow, match="already_answered"):
        appealed(enrolment)
    assert again(enrolment).status == "refused"
    assert "appeal_dismissed" in told(enrolment.person_id)


def test_the_last_day_is_the_tenth_working_day_after_the_refusal(database, clock) -> None:
    enrolment = refused_enrolment()
    refusal = refusal_of(db.session(), enrolment)
    assert refusal is not None
    last = refusal.last_day(PACK)
    assert PACK.calendar.working_days_between(refusal.at.date(), last) == 10
    clock.shift(timedelta(days=(last - refusal.at.date()).days))
    assert appealed(enrolment).is_open


def test_the_day_after_is_too_late_and_leaves_a_refused_row(database, clock) -> None:
    enrolment = refused_enrolment()
    refusal = refusal_of(db.session(), enrolment)
    assert refusal is not None
    clock.shift(timedelta(days=(refusal.last_day(PACK) - refusal.at.date()).days + 1))
    with pytest.raises(NotAllowedNow, match="too_late"):
        appealed(enrolment)
    refused = (AuditEvent.subject == enrolment.id, AuditEvent.outcome == Outcome.REFUSED)
    [event] = db.session().scalars(select(AuditEvent).where(*refused)).all()
    assert event.name == "matter_opened"
    assert db.session().scalar(select(func.count(Matter.id))) == 0


def test_A15_another_persons_refusal_is_not_there(database, clock) -> None:
    enrolment, stranger = refused_enrolment(), make.make_person()
    actor = Actor(ActorKind.PERSON, stranger.id)
    with pytest.raises(NotThere):
        appeal(stranger.id, enrolment.reference, actor, Appeal("not_me", "", new_id()), PACK, today())


def test_what_is_not_refused_cannot_be_appealed(database, clock) -> None:
    with pytest.raises(NotAllowedNow, match="not_refused"):
        appealed(make.make_enrolment())


def test_an_upheld_appeal_puts_the_enrolment_back_into_the_check(database, clock) -> None:
    enrolment = refused_enrolment()
    before = again(enrolment).class_run.seats_left
    matter = decided(appealed(enrolment), reviewer())
    back = again(enrolment)
    assert (matter.status, back.status, back.reasons) == ("upheld", "verifying", [])
    db.session().refresh(back.class_run)
    assert back.class_run.seats_left == before - 1
    assert "appeal_upheld" in told(enrolment.person_id)
    trail = [event.name for event in audit.history(db.session(), SubjectKind.ENROLMENT, enrolment.id)]
    assert trail[-1] == "enrolment_reopened"


def test_a_third_person_passes_it_then_and_the_entitlement_is_held_again(database, clock) -> None:
    refuser = make.staff("verifier")
    enrolment = refused_enrolment(by=refuser)
    decided(appealed(enrolment), reviewer())
    with pytest.raises(FourEyes):
        passed(enrolment, refuser)
    assert take_next(enrolment.district, make.actor_of(refuser), PACK.sharing) is None
    assert passed(enrolment, make.staff("verifier")).status == "enrolled"
    held = select(Entitlement.state).where(Entitlement.enrolment_id == enrolment.id)
    assert sorted(db.session().scalars(held)) == ["held", "released"]


def passed(enrolment: Enrolment, by) -> Enrolment:
    return pass_identity(
        enrolment.reference, enrolment.district, make.actor_of(by), Decision(), PACK, today()
    )


def test_I21_without_a_free_seat_it_stands_last_in_line(database, clock) -> None:
    run = make.make_class(seats=1, seats_left=1)
    enrolment = refused_enrolment(class_run=run)
    transaction(lambda session: seats.take_seat(session, run.id))
    decided(appealed(enrolment), reviewer())
    back = again(enrolment)
    assert (back.status, back.place) == ("waiting", 1)


def test_after_the_class_began_it_stays_refused_and_the_appeal_is_upheld_all_the_same(
    database, clock
) -> None:
    enrolment = refused_enrolment(class_run=make.make_class(starts_on=today() + timedelta(days=3)))
    matter = appealed(enrolment)
    clock.shift(timedelta(days=4))
    upheld = decided(matter, reviewer())
    assert (upheld.status, again(enrolment).status) == ("upheld", "refused")
    event = audit.history(db.session(), SubjectKind.MATTER, matter.id)[-1]
    assert event.facts["outcome"] == "class_started"


def test_A29_who_enrolled_anew_meanwhile_is_not_in_the_class_twice(database, clock) -> None:
    enrolment = refused_enrolment()
    matter = appealed(enrolment)
    make.make_enrolment(person=enrolment.person, class_run=enrolment.class_run, evidence=enrolment.evidence)
    decided(matter, reviewer())
    assert again(enrolment).status == "refused"


def test_I16_a_refused_claim_stays_refused_and_another_takes_its_place(database, clock) -> None:
    refuser = reviewer()
    old = refused_claim(by=refuser)
    judge = reviewer()
    clock.shift(timedelta(days=1))
    matter = decided(appealed(old.enrolment), judge)
    claims = db.session().scalars(select(Claim).order_by(Claim.proposed_at)).all()
    assert [claim.status for claim in claims] == ["refused", "district_review"]
    assert matter.led_to == claims[1].id
    for nobody in (refuser, judge):
        with pytest.raises(FourEyes, match="decided_it_before"):
            agreed(claims[1], nobody)
        scope = scope_of(nobody, nobody.roles[0].role)
        assert next_to_decide(db.session(), scope, nobody.id, PACK.sharing) is None
    assert agreed(claims[1], reviewer()).status == "municipal_review"


def agreed(claim: Claim, by) -> Claim:
    return agree(claim.reference, make.actor_of(by), PACK, ClaimDecision(claim.version, note="看过"), today())


def test_A25_no_new_claim_beside_one_that_lives(database, clock) -> None:
    old = refused_claim()
    matter = appealed(old.enrolment)
    course = old.enrolment.class_run.course
    make.make_claim(
        enrolment=make.make_passed(
            person=old.enrolment.person, evidence=old.enrolment.evidence, course=course
        )
    )
    upheld = decided(matter, reviewer())
    assert (upheld.status, upheld.led_to) == ("upheld", "")
    assert db.session().scalar(select(func.count(Claim.id))) == 2


def test_two_appeals_at_once_are_one(office: Flask, clock) -> None:
    with office.app_context():
        enrolment = refused_enrolment()
        reference, person_id = enrolment.reference, enrolment.person_id
    together, ended = threading.Barrier(4), []

    def press() -> None:
        with office.app_context():
            said, actor = Appeal("not_me", "不是我", new_id()), Actor(ActorKind.PERSON, person_id)
            together.wait()
            try:
                ended.append(appeal(person_id, reference, actor, said, PACK, today()).reference)
            except NotAllowedNow as refusal:
                ended.append(refusal.reference or "")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ended)) == 1
    assert len(ended) == 4
    with office.app_context():
        assert db.session().scalar(select(func.count(Matter.id))) == 1
