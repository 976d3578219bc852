"""The class somebody wants to join: found by its address, judged before any name is typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from flask import current_app
from flask_babel import gettext

from training import clock
from training.courses.models import ClassRun
from training.courses.queries import Listed, class_run, next_classes_like
from training.database import db
from training.enrolments.rules import reasons_of_class
from training.errors import NotThere
from training.numbers import Number, born_on
from training.policy.exclusions import age_reason
from training.policy.facts import Facts
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.policy.rules import Reason

_: Callable[..., str] = gettext
ADDRESS = re.compile(r"[\w\-]{1,40}", re.ASCII)


def pack() -> Pack:
    """The pack of this door."""
    found: Pack = current_app.extensions["pack"]
    return found


def wanted_class(class_id: str) -> ClassRun:
    """The class with this address. Raises NotThere."""
    if not ADDRESS.fullmatch(class_id):
        raise NotThere(class_id)
    return class_run(db.session(), class_id)


def notice_of(run: ClassRun) -> Notice:
    """The notice that counts for a class."""
    return notice_for(pack(), run.district, run.starts_on)


def why_closed(run: ClassRun) -> list[Reason]:
    """Why nobody can join today; empty: the class takes people."""
    return [Reason(code, "no") for code in reasons_of_class(run, clock.today())]


def others_like(run: ClassRun) -> Sequence[Listed]:
    """The next classes of the same occupation with a seat."""
    return next_classes_like(db.session(), run, clock.today())


def too_young(run: ClassRun, number: Number) -> str | None:
    """What an 18-digit number already says about the age; a card says nothing."""
    birth = born_on(number.value, clock.today()) if number.kind in ("number18", "number15") else None
    if birth is None:
        return None
    [reason] = age_reason(Facts(birth_on=birth), notice_of(run), clock.today())
    least = reason.values["min_age"]
    return _("You can enrol from the age of %(least)s", least=least) if reason.met == "no" else None
