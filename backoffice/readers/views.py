"""Who opens how many people: for the security administrator."""

from __future__ import annotations

from flask import current_app, render_template

from backoffice.roles import DESKS, desk_blueprint
from backoffice.status.words import STANDS_OUT
from training import clock
from training.database import db
from training.oversight.queries import reader_days
from web.labels import word

blueprint = desk_blueprint("readers", __name__)
SHOWN = 40


@blueprint.get("")
def counts() -> str:
    """The days of the last month, those that stand out first, with the limits they are held against."""
    terms = current_app.extensions["pack"].looks
    days = reader_days(db.session(), terms, clock.today())
    standing_out = [day for day in days if day.reasons]
    return render_template(
        "backoffice/readers/counts.html",
        days=[day for day in days if not day.reasons][:SHOWN],
        outliers=standing_out,
        terms=terms,
        today=clock.today(),
        desk_word=lambda code: DESKS[code].word,
        reason_word=lambda code: word(STANDS_OUT, code),
    )
