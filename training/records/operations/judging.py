"""What the file says beside what is known: payments that are in already, and those that were paid twice.

The waiting rows are read person by person in the order of their keyed numbers, some thousands at a time, and beside
them what counts of the same people: memory stays the same for a hundred rows and two hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from training.database import Model, db, transaction
from training.entitlements.models import Entitlement, EntitlementState, Family
from training.entitlements.operations import cap_on
from training.entitlements.past import counting
from training.numbers import masked, masked_name
from training.people.models import Person
from training.policy.pack import Pack
from training.policy.queries import same_trade
from training.records.models import FindingKind, RecordFinding, RecordImport, RecordRow
from training.records.operations.lines import unseal_line
from training.records.operations.turns import keep_turn
from training.records.rules import Double, Paid, doubles_of, known_of

PAGE = 3000


def judge(import_id: str, pack: Pack) -> None:
    """Compare the waiting rows of an import with all that counts, and with each other; the findings of an earlier
    comparison go."""
    transaction(lambda session: _forget(session, import_id))

    @lru_cache(maxsize=4096)
    def cap_of(on: date, district: str) -> int | None:
        return cap_on(pack, district, on, Family.TUITION)

    for rows in _pages(import_id):
        before = _before(db.session(), rows, pack)
        known: dict[int, Paid] = {}
        doubles: list[Double] = []
        for index, group in groupby(rows, key=lambda row: row.number_index):
            mine, had = [_paid(row, pack) for row in group], before.get(index, [])
            if len(mine) > 1 or had:
                again = known_of(mine, had)
                known |= again
                used = {paid.id for paid in again.values()}
                fresh = [paid for paid in mine if paid.row not in again]
                rest = [paid for paid in had if paid.id not in used]
                doubles += doubles_of(fresh, rest + list(again.values()), cap_of)
        _note(import_id, rows, known, doubles)


def _pages(import_id: str) -> Iterator[Sequence[Any]]:
    """The waiting rows in the order of their people; nobody's rows are torn apart."""
    last = ""
    while True:
        waiting = (RecordRow.import_id == import_id, RecordRow.number_index > last)
        asked = select(*RecordRow.__table__.columns).where(*waiting)
        ordered = asked.order_by(RecordRow.number_index, RecordRow.n).limit(PAGE)
        rows: Sequence[Any] = db.session().execute(ordered).all()
        if not rows:
            return
        if len(rows) == PAGE and rows[0].number_index != rows[-1].number_index:
            torn = rows[-1].number_index
            rows = [row for row in rows if row.number_index != torn]
        last = rows[-1].number_index
        yield rows


def _paid(row: Any, pack: Pack) -> Paid:
    return Paid(row.n, same_trade(pack, row.occupation), row.level, row.on_date, row.district, row.amount_fen)


def _before(session: Session, rows: Sequence[Any], pack: Pack) -> dict[str, list[Paid]]:
    """What counts already, used, of the people of these rows, by their keyed numbers."""
    between = (
        RecordRow.number_index >= rows[0].number_index,
        RecordRow.number_index <= rows[-1].number_index,
    )
    indexes = select(RecordRow.number_index).where(RecordRow.import_id == rows[0].import_id, *between)
    standing = aliased(Person)
    asked = (
        select(Person.number_index, Entitlement)
        .join(standing, standing.id == func.coalesce(Person.merged_into, Person.id))
        .join(Entitlement, Entitlement.person_id == standing.id)
        .where(Person.number_index.in_(indexes), Entitlement.state == EntitlementState.USED)
        .where(Entitlement.family == Family.TUITION, counting())
    )
    found: dict[str, list[Paid]] = {}
    for index, one in session.execute(asked):
        paid = Paid(
            0,
            same_trade(pack, one.occupation),
            one.level,
            one.on_date,
            one.district,
            one.amount_fen or 0,
            one.id,
            one.batch_id or "",
        )
        found.setdefault(str(index), []).append(paid)
    return found


def _note(import_id: str, rows: Sequence[Any], known: dict[int, Paid], doubles: Sequence[Double]) -> None:
    by_row = {row.n: row for row in rows}

    def work(session: Session) -> None:
        row = session.get_one(RecordImport, import_id, with_for_update=True)
        if known:
            _mark(session, import_id, by_row, known)
            row.same += sum(by_row[n].amount_fen == paid.amount_fen for n, paid in known.items())
            row.changed += sum(by_row[n].amount_fen != paid.amount_fen for n, paid in known.items())
            row.relies_on = sorted({*row.relies_on, *(paid.batch for paid in known.values())})
        if doubles:
            table, first = Model.metadata.tables[RecordFinding.__tablename__], _next(session, import_id)
            found = [_finding(import_id, first + n, by_row[one.row], one) for n, one in enumerate(doubles)]
            session.execute(insert(table), found)
            row.doubles += len(doubles)
        keep_turn(session, import_id)

    transaction(work)


def _mark(session: Session, import_id: str, by_row: dict[int, Any], known: dict[int, Paid]) -> None:
    table = Model.metadata.tables[RecordRow.__tablename__]
    marked = (
        update(table)
        .where(table.c.import_id == import_id, table.c.n == bindparam("row"))
        .values(entitlement_id=bindparam("there"), before_fen=bindparam("before"))
    )
    session.connection().execute(
        marked,
        [
            {
                "row": n,
                "there": paid.id,
                "before": paid.amount_fen if paid.amount_fen != by_row[n].amount_fen else None,
            }
            for n, paid in known.items()
        ],
    )


def _next(session: Session, import_id: str) -> int:
    return (
        session.scalar(select(func.max(RecordFinding.n)).where(RecordFinding.import_id == import_id)) or 0
    ) + 1


def _finding(import_id: str, n: int, row: Any, double: Double) -> dict[str, Any]:
    name, number = unseal_line(import_id, row.n, row.sealed)
    return {
        "import_id": import_id,
        "n": n,
        "kind": FindingKind.DOUBLE,
        "row": double.row,
        "heading": f"{row.occupation} {row.level}",
        "code": double.code,
        "said": f"{masked_name(name)} {masked(number)}",
        "facts": dict(double.facts),
        "amount_fen": double.amount_fen,
    }


def _forget(session: Session, import_id: str) -> None:
    doubles = (RecordFinding.import_id == import_id, RecordFinding.kind == FindingKind.DOUBLE)
    session.execute(delete(RecordFinding).where(*doubles))
    marked = or_(RecordRow.entitlement_id.is_not(None), RecordRow.before_fen.is_not(None))
    rows = update(RecordRow).where(RecordRow.import_id == import_id, marked)
    session.execute(rows.values(entitlement_id=None, before_fen=None))
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    row.doubles = row.same = row.changed = 0
    row.relies_on = []
