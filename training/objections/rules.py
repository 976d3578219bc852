"""Who may appeal, until when, and who may decide. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from training.objections.lifecycle import MatterKind, MatterStatus
from training.staff.models import Role

APPEAL_REASONS = ("not_me", "facts_wrong", "new_proof", "rule_wrong")
LONGEST_TEXT = 2000
LONGEST_CONTACT = 80
# Contract §6: lists and what strangers write lie with the publicity clerk; what concerns a person, with a reviewer.
KINDS_OF = {
    Role.PUBLICITY: frozenset({MatterKind.OBJECTION, MatterKind.MESSAGE}),
    Role.REVIEWER_DISTRICT: frozenset(MatterKind) - {MatterKind.OBJECTION},
    Role.REVIEWER_MUNICIPAL: frozenset(MatterKind),
}
_NUMBER = re.compile(r"\d{15,}|(?<!\d)1[3-9]\d{9}(?!\d)|(?<![0-9A-Z])[A-Z]\d{7,8}(?![0-9])")
_JOINTS = re.compile(r"(?<=\d)[ \-]+(?=\d)")


@dataclass(frozen=True)
class Decider:
    """Somebody who would decide: the account, and the roles it holds."""

    id: str
    roles: frozenset[Role]


def kinds_for(roles: Collection[Role]) -> frozenset[MatterKind]:
    """The kinds of matters that somebody with these roles works on."""
    return frozenset().union(*(KINDS_OF.get(role, frozenset()) for role in roles))


def reasons_not_to_appeal(
    refused: bool, last_day: date | None, today: date, *, is_open: bool = False, was_answered: bool = False
) -> list[str]:
    """Why a refusal cannot be appealed now: `not_refused`, `already_open`, `already_answered`, `too_late`."""
    if not refused or last_day is None:
        return ["not_refused"]
    reasons = {
        "already_open": is_open,
        "already_answered": was_answered,
        "too_late": today > last_day,
    }
    return [code for code, is_so in reasons.items() if is_so][:1]


def reasons_not_to_decide(
    kind: MatterKind,
    status: MatterStatus,
    who: Decider,
    not_by: Collection[str],
    *,
    district_can: bool,
    is_late: bool,
) -> list[str]:
    """Why this person may not decide a matter of this kind, whatever else they may do; empty: they may (I14).

    `other_desk` is of no role that works on it; `decided_it_before` had a part in what it is about, or opened it;
    `district_has_it`: the municipal desk decides where nobody in the district may, and what is late.
    """
    if status is not MatterStatus.OPEN:
        return ["decided"]
    if kind not in kinds_for(who.roles):
        return ["other_desk"]
    if who.id in not_by:
        return ["decided_it_before"]
    only_municipal = kind not in kinds_for(who.roles - {Role.REVIEWER_MUNICIPAL})
    return ["district_has_it"] if only_municipal and district_can and not is_late else []


def reasons_against_answer(text: str, name: str) -> list[str]:
    """Why this cannot be the answer: `empty`, `too_long`, or a number of a person, card, phone or account
    (`holds_number`) or the person's name (`names_person`) stands in it: whoever has the reference reads it.
    """
    bare = _JOINTS.sub("", text)
    reasons = {
        "empty": len(text.strip()) < 2,
        "too_long": len(text) > LONGEST_TEXT,
        "holds_number": _NUMBER.search(bare) is not None,
        "names_person": len(name) > 1 and name in text,
    }
    return [code for code, is_so in reasons.items() if is_so]
