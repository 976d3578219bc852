"""A class in a list. When the catalogue changes, one row has changed: the others are taken as they were."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from flask import current_app
from markupsafe import Markup

from portal.courses.forms import LEVELS, RHYTHMS, SORTS
from training.courses.models import ClassStatus
from training.courses.queries import Listed
from training.institutions.models import Institution
from training.policy.pack import Pack
from web import labels, written
from web.i18n import counted as ngettext
from web.i18n import language
from web.i18n import translated as _

FEW_SEATS = 10


class Vocabulary:
    """What every row and every filter says, in one language; looked up once for an application."""

    def __init__(self, pack: Pack, lang: str) -> None:
        self.pack, self.is_english = pack, lang == "en"
        self.places = {code: unit.name.said(lang) for code, unit in pack.districts.items()}
        self.trades = {code: trade.name.said(lang) for code, trade in pack.occupations.items()}
        self.levels = {level: labels.word(labels.LEVEL_SHORT, level) for level in LEVELS}
        self.sorts = [(sort, labels.word(labels.SORT, sort)) for sort in SORTS]
        self.rhythms = {rhythm: labels.word(labels.RHYTHM, rhythm) for rhythm in RHYTHMS}
        self.hours, self.rate = _("%(hours)s class hours"), _("Pass rate %(percent)s%%")
        self.no_rate = _("Pass rate: no figure yet")
        self.own, self.paid = _("You pay %(amount)s"), _("Government pays %(amount)s")

    def title(self, row: Any) -> str:
        """The title of a course in this language, where it has one."""
        return str((row.title_en or row.title) if self.is_english else row.title)

    def institution(self, school: Institution) -> str:
        """The name of a school in this language, where it has one."""
        return (school.name_en or school.name) if self.is_english else school.name

    def school(self, row: Listed) -> str:
        """The name of its school in this language, where it has one."""
        return (row.school_en or row.school) if self.is_english else row.school


def vocabulary() -> Vocabulary:
    """The words of this request's language."""
    kept: dict[str, Vocabulary] = current_app.extensions.setdefault("course_words", {})
    lang = language()
    if lang not in kept:
        kept[lang] = Vocabulary(current_app.extensions["pack"], lang)
    return kept[lang]


@lru_cache(maxsize=1024)
def card(row: Listed, words: Vocabulary, on: date, check: str = "") -> Markup:
    """The row as it stands in a list on the day `on`; its link carries on the code of a saved check."""
    seats, kind = seats_of(row, on)
    drawn: Markup = current_app.jinja_env.get_template("portal/courses/_card.html").module.card(  # type: ignore[attr-defined]
        row,
        title=words.title(row),
        school=f"{words.school(row)} · {words.places.get(row.district, row.district)}",
        dates=f"{written.day(row.starts_on)} – {written.day(row.ends_on)}",
        when=f"{words.hours % {'hours': row.hours}} · {words.rhythms[row.rhythm]}",
        rate=words.no_rate if row.pass_rate is None else words.rate % {"percent": row.pass_rate},
        seats=seats,
        kind=kind,
        level=words.levels[row.level],
        own=words.own % {"amount": written.yuan(row.own_fen)},
        paid=words.paid % {"amount": written.yuan(row.subsidy_fen)} if row.subsidy_fen else "",
        check=check,
    )
    return drawn


def seats_of(row: Listed, on: date) -> tuple[str, str]:
    """The seats of a row in words, and the colour of the tag; for a class to come the day it opens."""
    if row.opens_on > on or row.status is ClassStatus.PUBLISHED:
        return _("Enrolment opens on %(day)s", day=written.day(row.opens_on)), "wait"
    return seats_words(row.seats_left, row.waiting)


def seats_words(seats_left: int, waiting: int) -> tuple[str, str]:
    """How many seats are left, and the colour: green above ten, gold from one to ten, grey when full."""
    if seats_left and not waiting:
        left = ngettext("%(num)d seat left", "%(num)d seats left", seats_left)
        return str(left), "ok" if seats_left > FEW_SEATS else "warn"
    if waiting:
        return _("Full, %(waiting)s waiting", waiting=waiting), "idle"
    return _("Full"), "idle"
