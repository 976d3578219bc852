"""Possible duplicates of a case: answered before it passes, with the step that the duplicates desk answers with."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor
from training.database import transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations.cases import (
    must_hold,
    own_case,
)
from training.enrolments.operations.doubt import clear_duplicate_flag
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.people.messages import tell
from training.people.models import DuplicateAnswer, Person, PossibleDuplicate
from training.people.operations import answer_pairs
from training.people.operations import open_pairs as open_duplicates
from training.people.operations import pairs_of as duplicates_of

__all__ = ["answer_duplicate", "duplicates_of", "open_duplicates"]


def answer_duplicate(
    duplicate_id: str, answer: DuplicateAnswer, reference: str, district: str | None, actor: Actor
) -> None:
    """Answer one possible duplicate of a case: same (held for the duplicates desk), different, or ask: then both are
    told to come. The same answer again changes nothing.

    Raises NotAllowedNow when one of the two has been merged since (`already_merged`), FourEyes for whoever enrolled
    either of them.
    """

    def work(session: Session) -> None:
        enrolment = own_case(session, reference, district, actor)
        row = session.get(PossibleDuplicate, duplicate_id, with_for_update=True)
        if row is None or enrolment.person_id not in (row.person_a, row.person_b):
            raise NotThere
        must_hold(enrolment, actor)
        if _has_enrolled(session, row, actor):
            raise FourEyes("own_enrolment")
        if row not in open_duplicates(session, enrolment.person_id) and row.answer is DuplicateAnswer.SAME:
            raise NotAllowedNow("already_merged")
        if row.answer is answer:
            return
        if answer is DuplicateAnswer.ASK:
            for one in (row.person_a, row.person_b):
                tell(session, session.get_one(Person, one), "duplicate_ask")
        entries = answer_pairs(session, [row], answer, actor)
        session.flush()
        entries += clear_duplicate_flag(session, (row.person_a, row.person_b))
        audit.record(session, actor, *entries)

    transaction(work)


def _has_enrolled(session: Session, row: PossibleDuplicate, actor: Actor) -> bool:
    either = Enrolment.person_id.in_((row.person_a, row.person_b))
    made = select(Enrolment.id).where(either, Enrolment.created_by == actor.id).limit(1)
    return session.scalar(made) is not None
