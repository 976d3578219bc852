"""Enrol: who you are, what you declare, the receipt."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.enrol.check import Check, check_of, proved_draft
from portal.enrol.classes import pack, too_young, wanted_class, why_closed
from portal.enrol.forms import sent_key
from portal.enrol.pages import check_page, closed_page, receipt_page, step_one_page, wait_page
from portal.enrol.receipt import is_handed_in, receipt_for
from portal.enrol.wait import has_seat, line_of, why_no_line
from portal.identity import Proof, network
from training import clock, limits
from training.courses.models import ClassRun
from training.enrolments.operations import enrol, submit_without_code
from training.errors import BadInput, NotAllowedNow, NotEligible, TooMany
from training.people.models import Purpose
from web.settings import Limits

blueprint = Blueprint("enrol", __name__, url_prefix="/enrol")


@blueprint.get("/<class_id>")
def start(class_id: str) -> ResponseReturnValue:
    """Step 1: name and number, then the code. A class that takes nobody says why, and shows others."""
    run = wanted_class(class_id)
    if reasons := why_closed(run):
        return closed_page(run, reasons)
    return step_one_page(run, Proof(Purpose.ENROL, run.id, is_handed_in))


@blueprint.post("/<class_id>")
def step_one(class_id: str) -> ResponseReturnValue:
    """Send a code, try it, hand in without one, or forget what was typed."""
    run = wanted_class(class_id)
    if reasons := why_closed(run):
        return closed_page(run, reasons, 422)
    proof, action = Proof(Purpose.ENROL, run.id, is_handed_in), request.form.get("action", "")
    try:
        answer = _ACTIONS.get(action, _send_code)(run, proof)
    except TooMany as refusal:
        proof.status, proof.retry_after = 429, refusal.retry_after
        answer = None
    return answer or step_one_page(run, proof)


@blueprint.get("/<class_id>/check")
def check(class_id: str) -> ResponseReturnValue:
    """Step 2: what is known, what it costs, the declaration; or what stands in the way."""
    run, draft = wanted_class(class_id), proved_draft(class_id)
    if draft is None:
        return redirect(url_for(".start", class_id=run.id, over=1), 303)
    if is_handed_in(draft):
        return redirect(url_for(".done", class_id=run.id), 303)
    return check_page(check_of(run, draft, request.args))


@blueprint.post("/<class_id>/check")
def submit(class_id: str) -> ResponseReturnValue:
    """Agree and enrol. Sent twice, it leads to the same receipt."""
    run, draft = wanted_class(class_id), proved_draft(class_id)
    if draft is None:
        return redirect(url_for(".start", class_id=run.id, over=1), 303)
    shown = check_of(run, draft, request.form)
    if not shown.form.validate() and not (shown.is_refused and shown.form.declaration.data):
        return check_page(shown, 422)
    return _enrol(shown)


@blueprint.get("/<class_id>/wait")
def wait(class_id: str) -> ResponseReturnValue:
    """The waiting list before one joins it: which place, how likely, what else. With a seat left, on to that."""
    run = wanted_class(class_id)
    if reasons := why_closed(run) or why_no_line(run):
        return closed_page(run, reasons)
    if has_seat(run):
        return redirect(url_for(".start", class_id=run.id), 303)
    return wait_page(line_of(run))


@blueprint.get("/<class_id>/done")
def done(class_id: str) -> ResponseReturnValue:
    """The receipt of this browser, or the signed-in person's; loaded again it is the same."""
    return receipt_page(receipt_for(wanted_class(class_id)))


def _enrol(shown: Check) -> ResponseReturnValue:
    try:
        enrol(shown.draft, shown.run.id, shown.form.choice(shown.draft), pack(), clock.today())
    except (NotEligible, NotAllowedNow) as refusal:
        shown.refusal = refusal
        return check_page(shown, 422 if isinstance(refusal, NotEligible) else 409)
    except BadInput:
        return redirect(url_for(".start", class_id=shown.run.id, over=1), 303)
    return redirect(url_for(".done", class_id=shown.run.id), 303)


def _send_code(run: ClassRun, proof: Proof) -> ResponseReturnValue | None:
    typed = proof.read(lambda number: too_young(run, number))
    if typed is None:
        return None
    proof.send_code(typed)
    return redirect(url_for(".start", class_id=run.id), 303)


def _next(run: ClassRun, proof: Proof) -> ResponseReturnValue | None:
    if proof.has_moved_on:
        return redirect(url_for(".check", class_id=run.id), 303)
    typed = proof.read(lambda number: too_young(run, number))
    if typed is None or not (proof.try_code(typed) or proof.has_moved_on):
        return None
    return redirect(url_for(".check", class_id=run.id), 303)


def _without_code(run: ClassRun, proof: Proof) -> ResponseReturnValue | None:
    if proof.was_sent_again:
        return redirect(url_for(".done", class_id=run.id), 303)
    typed = proof.read(lambda number: too_young(run, number))
    if typed is None:
        return None
    allowed: Limits = current_app.extensions["settings"].limits
    limits.use(allowed.without_code_network, network())
    draft = proof.keep(typed)
    try:
        submit_without_code(draft, run.id, sent_key(draft), pack(), clock.today())
    except NotEligible as refusal:
        proof.status, proof.reasons = 422, tuple(refusal.reasons)
        return None
    return redirect(url_for(".done", class_id=run.id), 303)


def _clear(run: ClassRun, proof: Proof) -> ResponseReturnValue:
    proof.forget()
    return redirect(url_for(".start", class_id=run.id), 303)


_ACTIONS = {"send_code": _send_code, "next": _next, "without_code": _without_code, "clear": _clear}
