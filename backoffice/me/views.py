"""One's own account: who I am here, how I like it shown, password, token, passkeys, where I am signed in."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.fresh import prove_lately, sign_in_limits
from backoffice.me.forms import PasswordForm, SettingsForm, TokenForm
from backoffice.session import clerk
from backoffice.sign_in.first import ISSUER
from backoffice.sign_in.passkeys import answer_in_form, site
from backoffice.staff.page import held_by
from training import clock
from training.database import db
from training.errors import BadInput, NotAllowedNow, TooMany
from training.staff import operations, queries
from web.browser import browser_hash, browser_id
from web.form_keys import sent_key
from web.labels import word
from web.qr import qr_path
from web.staff_words import PASSWORD

blueprint = Blueprint("me", __name__, url_prefix="/me")
# Keys of the house are changed only by somebody who proved himself just now.
GUARDED = frozenset({"office.me.change_token", "office.me.add_passkey", "office.me.new_passkey"})


@blueprint.before_request
def prove_lately_for_keys() -> Response | None:
    """Before a token or a passkey is changed; the password form asks for the proof itself."""
    return prove_lately() if request.endpoint in GUARDED else None


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Who I am here, what I may do, and how I like it shown."""
    return _page(PasswordForm(), 200)


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Shortcuts on or off."""
    chosen = SettingsForm(request.form)
    operations.choose_shortcuts(clerk().account.id, bool(chosen.shortcuts.data), clerk().actor)
    return redirect(url_for("office.me.page", saved="settings"), 303)


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """A new password; every other session ends."""
    form = PasswordForm(request.form)
    if not form.validate():
        return _page(form, 422)
    typed = operations.Typed(clerk().account.username, form.current.data or "", form.code.data or "")
    own, network, chosen = clerk(), request.remote_addr or "", form.password.data or ""
    try:
        operations.change_password(
            own.row, typed, chosen, own.actor, network=network, allowed=sign_in_limits()
        )
    except BadInput as fault:
        field = form.password if fault.field == "new" else form.current
        field.errors = [_password_fault(fault)]
        return _page(form, 422)
    except TooMany as refusal:
        return _page(form, 429, refusal.retry_after)
    return redirect(url_for("office.me.page", saved="password"), 303)


@blueprint.post("/elsewhere")
def sign_out_elsewhere() -> ResponseReturnValue:
    """End every other session of mine."""
    operations.sign_out_elsewhere(clerk().row, clerk().actor)
    return redirect(url_for("office.me.page", saved="elsewhere"), 303)


@blueprint.get("/token")
def token() -> ResponseReturnValue:
    """A new token to be scanned; the old one stays until a code of the new one is typed."""
    _, offered = operations.offer_token(clerk().row)
    return _token_page(TokenForm(data={"offered": offered}), 200)


@blueprint.post("/token")
def change_token() -> ResponseReturnValue:
    """The new token is proved, and takes the place of the old."""
    form = TokenForm(request.form)
    try:
        if not form.validate():
            return _token_page(form, 422)
        operations.change_token(clerk().row, form.offered.data or "", form.code.data or "", clerk().actor)
    except BadInput:
        form.code.errors = [word(PASSWORD, "code")]
        return _token_page(form, 422)
    return redirect(url_for("office.me.page", saved="token"), 303)


@blueprint.post("/passkeys/new")
def new_passkey() -> Response:
    """What the browser needs to make a passkey, as JSON."""
    options = operations.challenge_for_new_key(clerk().account, browser_hash(browser_id()), site())
    return Response(options, mimetype="application/json")


@blueprint.post("/passkeys")
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    answer = answer_in_form()
    try:
        if answer is None:
            raise BadInput("passkey", "wrong")
        name = request.form.get("name", "")
        operations.add_passkey(clerk().account, answer, name, clerk().actor, sent_key())
    except BadInput:
        return _page(PasswordForm(), 422, passkey_fault=True)
    except NotAllowedNow as refusal:
        return _page(PasswordForm(), 409, refusal=refusal)
    return redirect(url_for("office.me.page", saved="passkey"), 303)


@blueprint.post("/passkeys/<key>/remove")
def remove_passkey(key: str) -> ResponseReturnValue:
    """One passkey fewer."""
    operations.remove_passkey(clerk().account.id, key, clerk().actor)
    return redirect(url_for("office.me.page", saved="removed"), 303)


def _password_fault(fault: BadInput) -> str:
    return word(PASSWORD, "proof" if fault.field == "current" else fault.code)


def _page(form: PasswordForm, status: int, retry_after: int | None = None, **more: object) -> Response:
    session, account, row = db.session(), clerk().account, clerk().row
    shown = {
        "form": form,
        "status": status,
        "retry_after": retry_after,
        "done": queries.done_since(session, account.id, clock.midnight(clock.today())),
        "held": held_by(account, clock.today()),
        "saved": request.args.get("saved", ""),
        "here": row,
        "began": operations.began,
        "elsewhere": [
            one for one in queries.live_sessions(session, account.id) if one.id_hash != row.id_hash
        ],
        "passkeys": queries.passkeys_of(session, account.id),
        "passkey_site": site().origin,
        "changes": queries.changes_of(session, account.id, 6),
    }
    answer = make_response(render_template("backoffice/me/me.html", **(shown | more)), status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _token_page(form: TokenForm, status: int) -> Response:
    secret = operations.offered_token(clerk().row, form.offered.data or "")
    strokes = qr_path(operations.totp_address(secret, clerk().account.username, ISSUER))
    shown = {"form": form, "status": status, "secret": secret, "qr_strokes": strokes}
    return make_response(render_template("backoffice/me/token.html", **shown), status)
