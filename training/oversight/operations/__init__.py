"""The verbs of those who watch over the system, by errand."""

from training.oversight.operations.checks import StillRunning, ask_for_check, check_trail
from training.oversight.operations.exports import Wish, ask_for_export, decide_export, take_export
from training.oversight.operations.readers import report_outliers
from training.oversight.operations.running import drop_errand, retry_errand, run_task_now

__all__ = [
    "StillRunning",
    "Wish",
    "ask_for_check",
    "ask_for_export",
    "check_trail",
    "decide_export",
    "drop_errand",
    "report_outliers",
    "retry_errand",
    "run_task_now",
    "take_export",
]
