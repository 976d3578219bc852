"""The queue of groups as rows, and its tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request
from sqlalchemy.orm import Session

from backoffice.duplicates.compare import place_name
from backoffice.session import clerk
from training import clock
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolments_of
from training.enrolments.queue import overdue_before
from training.identities import queries
from training.identities.models import ChangeKind
from training.identities.queries import Group
from training.numbers import masked_name
from training.people.models import Person
from training.staff.queries import Scope, names_of

TABS = ("open", "asked", "decided")
SHOWN = 60


@dataclass(frozen=True)
class Line:
    """One group: the masked names, the references and districts of what they enrolled for, and who has it."""

    group: Group
    names: Sequence[str]
    cases: Sequence[Enrolment]
    places: Sequence[str]
    holder: str | None
    is_late: bool


def queue_page(session: Session, scope: Scope, tab: str) -> dict[str, Any]:
    """What the template needs for one tab."""
    groups = queries.open_groups(session, scope)
    waiting = [group for group in groups if not group.is_asked]
    asked = [group for group in groups if group.is_asked]
    shown = {"open": waiting, "asked": asked}.get(tab, [])[:SHOWN]
    holders = names_of(session, {group.holder[0] for group in shown if group.holder})
    late_before = overdue_before(current_app.extensions["pack"].calendar, clock.now())
    disputes = queries.changes_pile(session, scope, ChangeKind.TAKEN).cases
    return {
        "tab": tab,
        "lines": [_line(session, group, holders, late_before) for group in shown],
        "decided": _decided(session, scope) if tab == "decided" else [],
        "counts": {"open": len(waiting), "asked": len(asked), "decided": None},
        "disputes": disputes,
        "first": waiting[0].id if waiting else None,
        "done": request.args.get("done", "")[:20],
    }


def _line(session: Session, group: Group, holders: Any, late_before: datetime) -> Line:
    cases = [case for one in group.people for case in enrolments_of(session, one.id)]
    holder = group.holder[0] if group.holder else None
    own = holder == clerk().account.id
    return Line(
        group,
        [masked_name(one.name) for one in group.people],
        cases,
        list(dict.fromkeys(place_name(case.district) for case in cases)),
        None if own or holder is None else holders.get(holder, ""),
        group.raised_at < late_before,
    )


def _decided(session: Session, scope: Scope) -> list[dict[str, Any]]:
    rows = queries.decided_pairs(session, scope)
    names = names_of(session, {row.answered_by for row in rows if row.answered_by})
    return [
        {
            "pair": row,
            "by": names.get(row.answered_by or "", ""),
            "names": [masked_name(session.get_one(Person, one).name) for one in (row.person_a, row.person_b)],
        }
        for row in rows
    ]
