"""A search at a desk: what was typed is kept sealed for half an hour, and the trail says that somebody searched."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.enrolments.search import LONGEST, understood
from training.numbers import Number
from training.people import operations as people
from training.people.models import Purpose
from training.people.queries import draft_of

SEARCH = "search"


def search(session_hash: str, text: str, actor: Actor, on: date) -> None:
    """Keep `text` for this member of staff; what kind of thing was looked for goes into the clerk's own trail."""
    asked = understood(text, on)
    people.keep_draft(
        people.Typed(session_hash, Purpose.COUNTER, SEARCH, text[:LONGEST], Number("card", SEARCH))
    )

    def work(session: Session) -> None:
        facts = {"kind": asked.kind.value if asked else "unreadable"}
        audit.record(session, actor, Entry(EventName.SEARCHED, SubjectKind.STAFF, actor.id, facts=facts))

    transaction(work)


def last_search(session: Session, session_hash: str) -> str:
    """What this member of staff typed last, in whichever window; empty once half an hour has passed."""
    kept = draft_of(session, session_hash, Purpose.COUNTER, SEARCH)
    return (kept.name or "") if kept else ""
