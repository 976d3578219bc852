"""Sign in by a code to the phone on file, or once by the code on a counter slip; sign out."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import Proof, answer_with, code_fault, network
from portal.session import after_sign_in, visitor
from training.database import new_id
from training.enrolments.operations import sign_in_with_slip
from training.errors import BadInput, TooMany
from training.numbers import masked
from training.people import operations as people
from training.people.models import Purpose, VisitorSession
from training.references import parse_slip_code
from web.browser import browser_hash, forget_browser, known_browser_id, renew_browser
from web.i18n import local_path

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def start() -> ResponseReturnValue:
    """Name, number and code; whoever is signed in already goes on, unless a fresh proof is wanted (`again`)."""
    if visitor() is not None and not _again():
        return redirect(_next(), 303)
    return _page(Proof(Purpose.SIGN_IN))


@blueprint.post("/sign-in")
def submit() -> ResponseReturnValue:
    """Send a code, try it or the code of a slip, or forget what was typed."""
    proof = Proof(Purpose.SIGN_IN)
    try:
        answer = _ACTIONS.get(request.form.get("action", ""), _send_code)(proof)
    except TooMany as refusal:
        proof.status, proof.retry_after = 429, refusal.retry_after
        answer = None
    return answer or _page(proof)


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session, and have the browser forget what it kept of these pages (A14)."""
    known = known_browser_id()
    if known is not None:
        people.sign_out(browser_hash(known))
    forget_browser()
    answer = redirect(url_for("about.index"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _send_code(proof: Proof) -> ResponseReturnValue | None:
    if parse_slip_code(proof.code):  # Enter in the field of the slip presses the first button
        return _by_slip(proof)
    typed = proof.read()
    if typed is None:
        return None
    proof.send_code(typed)
    return redirect(_here(), 303)


def _sign_in(proof: Proof) -> ResponseReturnValue | None:
    before = known_browser_id() if visitor() is not None else None
    if proof.has_moved_on:
        return redirect(_next(), 303)
    if parse_slip_code(proof.code):
        return _by_slip(proof)
    typed = proof.read()
    if typed is None or not proof.try_code(typed) or proof.draft is None:
        return redirect(_next(), 303) if proof.has_moved_on else None
    row = people.sign_in(proof.draft)
    if before is not None:
        people.sign_out(browser_hash(before))
    return redirect(_next(row), 303)


def _by_slip(proof: Proof) -> ResponseReturnValue | None:
    number, fresh = proof.read_number(), new_id()
    if number is None:
        return None
    limit = current_app.extensions["settings"].limits.slip_tries
    try:
        row = sign_in_with_slip(number, proof.code, browser_hash(fresh), network(), limit)
    except BadInput as error:
        proof.form.code.errors, proof.status = [code_fault(error)], 422
        return None
    renew_browser(fresh)
    return redirect(_next(row), 303)


def _clear(proof: Proof) -> ResponseReturnValue:
    proof.forget()
    return redirect(_here(), 303)


def _page(proof: Proof) -> Response:
    draft = proof.draft
    html = render_template(
        "portal/sign_in/start.html",
        proof=proof,
        form=proof.form,
        draft=draft,
        number=masked(draft.number or "") if draft else "",
        here=_here(),
    )
    return answer_with(proof, html)


def _here() -> str:
    """This page, with where to go afterwards."""
    wanted = local_path(request.args.get("next"), "")
    return url_for("sign_in.start", next=wanted or None, again="1" if _again() else None)


def _again() -> bool:
    """Whether somebody who is signed in proves it anew, for what needs a fresh code (level 2)."""
    return request.args.get("again") == "1"


def _next(row: VisitorSession | None = None) -> str:
    """Where the person was going."""
    wanted = local_path(request.args.get("next"), url_for("mine.index"))
    return after_sign_in(row, wanted) if row is not None else wanted


_ACTIONS = {"send_code": _send_code, "next": _sign_in, "clear": _clear}
