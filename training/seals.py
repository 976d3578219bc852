"""Seals over the whole trail, and the verifier that names the row somebody touched.

A seal covers the rows that were committed since the last one. What one moment shows of the database holds the
cause of everything in it, and a row is numbered when it is written, after its cause: so the rows that one
statement sees and no seal covers yet, by number, never put an effect before its cause, however transactions
overlap. On PostgreSQL a seal also notes up to which transaction all had ended; rows of newer ones are looked
for again the next time, so that a late commit is never skipped and holds up no other. Transactions are numbered
by the cluster: a restore into a new one begins a new series of seals. The head of the seals is kept outside the
database as well, which shows a cut tail or a database rolled back to an earlier day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnClause,
    Integer,
    Select,
    String,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from training import clock, keys
from training.audit import AuditEvent, SubjectKind, mac_of
from training.database import Model, Moment

BATCH = 5000
PAGE = 2000
_ALL_ENDED: ColumnClause[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")

_TO_COME: ColumnClause[int] = literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint")


class AuditSeal(Model):
    """`after_row`: where this series began; rows up to it were written in another cluster and are all sealed."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[list[int]] = mapped_column(JSON)
    last_transaction: Mapped[int | None] = mapped_column(BigInteger)
    last_row: Mapped[int] = mapped_column(BigInteger)
    after_row: Mapped[int | None] = mapped_column(BigInteger)
    root: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class Fault:
    """`what` is changed, removed, inserted, seal_changed or rolled_back; `where` names the row or the seal."""

    what: str
    where: str


def seal_new_rows(session: Session) -> AuditSeal | None:
    """Seal what was committed since the last seal, at most BATCH rows, in the caller's transaction."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    if last is not None and _is_another_cluster(session, last):
        return _begin_series(session, last)
    rows, ended = _unsealed(session, last)
    if not rows:
        return None
    chosen = AuditEvent.id.in_(rows[:BATCH])
    events = session.scalars(select(AuditEvent).where(chosen).order_by(AuditEvent.id)).all()
    seal = AuditSeal(
        number=(last.number if last else 0) + 1,
        rows=[event.id for event in events],
        last_transaction=ended if len(rows) <= BATCH else _ended_before(last),
        last_row=events[-1].id,
        after_row=last.after_row if last else None,
        root=_root(events),
        sealed_at=clock.now(),
    )
    seal.mac = _seal_mac(seal, last.mac if last else "")
    session.add(seal)
    return seal


def _is_another_cluster(session: Session, last: AuditSeal) -> bool:
    """The newest seal knows of transactions that this cluster has not come to yet: the database was restored."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    return (session.scalar(select(_ALL_ENDED)) or 0) < (last.last_transaction or 0)


def _begin_series(session: Session, last: AuditSeal) -> AuditSeal:
    """The first seal of a new series: whatever was restored and had no seal yet, however much it is."""
    covered = {row for rows in session.scalars(select(AuditSeal.rows)) for row in rows}
    ids = [
        row for row in session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)) if row not in covered
    ]
    events = session.scalars(select(AuditEvent).where(AuditEvent.id.in_(ids)).order_by(AuditEvent.id)).all()
    elsewhere = session.scalar(select(func.max(AuditEvent.id)).where(AuditEvent.transaction >= _TO_COME)) or 0
    seal = AuditSeal(
        number=last.number + 1,
        rows=ids,
        last_transaction=session.scalar(select(_ALL_ENDED)),
        last_row=max([last.last_row, *ids]),
        after_row=max(last.last_row, elsewhere),
        root=_root(events),
        sealed_at=clock.now(),
    )
    seal.mac = _seal_mac(seal, last.mac)
    session.add(seal)
    return seal


@dataclass(frozen=True)
class Standing:
    """How far the seals are: the newest one, and what it does not cover yet."""

    number: int
    sealed_at: datetime | None
    unsealed: int
    unsealed_since: datetime | None


def standing(session: Session) -> Standing:
    """The newest seal, how many rows wait for the next, and since when the oldest of them does."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    rows, _ = _unsealed(session, last)
    since = (
        session.scalar(select(func.min(AuditEvent.at)).where(AuditEvent.id.in_(rows[:PAGE])))
        if rows
        else None
    )
    return Standing(last.number if last else 0, last.sealed_at if last else None, len(rows), since)


def keep_head_outside(seal: AuditSeal, path: Path) -> None:
    """Append the newest seal's number and hash to a file outside the database."""
    with path.open("a") as file:
        file.write(json.dumps({"number": seal.number, "mac": seal.mac}) + "\n")


def verify(session: Session, heads: Path | None = None) -> list[Fault]:
    """Every row, every subject's chain, every seal, and the head kept outside. Empty means whole."""
    chains = list(_chain_faults(session))
    return chains + _seal_faults(session) + _head_faults(session, heads)


def chain_faults(session: Session, kind: SubjectKind, subject: str) -> list[Fault]:
    """The faults in the chain of one subject, at once: empty means that nobody touched it."""
    own = (AuditEvent.kind == kind, AuditEvent.subject == subject)
    return list(_faults_of_one(iter(session.scalars(select(AuditEvent).where(*own).order_by(AuditEvent.n)))))


