"""Records that may be one person: the groups they form, who serves them, what was decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, aliased

from training import audit, clock
from training.audit import AuditEvent, SubjectKind
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement
from training.errors import NotThere
from training.identities.rules import MOST_RECORDS
from training.people.models import DuplicateAnswer, Person, PossibleDuplicate
from training.staff.queries import Pile, Scope, in_scope

FARTHEST = 4 * MOST_RECORDS
DECIDED_SHOWN = 50


def current_person(session: Session, person_id: str) -> Person:
    """The record that stands for this id today: itself, or the one it was merged into. Raises NotThere."""
    person = session.get(Person, person_id)
    while person is not None and person.merged_into is not None:
        person = session.get(Person, person.merged_into)
    if person is None:
        raise NotThere
    return person


@dataclass(frozen=True)
class Group:
    """Records connected by possible duplicates that are not decided. `people` are the older first.

    `is_whole` is False where there are more than five: they cannot be shown, nor merged, at once.
    """

    pairs: Sequence[PossibleDuplicate]
    people: Sequence[Person]
    is_whole: bool = True

    @property
    def id(self) -> str:
        """The address of the group: its oldest pair."""
        return min(self.pairs, key=lambda pair: (pair.raised_at, pair.id)).id

    @property
    def raised_at(self) -> datetime:
        return min(pair.raised_at for pair in self.pairs)

    @property
    def evidence(self) -> list[str]:
        """What some of them share, each word once."""
        return list(dict.fromkeys(word for pair in self.pairs for word in pair.evidence.split()))

    @property
    def is_asked(self) -> bool:
        """Everybody has been asked to come."""
        return all(pair.answer is DuplicateAnswer.ASK for pair in self.pairs)

    @property
    def holder(self) -> tuple[str, datetime] | None:
        """Who has the group on the desk, and until when."""
        held = [
            (pair.locked_by, pair.locked_until) for pair in self.pairs if pair.locked_by and pair.locked_until
        ]
        found = next(((who, until) for who, until in held if until > clock.real_now()), None)
        return found


def open_group(session: Session, pair: PossibleDuplicate, *, for_update: bool = False) -> Group | None:
    """The group that this pair belongs to now; None once the pair is decided, or one of both merged."""
    pairs, people = _connected_to(session, pair, for_update=for_update)
    return _as_group(session, pair, pairs, people) if pair.id in pairs else None


def _connected_to(
    session: Session, pair: PossibleDuplicate, *, for_update: bool = False
) -> tuple[dict[str, PossibleDuplicate], set[str]]:
    """The undecided pairs that hang together with this one, and the records in them."""
    people = {pair.person_a, pair.person_b}
    pairs: dict[str, PossibleDuplicate] = {}
    fresh: Collection[str] = people
    while fresh and len(people) <= FARTHEST:
        query = _undecided().where(_touches(fresh)).order_by(PossibleDuplicate.id)
        query = query.with_for_update(of=PossibleDuplicate) if for_update else query
        found = {row.id: row for row in session.scalars(query)}
        reached = {one for row in found.values() for one in (row.person_a, row.person_b)}
        pairs, fresh = pairs | found, reached - people
        people |= reached
    return pairs, people


def _as_group(
    session: Session, pair: PossibleDuplicate, pairs: Mapping[str, PossibleDuplicate], people: Collection[str]
) -> Group:
    """At most five of them: the two of this pair, then those nearest to them."""
    shown, whole = list(people), len(people) <= MOST_RECORDS
    if not whole:
        near = [one for row in pairs.values() for one in (row.person_a, row.person_b)]
        shown = list(dict.fromkeys([pair.person_a, pair.person_b, *near]))[:MOST_RECORDS]
    kept = [row for row in pairs.values() if row.person_a in shown and row.person_b in shown]
    rows = session.scalars(
        select(Person).where(Person.id.in_(shown)).order_by(Person.created_at, Person.id)
    ).all()
    return Group(kept, rows, whole)


def pair_in_scope(session: Session, scope: Scope, pair_id: str) -> PossibleDuplicate:
    """A pair of which one record is served in the scope: the case brings the other along. Raises NotThere (A16)."""
    row = session.get(PossibleDuplicate, pair_id)
    if row is None or not _is_served(session, scope, row):
        raise NotThere
    return row


def _is_served(session: Session, scope: Scope, row: PossibleDuplicate) -> bool:
    """Any record of the pair's group, or of what it has become, has something in this district."""
    _, people = _connected_to(session, row)
    people |= {current_person(session, one).id for one in (row.person_a, row.person_b)}
    found = select(Person.id).where(Person.id.in_(people), Person.id.in_(_served(scope)))
    return session.scalar(found.limit(1)) is not None


