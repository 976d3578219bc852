"""Lists that leave the system: asked for with a reason, agreed to by a second person, downloaded with a mark (A24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.errors import BadInput, FourEyes, Gone, NotAllowedNow, NotThere
from training.oversight.models import Export, ExportKind, ExportStatus
from training.oversight.queries.exports import export_in_scope, people_of
from training.oversight.rules import needs_second_person, reasons_not_to_decide
from training.people.models import LookPurpose, LookReason
from training.people.operations import Look, look_step
from training.policy.service import Exports
from training.staff.queries import Scope


@dataclass(frozen=True)
class Wish:
    """What somebody wants to take out. `rows` are the ids that fit now; `chosen` says in codes how they were found."""

    kind: ExportKind
    district: str | None
    columns: Sequence[str]
    rows: Sequence[Any]
    reason: str
    note: str
    key: str
    chosen: dict[str, Any] = field(default_factory=dict)


def ask_for_export(wish: Wish, actor: Actor, terms: Exports) -> Export:
    """Ask for a list. Without identifiers it may be downloaded at once, else a second person agrees first.

    Raises BadInput: `columns` empty, `rows` empty or too_many, `reason` empty. The same key twice is one export.
    """
    fault = _fault_of(wish, terms)
    if fault is not None:
        raise fault

    def work(session: Session) -> Export:
        same = (Export.asked_by == actor.id, Export.idempotency_key == wish.key)
        if (found := session.scalars(select(Export).where(*same)).first()) is not None:
            return found
        export = _new(wish, actor)
        if not needs_second_person(wish.columns):
            _open(export, terms)
        session.add(export)
        _record(session, actor, export, EventName.EXPORT_ASKED, is_first=True)
        return export

    return transaction(work)


def decide_export(export_id: str, agrees: bool, actor: Actor, scope: Scope, terms: Exports) -> Export:
    """Agree to an export, or refuse it. Raises NotThere, FourEyes for one's own, NotAllowedNow when it is decided."""
    name = EventName.EXPORT_APPROVED if agrees else EventName.EXPORT_REFUSED

    def work(session: Session) -> Export:
        audit.attempt(session, actor, Entry(name, SubjectKind.EXPORT, export_id))
        export = export_in_scope(session, export_id, scope, for_update=True)
        reasons = reasons_not_to_decide(export.asked_by, actor.id, export.status.value)
        if "own_export" in reasons:
            raise FourEyes(*reasons)
        if reasons:
            raise NotAllowedNow(*reasons)
        export.decided_by, export.decided_at = actor.id, clock.now()
        if agrees:
            _open(export, terms)
        else:
            export.status = ExportStatus.REFUSED
        _record(session, actor, export, name)
        return export

    return transaction(work)


def take_export(export_id: str, actor: Actor, terms: Exports) -> Export:
    """Count one download, and let everybody in the list read of it. Raises NotThere for another's, NotAllowedNow
    before it is agreed to, Gone after its end or its last download."""

    def work(session: Session) -> Export:
        audit.attempt(session, actor, Entry(EventName.EXPORT_TAKEN, SubjectKind.EXPORT, export_id))
        export = session.get(Export, export_id, with_for_update=True)
        if export is None or export.asked_by != actor.id:
            raise NotThere(export_id)
        if export.status is not ExportStatus.APPROVED or export.expires_at is None:
            raise NotAllowedNow("not_approved")
        if export.expires_at <= clock.now() or export.downloads >= terms.downloads:
            raise Gone
        export.downloads += 1
        _record(session, actor, export, EventName.EXPORT_TAKEN)
        look_step(session, people_of(session, export), actor, _look(export))
        return export

    return transaction(work)


def _fault_of(wish: Wish, terms: Exports) -> BadInput | None:
    if not wish.columns:
        return BadInput("columns", "empty")
    if wish.reason not in set(LookReason):
        return BadInput("reason", "empty")
    if not wish.rows:
        return BadInput("rows", "empty")
    return BadInput("rows", "too_many") if len(wish.rows) > terms.max_rows else None


def _new(wish: Wish, actor: Actor) -> Export:
    export = Export(
        id=new_id(),
        kind=wish.kind,
        district=wish.district,
        columns=list(wish.columns),
        chosen=wish.chosen,
        reason=wish.reason,
        rows=list(wish.rows),
        row_count=len(wish.rows),
        status=ExportStatus.ASKED,
        asked_by=actor.id,
        asked_at=clock.now(),
        idempotency_key=wish.key,
        downloads=0,
    )
    export.note = wish.note or None
    return export


def _open(export: Export, terms: Exports) -> None:
    export.status, export.expires_at = ExportStatus.APPROVED, clock.now() + timedelta(hours=terms.hours)


def _look(export: Export) -> Look:
    full = bool({"number", "card"} & set(export.columns))
    return Look("exports", LookPurpose.EXPORT, export.reason, export.note or "", full)


def _record(
    session: Session, actor: Actor, export: Export, name: EventName, *, is_first: bool = False
) -> None:
    facts = {
        "kind": export.kind.value,
        "columns": list(export.columns),
        "rows": export.row_count,
        "reason": export.reason,
        "district": export.district,
        "downloads": export.downloads,
    }
    entry = Entry(name, SubjectKind.EXPORT, export.id, export.status.value, facts, is_first=is_first)
    audit.record(session, actor, entry)
