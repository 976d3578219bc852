"""Words of this desk: why somebody may not decide, and what a decision means for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from backoffice.objections.page import MatterPage
from training.numbers import masked, masked_name, masked_phone
from training.objections.lifecycle import WRITTEN, MatterKind
from training.objections.models import Matter
from web.desk_words import reason_text
from web.labels import Words, word
from web.messages import text_of
from web.written import at

_: Callable[..., str] = gettext
TAB: Words = {
    "all": _l("All"),
    "objection": _l("Objections to lists"),
    "appeal": _l("Appeals"),
    "complaint": _l("Complaints, fees, messages"),
    "not_me": _l("Not me"),
    "data": _l("Corrections, deletions"),
    "answered": _l("Answered"),
}
CLOSED: Words = {
    "decided": _l("It has been decided."),
    "changed_meanwhile": _l("It has changed meanwhile. Look at it again before you decide."),
    "other_desk": _l("Another desk decides matters of this kind."),
    "decided_it_before": _l(
        "You had a part in what it is about, or opened it. Somebody else decides (four eyes)."
    ),
    "enrolment_live": _l("An enrolment of this person is under way. It has to end or be withdrawn first."),
    "claim_open": _l("Money is still due to this person. It has to be paid or refused first."),
    "matter_open": _l("Another matter of this person is open. It has to be answered first."),
    "record_frozen": _l("The record is frozen until “this was not me” is decided."),
    "legal_hold": _l("A legal hold keeps the record. Whoever placed it can end it."),
    "accounts_kept": _l("Money was paid: its papers are kept for the years that accounting asks for."),
    "district_has_it": _l(
        "The district's desk decides it. It comes to you where nobody there may decide, and when it is late."
    ),
}
# What the two decisions are called and mean, by kind.
DECISIONS: Mapping[str, tuple[Words, Words]] = {
    "appeal": (
        {"uphold": _l("Uphold the appeal"), "dismiss": _l("Dismiss the appeal")},
        {
            "uphold": _l("The decision before is undone, and it goes on"),
            "dismiss": _l("The decision before stands"),
        },
    ),
    "objection": (
        {"uphold": _l("Uphold the objection"), "dismiss": _l("Dismiss the objection")},
        {"uphold": _l("The line is not paid"), "dismiss": _l("The line goes on")},
    ),
    "not_me": (
        {"uphold": _l("It was not this person"), "dismiss": _l("It was this person")},
        {
            "uphold": _l(
                "The enrolment and its claim end, the seat is free, nothing is paid; the record is open again"
            ),
            "dismiss": _l("The enrolment goes on, the record is open again"),
        },
    ),
    "correction": (
        {"uphold": _l("Correct it"), "dismiss": _l("Leave it as it is")},
        {
            "uphold": _l("The verifiers change the record, by two people"),
            "dismiss": _l("Say why it is right"),
        },
    ),
    "deletion": (
        {"uphold": _l("Delete the data"), "dismiss": _l("Keep the data")},
        {
            "uphold": _l("The person's key is destroyed; nobody can read the data again"),
            "dismiss": _l("Say by which rule it has to be kept, and until when"),
        },
    ),
    "written": (
        {"uphold": _l("It is so"), "dismiss": _l("It is not so")},
        {"uphold": _l("Say what is done about it"), "dismiss": _l("Say what was found")},
    ),
}


def decision_words(kind: MatterKind) -> tuple[dict[str, str], dict[str, str]]:
    """The names of both decisions, and what each means."""
    names, hints = DECISIONS["written" if kind in WRITTEN else kind.value]
    return {key: str(said) for key, said in names.items()}, {key: str(said) for key, said in hints.items()}


def message_texts(matter: Matter) -> list[str]:
    """What the person will be told on the phone, for each way to decide, in their language; the same words once."""
    appeal = matter.kind is MatterKind.APPEAL
    names = ("appeal_upheld", "appeal_dismissed") if appeal else ("matter_answered",)
    values = {"reference": matter.reference, "until": matter.due_on.isoformat()}
    return [text_of(name, matter.language, values) for name in names]


def closed_sentence(code: str, page: MatterPage) -> str:
    """Why it cannot be decided here; of one that is decided, who did and when."""
    if code == "decided" and page.matter.decided_at is not None:
        by = page.name(page.matter.decided_by)
        return _("%(name)s decided this on %(at)s.", name=by, at=at(page.matter.decided_at))
    return word(CLOSED, code)


WORDS: Mapping[str, Any] = {
    "tab_word": lambda name: word(TAB, name),
    "closed_sentence": closed_sentence,
    "decision_words": decision_words,
    "message_texts": message_texts,
    "reason_text": reason_text,
    "masked": masked,
    "masked_name": masked_name,
    "masked_phone": masked_phone,
}
