"""Reads for those who watch over the system: who looks, what runs, what the trail tells."""

from training.oversight.queries.exports import asked_count
from training.oversight.queries.figures import Figure, figures
from training.oversight.queries.readers import ReaderDay, outliers, reader_days, told_since
from training.oversight.queries.running import DeadErrand, Standing, dead_count, standing

__all__ = [
    "DeadErrand",
    "Figure",
    "ReaderDay",
    "Standing",
    "asked_count",
    "dead_count",
    "figures",
    "outliers",
    "reader_days",
    "standing",
    "told_since",
]
