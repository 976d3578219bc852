"""The verbs of those who watch over the system, by errand."""

from training.oversight.operations.readers import report_outliers
from training.oversight.operations.running import drop_errand, retry_errand, run_task_now

__all__ = ["drop_errand", "report_outliers", "retry_errand", "run_task_now"]
