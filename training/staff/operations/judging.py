"""What speaks against a change of an account: asked when it is proposed, and again when it is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock
from training.errors import NotAllowedNow
from training.staff import rules
from training.staff.models import ProposalKind, Role, StaffAccount, StaffRole
from training.staff.rights import Reach, reach_of

Judge = Callable[[Session, StaffAccount, Mapping[str, Any]], list[str]]


def living(account: StaffAccount, today: date) -> list[StaffRole]:
    """The rights that are in force or will be: what ended does not count."""
    return [right for right in account.held if right.until_on is None or right.until_on >= today]


def own(account: StaffAccount, today: date) -> list[StaffRole]:
    """Of the living rights those that are not lent by somebody on leave."""
    return [right for right in living(account, today) if right.deputy_for is None]


def judge_right(content: Mapping[str, Any], held: list[Role], today: date) -> list[str]:
    """What speaks against this right of somebody who holds `held`."""
    role = Role(content["role"])
    until = date.fromisoformat(content["until"]) if content["until"] else None
    place = rules.reasons_against_place(role, content["district"], content["institution"], until, today)
    return place + [reason for reason in rules.reasons_not_to_hold(role, held) if reason != "already_held"]


def _right(session: Session, account: StaffAccount, content: Mapping[str, Any]) -> list[str]:
    today = clock.today()
    mine = living(account, today)
    reasons = _out_of_force(account) + judge_right(content, [right.role for right in mine], today)
    for right in mine:
        same_role = right.role.value == content["role"]
        if same_role and (right.deputy_for or _as_content(right) == dict(content)):
            reasons.append("already_held")
        if not same_role and _elsewhere(right, content):
            reasons.append("other_district")
    return list(dict.fromkeys(reasons))


def _elsewhere(right: StaffRole, content: Mapping[str, Any]) -> bool:
    """One person serves one district: two of them would show the cases of both under one name."""
    bound = (
        reach_of(Role(content["role"])) is Reach.OWN_DISTRICT and reach_of(right.role) is Reach.OWN_DISTRICT
    )
    return bound and right.district != content["district"]


def _as_content(right: StaffRole) -> dict[str, Any]:
    until = right.until_on.isoformat() if right.until_on else None
    return {
        "role": right.role.value,
        "district": right.district,
        "institution": right.institution_id,
        "until": until,
    }


def _leave(session: Session, account: StaffAccount, content: Mapping[str, Any]) -> list[str]:
    from_on, until_on = date.fromisoformat(content["from"]), date.fromisoformat(content["until"])
    reasons = _out_of_force(account) + rules.reasons_against_leave(from_on, until_on, clock.today())
    if not content["deputy"]:
        return reasons
    deputy = session.get(StaffAccount, content["deputy"])
    if deputy is None or deputy.disabled_at is not None:
        return [*reasons, "deputy_out_of_force"]
    if deputy.leave_from and deputy.leave_from <= until_on and (deputy.leave_until or date.max) >= from_on:
        reasons.append("deputy_on_leave")
    mine, theirs = (
        [(right.role, right.district, right.institution_id) for right in rights]
        for rights in (own(account, from_on), living(deputy, from_on))
    )
    return reasons + rules.reasons_against_deputy(mine, theirs, same_person=deputy.id == account.id)


def _enable(session: Session, account: StaffAccount, content: Mapping[str, Any]) -> list[str]:
    return [] if account.disabled_at is not None else ["in_force"]


def _recovery(session: Session, account: StaffAccount, content: Mapping[str, Any]) -> list[str]:
    reasons = _out_of_force(account)
    if account.number_index and account.number_index != content["number_index"]:
        reasons.append("wrong_person")
    same = (StaffAccount.number_index == content["number_index"], StaffAccount.id != account.id)
    if not account.number_index and session.scalar(select(StaffAccount.id).where(*same)) is not None:
        reasons.append("person_has_account")
    return reasons


def _out_of_force(account: StaffAccount) -> list[str]:
    return ["disabled"] if account.disabled_at is not None else []


JUDGES: Mapping[ProposalKind, Judge] = {
    ProposalKind.RIGHT: _right,
    ProposalKind.LEAVE: _leave,
    ProposalKind.ENABLE: _enable,
    ProposalKind.RECOVERY: _recovery,
}


def judge(session: Session, kind: ProposalKind, account: StaffAccount, content: Mapping[str, Any]) -> None:
    """A step. Raises NotAllowedNow with every reason that speaks against the change."""
    if reasons := JUDGES[kind](session, account, content):
        raise NotAllowedNow(*reasons)


def judge_new(session: Session, username: str, content: Mapping[str, Any]) -> None:
    """A step: may this account be made? Raises NotAllowedNow with every reason."""
    reasons = []
    if session.scalar(select(StaffAccount.id).where(StaffAccount.username == username)) is not None:
        reasons.append("username_taken")
    same = StaffAccount.number_index == content["number_index"]
    if session.scalar(select(StaffAccount.id).where(same)) is not None:
        reasons.append("person_has_account")
    held: list[Role] = []
    for right in content["rights"]:
        reasons += judge_right(right, held, clock.today())
        held.append(Role(right["role"]))
    if reasons:
        raise NotAllowedNow(*dict.fromkeys(reasons))
