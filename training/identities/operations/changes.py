"""Corrections of number and name: one proposes with a proof, another decides. A number stands in one record only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.enrolments.models import Flag
from training.enrolments.operations import doubt_all
from training.errors import FourEyes, NotAllowedNow
from training.identities.models import ChangeKind, ChangeStatus, IdentityChange, Proof
from training.identities.operations.numbers import (
    give_name,
    give_number,
    leave_number,
    other_with_number,
    release_number,
    void_certification,
)
from training.identities.queries import change_in_scope, makers_of
from training.identities.rules import reasons_not_to_change
from training.numbers import born_on
from training.people.messages import tell
from training.people.models import Person
from training.people.operations import lock_person, new_person
from training.staff.queries import Scope


@dataclass(frozen=True)
class Proposal:
    """What shall be corrected, and what proves it. `person_id` is None for a claim to a number by somebody without a
    record: `name` is theirs then. `new` is the new name, or the number in its one form."""

    kind: ChangeKind
    person_id: str | None
    new: str
    proof: Proof
    key: str
    name: str = ""
    note: str = ""
    matter: str = ""


def propose_change(proposal: Proposal, district: str, actor: Actor) -> IdentityChange:
    """Propose a correction; the same form twice is one. Nothing changes until another person agrees.

    Raises NotAllowedNow: `change_pending` (one of this kind waits already), `number_taken` (it stands in another
    record: claim it, or look whether both are one person), `number_free` (nobody has it: correct it instead),
    `unchanged`, `record_frozen`.
    """

    def work(session: Session) -> IdentityChange:
        again = _sent_before(session, actor, proposal.key)
        if again is not None:
            return again
        person, entries = _record(session, proposal)
        subject = EventName.IDENTITY_CHANGE_PROPOSED
        if not entries:
            audit.attempt(session, actor, Entry(subject, SubjectKind.PERSON, person.id))
        holder = _judged(session, person, proposal)
        row = _row(person, holder, proposal, district, actor)
        session.add(row)
        session.flush()
        entries += [_entry(subject, row, person, row.old, row.new, proposal.note)]
        entries += [_about_holder(subject, row, holder)] if holder else []
        audit.record(session, actor, *entries)
        return row

    return transaction(work)


def agree_to_change(
    change_id: str, scope: Scope, actor: Actor, note: str = "", seen_version: int | None = None
) -> IdentityChange:
    """Another person agrees: the number or name is corrected, and what was certified with the old one is void unless
    the register itself was the proof. A claimed number leaves the wrong record first.

    Raises NotThere, FourEyes for the proposer and for who enrolled the person, or who has the number, also if somebody
    else has it by now; NotAllowedNow.
    """

    def work(session: Session) -> IdentityChange:
        row, holder = _open(session, change_id, scope, actor, EventName.IDENTITY_CHANGE_AGREED, seen_version)
        if holder is not None:
            row.holder, row.holder_id = holder, holder.id
        entries = _released(session, row, holder) if holder else []
        entries += _corrected(session, row)
        _close(row, ChangeStatus.AGREED, actor, note)
        entries.append(_entry(EventName.IDENTITY_CHANGE_AGREED, row, row.person, row.old, row.new, note))
        audit.record(session, actor, *entries)
        tell(session, row.person, "identity_changed")
        return row

    return transaction(work)


def refuse_change(
    change_id: str, scope: Scope, actor: Actor, note: str = "", seen_version: int | None = None
) -> IdentityChange:
    """Another person refuses: nothing changes, and the person is told. Raises as `agree_to_change`."""

    def work(session: Session) -> IdentityChange:
        row, holder = _open(session, change_id, scope, actor, EventName.IDENTITY_CHANGE_REFUSED, seen_version)
        _close(row, ChangeStatus.REFUSED, actor, note)
        entries = [_entry(EventName.IDENTITY_CHANGE_REFUSED, row, row.person, None, None, note)]
        entries += [_about_holder(EventName.IDENTITY_CHANGE_REFUSED, row, holder)] if holder else []
        audit.record(session, actor, *entries)
        tell(session, row.person, "identity_kept")
        return row

    return transaction(work)


def _sent_before(session: Session, actor: Actor, key: str) -> IdentityChange | None:
    same = (IdentityChange.actor == actor.id, IdentityChange.idempotency_key == key)
    return session.scalars(select(IdentityChange).where(*same)).first()


def _record(session: Session, proposal: Proposal) -> tuple[Person, list[Entry]]:
    """The record of whom it is about; somebody without one gets it, still without a number."""
    if proposal.person_id is not None:
        return lock_person(session, proposal.person_id), []
    birth_on = born_on(proposal.new, clock.today())
    person = new_person(session, proposal.name, None, birth_on, "zh")
    session.flush()
    return person, [Entry(EventName.PERSON_CREATED, SubjectKind.PERSON, person.id, is_first=True)]


def _judged(session: Session, person: Person, proposal: Proposal) -> Person | None:
    """The other record with this number. Raises NotAllowedNow."""
    if proposal.new == (person.name if proposal.kind is ChangeKind.NAME else person.number):
        raise NotAllowedNow("unchanged")
    waits = (IdentityChange.person_id == person.id, IdentityChange.kind == proposal.kind)
    is_open = IdentityChange.status == ChangeStatus.OPEN
    if session.scalar(select(IdentityChange.id).where(*waits, is_open).limit(1)) is not None:
        raise NotAllowedNow("change_pending")
    is_name = proposal.kind is ChangeKind.NAME
    holder = None if is_name else other_with_number(session, proposal.new, person)
    reasons = reasons_not_to_change(
        is_open=True,
        is_proposer=False,
        holder_id=holder.id if holder else None,
        claims_number=proposal.kind is ChangeKind.TAKEN,
        is_frozen=person.frozen_at is not None,
    )
    if reasons:
        raise NotAllowedNow(*reasons)
    return holder


def _row(
    person: Person, holder: Person | None, proposal: Proposal, district: str, actor: Actor
) -> IdentityChange:
    row = IdentityChange(
        id=new_id(),
        kind=proposal.kind,
        person=person,
        person_id=person.id,
        holder=holder,
        holder_id=holder.id if holder else None,
        district=district,
        proof=proposal.proof,
        matter=proposal.matter,
        actor=actor.id,
        idempotency_key=proposal.key,
        proposed_by=actor.id,
        proposed_at=clock.now(),
    )
    row.old = person.name if proposal.kind is ChangeKind.NAME else person.number
    row.new, row.note = proposal.new, proposal.note or None
    return row


def _open(
    session: Session, change_id: str, scope: Scope, actor: Actor, name: EventName, seen: int | None
) -> tuple[IdentityChange, Person | None]:
    """The correction, locked with its records, if it may be decided by this person now."""
    found = change_in_scope(session, scope, change_id)
    audit.attempt(session, actor, Entry(name, SubjectKind.PERSON, found.person_id))
    session.get_one(IdentityChange, change_id, with_for_update={"of": IdentityChange}, populate_existing=True)
    involved = _involved(session, found)
    for one in involved:
        session.get_one(Person, one, with_for_update={"of": Person}, populate_existing=True)
    if found.is_open and seen is not None and seen != found.version:
        raise NotAllowedNow("changed")
    holder = (
        None if found.kind is ChangeKind.NAME else other_with_number(session, found.new or "", found.person)
    )
    people = [session.get_one(Person, one) for one in {*involved, *([holder.id] if holder else [])}]
    is_own = actor.id in {found.proposed_by, *makers_of(session, people)}
    agrees = name is EventName.IDENTITY_CHANGE_AGREED
    reasons = reasons_not_to_change(
        is_open=found.is_open,
        is_proposer=is_own,
        holder_id=holder.id if holder and agrees else found.holder_id,
        claims_number=found.kind is ChangeKind.TAKEN,
        is_frozen=agrees and any(one.frozen_at for one in people),
    )
    if "own_proposal" in reasons:
        raise FourEyes("own_proposal")
    if reasons:
        raise NotAllowedNow(*reasons)
    return found, holder if found.kind is ChangeKind.TAKEN else None


def _involved(session: Session, change: IdentityChange) -> list[str]:
    """Whom it is about: the record, who had the number when it was proposed, and who has it now; in the order of
    locks."""
    now = select(Person.id).where(Person.number_index == change.new_index)
    has_it = [] if change.kind is ChangeKind.NAME else session.scalars(now).all()
    known = {change.person_id, change.holder_id, *has_it}
    return sorted(one for one in known if one is not None)


def _released(session: Session, row: IdentityChange, holder: Person) -> list[Entry]:
    """The wrong record loses the number and all that rested on it: certification, sessions, the register's phone."""
    personal: dict[str, Any] = {"number": holder.number}
    facts = {"change": row.id, "kind": row.kind.value}
    name, key = EventName.CERTIFICATION_VOIDED, holder.own_key()
    entry = Entry(name, SubjectKind.PERSON, holder.id, facts=facts, personal=personal, key=key)
    release_number(session, holder)
    tell(session, holder, "number_released")
    return [entry, *doubt_all(session, holder.id, Flag.NOT_FOUND)]


