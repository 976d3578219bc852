"""What was not answered in time: the person hears, once, that it takes longer."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import db, transaction
from training.objections.lifecycle import MatterStatus
from training.objections.models import Matter
from training.objections.operations.decide import tell_matter

JOB = Actor.system("mark_late")
log = logging.getLogger(__name__)


def mark_late(limit: int = 200) -> int:
    """Tell whoever waits for an answer that is late, once each. Returns how many; safe twice."""
    late = (Matter.status == MatterStatus.OPEN, Matter.due_on < clock.today(), Matter.told_late_at.is_(None))
    ids = db.session().scalars(select(Matter.id).where(*late).order_by(Matter.due_on).limit(limit)).all()
    told = 0
    for matter_id in ids:
        try:
            told += _tell_late(matter_id)
        except Exception:  # one that fails holds up no other
            log.exception("could not tell of a matter that is late")
    return told


def _tell_late(matter_id: str) -> bool:
    def work(session: Session) -> bool:
        query = select(Matter).where(Matter.id == matter_id).with_for_update(of=Matter)
        matter = session.scalars(query.execution_options(populate_existing=True)).one()
        if not matter.is_open or matter.told_late_at is not None:
            return False
        matter.told_late_at = clock.now()
        facts = {"due_on": matter.due_on.isoformat()}
        status = matter.status.value
        audit.record(session, JOB, Entry(EventName.MATTER_LATE, SubjectKind.MATTER, matter.id, status, facts))
        tell_matter(session, matter, "matter_late")
        return True

    return transaction(work)
