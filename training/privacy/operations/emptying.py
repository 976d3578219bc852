"""A record is emptied: what identifies the person goes, statuses, amounts, dates and notice numbers stay.

The person's own key is destroyed, so that what the trail and old backups hold of the person cannot be read, while
the chains still verify. How each table is emptied stands in GONE and CLEARED; every other table that belongs to
people loses what is sealed and what is indexed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from training import audit, clock, outbox
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import Model, new_id
from training.enrolments.models import Enrolment
from training.people.models import Draft, Evidence, OneTimeCode, Person, PersonKey
from training.privacy.queries import own_ids, owners, tables_of_people

# Rows that say nothing once the person is gone.
GONE = (
    "act",
    "alert",
    "bank_account",
    "card",
    "letter",
    "message",
    "phone",
    "phone_change",
    "possible_duplicate",
    "retention_notice",
    "visitor_session",
)
# What else stands in clear and may name the person or tell of one.
CLEARED: Mapping[str, Mapping[str, Any]] = {
    "person": {"name": "", "name_normal": ""},
    "enrolment": {"name_typed": "", "note": "", "draft_decision": None, "slip_hash": None},
    "claim": {"note": ""},
}
KEPT_AS_IT_IS = frozenset({"person_key", "legal_hold", "entitlement_year", "record_row", "record_change"})


def empty_record(session: Session, person: Person, actor: Actor, why: str) -> None:
    """A step: empty `person` and the records merged into it, destroy their keys, and write it in their trails.

    `why` is the word of the period that ended, or `asked`. Emptying twice changes nothing.
    """
    session.flush()
    ids = own_ids(session, person.id)
    people = [session.get_one(Person, one, with_for_update={"of": Person}) for one in ids]
    living = [one for one in people if one.key.wrapped is not None]
    if not living:
        return
    _forget_what_was_typed(session, people)
    for table in reversed(tables_of_people()):
        _empty(session, table, ids)
    outbox.drop_messages_of(session, ids)
    gone = update(PersonKey).where(PersonKey.person_id.in_(ids))
    session.execute(gone.values(wrapped=None, destroyed_at=clock.now()))
    session.expire_all()
    entries = [_emptied(one.id, why) for one in living]
    audit.record(session, actor, *entries)


def empty_enrolments(session: Session, which: ColumnElement[bool]) -> int:
    """A step: what identifies a person in these enrolments goes; they stay as figures. Returns how many."""
    ids = list(session.scalars(select(Enrolment.id).where(which)))
    if not ids:
        return 0
    _forget_evidence(session, ids)
    table = Model.metadata.tables[Enrolment.__tablename__]
    session.execute(update(table).where(table.c.id.in_(ids)).values(**_emptied_values(table)))
    return len(ids)


def _emptied(person_id: str, why: str) -> Entry:
    return Entry(EventName.PERSON_EMPTIED, SubjectKind.PERSON, person_id, "emptied", {"why": why})


def _empty(session: Session, table: Table, ids: Sequence[str]) -> None:
    if table.name in KEPT_AS_IT_IS:
        return
    mine = _of(table, ids)
    if table.name in GONE:
        session.execute(delete(table).where(mine))
    elif table.name == "certificate":
        _hide_numbers(session, table, mine)
    elif values := _emptied_values(table):
        session.execute(update(table).where(mine).values(**values))


def _of(table: Table, ids: Sequence[str]) -> ColumnElement[bool]:
    """The rows whose first owner is one of these people, by themselves or through what they hang on."""
    if table.name == Person.__tablename__:
        return table.c.id.in_(ids)
    chosen = []
    for one in owners(table):
        parent = Model.metadata.tables[one.parent]
        is_person = one.parent == Person.__tablename__
        mine = ids if is_person else select(parent.c.id).where(_of(parent, ids))
        chosen.append(one.column.in_(mine))
    return or_(*chosen)


def _emptied_values(table: Table) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name.endswith(("_sealed", "_index")) and not column.primary_key:
            values[column.name] = None if column.nullable else ""
    return values | dict(CLEARED.get(table.name, {}))


def _hide_numbers(session: Session, table: Table, mine: ColumnElement[bool]) -> None:
    """The number of a certificate leads to its holder: another stands in its place, unique as it must be."""
    for certificate_id in session.scalars(select(table.c.id).where(mine)).all():
        hidden = update(table).where(table.c.id == certificate_id).values(number=f"-{new_id()}")
        session.execute(hidden)


def _forget_what_was_typed(session: Session, people: Collection[Person]) -> None:
    """Drafts with the number or a card of these people, and what the register answered to them."""
    numbers = [one.number for one in people if one.number]
    numbers += [card.number for one in people for card in one.cards if card.number]
    indexes = [Draft.number.index_of(number) for number in numbers]
    drafts = select(Draft.id).where(Draft.number_index.in_(indexes))
    session.execute(delete(OneTimeCode).where(OneTimeCode.draft_id.in_(drafts)))
    session.execute(delete(Draft).where(Draft.id.in_(drafts)).execution_options(synchronize_session=False))
    mine = select(Enrolment.id).where(Enrolment.person_id.in_([one.id for one in people]))
    _forget_evidence(session, list(session.scalars(mine)), indexes)


def _forget_evidence(session: Session, enrolment_ids: Sequence[str], indexes: Sequence[str] = ()) -> None:
    """The register's answers that these enrolments rest on, unless another enrolment rests on them too."""
    on_it = select(Enrolment.evidence_id).where(Enrolment.id.in_(enrolment_ids))
    elsewhere = and_(Enrolment.evidence_id == Evidence.id, Enrolment.id.not_in(enrolment_ids))
    used = select(Enrolment.id).where(elsewhere).exists()
    chosen = or_(Evidence.id.in_(on_it), Evidence.number_index.in_(indexes))
    emptied = update(Evidence).where(chosen, ~used).values(answer_sealed=None, number_index="")
    session.execute(emptied.execution_options(synchronize_session=False))
