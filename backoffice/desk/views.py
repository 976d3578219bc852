"""The first page: what lies where, and what to take first."""

from __future__ import annotations

from flask import Blueprint, render_template

from backoffice.roles import own_seats
from backoffice.session import clerk
from training import clock
from training.database import db
from training.staff import queries

blueprint = Blueprint("desk", __name__)


@blueprint.get("/")
def home() -> str:
    """My queues, overdue first, and one button that takes the next case."""
    seats = sorted(own_seats(), key=lambda seat: (-seat.pile.overdue, -seat.pile.cases))
    done = queries.done_since(db.session(), clerk().account.id, clock.midnight(clock.today()))
    return render_template("backoffice/desk/home.html", queues=seats, done=done, now=clock.now())
