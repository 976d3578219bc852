"""What one press of a button at this desk does, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import current_app, request, url_for

from backoffice.duplicates.forms import DecisionForm
from backoffice.roles import own_scope
from backoffice.seeing import seen
from backoffice.session import clerk
from training.database import db
from training.errors import BadInput
from training.identities import operations, queries


def decide(pair_id: str, form: DecisionForm) -> str:
    """Decide; then the next group where that was asked for."""
    scope, actor = own_scope("duplicates"), clerk().actor
    operations.decide(pair_id, scope, actor, form.verdict(), current_app.extensions["pack"])
    following = _next(pair_id) if form.then.data == "next" else None
    if following is not None:
        return url_for("office.duplicates.group", pair=following)
    return url_for("office.duplicates.queue", done=form.decision.data)


def _next(decided: str) -> str | None:
    """The group that waits longest, that nobody holds, and that this clerk may decide."""
    session, own_id = db.session(), clerk().account.id
    session.expire_all()
    for group in queries.open_groups(session, own_scope("duplicates")):
        is_free = group.holder is None or group.holder[0] == own_id
        if not is_free or group.is_asked or group.id == decided:
            continue
        if own_id not in queries.makers_of(session, group.people):
            return group.id
    return None


def _hold(pair_id: str) -> str:
    operations.hold_group(pair_id, own_scope("duplicates"), clerk().actor)
    return url_for("office.duplicates.group", pair=pair_id)


def _put_back(pair_id: str) -> str:
    operations.put_group_back(pair_id, own_scope("duplicates"), clerk().actor)
    return url_for("office.duplicates.queue")


def _show_numbers(pair_id: str) -> str:
    """The full numbers of all records of the group, for a minute; each look is recorded with its reason."""
    reason = request.form.get("reason", "").strip()
    if len(reason) < 2:
        raise BadInput("reason", "empty")
    session = db.session()
    group = queries.open_group(session, queries.pair_in_scope(session, own_scope("duplicates"), pair_id))
    for one in group.people if group else ():
        seen(one.id, "duplicates", full_number=True, note=reason)
    return url_for("office.duplicates.group", pair=pair_id, _anchor="full")


ACTS: Mapping[str, Callable[[str], str]] = {
    "take": _hold,
    "renew": _hold,
    "put_back": _put_back,
    "show_number": _show_numbers,
}
