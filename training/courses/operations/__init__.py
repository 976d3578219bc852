"""The verbs and steps about courses, by errand."""

from training.courses.operations.alerts import (
    filters_of,
    save_alert,
    stop_alert,
    stop_by_link,
    tell_of_new_classes,
)
from training.courses.operations.catalogue import highest_tuition, publish_classes, recount_results, speller

__all__ = [
    "filters_of",
    "highest_tuition",
    "publish_classes",
    "recount_results",
    "save_alert",
    "speller",
    "stop_alert",
    "stop_by_link",
    "tell_of_new_classes",
]
