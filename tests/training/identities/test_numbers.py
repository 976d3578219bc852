"""A number that left a record opens nothing there any more, and what stays never becomes the right person's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import DISTRICT, PACK, make_class
from tests.training.enrolments.people import number_of, registered
from tests.training.enrolments.test_without_code import received
from tests.training.identities.records import BORN, HERE, again, at_counter, by_hand, by_register, clerk
from tests.training.identities.test_changes import NUMBER, OTHER, TAKEN, case_of, propose
from training import clock
from training.audit import Actor, ActorKind
from training.database import db, new_id, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Correction,
    Decision,
    correct,
    pass_identity,
    return_for_correction,
    sign_in_with_slip,
    take,
)
from training.enrolments.operations.counter import print_slip
from training.errors import BadInput, FourEyes, NotAllowedNow
from training.identities.models import Proof
from training.identities.operations import agree_to_change
from training.identities.queries import facts_of
from training.limits import Limit
from training.numbers import recognise
from training.people.models import Draft, Person, PhoneSource, Purpose, VisitorSession
from training.people.operations import end_sessions, open_session
from training.people.operations.freezing import freeze
from training.policy.pack import Renamed
from training.policy.queries import load_pack

SLIPS = Limit("slips", 100, timedelta(hours=1))
VERIFIER = clerk("verifier-z")


def taken_from(case: Enrolment, number: str) -> tuple[str, str]:
    """The number of this case is agreed to be another person's. Ids: who had it, whose it is."""
    change = propose(TAKEN, None, number, name="冉琼芳")
    held, claimant = case.person_id, change.person_id
    agree_to_change(change.id, HERE, OTHER, "看过证明")
    return held, claimant


def taken(case: Enrolment) -> Enrolment:
    take(case.reference, DISTRICT, VERIFIER)
    return case_of(case)


def passed(case: Enrolment) -> Enrolment:
    return pass_identity(case.reference, DISTRICT, VERIFIER, Decision(), load_pack(PACK), clock.today())


def slip_opens(number: str, code: str) -> str:
    row = sign_in_with_slip(recognise(number, clock.today()), code, new_id() * 2, "127.0.0.1", SLIPS)
    return row.person_id


def signed_in(person_id: str) -> str:
    name = new_id()
    transaction(lambda session: open_session(session, session.get_one(Person, person_id), name, "code"))
    return name


def is_signed_in(name: str) -> bool:
    return db.session().get_one(VisitorSession, name, populate_existing=True).ended_at is None


def test_A01_a_case_typed_with_a_number_that_left_stays_with_its_record(database: Any) -> None:
    number = number_of(BORN)
    case = at_counter(number, by="counsellor-a")
    held, claimant = taken_from(case, number)
    assert taken(case).person_id == held
    assert again(held).merged_into is None
    with pytest.raises(NotAllowedNow, match="number_left"):
        passed(case)
    assert (again(held).merged_into, again(held).number, again(held).certified_at) == (None, None, None)
    assert (case_of(case).person_id, again(claimant).certified_at) == (held, None)


def test_A01_a_slip_printed_before_or_after_does_not_open_the_right_person(database: Any) -> None:
    number = number_of(BORN)
    case = at_counter(number, by="counsellor-a")
    slip = print_slip(case.id, clerk("counsellor-a"), load_pack(PACK))
    taken_from(case, number)
    for code in (slip.code, print_slip(case.id, clerk("counsellor-a"), load_pack(PACK)).code):
        taken(case)
        with pytest.raises(BadInput, match="wrong_slip"):
            slip_opens(number, code)


def test_I25_a_record_with_a_past_of_its_own_is_never_absorbed(database: Any) -> None:
    number, right = number_of(BORN), number_of(BORN)
    first = at_counter(number, by="counsellor-a")
    held, _ = taken_from(first, number)
    by_hand("冉琼华", right)
    print_slip(first.id, clerk("counsellor-a"), load_pack(PACK))

    def corrected(session: Any) -> None:
        session.get_one(Enrolment, first.id).number = right

    transaction(corrected)
    assert taken(first).person_id != held, "the number that was corrected says whose it is"
    assert again(held).merged_into is None
    assert case_of(first).slip_hash is None, "nor does its slip go along"


def test_a_record_that_never_had_a_number_goes_into_the_one_found(database: Any, registries: Any) -> None:
    case = received(registered(), make_class().id)
    provisional = case.person_id
    joined = signed_in(provisional)
    assert taken(case).person_id != provisional
    assert again(provisional).merged_into == case_of(case).person_id
    row = db.session().get_one(VisitorSession, joined, populate_existing=True)
    assert (row.person_id, row.ended_at) == (case_of(case).person_id, None)


