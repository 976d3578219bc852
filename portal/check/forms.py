"""The questions of the check, one form of one field each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.validators import AnyOf

from portal.check.answers import ANSWERS, FIELDS, SITUATIONS, Given
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import districts_on
from web.i18n import language

Choices = list[SelectChoice]
_: Callable[..., str] = gettext
YOUNGEST, ELDEST = 14, 90

_SITUATION = {
    "unemployed": _l("Out of work, looking for a job"),
    "migrant": _l("From a rural household, working in town"),
    "graduate": _l("University or college graduate"),
    "school_leaver": _l("Finished school, not in college"),
    "employee": _l("Working for an employer"),
    "unsure": _l("None of these, or not sure"),
}
SITUATION_HINTS = {
    "unemployed": _l("Registered as unemployed, or about to be"),
    "migrant": _l("Also those who came home to start a business"),
    "graduate": _l("In the final year, or up to two years after it without work"),
    "school_leaver": _l("After junior or senior secondary school"),
    "employee": _l("There are subsidies for learning beside your work too"),
}
_HAD = {
    "yes": _l("Yes, I had one"),
    "no": _l("No, I have not"),
    "unknown": _l("I do not know"),
}
_SURE = {"yes": _l("Yes"), "no": _l("No"), "unknown": _l("Not sure")}
_QUESTIONS = {
    "birth_year": _l("Which year were you born in?"),
    "situation": _l("Which describes you now?"),
    "district": _l("Where do you live?"),
    "had_subsidy_this_year": _l("Have you had a training subsidy this year?"),
    "wants": _l("What would you like to learn?"),
    "draws_pension": _l("Do you already draw a pension?"),
    "full_time_student": _l("Are you a full-time student?"),
    "public_payroll": _l("Are you on the public payroll?"),
    "draws_unemployment_benefit": _l("Do you draw unemployment benefit now?"),
}
_WHY = {
    "birth_year": _l("Some subsidies begin at a certain age. The year is enough; we do not need the day."),
    "situation": _l("What people can get differs from group to group."),
    "district": _l("Some districts add to what the city pays."),
    "had_subsidy_this_year": _l("Most subsidies can be had only so many times a year."),
    "wants": _l("The amount depends on the occupation and the level."),
}


def question_form(name: str, given: Given, pack: Pack, notice: Notice, on: date) -> BaseForm:
    """The form of one question, filled in with what was answered before."""
    form = BaseForm({name: _field(name, pack, notice, on)})
    form.process(MultiDict(given.carried()))
    return form


def why_we_ask(name: str) -> str:
    """Why a question is asked."""
    further = _("One of the subsidies depends on it.")
    return str(_WHY.get(name, further))


def short_name(name: str, notice: Notice) -> str:
    """What a question is about, in a word or two."""
    short = {
        "birth_year": _("Year of birth"),
        "situation": _("Situation"),
        "district": _("District"),
        "had_subsidy_this_year": _("Subsidy this year"),
        "wants": _("Would like to learn"),
    }
    return str(short.get(name) or _group_name(name, notice) or _QUESTIONS[name])


def words_for(name: str, value: str, given: Given, pack: Pack) -> str:
    """An answer in words."""
    if name == "birth_year":
        return _("Born in %(year)s", year=value)
    if name == "district":
        return given.district.name.said(language()) if given.district else _("Whole city")
    if name == "wants":
        return next(item.name.said(language()) for item in pack.interests if item.code == value)
    words = {"situation": _SITUATION, "had_subsidy_this_year": _HAD}.get(name, _SURE)
    return str(words[value])


def _field(name: str, pack: Pack, notice: Notice, on: date) -> Field:
    choices = _choices(name, pack, on)
    listed = name in ("birth_year", "district")
    sentence = _("Choose one from the list") if listed else _("Choose one. If unsure, choose “Not sure”")
    kind = SelectField if listed else RadioField
    return kind(
        _question(name, notice),
        description=_hint(name, notice),
        choices=[SelectChoice("", _("Please choose")), *choices] if listed else choices,
        validators=[AnyOf([choice.value for choice in choices], message=sentence)],
        validate_choice=False,
    )


def _choices(name: str, pack: Pack, on: date) -> Choices:
    if name == "birth_year":
        return [SelectChoice(str(on.year - age), str(on.year - age)) for age in range(YOUNGEST, ELDEST + 1)]
    if name == "district":
        return [SelectChoice(unit.code, unit.name.said(language())) for unit in districts_on(pack, on)]
    if name == "wants":
        return [SelectChoice(item.code, item.name.said(language())) for item in pack.interests]
    if name == "situation":
        return [SelectChoice(code, _SITUATION[code]) for code in SITUATIONS]
    words = _HAD if name in FIELDS else _SURE
    return [SelectChoice(code, words[code]) for code in ANSWERS]


def _question(name: str, notice: Notice) -> str:
    group = _group_name(name, notice)
    return _("Does this describe you: %(group)s?", group=group) if group else str(_QUESTIONS[name])


def _hint(name: str, notice: Notice) -> str:
    if name == "situation":
        return _("Choose the closest. If you are not sure, the result says how to find out.")
    if name == "had_subsidy_this_year":
        return _("One that paid your training fee, in any district.")
    rule = next((rule for group, rule in notice.groups.items() if group == name), None)
    return rule.meaning.said(language()) if rule else ""


def _group_name(name: str, notice: Notice) -> str:
    rule = next((rule for group, rule in notice.groups.items() if group == name), None)
    return rule.name.said(language()) if rule else ""
