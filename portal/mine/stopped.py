"""Messages about new classes, stopped by one tap: what the page shows, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.courses.cards import vocabulary
from portal.courses.forms import address
from portal.courses.pages import words_of
from training.courses.models import Alert
from training.courses.operations import filters_of, stop_by_link
from training.database import db
from training.people.models import Act


def shown(act: Act) -> Mapping[str, Any]:
    """Which search it is, and until when it is kept."""
    alert = db.session().get_one(Alert, act.about)
    filters = filters_of(alert)
    return {"alert": alert, "wish": words_of(filters, vocabulary()), "search": address(filters)}


told = shown


def stop(code: str) -> None:
    """Send no more of them."""
    stop_by_link(code)
