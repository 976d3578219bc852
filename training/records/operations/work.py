"""What the worker does with old records: one import at a time, one errand of it."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from training import audit
from training.audit import Entry, EventName, SubjectKind
from training.database import transaction
from training.policy.pack import Pack
from training.records.models import ImportStatus, RecordImport
from training.records.operations.importing import bring_in, clean
from training.records.operations.reading import read
from training.records.operations.turns import TRIES, WORKER, end_turn, take_turn

log = logging.getLogger(__name__)


def work_once(pack: Pack) -> bool:
    """Read, bring in or clean one import, if one waits and no other is in work. Says whether there was one.

    Whoever is killed in the middle loses nothing: the next call goes on where the last transaction ended.
    """
    turn = transaction(take_turn)
    if turn is None:
        return False
    import_id, status = turn
    if transaction(lambda session: _given_up(session, import_id)):
        return True
    if status in (ImportStatus.WAITING, ImportStatus.READING):
        read(import_id, pack)
    elif status is ImportStatus.IMPORTING:
        bring_in(import_id, pack)
    else:
        clean(import_id)
    return True


def _given_up(session: Session, import_id: str) -> bool:
    """A file that has ended its worker three times is not tried a fourth time; nothing of it counts."""
    row = session.get_one(RecordImport, import_id, with_for_update=True)
    if row.tries <= TRIES or row.status in (ImportStatus.IMPORTED, ImportStatus.UNDONE, ImportStatus.FAILED):
        return False
    row.status, row.failure = ImportStatus.FAILED, "broken"
    end_turn(row)
    facts = {"failure": "broken", "tries": row.tries}
    entry = Entry(EventName.RECORDS_CHECKED, SubjectKind.RECORDS, import_id, row.status.value, facts)
    audit.record(session, WORKER, entry)
    return True
