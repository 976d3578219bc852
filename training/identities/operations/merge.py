"""Several records become one: everything moves to the one that stays, and both can tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.claims.models import Claim
from training.database import new_id
from training.enrolments.models import Enrolment, Flag
from training.enrolments.operations import clear_duplicate_flag, doubt
from training.entitlements import operations as entitlements
from training.entitlements.models import EntitlementYear
from training.identities.operations.relations import Moved, move_all
from training.identities.rules import Facts, number_holder, spent_elsewhere, survivor_of
from training.people.messages import tell, tell_phone
from training.people.models import DuplicateAnswer, Person, PossibleDuplicate, VisitorSession
from training.people.operations import name_birth_index, sound_index
from training.people.operations.identity import forget_proofs
from training.people.rules import normal_name

STRENGTH = (DuplicateAnswer.OPEN, DuplicateAnswer.ASK, DuplicateAnswer.DIFFERENT)


def merge_records(
    session: Session, people: Sequence[Person], facts: Sequence[Facts], actor: Actor, note: str
) -> Person:
    """A step: one record out of `people`, all of them locked and judged. Returns the one that stays.

    One event for each record, enrolment and claim that is touched. Old ids lead to the survivor by `current_person`.
    """
    by_id = {one.id: one for one in people}
    keeper, holder = by_id[survivor_of(facts).id], number_holder(facts)
    entries: list[Entry] = []
    told: dict[str, Mapping[str, Moved]] = {}
    for old in (one for one in people if one is not keeper):
        entries += _moves_of(session, old, keeper)
        _end_sessions(session, old)
        _end_phones(session, old, keeper)
        told[old.id] = move_all(session, old, keeper)
        _add_years(session, old, keeper)
        _put_pairs_anew(session, old, keeper, set(by_id))
        session.execute(update(Person).where(Person.merged_into == old.id).values(merged_into=keeper.id))
        old.merged_into = keeper.id
    session.flush()
    before = {old: by_id[old].number for old in told}
    _keep_number(session, keeper, by_id[holder.id] if holder else keeper, [by_id[old] for old in told])
    entries += clear_duplicate_flag(session, [keeper.id])
    entries += _free(session, facts)
    entries += _events(by_id, keeper, told, before, note)
    audit.record(session, actor, *entries)
    tell(session, keeper, "records_merged")
    return keeper


def _free(session: Session, facts: Sequence[Facts]) -> list[Entry]:
    """What one record holds and another has used is freed, and a verifier looks at that enrolment again."""
    entries = []
    for held in spent_elsewhere(facts):
        wanted = select(Enrolment).where(Enrolment.reference == held.reference)
        case = session.scalars(wanted.with_for_update(of=Enrolment)).one()
        entitlements.release(session, case.id)
        entries.append(doubt(case, Flag.POSSIBLE_DUPLICATE))
    session.flush()
    return entries


def _moves_of(session: Session, old: Person, keeper: Person) -> list[Entry]:
    """The events of the enrolments and claims that go over; whoever has their page open meets a newer version."""
    facts = {"from": old.id, "into": keeper.id}
    cases = select(Enrolment).where(Enrolment.person_id == old.id).order_by(Enrolment.id)
    claims = select(Claim).where(Claim.person_id == old.id).order_by(Claim.id)
    touched: list[tuple[SubjectKind, Enrolment | Claim]] = [
        *((SubjectKind.ENROLMENT, row) for row in session.scalars(cases.with_for_update(of=Enrolment))),
        *((SubjectKind.CLAIM, row) for row in session.scalars(claims.with_for_update(of=Claim))),
    ]
    for _, row in touched:
        row.version += 1
    session.flush()
    return [Entry(EventName.RECORDS_MERGED, kind, row.id, row.status.value, facts) for kind, row in touched]


def _end_sessions(session: Session, old: Person) -> None:
    """Whoever is signed in as the old record signs in again, and a code that was right for it opens nothing (A13)."""
    forget_proofs(session, old)
    live = (VisitorSession.person_id == old.id, VisitorSession.ended_at.is_(None))
    ended = update(VisitorSession).where(*live).values(ended_at=clock.real_now())
    session.execute(ended.execution_options(synchronize_session=False))


def _end_phones(session: Session, old: Person, keeper: Person) -> None:
    """The survivor's phone stays the one for codes and messages; the other phone hears of it once (A08)."""
    kept = {phone.number_index for phone in keeper.phones if phone.ended_at is None}
    for phone in old.phones:
        if phone.ended_at is None and kept:
            if phone.number_index not in kept:
                tell_phone(session, phone.number or "", "records_merged", old.language)
            phone.ended_at = clock.now()
    session.flush()


