"""What may I get? Five questions, one a page; the answers travel in the address, and are stored only when asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug import Response
from wtforms.form import BaseForm

from portal.check.answers import FIELDS, Given, read
from portal.check.forms import SITUATION_HINTS, question_form, short_name, why_we_ask
from portal.check.kept import found_check, kept_page, lost_page, save_page
from portal.check.results import result_of, result_page
from training import clock
from training.entitlements.operations import save_check
from training.errors import Gone, NotThere
from training.policy.pack import Pack
from training.references import written_check_code
from web.form_keys import sent_key
from web.pages import public_page

blueprint = Blueprint("check", __name__, url_prefix="/check")


@blueprint.get("")
def start() -> Any:
    """Where the check begins, or goes on."""
    return _go_on(_given())


@blueprint.get("/<int:n>")
@public_page
def question(n: int) -> Any:
    """One question. With `action=next` its answer is judged and leads on; without an answer: 422."""
    given, pack, today = _given(), _pack(), clock.today()
    names = [*FIELDS, *given.further_questions(pack, today)]
    if not 1 <= n <= len(names):
        return _beyond(n, given)
    form = _form(names[n - 1], given)
    pressed = request.args.get("action") == "next"
    if pressed and form.validate():
        return _go_on(given)
    return _question_page(n, names, given, form), 422 if pressed else 200


@blueprint.get("/result")
@public_page
def result() -> Any:
    """One card a subsidy, with its reasons; who has not answered all five, or not readably, is asked."""
    given, pack, today = _given(), _pack(), clock.today()
    if n := given.first_unreadable(request.args):
        return _unreadable(n, given)
    if given.unanswered:
        return _go_on(given)
    return result_page(result_of(given, pack, today), pack)


@blueprint.get("/save")
def save() -> Any:
    """What will be kept under a code, before anything is."""
    given = _given()
    return _go_on(given) if given.unanswered else save_page(given, _pack())


@blueprint.post("/save")
def keep() -> Any:
    """Keep it. Sent twice, it is kept once."""
    given = _given()
    if given.unanswered:
        return _go_on(given)
    kept = save_check(given.carried(), sent_key(), _pack().checks)
    return redirect(url_for(".kept", code=written_check_code(kept.code)), 303)


@blueprint.get("/r/<code>")
@public_page
def kept(code: str) -> Any:
    """What was kept, with its date; and whether the rules say something else today."""
    try:
        check = found_check(code)
    except NotThere:
        return lost_page("unknown"), 404
    except Gone:
        return lost_page("over"), 410
    return kept_page(check, _pack())


def _unreadable(n: int, given: Given) -> Any:
    form = _form(FIELDS[n - 1], given)
    form.validate()
    return _question_page(n, FIELDS, given, form), 422


def _form(name: str, given: Given) -> BaseForm:
    pack, today = _pack(), clock.today()
    return question_form(name, given, pack, given.notice(pack, today), today)


def _question_page(n: int, names: Sequence[str], given: Given, form: BaseForm) -> str:
    name = names[n - 1]
    return render_template(
        "portal/check/question.html",
        n=n,
        total=len(names),
        name=name,
        form=form,
        given=given,
        short=short_name(name, given.notice(_pack(), clock.today())),
        why=why_we_ask(name),
        hints=SITUATION_HINTS if name == "situation" else {},
    )


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack


def _given() -> Given:
    return read(request.args, _pack(), clock.today())


def _go_on(given: Given) -> Response:
    """To the next question, or to the result."""
    n = given.next_question(_pack(), clock.today())
    where = url_for(".question", n=n, **given.carried()) if n else url_for(".result", **given.carried())
    return redirect(where, 303)


def _beyond(n: int, given: Given) -> Response:
    """A further question that nobody needs to ask (any more) leads on; other numbers are no pages."""
    if len(FIELDS) < n <= len(FIELDS) + 5:
        return _go_on(given)
    raise NotThere(str(n))
