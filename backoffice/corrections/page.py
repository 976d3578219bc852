"""What the pages of this desk show: the list, one correction, the form of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from backoffice.roles import own_scope
from backoffice.session import clerk
from backoffice.verify.compare import Pieces, differences
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolments_of
from training.identities import queries
from training.identities.models import ChangeKind, ChangeStatus, IdentityChange
from training.identities.queries import ChangesAsked, makers_of
from training.numbers import masked, masked_name
from training.objections.models import Matter
from training.people.models import Person
from training.staff.queries import Scope, names_of
from web.identity_words import CHANGE_KIND, CHANGE_STATUS, CLOSED, NOT_CHANGED, PROOF

WORDS = {
    "kind_words": CHANGE_KIND,
    "status_words": CHANGE_STATUS,
    "proof_words": PROOF,
    "closed_words": CLOSED,
    "not_changed": NOT_CHANGED,
    "masked_name": masked_name,
}


@dataclass(frozen=True)
class ChangePage:
    """One correction: what was and what shall be, whose record, who else has the number, and who may decide."""

    change: IdentityChange
    old: Pieces
    new: Pieces
    cases: Sequence[Enrolment]
    holder_cases: Sequence[Enrolment]
    proposed_by: str
    decided_by: str
    is_own: bool

    @property
    def decides(self) -> bool:
        return self.change.is_open and not self.is_own


def list_page(session: Session) -> dict[str, Any]:
    """The list of one tab: those that wait, those about a number in another's record, those that are over."""
    tab = request.args.get("kind", "")
    kind = ChangeKind.TAKEN if tab == "taken" else None
    over = request.args.get("tab") == "over"
    scope = own_scope("corrections")
    asked = ChangesAsked(kind, ChangeStatus.AGREED if over else ChangeStatus.OPEN)
    rows = queries.changes(session, scope, asked)
    ids = {one for row in rows for one in (row.proposed_by, row.decided_by) if one}
    return {
        "rows": rows,
        "tab": "over" if over else "taken" if kind else "open",
        "counts": {
            "open": queries.changes_pile(session, scope).cases,
            "taken": queries.changes_pile(session, scope, ChangeKind.TAKEN).cases,
        },
        "names": names_of(session, ids),
        "asked": _asked(session, scope) if not over and not kind else [],
        "own_id": clerk().account.id,
        "done": request.args.get("done", "")[:20],
    }


def _asked(session: Session, scope: Scope) -> list[tuple[Matter, str]]:
    """Granted requests of people, each with the reference of the newest enrolment where there is one."""
    found = []
    for matter in queries.corrections_asked(session, scope):
        cases = enrolments_of(session, matter.person_id) if matter.person_id else []
        found.append((matter, cases[0].reference if cases else ""))
    return found


def change_page(session: Session, change: IdentityChange) -> ChangePage:
    """Read everything about one correction that the page shows."""
    people: list[Person] = [change.person, *([change.holder] if change.holder else [])]
    names = names_of(session, {one for one in (change.proposed_by, change.decided_by) if one})
    old, new = _sides(change)
    is_own = change.proposed_by == clerk().account.id
    return ChangePage(
        change=change,
        old=old,
        new=new,
        cases=enrolments_of(session, change.person_id),
        holder_cases=enrolments_of(session, change.holder_id) if change.holder_id else (),
        proposed_by=names.get(change.proposed_by, ""),
        decided_by=names.get(change.decided_by or "", ""),
        is_own=is_own or clerk().account.id in makers_of(session, people),
    )


def _sides(change: IdentityChange) -> tuple[Pieces, Pieces]:
    """Both values, cut where they differ; numbers are masked."""
    shown = [
        (value or "—") if change.kind is ChangeKind.NAME else masked(value) if value else "—"
        for value in (change.old, change.new)
    ]
    return differences(shown[0], shown[1])
