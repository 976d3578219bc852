"""Why the case that was given is not the one that waits longest: said once, on the page it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import current_app, request
from flask_babel import gettext

from training.database import db
from training.institutions.queries import institution
from training.staff.rules import Share
from web.i18n import language

_: Callable[..., str] = gettext


def said_turn(above: Callable[[], Mapping[str, Share]]) -> str:
    """The sentence about the school that was passed over (`instead` in the address); empty where none was."""
    passed_over = request.args.get("instead", "")
    share = above().get(passed_over) if passed_over else None
    if share is None:
        return ""
    school = institution(db.session(), share.institution)
    return _(
        "In the last %(days)s days you decided %(own)s of %(every)s cases of %(school)s; this one is from another school",
        days=current_app.extensions["pack"].sharing.days,
        own=share.own,
        every=share.every,
        school=(language() == "en" and school.name_en) or school.name,
    )
