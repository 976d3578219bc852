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
from training import clock
from training.audit import AuditEvent
from training.database import db
from training.institutions.queries import institution
from training.policy.queries import districts_on
from training.staff import queries, rules
from training.staff.models import ProposalKind, ProposalState, Role, StaffAccount, StaffProposal, StaffRole
from training.staff.rights import RIGHTS, Reach, Right, reach_of
from web.i18n import language
from web.labels import ROLE, word
from web.staff_words import ACTION, DESK, KIND, SCOPE
from web.written import day

SOON = timedelta(days=7)
LONG_UNSEEN = timedelta(days=45)
# What leads to a first sign-in: each of the two administrators has half of its code.
WITH_CODE = (ProposalKind.ACCOUNT, ProposalKind.RECOVERY)
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
        "lines": [line(account, found.last_seen.get(account.id), today) for account in found.accounts],
        "proposals": [proposal_facts(one) for one in proposals],
        "counts": counts,
        "page": min(wanted.page, found.pages),
        "pages": found.pages,
        "link": lambda number: _address(wanted, page=number),
        "districts": districts_on(current_app.extensions["pack"], today),
        "may_add": clerk().account.sits_at(Role.SYSADMIN),
        **contradictions(),
    }


def line(account: StaffAccount, seen: datetime | None, today: date) -> Line:
    """One account with what is worth a look."""
    return Line(account, held_by(account, today), seen, _notes(account, seen, today))


def held_by(account: StaffAccount, today: date) -> list[Held]:
    """The rights of an account in words; those that ended are left out."""
    living = [held for held in account.held if held.until_on is None or held.until_on >= today]
    others = queries.names_of(db.session(), {held.deputy_for for held in living if held.deputy_for})
    return [
        Held(
            held.role,
            place_of(held),
            held.until_on,
            held.is_in_force(today),
            others.get(held.deputy_for or "", ""),
        )
        for held in living
    ]


def place_of(held: StaffRole) -> str:
    """Where a right holds, in words."""
    return _place(held.role, held.district, held.institution_id)


def _place(role: Role, district: str | None, institution_id: str | None) -> str:
    reach = reach_of(role)
    if reach is Reach.OWN_DISTRICT:
        return district_name(district)
    if reach is Reach.OWN_INSTITUTION:
        return institution(db.session(), institution_id).name if institution_id else "—"
    return word(SCOPE, reach)


def district_name(code: str | None) -> str:
    """The name of a district in the reader's language; a code nobody knows stays as it is."""
    unit = current_app.extensions["pack"].districts.get(code or "")
    return unit.name.said(language()) if unit else (code or "—")


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
    deputy = queries.names_of(session, {account.deputy_id} if account.deputy_id else set())
    return {
        "person": account,
        "line": line(account, seen.get(account.id), today),
        "deputy": deputy.get(account.deputy_id or "", ""),
        "proposals": [proposal_facts(one) for one in queries.open_proposals(session, account.id)],
        "changes": [(event, _who(event, session)) for event in changes],
        "half": queries.half_to_hand_over(session, account.id, clerk().account.id),
        "is_own": account.id == clerk().account.id,
        "may_propose_rights": clerk().account.sits_at(Role.SECADMIN),
        "against": _against([held.role for held in account.held]),
    }


def _against(held: Sequence[Role]) -> dict[Role, list[str]]:
    """What speaks against each further right; one that is held may be moved to another place."""
    return {role: [] if role in held else rules.reasons_not_to_hold(role, held) for role in Role}


def _who(event: AuditEvent, session: Any) -> str:
    return queries.names_of(session, [event.actor_id]).get(event.actor_id, event.actor_id)


@dataclass(frozen=True)
class Facts:
    """A proposal in words."""

    proposal: StaffProposal
    person: str
    username: str
    kind: str
    lines: Sequence[tuple[str, str]]
    may_decide: bool
    may_withdraw: bool
    has_half: bool
    against: str


def proposal_facts(proposal: StaffProposal) -> Facts:
    """Whom it concerns, what it would change, and whether the reader may decide it."""
    content, account = proposal.content, proposal.account
    own = clerk().account
    against = rules.reasons_not_to_confirm(
        proposal.kind, [held.role for held in own.roles], own.id, proposal.proposed_by, proposal.account_id
    )
    is_open = proposal.state is ProposalState.OPEN
    return Facts(
        proposal=proposal,
        person=account.name if account else content["name"],
        username=account.username if account else proposal.about,
        kind=word(KIND, proposal.kind),
        lines=_lines(proposal.kind, content),
        may_decide=is_open and not against,
        may_withdraw=is_open and proposal.proposed_by == own.id,
        has_half=proposal.kind in WITH_CODE
        and proposal.state is ProposalState.CONFIRMED
        and own.id in (proposal.proposed_by, proposal.decided_by),
        against=against[0] if against and is_open else "",
    )


def _lines(kind: ProposalKind, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    if kind is ProposalKind.RIGHT:
        return _right_lines(content)
    if kind is ProposalKind.LEAVE:
        names = queries.names_of(db.session(), [content["deputy"]] if content["deputy"] else [])
        return [
            (gettext("First day"), day(date.fromisoformat(content["from"]))),
            (gettext("Last day"), day(date.fromisoformat(content["until"]))),
            (gettext("Deputy"), names.get(content["deputy"], gettext("Nobody"))),
        ]
    if kind is ProposalKind.ACCOUNT:
        rights = [pair for right in content["rights"] for pair in _right_lines(right)]
        return [(gettext("Office"), content["office"]), *rights]
    return []


def _right_lines(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    role = Role(content["role"])
    until = day(date.fromisoformat(content["until"])) if content["until"] else gettext("without end")
    return [
        (gettext("Role"), word(ROLE, role)),
        (gettext("Scope"), _place(role, content["district"], content["institution"])),
        (gettext("Until"), until),
    ]


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
