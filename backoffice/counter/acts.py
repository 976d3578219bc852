"""What one press of a button at the counter does, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import current_app, request, url_for

from backoffice.counter.forms import CorrectionForm, WalkInForm
from backoffice.counter.page import Wishes, slip_address
from backoffice.counter.person import person_of
from backoffice.roles import own_scope
from backoffice.session import clerk
from training import clock
from training.database import db
from training.enrolments import operations
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, Counter
from training.enrolments.queries import live_of_numbers, received_by_numbers
from training.errors import BadInput, NotThere
from training.numbers import Number
from training.objections.operations import deny_by_call
from training.people import operations as people
from training.people.models import Group, Purpose
from training.people.queries import draft_of
from training.ports import RegistryAnswer
from training.references import parse_reference
from web.form_keys import sent_key


def known_number() -> tuple[Number, RegistryAnswer] | None:
    """What this member of staff looked up last, in whichever window; None once half an hour has passed."""
    draft = draft_of(db.session(), clerk().row.id_hash, Purpose.COUNTER)
    answer = people.answer_in(draft.evidence) if draft else None
    return (people.number_of(draft), answer) if draft and answer else None


def enrol_walk_in(form: WalkInForm, answer: RegistryAnswer) -> Enrolment:
    """Enrol, or take over what this number has received in the class, and make the slip's code: once, so that
    the form sent again does not end the code that was printed."""
    counter, pack = form.counter(answer, "zh"), current_app.extensions["pack"]
    if waits := _received_in_class(counter):
        case = operations.take_over(waits.reference, counter, clerk().actor, pack)
    else:
        case = operations.enrol_at_counter(counter, clerk().actor, pack, clock.today())
    _print_first(case)
    return case


def _print_first(case: Enrolment) -> None:
    if case.slip_hash is None:
        pack = current_app.extensions["pack"]
        operations.print_slip_for(clerk().row.id_hash, case.id, case.reference, clerk().actor, pack)


def _received_in_class(counter: Counter) -> Enrolment | None:
    """What waits in this class under the number, unless something speaks against the person: then the enrolment
    is judged afresh and says what."""
    session, pack, today = db.session(), current_app.extensions["pack"], clock.today()
    for case in received_by_numbers(session, counter.numbers):
        if case.class_id == counter.class_id:
            judged = operations.assess_at_counter(session, counter, case.class_run, pack, today)
            return None if judged.is_refused else case
    return None


def _clear() -> str:
    people.clear_draft(clerk().row.id_hash, Purpose.COUNTER, "")
    return url_for("office.counter.start")


def _find() -> str:
    """Without script: the search for a class, keeping what was chosen."""
    return Wishes.read(request.form).address()


def _take_over() -> str:
    """The person of a received enrolment stands here with the card: same reference."""
    known = known_number()
    if known is None:
        raise NotThere
    if request.form.get("declaration") != "yes":
        raise BadInput("declaration", "take_over")
    reference = parse_reference(request.form.get("reference", ""))
    said = request.form.get("group", "")
    choice = Choice(sent_key(), Group(said) if said in set(Group) else None)
    counter, pack = Counter(*known, class_id="", choice=choice), current_app.extensions["pack"]
    case = operations.take_over(reference, counter, clerk().actor, pack)
    _print_first(case)
    return slip_address(case)


def _correct() -> str:
    """A returned enrolment of the person who stands here, for somebody without a phone: only the fields named."""
    case = _live_case(parse_reference(request.form.get("reference", "")))
    form = CorrectionForm.of(case.returned_fields, request.form)
    if not form.validate():
        field, faults = next(iter(form.errors.items()))
        raise BadInput(field, "correct", said=faults[0], reference=case.reference)
    operations.correct_at_counter(case.id, clerk().actor, form.correction())
    return url_for("office.counter.person")


def _live_case(reference: str) -> Enrolment:
    """An open enrolment of the number that was looked up. Raises NotThere for any other."""
    known = known_number()
    found = known[1].person if known else None
    cards = [card.number for card in found.cards] if found else []
    live = live_of_numbers(db.session(), found.number, cards) if found else []
    case = next((case for case in live if case.reference == reference), None)
    if case is None:
        raise NotThere(reference)
    return case


def _hand_over() -> str:
    """What the person has not been told yet was read out, and the letters are handed over."""
    known = known_number()
    if known is None:
        raise NotThere
    person = person_of(db.session(), *known, clerk().account.district or "")
    sent, owners = set(request.form.getlist("letter")), {letter.person_id for letter in person.letters}
    people.hand_over_to(owners, sent & {letter.id for letter in person.letters}, clerk().actor)
    return url_for("office.counter.person")


def _not_me() -> str:
    """Somebody calls, or stands here: "this was not me". It stops at once; who enrolled does not decide it."""
    reference, note = request.form.get("reference", ""), request.form.get("note", "").strip()[:500]
    try:
        found, pack = parse_reference(reference), current_app.extensions["pack"]
        matter = deny_by_call(found, own_scope("counter"), clerk().actor, note, pack, sent_key())
    except NotThere:
        raise BadInput("denied", "unknown", said=reference[:40]) from None
    return url_for("office.counter.start", stopped=matter.reference)


ACTS: Mapping[str, Callable[[], str]] = {
    "clear": _clear,
    "find": _find,
    "take_over": _take_over,
    "correct": _correct,
    "hand_over": _hand_over,
    "not_me": _not_me,
}