def _add_years(session: Session, old: Person, keeper: Person) -> None:
    """The counters of both, added up; nothing is counted twice or lost."""
    rows = select(EntitlementYear).where(EntitlementYear.person_id.in_((old.id, keeper.id)))
    found = session.scalars(rows.with_for_update()).all()
    kept = {(row.family, row.year): row for row in found if row.person_id == keeper.id}
    for row in (row for row in found if row.person_id == old.id):
        mine = kept.get((row.family, row.year))
        if mine is None:
            mine = EntitlementYear(person_id=keeper.id, family=row.family, year=row.year, held=0, used=0)
            session.add(mine)
        mine.held, mine.used = mine.held + row.held, mine.used + row.used
        session.delete(row)
    session.flush()


def _put_pairs_anew(session: Session, old: Person, keeper: Person, inside: set[str]) -> None:
    """What was asked or answered about the old record and a third one holds for the survivor.

    The pairs inside the group stay as they were written: they say why it was done.
    """
    touches = or_(PossibleDuplicate.person_a == old.id, PossibleDuplicate.person_b == old.id)
    for row in session.scalars(select(PossibleDuplicate).where(touches).with_for_update()).all():
        third = row.person_b if row.person_a == old.id else row.person_a
        if third in inside:
            continue
        first, second = sorted((keeper.id, third))
        wanted = (PossibleDuplicate.person_a == first, PossibleDuplicate.person_b == second)
        mine = session.scalars(select(PossibleDuplicate).where(*wanted)).first()
        if mine is None and session.get_one(Person, third).merged_into is None:
            row.person_a, row.person_b = first, second
        elif mine is not None and row.answer in STRENGTH and mine.answer in STRENGTH:
            mine.evidence = " ".join(dict.fromkeys([*mine.evidence.split(), *row.evidence.split()]))
            if STRENGTH.index(row.answer) > STRENGTH.index(mine.answer):
                mine.answer, mine.answered_by = row.answer, row.answered_by
                mine.answered_at = row.answered_at
        session.flush()


def _keep_number(session: Session, keeper: Person, holder: Person, others: Sequence[Person]) -> None:
    """One number stays (I25), with the name and birth date that belong to it; the others are free again."""
    number, birth_on, name = holder.number, holder.birth_on or keeper.birth_on, holder.name
    registered_at = holder.registered_at
    for old in others:
        old.number, old.name_birth_index, old.sound_index = None, None, None
    session.flush()
    if holder is keeper:
        return
    keeper.number, keeper.birth = number, birth_on.isoformat() if birth_on else None
    keeper.name, keeper.name_normal, keeper.registered_at = name, normal_name(name), registered_at
    keeper.name_birth_index = name_birth_index(name, birth_on) if birth_on else None
    keeper.sound_index = sound_index(name, birth_on)
    session.flush()


def _events(
    by_id: Mapping[str, Person],
    keeper: Person,
    told: Mapping[str, Mapping[str, Moved]],
    before: Mapping[str, str | None],
    note: str,
) -> list[Entry]:
    """Both records tell of it: what moved, from where to where; numbers and words sealed, each by its own key."""
    act = new_id()
    entries = []
    for old, moved in told.items():
        facts: dict[str, Any] = {"act": act, "into": keeper.id, "moved": _counted(moved)}
        personal = {"number": before[old], "name": by_id[old].name, "note": note}
        key = by_id[old].own_key()
        entries.append(
            Entry(EventName.RECORDS_MERGED, SubjectKind.PERSON, old, facts=facts, personal=personal, key=key)
        )
    facts = {
        "act": act,
        "from": list(told),
        "moved": {old: _counted(moved) for old, moved in told.items()},
    }
    name, key = EventName.RECORDS_MERGED, keeper.own_key()
    personal = {"note": note, "name": keeper.name}
    return [*entries, Entry(name, SubjectKind.PERSON, keeper.id, facts=facts, personal=personal, key=key)]


def _counted(moved: Mapping[str, Moved]) -> dict[str, int]:
    return {place: one.moved for place, one in moved.items()}
