"""Signed in: the answer to an offered seat, and another class of the same course."""

from __future__ import annotations

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.mine.blueprint import blueprint
from portal.mine.matters import my_enrolment
from portal.mine.offered import said_to_pay
from portal.session import signed_in
from training.enrolments.operations import Answer, answer_offer
from training.errors import BadInput


@blueprint.post("/<reference>/offer")
def answer(reference: str) -> ResponseReturnValue:
    """Yes or no to the seat, for who has not the message at hand. What has moved on meanwhile is 409."""
    mine, word = my_enrolment(reference), request.form.get("answer", "")
    if word not in ("accept", "decline"):
        raise BadInput("answer", "empty")
    who, said = signed_in(), Answer(word, said_to_pay())
    answer_offer(who.person.id, mine.reference, who.actor, said, current_app.extensions["pack"])
    return redirect(url_for(".matter", reference=mine.reference), 303)
