"""What kinds of matters there are, and their life: open until somebody who had no part in it upholds or dismisses it."""

from __future__ import annotations

from enum import StrEnum

from training.errors import NotAllowedNow


class MatterKind(StrEnum):
    OBJECTION = "objection"
    APPEAL = "appeal"
    COMPLAINT = "complaint"
    FEE_REPORT = "fee_report"
    MESSAGE = "message"
    CORRECTION = "correction"
    DELETION = "deletion"
    NOT_ME = "not_me"


# What anybody writes: it is answered, and nothing is upheld by it.
WRITTEN = frozenset({MatterKind.COMPLAINT, MatterKind.FEE_REPORT, MatterKind.MESSAGE})


class MatterStatus(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Action(StrEnum):
    """The words of the desk's decision (contract §3)."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"


S, A = MatterStatus, Action
NEXT: dict[tuple[MatterStatus, Action], MatterStatus] = {
    (S.OPEN, A.UPHOLD): S.UPHELD,
    (S.OPEN, A.DISMISS): S.DISMISSED,
}


def next_status(status: MatterStatus, action: Action) -> MatterStatus:
    """The status after `action`. Raises NotAllowedNow("decided") when somebody has answered already."""
    try:
        return NEXT[(status, action)]
    except KeyError:
        raise NotAllowedNow("decided") from None
