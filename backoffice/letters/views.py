"""Letters: what people without a phone are told, printed at a counter of the district, handed over or posted."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.letters.page import letter_page, rows_of
from backoffice.roles import desk_blueprint, own_scope
from backoffice.session import clerk
from training.database import db
from training.people import piles
from training.people.models import LetterWay
from training.people.operations import hand_over

blueprint = desk_blueprint("letters", __name__, address="/counter/letters")


@blueprint.get("")
def waiting() -> str:
    """Letters that wait, oldest first; the tab beside it: those that are gone."""
    session, district = db.session(), own_scope("letters").district
    handed = request.args.get("tab") == "handed"
    found = piles.handed_letters(session, district) if handed else piles.waiting_letters(session, district)
    count = piles.count_letters(session, district)
    return render_template("backoffice/letters/waiting.html", rows=rows_of(found), handed=handed, count=count)


@blueprint.get("/<letter_id>")
def one(letter_id: str) -> str:
    """One letter on one page, A4 or A5."""
    letter = piles.letter(db.session(), own_scope("letters").district, letter_id)
    return render_template("backoffice/letters/letter.html", **letter_page(letter))


@blueprint.post("/<letter_id>")
def gone(letter_id: str) -> ResponseReturnValue:
    """It was handed over, or posted."""
    way = request.form.get("way", "")
    if way not in set(LetterWay):
        abort(422)
    hand_over(letter_id, own_scope("letters").district, LetterWay(way), clerk().actor)
    return redirect(url_for(".waiting"), 303)
