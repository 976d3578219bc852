"""What a district means is learnt once: its columns, and its words for occupations. Then the file is read again."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import BadInput, NotAllowedNow, NotThere
from training.policy.pack import Pack
from training.records.models import ColumnMapping, ImportStatus, OccupationWord, RecordImport
from training.records.reading.headings import EXTRA, FIELDS
from training.records.rules import word_in

OPEN = (ImportStatus.CHECKED,)


def check_again(import_id: str, actor: Actor) -> RecordImport:
    """Read the file once more, by what has been learnt since. Raises NotThere, NotAllowedNow."""
    return transaction(lambda session: _again(session, import_id, actor, {}))


def map_columns(
    import_id: str,
    actor: Actor,
    columns: Mapping[str, int],
    *,
    pack: Pack,
    district: str | None = None,
    sheet: str | None = None,
) -> RecordImport:
    """Say which column (from 0) holds which field; kept for the next file of this shape and district.

    Raises BadInput(column) for a column that is not there or stands for two fields, BadInput(district), NotThere,
    NotAllowedNow.
    """
    if district and district not in pack.districts:
        raise BadInput("district", "unknown")

    def work(session: Session) -> RecordImport:
        row = _open(session, import_id, actor)
        if sheet and sheet != row.sheet:
            if sheet not in row.sheets:
                raise BadInput("sheet", "unknown")
            row.sheet, row.district = sheet, district or row.district
            return _again(session, import_id, actor, {"sheet": True})
        _refuse_odd(columns, len(row.headings))
        row.district = district or row.district
        learnt = ColumnMapping(
            district=row.district or "",
            signature=row.signature or "",
            columns=dict(columns),
            set_by=actor.id,
            set_at=clock.now(),
        )
        session.merge(learnt)
        return _again(session, import_id, actor, {"columns": dict(columns), "district": row.district})

    return transaction(work)


def map_occupations(import_id: str, actor: Actor, meant: Mapping[str, str], pack: Pack) -> RecordImport:
    """Say which occupation (code) a district's word means; kept for its next files.

    Raises BadInput(occupation) for a code that the catalogue does not have or a word that the file does not hold.
    """
    words = {word_in(word): code for word, code in meant.items() if code}
    if not words or any(code not in pack.occupations for code in words.values()):
        raise BadInput("occupation", "unknown")

    def work(session: Session) -> RecordImport:
        row = _open(session, import_id, actor)
        if set(words) - set(row.unknown):
            raise BadInput("occupation", "unknown")
        for word, code in words.items():
            learnt = OccupationWord(
                district=row.district or "", word=word, occupation=code, set_by=actor.id, set_at=clock.now()
            )
            session.merge(learnt)
        return _again(session, import_id, actor, {"occupations": words})

    return transaction(work)


def _open(session: Session, import_id: str, actor: Actor) -> RecordImport:
    row = session.get(RecordImport, import_id, with_for_update=True)
    if row is None:
        raise NotThere(import_id)
    audit.attempt(session, actor, Entry(EventName.RECORDS_MAPPED, SubjectKind.RECORDS, import_id))
    if row.status not in OPEN:
        raise NotAllowedNow(f"records_{row.status.value}")
    return row


def _again(session: Session, import_id: str, actor: Actor, facts: Mapping[str, object]) -> RecordImport:
    row = _open(session, import_id, actor)
    row.status, row.percent, row.version, row.tries = ImportStatus.WAITING, 0, row.version + 1, 0
    entry = Entry(EventName.RECORDS_MAPPED, SubjectKind.RECORDS, row.id, row.status.value, facts)
    audit.record(session, actor, entry)
    return row


def _refuse_odd(columns: Mapping[str, int], width: int) -> None:
    if set(columns) - {*FIELDS, *EXTRA} or not all(0 <= column < width for column in columns.values()):
        raise BadInput("column", "unknown")
    if len(set(columns.values())) != len(columns):
        raise BadInput("column", "twice")
