"""Several records become one: nothing is lost, the risky cases are refused with a name, both records tell of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from sqlalchemy import select

import training
from tests.make import PACK, make_claim, make_class, make_person
from tests.training.identities.records import (
    ASK,
    DIFFERENT,
    SAME,
    again,
    at_counter,
    by_hand,
    by_register,
    clerk,
    decide,
    open_now,
    pairs,
)
from training import audit, clock, keys
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.claims.models import Claim
from training.courses.models import Alert
from training.database import Model, db, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.entitlements.models import (
    Entitlement,
    EntitlementState,
    EntitlementYear,
    Family,
    Source,
)
from training.entitlements.operations import release
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.identities import operations
from training.identities.operations import Verdict
from training.identities.operations.relations import MOVES, STAYS, references_to_people, sealed_attributes
from training.identities.queries import current_person, facts_of, stamp_of
from training.identities.rules import Facts, Risk, risks_of
from training.numbers import recognise
from training.outbox import OutboxRow
from training.outcomes.models import Certificate
from training.people.models import (
    Card,
    CardState,
    Consent,
    Person,
    PersonKey,
    Phone,
    PhoneSource,
    PossibleDuplicate,
    VisitorSession,
)
from training.people.operations import known_by_number, open_session
from training.policy.queries import load_pack
from training.seals import verify
from training.staff.queries import Scope


@pytest.fixture
def twin(database: Any, registries: Any) -> tuple[Enrolment, Enrolment]:
    """Somebody by phone, and the same person in another class at a counter, with a number the register lacks; there
    they pay themselves."""
    phone = by_register(registries)
    return phone, free(at_counter())


def free(case: Enrolment) -> Enrolment:
    """The person pays for this class: nothing is held."""

    def work(session: Any) -> Enrolment:
        release(session, case.id)
        row: Enrolment = session.get_one(Enrolment, case.id)
        row.self_pay = True
        return row

    return transaction(work)


def told(kind: SubjectKind, subject: str, name: EventName = EventName.RECORDS_MERGED) -> list[AuditEvent]:
    wanted = (AuditEvent.kind == kind, AuditEvent.subject == subject, AuditEvent.name == name)
    return list(db.session().scalars(select(AuditEvent).where(*wanted).order_by(AuditEvent.n)))


def set_up(row: Any, **values: Any) -> None:
    """Change a row behind the operations."""

    def work(session: Any) -> None:
        found = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(found, name, value)

    transaction(work)


def refused(**more: Any) -> list[str]:
    with pytest.raises(NotAllowedNow) as refusal:
        decide(SAME, **more)
    return list(refusal.value.reasons)


def load_every_table() -> None:
    for module in walk_packages(training.__path__, "training."):
        if ".models" in module.name:
            import_module(module.name)


# --- every relation ------------------------------------------------------------------------------------------


def test_the_merge_knows_every_column_that_refers_to_a_person() -> None:
    """Whoever adds a table says here what becomes of its rows."""
    load_every_table()
    found = set(references_to_people(Model.metadata))
    assert {("enrolment", "person_id"), ("person", "merged_into")} <= found
    unknown = found - set(MOVES) - set(STAYS)
    assert not unknown, f"say in identities/operations/relations.py what a merge does with {unknown}"
    gone = {place for place in {**MOVES, **STAYS} if place[1] != "actor" and place[1] != "about"} - found
    assert not gone, f"no longer there: {gone}"


def test_what_is_sealed_by_a_persons_key_moves_with_its_clear_text() -> None:
    """A row sealed by the old key would be unreadable for ever once it hangs on the survivor."""
    load_every_table()
    places = {table for table, column in MOVES if column == "person_id"} | {"person"}
    sealed = [
        one.local_table.name  # type: ignore[attr-defined]
        for one in Model.registry.mappers
        if hasattr(one.class_, "own_key") and sealed_attributes(one.class_)
    ]
    assert "claim" in sealed
    assert set(sealed) <= places


def test_everything_moves_to_the_certified_record_in_one_act(twin: tuple[Enrolment, Enrolment]) -> None:
    phone, counter = twin
    set_up(phone.person, certified_at=phone.received_at, certified_by="verifier")
    old_number, old = again(counter.person_id).number, counter.person_id
    kept = decide(SAME, note="两张证一个人，看过身份证")
    assert kept is not None
    assert kept.id == phone.person_id
    assert again(old).merged_into == kept.id
    assert current_person(db.session(), old).id == kept.id
    moved = db.session().get_one(Enrolment, counter.id)
    assert (moved.person_id, moved.reference) == (kept.id, counter.reference)
    assert moved.number == old_number, "sealed by the survivor's key now"
    with pytest.raises(ValueError, match="does not belong"):
        keys.unseal(moved.number_sealed, f"enrolment:{moved.id}:number", again(old).own_key())
    rows = db.session().scalars(select(Entitlement).where(Entitlement.enrolment_id == counter.id)).all()
    assert {row.person_id for row in rows} <= {kept.id}
    assert again(old).number_index is None, "the number that nobody proved is free again"
    assert verify(db.session()) == []


def test_I31_both_records_and_all_they_touch_tell_of_the_merge(twin: tuple[Enrolment, Enrolment]) -> None:
    phone, counter = twin
    number, kept, old = again(counter.person_id).number, phone.person_id, counter.person_id
    decide(SAME, note="看过身份证")
    (mine,), (theirs,) = told(SubjectKind.PERSON, kept), told(SubjectKind.PERSON, old)
    assert theirs.facts["into"] == kept
    assert mine.facts["from"] == [old]
    assert theirs.facts["act"] == mine.facts["act"]
    assert theirs.facts["moved"]["enrolment.person_id"] == 1
    assert [event.facts["into"] for event in told(SubjectKind.ENROLMENT, counter.id)] == [kept]
    context = audit.personal_context(SubjectKind.PERSON, old, theirs.n)
    personal = json.loads(keys.unseal(theirs.personal or "", context, again(old).own_key()))
    assert (personal["number"], personal["note"]) == (number, "看过身份证")
    assert str(number) not in json.dumps(theirs.facts)


def test_the_counters_of_both_are_added_up(twin: tuple[Enrolment, Enrolment]) -> None:
    phone, counter = twin
    paid_before(counter.person_id, year=2024)
    years = select(EntitlementYear).where(EntitlementYear.person_id.in_((phone.person_id, counter.person_id)))
    before = sorted((row.year, row.held, row.used) for row in db.session().scalars(years))
    decide(SAME)
    db.session().expire_all()
    after = db.session().scalars(years).all()
    assert {row.person_id for row in after} == {phone.person_id}
    sums = {year: (0, 0) for year, _, _ in before}
    for year, held, used in before:
        sums[year] = (sums[year][0] + held, sums[year][1] + used)
    assert {row.year: (row.held, row.used) for row in after} == sums


def test_A13_sessions_of_the_old_record_end(twin: tuple[Enrolment, Enrolment]) -> None:
    phone, counter = twin
    transaction(lambda session: open_session(session, again(counter.person_id), "browser-of-the-old", "slip"))
    decide(SAME)
    db.session().expire_all()
    row = db.session().get_one(VisitorSession, "browser-of-the-old")
    assert row.ended_at is not None
    assert row.person_id == phone.person_id


def paid_before(person_id: str, year: int, occupation: str = "6-11-01-05", level: str = "5") -> None:
    """A subsidy that another district paid in that year."""

    def work(session: Any) -> None:
        row = Entitlement(
            person_id=person_id,
            family=Family.TUITION,
            occupation=occupation,
            level=level,
            year=year,
            state=EntitlementState.USED,
            source=Source.IMPORTED,
            on_date=date(year, 5, 4),
            district="500106",
            amount_fen=150_000,
            changed_at=clock.now(),
        )
        session.add(row)
        session.add(EntitlementYear(person_id=person_id, family=Family.TUITION, year=year, held=0, used=1))

    transaction(work)


def test_cards_phones_consents_and_messages_go_along(twin: tuple[Enrolment, Enrolment]) -> None:
    phone, counter = twin
    kept_id, old_id = phone.person_id, counter.person_id

    def give(session: Any) -> None:
        old, mine = session.get_one(Person, old_id), session.get_one(Person, kept_id)
        for person, number in ((old, "Z00000001"), (old, mine.cards[0].number)):
            card = Card(person=person, person_id=person.id, state=CardState.NORMAL, seen_at=clock.now())
            card.number, card.last4_index = number, "x"
            session.add(card)
        other = Phone(person=old, person_id=old.id, source=PhoneSource.COUNTER, seen_at=clock.now())
        other.number = "13900000001"
        session.add(other)

    transaction(give)
    decide(SAME)
    kept, old = again(kept_id), again(old_id)
    assert sorted(card.number or "" for card in kept.cards)[-1] == "Z00000001"
    assert len(kept.cards) == 2
    assert len(old.cards) == 1, "the same card stays where it was seen"
    theirs = next(one for one in kept.phones if one.number == "13900000001")
    assert theirs.ended_at is not None, "A08: codes go to the survivor's phone"
    assert sum(one.ended_at is None for one in kept.phones) == 1
    consents = db.session().scalars(select(Consent.about).where(Consent.person_id == kept.id)).all()
    assert set(consents) == {phone.id, counter.id}
    told = [row.payload for row in db.session().scalars(select(OutboxRow)) if row.payload_sealed]
    merged = [row for row in told if row.get("message") == "records_merged"]
    assert {row.get("phone") or row["person"] for row in merged} == {"13900000001", kept.id}


# --- which one stays, whose number --------------------------------------------------------------------------


def test_what_came_by_no_form_meets_nothing_and_what_came_by_the_same_stays(
    twin: tuple[Enrolment, Enrolment],
) -> None:
    """A key that neither has is not the same key; of one that both have the survivor keeps its own."""

    def alert_of(person_id: str, wanted: str, key: str | None) -> Alert:
        at = clock.now()
        fields = {"created_at": at, "kept_until": at, "looked_at": at, "look_at": at}
        return Alert(person_id=person_id, wanted=wanted, idempotency_key=key, **fields)

    def work(session: Any) -> None:
        session.add_all(
            alert_of(one.person_id, f'{{"level": "{n}"}}', key)
            for n, (one, key) in enumerate((one, key) for one in twin for key in (None, "a-form-of-today"))
        )

    transaction(work)
    kept = decide(SAME)
    assert kept is not None
    found = db.session().scalars(select(Alert.wanted).where(Alert.person_id == kept.id)).all()
    assert len(found) == 3


def test_the_older_record_stays_where_none_is_certified(database: Any, registries: Any) -> None:
    hand = by_hand()
    phone = by_register(registries)
    newer = phone.person_id
    kept = decide(SAME)
    assert kept is not None
    assert kept.id == hand.id
    assert again(hand).number == phone.number, "with the number that the register told"
    assert again(newer).number_index is None


def test_I25_one_person_per_number_through_a_merge(database: Any, registries: Any) -> None:
    """The number of a merged record finds the survivor, in each of its forms."""
    hand = by_hand()
    phone = by_register(registries)
    number = phone.number or ""
    decide(SAME)
    for form in (number, f" {number[:6]} {number[6:]} ", number.lower(), f"{number[:10]}-{number[10:]}"):
        value = recognise(form, clock.today()).value
        found = transaction(lambda session, value=value: known_by_number(session, value))  # type: ignore[misc]
        assert found is not None
        assert found.id == hand.id
    has = select(Person.id).where(Person.number_index == Person.number.index_of(number))
    assert len(db.session().scalars(has).all()) == 1


# --- the risky cases ----------------------------------------------------------------------------------------


def test_two_seats_in_one_class_are_refused(database: Any, registries: Any) -> None:
    run = make_class().id
    by_register(registries, class_id=run)
    free(at_counter(class_id=run))
    assert refused() == ["both_in_class"]


def test_one_subsidy_held_twice_and_a_cap_passed_by_the_sum_are_refused(
    database: Any, registries: Any
) -> None:
    by_register(registries)
    at_counter()
    assert refused() == ["both_held", "over_cap"]


def test_one_subsidy_paid_twice_is_refused(twin: tuple[Enrolment, Enrolment]) -> None:
    phone, counter = twin
    paid_before(phone.person_id, 2023)
    paid_before(counter.person_id, 2024)
    assert refused() == ["paid_twice"]


def test_two_live_claims_for_one_level_are_refused() -> None:
    """The table itself allows one for a person: two records are two persons until they are one."""
    at, what = datetime(2026, 6, 1, tzinfo=UTC), ("tuition", "6-31-01-03", "5")
    one, other = (Facts(name, at, claims={what: f"CL-{name}"}) for name in "ab")
    assert risks_of([one, other], {}) == [Risk("both_claimed", ("CL-a", "CL-b"))]
    paid = [replace(each, paid={what}) for each in (one, other)]
    assert risks_of(paid, {}) == [Risk("paid_twice", ("CL-a", "CL-b"))]
    assert risks_of([paid[0], other], {}) == [Risk("both_claimed", ("CL-a", "CL-b"))]


def test_a_claim_moves_and_stays_readable(database: Any) -> None:
    claim = make_claim(person=make_person(certified_at=None, certified_by=None))
    keeper = make_person(number="500103198501019991")
    put_pair(claim.person_id, keeper.id)
    facts, version, old = claim.facts, claim.version, claim.person_id
    decide(SAME)
    row = db.session().get_one(Claim, claim.id, populate_existing=True)
    assert (row.person_id, row.facts, row.version) == (keeper.id, facts, version + 1)
    assert again(keeper).number == "500103198501019991"
    assert [event.facts["from"] for event in told(SubjectKind.CLAIM, row.id)] == [old]
    owner = db.session().scalars(select(Certificate.person_id)).one()
    assert owner == keeper.id


def put_pair(one: str, other: str, evidence: str = "card") -> None:
    """A possible duplicate behind the operations."""
    first, second = sorted((one, other))
    row = PossibleDuplicate(person_a=first, person_b=second, evidence=evidence, raised_at=clock.now())
    transaction(lambda session: session.add(row))


def test_two_proved_numbers_are_refused(database: Any, registries: Any) -> None:
    by_register(registries)
    free(by_register(registries))
    assert refused() == ["numbers_differ"]


def test_a_frozen_record_is_refused(twin: tuple[Enrolment, Enrolment]) -> None:
    set_up(again(twin[1].person_id), frozen_at=clock.now())
    assert refused() == ["record_frozen"]


def test_a_record_whose_key_is_gone_is_refused(twin: tuple[Enrolment, Enrolment]) -> None:
    def empty(session: Any) -> None:
        session.get_one(PersonKey, twin[1].person_id).wrapped = None

    transaction(empty)
    assert refused() == ["record_emptied"]


def test_a_merge_in_a_circle_is_refused_by_the_rule() -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    facts = [Facts("a", at, merged_into="b"), Facts("b", at), Facts("c", at, merged_into="z")]
    assert [risk.code for risk in risks_of(facts[:2], {})] == ["circle"]
    assert [risk.code for risk in risks_of(facts[1:], {})] == ["already_merged"]


def test_more_than_five_records_are_refused(database: Any) -> None:
    for _ in range(5):
        by_hand()
    at_counter()
    assert not open_now().is_whole
    assert len(open_now().people) == 5
    assert refused() == ["too_many_records"]
    kept = decide(SAME, only=pairs()[0].id)
    assert kept is not None, "two of them are merged all the same"


def test_A34_who_enrolled_one_of_them_decides_nothing(twin: tuple[Enrolment, Enrolment]) -> None:
    for answer in (SAME, DIFFERENT, ASK):
        with pytest.raises(FourEyes):
            decide(answer, actor=clerk("counsellor"))
    rows = select(AuditEvent).where(AuditEvent.outcome == Outcome.REFUSED)
    assert [row.facts["reasons"] for row in db.session().scalars(rows)] == [["own_enrolment"]] * 3


def test_A16_a_group_of_another_district_is_not_there(twin: tuple[Enrolment, Enrolment]) -> None:
    with pytest.raises(NotThere):
        operations.decide(pairs()[0].id, Scope("500112"), clerk(), Verdict(SAME), load_pack(PACK))


def test_a_stale_page_is_refused(twin: tuple[Enrolment, Enrolment]) -> None:
    group = open_now()
    seen = stamp_of(group, facts_of(db.session(), group.people, load_pack(PACK)))
    free(at_counter(number=twin[1].number))
    assert refused(seen=seen) == ["changed"]


def test_I17_a_refused_merge_changes_nothing_but_the_trail(database: Any, registries: Any) -> None:
    by_register(registries)
    at_counter()
    before = digest()
    refused()
    assert digest() == before


def digest() -> dict[str, list[str]]:
    db.session().expire_all()
    return {
        table.name: sorted(map(repr, db.session().execute(select(table)).all()))
        for table in Model.metadata.sorted_tables
        if not table.name.startswith("audit")
    }


# --- what was paid elsewhere, and what was answered ----------------------------------------------------------


def test_what_one_holds_and_another_was_paid_is_freed_and_looked_at_again(
    database: Any, registries: Any
) -> None:
    hand = by_hand()
    paid_before(hand.id, 2024, occupation="6-31-01-03", level="5")
    phone = by_register(registries)
    set_up(again(hand), created_at=phone.received_at)
    decide(SAME)
    case = db.session().get_one(Enrolment, phone.id, populate_existing=True)
    assert (case.status, case.flags) == (EnrolmentStatus.VERIFYING, "possible_duplicate")
    assert [event.status for event in told(SubjectKind.ENROLMENT, case.id, EventName.IDENTITY_DOUBTED)] == [
        "verifying"
    ]
    held = select(Entitlement.state).where(Entitlement.enrolment_id == case.id)
    assert db.session().scalars(held).all() == [EntitlementState.RELEASED]


def test_different_is_remembered_and_not_asked_again(database: Any, registries: Any) -> None:
    by_register(registries)
    other = free(at_counter())
    decide(DIFFERENT, note="姐妹")
    (pair,) = pairs()
    with pytest.raises(NotAllowedNow, match="already_decided"):
        decide(SAME)
    case = by_register(registries, number=other.number, name="周小满")
    assert [row.id for row in pairs()] == [pair.id]
    assert pairs()[0].answer is DIFFERENT
    assert "possible_duplicate" not in case.flags


def test_the_flag_goes_when_nothing_asks_any_more(database: Any, registries: Any) -> None:
    by_register(registries)
    case = at_counter()
    assert "possible_duplicate" in case.flag_words
    decide(ASK)
    assert "possible_duplicate" in flags_of(case)
    decide(DIFFERENT)
    assert "possible_duplicate" not in flags_of(case)
    answered = told(SubjectKind.ENROLMENT, case.id, EventName.DUPLICATE_ANSWERED)
    assert [event.facts["flags"] for event in answered] == [" ".join(flags_of(case))]


def flags_of(case: Enrolment) -> list[str]:
    row = db.session().get_one(Enrolment, case.id, populate_existing=True)
    return [flag.value for flag in row.flag_words]


def test_ask_tells_both_once_and_stays_open(twin: tuple[Enrolment, Enrolment]) -> None:
    decide(ASK)
    for case in twin:
        assert len(told(SubjectKind.PERSON, case.person_id, EventName.DUPLICATE_ANSWERED)) == 1
    decide(ASK)
    for case in twin:
        assert len(told(SubjectKind.PERSON, case.person_id, EventName.DUPLICATE_ANSWERED)) == 1
    assert asked_to_come() == sorted(case.person_id for case in twin)
    assert open_now().is_asked
    decide(SAME)


def asked_to_come() -> list[str]:
    rows = [row.payload for row in db.session().scalars(select(OutboxRow)) if row.payload_sealed]
    return sorted(row["person"] for row in rows if row.get("message") == "duplicate_ask")


def test_who_was_asked_already_is_not_told_again(database: Any, registries: Any) -> None:
    people = [by_register(registries).person, by_hand(), by_hand()]
    pair = pairs()[0]
    decide(ASK, only=pair.id)
    assert asked_to_come() == sorted((pair.person_a, pair.person_b))
    decide(ASK)
    assert asked_to_come() == sorted(one.id for one in people)


def test_what_was_said_of_a_third_record_holds_for_the_survivor(database: Any, registries: Any) -> None:
    first, second, third = by_register(registries).person, by_hand(), by_hand()
    sister = next(row for row in pairs() if {row.person_a, row.person_b} == {second.id, third.id})
    decide(DIFFERENT, only=sister.id, pair_id=sister.id)
    mine = next(row for row in pairs() if {row.person_a, row.person_b} == {first.id, second.id})
    decide(SAME, only=mine.id, pair_id=mine.id)
    with pytest.raises(NotAllowedNow, match="already_decided"):
        decide(SAME, pair_id=mine.id)
    left = next(row for row in pairs() if {row.person_a, row.person_b} == {first.id, third.id})
    assert left.answer is DIFFERENT
