"""Seeing leaves a trace: every page of a desk that shows a person says so here (A23, I26)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from backoffice.session import clerk
from training import clock
from training.people.models import LookPurpose, LookReason
from training.people.operations import Look, look_at
from training.people.queries import ONE_LOOK, last_look
from training.staff.queries import seen_since

# What the people at a desk open a person's data for. Every desk that shows people stands here.
PURPOSE: Mapping[str, LookPurpose] = {
    "verify": LookPurpose.IDENTITY_CHECK,
    "counter": LookPurpose.AT_COUNTER,
    "claims": LookPurpose.CLAIM_REVIEW,
    "phones": LookPurpose.PHONE,
    "letters": LookPurpose.LETTER,
    "duplicates": LookPurpose.DUPLICATE,
    "corrections": LookPurpose.IDENTITY_CHECK,
    "objections": LookPurpose.OBJECTION,
    "seats": LookPurpose.SEAT,
    "records": LookPurpose.OLD_RECORDS,
    "search": LookPurpose.SEARCH,
    "exports": LookPurpose.EXPORT,
    "audit": LookPurpose.AUDIT,
}

SHOWN_FOR = timedelta(seconds=60)


def seen(
    person_id: str,
    desk: str,
    *,
    full_number: bool = False,
    reason: str = "",
    note: str = "",
    reference: str = "",
) -> None:
    """Write that the signed-in member of staff looks at this person: once within ten minutes for one reason.

    `desk` is the desk's name in roles.DESKS, `reason` a code of LookReason where one was asked for, `note` what
    was written beside it, `reference` the case that was opened. The person reads office, purpose and time.
    """
    why = reason or (LookReason.OTHER.value if note else "")
    look_at(person_id, clerk().actor, Look(desk, PURPOSE[desk], why, note, full_number, reference))


def was_opened(session: Session, person_id: str, desk: str, **facts: str) -> bool:
    """Whether the signed-in member of staff said within the last ten minutes why this person is opened at `desk`;
    with `facts`, for this `reference`."""
    told = {"purpose": PURPOSE[desk].value, **facts}
    return last_look(session, person_id, clerk().account.id, told, clock.now() - ONE_LOOK) is not None


def shows_number(session: Session, person_id: str) -> bool:
    """Whether the full number stands in clear: for a minute after the signed-in member of staff said why."""
    return seen_since(session, clerk().account.id, person_id, clock.now() - SHOWN_FOR)
