"""Moving the clock of a demo: an event of the trail, and no jump of the machine's clock (A68)."""

from __future__ import annotations

from training import audit
from training.audit import Actor, Entry, EventName, SubjectKind
from training.clock import SharedMove
from training.database import transaction


def move_clock(move: SharedMove, minutes: int) -> None:
    """Tell the trail, then move every process on; told and not moved is possible, moved and not told is not."""
    facts = {"minutes": minutes}
    entry = Entry(EventName.CLOCK_MOVED, SubjectKind.CLOCK, "demo", facts=facts)
    transaction(lambda session: audit.record(session, Actor.system("demo_clock"), entry))
    move.advance(minutes)
