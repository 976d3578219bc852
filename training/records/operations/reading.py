"""The dry run: the whole file read in pieces, good rows kept sealed, errors noted row by row; nobody is touched."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Entry, EventName, SubjectKind
from training.bulk import write_many
from training.database import Model, db, transaction
from training.policy.pack import Pack
from training.policy.queries import same_trade
from training.records.models import (
    ColumnMapping,
    FindingKind,
    ImportStatus,
    OccupationWord,
    RecordFinding,
    RecordImport,
    RecordRow,
)
from training.records.operations.judging import judge
from training.records.operations.lines import (
    Line,
    Plan,
    district_words,
    is_total,
    occupation_words,
    read_line,
)
from training.records.operations.turns import WORKER, end_turn, keep_turn
from training.records.operations.upload import stored_file
from training.records.queries import one_import
from training.records.reading.headings import (
    FIELDS,
    recognise_columns,
    says_ten_thousands,
    signature,
)
from training.records.reading.limits import LIMITS, Unreadable
from training.records.reading.table import Table
from training.records.rules import shown

CHUNK = 2000
SWEEP = 3000
ERRORS_KEPT, WORDS_KEPT = 5000, 300


class _Tally:
    """What has been read so far."""

    def __init__(self) -> None:
        self.rows = self.good = self.wrong = self.unmapped = self.totals = self.converted = 0
        self.amount_fen, self.years, self.findings = 0, [9999, 0], 0
        self.unknown: dict[str, int] = {}
        self.digest = hashlib.sha256()

    def add(self, line: Line) -> None:
        self.rows += 1
        if line.word is not None and (line.word in self.unknown or len(self.unknown) < WORDS_KEPT):
            self.unknown[line.word] = self.unknown.get(line.word, 0) + 1
        if line.faults:
            self.wrong += 1
        elif line.word is not None:
            self.unmapped += 1
        elif line.row is not None:
            self._add_good(line.row)
            self.converted += line.is_converted

    def _add_good(self, row: dict[str, Any]) -> None:
        self.good += 1
        self.amount_fen += row["amount_fen"]
        year = row["on_date"].year
        self.years[0] = min(self.years[0], year)
        self.years[1] = max(self.years[1], year)
        self.digest.update(
            f"{row['n']}|{row['number_index']}|{row['occupation']}|{row['level']}|{row['on_date']}|"
            f"{row['district']}|{row['amount_fen']}\n".encode()
        )


def read(import_id: str, pack: Pack) -> None:
    """Read the file of an import and say what is in it; the end is `checked`, or `failed` with a code."""
    began, row = time.monotonic(), one_import(db.session(), import_id)
    while transaction(lambda session: _forget(session, import_id)):
        pass
    try:
        table = Table(stored_file(row), row.size, row.sheet)
        plan = _plan(db.session(), row, table, pack)
        tally = _read_rows(plan, table)
    except Unreadable as bad:
        code, place = bad.code, bad.row
        transaction(lambda session: _fail(session, import_id, code, place))
        return
    judge(import_id, pack)
    took = round((time.monotonic() - began) * 1000)
    transaction(lambda session: _finish(session, import_id, plan, tally, took))


def _plan(session: Session, row: RecordImport, table: Table, pack: Pack) -> Plan:
    shape = signature(table.headings)
    learnt = session.get(ColumnMapping, (row.district or "", shape))
    columns = dict(learnt.columns) if learnt else recognise_columns(table.headings)
    words = select(OccupationWord).where(OccupationWord.district == (row.district or ""))
    own = {one.word: same_trade(pack, one.occupation) for one in session.scalars(words)}
    plan = Plan(
        import_id=row.id,
        headings=table.headings,
        columns=columns,
        district=row.district or "",
        districts=district_words(pack),
        occupations=occupation_words(pack) | own,
        today=clock.today(),
        is_mac=table.is_mac,
    )
    transaction(lambda inside: _note_shape(inside, plan, table, shape))
    return plan


def _note_shape(session: Session, plan: Plan, table: Table, shape: str) -> None:
    row = session.get_one(RecordImport, plan.import_id, with_for_update=True)
    row.status, row.signature, row.heading_row = ImportStatus.READING, shape, table.heading_row
    row.headings, row.columns = list(table.headings), dict(plan.columns)
    row.encoding, row.separator = table.encoding, table.separator
    row.sheets, row.sheet = table.sheets, table.sheet
    row.percent = row.rows = 0
    first = next(table.rows(), (0, []))[1]
    fields = {column: name for name, column in plan.columns.items()}
    row.example = [shown(fields.get(n, ""), cell) for n, cell in enumerate(first)]


def _read_rows(plan: Plan, table: Table) -> _Tally:
    tally, can_read = _Tally(), set(FIELDS) <= set(plan.columns)
    rows: list[dict[str, Any]] = []
    findings: list[dict[str, Any]] = []
    for n, cells in table.rows():
        if is_total(cells):
            tally.totals += 1
            continue
        if tally.rows >= LIMITS.rows:
            raise Unreadable("too_many_rows", n)
        line = read_line(plan, n, cells) if can_read else Line()
        tally.add(line)
        if line.row is not None:
            rows.append(line.row)
        findings.extend(_findings(plan, tally, n, line))
        if tally.rows % CHUNK == 0:
            _keep(plan.import_id, rows, findings, tally, table.share)
            rows, findings = [], []
    _keep(plan.import_id, rows, findings, tally, 100)
    return tally


def _findings(plan: Plan, tally: _Tally, n: int, line: Line) -> Iterator[dict[str, Any]]:
    for fault in line.faults:
        if tally.findings >= ERRORS_KEPT:
            return
        tally.findings += 1
        yield {
            "import_id": plan.import_id,
            "n": tally.findings,
            "kind": FindingKind.ERROR,
            "row": n,
            "heading": fault.heading,
            "code": fault.code,
            "said": fault.said,
            "facts": dict(fault.facts),
            "amount_fen": 0,
        }


def _keep(
    import_id: str, rows: list[dict[str, Any]], findings: list[dict[str, Any]], tally: _Tally, share: int
) -> None:
    def work(session: Session) -> None:
        tables = Model.metadata.tables
        if rows:
            write_many(session, tables[RecordRow.__tablename__], rows)
        if findings:
            write_many(session, tables[RecordFinding.__tablename__], findings)
        keep_turn(session, import_id, rows=tally.rows, percent=share)

    transaction(work)


def _finish(session: Session, import_id: str, plan: Plan, tally: _Tally, took: int) -> None:
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    row.rows, row.good, row.wrong, row.unmapped = tally.rows, tally.good, tally.wrong, tally.unmapped
    row.unknown = dict(sorted(tally.unknown.items(), key=lambda one: (-one[1], one[0])))
    row.amount_fen, row.rows_hash = tally.amount_fen, tally.digest.hexdigest()
    row.first_year, row.last_year = (tally.years[0], tally.years[1]) if tally.good else (None, None)
    wide = "amount" in plan.columns and says_ten_thousands(plan.headings[plan.columns["amount"]])
    row.remarks = {"converted_15": tally.converted, "ten_thousands": int(wide), "totals": tally.totals}
    row.status, row.checked_at, row.percent, row.took_ms = ImportStatus.CHECKED, clock.now(), 100, took
    row.version, row.tries = row.version + 1, 0
    end_turn(row)
    facts: dict[str, object] = {
        "rows": row.rows,
        "good": row.good,
        "wrong": row.wrong,
        "unmapped": row.unmapped,
    }
    facts |= {"doubles": row.doubles, "rows_sha256": row.rows_hash or ""}
    entry = Entry(EventName.RECORDS_CHECKED, SubjectKind.RECORDS, import_id, row.status.value, facts)
    audit.record(session, WORKER, entry)


def _fail(session: Session, import_id: str, code: str, place: int) -> None:
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    row.status, row.failure, row.remarks = ImportStatus.FAILED, code, {"row": place}
    row.version += 1
    end_turn(row)
    facts = {"failure": code, "row": place}
    entry = Entry(EventName.RECORDS_CHECKED, SubjectKind.RECORDS, import_id, row.status.value, facts)
    audit.record(session, WORKER, entry)


def _forget(session: Session, import_id: str) -> bool:
    """What an earlier reading kept, one short transaction's worth; says whether anything was left."""
    keep_turn(session, import_id)
    for table in (RecordRow, RecordFinding):
        some = select(table.n).where(table.import_id == import_id).order_by(table.n).limit(SWEEP)
        if gone := list(session.scalars(some)):
            session.execute(delete(table).where(table.import_id == import_id, table.n <= gone[-1]))
            return True
    return False
