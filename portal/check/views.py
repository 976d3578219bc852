"""What may I get? Five questions, one a page; the answers travel in the address and are stored nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from wtforms.form import BaseForm

from portal.check.answers import FIELDS, Given, read
from portal.check.forms import SITUATION_HINTS, question_form, short_name, why_we_ask, words_for
from training import clock
from training.errors import NotThere
from training.policy.pack import Pack
from training.policy.queries import paper
from training.policy.rules import facts_from_answers, findings, sum_of_sure
from web.i18n import language
from web.pages import public_page
from web.reasons import reason_hint, reason_sentence

blueprint = Blueprint("check", __name__, url_prefix="/check")
ORDER = ("yes", "maybe", "no")


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
    notice = given.notice(pack, today)
    answers = given.answers(pack)
    found = findings(facts_from_answers(answers), answers.wanted, None, notice, today)
    return render_template(
        "portal/check/result.html",
        given=given,
        notice=notice,
        today=today,
        found=sorted(found, key=lambda item: ORDER.index(item.outcome)),
        counts={outcome: sum(item.outcome == outcome for item in found) for outcome in ORDER},
        sum_fen=sum_of_sure(found),
        sentence=reason_sentence,
        hint=reason_hint,
        told=_told(given, pack),
        open_question=given.next_question(pack, today),
        written={number: paper(pack, number).written.said(language()) for number in notice.numbers},
        **_ways_on(given),
    )


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


def _told(given: Given, pack: Pack) -> list[tuple[int, str, str]]:
    """The answers in words: number of the question, what it is about, answer."""
    notice = given.notice(pack, clock.today())
    return [
        (n, short_name(name, notice), words_for(name, value, given, pack))
        for n, (name, value) in enumerate(_in_order(given), start=1)
    ]


def _in_order(given: Given) -> list[tuple[str, str]]:
    return [(name, given.given[name]) for name in FIELDS] + list(given.further.items())


def _ways_on(given: Given) -> dict[str, str]:
    """Addresses that carry on from the result, in the district that was given."""
    near = {"district": given.district.code} if given.district else {}
    return {
        "courses": _with_query("/courses", near),
        "courses_without_fee": _with_query("/courses", {**near, "free": "1"}),
        "centres": _with_query(url_for("about.centres"), near),
    }


def _with_query(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _go_on(given: Given) -> Response:
    """To the next question, or to the result."""
    n = given.next_question(_pack(), clock.today())
    where = url_for(".question", n=n, **given.carried()) if n else url_for(".result", **given.carried())
    return redirect(where, 303)  # type: ignore[return-value]


def _beyond(n: int, given: Given) -> Response:
    """A further question that nobody needs to ask (any more) leads on; other numbers are no pages."""
    if len(FIELDS) < n <= len(FIELDS) + 5:
        return _go_on(given)
    raise NotThere(str(n))
