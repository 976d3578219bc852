"""Tell me when there is a class like this: a search kept for a phone proved by a code, or for who is signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.courses.cards import vocabulary
from portal.courses.forms import address, read_filters
from portal.courses.pages import words_of
from portal.identity import Proof, answer_with
from portal.session import Visitor, after_sign_in, visitor
from training import clock
from training.audit import Actor, ActorKind
from training.courses.operations import filters_of, save_alert, stop_alert
from training.courses.queries import alerts_of
from training.courses.search import Filters, course_list
from training.database import db
from training.errors import NotAllowedNow, TooMany
from training.numbers import masked, masked_phone
from training.people import operations as people
from training.people.models import Person, Purpose
from training.policy.pack import Pack
from web.browser import browser_id
from web.form_keys import sent_key

blueprint = Blueprint("alerts", __name__)


@blueprint.get("/courses/alerts")
def alerts() -> ResponseReturnValue:
    """The search at hand, to be kept; and those kept already by whoever is signed in."""
    if visitor() is not None:
        browser_id()
    return _page(Proof(Purpose.ALERT))


@blueprint.post("/courses/alerts")
def submit() -> ResponseReturnValue:
    """Send a code, try it and keep the search, stop one, or forget what was typed."""
    proof, who = Proof(Purpose.ALERT), visitor()
    try:
        action = _SIGNED_IN if who is not None else _ACTIONS
        answer = action.get(request.form.get("action", ""), _send_code)(proof)
    except TooMany as refusal:
        proof.status, proof.retry_after, answer = 429, refusal.retry_after, None
    except NotAllowedNow as refusal:
        proof.status, proof.reasons, answer = 409, tuple(refusal.reasons), None
    return answer or _page(proof)


def _send_code(proof: Proof) -> ResponseReturnValue | None:
    typed = proof.read()
    if typed is None:
        return None
    proof.send_code(typed)
    return redirect(_address(), 303)


def _prove(proof: Proof) -> ResponseReturnValue | None:
    if proof.has_moved_on:
        return redirect(_saved(), 303)
    typed = proof.read()
    if typed is None or not proof.try_code(typed) or proof.draft is None:
        return redirect(_saved(), 303) if proof.has_moved_on else None
    row = people.sign_in(proof.draft)
    _save(row.person_id)
    return redirect(after_sign_in(row, _saved()), 303)


def _keep(proof: Proof) -> ResponseReturnValue:
    who = visitor()
    assert who is not None
    _save(who.person.id)
    return redirect(_saved(), 303)


def _save(person_id: str) -> None:
    save_alert(person_id, _asked(), Actor(ActorKind.PERSON, person_id), _pack().alerts, sent_key())


def _saved() -> str:
    return url_for(".alerts", saved=1)


def _stop(proof: Proof) -> ResponseReturnValue:
    who = visitor()
    assert who is not None
    stop_alert(who.person.id, request.form.get("alert", ""), who.actor)
    return redirect(url_for(".alerts", stopped=1), 303)


def _clear(proof: Proof) -> ResponseReturnValue:
    proof.forget()
    return redirect(_address(), 303)


def _page(proof: Proof) -> Response:
    who, filters, draft = visitor(), _asked(), proof.draft
    html = render_template(
        "portal/courses/alerts.html",
        proof=proof,
        form=proof.form,
        draft=draft,
        number=masked(draft.number or "") if draft else "",
        who=who,
        phone=_phone_of(who.person) if who else "",
        wish=words_of(filters, vocabulary()),
        search=address(filters),
        here=_address(),
        ends_on=clock.now() + timedelta(days=_pack().alerts.kept_days),
        rows=_rows(who) if who else (),
        said="saved" if "saved" in request.args else "stopped" if "stopped" in request.args else "",
    )
    return answer_with(proof, html)


def _rows(who: Visitor) -> list[dict[str, Any]]:
    """The person's own searches, in words, with how many classes there are now."""
    session, rows = db.session(), []
    for alert in alerts_of(session, who.person.id):
        filters = filters_of(alert)
        found = course_list(session, _pack(), filters, clock.today())
        rows.append(
            {
                "alert": alert,
                "words": words_of(filters, vocabulary()),
                "href": address(filters),
                "total": found.total,
            }
        )
    return rows


def _asked() -> Filters:
    return read_filters(request.args, _pack(), clock.today()).filters


def _address() -> str:
    """This page, with the search at hand."""
    return url_for(".alerts") + address(_asked()).removeprefix("/courses")


def _phone_of(person: Person) -> str:
    live = [phone.number for phone in person.phones if phone.ended_at is None]
    return masked_phone(live[-1]) if live and live[-1] else ""


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack


_ACTIONS = {"send_code": _send_code, "next": _prove, "clear": _clear}
_SIGNED_IN = {"send_code": _keep, "next": _keep, "stop": _stop, "clear": _clear}
