"""What stands before the first click: a class or many with more seats than anybody needs, and people whose
phone is proved. Everybody comes for the first time; nobody is drawn for a sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from sqlalchemy.orm import Session

from tests.make import make_class, make_course
from tests.training.enrolments.people import registered
from training import clock
from training.database import new_id, transaction
from training.numbers import recognise
from training.people.models import Draft, Purpose
from training.people.operations import DRAFT_LIFE, evidence_of
from training.ports import RegistryAnswer

SEATS = 1_000_000
AT_A_TIME = 500
FIRST_BIRTH = date(1968, 1, 1)


@dataclass(frozen=True)
class Click:
    """One person about to press the button for one class; `key` is the form's idempotency key."""

    draft_id: str
    key: str
    class_id: str


def open_classes(number: int) -> list[str]:
    """The ids of fresh classes of one course that nobody can fill."""
    course = make_course()
    return [make_class(course=course, seats=SEATS).id for _ in range(number)]


def birthdays() -> Iterator[date]:
    """A day for each person, never the same twice: no two are alike in name and birth date."""
    return (FIRST_BIRTH + timedelta(days=n) for n in count())


def proved(born: Iterator[date], classes: Sequence[str], number: int) -> list[Click]:
    """`number` fresh people whose code was right, each about to enrol into the next of `classes`."""
    places = [classes[n % len(classes)] for n in range(number)]
    clicks: list[Click] = []
    for begin in range(0, number, AT_A_TIME):
        some = places[begin : begin + AT_A_TIME]
        drafts = transaction(lambda session, some=some: [_draft(session, next(born), one) for one in some])  # type: ignore[misc]
        clicks += [Click(draft.id, draft.idempotency_key, draft.about) for draft in drafts]
    return clicks


def _draft(session: Session, born: date, class_id: str) -> Draft:
    """What step 1, the worker and the right code leave behind."""
    person, at = registered(birth_on=born), clock.real_now()
    number = recognise(person.number, clock.today())
    draft = Draft(
        session_hash=new_id(),
        purpose=Purpose.ENROL,
        about=class_id,
        number_kind=number.kind,
        idempotency_key=new_id(),
        asked_at=at,
        proved_at=at,
        created_at=at,
        expires_at=at + DRAFT_LIFE,
    )
    draft.name, draft.number = person.name, number.value
    answer = RegistryAnswer("found", person, clock.now())
    draft.evidence = evidence_of(answer, draft.number_index)
    session.add(draft)
    return draft
