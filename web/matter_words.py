"""The words of matters: what kind, where it stands, whose desk has it, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from training.objections.lifecycle import WRITTEN, MatterKind
from training.objections.models import Matter
from training.policy.pack import Pack
from training.policy.queries import district
from web.i18n import language
from web.labels import Words, word
from web.reasons import code_sentence

_: Callable[..., str] = gettext
KIND: Words = {
    "objection": _l("Objection"),
    "appeal": _l("Appeal"),
    "complaint": _l("Complaint"),
    "fee_report": _l("Fee asked for"),
    "message": _l("Message"),
    "correction": _l("Correction"),
    "deletion": _l("Deletion"),
    "not_me": _l("Not me"),
}
KIND_ICON = {
    "objection": "doc",
    "appeal": "undo",
    "complaint": "talk",
    "fee_report": "coin",
    "message": "text",
    "correction": "pen",
    "deletion": "cross",
    "not_me": "lock",
}
STATUS: Words = {
    "open": _l("Being looked into"),
    "upheld": _l("Upheld"),
    "dismissed": _l("Not upheld"),
}
# What strangers write is answered; "upheld" would say little to them.
ANSWERED: Words = {"open": _l("Being looked into"), "upheld": _l("Answered"), "dismissed": _l("Answered")}
STATUS_KIND = {"open": "wait", "upheld": "ok", "dismissed": "stop"}
REASON: Words = {
    "not_me": _l("That was not me"),
    "facts_wrong": _l("The facts are wrong"),
    "new_proof": _l("I have new proof"),
    "rule_wrong": _l("The wrong rule was used"),
}
REASON_HINT: Words = {
    "not_me": _l("I never took that class or got that money"),
    "facts_wrong": _l("Occupation, level, date or amount"),
    "new_proof": _l("Papers I did not hand in before"),
    "rule_wrong": _l("This article does not fit my case"),
}
# What an upheld appeal came to: a status, or the reason why nothing could be given back.
OUTCOME: Words = {
    "verifying": _l("The enrolment is back in the identity check; somebody else looks at it"),
    "waiting": _l("The enrolment stands in line again; there was no free seat"),
    "district_review": _l("A new claim is before the district"),
    "refused": _l("The enrolment has ended"),
    "withdrawn": _l("The enrolment has ended"),
    "dropped_out": _l("The enrolment has ended"),
    "claim_ended": _l("The claim has ended; nothing is paid"),
    "class_over": _l("The class is over; no money is claimed for it"),
    "money_gone": _l("Money had gone out already; it can only be asked back"),
    "not_theirs": _l("The person was never in this class, so no new claim was made"),
    "phone_taken_back": _l("The phone before is in use again"),
    "account_stopped": _l("The account stays stopped"),
    "deleted": _l("The data is deleted"),
    "goes_on": _l("Everything goes on"),
    "nothing_due": _l("By the records nothing is due, so no new claim was made"),
    "not_refused": _l("Nothing was refused any more"),
}


def kind_word(kind: object) -> str:
    """What kind of matter it is."""
    return word(KIND, kind)


def appeal_reason(code: object) -> str:
    """Why somebody appeals, or what else was named."""
    return word(REASON, code) if str(code) in REASON else code_sentence(str(code))


def matter_status(matter: Matter) -> str:
    """Where a matter stands."""
    return word(ANSWERED if matter.kind in WRITTEN else STATUS, matter.status.value)


def matter_kind(matter: Matter) -> str:
    """The colour of that word."""
    is_answered = matter.kind in WRITTEN and not matter.is_open
    return "ok" if is_answered else STATUS_KIND[matter.status.value]


def outcome_sentence(code: str) -> str:
    """What an upheld appeal came to."""
    return word(OUTCOME, code) if code in OUTCOME else code_sentence(code)


def desk_of(pack: Pack, matter: Matter) -> str:
    """Which office has it: never a person's name."""
    return desk_for(pack, matter.kind, matter.district)


def desk_for(pack: Pack, kind: MatterKind, code: str) -> str:
    """The desk that has matters of this kind from this district."""
    if not code:
        return _("Municipal employment service")
    place = district(pack, code).name.said(language())
    if kind is MatterKind.OBJECTION:
        return _("%(place)s Bureau, published lists", place=place)
    if kind in (MatterKind.CORRECTION, MatterKind.DELETION, MatterKind.NOT_ME):
        return _("%(place)s Bureau, personal records", place=place)
    if kind is MatterKind.APPEAL:
        return _("%(place)s Bureau, appeals", place=place)
    return _("%(place)s Bureau, complaints", place=place)


MATTER_GLOBALS: Mapping[str, Any] = {
    "kind_word": kind_word,
    "kind_icon": lambda kind: KIND_ICON[str(kind)],
    "appeal_reason": appeal_reason,
    "matter_status": matter_status,
    "matter_kind": matter_kind,
    "outcome_sentence": outcome_sentence,
}
