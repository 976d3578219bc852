"""Who may give which right to whom: pure decisions with named reasons.

Sources: trust.md A22 (proposed by one, confirmed by another, never for oneself), A21 (the three administrators
exclude each other), I14 (who enters, checks, reviews, makes a batch and pays are different persons).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

from training.policy.service import Sharing
from training.staff.models import ProposalKind, Role
from training.staff.rights import Reach, reach_of

ADMINISTRATORS = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
FRESH = timedelta(minutes=10)
SHORTEST_PASSWORD = 12
COMMON = frozenset(
    {
        "123456789012",
        "1234567890123",
        "000000000000",
        "111111111111",
        "qwertyuiop12",
        "qwertyuiopas",
        "passwordpassword",
        "password1234",
        "password12345",
        "administrator",
        "abcdefghijkl",
        "woaini1314520",
        "aaaaaaaaaaaa",
        "correcthorsebatterystaple",
    }
)

# Who proposes which change, and who may confirm it. Both are never the person whom it concerns.
PROPOSES = {
    ProposalKind.ACCOUNT: frozenset({Role.SYSADMIN}),
    ProposalKind.RIGHT: frozenset({Role.SECADMIN}),
    ProposalKind.LEAVE: frozenset({Role.SECADMIN}),
    ProposalKind.ENABLE: frozenset({Role.SECADMIN}),
    ProposalKind.RECOVERY: frozenset({Role.SYSADMIN, Role.SECADMIN}),
}
CONFIRMS = {
    ProposalKind.ACCOUNT: frozenset({Role.SECADMIN}),
    ProposalKind.RIGHT: frozenset({Role.SYSADMIN, Role.SECADMIN}),
    ProposalKind.LEAVE: frozenset({Role.SYSADMIN, Role.SECADMIN}),
    ProposalKind.ENABLE: frozenset({Role.SYSADMIN, Role.SECADMIN}),
    ProposalKind.RECOVERY: frozenset({Role.SYSADMIN, Role.SECADMIN}),
}

_ON_A_CASE = (Role.COUNSELLOR, Role.VERIFIER, Role.REVIEWER_DISTRICT, Role.REVIEWER_MUNICIPAL)
_ON_MONEY = (Role.FINANCE, Role.FINANCE_RELEASE)


def _pairs(*groups: Iterable[Role]) -> Iterable[frozenset[Role]]:
    return (frozenset(pair) for group in groups for pair in combinations(group, 2))


def _each(one: Iterable[Role], others: Iterable[Role]) -> Iterable[frozenset[Role]]:
    held = tuple(others)
    return (frozenset({role, other}) for role in one for other in held if other is not role)


# Two rights of one pair never meet in one person.
CONTRADICT: frozenset[frozenset[Role]] = frozenset(
    {
        *_pairs((*_ON_A_CASE, *_ON_MONEY)),
        *_each(_ON_MONEY, (Role.PUBLICITY, Role.INSPECTOR, Role.POLICY_EDITOR, Role.POLICY_APPROVER)),
        *_pairs((Role.POLICY_EDITOR, Role.POLICY_APPROVER)),
        *_each(ADMINISTRATORS, Role),
        *_each((Role.INSTITUTION,), Role),
    }
)


def contradicts(one: Role, other: Role) -> bool:
    """May these two rights not meet in one person?"""
    return frozenset({one, other}) in CONTRADICT


def reasons_not_to_hold(role: Role, held: Collection[Role]) -> list[str]:
    """Why somebody who holds `held` may not get `role` as well; each names the right that stands against it."""
    if role in held:
        return ["already_held"]
    return [f"contradicts_{other.value}" for other in Role if other in held and contradicts(role, other)]


def reasons_against_place(
    role: Role, district: str | None, institution: str | None, until: date | None, today: date
) -> list[str]:
    """Why this right may not be bound so: a district desk needs its district, a school's its school; an
    administrator's right has no last day, else the last one could vanish by itself."""
    reach = reach_of(role)
    reasons = []
    if reach is Reach.OWN_DISTRICT and not district:
        reasons.append("district_missing")
    if reach is Reach.OWN_INSTITUTION and not institution:
        reasons.append("institution_missing")
    if until is not None and until < today:
        reasons.append("until_past")
    if until is not None and role in ADMINISTRATORS:
        reasons.append("administrator_without_end")
    return reasons


