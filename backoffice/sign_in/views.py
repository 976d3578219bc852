"""The staff door: sign in with password and one-time code, sign out."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from backoffice.session import clerk
from backoffice.sign_in.first import add_first
from backoffice.sign_in.forms import SignInForm
from backoffice.sign_in.passkeys import add_challenge, answer_in_form, site
from training.errors import BadInput, TooMany
from training.staff import operations
from web.browser import forget_browser, renew_browser
from web.i18n import local_path

blueprint = Blueprint("sign_in", __name__)
add_first(blueprint)
add_challenge(blueprint)


@blueprint.get("/sign-in")
def form() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(_next(), 303)
    return _page(SignInForm())


@blueprint.post("/sign-in")
def submit() -> ResponseReturnValue:
    """One sentence for every failure, 422; after five wrong tries 429 with the time to wait."""
    typed, limits = SignInForm(request.form), current_app.extensions["settings"].limits
    try:
        operations.sign_in(
            typed.username.data,
            typed.password.data,
            typed.code.data,
            network=request.remote_addr or "",
            allowed=operations.SignInLimits(limits.staff_pair, limits.staff_networks),
            renew=renew_browser,
            passkey=answer_in_form(),
        )
    except BadInput:
        return _page(typed, 422)
    except TooMany as refusal:
        return _page(typed, 429, refusal.retry_after)
    return redirect(_next(), 303)


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session, and have the browser forget what it kept of these pages (A14)."""
    operations.sign_out(clerk().row, clerk().actor)
    forget_browser()
    answer = redirect(url_for("office.sign_in.form"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _page(typed: SignInForm, status: int = 200, retry_after: int | None = None) -> Response:
    shown = {"form": typed, "status": status, "retry_after": retry_after, "passkey_site": site().origin}
    html = render_template("backoffice/sign_in/form.html", **shown)
    answer = make_response(html, status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _next() -> str:
    wanted = local_path(request.args.get("next"), "")
    inside = wanted == "/office" or wanted.startswith(("/office/", "/office?"))
    return wanted if inside else url_for("office.desk.home")
