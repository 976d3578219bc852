"""Signed in: the answer to an offered seat, and another class of the same course."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.mine.blueprint import blueprint
from portal.mine.matters import matter, my_enrolment
from portal.mine.offered import said_to_pay
from portal.session import signed_in
from training import clock
from training.courses.queries import Listed, classes_of_course
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import Answer, Change, answer_offer, change_class
from training.enrolments.rules import reasons_not_to_change
from training.errors import BadInput, NotAllowedNow, NotEligible, NotThere
from web.reasons import code_sentence


@blueprint.post("/<reference>/offer")
def answer(reference: str) -> ResponseReturnValue:
    """Yes or no to the seat, for who has not the message at hand. What has moved on meanwhile is 409."""
    mine, word = my_enrolment(reference), request.form.get("answer", "")
    if word not in ("accept", "decline"):
        raise BadInput("answer", "empty")
    who, said = signed_in(), Answer(word, said_to_pay())
    answer_offer(who.person.id, mine.reference, who.actor, said, current_app.extensions["pack"])
    return redirect(url_for(".matter", reference=mine.reference), 303)


@blueprint.get("/<reference>/change")
def change(reference: str) -> ResponseReturnValue:
    """The other classes of the course, and what a change means; or why there is none."""
    return _change_page(my_enrolment(reference))


@blueprint.post("/<reference>/change")
def send_change(reference: str) -> ResponseReturnValue:
    """Go to another class under the same reference."""
    mine, wanted = my_enrolment(reference), request.form.get("class", "")
    if wanted == mine.class_id:
        return redirect(url_for(".matter", reference=mine.reference), 303)
    who, pack = signed_in(), current_app.extensions["pack"]
    try:
        change_class(Change(mine.reference, wanted, who.person.id), who.actor, pack)
    except NotThere:
        return _change_page(mine, 422)
    except (NotAllowedNow, NotEligible) as refusal:
        status = 409 if isinstance(refusal, NotAllowedNow) else 422
        return _change_page(my_enrolment(reference), status, refusal.reasons)
    return redirect(url_for(".matter", reference=mine.reference), 303)


def _change_page(mine: Enrolment, status: int = 200, refused: Sequence[str] = ()) -> ResponseReturnValue:
    found, rows = matter(mine.reference), _others(mine)
    html = render_template(
        "portal/mine/change.html",
        matter=found,
        standing=found.standing,
        run=mine.class_run,
        rows=rows,
        can_take=[row.id for row in rows if _can_take(mine, row)],
        closed=_closed(mine, rows),
        refused=refused,
        status=status,
        reason=code_sentence,
    )
    return make_response(html, status)


def _others(mine: Enrolment) -> Sequence[Listed]:
    rows = classes_of_course(db.session(), mine.class_run.course_id, clock.today())
    return [row for row in rows if row.id != mine.class_id and row.opens_on <= clock.today()]


def _can_take(mine: Enrolment, row: Listed) -> bool:
    """Who stands in line may stand in another; who has a seat goes only where one is free."""
    return mine.status is EnrolmentStatus.WAITING or (row.seats_left > 0 and row.waiting == 0)


def _closed(mine: Enrolment, rows: Sequence[Listed]) -> list[str]:
    """Why nothing can be chosen; empty: it can. Judged against the class itself, it says `other_course` at most."""
    proved = not mine.without_code or mine.verified_by is not None
    run = mine.class_run
    codes = reasons_not_to_change(mine.status, proved, run, run, clock.today())
    return [code for code in codes if code != "other_course"] or ([] if rows else ["no_other_class"])
