"""What an administrator does about errands and jobs that fail; each press is in the administrator's own trail."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from training import audit, outbox, pulse
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import BadInput, NotAllowedNow, NotThere
from training.outbox import OutboxRow, OutboxState

LONGEST_REASON = 200


def retry_errand(row_id: str, actor: Actor) -> None:
    """Let a dead errand be tried again at once. Raises NotThere; NotAllowedNow when it is not dead any more."""

    def work(session: Session) -> None:
        row = _dead(session, row_id, actor, EventName.OUTBOX_RETRIED)
        outbox.revive(row)
        _record(session, actor, EventName.OUTBOX_RETRIED, {"errand": row.errand.value, "row": row.id})

    transaction(work)


def drop_errand(row_id: str, reason: str, actor: Actor) -> None:
    """Give a dead errand up: what it was about is forgotten. Raises BadInput without a reason, else as above."""
    if len(reason.strip()) < 2:
        raise BadInput("reason", "empty")

    def work(session: Session) -> None:
        row = _dead(session, row_id, actor, EventName.OUTBOX_DROPPED)
        outbox.drop(row)
        facts = {"errand": row.errand.value, "row": row.id, "reason": reason.strip()[:LONGEST_REASON]}
        _record(session, actor, EventName.OUTBOX_DROPPED, facts)

    transaction(work)


def run_task_now(name: str, actor: Actor) -> None:
    """Have a job run within seconds, before its time. Raises NotThere for one that never ran."""

    def work(session: Session) -> None:
        if not pulse.ask_again(session, name):
            raise NotThere(name)
        _record(session, actor, EventName.TASK_ASKED_FOR, {"task": name})

    transaction(work)


def _dead(session: Session, row_id: str, actor: Actor, name: EventName) -> OutboxRow:
    audit.attempt(session, actor, Entry(name, SubjectKind.STAFF, actor.id))
    row = session.get(OutboxRow, row_id, with_for_update=True)
    if row is None:
        raise NotThere(row_id)
    if row.state is not OutboxState.DEAD:
        raise NotAllowedNow("not_dead")
    return row


def _record(session: Session, actor: Actor, name: EventName, facts: Mapping[str, object]) -> None:
    audit.record(session, actor, Entry(name, SubjectKind.STAFF, actor.id, facts=facts))
