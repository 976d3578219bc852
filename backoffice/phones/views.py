"""New phones: one person registers, another confirms by typing the phone again."""

from __future__ import annotations

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.counter.acts import known_number
from backoffice.phones.forms import AskForm, ConfirmForm
from backoffice.phones.page import Known, ask_page, change_page, district, may_ask
from backoffice.roles import desk_blueprint
from backoffice.session import clerk
from training.database import db
from training.enrolments import operations
from training.errors import BadInput, FourEyes, Refused
from training.people import operations as people
from training.people.models import Purpose
from training.people.operations import AskedPhone
from training.people.piles import phone_change
from training.staff.models import Role
from training.staff.queries import phone_belongs_to_staff
from web.form_keys import sent_key

blueprint = desk_blueprint("phones", __name__, address="/counter/phone")


@blueprint.get("")
def start() -> str:
    """The person who was looked up last, with the form; and what waits for a second person."""
    return render_template("backoffice/phones/ask.html", **ask_page(known_number(), AskForm()))


@blueprint.post("")
def ask() -> ResponseReturnValue:
    """A number alone is looked up; with a phone it is a request."""
    if not may_ask():
        abort(403)
    if request.form.get("action") == "clear":
        people.clear_draft(clerk().row.id_hash, Purpose.COUNTER, "")
        return redirect(url_for(".start"), 303)
    form, ports = AskForm(request.form), current_app.extensions["ports"]
    if "phone" not in request.form:
        if not form.number.validate(form) or form.number.recognised is None:
            return _ask_page(None, form, 422)
        operations.look_up(clerk().row.id_hash, form.number.recognised, "zh", ports, clerk().actor)
        return redirect(url_for(".start"), 303)
    return _request(form)


@blueprint.get("/<change_id>")
def request_of(change_id: str) -> str:
    """One request: for the second person to confirm, for the first to see how it stands."""
    change = phone_change(db.session(), district(), change_id)
    return render_template("backoffice/phones/confirm.html", **change_page(change, ConfirmForm()))


@blueprint.post("/<change_id>")
def decide(change_id: str) -> ResponseReturnValue:
    """The second person agrees, with the phone typed again, or refuses."""
    phone_change(db.session(), district(), change_id)
    form, pack = ConfirmForm(request.form), current_app.extensions["pack"]
    try:
        if request.form.get("decision") == "refuse":
            people.refuse_phone(change_id, district(), clerk().actor, pack)
        elif form.validate() and request.form.get("decision") == "agree":
            is_verifier = clerk().account.sits_at(Role.VERIFIER)
            people.agree_to_phone(
                change_id, district(), clerk().actor, form.phone.said, pack, is_verifier=is_verifier
            )
        else:
            return _confirm_page(change_id, form, 422)
    except FourEyes:
        raise
    except Refused as refusal:
        return _confirm_page(change_id, form, 409, refusal)
    except BadInput as fault:
        form.say_differs(fault)
        return _confirm_page(change_id, form, 422)
    return redirect(url_for(".request_of", change_id=change_id), 303)


def _request(form: AskForm) -> ResponseReturnValue:
    form.validate()
    number, ports = form.number.recognised, current_app.extensions["ports"]
    if number is None:
        return _ask_page(None, form, 422)
    answer = operations.answer_for(db.session(), clerk().row.id_hash, number, ports)
    if form.errors:
        return _ask_page((number, answer), form, 422)
    typed = (number, answer, form.phone.said, form.why, district() or "")
    asked = AskedPhone(*typed, phone_belongs_to_staff, sent_key())
    try:
        change = people.ask_for_phone(asked, clerk().actor, current_app.extensions["pack"])
    except Refused as refusal:
        return _ask_page((number, answer), form, 409, refusal)
    return redirect(url_for(".request_of", change_id=change.id), 303)


def _ask_page(
    known: Known | None, form: AskForm, status: int, refusal: Refused | None = None
) -> ResponseReturnValue:
    shown = ask_page(known, form, refusal.reasons if refusal else ())
    return make_response(render_template("backoffice/phones/ask.html", **shown, status=status), status)


def _confirm_page(
    change_id: str, form: ConfirmForm, status: int, refusal: Refused | None = None
) -> ResponseReturnValue:
    change = phone_change(db.session(), district(), change_id)
    shown = change_page(change, form, refusal.reasons if refusal else ())
    return make_response(render_template("backoffice/phones/confirm.html", **shown, status=status), status)
