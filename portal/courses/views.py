"""Find a class: /courses, /courses/<course>, /classes/<class>, /schools/<school>."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from portal.check.carried import carried
from portal.courses.cards import card, seats_of, vocabulary
from portal.courses.forms import Asked, read_filters
from portal.courses.narrowed import narrowed, windows_of
from portal.courses.pages import list_page
from portal.courses.paid import ASKED, paid_for
from portal.courses.standing import seats_without_code, standing
from training import clock
from training.courses import queries
from training.courses.search import course_list
from training.database import db
from training.institutions.queries import institution
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import paper
from web import labels
from web.i18n import here, language
from web.pages import catalogue_page, public_page
from web.reasons import code_sentence, reason_sentence

blueprint = Blueprint("courses", __name__)


@blueprint.get("/courses")
@public_page
def courses() -> Any:
    """The list; htmx gets the part that changed, at the same address."""
    pack, on = _pack(), clock.today()
    asked = narrowed(read_filters(request.args, pack, on), request.args, pack, on)
    is_swap = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    name = "portal/courses/_found.html" if is_swap else "portal/courses/courses.html"
    answer = catalogue_page(lambda: _list(name, asked), asked.key, name)
    answer.vary.update(("HX-Request", "HX-History-Restore-Request"))
    if is_swap:
        answer.headers["HX-Push-Url"] = asked.address
    return answer


@blueprint.get("/courses/<course_id>")
@public_page
def course(course_id: str) -> Any:
    """One course: its classes, what one learns, how it went. A chosen class leads on to its page."""
    if chosen := request.args.get("class"):
        return redirect(url_for(".one_class", class_id=chosen), 303)
    return catalogue_page(lambda: _course(course_id), request.path)


@blueprint.get("/classes/<class_id>")
@public_page
def one_class(class_id: str) -> Any:
    """One class; with answers in the address, or kept under a code, also whether it will be paid for."""
    if "check" in request.args or any(name in request.args for name in ASKED):
        return _class(class_id, here())
    return catalogue_page(lambda: _class(class_id, request.path), request.path)


@blueprint.get("/schools/<school_id>")
@public_page
def school(school_id: str) -> Any:
    """One institution: licence, grade, results, classes."""
    return catalogue_page(lambda: _school(school_id), request.path)


def _list(template: str, asked: Asked) -> str:
    on, swapped = clock.today(), template.endswith("_found.html")
    windows = windows_of(asked, _pack(), on)
    found = course_list(db.session(), _pack(), asked.filters, on, windows)
    page = list_page(asked, found, on, swapped=swapped)
    return render_template(template, page=page, swapped=swapped, here=asked.address)


def _course(course_id: str) -> str:
    session, on = db.session(), clock.today()
    found = queries.course(session, course_id)
    rows = queries.classes_of_course(session, course_id, on)
    return render_template(
        "portal/courses/course.html",
        course=found,
        rows=rows,
        first=next((row for row in rows if row.seats_left and not row.waiting), rows[0] if rows else None),
        results=queries.results_of_course(session, found),
        words=vocabulary(),
        seats_of=seats_of,
        here=request.path,
        on=on,
    )


def _class(class_id: str, address: str) -> str:
    session, on = db.session(), clock.today()
    run = queries.class_run(session, class_id)
    found = carried(request.args.get("check"))
    answers = found.check.answers if found.check else request.args
    now, paid = standing(run, on), paid_for(run, answers, _pack(), on)
    others = () if now.has_seat and not now.closed else queries.next_classes_like(session, run, on)
    return render_template(
        "portal/courses/class.html",
        run=run,
        course=run.course,
        school=run.course.institution,
        now=now,
        paid=paid,
        carried=found,
        written=_written(paid.notice),
        without_code=seats_without_code(run, paid.notice) if paid.notice else 0,
        results=queries.results_of_course(session, run.course),
        others=[card(row, vocabulary(), on, found.code) for row in others],
        words=vocabulary(),
        here=address,
        today=on,
        sentence=reason_sentence,
        code_sentence=code_sentence,
    )


def _written(notice: Notice | None) -> dict[str, str]:
    """The numbers of a notice's papers as they are written."""
    return {n: paper(_pack(), n).written.said(language()) for n in (notice.numbers if notice else ())}


def _school(school_id: str) -> str:
    session, on = db.session(), clock.today()
    found, words = institution(session, school_id), vocabulary()
    rows = queries.classes_of_school(session, school_id, on)
    return render_template(
        "portal/courses/school.html",
        school=found,
        results=queries.results_of_school(session, school_id),
        by_trade=queries.results_by_occupation(session, school_id),
        total=len(rows),
        cards=[card(row, words, on) for row in rows[:5]],
        words=words,
        nature=labels.word(labels.NATURE, found.nature),
        on=on,
        here=request.path,
    )


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
