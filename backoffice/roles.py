"""Who sits at which desk: one table, read by the code that guards, by the menu and by the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from backoffice.piles import Waiting, verify_late, verify_pile
from backoffice.session import clerk
from training.claims.queries import lies as claims_pile
from training.database import db
from training.staff.models import Role, StaffAccount
from training.staff.queries import Pile, Scope, scope_of

Lies = Callable[[Session, Scope], Pile]
Late = Callable[[Session, Scope], Sequence[Waiting]]


@dataclass(frozen=True)
class Desk:
    """One desk. `name` is its folder, its blueprint and the first word of its address; `start` its first page.

    `lies` says how many cases lie there for somebody, `late` which have waited too long; None: no queue.
    """

    name: str
    start: str
    roles: tuple[Role, ...]
    icon: str
    word: LazyString
    lies: Lies | None = None
    late: Late | None = None

    @property
    def endpoint(self) -> str:
        return f"office.{self.name}.{self.start}"


REVIEWERS = (Role.REVIEWER_DISTRICT, Role.REVIEWER_MUNICIPAL)
SEARCHERS = (Role.COUNSELLOR, Role.VERIFIER, *REVIEWERS)
DESKS: dict[str, Desk] = {
    desk.name: desk
    for desk in (
        Desk("verify", "queue", (Role.VERIFIER,), "list", _l("Identity checks"), verify_pile, verify_late),
        Desk("claims", "queue", REVIEWERS, "coin", _l("Claims"), lies=claims_pile),
        Desk("counter", "start", (Role.COUNSELLOR,), "card", _l("Counter")),
        Desk("duplicates", "queue", (Role.VERIFIER,), "twin", _l("Possible duplicates")),
        Desk("objections", "queue", (Role.PUBLICITY, *REVIEWERS), "talk", _l("Objections and appeals")),
        Desk("seats", "classes", (Role.COUNSELLOR, Role.INSTITUTION), "seat", _l("Seats")),
        Desk("records", "imports", (Role.REVIEWER_MUNICIPAL,), "doc", _l("Old records")),
        Desk("search", "search", SEARCHERS, "search", _l("Search")),
        Desk("staff", "accounts", (Role.SYSADMIN, Role.SECADMIN), "lock", _l("Staff and rights")),
        Desk("audit", "events", (Role.AUDITOR,), "book", _l("Audit")),
        Desk("status", "systems", (Role.SYSADMIN, Role.SECADMIN), "chart", _l("Status")),
    )
}


@dataclass(frozen=True)
class Seat:
    """A desk as one member of staff meets it: whose cases, and how much lies there."""

    desk: Desk
    scope: Scope
    pile: Pile

    @property
    def count(self) -> int:
        return self.pile.cases

    @property
    def late(self) -> bool:
        return self.pile.overdue > 0

    def overdue(self) -> Sequence[Waiting]:
        """The cases that have waited too long, at most a few."""
        return self.desk.late(db.session(), self.scope) if self.desk.late and self.late else ()


def desk_blueprint(name: str, import_name: str) -> Blueprint:
    """The blueprint of a desk, guarded as a whole: only the roles of the table come in."""
    blueprint = Blueprint(name, import_name, url_prefix=f"/{name.replace('_', '-')}")
    roles = DESKS[name].roles

    @blueprint.before_request
    def only_its_own_staff() -> None:
        if role_at(clerk().account, roles) is None:
            abort(403)

    return blueprint


def role_at(account: StaffAccount, roles: tuple[Role, ...]) -> Role | None:
    """The first of `roles` that the account holds."""
    return next((role for role in roles if account.sits_at(role)), None)


def own_scope(desk: str) -> Scope:
    """What the signed-in member of staff may see at `desk`: never everything by lack of a district."""
    account = clerk().account
    role = role_at(account, DESKS[desk].roles)
    scope = scope_of(account, role) if role else Scope(None)
    if not scope.is_municipal and scope.district is None and scope.institution is None:
        abort(403)
    return scope


def own_seats() -> list[Seat]:
    """The desks of the signed-in member of staff that exist here, with what lies at each."""
    account, session = clerk().account, db.session()
    seats = []
    for desk in DESKS.values():
        role = role_at(account, desk.roles)
        if role is not None and desk.endpoint in current_app.view_functions:
            scope = scope_of(account, role)
            seats.append(Seat(desk, scope, desk.lies(session, scope) if desk.lies else Pile()))
    return seats
