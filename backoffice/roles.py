"""The desks, and who comes in: the roles stand in one table, training/staff/rights.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from backoffice.piles import (
    Waiting,
    corrections_pile,
    duplicates_pile,
    exports_pile,
    letters_pile,
    objections_late,
    objections_pile,
    phones_pile,
    readers_pile,
    status_pile,
    verify_late,
    verify_pile,
)
from backoffice.session import clerk
from training.claims.queries import lies as claims_pile
from training.database import db
from training.institutions.queries import is_barred
from training.staff.models import Role, StaffAccount
from training.staff.queries import Pile, Scope, scope_of
from training.staff.rights import Action, roles_at

Lies = Callable[[Session, Scope], Pile]
Late = Callable[[Session, Scope], Sequence[Waiting]]


@dataclass(frozen=True)
class Desk:
    """One desk. `name` is its folder, its blueprint and the first word of its address; `start` its first page.

    `lies` says how many cases lie there for somebody, `late` which have waited too long; None: no queue.
    `only_asks`: a POST there only asks (what is looked for may not stand in an address), so the right to see is enough.
    """

    name: str
    start: str
    icon: str
    word: LazyString
    lies: Lies | None = None
    late: Late | None = None
    only_asks: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """Who may see this desk, by the table of rights."""
        return roles_at(self.name)

    @property
    def acting(self) -> tuple[Role, ...]:
        """Who may change something here."""
        return roles_at(self.name, Action.ACT)

    @property
    def endpoint(self) -> str:
        return f"office.{self.name}.{self.start}"


DESKS: dict[str, Desk] = {
    desk.name: desk
    for desk in (
        Desk("verify", "queue", "list", _l("Identity checks"), verify_pile, verify_late),
        Desk("claims", "queue", "coin", _l("Claims"), lies=claims_pile),
        Desk("counter", "start", "card", _l("Counter")),
        Desk("phones", "start", "phone", _l("New phones"), phones_pile),
        Desk("letters", "waiting", "print", _l("Letters"), letters_pile),
        Desk("duplicates", "queue", "twin", _l("Possible duplicates"), duplicates_pile),
        Desk("corrections", "queue", "pen", _l("Corrections"), corrections_pile),
        Desk("objections", "queue", "talk", _l("Objections and appeals"), objections_pile, objections_late),
        Desk("seats", "classes", "seat", _l("Seats")),
        Desk("records", "imports", "doc", _l("Old records")),
        Desk("search", "search", "search", _l("Search"), only_asks=True),
        Desk("exports", "requests", "out", _l("Exports"), lies=exports_pile),
        Desk("staff", "accounts", "lock", _l("Staff and rights")),
        Desk("audit", "events", "book", _l("Audit"), only_asks=True),
        Desk("readers", "counts", "search", _l("Who opens people"), lies=readers_pile),
        Desk("status", "systems", "chart", _l("Status"), lies=status_pile),
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


def desk_blueprint(name: str, import_name: str, *, address: str | None = None) -> Blueprint:
    """The blueprint of a desk, guarded as a whole: a GET needs the right to see, a POST the right to act (A21).

    `address` is said where it is not the desk's name.
    """
    blueprint = Blueprint(name, import_name, url_prefix=address or f"/{name.replace('_', '-')}")

    @blueprint.before_request
    def only_its_own_staff() -> None:
        role = role_at(clerk().account, may_open(request.endpoint or "", request.method))
        if role is None or _is_barred(role):
            abort(403)

    return blueprint


def _is_barred(role: Role) -> bool:
    """The right of a school's staff rests on the school: struck off, it acts here no longer."""
    own = scope_of(clerk().account, role).institution
    return own is not None and is_barred(db.session(), own)


# Pages of a desk that not everybody does who sits there.
ONLY: Mapping[str, tuple[Role, ...]] = {
    "office.phones.ask": (Role.COUNSELLOR,),
    "office.seats.present": (Role.COUNSELLOR,),
    "office.seats.answer": (Role.COUNSELLOR,),
    "office.staff.new": (Role.SYSADMIN,),
    "office.staff.propose_new": (Role.SYSADMIN,),
    "office.staff.propose_right": (Role.SECADMIN,),
}


def may_open(endpoint: str, method: str) -> tuple[Role, ...]:
    """The roles that may open this page of a desk, by the table of rights. The guard asks, and so does the matrix."""
    desk = DESKS[endpoint.split(".")[1]]
    reads = desk.only_asks or method in ("GET", "HEAD")
    return ONLY.get(endpoint) or (desk.roles if reads else desk.acting)


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
