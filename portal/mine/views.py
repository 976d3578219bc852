"""Signed in: my enrolments, where each stands, correct what was returned, withdraw."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.mine.appeal import appealable
from portal.mine.blueprint import blueprint
from portal.mine.forms import CorrectionForm, WithdrawForm
from portal.mine.matters import factor_sentences, matter, matters, my_enrolment
from portal.mine.overview import overview
from portal.session import signed_in
from portal.timeline import timeline
from training import clock
from training.database import db
from training.enrolments import operations
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.queries import steps_of
from training.errors import NotAllowedNow
from training.numbers import masked_name
from web.matter_words import kind_word, matter_status
from web.reasons import code_sentence


@blueprint.get("")
def index() -> ResponseReturnValue:
    """My enrolments: what needs me first, then those under way, then those that are over; and all that is mine."""
    rows = matters()
    return render_template(
        "portal/mine/index.html",
        rows=rows,
        name=masked_name(signed_in().person.name),
        mine=overview(rows),
        matter_kind=kind_word,
        matter_state=matter_status,
    )


@blueprint.get("/<reference>", endpoint="matter")
def one_matter(reference: str) -> ResponseReturnValue:
    """Where it is, until when, how much, whether I have to do something, and what I can do."""
    found, pack = matter(reference), current_app.extensions["pack"]
    line = timeline(found.enrolment, steps_of(db.session(), found.enrolment), found.standing.progress, pack)
    refused = appealable(found.enrolment)
    return render_template(
        "portal/mine/matter.html",
        matter=found,
        refused=refused if refused.refusal else None,
        standing=found.standing,
        run=found.enrolment.class_run,
        line=line + refused.steps(),
        factors=factor_sentences,
        reason=code_sentence,
    )


@blueprint.get("/<reference>/correct")
def correct(reference: str) -> ResponseReturnValue:
    """The fields a verifier returned, and why."""
    form = CorrectionForm.for_enrolment(_returned(reference), None)
    return _correct_page(reference, form)


@blueprint.post("/<reference>/correct")
def send_correction(reference: str) -> ResponseReturnValue:
    """Send the correction; the case goes back to the verifier."""
    form = CorrectionForm.for_enrolment(_returned(reference), request.form)
    if not form.validate():
        return _correct_page(reference, form), 422
    who = signed_in()
    operations.correct(who.person.id, my_enrolment(reference).reference, who.actor, form.correction())
    return redirect(url_for(".matter", reference=reference), 303)


@blueprint.get("/<reference>/withdraw")
def withdraw(reference: str) -> ResponseReturnValue:
    """What withdrawing means; or since when it is too late."""
    return _withdraw_page(reference, WithdrawForm())


@blueprint.post("/<reference>/withdraw")
def send_withdrawal(reference: str) -> ResponseReturnValue:
    """Leave the class. Sent twice, the second finds it done."""
    form, mine = WithdrawForm(request.form), my_enrolment(reference)
    if mine.status is EnrolmentStatus.WITHDRAWN:
        return redirect(url_for(".matter", reference=mine.reference), 303)
    if not form.validate():
        return _withdraw_page(reference, form), 422
    who, pack = signed_in(), current_app.extensions["pack"]
    operations.withdraw(who.person.id, mine.reference, who.actor, pack, clock.today(), form.why)
    return redirect(url_for(".matter", reference=mine.reference), 303)


def _returned(reference: str) -> Enrolment:
    enrolment = my_enrolment(reference)
    if enrolment.status is not EnrolmentStatus.RETURNED:
        raise NotAllowedNow("not_returned")
    return enrolment


def _correct_page(reference: str, form: CorrectionForm) -> str:
    found = matter(reference)
    return render_template(
        "portal/mine/correct.html",
        matter=found,
        standing=found.standing,
        run=found.enrolment.class_run,
        form=form,
        reason=code_sentence,
    )


def _withdraw_page(reference: str, form: WithdrawForm) -> str:
    found = matter(reference)
    return render_template(
        "portal/mine/withdraw.html",
        matter=found,
        standing=found.standing,
        run=found.enrolment.class_run,
        form=form,
    )
