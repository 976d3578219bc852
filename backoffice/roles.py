"""Who sits at which desk: one table, read by the code that guards, by the menu and by the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from backoffice.session import clerk
from training.database import db
from training.staff.models import Role, StaffAccount
from training.staff.queries import Pile, Scope, scope_of

Lies = Callable[[Session, Scope], Pile]


@dataclass(frozen=True)
class Waiting:
    """A case that has waited too long, as the first page shows it. `tags` are (kind, word, icon)."""

    reference: str
    address: str
    name: str
    since: datetime
    tags: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Desk:
    """One desk. `name` is its folder, its blueprint and the first word of its address; `start` its first page.

    `lies` says how many cases lie there for somebody; None where a desk has no queue.
    """

    name: str
    start: str
    roles: tuple[Role, ...]
    icon: str
    word: LazyString
    lies: Lies | None = None

    @property
    def endpoint(self) -> str:
        return f"office.{self.name}.{self.start}"


DESKS: dict[str, Desk] = {
    desk.name: desk
    for desk in (
        Desk("verify", "queue", (Role.VERIFIER,), "list", _l("Identity checks")),
        Desk("claims", "queue", (Role.REVIEWER_DISTRICT, Role.REVIEWER_MUNICIPAL), "coin", _l("Claims")),
        Desk("counter", "start", (Role.COUNSELLOR,), "card", _l("Counter")),
    )
}


@dataclass(frozen=True)
class Seat:
    """A desk as one member of staff meets it: in which role, and how much lies there."""

    desk: Desk
    role: Role
    pile: Pile
    overdue: Sequence[Waiting] = ()

    @property
    def count(self) -> int:
        return self.pile.cases

    @property
    def late(self) -> bool:
        return self.pile.overdue > 0


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
    """What the signed-in member of staff may see at `desk`."""
    account = clerk().account
    role = role_at(account, DESKS[desk].roles)
    if role is None:
        abort(403)
    return scope_of(account, role)


def own_seats() -> list[Seat]:
    """The desks of the signed-in member of staff that exist here, with what lies at each."""
    account, session = clerk().account, db.session()
    seats = []
    for desk in DESKS.values():
        role = role_at(account, desk.roles)
        if role is not None and desk.endpoint in current_app.view_functions:
            pile = desk.lies(session, scope_of(account, role)) if desk.lies else Pile()
            seats.append(Seat(desk, role, pile))
    return seats
