"""What the desk does: each button one operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import abort

from backoffice.seats.forms import PresentForm, SeatsForm
from backoffice.seats.page import ClassPage, is_school, pack
from backoffice.session import clerk
from training import clock
from training.enrolments import operations
from training.enrolments.models import Enrolment
from training.enrolments.operations import Answer, Change
from training.errors import BadInput, NotAllowedNow


def offer(page: ClassPage, form: SeatsForm) -> None:
    """The free seat to the first in line."""
    operations.offer_next(page.run.id, clerk().actor, form.reason.data, pack(), clock.today())


def release(page: ClassPage, form: SeatsForm) -> None:
    """Take an offer back: the one named, else the one that has been open longest."""
    open_offers = {row.reference: row for row in page.line.offered}
    if not open_offers:
        raise NotAllowedNow("no_open_offer")
    longest = min(open_offers.values(), key=lambda row: (row.changed_at, row.reference))
    named = form.reference.data or longest.reference
    if named not in open_offers:
        raise BadInput("reference", "choose_one")
    operations.release_offer(open_offers[named].id, clerk().actor, form.reason.data, pack())


def cancel(page: ClassPage, form: SeatsForm) -> None:
    """The class will not be held: the school says so itself."""
    if not is_school():
        abort(403)
    operations.cancel_class(page.run.id, clerk().actor, form.reason.data, pack())


ACTS: Mapping[str, Callable[[ClassPage, SeatsForm], None]] = {
    "offer": offer,
    "release": release,
    "cancel": cancel,
}


def answer_present(one: Enrolment, form: PresentForm) -> Enrolment:
    """For the person who stands there: yes, no, or another class."""
    actor, action = clerk().actor, form.action.data
    if action == "change":
        wanted = Change(one.reference, form.class_.data or "", one.person_id)
        return operations.change_class(wanted, actor, pack())
    return operations.answer_offer_for(one.id, actor, Answer(action), pack())
