"""Statements for matching one new person against a million: card, phone with name, name with birth date, its sound.

The million is put in by SQL alone, with keyed indexes as random as real ones; the new person shares a card with
one of them, a name and birth date with another, the sound of it with a third, and phone and name with a fourth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, event, text, update
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, against
from benchmarks.place import Place, migrated
from benchmarks.programs import Failed
from jobs.worker_app import create_app as create_worker_app
from training.database import db, transaction
from training.people.models import Card, Person, Phone
from training.people.operations import Known, matches_of, name_birth_index, raise_duplicates, sound_index
from training.people.operations.records import new_person

PEOPLE = 1_000_000
GOAL = 5.0
BORN = date(1985, 3, 12)
CROWD = (
    """INSERT INTO person (id, number_sealed, number_index, name, name_normal, name_birth_index, sound_index,
         language, consent_version, created_at)
       SELECT 'p' || n, '', left(md5('number' || n), 40), name, name, left(md5('birth' || n), 40),
         left(md5('sound' || n), 40), 'zh', '1', now()
       FROM (SELECT n, '周小' || chr(19968 + n % 2000) AS name FROM generate_series(1, :people) n) crowd""",
    """INSERT INTO card (id, person_id, number_sealed, number_index, last4_index, state, seen_at)
       SELECT 'c' || n, 'p' || n, '', left(md5('card' || n), 40), left(md5('last' || n % 10000), 40), 'normal', now()
       FROM generate_series(1, :people) n""",
    """INSERT INTO phone (id, person_id, number_sealed, number_index, source, seen_at)
       SELECT 'h' || n, 'p' || n, '', left(md5('phone' || n), 40), 'register', now()
       FROM generate_series(1, :people) n""",
    "ANALYZE person",
    "ANALYZE card",
    "ANALYZE phone",
)


@dataclass(frozen=True)
class Newcomer:
    """Somebody whose card, name, sound and phone stand in four other records."""

    known: Known
    twins: Sequence[str]


def measure(here: Place, rounds: int, people: int = PEOPLE) -> Iterator[Figure]:
    """The statements that looking for others and raising them take. Raises Failed when somebody is not found."""
    environ = here.environ("matching", here.database("matching"))
    app = create_worker_app(migrated(environ))
    with app.app_context():
        transaction(lambda session: _fill(session, people))
        counts = [_statements(_newcomer(round_, people)) for round_ in range(rounds)]
        db.session.remove()
        db.engine.dispose()
    yield Figure("matching_statements", **against(1.0, counts), goal=GOAL, unit="statements", n=people)


def _fill(session: Session, people: int) -> None:
    for statement in CROWD:
        session.execute(text(statement), {"people": people} if ":people" in statement else {})


def _newcomer(round_: int, people: int) -> Newcomer:
    """Four of the crowd get what the newcomer brings."""
    twins = [f"p{(round_ * 4 + n) * 7919 % people + 1}" for n in range(4)]
    name, card, phone = f"欧阳小{chr(0x4E00 + round_)}", f"Z{round_:08d}", f"1990000{round_:04d}"
    by_card, by_name, by_sound, by_phone = twins

    def work(session: Session) -> None:
        for statement in (
            update(Card).where(Card.person_id == by_card).values(number_index=Card.number.index_of(card)),
            update(Person).where(Person.id == by_name).values(name_birth_index=name_birth_index(name, BORN)),
            update(Person).where(Person.id == by_sound).values(sound_index=sound_index(name, BORN)),
            update(Phone)
            .where(Phone.person_id == by_phone)
            .values(number_index=Phone.number.index_of(phone)),
            update(Person).where(Person.id == by_phone).values(name_normal=name),
        ):
            session.execute(statement.execution_options(synchronize_session=False))

    transaction(work)
    return Newcomer(Known(name, BORN, f"500103198503{round_:06d}", (card,), phone), sorted(twins))


def _statements(newcomer: Newcomer) -> float:
    """How many were sent for looking and for writing the four pairs, the new record itself not counted."""
    known = newcomer.known

    def work(session: Session) -> float:
        person = new_person(session, known.name, known.number, known.birth_on, "zh")
        session.flush()
        with _counted(db.engine) as seen:
            found = raise_duplicates(session, person, matches_of(session, known), is_new=True)
            session.flush()
        if sorted(found.others) != list(newcomer.twins):
            raise Failed(f"found {len(found.others)} of {len(newcomer.twins)} records")
        return float(len(seen))

    return transaction(work)


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
