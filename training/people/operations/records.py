"""The record of a real-name person: found or made, its cards and phones, possible duplicates, consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from training import clock, keys
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id
from training.numbers import Number
from training.people.models import (
    Card,
    CardState,
    Consent,
    Person,
    PersonKey,
    Phone,
    PhoneSource,
    PossibleDuplicate,
)
from training.people.rules import LAST4, normal_name
from training.ports import RegisteredPerson

PRIVACY_VERSION = "2026-11"


@dataclass(frozen=True)
class Record:
    """The record of a person, found or made. `others` are possible duplicates, `phone_owners` counts the
    other people with the same phone, `entries` are the events of a new record."""

    person: Person
    is_new: bool
    others: tuple[str, ...]
    phone_owners: int
    entries: list[Entry]


def person_for(
    session: Session, registered: RegisteredPerson, number: Number, name: str, language: str
) -> Record:
    """A step: the record of a registered person, made when there is none, brought up to date when there is.

    Matches on another record's card, or name with birth date, raise a possible duplicate on both; a phone alone
    never does. Cards and phones are dated history.
    """
    matches = _matches(session, registered, number)
    phones = matches.pop("phones", [])
    person = _own(session, matches.pop("number", []))
    is_new = person is None
    if person is None:
        person = new_person(session, registered.name, registered.number, registered.birth_on, language)
    else:
        _bring_up_to_date(person, registered, language)
    seen = _keep_cards(session, person, registered, is_new)
    _keep_phone(session, person, registered, is_new)
    others = tuple(sorted({found for ids in matches.values() for found in ids} - {person.id}))
    entries = [_created(person)] if is_new else seen
    entries += raise_duplicates(session, person, matches, is_new)
    owners = len({owner for owner in phones if owner != person.id})
    return Record(person, is_new, others, owners, entries)


_MATCHES = union_all(
    select(literal("number").label("how"), Person.id.label("person")).where(
        Person.number_index == bindparam("number")
    ),
    select(literal("name_birth"), Person.id).where(
        Person.name_birth_index == bindparam("name_birth"), Person.merged_into.is_(None)
    ),
    select(literal("card"), Card.person_id).where(Card.number_index.in_(bindparam("cards"))),
    select(literal("phones"), Phone.person_id).where(
        Phone.number_index == bindparam("phone"), Phone.ended_at.is_(None)
    ),
)


def _matches(session: Session, registered: RegisteredPerson, number: Number) -> dict[str, list[str]]:
    """One statement: who else has this number, one of these cards, this name and birth date, this phone."""
    cards = {card.number for card in registered.cards} | ({number.value} if number.is_card else set())
    asked = {
        "number": Person.number.index_of(registered.number),
        "name_birth": name_birth_index(registered.name, registered.birth_on),
        "cards": [Card.number.index_of(card) for card in cards],
        "phone": Phone.number.index_of(registered.phone) if registered.phone else None,
    }
    found: dict[str, list[str]] = {}
    for how, person_id in session.execute(_MATCHES, asked):
        found.setdefault(how, []).append(person_id)
    return found


def _own(session: Session, ids: list[str]) -> Person | None:
    """The record with this number, locked: entitlements and seats of one person are judged one at a time."""
    return session.get(Person, ids[0], with_for_update={"of": Person}) if ids else None


def new_person(
    session: Session, name: str, number: str | None, birth_on: date | None, language: str
) -> Person:
    """A step: a fresh record with a key of its own. Without a number it is provisional."""
    person = Person(id=new_id(), name=name, name_normal=normal_name(name), language=language)
    own_key = keys.new_person_key()
    person.key = PersonKey(person_id=person.id, wrapped=keys.wrap(own_key, f"person_key:{person.id}"))
    person.number = number
    person.birth = birth_on.isoformat() if birth_on else None
    person.name_birth_index = name_birth_index(name, birth_on) if birth_on and number else None
    person.consent_version, person.created_at = PRIVACY_VERSION, clock.now()
    session.add(person)
    return person


def name_birth_index(name: str, birth_on: date) -> str:
    """The keyed index of name and birth date, for matching only."""
    return keys.blind_index("name_birth", f"{normal_name(name)}|{birth_on.isoformat()}")


def _bring_up_to_date(person: Person, registered: RegisteredPerson, language: str) -> None:
    person.language = language
    if person.name != registered.name:
        person.name, person.name_normal = registered.name, normal_name(registered.name)
        person.name_birth_index = name_birth_index(registered.name, registered.birth_on)


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
    if any(phone.number_index == index for phone in live):
        return
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


def raise_duplicates(
    session: Session, person: Person, matches: dict[str, list[str]], is_new: bool
) -> list[Entry]:
    """A step: a possible duplicate for each other record, once for a pair; what was answered stays answered."""
    entries: list[Entry] = []
    for how in ("card", "name_birth"):
        for other in sorted(set(matches.get(how, ())) - {person.id}):
            if _raise_one(session, person.id, other, how):
                facts = {"evidence": how}
                mine = Entry(
                    EventName.DUPLICATE_RAISED, SubjectKind.PERSON, person.id, facts=facts, is_first=is_new
                )
                entries += [mine, Entry(EventName.DUPLICATE_RAISED, SubjectKind.PERSON, other, facts=facts)]
    return entries


def _raise_one(session: Session, one: str, other: str, evidence: str) -> bool:
    first, second = sorted((one, other))
    wanted = (PossibleDuplicate.person_a == first, PossibleDuplicate.person_b == second)
    if session.scalars(select(PossibleDuplicate.id).where(*wanted)).first() is not None:
        return False
    session.add(PossibleDuplicate(person_a=first, person_b=second, evidence=evidence, raised_at=clock.now()))
    return True


def give_consent(
    session: Session,
    person: Person,
    how: str,
    about: str,
    *,
    staff: Actor | None = None,
    is_new: bool = False,
) -> Entry:
    """A step: what the person agreed to, which text, how, before whom and where. Returns its event."""
    session.add(
        Consent(
            person=person,
            person_id=person.id,
            text_version=PRIVACY_VERSION,
            how=how,
            about=about,
            staff_id=staff.id if staff else None,
            place=staff.office if staff else "",
            at=clock.now(),
        )
    )
    facts = {"text_version": PRIVACY_VERSION, "how": how, "about": about}
    return Entry(EventName.CONSENT_GIVEN, SubjectKind.PERSON, person.id, facts=facts, is_first=is_new)
