"""Rights and proposals in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext

from backoffice.session import clerk
from training.database import db
from training.institutions.queries import institution
from training.staff import queries, rules
from training.staff.models import ProposalKind, ProposalState, Role, StaffProposal, StaffRole
from training.staff.rights import Reach, reach_of
from web.i18n import language
from web.labels import ROLE, word
from web.staff_words import KIND, SCOPE
from web.written import day

# What leads to a first sign-in: each of the two administrators has half of its code.
WITH_CODE = (ProposalKind.ACCOUNT, ProposalKind.RECOVERY)


@dataclass(frozen=True)
class Names:
    """The names that the lines of a page need, by ids: staff asked for at once, each school once."""

    staff: Mapping[str, str]
    schools: Mapping[str, str]


def names_in(rights: Collection[StaffRole]) -> Names:
    """In whose place these rights are held, and at which schools."""
    return _names(
        {right.deputy_for for right in rights if right.deputy_for},
        {right.institution_id for right in rights if right.institution_id},
    )


def _names(staff: Collection[str], schools: Collection[str]) -> Names:
    session = db.session()
    return Names(queries.names_of(session, staff), {one: institution(session, one).name for one in schools})


def place_said(role: Role, district: str | None, institution_id: str | None, names: Names) -> str:
    """Where a right holds, in words."""
    reach = reach_of(role)
    if reach is Reach.OWN_DISTRICT:
        return district_name(district)
    if reach is Reach.OWN_INSTITUTION:
        return names.schools.get(institution_id or "", "—")
    return word(SCOPE, reach)


def district_name(code: str | None) -> str:
    """The name of a district in the reader's language; a code nobody knows stays as it is."""
    unit = current_app.extensions["pack"].districts.get(code or "")
    return unit.name.said(language()) if unit else (code or "—")


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
    return all_facts([proposal])[0]


def all_facts(proposals: Sequence[StaffProposal]) -> list[Facts]:
    """The same of several at once."""
    deputies = {one.content["deputy"] for one in proposals if one.content.get("deputy")}
    names = _names(deputies, {school for one in proposals for school in _schools_in(one)})
    return [_facts(one, names) for one in proposals]


def _schools_in(proposal: StaffProposal) -> list[str]:
    """Where the rights that it would give hold, if at schools."""
    content, kind = proposal.content, proposal.kind
    rights = [content] if kind is ProposalKind.RIGHT else content.get("rights", [])
    bound = [right for right in rights if reach_of(Role(right["role"])) is Reach.OWN_INSTITUTION]
    return [right["institution"] for right in bound if right["institution"]]


def _facts(proposal: StaffProposal, names: Names) -> Facts:
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
        lines=_terms(proposal.kind, content, names),
        may_decide=is_open and not against,
        may_withdraw=is_open and proposal.proposed_by == own.id,
        has_half=proposal.kind in WITH_CODE
        and proposal.state is ProposalState.CONFIRMED
        and own.id in (proposal.proposed_by, proposal.decided_by),
        against=against[0] if against and is_open else "",
    )


def _terms(kind: ProposalKind, content: Mapping[str, Any], names: Names) -> list[tuple[str, str]]:
    if kind is ProposalKind.RIGHT:
        return _right_terms(content, names)
    if kind is ProposalKind.LEAVE:
        return [
            (gettext("First day"), day(date.fromisoformat(content["from"]))),
            (gettext("Last day"), day(date.fromisoformat(content["until"]))),
            (gettext("Deputy"), names.staff.get(content["deputy"] or "", gettext("Nobody"))),
        ]
    if kind is ProposalKind.ACCOUNT:
        rights = [pair for right in content["rights"] for pair in _right_terms(right, names)]
        return [(gettext("Office"), content["office"]), *rights]
    return []


def _right_terms(content: Mapping[str, Any], names: Names) -> list[tuple[str, str]]:
    role = Role(content["role"])
    until = day(date.fromisoformat(content["until"])) if content["until"] else gettext("without end")
    return [
        (gettext("Role"), word(ROLE, role)),
        (gettext("Scope"), place_said(role, content["district"], content["institution"], names)),
        (gettext("Until"), until),
    ]