def test_A01_a_number_that_the_person_typed_alone_takes_no_browser_along(
    database: Any, registries: Any
) -> None:
    victim = by_register(registries)
    number, card = again(victim.person_id).number or "", registered().cards[0].number
    case = at_counter(card, "秦晓楠", by="counsellor-a")
    provisional = case.person_id
    slip = print_slip(case.id, clerk("counsellor-a"), load_pack(PACK))
    assert slip_opens(card, slip.code) == provisional, "nobody knows a number yet: the card that was seen"
    assert taken(case).person_id == provisional
    asked = Decision(fields=("number",))
    return_for_correction(case.reference, DISTRICT, VERIFIER, asked, load_pack(PACK), clock.today())
    mine = Correction(number=recognise(number, clock.today()))
    correct(provisional, case.reference, Actor(ActorKind.PERSON, provisional), mine)
    assert taken(case).person_id == victim.person_id
    assert again(provisional).merged_into is None
    browsers = db.session().scalars(select(VisitorSession.person_id).where(VisitorSession.how == "slip"))
    assert list(browsers) == [provisional]


def test_A08_a_corrected_number_leaves_the_phone_the_sessions_and_the_proofs_behind(
    database: Any, registries: Any
) -> None:
    case = by_register(registries)
    old = again(case.person_id).number or ""
    browser = signed_in(case.person_id)

    def prove(session: Any) -> str:
        at = clock.real_now()
        draft = Draft(session_hash=new_id(), purpose=Purpose.SIGN_IN, about="", created_at=at, proved_at=at)
        draft.number, draft.number_kind, draft.remarks = old, "number18", ""
        draft.name, draft.language, draft.carried, draft.asked_at = "周小满", "zh", "", at
        draft.expires_at = at + timedelta(minutes=30)
        session.add(draft)
        session.flush()
        return draft.id

    draft_id = transaction(prove)
    change = propose(NUMBER, case.person_id, number_of(BORN))
    agree_to_change(change.id, HERE, OTHER, "看过证明")
    person = again(case.person_id)
    assert [one.source for one in person.phones if one.ended_at is None] == []
    assert {one.source for one in person.phones} == {PhoneSource.REGISTER}
    assert not is_signed_in(browser)
    assert db.session().get_one(Draft, draft_id, populate_existing=True).proved_at is None


def test_the_registers_own_number_keeps_the_certification(database: Any, registries: Any) -> None:
    case = by_register(registries)

    def certify(session: Any) -> None:
        person = session.get_one(Person, case.person_id)
        person.certified_at, person.certified_by = clock.now(), "verifier"
        end_sessions(session, person.id)

    transaction(certify)
    right = number_of(BORN)
    change = propose(NUMBER, case.person_id, right, Proof.REGISTER)
    agree_to_change(change.id, HERE, OTHER)
    person = again(case.person_id)
    assert (person.number, person.certified_by) == (right, "verifier")
    assert person.registered_at is not None
    assert [one for one in person.phones if one.ended_at is None] == []


def test_I25_a_case_typed_with_the_number_before_the_correction_makes_no_new_record(database: Any) -> None:
    number, right = number_of(BORN), number_of(BORN)
    case = at_counter(number, by="counsellor-a")
    slip = print_slip(case.id, clerk("counsellor-a"), load_pack(PACK))
    change = propose(NUMBER, case.person_id, right)
    agree_to_change(change.id, HERE, OTHER, "看过证明")
    assert taken(case).person_id == case.person_id
    for typed in (number, right):
        with pytest.raises(BadInput, match="wrong_slip"):
            slip_opens(typed, slip.code)
    fresh = print_slip(case.id, clerk("counsellor-a"), load_pack(PACK))
    with pytest.raises(BadInput, match="wrong_slip"):
        slip_opens(number, fresh.code)
    assert slip_opens(right, fresh.code) == case.person_id


def moved_on(number: str, by: str) -> tuple[str, Enrolment]:
    """A claim to a number that went from the record it named to another one, enrolled by `by`. Change id, case."""
    first = by_hand("周小满", number)
    change = propose(TAKEN, None, number, name="冉琼芳")
    transaction(lambda session: setattr(session.get_one(Person, first.id), "number", None))
    return change.id, at_counter(number, "秦晓楠", by=by)


def test_A34_who_enrolled_the_present_holder_does_not_agree(database: Any) -> None:
    number = number_of(BORN)
    change, case = moved_on(number, by="verifier-b")
    with pytest.raises(FourEyes):
        agree_to_change(change, HERE, OTHER)
    agree_to_change(change, HERE, clerk("verifier-c"))
    assert again(case.person_id).number is None


def test_a_claim_waits_while_the_present_holder_is_frozen(database: Any) -> None:
    number = number_of(BORN)
    change, case = moved_on(number, by="counsellor-a")
    transaction(lambda session: freeze(session, session.get_one(Person, case.person_id), OTHER, case.id))
    with pytest.raises(NotAllowedNow, match="record_frozen"):
        agree_to_change(change, HERE, OTHER)
    assert again(case.person_id).number == number


def test_A25_a_renamed_trade_is_the_same_subsidy_when_records_are_compared(
    database: Any, registries: Any
) -> None:
    case = by_register(registries)
    pack, person = load_pack(PACK), again(case.person_id)
    [held] = facts_of(db.session(), [person], pack)[0].held
    family, code, level = held
    newer = Renamed(old_code=code, new_code="9-99-99-99", since=date(2026, 1, 1), note="")
    renamed = pack.model_copy(update={"renamed": {code: newer}})
    assert list(facts_of(db.session(), [person], renamed)[0].held) == [(family, "9-99-99-99", level)]