def _unsealed(session: Session, last: AuditSeal | None) -> tuple[Sequence[int], int | None]:
    """The rows that no seal covers yet, by number; and the newest transaction with which all had ended."""
    if session.get_bind().dialect.name == "sqlite":
        after = select(AuditEvent.id).where(AuditEvent.id > (last.last_row if last else 0))
        return session.scalars(after.order_by(AuditEvent.id).limit(BATCH)).all(), None
    newer = (AuditEvent.transaction > _ended_before(last), AuditEvent.id > _began_after(last))
    seen = session.execute(select(AuditEvent.id, _ALL_ENDED).where(*newer).order_by(AuditEvent.id)).all()
    if not seen:
        return [], None
    covering = select(AuditSeal.rows).where(AuditSeal.last_row >= seen[0][0])
    covered = {row for rows in session.scalars(covering) for row in rows}
    return [row for row, _ in seen if row not in covered], seen[0][1]


def _ended_before(last: AuditSeal | None) -> int | None:
    return last.last_transaction if last else 0


def _began_after(last: AuditSeal | None) -> int:
    return (last.after_row or 0) if last else 0


def _root(events: Sequence[AuditEvent]) -> str:
    return keys.audit_mac(b"root", *(f"{event.id}:{event.mac}".encode() for event in events))


def _seal_mac(seal: AuditSeal, before: str) -> str:
    series = () if seal.after_row is None else (str(seal.after_row),)
    parts = (before, str(seal.number), json.dumps(seal.rows), str(seal.last_transaction), seal.root, *series)
    return keys.audit_mac(b"seal", *(part.encode() for part in parts), seal.sealed_at.isoformat().encode())


def _chain_faults(session: Session) -> Iterator[Fault]:
    for _, chain in groupby(_all_events(session), key=lambda event: (event.kind, event.subject)):
        yield from _faults_of_one(chain)


def _all_events(session: Session) -> Iterator[AuditEvent]:
    """Every event, subject by subject, a page at a time."""
    order = (AuditEvent.kind, AuditEvent.subject, AuditEvent.n)
    query = select(AuditEvent).order_by(*order).limit(PAGE)
    page = session.scalars(query).all()
    while page:
        yield from page
        last = page[-1]
        after = tuple_(*order) > tuple_(literal(last.kind, AuditEvent.kind.type), last.subject, last.n)
        session.expunge_all()
        page = session.scalars(query.where(after)).all()


def _faults_of_one(chain: Iterator[AuditEvent]) -> Iterator[Fault]:
    before, expected = "", 1
    for event in chain:
        where = f"row {event.id} ({event.kind.value} {event.subject} event {event.n} {event.name})"
        if event.n != expected:
            yield Fault(
                "removed", f"{event.kind.value} {event.subject} event {expected}, before row {event.id}"
            )
        elif not keys.same(event.mac, mac_of(event, before)):
            yield Fault("changed", where)
        before, expected = event.mac, event.n + 1


def _seal_faults(session: Session) -> list[Fault]:
    faults: list[Fault] = []
    before, expected, seen = "", 1, set[int]()
    for seal in session.scalars(select(AuditSeal).order_by(AuditSeal.number)):
        if seal.number != expected:
            faults.append(Fault("removed", f"seal {expected}"))
        elif not keys.same(seal.mac, _seal_mac(seal, before)):
            faults.append(Fault("seal_changed", f"seal {seal.number}"))
        faults += _rows_against(session, seal)
        seen.update(seal.rows)
        before, expected = seal.mac, seal.number + 1
    return faults + (_never_sealed(session, seen, seal) if seen else [])


def _rows_against(session: Session, seal: AuditSeal) -> list[Fault]:
    found = {
        event.id: event for event in session.scalars(select(AuditEvent).where(AuditEvent.id.in_(seal.rows)))
    }
    gone = [Fault("removed", f"row {row} of seal {seal.number}") for row in seal.rows if row not in found]
    if gone:
        return gone
    if not keys.same(seal.root, _root([found[row] for row in seal.rows])):
        return [Fault("changed", f"a row of seal {seal.number}: its hash is not the one that was sealed")]
    return []


def _never_sealed(session: Session, seen: set[int], last: AuditSeal) -> list[Fault]:
    """Rows that stand among sealed ones but were never sealed came from behind.

    What is new is read last: the trail may grow meanwhile.
    """
    ids = [row for row in session.scalars(select(AuditEvent.id)) if row not in seen]
    new = set(session.scalars(_all_after(session, last)))
    return [Fault("inserted", f"row {row}") for row in ids if row not in new]


def _all_after(session: Session, last: AuditSeal) -> Select[int]:
    if session.get_bind().dialect.name == "sqlite":
        return select(AuditEvent.id).where(AuditEvent.id > last.last_row)
    newer = (AuditEvent.transaction > last.last_transaction, AuditEvent.id > _began_after(last))
    return select(AuditEvent.id).where(*newer)


def _head_faults(session: Session, heads: Path | None) -> list[Fault]:
    if heads is None or not heads.exists():
        return []
    lines = heads.read_text().split("\n")
    kept = [json.loads(line) for line in lines if line.strip()]
    if not kept:
        return []
    head, newest = kept[-1], session.scalar(select(func.max(AuditSeal.number))) or 0
    if newest < head["number"]:
        return [Fault("rolled_back", f"seals {newest + 1} to {head['number']} are gone")]
    seal = session.get(AuditSeal, head["number"])
    if seal is None or not keys.same(seal.mac, head["mac"]):
        return [Fault("rolled_back", f"seal {head['number']} is not the one that was kept outside")]
    return []