def _corrected(session: Session, row: IdentityChange) -> list[Entry]:
    person, by_register = row.person, row.proof is Proof.REGISTER
    had = person.certified_at is not None
    if row.kind is ChangeKind.NAME:
        give_name(person, row.new or "")
    else:
        leave_number(session, person)
        give_number(session, person, row.new or "", by_register=by_register)
    if by_register:
        return []
    void_certification(person)
    facts = {"change": row.id, "kind": row.kind.value}
    entry = Entry(EventName.CERTIFICATION_VOIDED, SubjectKind.PERSON, person.id, facts=facts)
    flag = Flag.NAME_DIFFERS if row.kind is ChangeKind.NAME else Flag.NOT_FOUND
    return [*([entry] if had else []), *doubt_all(session, person.id, flag)]


def _close(row: IdentityChange, status: ChangeStatus, actor: Actor, note: str) -> None:
    row.status, row.decided_by, row.decided_at = status, actor.id, clock.now()
    row.answer = note or None
    row.version += 1


def _entry(
    name: EventName,
    row: IdentityChange,
    person: Person,
    old: str | None,
    new: str | None,
    note: str,
) -> Entry:
    """Old and new are sealed with the person's key: deletion makes them unreadable, the chain still verifies."""
    facts = {"change": row.id, "kind": row.kind.value, "proof": row.proof.value, "matter": row.matter}
    told = {"old": old, "new": new, "note": note}
    personal = {word: text for word, text in told.items() if text}
    return Entry(
        name,
        SubjectKind.PERSON,
        person.id,
        facts=facts,
        personal=personal,
        key=person.own_key(),
    )


def _about_holder(name: EventName, row: IdentityChange, holder: Person) -> Entry:
    facts = {"change": row.id, "kind": row.kind.value}
    return Entry(name, SubjectKind.PERSON, holder.id, facts=facts)
