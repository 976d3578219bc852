"""All or nothing: rows are written in short transactions while nobody sees them, and count from one moment on.

The worker may be killed between any two transactions: what is written waits unseen, and the next worker goes on
behind it. Undone in the same way: first nothing counts any more, in one row, then the rows go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Select, delete, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import Model, db, new_id, transaction
from training.entitlements.models import Entitlement
from training.entitlements.past import add_past, drop_past, open_batch, turn_batch
from training.errors import NotAllowedNow, NotThere
from training.people.operations.many import (
    NewPerson,
    add_people,
    people_by_index,
    prepare_person,
    remove_people,
)
from training.policy.pack import Pack
from training.records.models import ImportStatus, RecordChange, RecordImport, RecordPart, RecordRow
from training.records.operations.judging import judge
from training.records.operations.lines import unseal_line
from training.records.operations.turns import WORKER, end_turn, keep_turn
from training.records.queries import missing_of, one_import, stands_on
from training.records.rules import reasons_not_to_import, reasons_not_to_undo

CHUNK = 1000
SWEEP = 2000
Others = Callable[[Session, RecordImport], Sequence[str]]


def ask_import(import_id: str, actor: Actor) -> RecordImport:
    """Let a checked file come in; the worker does it. Raises NotAllowedNow with what is still lacking, NotThere."""

    def work(session: Session) -> RecordImport:
        row = session.get(RecordImport, import_id, with_for_update=True)
        if row is None:
            raise NotThere(import_id)
        audit.attempt(session, actor, Entry(EventName.RECORDS_IMPORTED, SubjectKind.RECORDS, import_id))
        reasons = reasons_not_to_import(
            row.status.value,
            rows=row.good,
            wrong=row.wrong,
            unmapped=row.unmapped,
            missing=missing_of(row),
        )
        if reasons:
            raise NotAllowedNow(*reasons)
        row.status, row.imported_by, row.done_to, row.percent = ImportStatus.IMPORTING, actor.id, 0, 0
        row.version, row.tries = row.version + 1, 0
        return row

    return transaction(work)


def bring_in(import_id: str, pack: Pack) -> None:
    """Write the payments of an import, and their people where nobody knows them yet; then let them count."""
    if _has_moved_on(db.session(), import_id):
        judge(import_id, pack)
    transaction(lambda session: open_batch(session, import_id))
    with ThreadPoolExecutor(1) as sealer:
        rows = _next_rows(db.session(), import_id)
        sealed = sealer.submit(_seal, import_id, rows, _known(import_id, rows))
        while rows:
            following = _next_rows(db.session(), import_id, rows[-1].n)
            ready, known = sealed.result(), _known(import_id, following)
            sealed = sealer.submit(_seal, import_id, following, known)
            _bring_in(import_id, rows, ready)
            rows = following
    transaction(lambda session: _count(session, import_id))


def _has_moved_on(session: Session, import_id: str) -> bool:
    """Whether another import came in or went since this one was judged, and nothing of it is written yet."""
    row = one_import(session, import_id)
    if row.done_to or row.checked_at is None:
        return False
    since = or_(RecordImport.imported_at >= row.checked_at, RecordImport.undone_at >= row.checked_at)
    return session.scalar(select(RecordImport.id).where(since).limit(1)) is not None


def _next_rows(session: Session, import_id: str, after: int | None = None) -> Sequence[Any]:
    """The next rows to bring in: after those that are in, or after row `after` of the file."""
    done_to = one_import(session, import_id).done_to if after is None else after
    waiting = (RecordRow.import_id == import_id, RecordRow.n > done_to, RecordRow.entitlement_id.is_(None))
    asked = select(*RecordRow.__table__.columns).where(*waiting).order_by(RecordRow.n).limit(CHUNK)
    return session.execute(asked).all()


def _known(import_id: str, rows: Sequence[Any]) -> dict[str, str]:
    return people_by_index(db.session(), _indexes(import_id, rows)) if rows else {}


def _seal(import_id: str, rows: Sequence[Any], known: Mapping[str, str]) -> dict[str, NewPerson]:
    """Records for the people of these rows whom nobody knows yet, by their keyed numbers. It takes as long as the
    writing, so it is done beside the writing of the rows before."""
    ready: dict[str, NewPerson] = {}
    for row in rows:
        if row.number_index not in known and row.number_index not in ready:
            name, number = unseal_line(import_id, row.n, row.sealed)
            ready[row.number_index] = prepare_person(name, number, row.number_index)
    return ready


def _bring_in(import_id: str, rows: Sequence[Any], ready: Mapping[str, NewPerson]) -> None:
    """One short transaction: the lock is held only while rows are written. A worker that slept past its lease finds
    them written by the next one."""
    these = _indexes(import_id, rows)

    def work(session: Session) -> None:
        current = session.get_one(RecordImport, import_id, with_for_update=True)
        if current.status is not ImportStatus.IMPORTING or current.done_to >= rows[0].n:
            return
        there = people_by_index(session, these)
        new = [person for index, person in ready.items() if index not in there]
        add_people(session, new, WORKER, import_id)
        people = {index: person.id for index, person in ready.items()} | there
        add_past(session, import_id, [_payment(row, people[row.number_index]) for row in rows])
        share = 100 * rows[-1].n // max(1, current.heading_row + current.rows + 1)
        current.done_to, current.new_people = rows[-1].n, current.new_people + len(new)
        keep_turn(session, import_id, percent=min(99, share))

    transaction(work)


def _indexes(import_id: str, rows: Sequence[Any]) -> Select[str]:
    """The keyed numbers of these rows, as a question: some hundreds of values would be slow to send."""
    between = (RecordRow.import_id == import_id, RecordRow.n.between(rows[0].n, rows[-1].n))
    return select(RecordRow.number_index).where(*between)


def _payment(row: Any, person_id: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "person_id": person_id,
        "occupation": row.occupation,
        "level": row.level,
        "on_date": row.on_date,
        "district": row.district,
        "amount_fen": row.amount_fen,
    }


def _count(session: Session, import_id: str) -> None:
    """From here on all of it counts: one row is switched, corrected amounts are put in, the trail says so."""
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    if row.status is not ImportStatus.IMPORTING:
        return
    if row.changed:
        _correct(session, import_id)
    turn_batch(session, import_id, True)
    row.status, row.imported_at, row.percent = ImportStatus.IMPORTED, clock.now(), 100
    row.version, row.tries = row.version + 1, 0
    end_turn(row)
    facts: dict[str, object] = {"payments": row.good - row.same - row.changed, "same": row.same}
    facts |= {
        "changed": row.changed,
        "new_people": row.new_people,
        "amount_fen": row.amount_fen,
        "doubles": row.doubles,
    }
    facts |= {"sha256": row.file_hash, "rows_sha256": row.rows_hash}
    entry = Entry(EventName.RECORDS_IMPORTED, SubjectKind.RECORDS, import_id, row.status.value, facts)
    audit.record(session, Actor(audit.ActorKind.STAFF, row.imported_by or ""), entry)


def _correct(session: Session, import_id: str) -> None:
    rows, changes = RecordRow.__table__.c, Model.metadata.tables[RecordChange.__tablename__]
    corrected = select(literal(import_id), rows.entitlement_id, rows.before_fen, rows.amount_fen).where(
        rows.import_id == import_id, rows.before_fen.is_not(None)
    )
    names = ["import_id", "entitlement_id", "before_fen", "after_fen"]
    session.execute(insert(changes).from_select(names, corrected))
    _set_amounts(session, import_id, RecordChange.after_fen)


def _set_amounts(session: Session, import_id: str, amount: Any) -> None:
    mine = (RecordChange.import_id == import_id, RecordChange.entitlement_id == Entitlement.id)
    value = select(amount).where(*mine).scalar_subquery()
    named = select(RecordChange.entitlement_id).where(RecordChange.import_id == import_id)
    changed = update(Entitlement).where(Entitlement.id.in_(named)).values(amount_fen=value)
    session.execute(changed.execution_options(synchronize_session=False))


def undo(import_id: str, actor: Actor, others: Others | None = None) -> RecordImport:
    """Take a whole import back: nothing of it counts any more. `others`: what higher subjects decided since.

    Raises NotAllowedNow(records_in_use) while something stands on it, NotThere.
    """

    def work(session: Session) -> RecordImport:
        row = session.get(RecordImport, import_id, with_for_update=True)
        if row is None:
            raise NotThere(import_id)
        audit.attempt(session, actor, Entry(EventName.RECORDS_UNDONE, SubjectKind.RECORDS, import_id))
        found = [*stands_on(session, row), *(others(session, row) if others else ())]
        reasons = reasons_not_to_undo(row.status.value, stands_on_it=len(found))
        if reasons:
            raise NotAllowedNow(*reasons, reference=found[0] if found else None)
        turn_batch(session, import_id, False)
        _set_amounts(session, import_id, RecordChange.before_fen)
        row.status, row.undone_by, row.undone_at = ImportStatus.UNDONE, actor.id, clock.now()
        row.cleaned_at, row.version = None, row.version + 1
        facts = {"payments": row.good - row.same - row.changed, "changed": row.changed}
        entry = Entry(EventName.RECORDS_UNDONE, SubjectKind.RECORDS, import_id, row.status.value, facts)
        audit.record(session, actor, entry)
        return row

    return transaction(work)


def clean(import_id: str) -> None:
    """Remove what is no longer needed: the file and its waiting rows, and after an undo the payments and the people
    who stand there for nothing else."""
    while transaction(lambda session: _sweep(session, import_id)):
        pass
    transaction(lambda session: _swept(session, import_id))


def _sweep(session: Session, import_id: str) -> bool:
    """One short transaction's worth; says whether anything was left."""
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    keep_turn(session, import_id)
    for table in (RecordPart, RecordRow):
        some = select(table.n).where(table.import_id == import_id).order_by(table.n).limit(SWEEP)
        gone = list(session.scalars(some))
        if gone:
            session.execute(delete(table).where(table.import_id == import_id, table.n <= gone[-1]))
            return True
    if row.status is ImportStatus.IMPORTED:
        return False
    people = drop_past(session, import_id, CHUNK)
    if people:
        remove_people(session, people, WORKER, import_id)
    return bool(people)


def _swept(session: Session, import_id: str) -> None:
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    row.cleaned_at, row.tries = clock.now(), 0
    end_turn(row)
