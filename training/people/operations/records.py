"""The record of a real-name person: found or made, its cards and phones, possible duplicates, consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock, keys
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id
from training.numbers import Number
from training.people import notices
from training.people.models import (
    Card,
    CardState,
    Consent,
    Person,
    PersonKey,
    Phone,
    PhoneSource,
)
from training.people.operations.matching import (
    Known,
    matches_of,
    name_birth_index,
    raise_duplicates,
    sound_index,
)
from training.people.rules import LAST4, normal_name
from training.ports import RegisteredPerson

# How it was seen who agrees, by the way the person signed.
IDENTITY_SEEN = {"paper": "card", "code": "code"}


@dataclass(frozen=True)
class Record:
    """The record of a person, found or made. `others` may still be the same person, `phone_owners` counts the
    other people with the same phone, `entries` are the events of a new record."""

    person: Person
    is_new: bool
    others: tuple[str, ...]
    phone_owners: int
    entries: list[Entry]


def person_for(session: Session, registered: RegisteredPerson, number: Number, language: str) -> Record:
    """A step: the record of a registered person, made when there is none, brought up to date when there is.

    Matches on another record's card, or name with birth date, raise a possible duplicate on both; a phone alone
    never does. Cards and phones are dated history.
    """
    cards = {card.number for card in registered.cards} | ({number.value} if number.is_card else set())
    known = Known(registered.name, registered.birth_on, registered.number, cards, registered.phone)
    matches = matches_of(session, known)
    person = _own(session, matches.get("number", []))
    is_new = person is None
    if person is None:
        person = new_person(session, registered.name, registered.number, registered.birth_on, language)
    else:
        _bring_up_to_date(person, registered, language)
    seen = _keep_cards(session, person, registered, is_new)
    _keep_phone(session, person, registered, is_new)
    person.registered_at = person.registered_at or clock.now()
    raised = raise_duplicates(session, person, matches, is_new)
    entries = [*([_created(person)] if is_new else seen), *raised.entries]
    owners = len({owner for owner in matches.get("phones", ()) if owner != person.id})
    return Record(person, is_new, raised.others, owners, entries)


def _own(session: Session, ids: list[str]) -> Person | None:
    """The record with this number, locked: entitlements and seats of one person are judged one at a time.

    None also for one that was emptied while we waited for its lock: nothing may be sealed for it any more.
    """
    person = lock_person(session, ids[0]) if ids else None
    return person if person is not None and person.own_key() is not None else None


def lock_person(session: Session, person_id: str) -> Person:
    """A step: the record, locked until the transaction ends; the one it was merged into meanwhile, where it was."""
    person = session.get_one(Person, person_id, with_for_update={"of": Person}, populate_existing=True)
    while person.merged_into is not None:
        merged = person.merged_into
        person = session.get_one(Person, merged, with_for_update={"of": Person}, populate_existing=True)
    return person


def known_by_number(session: Session, number: str) -> Person | None:
    """A step: the record with this identity number, locked like `lock_person`."""
    wanted = Person.number_index == Person.number.index_of(number)
    return _own(session, list(session.scalars(select(Person.id).where(wanted))))


def known_by_hand(session: Session, known: Known, language: str, *, is_final: bool = True) -> Record:
    """A step: the record of somebody of whom the register told nothing: found by the number, or made new.

    What else is known is compared as well: what was written by hand is no less likely to stand there twice.
    Not where the register has yet to answer (`is_final`): then it says whose record it is.
    """
    person = known_by_number(session, known.number) if known.number else None
    if person is not None:
        return Record(person, False, (), 0, [])
    matches = matches_of(session, known) if is_final else {}
    person = new_person(session, known.name, known.number, known.birth_on, language)
    created = _created(person)
    raised = raise_duplicates(session, person, matches, is_new=True)
    return Record(person, True, raised.others, 0, [created, *raised.entries])


def new_person(
    session: Session, name: str, number: str | None, birth_on: date | None, language: str
) -> Person:
    """A step: a fresh record with a key of its own. Without a number it is provisional."""
    person = Person(id=new_id(), name=name, name_normal=normal_name(name), language=language)
    own_key = keys.new_person_key()
    person.key = PersonKey(person_id=person.id, wrapped=keys.wrap(own_key, f"person_key:{person.id}"))
    person.number = number
    person.birth = birth_on.isoformat() if birth_on else None
    person.name_birth_index = name_birth_index(name, birth_on) if birth_on else None
    person.sound_index = sound_index(name, birth_on)
    person.consent_version, person.created_at = notices.version_in_force(), clock.now()
    session.add(person)
    return person


def _bring_up_to_date(person: Person, registered: RegisteredPerson, language: str) -> None:
    person.language = language
    if person.name != registered.name:
        person.name, person.name_normal = registered.name, normal_name(registered.name)
        person.name_birth_index = name_birth_index(registered.name, registered.birth_on)
    person.sound_index = sound_index(registered.name, registered.birth_on)


def _keep_cards(session: Session, person: Person, registered: RegisteredPerson, is_new: bool) -> list[Entry]:
    """Cards are dated history. Returns an event for each card that is new to a known person."""
    known = {} if is_new else {card.number_index: card for card in person.cards}
    at, entries = clock.now(), []
    for seen in registered.cards:
        row = known.get(Card.number.index_of(seen.number))
        if row is None:
            row = Card(id=new_id(), person=person, person_id=person.id, issued_on=seen.issued_on, seen_at=at)
            row.number = seen.number
            row.last4_index = keys.blind_index("last4", seen.number[-LAST4:])
            session.add(row)
            facts = {"state": seen.state}
            entries.append(Entry(EventName.CARD_SEEN, SubjectKind.PERSON, person.id, facts=facts))
        row.state = CardState(seen.state)
    return entries


def _keep_phone(session: Session, person: Person, registered: RegisteredPerson, is_new: bool) -> None:
    if not registered.phone:
        return
    index, at = Phone.number.index_of(registered.phone), clock.now()
    live = [] if is_new else [phone for phone in person.phones if phone.ended_at is None]
    if any(phone.number_index == index or phone.source is PhoneSource.COUNTER for phone in live):
        return  # what two people registered at a counter goes before what the register says (A08)
    for phone in live:
        if phone.source is PhoneSource.REGISTER:
            phone.ended_at = at
    again = next((phone for phone in ([] if is_new else person.phones) if phone.number_index == index), None)
    if again is not None:
        again.ended_at, again.seen_at = None, at
        return
    row = Phone(id=new_id(), person=person, person_id=person.id, source=PhoneSource.REGISTER, seen_at=at)
    row.number = registered.phone
    session.add(row)


def _created(person: Person) -> Entry:
    facts = {"consent_version": person.consent_version}
    personal, key = {"name": person.name}, person.own_key()
    return Entry(
        EventName.PERSON_CREATED, SubjectKind.PERSON, person.id, None, facts, personal, key, is_first=True
    )


def give_consent(
    session: Session,
    person: Person,
    how: str,
    about: str,
    *,
    staff: Actor | None = None,
    is_new: bool = False,
    identity_seen: str | None = None,
    key: str = "",
) -> Entry:
    """A step: what the person agreed to, which text, how, before whom and where. Returns its event.

    `how` is the signature: `paper` at a counter, where card and face were seen; `code` to the phone; `tick` of
    somebody signed in by `identity_seen`, with the `key` of the form.
    """
    version = notices.version_in_force()
    person.consent_version = version
    seen = identity_seen or IDENTITY_SEEN[how]
    session.add(
        Consent(
            person=person,
            person_id=person.id,
            text_version=version,
            how=how,
            identity_seen=seen,
            about=about,
            staff_id=staff.id if staff else None,
            place=staff.office if staff else "",
            idempotency_key=key or None,
            at=clock.now(),
        )
    )
    facts = {"text_version": version, "how": how, "identity_seen": seen, "about": about}
    return Entry(EventName.CONSENT_GIVEN, SubjectKind.PERSON, person.id, facts=facts, is_first=is_new)
