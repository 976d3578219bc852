"""The demo set of contract §5: invented people, schools, staff and history, the same each time."""

from jobs.demo.load import load_once

__all__ = ["load_once"]
