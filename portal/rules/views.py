"""The policies in plain words, with the mark of every value and the worked cases of each notice."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import format_date
from flask_babel import lazy_gettext as _l

from training import clock
from training.policy.cases import findings_of
from training.policy.models import RANK
from training.policy.pack import Pack
from training.policy.queries import cases_of, occupation, paper, papers, successor_of
from web.factors import factor_sentence
from web.i18n import language
from web.pages import public_page
from web.reasons import cap_sentence, exclusion_sentence, reason_sentence

blueprint = Blueprint("rules", __name__, url_prefix="/rules")
SOURCE_GRADE = {
    "official": _l("official page"),
    "mirror": _l("copy of an official page"),
    "press": _l("press"),
    "weak": _l("retold, weak"),
}


@blueprint.get("")
@public_page
def index() -> Any:
    """Every notice, newest first."""
    pack = _pack()
    listed = [(item, successor_of(pack, item)) for item in papers(pack)]
    return render_template("portal/rules/index.html", papers=listed, today=clock.today(), full_day=_full_day)


@blueprint.get("/<number>")
@public_page
def notice(number: str) -> Any:
    """One notice: who, how much, how often, papers, sources, dates, worked cases."""
    if "+" in number:
        return redirect(url_for(".notice", number=number.rsplit("+", 1)[1]), 303)
    pack = _pack()
    found = paper(pack, number)
    return render_template(
        "portal/rules/notice.html",
        notice=found,
        number=number,
        today=clock.today(),
        successor=successor_of(pack, found),
        before=paper(pack, found.replaces) if found.replaces else None,
        municipal=paper(pack, found.numbers[0]) if len(found.numbers) > 1 else None,
        places=[pack.districts[code].name.said(language()) for code in found.districts],
        levels=sorted(RANK, key=lambda level: (level == "special", RANK[level])),
        occupation_name=lambda code: occupation(pack, code).name.said(language()),
        cases=[(case, findings_of(case, found)) for case in cases_of(pack, found)],
        cap_sentence=cap_sentence,
        sentence=reason_sentence,
        factor_sentence=factor_sentence,
        not_for=exclusion_sentence,
        grade_words=SOURCE_GRADE,
        full_day=_full_day,
    )


def _full_day(on: date | None) -> str:
    """A date with its year: a rule is read years later."""
    return format_date(on, "d MMMM y" if language() == "en" else "y 年 M 月 d 日", rebase=False) if on else ""


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
