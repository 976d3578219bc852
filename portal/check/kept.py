"""A check kept under a code for as long as the pack says: no name, no number, no phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import current_app, render_template, request

from portal.check.answers import Given, read
from portal.check.carried import Lost
from portal.check.results import Result, result_of, result_page, told
from portal.courses.cards import vocabulary
from training import clock, limits
from training.courses.queries import Listed, classes_paid_for
from training.database import db, new_id
from training.entitlements.models import SavedCheck
from training.entitlements.queries import saved_check
from training.errors import NotThere
from training.policy.pack import Pack
from training.references import written_check_code
from web.qr import qr_path


def found_check(code: str) -> SavedCheck:
    """What was kept under `code`. Wrong codes are counted by network, so that nobody tries them out.

    Raises NotThere, Gone, TooMany.
    """
    limit, network = current_app.extensions["settings"].limits.references_network, request.remote_addr or ""
    limits.refuse_when_used_up(limit, network)
    try:
        return saved_check(db.session(), code)
    except NotThere:
        limits.use(limit, network)
        raise


def save_page(given: Given, pack: Pack) -> str:
    """What will be kept, and the button that keeps it."""
    result = result_of(given, pack, clock.today())
    return render_template(
        "portal/check/save.html",
        given=given,
        told=told(given, pack, result.notice),
        sure=result.counts["yes"],
        sum_fen=result.sum_fen,
        days=pack.checks.kept_days,
        key=new_id(),
    )


def kept_page(check: SavedCheck, pack: Pack) -> str:
    """The result as it was on the day it was kept, the code, and whether the rules say something else today."""
    given = read(check.answers, pack, check.saved_on)
    then, now = result_of(given, pack, check.saved_on), result_of(given, pack, clock.today())
    code = written_check_code(check.code)
    address = f"{current_app.extensions['settings'].base_url}/check/r/{code}"
    return result_page(
        then,
        pack,
        saved=check,
        code=code,
        address=address,
        qr_strokes=qr_path(address),
        changed_on=_changed_on(then, now),
        classes=classes_for(given, pack),
        words=vocabulary(),
    )


def lost_page(why: Lost) -> str:
    """There is nothing under this code (any more): which of the two, and where to begin again."""
    return render_template("portal/check/lost.html", why=why)


def _changed_on(then: Result, now: Result) -> date | None:
    """The day since which the rules say something else; None: they do not."""
    if now.says_the_same(then):
        return None
    return now.notice.in_force_from if now.notice.numbers != then.notice.numbers else now.on


def classes_for(given: Given, pack: Pack) -> Sequence[Listed]:
    """The next classes of what is wanted that would cost nothing, in the own district first."""
    wishes = {occupation for occupation, _ in given.answers(pack).wanted.choices}
    near = given.district.code if given.district else None
    return classes_paid_for(db.session(), wishes, near, clock.today())
