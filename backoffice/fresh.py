"""Before rights are changed a person proves himself anew, when the last proof is older than ten minutes (A11).

What was typed is lost by nobody: the page that asks carries it along and sends it on with the proof.
"""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template, request

from backoffice.session import clerk
from backoffice.sign_in.passkeys import answer_in_form, site
from training import clock
from training.errors import BadInput, TooMany
from training.staff import operations
from training.staff.rules import is_fresh

OWN = frozenset({"csrf_token", "again_password", "again_code", "again_passkey"})


def sign_in_limits() -> operations.SignInLimits:
    """How often a wrong password or code may be tried."""
    limits = current_app.extensions["settings"].limits
    return operations.SignInLimits(limits.staff_pair, limits.staff_networks)


def prove_lately() -> Response | None:
    """For a `before_request`: the page that asks for password and code, or None where one may go on."""
    if request.method != "POST" or is_fresh(clerk().row.fresh_at, clock.real_now()):
        return None
    if "again_password" not in request.form:
        return _page(422)
    code, key = request.form.get("again_code", ""), answer_in_form("again_passkey")
    typed = operations.Typed(clerk().account.username, request.form["again_password"], code, key)
    network = request.remote_addr or ""
    try:
        operations.prove_again(clerk().row, typed, clerk().actor, network=network, allowed=sign_in_limits())
    except BadInput:
        return _page(422, failed=True)
    except TooMany as refusal:
        return _page(429, retry_after=refusal.retry_after)
    return None


def _page(status: int, *, failed: bool = False, retry_after: int | None = None) -> Response:
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN]
    html = render_template(
        "backoffice/sign_in/again.html",
        carried=carried,
        address=request.full_path.rstrip("?"),
        wrong=failed,
        retry_after=retry_after,
        passkey_site=site().origin,
    )
    answer = make_response(html, status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
