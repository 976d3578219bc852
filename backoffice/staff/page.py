"""What the pages about staff show: rights in words, what is worth a look, what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext, ngettext

from backoffice.roles import DESKS
from backoffice.session import clerk
from backoffice.staff.said import Names, all_facts, names_in, place_said
from backoffice.story import staff_in
from training import clock
from training.database import db
from training.policy.queries import districts_on
from training.staff import queries, rules
from training.staff.models import Role, StaffAccount, StaffRole
from training.staff.rights import RIGHTS, Reach, Right
from web.staff_words import ACTION, DESK, SCOPE
from web.written import day

SOON = timedelta(days=7)
LONG_UNSEEN = timedelta(days=45)
Note = tuple[str, str]
# The rights of the table "who may not be both", in the order in which a case goes.
HANDS = (
    Role.COUNSELLOR,
    Role.VERIFIER,
    Role.REVIEWER_DISTRICT,
    Role.REVIEWER_MUNICIPAL,
    Role.PUBLICITY,
    Role.FINANCE,
    Role.FINANCE_RELEASE,
    Role.POLICY_EDITOR,
    Role.POLICY_APPROVER,
)


@dataclass(frozen=True)
class Held:
    """A right as staff read it: the role, where, until when, and in whose place."""

    role: Role
    place: str
    until: date | None
    in_force: bool
    instead_of: str = ""


@dataclass(frozen=True)
class Line:
    """One account in the list."""

    account: StaffAccount
    held: Sequence[Held]
    last_seen: datetime | None
    notes: Sequence[Note]


def asked() -> queries.StaffFilter:
    """What the address asks for; what cannot be read is left out."""
    tab, page = request.args.get("tab", ""), request.args.get("page", "1")
    return queries.StaffFilter(
        tab=tab if tab in queries.TABS else "in_force",
        words=request.args.get("q", "").strip()[:40],
        district=request.args.get("district", "")[:6],
        page=max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
    )


def list_page() -> dict[str, Any]:
    """The list of accounts, or of what waits."""
    session, wanted, today = db.session(), asked(), clock.today()
    counts = queries.counts_of_staff(session, wanted, today)
    found = queries.staff_page(session, wanted, today)
    proposals = queries.open_proposals(session) if wanted.tab == "waiting" else []
    return {
        "wanted": wanted,
        "tabs": _tabs(wanted, counts),
        "lines": _lines(found.accounts.rows, found.last_seen, today),
        "proposals": all_facts(proposals),
        "counts": counts,
        "page": found.accounts.page,
        "pages": found.accounts.last,
        "link": lambda number: _address(wanted, page=number),
        "districts": districts_on(current_app.extensions["pack"], today),
        "may_add": clerk().account.sits_at(Role.SYSADMIN),
        **contradictions(),
    }


def _lines(accounts: Sequence[StaffAccount], seen: Mapping[str, datetime], today: date) -> list[Line]:
    """Accounts with what is worth a look."""
    names = names_in([right for account in accounts for right in _living(account, today)])
    return [
        Line(
            account,
            _held(account, today, names),
            seen.get(account.id),
            _notes(account, seen.get(account.id), today),
        )
        for account in accounts
    ]


def held_by(account: StaffAccount, today: date) -> list[Held]:
    """The rights of an account in words; those that ended are left out."""
    return _held(account, today, names_in(_living(account, today)))


def _held(account: StaffAccount, today: date, names: Names) -> list[Held]:
    return [
        Held(
            right.role,
            place_said(right.role, right.district, right.institution_id, names),
            right.until_on,
            right.is_in_force(today),
            names.staff.get(right.deputy_for or "", ""),
        )
        for right in _living(account, today)
    ]


def _living(account: StaffAccount, today: date) -> list[StaffRole]:
    return [right for right in account.held if right.until_on is None or right.until_on >= today]


def _notes(account: StaffAccount, seen: datetime | None, today: date) -> list[Note]:
    notes = []
    if account.is_on_leave(today) and account.leave_until:
        notes.append(("wait", gettext("On leave until %(day)s", day=day(account.leave_until))))
    ending = [
        held.until_on for held in account.held if held.until_on and today <= held.until_on <= today + SOON
    ]
    if ending:
        left = (min(ending) - today).days
        notes.append(("warn", ngettext("A right ends in %(num)d day", "A right ends in %(num)d days", left)))
    if seen is None:
        notes.append(("warn", gettext("Never signed in")))
    elif clock.now() - seen > LONG_UNSEEN:
        idle = (clock.now() - seen).days
        notes.append(("warn", ngettext("Not here for %(num)d day", "Not here for %(num)d days", idle)))
    return notes or [("ok", gettext("nothing to note"))]


def account_page(account: StaffAccount) -> dict[str, Any]:
    """One account: rights, leave, what waits, what was changed."""
    session, today = db.session(), clock.today()
    seen = queries.last_seen(session, [account.id])
    changes = queries.changes_of(session, account.id)
    who = staff_in(session, changes)
    deputy = queries.names_of(session, {account.deputy_id} if account.deputy_id else set())
    return {
        "person": account,
        "line": _lines([account], seen, today)[0],
        "deputy": deputy.get(account.deputy_id or "", ""),
        "proposals": all_facts(queries.open_proposals(session, account.id)),
        "changes": [(event, who.get(event.actor_id, event.actor_id)) for event in changes],
        "half": queries.half_to_hand_over(session, account.id, clerk().account.id),
        "is_own": account.id == clerk().account.id,
        "may_propose_rights": clerk().account.sits_at(Role.SECADMIN),
        "against": _against([held.role for held in account.held]),
    }


def _against(held: Sequence[Role]) -> dict[Role, list[str]]:
    """What speaks against each further right; one that is held may be moved to another place."""
    return {role: [] if role in held else rules.reasons_not_to_hold(role, held) for role in Role}


def contradictions() -> dict[str, Any]:
    """The table of rights that may not meet in one person."""
    return {"hands": HANDS, "contradicts": rules.contradicts, "administrators": rules.ADMINISTRATORS}


def rights_page() -> dict[str, Any]:
    """The table of rights, by role; desks that are not open yet are marked."""
    there = {desk.name for desk in DESKS.values() if desk.endpoint in current_app.view_functions}
    rows: dict[Role, list[Right]] = {}
    for right in RIGHTS:
        if right.scope is not Reach.SELF:
            rows.setdefault(right.role, []).append(right)
    words = {**DESK, **{desk.name: desk.word for desk in DESKS.values()}}
    return {"rows": rows, "there": there, "desk_words": words, "action_words": ACTION, "scope_words": SCOPE}


def _tabs(wanted: queries.StaffFilter, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    words = {
        "in_force": gettext("At work"),
        "waiting": gettext("To be agreed"),
        "leave": gettext("On leave"),
        "disabled": gettext("Out of force"),
    }
    return [
        {
            "word": words[tab],
            "href": _address(wanted, tab=tab),
            "count": counts[tab],
            "current": tab == wanted.tab,
        }
        for tab in queries.TABS
    ]


def _address(wanted: queries.StaffFilter, *, tab: str | None = None, page: int = 1) -> str:
    chosen: dict[str, Any] = {
        "tab": None if (tab or wanted.tab) == "in_force" else (tab or wanted.tab),
        "q": wanted.words or None,
        "district": wanted.district or None,
        "page": page if page > 1 else None,
    }
    return url_for("office.staff.accounts", **chosen)
