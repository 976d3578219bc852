"""A file comes in: looked at, sealed piece by piece, and kept until it is imported or undone."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from dataclasses import dataclass
from typing import IO, cast

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from training import audit, clock, keys
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import Model, db, new_id, transaction
from training.policy.pack import Pack
from training.records.models import ImportStatus, RecordImport, RecordPart
from training.records.reading.limits import Unreadable
from training.records.reading.table import PartedFile, Table

PART = 256 << 10
ENDED = (ImportStatus.UNDONE, ImportStatus.FAILED)


@dataclass(frozen=True)
class Arrived:
    """`is_new` is false where the same content was here before this form was sent: then nothing happened."""

    record: RecordImport
    is_new: bool


def upload(
    actor: Actor, file_name: str, file: IO[bytes], pack: Pack, district: str | None = None, key: str = ""
) -> Arrived:
    """Take a file of old payments; the worker reads it. The same content again is the import that is here already.

    `district`: whose payments; without, the name of the file may say it. `key` is that of the form: sent again, it is
    the import it made. Raises Unreadable for what is no table or a hostile one.
    """
    record_id, digest, size = new_id(), hashlib.sha256(), 0
    parts: list[bytes] = []
    while piece := file.read(PART):
        digest.update(piece)
        parts.append(keys.seal_bytes(piece, _context(record_id, len(parts))))
        size += len(piece)
    if not size:
        raise Unreadable("empty_file")
    table = Table(_file_of(parts, record_id, size), size)
    row = RecordImport(
        id=record_id,
        district=district or district_named(pack, file_name),
        file_name=_plain(file_name),
        file_hash=digest.hexdigest(),
        size=size,
        uploaded_by=actor.id,
        uploaded_at=clock.now(),
        idempotency_key=key or None,
        headings=table.headings,
        sheets=table.sheets,
        sheet=table.sheet,
    )
    return transaction(lambda session: _keep(session, actor, row, parts))


def _keep(session: Session, actor: Actor, row: RecordImport, parts: list[bytes]) -> Arrived:
    living = (RecordImport.file_hash == row.file_hash, RecordImport.status.not_in(ENDED))
    here = session.scalars(select(RecordImport).where(*living)).first()
    same = (RecordImport.uploaded_by == actor.id, RecordImport.idempotency_key == row.idempotency_key)
    before = session.scalars(select(RecordImport).where(*same)).first() if row.idempotency_key else None
    if before is not None:
        return Arrived(before, True)
    if here is not None:
        return Arrived(here, False)
    session.add(row)
    session.flush()
    table = Model.metadata.tables[RecordPart.__tablename__]
    for n, sealed in enumerate(parts):
        session.execute(insert(table), {"import_id": row.id, "n": n, "sealed": sealed})
    facts = {"sha256": row.file_hash, "bytes": row.size, "district": row.district}
    entry = Entry(
        EventName.RECORDS_UPLOADED, SubjectKind.RECORDS, row.id, row.status.value, facts, is_first=True
    )
    audit.record(session, actor, entry)
    return Arrived(row, True)


def stored_file(row: RecordImport) -> IO[bytes]:
    """The file of an import, unsealed piece by piece as it is read."""
    session = db.session()

    def load(n: int) -> bytes:
        asked = select(RecordPart.sealed).where(RecordPart.import_id == row.id, RecordPart.n == n)
        return keys.unseal_bytes(bytes(session.scalars(asked).one()), _context(row.id, n))

    return _buffered(PartedFile(load, PART, row.size))


def _file_of(parts: list[bytes], record_id: str, size: int) -> IO[bytes]:
    return _buffered(PartedFile(lambda n: keys.unseal_bytes(parts[n], _context(record_id, n)), PART, size))


def _buffered(file: PartedFile) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(file))


def _context(record_id: str, n: int) -> str:
    return f"record_part:{record_id}:{n}"


def _plain(file_name: str) -> str:
    """The name of a file as it is shown: the last part of a path, without what nobody can see, not too long."""
    name = unicodedata.normalize("NFC", file_name).replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable())[:120] or "?"


def district_named(pack: Pack, text: str) -> str | None:
    """The district that a text names; None where it names none, or several."""
    found = {
        unit.code
        for unit in pack.districts.values()
        if unit.name_zh in text or short_name(unit.name_zh) in text
    }
    return found.pop() if len(found) == 1 else None


def short_name(name: str) -> str:
    """万州区 → 万州, 石柱土家族自治县 → 石柱; a name of one character keeps its 县 or 区."""
    for end in ("土家族苗族自治县", "苗族土家族自治县", "土家族自治县", "自治县", "新区", "区", "县"):
        if name.endswith(end) and len(name) - len(end) >= 2:
            return name[: -len(end)]
    return name
