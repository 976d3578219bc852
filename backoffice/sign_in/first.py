"""The first sign-in, and the one after a loss: number and both halves of the code, then password and token."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from backoffice.sign_in.forms import ChooseForm, FirstForm
from training import limits
from training.errors import BadInput
from training.staff import operations
from training.staff.models import StaffStart
from web.browser import browser_hash, browser_id
from web.labels import word
from web.qr import qr_path
from web.staff_words import PASSWORD

ISSUER = "Training"


def add_first(blueprint: Blueprint) -> None:
    """Both steps, as routes of the sign-in."""
    blueprint.add_url_rule("/sign-in/first", "first", first)
    blueprint.add_url_rule("/sign-in/first", "begin", begin, methods=["POST"])
    blueprint.add_url_rule("/sign-in/first/choose", "choose", choose)
    blueprint.add_url_rule("/sign-in/first/choose", "finish", finish, methods=["POST"])


def first() -> ResponseReturnValue:
    """What stands on the two papers."""
    return _first_page(FirstForm(), 200)


def begin() -> ResponseReturnValue:
    """All of it fits: on to password and token. One sentence for all that does not fit, and few tries."""
    form, allowed = FirstForm(request.form), current_app.extensions["settings"].limits
    if not form.validate():
        return _first_page(form, 422)
    network = request.remote_addr or ""
    limits.use(allowed.staff_pair, f"start\0{form.username.data}\0{network}")
    limits.use(allowed.staff_networks, f"start\0{form.username.data}")
    try:
        operations.begin_start(form.username.data, form.number.index(), form.code(), _browser())
    except BadInput:
        return _first_page(form, 422, wrong=True)
    return redirect(url_for("office.sign_in.choose"), 303)


def choose() -> ResponseReturnValue:
    """A password of one's own, and the token to be scanned."""
    return _choose_page(operations.start_in(_browser()), ChooseForm(), 200)


def finish() -> ResponseReturnValue:
    """Both are set; the account opens with them."""
    form, start = ChooseForm(request.form), operations.start_in(_browser())
    if not form.validate():
        return _choose_page(start, form, 422)
    try:
        operations.finish_start(_browser(), form.password.data, form.code.data)
    except BadInput as fault:
        field = form[fault.field]
        field.errors = [word(PASSWORD, fault.code) if fault.field == "password" else form.wrong_code()]
        return _choose_page(start, form, 422)
    return redirect(url_for("office.sign_in.form", started=1), 303)


def _browser() -> str:
    return browser_hash(browser_id())


def _first_page(form: Form, status: int, *, wrong: bool = False) -> Response:
    html = render_template("backoffice/sign_in/first.html", form=form, status=status, wrong=wrong)
    return make_response(html, status)


def _choose_page(start: StaffStart, form: Form, status: int) -> Response:
    secret = start.totp or ""
    address = operations.totp_address(secret, start.account.username, ISSUER)
    shown = {"start": start, "form": form, "status": status, "secret": secret, "qr_strokes": qr_path(address)}
    return make_response(render_template("backoffice/sign_in/choose.html", **shown), status)
