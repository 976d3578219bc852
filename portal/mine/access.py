"""Who looked at my data: the office, what for and when, never the clerk; ask about one, take the list along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, TextAreaField
from wtforms.validators import Length

from portal.mine.blueprint import blueprint
from portal.session import signed_in
from training import clock
from training.database import db
from training.objections.queries import matters_of
from training.people.queries import Seen, looks_at
from training.privacy.operations import ask_about_look
from training.privacy.operations.requests import ABOUT_A_LOOK
from web.form_keys import sent_key
from web.look_words import look_reason_word, purpose_word
from web.sheets import csv_answer
from web.written import at

_: Callable[..., str] = gettext
PAGE = 20
RECENT = timedelta(days=30)
LONGEST = 2000


class AskForm(Form):
    """Which look, and what about it."""

    look = SelectField(_l("Which one"), validate_choice=False, default="")
    text = TextAreaField(
        _l("What do you want to know? (optional)"), [Length(max=LONGEST, message=_l("Please write less"))]
    )


@blueprint.get("/access")
def access() -> ResponseReturnValue:
    """Every look, newest first, and the form to ask about one."""
    return _page(AskForm())


@blueprint.post("/access")
def ask() -> ResponseReturnValue:
    """Ask about one look: a matter for somebody who did not look, with the day of the answer."""
    form, who = AskForm(request.form), signed_in()
    looks = looks_at(db.session(), who.person.id)
    chosen = next((look for look in looks if mark_of(look) == form.look.data), None)
    if chosen is None:
        form.look.errors = [_("Choose one of the list")]
    if chosen is None or not form.validate() or form.look.errors:
        return _page(form), 422
    text, pack = form.text.data or "", current_app.extensions["pack"]
    ask_about_look(who.person.id, chosen.at, text, sent_key(), who.actor, pack)
    return redirect(url_for(".access"), 303)


@blueprint.get("/access.csv")
def access_file() -> Response:
    """All of it as a file that a spreadsheet opens as text."""
    head = [_("When"), _("Office"), _("What for"), _("Full number"), _("Reference number")]
    rows = [
        [at(look.at), look.office, why(look), _("yes") if look.full_number else _("no"), look.reference]
        for look in looks_at(db.session(), signed_in().person.id)
    ]
    return csv_answer("access.csv", [head, *rows])


def mark_of(look: Seen) -> str:
    """What names one look in the form: its moment, which no clerk shares for one person."""
    return look.at.isoformat()


def why(look: Seen) -> str:
    """What it was opened for, with the reason where one was asked for."""
    said = [purpose_word(look.purpose), look_reason_word(look.reason), look.note]
    return _("; ").join(part for part in said if part)


def recent(looks: Sequence[Seen]) -> int:
    """How many in the last 30 days."""
    return sum(look.at >= clock.now() - RECENT for look in looks)


def _page(form: AskForm) -> str:
    session, person = db.session(), signed_in().person
    looks = looks_at(session, person.id)
    page = min(max(1, request.args.get("page", 1, type=int)), max(1, -(-len(looks) // PAGE)))
    form.look.choices = [
        ("", _("Choose one")),
        *((mark_of(look), f"{at(look.at)}, {look.office}") for look in looks),
    ]
    return render_template(
        "portal/mine/access.html",
        looks=looks[(page - 1) * PAGE : page * PAGE],
        page=page,
        last=-(-len(looks) // PAGE),
        recent=recent(looks),
        why=why,
        form=form,
        asked=[one for one in matters_of(session, person.id) if one.reason == ABOUT_A_LOOK],
        answer_days=current_app.extensions["pack"].objections.answer["complaint"],
    )
