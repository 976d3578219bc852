"""The verbs and steps of keeping and removing, by errand."""

from training.privacy.operations.deletion import delete_person, end_hold, place_hold
from training.privacy.operations.emptying import empty_record
from training.privacy.operations.retention import run_retention

__all__ = ["delete_person", "empty_record", "end_hold", "place_hold", "run_retention"]
