"""The table of rights: role × desk × action × scope.

One table, read by the guards of the back office, by the menu, by `queries.scope_of` and by the tests, and shown
to staff as a page. Nothing else says who may do what. A desk that is not built yet may stand here: nobody can
open it. Spec §5.2 names the desks and their roles, trust.md A16, A17 and A21 what a scope keeps out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from training.staff.models import Role


class Action(StrEnum):
    """To see is to open pages; to act is to change something, and includes seeing."""

    SEE = "see"
    ACT = "act"


class Reach(StrEnum):
    """Whose cases: one's own settings, one school's, one district's, the whole city's."""

    SELF = "self"
    OWN_INSTITUTION = "own_institution"
    OWN_DISTRICT = "own_district"
    MUNICIPAL = "municipal"


@dataclass(frozen=True)
class Right:
    """A role may do this at that desk, with these cases."""

    role: Role
    desk: str
    action: Action
    scope: Reach


ALL = "me"  # one's own desk, where everybody works
ACT, SEE = Action.ACT, Action.SEE
DISTRICT, CITY, SCHOOL = Reach.OWN_DISTRICT, Reach.MUNICIPAL, Reach.OWN_INSTITUTION

RIGHTS: tuple[Right, ...] = (
    Right(Role.COUNSELLOR, "counter", ACT, DISTRICT),
    Right(Role.COUNSELLOR, "phones", ACT, DISTRICT),
    Right(Role.COUNSELLOR, "letters", ACT, DISTRICT),
    Right(Role.COUNSELLOR, "seats", ACT, DISTRICT),
    Right(Role.COUNSELLOR, "corrections", ACT, DISTRICT),
    Right(Role.COUNSELLOR, "search", ACT, DISTRICT),
    Right(Role.VERIFIER, "verify", ACT, DISTRICT),
    Right(Role.VERIFIER, "phones", ACT, DISTRICT),
    Right(Role.VERIFIER, "duplicates", ACT, DISTRICT),
    Right(Role.VERIFIER, "corrections", ACT, DISTRICT),
    Right(Role.VERIFIER, "search", ACT, DISTRICT),
    Right(Role.REVIEWER_DISTRICT, "claims", ACT, DISTRICT),
    Right(Role.REVIEWER_DISTRICT, "objections", ACT, DISTRICT),
    Right(Role.REVIEWER_DISTRICT, "search", ACT, DISTRICT),
    Right(Role.REVIEWER_DISTRICT, "exports", ACT, DISTRICT),
    Right(Role.REVIEWER_MUNICIPAL, "claims", ACT, CITY),
    Right(Role.REVIEWER_MUNICIPAL, "objections", ACT, CITY),
    Right(Role.REVIEWER_MUNICIPAL, "records", ACT, CITY),
    Right(Role.REVIEWER_MUNICIPAL, "search", ACT, CITY),
    Right(Role.REVIEWER_MUNICIPAL, "exports", ACT, CITY),
    Right(Role.PUBLICITY, "notices", ACT, DISTRICT),
    Right(Role.PUBLICITY, "objections", ACT, DISTRICT),
    Right(Role.FINANCE, "payments", ACT, CITY),
    Right(Role.FINANCE, "recoveries", ACT, CITY),
    Right(Role.FINANCE_RELEASE, "payments", ACT, CITY),
    Right(Role.INSTITUTION, "classes", ACT, SCHOOL),
    Right(Role.INSTITUTION, "seats", ACT, SCHOOL),
    Right(Role.INSPECTOR, "schools", ACT, DISTRICT),
    Right(Role.PLANNER, "plan", ACT, CITY),
    Right(Role.POLICY_EDITOR, "policy", ACT, CITY),
    Right(Role.POLICY_APPROVER, "policy", ACT, CITY),
    Right(Role.AUDITOR, "audit", SEE, CITY),
    Right(Role.SYSADMIN, "staff", ACT, CITY),
    Right(Role.SYSADMIN, "status", ACT, CITY),
    Right(Role.SECADMIN, "staff", ACT, CITY),
    Right(Role.SECADMIN, "status", ACT, CITY),
    Right(Role.SECADMIN, "readers", SEE, CITY),
    *(Right(role, ALL, ACT, Reach.SELF) for role in Role),
)


def right_of(role: Role, desk: str) -> Right | None:
    """What `role` may do at `desk`; None: nothing."""
    return next((right for right in RIGHTS if right.role is role and right.desk == desk), None)


def roles_at(desk: str, action: Action = Action.SEE) -> tuple[Role, ...]:
    """The roles that may see, or act, at `desk`, in the order of the table."""
    enough = (Action.ACT,) if action is Action.ACT else tuple(Action)
    return tuple(right.role for right in RIGHTS if right.desk == desk and right.action in enough)


def reach_of(role: Role) -> Reach:
    """Whose cases a role works on: the same at all its desks but its own."""
    return next(right.scope for right in RIGHTS if right.role is role)


MUNICIPAL = frozenset(role for role in Role if reach_of(role) is Reach.MUNICIPAL)
