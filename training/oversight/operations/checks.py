"""A check of the whole trail, asked for with one press and done by the worker: a request never waits for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training import audit, clock, outbox, seals
from training.audit import Actor, AuditEvent, Entry, EventName, SubjectKind
from training.database import db, new_id, transaction
from training.errors import NotAllowedNow
from training.outbox import Errand
from training.oversight.models import TrailCheck

LEFT_BEHIND = timedelta(minutes=10)
CHECKER = Actor.system("verify_trail")


class StillRunning(Exception):
    """Another worker is at it."""


def ask_for_check(actor: Actor, key: str = "") -> TrailCheck:
    """Have the whole trail checked; the same key twice is one check. Raises NotAllowedNow while one that was asked
    for is not done."""

    def work(session: Session) -> TrailCheck:
        audit.attempt(session, actor, Entry(EventName.TRAIL_CHECK_ASKED, SubjectKind.STAFF, actor.id))
        fresh = TrailCheck.asked_at > clock.now() - LEFT_BEHIND
        waiting = select(TrailCheck.id).where(TrailCheck.ended_at.is_(None), fresh)
        waits = session.scalar(waiting.limit(1)) is not None
        if before := _asked_before(session, actor, key):
            return before
        if waits:
            raise NotAllowedNow("already_asked")
        check = TrailCheck(id=new_id(), asked_by=actor.id, asked_at=clock.now(), faults=[])
        check.idempotency_key = key or None
        session.add(check)
        outbox.put(session, Errand.VERIFY_TRAIL, {"check": check.id})
        facts = {"check": check.id}
        audit.record(
            session, actor, Entry(EventName.TRAIL_CHECK_ASKED, SubjectKind.STAFF, actor.id, facts=facts)
        )
        return check

    return transaction(work)


def _asked_before(session: Session, actor: Actor, key: str) -> TrailCheck | None:
    same = (TrailCheck.asked_by == actor.id, TrailCheck.idempotency_key == key)
    return session.scalars(select(TrailCheck).where(*same)).first() if key else None


def check_trail(check_id: str, heads: Path) -> None:
    """Check every row, chain and seal, and write what was found. Done twice it is done once.

    Raises StillRunning while another worker that began a moment ago has not ended.
    """
    if not transaction(lambda session: _begin(session, check_id)):
        return
    faults = seals.verify(db.session(), heads)
    number = db.session().scalar(select(func.count(AuditEvent.id))) or 0

    def end(session: Session) -> None:
        check = session.get_one(TrailCheck, check_id, with_for_update=True)
        check.ended_at, check.events = clock.now(), number
        check.faults = [{"what": fault.what, "where": fault.where} for fault in faults]
        facts = {"check": check_id, "events": number, "faults": len(faults)}
        entry = Entry(EventName.TRAIL_CHECKED, SubjectKind.STAFF, check.asked_by, facts=facts)
        audit.record(session, CHECKER, entry)

    transaction(end)


def _begin(session: Session, check_id: str) -> bool:
    check = session.get(TrailCheck, check_id, with_for_update=True)
    if check is None or check.ended_at is not None:
        return False
    if check.began_at is not None and check.began_at > clock.now() - LEFT_BEHIND:
        raise StillRunning
    check.began_at = clock.now()
    return True
