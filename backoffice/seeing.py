"""Seeing leaves a trace: every page of a desk that shows a person says so here (A23, I26)."""

from __future__ import annotations

from collections.abc import Mapping

from backoffice.session import clerk
from training.people.models import LookPurpose, LookReason
from training.people.operations import Look, look_at

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
