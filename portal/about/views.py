"""Short pages about the service, language and size, health."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from portal.about.centres import find_centres, opening_hours
from portal.about.topics import GROUPS, others, topic_named
from training import clock
from training.courses.queries import next_classes
from training.database import db, schema_revision
from training.policy.models import Identity
from training.policy.pack import Pack
from training.policy.privacy import in_force
from training.policy.queries import district, notice_for
from web import metrics
from web.i18n import add_display, language
from web.pages import catalogue_page, public_page
from web.settings import Settings

blueprint = Blueprint("about", __name__)
add_display(blueprint)
SHOWN_CLASSES = 3
LONGEST_WORD = 60


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is up."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Database and migrations answer; in a demo also: the demo set is loaded and the sandbox answers."""
    missing = [name for name, ready in _checks().items() if not ready]
    answer = jsonify(status="not ready" if missing else "ok", missing=missing)
    answer.status_code = 503 if missing else 200
    return answer


@blueprint.get("/metrics")
def figures() -> Response:
    """Figures for a machine on this host, or one that has the token; nobody else."""
    if not metrics.may_read(current_app.extensions["settings"]):
        abort(403)
    return Response(metrics.page(db.session()), content_type=metrics.TYPE)


def _checks() -> dict[str, bool]:
    settings: Settings = current_app.extensions["settings"]
    checks = {"migrations": bool(schema_revision(db.session()))}
    if settings.is_demo:
        checks["demo"] = (settings.data_dir / "demo.json").exists()
        checks["sandbox"] = current_app.extensions["sandbox"].is_up()
    return checks


@blueprint.get("/")
@public_page
def index() -> Any:
    """The landing. With a query it is built for itself: its links come back to that address."""
    return _landing() if request.query_string else catalogue_page(_landing, "/")


def _landing() -> str:
    classes = next_classes(db.session(), clock.today(), SHOWN_CLASSES)
    return render_template("portal/about/index.html", classes=classes, place_name=_place_name)


@blueprint.get("/centres")
@public_page
def centres() -> Any:
    """The job centres of a district, or with a word in their name or address."""
    words = " ".join(request.args.get("q", "").split())[:LONGEST_WORD]
    found = find_centres(_pack(), request.args.get("district", ""), words, clock.today())
    return render_template(
        "portal/about/centres.html",
        found=found,
        total=len(_pack().centres),
        opening_hours=opening_hours,
        place_name=_place_name,
    )


@blueprint.get("/help")
@public_page
def help_index() -> Any:
    """Ten questions."""
    return render_template("portal/about/help.html", groups=GROUPS)


@blueprint.get("/help/<name>")
@public_page
def help_topic(name: str) -> Any:
    """One answer."""
    topic = topic_named(name)
    return render_template(
        f"portal/about/help/{topic.name}.html", topic=topic, others=others(topic), identity=_identity()
    )


@blueprint.get("/privacy")
@public_page
def privacy() -> Any:
    """How data is used: the text in force, or an older one by its version."""
    texts = sorted(_pack().privacy, key=lambda text: text.valid_from, reverse=True)
    begun = [text for text in texts if text.valid_from <= clock.today()] or texts[-1:]
    current = in_force(_pack().privacy, clock.today())
    asked = (text for text in begun if text.version == request.args.get("version"))
    text = next(asked, current)
    days = _pack().objections.answer["correction"]
    return render_template(
        "portal/about/privacy.html", text=text, texts=begun, current=current, answer_days=days
    )


@blueprint.get("/accessibility")
@public_page
def accessibility() -> Any:
    """Who can use it how."""
    return render_template("portal/about/accessibility.html", total=len(_pack().centres))


@blueprint.get("/about")
@public_page
def about() -> Any:
    """Who runs it, and what for."""
    return render_template("portal/about/about.html", total=len(_pack().centres))


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack


def _place_name(code: str) -> str:
    return district(_pack(), code).name.said(language())


def _identity() -> Identity:
    """Deadlines of the notice that is in force in the whole city."""
    return notice_for(_pack(), "", clock.today()).identity
