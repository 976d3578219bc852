"""The desk of one's own: what lies where, and one's own settings."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.desk.forms import SettingsForm
from backoffice.roles import own_seats
from backoffice.session import clerk
from training import clock
from training.database import db
from training.staff import operations, queries
from web.i18n import language

blueprint = Blueprint("desk", __name__)


@blueprint.get("/")
def home() -> str:
    """My queues, overdue first, and one button that takes the next case."""
    seats = sorted(own_seats(), key=lambda seat: (-seat.pile.overdue, -seat.pile.cases))
    done = queries.done_since(db.session(), clerk().account.id, _this_morning())
    return render_template("backoffice/desk/home.html", queues=seats, done=done, now=clock.now())


@blueprint.get("/me")
def me() -> str:
    """Who I am here, what I may do, and how I like it shown."""
    done = queries.done_since(db.session(), clerk().account.id, _this_morning())
    names = {held.district: _district_name(held.district) for held in clerk().account.roles if held.district}
    saved = request.args.get("saved") == "1"
    return render_template("backoffice/desk/me.html", done=done, saved=saved, district_names=names)


@blueprint.post("/me")
def save() -> ResponseReturnValue:
    """Shortcuts on or off."""
    chosen = SettingsForm(request.form)
    operations.choose_shortcuts(clerk().account.id, bool(chosen.shortcuts.data), clerk().actor)
    return redirect(url_for("office.desk.me", saved=1), 303)


def _this_morning() -> datetime:
    return datetime.combine(clock.today(), time(), clock.SHANGHAI)


def _district_name(code: str) -> str:
    district = current_app.extensions["pack"].districts.get(code)
    if district is None:
        return code
    return str(district.name.en if language() == "en" else district.name.zh)
