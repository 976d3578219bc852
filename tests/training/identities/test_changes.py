"""Corrections of number and name by two people, and "this number is mine, somebody else has it"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.make import DISTRICT, PACK, make_class
from tests.training.enrolments.people import enrolled, leave, link_code, number_of, registered
from tests.training.enrolments.test_without_code import received
from tests.training.identities.records import BORN, HERE, again, at_counter, by_register, clerk
from training import audit, clock, keys
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.courses.models import ClassRun
from training.database import db, new_id, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import Answer, Decision, answer_by_link, ask_registry, pass_identity
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.identities.models import ChangeKind, ChangeStatus, IdentityChange, Proof
from training.identities.operations import Proposal, agree_to_change, propose_change, refuse_change
from training.outbox import OutboxRow
from training.people.models import Person
from training.policy.queries import load_pack
from training.seals import verify
from training.staff.queries import Scope

PACK_ = load_pack(PACK)
NAME, NUMBER, TAKEN = ChangeKind.NAME, ChangeKind.NUMBER, ChangeKind.TAKEN
ME, OTHER = clerk("counsellor-a"), clerk("verifier-b")


def propose(
    kind: ChangeKind, person: str | None, new: str, proof: Proof = Proof.ID_CARD, **more: Any
) -> IdentityChange:
    more.setdefault("key", new_id())
    return propose_change(Proposal(kind, person, new, proof, **more), DISTRICT, ME)


def certified(person_id: str) -> None:
    def work(session: Any) -> None:
        person = session.get_one(Person, person_id)
        person.certified_at, person.certified_by = clock.now(), "verifier"

    transaction(work)


def case_of(case: Enrolment) -> Enrolment:
    return db.session().get_one(Enrolment, case.id, populate_existing=True)


def told() -> dict[str, str]:
    rows = [row.payload for row in db.session().scalars(select(OutboxRow)) if row.payload_sealed]
    return {row["person"]: row["message"] for row in rows if "person" in row}


def test_one_proposes_and_another_agrees(database: Any, registries: Any) -> None:
    case = by_register(registries)
    certified(case.person_id)
    before, right = again(case.person_id).number, number_of(BORN)
    change = propose(NUMBER, case.person_id, right, note="派出所更正")
    assert again(case.person_id).number == before, "nothing changes until another agrees"
    with pytest.raises(FourEyes):
        agree_to_change(change.id, HERE, ME)
    agree_to_change(change.id, HERE, OTHER, "看过证明")
    person = again(case.person_id)
    assert (person.number, person.certified_at) == (right, None)
    assert (case_of(case).status, case_of(case).flags) == (EnrolmentStatus.VERIFYING, "not_found")
    assert told()[case.person_id] == "identity_changed"
    assert verify(db.session()) == []


def test_old_and_new_stay_sealed_in_the_trail(database: Any, registries: Any) -> None:
    case = by_register(registries)
    before, right = again(case.person_id).number, number_of(BORN)
    change = propose(NUMBER, case.person_id, right)
    agree_to_change(change.id, HERE, OTHER, "看过证明")
    wanted = (AuditEvent.subject == case.person_id, AuditEvent.name == EventName.IDENTITY_CHANGE_AGREED)
    event = db.session().scalars(select(AuditEvent).where(*wanted)).one()
    assert right not in json.dumps(event.facts)
    context = audit.personal_context(SubjectKind.PERSON, case.person_id, event.n)
    personal = json.loads(keys.unseal(event.personal or "", context, again(case.person_id).own_key()))
    assert personal == {"old": before, "new": right, "note": "看过证明"}
    row = db.session().get_one(IdentityChange, change.id, populate_existing=True)
    assert (row.old, row.new, row.answer) == (before, right, "看过证明")
    assert right not in (row.new_sealed, row.old_sealed)


def test_the_registers_own_answer_leaves_the_certification(database: Any, registries: Any) -> None:
    case = by_register(registries)
    certified(case.person_id)
    change = propose(NAME, case.person_id, "周晓满", Proof.REGISTER)
    agree_to_change(change.id, HERE, OTHER)
    person = again(case.person_id)
    assert (person.name, person.name_normal) == ("周晓满", "周晓满")
    assert person.certified_at is not None
    assert case_of(case).status is EnrolmentStatus.ENROLLED


def test_c5_a_changed_name_voids_the_certification(database: Any, registries: Any) -> None:
    case = by_register(registries)
    certified(case.person_id)
    change = propose(NAME, case.person_id, "周晓满")
    agree_to_change(change.id, HERE, OTHER)
    assert again(case.person_id).certified_at is None
    assert (case_of(case).status, case_of(case).flags) == (EnrolmentStatus.VERIFYING, "name_differs")


def test_refusing_changes_nothing_and_tells_the_person(database: Any, registries: Any) -> None:
    case = by_register(registries)
    before = again(case.person_id).number
    change = propose(NUMBER, case.person_id, number_of(BORN))
    refuse_change(change.id, HERE, OTHER, "证明不清楚")
    assert again(case.person_id).number == before
    assert told()[case.person_id] == "identity_kept"
    with pytest.raises(NotAllowedNow, match="already_decided"):
        agree_to_change(change.id, HERE, clerk("third"))
    propose(NUMBER, case.person_id, number_of(BORN))


def test_one_correction_of_a_kind_waits_at_a_time(database: Any, registries: Any) -> None:
    case = by_register(registries)
    first = propose(NUMBER, case.person_id, number_of(BORN), key="the-same-form")
    assert propose(NUMBER, case.person_id, number_of(BORN), key="the-same-form").id == first.id
    with pytest.raises(NotAllowedNow, match="change_pending"):
        propose(NUMBER, case.person_id, number_of(BORN))
    propose(NAME, case.person_id, "周晓满")


def test_I25_a_number_in_another_record_is_refused_with_its_reason(database: Any, registries: Any) -> None:
    one, other = by_register(registries), by_register(registries, name="冉琼芳")
    taken = again(other.person_id).number or ""
    with pytest.raises(NotAllowedNow, match="number_taken"):
        propose(NUMBER, one.person_id, taken)
    with pytest.raises(NotAllowedNow, match="number_free"):
        propose(TAKEN, one.person_id, number_of(BORN))
    with pytest.raises(NotAllowedNow, match="unchanged"):
        propose(NUMBER, other.person_id, taken)
    rows = select(AuditEvent).where(AuditEvent.outcome == Outcome.REFUSED)
    assert len(db.session().scalars(rows).all()) == 3


def test_a_number_that_went_elsewhere_meanwhile_is_refused(database: Any, registries: Any) -> None:
    case, right = by_register(registries), number_of(BORN)
    change = propose(NUMBER, case.person_id, right)
    at_counter(number=right, name="冉琼芳")
    with pytest.raises(NotAllowedNow, match="number_taken"):
        agree_to_change(change.id, HERE, OTHER)
    refuse_change(change.id, HERE, OTHER)


def test_this_number_is_mine_voids_the_wrong_record(database: Any, registries: Any) -> None:
    wrong = by_register(registries, name="冉琼芳")
    certified(wrong.person_id)
    number = again(wrong.person_id).number or ""
    change = propose(TAKEN, None, number, Proof.POLICE_LETTER, name="周小满", matter="OB-26-22222-2222J")
    change_id, claimant = change.id, change.person_id
    assert again(claimant).number is None
    assert again(wrong.person_id).certified_at is not None
    agree_to_change(change_id, HERE, OTHER, "看过公安证明")
    holder = again(wrong.person_id)
    assert (holder.number, holder.certified_at, holder.registered_at) == (None, None, None)
    assert (case_of(wrong).status, case_of(wrong).flags) == (EnrolmentStatus.VERIFYING, "not_found")
    assert case_of(wrong).verified_by is None
    assert again(claimant).number == number
    assert again(claimant).birth_on is not None
    assert (told()[wrong.person_id], told()[claimant]) == ("number_released", "identity_changed")
    assert not [phone for phone in holder.phones if phone.ended_at is None], "it came with the number"
    assert verify(db.session()) == []
    assert db.session().get_one(IdentityChange, change_id).status is ChangeStatus.AGREED


def test_A16_a_correction_of_another_district_is_not_there(database: Any, registries: Any) -> None:
    case = by_register(registries)
    change = propose(NAME, case.person_id, "周晓满")
    with pytest.raises(NotThere):
        agree_to_change(change.id, Scope("500112"), OTHER)


def test_A34_who_enrolled_them_does_not_decide(database: Any) -> None:
    case = at_counter(by="verifier-b")
    change = propose(NAME, case.person_id, "周晓满")
    with pytest.raises(FourEyes):
        agree_to_change(change.id, HERE, OTHER)


def test_the_table_itself_wants_two_people(database: Any, registries: Any) -> None:
    change = propose(NAME, by_register(registries).person_id, "周晓满")

    def alone(session: Any) -> None:
        row = session.get_one(IdentityChange, change.id)
        row.status, row.decided_by = ChangeStatus.AGREED, row.proposed_by

    with pytest.raises(IntegrityError):
        transaction(alone)


def test_a_stale_page_is_refused(database: Any, registries: Any) -> None:
    change = propose(NAME, by_register(registries).person_id, "周晓满")
    with pytest.raises(NotAllowedNow, match="changed"):
        agree_to_change(change.id, HERE, OTHER, seen_version=7)
    agree_to_change(change.id, HERE, OTHER, seen_version=1)


@pytest.mark.usefixtures("clock")
def test_a_doubted_identity_in_line_is_checked_before_it_sits(database: Any, registries: Any) -> None:
    """Received without a code, seen by a verifier in line, then doubted: the seat waits for a verifier again."""
    run = make_class(seats=1)
    known = [registered() for _ in range(2)]
    registries.know(*known)
    seated, case = enrolled(registries, known[0], run.id), received(known[1], run.id)
    ask_registry(case.id, registries.ports)
    verifier = clerk("verifier-z")
    pass_identity(case.reference, DISTRICT, verifier, Decision(), PACK_, clock.today())
    change = propose(NAME, case_of(case).person_id, "周小曼")
    agree_to_change(change.id, HERE, OTHER, "看过证明")
    assert class_of(case).waiting == 1, "it keeps its place and counts in line"
    leave(seated)
    assert (case_of(case).status, class_of(case).waiting) == (EnrolmentStatus.OFFERED, 0)
    taken = answer_by_link(link_code(), Answer("accept"), PACK_)
    assert (taken.status, taken.verified_by) == (EnrolmentStatus.VERIFYING, None)
    passed = pass_identity(case.reference, DISTRICT, verifier, Decision(), PACK_, clock.today())
    assert (passed.status, passed.verified_by) == (EnrolmentStatus.ENROLLED, verifier.id)


def class_of(case: Enrolment) -> ClassRun:
    return db.session().get_one(ClassRun, case_of(case).class_id, populate_existing=True)
