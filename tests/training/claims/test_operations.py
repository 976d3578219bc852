"""Propose, agree, return, refuse: by whom, on what, and what stands in the trail afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests import make
from training import audit, clock, outbox
from training.audit import Actor, ActorKind, AuditEvent, Outcome, SubjectKind
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim, ClaimTask
from training.claims.operations import (
    Decision,
    agree,
    propose,
    refuse,
    return_claim,
    submit_again,
    withdraw,
)
from training.claims.queries import is_as_approved, statuses_of
from training.claims.rules import ClaimFacts, amount_of, frozen_hash
from training.database import db, transaction
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import BadInput, FourEyes, NotAllowedNow, NotEligible, NotThere, NotYours
from training.policy.queries import load_pack, notice_numbered
from training.staff.models import StaffAccount

PACK = load_pack(make.PACK)


def events(claim) -> list[str]:
    return [str(event.name) for event in audit.history(db.session(), SubjectKind.CLAIM, claim.id)]


def proposed(enrolment) -> Claim:
    claim = propose(enrolment.id, PACK, today())
    assert claim is not None
    return claim


def status_of(claim) -> ClaimStatus:
    found: ClaimStatus = claim.status
    return found


def decide(claim, verb, account, *reasons, note="", version=None):
    decision = Decision(version or claim.version, reasons, note)
    return verb(claim.reference, make.actor_of(account), PACK, decision, clock.today())


def reviewer(**changes):
    return make.staff("reviewer_district", **changes)


def municipal(**changes):
    return make.staff("reviewer_municipal", district=None, **changes)


def test_whoever_passed_gets_a_claim_without_applying(database, clock) -> None:
    enrolment = make.make_passed()
    claim = propose(enrolment.id, PACK, today())
    assert claim is not None
    assert status_of(claim) is ClaimStatus.DISTRICT_REVIEW
    assert (
        claim.amount_fen == 150_000
    )  # level 5, occupation in the list: 1,500 yuan, not above the fee of 1,500
    assert sum(line["fen"] for line in claim.factors) == claim.amount_fen
    assert claim.notice == "cq-2026-18"
    assert claim.payee_name == enrolment.class_run.course.institution.name
    assert {task.task: task.outcome.value for task in claim.tasks} == dict.fromkeys(
        [
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
            "account",
        ],
        "passed",
    )
    assert events(claim) == ["claim_proposed", "claim_submitted", "claim_review_opened"]
    assert enrolment.status == "passed"


def today():
    return clock.today()


def test_the_job_twice_is_the_same(database, clock) -> None:
    enrolment = make.make_passed()
    first, again = propose(enrolment.id, PACK, today()), propose(enrolment.id, PACK, today())
    assert first is not None
    assert again is not None
    assert first.id == again.id
    assert count(database, Claim) == 1
    assert len(events(first)) == 3


def count(database, model):
    return database.session.scalar(select(func.count()).select_from(model))


def test_a_claim_waits_for_its_certificate_and_is_then_submitted(database, clock) -> None:
    from training.outcomes.operations import note_certificate

    enrolment = make.make_passed(certificate=False)
    claim = propose(enrolment.id, PACK, today())
    assert claim is not None
    assert status_of(claim) is ClaimStatus.PROPOSED
    assert proposed(enrolment).version == claim.version
    course = enrolment.class_run.course
    transaction(
        lambda session: note_certificate(
            session, enrolment.person_id, course.occupation, course.level, "S000050010300001", today()
        )
    )
    assert proposed(enrolment).status is ClaimStatus.DISTRICT_REVIEW
    assert events(claim) == ["claim_proposed", "claim_submitted", "claim_review_opened"]


def test_self_payers_and_those_who_did_not_pass_get_no_claim(database, clock) -> None:
    assert propose(make.make_passed(self_pay=True).id, PACK, today()) is None
    assert propose(make.make_enrolment().id, PACK, today()) is None
    with pytest.raises(NotThere):
        propose("a" * 26, PACK, today())


def test_two_reviewers_agree_and_the_person_is_told(database, clock) -> None:
    claim = make.make_claim()
    first, second = reviewer(), municipal()
    decide(claim, agree, first)
    assert status_of(claim) is ClaimStatus.MUNICIPAL_REVIEW
    assert (claim.district_by, claim.municipal_by) == (first.id, None)
    decide(claim, agree, second)
    assert status_of(claim) is ClaimStatus.APPROVED
    assert (claim.district_by, claim.municipal_by) == (first.id, second.id)
    held = database.session.scalars(select(Entitlement)).one()
    assert held.state is EntitlementState.HELD
    said = [row.payload["message"] for row in database.session.scalars(select(outbox.OutboxRow))]
    assert said == ["claim_district_review", "claim_municipal_review", "claim_approved"]


def test_a_deadline_of_the_notice_goes_with_each_step(database, clock) -> None:
    claim = make.make_claim()  # Tuesday 16 June 2026; 19 June is a holiday: 7 working days end on 26 June
    assert audit_day(claim.due_at) == "2026-06-27 00:00"
    decide(claim, agree, reviewer())
    assert audit_day(claim.due_at) == "2026-06-27 00:00"


def audit_day(moment) -> str:
    return f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def test_A34_nobody_reviews_whom_they_enrolled_or_verified(database, clock) -> None:
    counsellor, verifier = reviewer(), reviewer()
    enrolment = make.make_passed(created_by=counsellor.id, verified_by=verifier.id, channel="counter")
    claim = make.make_claim(enrolment=enrolment)
    for account, code in ((counsellor, "enrolled_it"), (verifier, "verified_it")):
        with pytest.raises(FourEyes) as refused:
            decide(claim, agree, account)
        assert refused.value.reasons == (code,)
        with pytest.raises(FourEyes):
            decide(claim, refuse, account, "certificate_missing")
    assert status_of(claim) is ClaimStatus.DISTRICT_REVIEW


def test_A34_nobody_reviews_their_own_claim(database, clock) -> None:
    claim, account = make.make_claim(), reviewer()
    transaction(lambda session: setattr(account, "number_index", claim.enrolment.person.number_index))
    with pytest.raises(FourEyes) as refused:
        decide(claim, agree, account)
    assert refused.value.reasons == ("own_claim",)


def test_I14_the_second_reviewer_is_another_person(database, clock) -> None:
    both = make.staff("reviewer_district", "reviewer_municipal")
    claim = make.make_claim(status="municipal_review", district_by=both)
    with pytest.raises(FourEyes) as refused:
        decide(claim, agree, both)
    assert refused.value.reasons == ("decided_it_before",)


def test_I14_also_after_a_return(database, clock) -> None:
    """The municipal reviewer who returned a claim does not then review it for the district."""
    both, first = make.staff("reviewer_district", "reviewer_municipal"), reviewer()
    claim = make.make_claim(status="municipal_review", district_by=first)
    decide(claim, return_claim, both, "attendance_to_explain")
    submit_again(
        claim.reference, make.actor_of(first), PACK, Decision(claim.version, note="补了签到表"), today()
    )
    with pytest.raises(FourEyes):
        decide(claim, agree, both)
    decide(claim, agree, first)
    assert status_of(claim) is ClaimStatus.MUNICIPAL_REVIEW


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("municipal_by", "district_by"),
        ("enrolled_by", "district_by"),
        ("verified_by", "district_by"),
        ("enrolled_by", "municipal_by"),
        ("verified_by", "municipal_by"),
    ],
)
def test_I14_the_database_knows_it_too(database, clock, column, other) -> None:
    claim = make.make_claim(status="approved")
    with pytest.raises(IntegrityError):
        run_sql(f"UPDATE claim SET {column} = {other}")
    assert status_of(claim) is ClaimStatus.APPROVED


def test_I15_nothing_is_approved_without_two_reviewers(database, clock) -> None:
    make.make_claim()
    with pytest.raises(IntegrityError):
        run_sql("UPDATE claim SET status = 'approved'")


def test_A16_another_districts_claim_is_not_there(database, clock) -> None:
    claim, stranger = make.make_claim(), reviewer(district="500106")
    with pytest.raises(NotYours):
        decide(claim, agree, stranger)
    with pytest.raises(NotThere):
        decide(claim, agree, StaffAccount(id="a" * 26, office="", roles=[]))


def test_I13_each_desk_decides_its_own_step(database, clock) -> None:
    claim = make.make_claim()
    with pytest.raises(NotAllowedNow) as refused:
        decide(claim, agree, municipal())
    assert refused.value.reasons == ("other_desk",)
    decide(claim, agree, reviewer())
    with pytest.raises(NotAllowedNow):
        decide(claim, agree, reviewer())


def test_a_claim_changed_meanwhile_is_not_decided(database, clock) -> None:
    claim, seen = make.make_claim(), 3
    decide(claim, return_claim, reviewer(), "attendance_to_explain", version=seen)
    with pytest.raises(NotAllowedNow):
        decide(claim, refuse, reviewer(), "certificate_missing", version=seen)
    other = make.make_claim()
    with pytest.raises(NotAllowedNow) as stale:
        decide(other, agree, reviewer(), version=other.version - 1)
    assert stale.value.reasons == ("changed_meanwhile",)


def test_I17_a_refused_decision_changes_only_the_trail(database, clock) -> None:
    claim = make.make_claim()
    before = snapshot(database)
    with pytest.raises(NotAllowedNow):
        decide(claim, agree, municipal())
    assert snapshot(database) == before
    last = database.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (last.outcome, last.subject, last.facts) == (
        Outcome.REFUSED,
        claim.id,
        {"reasons": ["other_desk"]},
    )


def snapshot(database) -> list[object]:
    tables = ("claim", "claim_task", "enrolment", "entitlement", "entitlement_year", "outbox")
    return [database.session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).all() for table in tables]


def test_a_task_that_is_not_met_forbids_agreeing(database, clock) -> None:
    claim = make.make_claim(present=5)  # 50 %, the notice wants 80
    with pytest.raises(NotAllowedNow) as refused:
        decide(claim, agree, reviewer(), note="看过")
    assert refused.value.reasons == ("task_attendance",)


def test_a_task_that_needs_a_look_wants_a_note_and_remembers_who_looked(database, clock) -> None:
    claim, account = make.make_claim(present=None), reviewer()
    with pytest.raises(BadInput) as wanting:
        decide(claim, agree, account, note="  ")
    assert wanting.value.field == "note"
    decide(claim, agree, account, note="签到表在学校，看过原件")
    looked = {task.task: task.by for task in claim.tasks if task.outcome == "look"}
    assert looked == {"attendance": account.id}
    with pytest.raises(BadInput):
        decide(claim, agree, municipal())


def test_A10_an_account_changed_after_the_claim_was_put_forward_wants_a_note(database, clock) -> None:
    claim, account = make.make_claim(), reviewer()
    person = claim.enrolment.person
    make.make_account(person)
    decide(make.make_claim(), agree, account)  # a first account is no change, and this is another's
    clock.shift(timedelta(days=1))
    make.make_account(person, "6217009999999999993")
    with pytest.raises(BadInput) as wanting:
        decide(claim, agree, account)
    assert wanting.value.field == "note"
    decide(claim, agree, account, note="打过本人原来的电话，是本人换的")
    [task] = [task for task in claim.tasks if task.task == "account"]
    assert (task.outcome, task.by) == ("look", account.id)
    assert task.values == {"changed_on": today().isoformat(), "shared_with": 0}


def test_A40_an_account_that_others_have_too_wants_a_note_at_both_desks(database, clock) -> None:
    claims = [make.make_claim() for _ in range(3)]
    for claim in claims:
        make.make_account(claim.enrolment.person)
    with pytest.raises(BadInput):
        decide(claims[0], agree, reviewer())
    decide(claims[0], agree, reviewer(), note="同一户，已分别问过")
    with pytest.raises(BadInput):
        decide(claims[0], agree, municipal())
    make.make_account(claims[2].enrolment.person, "6217009999999999993")
    clock.shift(timedelta(days=1))
    make.make_account(claims[1].enrolment.person, "6217008888888888884")
    decide(claims[0], agree, municipal())
    assert status_of(claims[0]) is ClaimStatus.APPROVED


def test_the_account_can_be_what_is_to_be_mended(database, clock) -> None:
    claim = make.make_claim()
    decide(claim, return_claim, reviewer(), "account_to_clear")
    assert (status_of(claim), claim.reasons) == (ClaimStatus.RETURNED, ["account_to_clear"])


def test_returning_and_refusing_want_reasons_from_the_list(database, clock) -> None:
    claim, account = make.make_claim(), reviewer()
    for verb, reasons in (
        (return_claim, ()),
        (refuse, ()),
        (refuse, ("because",)),
        (return_claim, ("because",)),
        (refuse, ("attendance_to_explain",)),
    ):
        with pytest.raises(BadInput) as wanting:
            decide(claim, verb, account, *reasons)
        assert wanting.value.field == "reasons"


def test_refusing_gives_the_entitlement_back(database, clock) -> None:
    claim = make.make_claim()
    decide(claim, refuse, reviewer(), "attendance_too_low", note="见签到表")
    assert status_of(claim) is ClaimStatus.REFUSED
    assert (claim.reasons, claim.note) == (["attendance_too_low"], "见签到表")
    assert database.session.scalars(select(Entitlement)).one().state is EntitlementState.RELEASED
    assert proposed(claim.enrolment).status is ClaimStatus.REFUSED


def test_the_claimant_may_withdraw_and_nobody_else(database, clock) -> None:
    claim = make.make_claim(status="approved")
    with pytest.raises(NotYours):
        withdraw(claim.enrolment_id, Actor(ActorKind.PERSON, "b" * 26))
    withdraw(claim.enrolment_id, Actor(ActorKind.PERSON, claim.person_id))
    assert status_of(claim) is ClaimStatus.WITHDRAWN
    with pytest.raises(NotAllowedNow):
        withdraw(claim.enrolment_id, Actor(ActorKind.PERSON, claim.person_id))


def let_the_subsidy_pay(enrolment) -> None:
    transaction(lambda session: setattr(enrolment, "self_pay", False))


def run_sql(statement: str) -> None:
    transaction(lambda session: session.execute(text(statement)))


def test_A25_one_claim_for_the_same_occupation_and_level(database, clock) -> None:
    """Two classes of one occupation and level, by facts that the enrolment would not have allowed."""
    claim = make.make_claim()
    twin = make.make_passed(
        person=claim.enrolment.person,
        evidence=claim.enrolment.evidence,
        self_pay=True,
        class_run=make.make_class(starts_on=today() - timedelta(days=300), status="exam_done"),
    )
    let_the_subsidy_pay(twin)
    with pytest.raises(NotEligible) as refused:
        propose(twin.id, PACK, today())
    assert refused.value.reasons == ("already_paid_same_level",)
    assert statuses_of(database.session, [twin.id]) == {twin.id: []}


def test_A25_two_proposals_at_once_make_one_claim(database, clock) -> None:
    person = make.make_person()
    evidence = make.make_evidence(person)
    ids = []
    for n in range(2):
        run = make.make_class(starts_on=today() - timedelta(days=100 + 200 * n), status="exam_done")
        row = make.make_passed(person=person, evidence=evidence, class_run=run, self_pay=True)
        let_the_subsidy_pay(row)
        ids += [row.id] * 3
    from flask import current_app

    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    gate = threading.Barrier(len(ids))
    failed: list[object] = []

    def try_it(enrolment_id: str) -> None:
        with app.app_context():
            gate.wait()
            try:
                propose(enrolment_id, PACK, today())
            except NotEligible as refusal:
                failed.append(refusal.reasons)
            except DBAPIError as error:  # gave up after its tries: nothing was written
                failed.append(type(error).__name__)
            finally:
                database.session.remove()

    threads = [threading.Thread(target=try_it, args=(enrolment_id,)) for enrolment_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database, Claim) == 1
    assert len(failed) >= 3
    assert count(database, ClaimTask) == 11


def test_A25_the_index_refuses_what_slips_through(database, clock) -> None:
    claim = make.make_claim()
    copy = {column.key: getattr(claim, column.key) for column in Claim.__table__.columns}
    copy |= {"id": "c" * 26, "reference": "CL-26-22222-22222"}
    with pytest.raises(IntegrityError):
        transaction(lambda session: session.execute(insert(Claim).values(**copy)))
    copy["status"] = ClaimStatus.REFUSED
    transaction(lambda session: session.execute(insert(Claim).values(**copy)))


def test_A27_over_the_cap_is_seen_and_cannot_be_agreed(database, clock) -> None:
    """A second course of the year that another office paid meanwhile."""
    from training.entitlements.models import Family, Source

    claim = make.make_claim()
    paid = Entitlement(
        person_id=claim.person_id,
        family=Family.TUITION,
        occupation="4-10-01-05",
        level="5",
        year=today().year,
        state=EntitlementState.USED,
        source=Source.IMPORTED,
        on_date=today() - timedelta(days=90),
        district="500101",
        changed_at=clock_now(),
    )
    transaction(lambda session: session.add(paid))
    with pytest.raises(NotAllowedNow) as refused:
        decide(claim, agree, reviewer(), note="看过")
    assert refused.value.reasons == ("task_yearly_cap",)


def clock_now():
    return clock.now()


def test_A33_what_was_approved_is_frozen(database, clock) -> None:
    claim = make.make_claim(status="approved")
    last = audit.history(database.session, SubjectKind.CLAIM, claim.id)[-1]
    assert last.facts["frozen"] == frozen_hash(claim.approved_fields)
    assert last.facts["amount_fen"] == claim.amount_fen
    assert is_as_approved(database.session, claim)
    for change in (
        "amount_fen = amount_fen + 1",
        "payee_name = '别的学校'",
        "factors = '[]'",
        "notice = 'x'",
    ):
        with pytest.raises(DBAPIError, match="stays as it is"):
            run_sql(f"UPDATE claim SET {change}")
    claim.amount_fen += 1
    assert not is_as_approved(database.session, claim)
    database.session.expire(claim)


def test_A33_also_while_an_approved_claim_is_held(database, clock) -> None:
    make.make_claim(status="approved")
    run_sql("UPDATE claim SET status = 'held', held_from = 'approved'")
    with pytest.raises(DBAPIError, match="stays as it is"):
        run_sql("UPDATE claim SET amount_fen = 1")


def test_I08_the_amount_follows_from_what_is_stored(database, clock) -> None:
    claim = make.make_claim()
    assert claim.facts is not None
    stored = ClaimFacts.from_json(claim.facts)
    again = amount_of(stored, notice_numbered(PACK, claim.notice).families["tuition"])
    assert again.fen == claim.amount_fen
    assert [factor.fen for factor in again.factors] == [line["fen"] for line in claim.factors]


def test_I09_amounts_are_whole_and_positive(database, clock) -> None:
    make.make_claim()
    for bad in ("0", "-1", "1.5"):
        if bad == "1.5" and database.engine.dialect.name != "sqlite":
            continue  # the column holds whole numbers only
        with pytest.raises(IntegrityError):
            run_sql(f"UPDATE claim SET amount_fen = {bad}")


def test_I31_one_event_for_each_step(database, clock) -> None:
    claim = make.make_claim(status="returned")
    submit_again(
        claim.reference, make.actor_of(reviewer()), PACK, Decision(claim.version, note="补了签到表"), today()
    )
    decide(claim, agree, reviewer())
    decide(claim, agree, municipal())
    told = [(event.n, event.status) for event in audit.history(database.session, SubjectKind.CLAIM, claim.id)]
    assert told == [
        (1, "proposed"),
        (2, "submitted"),
        (3, "district_review"),
        (4, "returned"),
        (5, "submitted"),
        (6, "district_review"),
        (7, "municipal_review"),
        (8, "approved"),
    ]


def test_putting_a_claim_forward_again_says_what_was_mended(database, clock) -> None:
    claim, account = make.make_claim(status="returned"), reviewer()
    with pytest.raises(BadInput):
        submit_again(
            claim.reference, make.actor_of(account), PACK, Decision(claim.version, note=" "), today()
        )
    with pytest.raises(NotAllowedNow):
        submit_again(
            make.make_claim().reference, make.actor_of(account), PACK, Decision(3, note="补了"), today()
        )
