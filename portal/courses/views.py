"""Find a class: /courses, /courses/<course>, /classes/<class>, /schools/<school>."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request

from portal.courses.forms import Asked, read_filters
from portal.courses.pages import list_page
from training import clock
from training.courses.search import course_list
from training.database import db
from training.policy.pack import Pack
from web.pages import catalogue_page, public_page

blueprint = Blueprint("courses", __name__)


@blueprint.get("/courses")
@public_page
def courses() -> Any:
    """The list; htmx gets the part that changed, at the same address."""
    asked = read_filters(request.args, _pack(), clock.today())
    is_swap = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    name = "portal/courses/_found.html" if is_swap else "portal/courses/courses.html"
    answer = catalogue_page(lambda: _list(name, asked), asked.key, name)
    answer.vary.update(("HX-Request", "HX-History-Restore-Request"))
    if is_swap:
        answer.headers["HX-Push-Url"] = asked.address
    return answer


def _list(template: str, asked: Asked) -> str:
    on, swapped = clock.today(), template.endswith("_found.html")
    found = course_list(db.session(), _pack(), asked.filters, on)
    page = list_page(asked, found, on, swapped=swapped)
    return render_template(template, page=page, swapped=swapped, here=asked.address)


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
