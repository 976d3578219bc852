"""Who else may be this person: looked for in one statement, raised once for a pair, answered for good.

Nothing here looks at more rows than the indexes lead to, however many people there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import tuple_

from training import clock, keys
from training.audit import Actor, Entry, EventName, SubjectKind
from training.people.models import Card, DuplicateAnswer, Person, Phone, PossibleDuplicate
from training.people.rules import normal_name, sound_of

Matches = Mapping[str, Sequence[str]]
RAISED_BY = ("card", "phone_name", "name_birth", "sound_birth")


@dataclass(frozen=True)
class Known:
    """What is known of somebody who may have a record already; `cards` are numbers of cards."""

    name: str
    birth_on: date | None = None
    number: str | None = None
    cards: Collection[str] = field(default_factory=tuple)
    phone: str | None = None


_LIVE_PHONE = (Phone.number_index == bindparam("phone"), Phone.ended_at.is_(None))
_MATCHES = union_all(
    select(literal("number").label("how"), Person.id.label("person")).where(
        Person.number_index == bindparam("number")
    ),
    select(literal("name_birth"), Person.id).where(
        Person.name_birth_index == bindparam("name_birth"), Person.merged_into.is_(None)
    ),
    select(literal("sound_birth"), Person.id).where(
        Person.sound_index == bindparam("sound_birth"), Person.merged_into.is_(None)
    ),
    select(literal("card"), Card.person_id).where(Card.number_index.in_(bindparam("cards"))),
    select(literal("phones"), Phone.person_id).where(*_LIVE_PHONE),
    select(literal("phone_name"), Phone.person_id)
    .join(Person, Person.id == Phone.person_id)
    .where(*_LIVE_PHONE, Person.name_normal == bindparam("name")),
)


def matches_of(session: Session, known: Known) -> dict[str, list[str]]:
    """One statement: the records with this number, one of these cards, this phone (`phones`), this phone and name,
    this name and birth date, or a name that sounds alike with it. Ids of people by what they share."""
    asked = {
        "number": Person.number.index_of(known.number) if known.number else None,
        "name_birth": name_birth_index(known.name, known.birth_on) if known.birth_on else None,
        "sound_birth": sound_index(known.name, known.birth_on),
        "cards": [Card.number.index_of(card) for card in known.cards],
        "phone": Phone.number.index_of(known.phone) if known.phone else None,
        "name": normal_name(known.name),
    }
    found: dict[str, list[str]] = {}
    for how, person_id in session.execute(_MATCHES, asked):
        found.setdefault(how, []).append(person_id)
    return found


def name_birth_index(name: str, birth_on: date) -> str:
    """The keyed index of name and birth date, for matching only."""
    return keys.blind_index("name_birth", f"{normal_name(name)}|{birth_on.isoformat()}")


def sound_index(name: str, birth_on: date | None, *, sound: str | None = None) -> str | None:
    """The keyed index of how a name sounds and the birth date: variants and wrong characters meet in it. `sound`:
    where it is known already."""
    sound = sound or sound_of(name)
    if sound is None or birth_on is None:
        return None
    return keys.blind_index("sound_birth", f"{sound}|{birth_on.isoformat()}")


@dataclass(frozen=True)
class Raised:
    """`others` are the records that may still be this person, `entries` the events of what is new."""

    others: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


def raise_duplicates(session: Session, person: Person, matches: Matches, is_new: bool) -> Raised:
    """A step: one possible duplicate for each other record, with all that both share. A phone alone says nothing.

    Once for a pair: what was answered stays answered, and evidence of a new kind is written beside the answer.
    """
    shared = _shared(person.id, matches)
    known = _pairs(session, person.id, shared) if shared and not is_new else {}
    entries: list[Entry] = []
    others: list[str] = []
    for other, kinds in shared.items():
        pair = tuple(sorted((person.id, other)))
        row = known.get(pair)
        if row is None or row.answer is not DuplicateAnswer.DIFFERENT:
            others.append(other)
        if fresh := _written(session, row, pair, kinds):
            entries += _raised(person.id, other, fresh, is_new)
    if entries:
        _follow_merged(session, person.id, others)
    return Raised(tuple(others), tuple(entries))


def _follow_merged(session: Session, person_id: str, others: Collection[str]) -> None:
    """To write a pair waits for whoever is merging the other record: the question then is about the survivor."""
    session.flush()
    gone = select(Person.id, Person.merged_into).where(Person.id.in_(others), Person.merged_into.is_not(None))
    for old, into in session.execute(gone).all():
        one, other = sorted((person_id, old))
        place = (PossibleDuplicate.person_a == one, PossibleDuplicate.person_b == other)
        row = session.scalars(select(PossibleDuplicate).where(*place)).one()
        if into is not None and into != person_id and not _pairs(session, person_id, [into]):
            row.person_a, row.person_b = sorted((person_id, into))
            session.flush()


def _raised(person_id: str, other: str, fresh: Sequence[str], is_new: bool) -> list[Entry]:
    name, facts = EventName.DUPLICATE_RAISED, {"evidence": " ".join(fresh)}
    mine = Entry(name, SubjectKind.PERSON, person_id, facts=facts, is_first=is_new)
    return [mine, Entry(name, SubjectKind.PERSON, other, facts=facts)]


def _shared(person_id: str, matches: Matches) -> dict[str, list[str]]:
    """What each other record has in common with this one."""
    shared: dict[str, list[str]] = {}
    for how in RAISED_BY:
        for other in sorted(set(matches.get(how, ())) - {person_id}):
            shared.setdefault(other, []).append(how)
    return {one: [how for how in kinds if not _says_less(how, kinds)] for one, kinds in shared.items()}


def _says_less(how: str, kinds: Sequence[str]) -> bool:
    return how == "sound_birth" and "name_birth" in kinds


def _pairs(
    session: Session, person_id: str, others: Iterable[str]
) -> dict[tuple[str, ...], PossibleDuplicate]:
    pairs = [tuple(sorted((person_id, other))) for other in others]
    place = tuple_(PossibleDuplicate.person_a, PossibleDuplicate.person_b)
    rows = session.scalars(select(PossibleDuplicate).where(place.in_(pairs)))
    return {(row.person_a, row.person_b): row for row in rows}


def _written(
    session: Session, row: PossibleDuplicate | None, pair: tuple[str, ...], kinds: Sequence[str]
) -> list[str]:
    """The kinds of evidence that were not written before."""
    if row is None:
        first, second = pair
        raised = {"evidence": " ".join(kinds), "raised_at": clock.now()}
        session.add(PossibleDuplicate(person_a=first, person_b=second, **raised))
        return list(kinds)
    fresh = [how for how in kinds if how not in row.evidence.split()]
    row.evidence = " ".join([*row.evidence.split(), *fresh])
    return fresh


def answer_pairs(
    session: Session, rows: Sequence[PossibleDuplicate], answer: DuplicateAnswer, actor: Actor, note: str = ""
) -> list[Entry]:
    """A step: the answer to these pairs, which nobody holds from now on. One event for each record of each pair."""
    entries = []
    for row in rows:
        row.answer, row.answered_by, row.answered_at = answer, actor.id, clock.now()
        row.locked_by = row.locked_until = None
        facts = {"answer": answer.value, "evidence": row.evidence, "pair": row.id}
        for person_id in (row.person_a, row.person_b):
            key = session.get_one(Person, person_id).own_key() if note else None
            personal = {"note": note} if note and key else None
            entries.append(
                Entry(
                    EventName.DUPLICATE_ANSWERED,
                    SubjectKind.PERSON,
                    person_id,
                    facts=facts,
                    personal=personal,
                    key=key,
                )
            )
    return entries


def pairs_of(session: Session, person_id: str) -> Sequence[PossibleDuplicate]:
    """Every possible duplicate of a person, answered or not, the oldest first."""
    either = or_(PossibleDuplicate.person_a == person_id, PossibleDuplicate.person_b == person_id)
    return session.scalars(
        select(PossibleDuplicate).where(either).order_by(PossibleDuplicate.raised_at, PossibleDuplicate.id)
    ).all()


def open_pairs(session: Session, person_id: str) -> Sequence[PossibleDuplicate]:
    """What still asks whether this record is another's: not answered, to be asked, or the same and not merged yet."""
    one, other = aliased(Person), aliased(Person)
    either = or_(PossibleDuplicate.person_a == person_id, PossibleDuplicate.person_b == person_id)
    apart = (one.merged_into.is_(None), other.merged_into.is_(None))
    query = select(PossibleDuplicate).where(either, PossibleDuplicate.answer != DuplicateAnswer.DIFFERENT)
    query = query.join(one, one.id == PossibleDuplicate.person_a)
    return session.scalars(query.join(other, other.id == PossibleDuplicate.person_b).where(*apart)).all()