def reasons_not_to_propose(
    kind: ProposalKind, roles: Collection[Role], proposer: str, about: str | None
) -> list[str]:
    """Why `proposer`, who holds `roles`, may not propose this about that account."""
    if proposer == about:
        return ["for_oneself"]
    return [] if PROPOSES[kind] & set(roles) else ["not_this_administrator"]


def reasons_not_to_confirm(
    kind: ProposalKind, roles: Collection[Role], confirmer: str, proposer: str, about: str | None
) -> list[str]:
    """Why `confirmer` may not confirm or refuse what `proposer` proposed."""
    if confirmer == about:
        return ["for_oneself"]
    if confirmer == proposer:
        return ["same_person"]
    return [] if CONFIRMS[kind] & set(roles) else ["not_this_administrator"]


def reasons_against_deputy(
    absent: Iterable[tuple[Role, str | None, str | None]],
    deputy: Collection[tuple[Role, str | None, str | None]],
    *,
    same_person: bool,
) -> list[str]:
    """Why somebody may not stand in: rights are (role, district, institution). A deputy serves the same place,
    holds nothing that contradicts, and no desk of the absent person somewhere else."""
    if same_person:
        return ["deputy_oneself"]
    reasons: list[str] = []
    roles, places = {role for role, _, _ in deputy}, {place[1:] for place in deputy}
    for role, *place in absent:
        if role in ADMINISTRATORS:
            reasons.append("administrator_without_deputy")
        elif tuple(place) not in places:
            reasons.append("deputy_elsewhere")
        elif role not in roles:
            reasons += reasons_not_to_hold(role, roles)
    return list(dict.fromkeys(reasons))


def reasons_against_leave(from_on: date, until_on: date, today: date) -> list[str]:
    """Why a leave cannot have these days."""
    if until_on < from_on:
        return ["leave_backwards"]
    return ["leave_over"] if until_on < today else []


@dataclass(frozen=True)
class Share:
    """Of the decisions on one school's cases lately, how many were one person's."""

    institution: str
    own: int
    every: int


@dataclass(frozen=True)
class Waiting:
    """A case that waits, its school, and whether the asker has it already."""

    case: str
    institution: str
    is_theirs: bool = False


@dataclass(frozen=True)
class Turn:
    """The case to be given next; `instead_of` is why it is not the oldest: the share of that one's school."""

    case: str
    instead_of: Share | None = None


def is_above(share: Share, terms: Sharing) -> bool:
    """Did one person decide so much of a school's cases that somebody else's turn comes first?"""
    return share.every >= terms.of_at_least and share.own * 100 > terms.share_percent * share.every


def next_in_turn(waiting: Sequence[Waiting], above: Mapping[str, Share]) -> Turn | None:
    """Of cases that wait, the oldest first: the oldest of a school that is not `above`, by its id. Where all are, the
    oldest is given all the same: nobody waits for fairness. None where nothing waits."""
    if not waiting:
        return None
    oldest = waiting[0]
    chosen = next((one for one in waiting if one.is_theirs or one.institution not in above), oldest)
    return Turn(chosen.case, None if chosen is oldest else above[oldest.institution])


def reasons_not_to_take(held: int, at_most: int) -> list[str]:
    """Why somebody who holds so many cases is not given one more."""
    return ["holds_enough"] if held >= at_most else []


def reasons_against_password(password: str, username: str) -> list[str]:
    """Why this may not be a password: at least 12 characters, not the staff number, not a common one."""
    bare = "".join(password.lower().split())
    if len(password) < SHORTEST_PASSWORD:
        return ["short"]
    if username and username.lower() in bare:
        return ["username"]
    return ["common"] if bare in COMMON or len(set(bare)) < 4 else []


def is_fresh(signed_in_at: datetime, now: datetime) -> bool:
    """Was the person proved at most ten minutes ago? Needed before rights are changed."""
    return now - signed_in_at <= FRESH
