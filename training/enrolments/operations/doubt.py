"""What rested on an identity that no longer stands goes back to a verifier."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock
from training.audit import Entry, EventName, SubjectKind
from training.enrolments.lifecycle import LIVE, Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment, Flag
from training.enrolments.operations.cases import unlock
from training.people.operations import open_pairs

SEEN_IN_LINE = (EnrolmentStatus.WAITING, EnrolmentStatus.OFFERED)


def doubt_all(session: Session, person_id: str, flag: Flag) -> list[Entry]:
    """A step: `doubt` for every live enrolment of the person."""
    live = (Enrolment.person_id == person_id, Enrolment.status.in_(LIVE))
    query = select(Enrolment).where(*live).order_by(Enrolment.id).with_for_update(of=Enrolment)
    return [doubt(case, flag) for case in session.scalars(query).all()]


def clear_duplicate_flag(session: Session, people: Collection[str]) -> list[Entry]:
    """A step: nothing asks any more whether these records are another's, so their live enrolments are not flagged
    for it. One event for each that was."""
    entries = []
    for person_id in sorted(people):
        if open_pairs(session, person_id):
            continue
        live = (Enrolment.person_id == person_id, Enrolment.status.in_(LIVE))
        flagged = Enrolment.flags.contains(Flag.POSSIBLE_DUPLICATE.value, autoescape=True)
        query = select(Enrolment).where(*live, flagged).order_by(Enrolment.id).with_for_update(of=Enrolment)
        for case in session.scalars(query).all():
            kept = [flag.value for flag in case.flag_words if flag is not Flag.POSSIBLE_DUPLICATE]
            case.flags = " ".join(kept)
            facts = {"flags": case.flags}
            entries.append(
                Entry(EventName.DUPLICATE_ANSWERED, SubjectKind.ENROLMENT, case.id, case.status.value, facts)
            )
    return entries


def still_seen(case: Enrolment) -> bool:
    """A step for a case that gets a seat: whether a verifier's look at it stands. Where the identity was doubted
    since, it does not, and a verifier looks again; until then such a case kept its place in line."""
    if case.without_code and case.person.certified_at is None:
        case.verified_by = None
    return case.verified_by is not None


def doubt(case: Enrolment, flag: Flag) -> Entry:
    """A step: what was passed is to be checked again, with this flag; the seat or the place stays. Its event.

    Who sits in the class already goes on: the flag stands beside the case. One received without a code counts in
    line by the verifier who saw it: it keeps that until a seat is theirs (`still_seen`).
    """
    if case.status is EnrolmentStatus.ENROLLED:
        case.status = next_status(case.status, Action.DOUBT)
        case.verified_by = None
    elif case.status in SEEN_IN_LINE and not case.without_code:
        case.verified_by = None
    if flag not in case.flag_words:
        case.flags = f"{case.flags} {flag.value}".strip()
    unlock(case)
    case.changed_at, case.version = clock.now(), case.version + 1
    facts = {"flags": case.flags}
    return Entry(EventName.IDENTITY_DOUBTED, SubjectKind.ENROLMENT, case.id, case.status.value, facts)
