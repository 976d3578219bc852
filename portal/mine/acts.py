"""One act by one tap from a message: `/a/<code>`. Opening it changes nothing; it works once, and for a time.

The link is its own key, so nobody signs in here. Each kind of act stands in one table: `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.mine import denied, offered, stopped
from training.database import db
from training.errors import Gone, NotThere
from training.people.models import Act, ActKind
from training.people.operations.acts import act_of, used_act_of

blueprint = Blueprint("acts", __name__, url_prefix="/a")


@dataclass(frozen=True)
class Kind:
    """One kind of act. `page` and `done` are its templates, before and after.

    `shown(act)` gives the values of `page`, `told(act)` those of `done`; `answers` says for each word of
    `answer=` what is done, with the bare code: it raises Gone when it is too late.
    """

    page: str
    done: str
    answers: Mapping[str, Callable[[str], object]]
    shown: Callable[[Act], Mapping[str, Any]]
    told: Callable[[Act], Mapping[str, Any]]


KINDS: dict[ActKind, Kind] = {
    ActKind.OFFER: Kind(
        "portal/mine/act_offer.html",
        "portal/mine/act_offer_done.html",
        {"accept": offered.accept, "decline": offered.decline},
        offered.shown,
        offered.told,
    ),
    ActKind.NOT_ME: Kind(
        "portal/mine/act_not_me.html",
        "portal/mine/act_not_me_done.html",
        {"not_me": denied.deny},
        denied.shown,
        denied.told,
    ),
    ActKind.STOP_ALERTS: Kind(
        "portal/mine/act_stop.html",
        "portal/mine/act_stop_done.html",
        {"stop": stopped.stop},
        stopped.shown,
        stopped.told,
    ),
}


@blueprint.errorhandler(Gone)
def gone(_: Gone) -> Response:
    """Used, or run out: what was answered counts, and nothing more is changed."""
    answer = make_response(render_template("portal/mine/act_gone.html"), 410)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/<code>")
def act(code: str) -> ResponseReturnValue:
    """For whom, what, until when; one or two buttons."""
    return _page(act_of(db.session(), code), code)


@blueprint.post("/<code>")
def answer(code: str) -> ResponseReturnValue:
    """Do it, once. What cannot be read is 422 and leaves the link as it was."""
    found = act_of(db.session(), code)
    done = _kind(found).answers.get(request.form.get("answer", ""))
    if done is None:
        return _page(found, code, 422)
    done(code)
    return redirect(url_for(".done", code=code), 303)


@blueprint.get("/<code>/done")
def done(code: str) -> ResponseReturnValue:
    """What was answered by this link, and what came of it. Until then there is nothing here."""
    found = used_act_of(db.session(), code)
    return make_response(render_template(_kind(found).done, act=found, **_kind(found).told(found)))


def _page(found: Act, code: str, status: int = 200) -> Response:
    kind = _kind(found)
    html = render_template(kind.page, act=found, code=code, status=status, **kind.shown(found))
    return make_response(html, status)


def _kind(found: Act) -> Kind:
    if found.kind not in KINDS:
        raise NotThere
    return KINDS[found.kind]
