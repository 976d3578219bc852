"""Find enrolments by what staff have at hand: a reference, a number, the last four of a card, or a name.

Always within the own scope, so that "not there" and "not yours" are one answer (A16). Numbers are looked up by
their keyed index; the last four only within one's district, because they fit many people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from training import keys
from training.enrolments.models import Enrolment
from training.enrolments.queries import typed_index
from training.errors import BadNumber
from training.numbers import normalise, recognise
from training.people.models import Card, Person
from training.people.rules import normal_name
from training.references import Mistyped, parse_reference
from training.staff.queries import Scope, in_scope

SHOWN = 20
SHORTEST_NAME = 2
LONGEST = 80


class Wanted(StrEnum):
    """What was typed into the search field."""

    REFERENCE = "reference"
    NUMBER = "number"
    LAST4 = "last4"
    NAME = "name"


@dataclass(frozen=True)
class Asked:
    """`value` in the one form in which it is looked up."""

    kind: Wanted
    value: str


def understood(text: str, on: date) -> Asked | None:
    """What `text` is, on the day `on`; None where it can be none of the four."""
    text = text.strip()[:LONGEST]
    try:
        return Asked(Wanted.REFERENCE, parse_reference(text))
    except Mistyped:
        pass
    bare = normalise(text)
    if re.fullmatch(r"(?=.*\d)[0-9A-Z]{4}", bare):
        return Asked(Wanted.LAST4, bare)
    try:
        return Asked(Wanted.NUMBER, recognise(text, on).value)
    except BadNumber:
        name = normal_name(text)
        is_name = len(name) >= SHORTEST_NAME and not re.search(r"\d", name)
        return Asked(Wanted.NAME, name) if is_name else None


def found_enrolments(session: Session, asked: Asked, scope: Scope) -> Sequence[Enrolment]:
    """Enrolments of the scope that fit, newest first: at most one more than are shown."""
    if asked.kind is Wanted.LAST4 and scope.district is None:
        return []
    query = in_scope(select(Enrolment).where(_fits(asked)), Enrolment.district, scope)
    return session.scalars(query.order_by(Enrolment.received_at.desc()).limit(SHOWN + 1)).all()


def others_of(session: Session, case: Enrolment, scope: Scope) -> Sequence[Enrolment]:
    """The person's other enrolments within the scope, newest first."""
    wanted = (Enrolment.person_id == case.person_id, Enrolment.id != case.id)
    query = in_scope(select(Enrolment).where(*wanted), Enrolment.district, scope)
    return session.scalars(query.order_by(Enrolment.received_at.desc()).limit(SHOWN)).all()


def _fits(asked: Asked) -> ColumnElement[bool]:
    match asked.kind:
        case Wanted.REFERENCE:
            return Enrolment.reference == asked.value
        case Wanted.NUMBER:
            own = select(Person.id).where(Person.number_index == Person.number.index_of(asked.value))
            card = select(Card.person_id).where(Card.number_index == Card.number.index_of(asked.value))
            typed = Enrolment.typed_index == typed_index(asked.value)
            return or_(Enrolment.person_id.in_(own.union(card)), typed)
        case Wanted.LAST4:
            index = keys.blind_index("last4", asked.value)
            return Enrolment.person_id.in_(select(Card.person_id).where(Card.last4_index == index))
        case Wanted.NAME:
            return Enrolment.person_id.in_(select(Person.id).where(Person.name_normal == asked.value))
