"""What one press of a button at this desk does, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import current_app, request, url_for

from backoffice.roles import own_scope
from backoffice.session import clerk
from backoffice.verify.forms import DecisionForm
from training import clock
from training.database import db
from training.enrolments import operations
from training.enrolments.queries import case_in_district
from training.enrolments.shares import IDENTITY, shares_above
from training.errors import BadInput, NotAllowedNow
from training.objections.operations import deny_by_call
from training.people.models import DuplicateAnswer
from training.policy.service import Sharing
from training.staff.rules import Share
from web.form_keys import sent_key


def open_next(skipped: str | None = None) -> str:
    """Take the next case; the queue where none is left or enough are held. `skipped` is passed over this once."""
    try:
        taken = operations.take_next(_district(), clerk().actor, _sharing(), skip=skipped)
    except NotAllowedNow:
        return url_for("office.verify.queue", tab="mine", full=1)
    if taken is None:
        return url_for("office.verify.queue", empty=1)
    instead = taken.instead_of.institution if taken.instead_of else None
    return url_for("office.verify.case", reference=taken.case.reference, instead=instead)


def above() -> Mapping[str, Share]:
    """The schools, by their ids, most of whose cases this verifier decided lately."""
    return shares_above(db.session(), clerk().account.id, IDENTITY, own_scope("verify"), _sharing())


def decide(reference: str, form: DecisionForm) -> str:
    """Pass, return or refuse; then the next case where that was asked for."""
    actor, pack, told = clerk().actor, current_app.extensions["pack"], form.told()
    if form.decision.data == "pass":
        operations.pass_identity(reference, _district(), actor, told, pack, clock.today())
    elif form.decision.data == "return":
        operations.return_for_correction(reference, _district(), actor, told, pack, clock.today())
    else:
        operations.refuse_identity(reference, _district(), actor, told, pack)
    return open_next() if form.then.data == "next" else url_for("office.verify.queue")


def _take(reference: str, form: DecisionForm) -> str:
    operations.take(reference, _district(), clerk().actor, at_most=_sharing().held_at_most)
    return _here(reference)


def _renew(reference: str, form: DecisionForm) -> str:
    """Keep the case, and what was filled in so far."""
    operations.renew(reference, _district(), clerk().actor)
    operations.save_draft_decision(reference, _district(), clerk().actor, form.kept(clerk().account.id))
    return _here(reference)


def _put_back(reference: str, form: DecisionForm) -> str:
    operations.put_back(reference, _district(), clerk().actor)
    return url_for("office.verify.queue")


def _skip(reference: str, form: DecisionForm) -> str:
    case = case_in_district(db.session(), _district(), reference)
    if case.locked_by == clerk().account.id:
        operations.put_back(reference, _district(), clerk().actor)
    return open_next(skipped=reference)


def _answer(reference: str, form: DecisionForm) -> str:
    """One possible duplicate; whoever answers takes the case first, as a decision does."""
    word = request.form.get("answer", "")
    if word not in ("same", "different", "ask"):
        raise BadInput("answer", "empty")
    operations.take(reference, _district(), clerk().actor, at_most=_sharing().held_at_most)
    duplicate = request.form.get("duplicate", "")[:26]
    operations.answer_duplicate(duplicate, DuplicateAnswer(word), reference, _district(), clerk().actor)
    return _here(reference, "twins")


def _show_number(reference: str, form: DecisionForm) -> str:
    operations.show_full_number(reference, _district(), clerk().actor, request.form.get("reason", ""))
    return _here(reference, "full")


def _not_me(reference: str, form: DecisionForm) -> str:
    """The person was reached, and says that it was not them: it stops at once, others look into it."""
    note, pack = request.form.get("said", "").strip()[:500], current_app.extensions["pack"]
    deny_by_call(reference, own_scope("verify"), clerk().actor, note, pack, sent_key())
    return _here(reference)


def _here(reference: str, anchor: str | None = None) -> str:
    return url_for("office.verify.case", reference=reference, _anchor=anchor)


def _district() -> str | None:
    return own_scope("verify").district


def _sharing() -> Sharing:
    found: Sharing = current_app.extensions["pack"].sharing
    return found


ACTS: Mapping[str, Callable[[str, DecisionForm], str]] = {
    "take": _take,
    "renew": _renew,
    "put_back": _put_back,
    "skip": _skip,
    "answer": _answer,
    "show_number": _show_number,
    "not_me": _not_me,
}
