"""Short pages about the service, language and size, health."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import text

from training.database import db
from web.i18n import add_display

blueprint = Blueprint("about", __name__)
add_display(blueprint)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is up."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Database and migrations answer."""
    revision = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    answer = jsonify(status="ok" if revision else "no migrations")
    answer.status_code = 200 if revision else 503
    return answer


@blueprint.get("/")
def index() -> str:
    return render_template("portal/about/index.html")
