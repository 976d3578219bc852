"""Somebody may have been enrolled without being there: told at once, stopped by one tap, decided by others (A46, A47)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import DISTRICT, PACK, actor_of, make_claim, make_class, staff
from tests.training.enrolments.people import enrolled, is_drawn, registered
from training import clock as the_clock
from training.audit import AuditEvent, EventName, SubjectKind
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Choice,
    Counter,
    Decision,
    enrol_at_counter,
    pass_identity,
    print_slip,
)
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import FourEyes, Gone, NotAllowedNow, NotEligible, NotThere
from training.numbers import recognise
from training.objections.lifecycle import Action as Decided
from training.objections.models import Matter
from training.objections.operations import Answer, decide, deny_by_call, deny_by_link
from training.outbox import Errand, OutboxRow
from training.people import operations as people
from training.people.models import Consent, Person, PhoneReason
from training.people.operations import AskedPhone
from training.people.queries import person_with_number, phone_in_use
from training.policy.pack import Pack
from training.policy.queries import load_pack
from training.ports import RegisteredCard, RegisteredPerson
from training.staff.models import Role, StaffAccount
from training.staff.queries import Scope, phone_belongs_to_staff, scope_of

S = EnrolmentStatus
pack: Pack = load_pack(PACK)
LOST_CARD = (RegisteredCard("E00000001", "lost", date(2020, 1, 1)),)


@pytest.fixture
def counsellor(database: Any, clock: Any) -> StaffAccount:
    return staff("counsellor")


@pytest.fixture
def who(database: Any, registries: Any) -> RegisteredPerson:
    person = registered()
    registries.know(person)
    return person


def walk_in(
    who: RegisteredPerson,
    by: StaffAccount,
    class_id: str,
    registries: Any,
    pack: Pack = pack,
    *,
    card: bool = False,
) -> Enrolment:
    number = recognise(who.cards[0].number if card else who.number, the_clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=3)
    counter = Counter(number, answer, class_id, Choice(f"{who.number}-{class_id[:20]}"))
    return enrol_at_counter(counter, actor_of(by), pack, the_clock.today())


def told(message: str) -> list[dict[str, Any]]:
    rows = db.session().scalars(select(OutboxRow).where(OutboxRow.errand == Errand.SEND_MESSAGE))
    return [row.payload for row in rows if row.payload["message"] == message]


def link_of(case: Enrolment) -> str:
    """The code in the message about this enrolment."""
    found = [said for said in told("enrolled_at_counter") if said["values"]["reference"] == case.reference]
    return str(found[-1]["values"]["act"])


def person_of(who: RegisteredPerson) -> Person:
    person = person_with_number(db.session(), who.number)
    assert person is not None
    return db.session().get_one(Person, person.id, populate_existing=True)


def now_of(case: Enrolment) -> Enrolment:
    return db.session().get_one(Enrolment, case.id, populate_existing=True)


def answered(matter: Matter, word: Decided) -> Matter:
    """A district reviewer who had no part in it decides."""
    reviewer = staff("reviewer_district")
    scope = scope_of(reviewer, Role.REVIEWER_DISTRICT)
    return decide(matter.reference, scope, actor_of(reviewer), Answer(word, "查过了。"), pack)


def held(case: Enrolment) -> list[EntitlementState]:
    rows = select(Entitlement.state).where(Entitlement.enrolment_id == case.id)
    return list(db.session().scalars(rows))


def test_A46_the_phone_on_file_hears_at_once_and_has_seven_days(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any, clock: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    [said] = told("enrolled_at_counter")
    assert said["person"] == case.person_id
    assert said["values"]["office"] == counsellor.office
    assert said["values"]["reference"] == case.reference
    clock.shift(timedelta(days=7, seconds=1))
    with pytest.raises(Gone):
        deny_by_link(link_of(case), pack)
    assert person_of(who).frozen_at is None


def test_A46_a_consent_says_text_identity_counsellor_place_time_and_signature(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    consent = db.session().scalars(select(Consent).where(Consent.about == case.id)).one()
    assert (consent.text_version, consent.how, consent.identity_seen) == ("2026-01", "paper", "card")
    assert (consent.staff_id, consent.place, consent.at) == (
        counsellor.id,
        counsellor.office,
        the_clock.now(),
    )
    by_phone = enrolled(registries, known(registries), make_class().id)
    own = db.session().scalars(select(Consent).where(Consent.about == by_phone.id)).one()
    assert (own.how, own.identity_seen, own.staff_id) == ("code", "code", None)


def known(registries: Any, **changes: Any) -> RegisteredPerson:
    person = registered(**changes)
    registries.know(person)
    return person


def test_A46_one_tap_freezes_the_record_and_opens_a_case(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    code = link_of(case)
    matter = deny_by_link(code, pack)
    assert matter.reference.startswith("OB-")
    assert person_of(who).frozen_at == the_clock.now()
    assert counsellor.id in matter.not_by
    assert told("not_me_received")[0]["values"]["reference"] == matter.reference
    with pytest.raises(Gone):
        deny_by_link(code, pack)
    with pytest.raises(NotThere):
        deny_by_link("2222222222ABCD", pack)


def test_A46_while_frozen_nothing_is_passed_enrolled_or_offered(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    deny_by_link(link_of(case), pack)
    verifier = actor_of(staff("verifier"))
    with pytest.raises(NotAllowedNow) as refusal:
        pass_identity(case.reference, DISTRICT, verifier, Decision(), pack, the_clock.today())
    assert refusal.value.reasons == ("record_frozen",)
    other = make_class(starts_on=the_clock.today() + timedelta(days=90))
    with pytest.raises(NotEligible) as refused:
        walk_in(who, staff("counsellor"), other.id, registries)
    assert "record_frozen" in refused.value.reasons
    with pytest.raises(NotEligible) as by_phone:
        enrolled(registries, who, other.id)
    assert "record_frozen" in by_phone.value.reasons
    assert now_of(case).status is S.VERIFYING


def test_A46_a_frozen_persons_claim_is_not_agreed_to(database: Any, clock: Any) -> None:
    from training.claims.operations import Decision as Agreed
    from training.claims.operations import agree

    claim = make_claim()
    reviewer = actor_of(staff("reviewer_district", district=claim.district))
    transaction(
        lambda session: people.freeze(session, session.get_one(Person, claim.person_id), reviewer, claim.id)
    )
    decision = Agreed(claim.version, note="看过")
    with pytest.raises(NotAllowedNow) as refusal:
        agree(claim.reference, reviewer, pack, decision, the_clock.today())
    assert refusal.value.reasons == ("record_frozen",)


def test_A46_upheld_the_enrolment_ends_and_gives_everything_back(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    run = make_class(seats=5)
    case = walk_in(who, counsellor, run.id, registries)
    assert held(case) == [EntitlementState.HELD]
    matter = deny_by_link(link_of(case), pack)
    answered(matter, Decided.UPHOLD)
    assert now_of(case).status is S.WITHDRAWN
    assert person_of(who).frozen_at is None
    assert EntitlementState.HELD not in held(case)
    assert db.session().get_one(ClassRun, run.id, populate_existing=True).seats_left == 5
    assert enrolled(registries, who, run.id).status is S.ENROLLED


def test_A46_dismissed_everything_goes_on(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    answered(deny_by_link(link_of(case), pack), Decided.DISMISS)
    assert person_of(who).frozen_at is None
    verifier = actor_of(staff("verifier"))
    passed = pass_identity(case.reference, DISTRICT, verifier, Decision(), pack, the_clock.today())
    assert passed.status is S.ENROLLED


def test_A46_whoever_enrolled_does_not_decide(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    """Also when the counsellor sits at the objections desk as well."""
    both = staff("counsellor", "reviewer_district")
    case = walk_in(who, both, make_class().id, registries)
    matter = deny_by_link(link_of(case), pack)
    scope = scope_of(both, Role.REVIEWER_DISTRICT)
    with pytest.raises(FourEyes):
        decide(matter.reference, scope, actor_of(both), Answer(Decided.DISMISS, "没事。"), pack)
    assert person_of(who).frozen_at is not None


def test_A46_a_second_open_case_keeps_the_record_frozen(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    ask_phone(who, counsellor, registries)
    by_phone = str(told("phone_asked")[-1]["values"]["act"])
    first, second = deny_by_link(link_of(case), pack), deny_by_link(by_phone, pack)
    answered(first, Decided.DISMISS)
    assert person_of(who).frozen_at is not None
    answered(second, Decided.DISMISS)
    assert person_of(who).frozen_at is None


def ask_phone(who: RegisteredPerson, by: StaffAccount, registries: Any, phone: str = "18700002245") -> Any:
    number = recognise(who.number, the_clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=3)
    asked = AskedPhone(number, answer, phone, PhoneReason.LOST, DISTRICT, phone_belongs_to_staff)
    return people.ask_for_phone(asked, actor_of(by), pack)


def test_A10_a_phone_that_was_not_asked_for_is_stopped_and_taken_back(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    second = staff("counsellor")
    change = ask_phone(who, counsellor, registries)
    people.agree_to_phone(change.id, DISTRICT, actor_of(second), "18700002245", pack, is_verifier=False)
    matter = deny_by_link(str(told("phone_changed")[-1]["values"]["act"]), pack)
    assert {counsellor.id, second.id} <= set(matter.not_by)
    assert told("not_me_received")[-1]["phone"] == who.phone, "the answer goes to the phone that was taken"
    answered(matter, Decided.UPHOLD)
    phone = phone_in_use(db.session(), change.person_id)
    assert phone is not None
    assert phone.number == who.phone
    assert person_of(who).frozen_at is None


def test_A46_whoever_takes_over_the_phone_is_not_the_only_one_to_hear(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any, clock: Any
) -> None:
    """Two of a counter register a phone of theirs, then enrol the absent person: the old phone still hears of it."""
    second = staff("counsellor")
    change = ask_phone(who, counsellor, registries)
    people.agree_to_phone(change.id, DISTRICT, actor_of(second), "18700002245", pack, is_verifier=False)
    clock.shift(timedelta(hours=1))
    walk_in(who, counsellor, make_class().id, registries)
    assert [said.get("phone") for said in told("enrolled_at_counter")] == [None, who.phone]


def test_A46_by_a_call_to_any_desk_of_the_district(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any, clock: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    verifier = staff("verifier")
    with pytest.raises(NotThere):
        deny_by_call(case.reference, Scope("500112"), actor_of(verifier), "", pack)
    clock.shift(timedelta(days=20))
    matter = deny_by_call(case.reference, Scope(DISTRICT), actor_of(verifier), "没去过。", pack)
    assert (matter.text, person_of(who).frozen_at) == ("没去过。", the_clock.now())
    with pytest.raises(NotAllowedNow) as again:
        deny_by_call(case.reference, Scope(DISTRICT), actor_of(verifier), "", pack)
    assert again.value.reference == matter.reference
    own = enrolled(registries, known(registries), make_class().id)
    with pytest.raises(NotAllowedNow) as refusal:
        deny_by_call(own.reference, Scope(DISTRICT), actor_of(verifier), "", pack)
    assert refusal.value.reasons == ("not_at_counter",)


def test_the_slip_carries_a_link_of_its_own(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    slip = print_slip(case.id, actor_of(counsellor), pack)
    assert slip.deny != link_of(case)
    deny_by_link(slip.deny, pack)
    with pytest.raises(Gone):
        deny_by_link(link_of(case), pack)


def test_A47_a_counsellor_enrols_no_more_than_so_many_a_day(
    counsellor: StaffAccount, registries: Any, clock: Any
) -> None:
    few = pack.model_copy(update={"counter": pack.counter.model_copy(update={"a_day": 2})})
    run = make_class()
    cases = [walk_in(known(registries), counsellor, run.id, registries, few) for _ in range(2)]
    third = known(registries)
    with pytest.raises(NotEligible) as refusal:
        walk_in(third, counsellor, run.id, registries, few)
    assert refusal.value.reasons == ("day_limit",)
    assert person_with_number(db.session(), third.number) is None
    walk_in(third, staff("counsellor"), run.id, registries, few)
    clock.shift(timedelta(days=1))
    walk_in(known(registries), counsellor, run.id, registries, few)
    assert len({case.id for case in cases}) == 2


def test_A47_the_form_sent_twice_counts_once(counsellor: StaffAccount, registries: Any) -> None:
    one = pack.model_copy(update={"counter": pack.counter.model_copy(update={"a_day": 1})})
    who, run = known(registries), make_class()
    case = walk_in(who, counsellor, run.id, registries, one)
    assert walk_in(who, counsellor, run.id, registries, one).id == case.id


def test_A47_a_share_of_each_counsellors_people_is_drawn_for_the_verifier(
    counsellor: StaffAccount, registries: Any, monkeypatch: Any
) -> None:
    run, drawn, lost = make_class(), known(registries), known(registries, cards=LOST_CARD)
    with monkeypatch.context() as every_one:
        every_one.setattr("training.enrolments.operations.absence.keys.draw", lambda *_: 0.01)
        assert walk_in(drawn, counsellor, run.id, registries).flags == "sample"
        assert walk_in(lost, counsellor, run.id, registries, card=True).flags == "card_lost"
    plain = known(registries)
    assert not is_drawn(plain.number)
    assert walk_in(plain, counsellor, run.id, registries).flags == ""


def test_I26_every_record_is_made_with_a_text_of_the_notice(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    """By phone, at the counter with and without the register, and at a desk of phones."""
    walk_in(who, counsellor, make_class().id, registries)
    enrolled(registries, known(registries), make_class().id)
    ask_phone(known(registries), counsellor, registries)
    rows = db.session().scalars(select(Person)).all()
    made = (AuditEvent.kind == SubjectKind.PERSON, AuditEvent.name == EventName.PERSON_CREATED)
    events = {event.subject: event.facts for event in db.session().scalars(select(AuditEvent).where(*made))}
    assert len(rows) == 3
    versions = {notice.version for notice in pack.privacy}
    for row in rows:
        assert row.consent_version in versions
        assert events[row.id]["consent_version"] == row.consent_version


def test_I17_a_refused_tap_or_call_changes_nothing(
    who: RegisteredPerson, counsellor: StaffAccount, registries: Any
) -> None:
    case = walk_in(who, counsellor, make_class().id, registries)
    before = len(db.session().scalars(select(OutboxRow)).all())
    for code in ("2222222222ABCD", "x", ""):
        with pytest.raises(NotThere):
            deny_by_link(code, pack)
    assert db.session().scalars(select(Matter)).all() == []
    assert person_of(who).frozen_at is None
    assert len(db.session().scalars(select(OutboxRow)).all()) == before
    assert now_of(case).status is S.VERIFYING