def _served(scope: Scope) -> Select[str]:
    """People with an enrolment or an entitlement in the scope."""
    enrolled = in_scope(select(Enrolment.person_id), Enrolment.district, scope)
    entitled = in_scope(select(Entitlement.person_id), Entitlement.district, scope)
    return select(enrolled.union(entitled).subquery().c.person_id)


def _undecided() -> Select[PossibleDuplicate]:
    """Pairs that are neither told apart nor merged."""
    one, other = aliased(Person), aliased(Person)
    query = select(PossibleDuplicate).where(PossibleDuplicate.answer != DuplicateAnswer.DIFFERENT)
    query = query.join(one, one.id == PossibleDuplicate.person_a)
    query = query.join(other, other.id == PossibleDuplicate.person_b)
    return query.where(one.merged_into.is_(None), other.merged_into.is_(None))


def _touches(people: Collection[str] | Select[str]) -> ColumnElement[bool]:
    return or_(PossibleDuplicate.person_a.in_(people), PossibleDuplicate.person_b.in_(people))


def open_groups(session: Session, scope: Scope) -> list[Group]:
    """The groups of the scope, the longest waiting first; those whose people were asked to come last."""
    rows = session.scalars(_undecided().where(_touches(_served(scope)))).all()
    people = {one for row in rows for one in (row.person_a, row.person_b)}
    known = {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(people)))}
    groups = [
        Group(pairs, sorted((known[one] for one in ids), key=lambda one: (one.created_at, one.id)))
        for pairs, ids in _connected(rows)
    ]
    return sorted(groups, key=lambda group: (group.is_asked, group.raised_at, group.id))


def _connected(rows: Sequence[PossibleDuplicate]) -> list[tuple[list[PossibleDuplicate], set[str]]]:
    """Pairs that share a record belong together."""
    parts: list[tuple[list[PossibleDuplicate], set[str]]] = []
    for row in rows:
        mine, ids = [row], {row.person_a, row.person_b}
        for part in [part for part in parts if part[1] & ids]:
            parts.remove(part)
            mine, ids = [*part[0], *mine], part[1] | ids
        parts.append((mine, ids))
    return parts


def decided_pairs(session: Session, scope: Scope) -> Sequence[PossibleDuplicate]:
    """What was decided last in the scope."""
    decided = PossibleDuplicate.answer.in_((DuplicateAnswer.SAME, DuplicateAnswer.DIFFERENT))
    query = select(PossibleDuplicate).where(decided, _touches(_served(scope)))
    query = query.where(PossibleDuplicate.id.not_in(_undecided().with_only_columns(PossibleDuplicate.id)))
    return session.scalars(query.order_by(PossibleDuplicate.answered_at.desc()).limit(DECIDED_SHOWN)).all()


def pile(session: Session, scope: Scope, overdue_before: datetime) -> Pile:
    """How many groups wait for a decision, how many of them came before `overdue_before`, and since when."""
    groups = [group for group in open_groups(session, scope) if not group.is_asked]
    late = sum(group.raised_at < overdue_before for group in groups)
    return Pile(len(groups), late, min((group.raised_at for group in groups), default=None))


def story_of(session: Session, people: Collection[str], names: Collection[str]) -> Sequence[AuditEvent]:
    """What was done with these records under these names of the trail, newest first."""
    events = [event for one in people for event in audit.history(session, SubjectKind.PERSON, one)]
    return sorted(
        (event for event in events if event.name in names),
        key=lambda event: (event.at, event.id),
        reverse=True,
    )
