"""The verbs and steps of keeping and removing, by errand."""

from training.privacy.operations.deletion import delete_person, end_hold, grant_deletion, place_hold
from training.privacy.operations.emptying import empty_record
from training.privacy.operations.requests import (
    ask_about_look,
    ask_for_correction,
    ask_for_deletion,
    note_taken,
)
from training.privacy.operations.retention import run_retention

__all__ = [
    "ask_about_look",
    "ask_for_correction",
    "ask_for_deletion",
    "delete_person",
    "empty_record",
    "end_hold",
    "grant_deletion",
    "note_taken",
    "place_hold",
    "run_retention",
]
