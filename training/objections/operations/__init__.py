"""The verbs and steps of the objections desk, by errand."""

from training.objections.operations.appeal import Appeal, appeal, reasons_closed_to
from training.objections.operations.decide import Answer, Effect, decide
from training.objections.operations.feedback import Feedback, place_of, write_to_us
from training.objections.operations.late import mark_late
from training.objections.operations.not_me import deny_by_call, deny_by_link
from training.objections.operations.opening import open_matter, sent_before

__all__ = [
    "Answer",
    "Appeal",
    "Effect",
    "Feedback",
    "appeal",
    "decide",
    "deny_by_call",
    "deny_by_link",
    "mark_late",
    "open_matter",
    "place_of",
    "reasons_closed_to",
    "sent_before",
    "write_to_us",
]
