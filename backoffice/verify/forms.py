"""What a verifier sends. Reasons come from a closed list; the citizen reads their sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from training.enrolments.models import Channel, Flag
from training.enrolments.operations import Decision
from training.enrolments.queue import Asked, Tab
from web.desk_words import RETURN_REASON
from web.fields import LONGEST_NOTE, Note, version_seen

_: Callable[..., str] = gettext
Word = TypeVar("Word", bound=StrEnum)
REFUSE_REASONS = (
    "under_age",
    "deceased",
    "draws_pension",
    "full_time_student",
    "group_not_eligible",
    "cap_reached",
    "already_paid_same_level",
    "higher_level_held",
    "already_in_class",
    "overlapping_class",
    "staff_phone",
)
OTHER_REASONS = ("class_full", "class_started", "class_not_open", "school_suspended")
KNOWN = frozenset({*REFUSE_REASONS, *OTHER_REASONS, *RETURN_REASON})
FIELD_OF: Mapping[str, str] = {
    "name_differs": "name",
    "not_found": "number",
    "card_lost": "number",
    "card_cancelled": "number",
    "group_unproven": "group",
    "employed": "group",
    "group_not_eligible": "group",
}


class DecisionForm(Form):
    """Pass, return or refuse; `seen_version` says which state the verifier had before him."""

    decision = StringField(_l("Decision"), default="")
    reasons = SelectMultipleField(_l("Reasons"), choices=[], validate_choice=False)
    note = Note(_l("Add a line (optional)"), default="")
    seen_version = HiddenField()
    then = StringField(default="")

    def validate_decision(self, field: StringField) -> None:
        if field.data not in ("pass", "return", "refuse"):
            raise ValidationError(_("Choose one: pass, return or refuse"))

    def validate_reasons(self, field: SelectMultipleField) -> None:
        field.data = [code for code in field.data or () if code]
        if not set(field.data) <= KNOWN:
            raise ValidationError(_("Choose reasons from the list"))
        needed = self.decision.data == "refuse" or (self.decision.data == "return" and not self.note.data)
        if needed and not self.fitting_reasons():
            raise ValidationError(_("Choose at least one reason"))

    def fitting_reasons(self) -> tuple[str, ...]:
        """Both lists may carry ticks set beforehand: those of the decision count."""
        chosen = tuple(dict.fromkeys(self.reasons.data or ()))
        to_return = tuple(code for code in chosen if code in RETURN_REASON)
        to_refuse = tuple(code for code in chosen if code not in RETURN_REASON)
        return {"return": to_return or to_refuse, "refuse": to_refuse}.get(self.decision.data or "", ())

    def kept(self, own_id: str) -> dict[str, object]:
        """What was filled in so far, to be shown again to the same verifier."""
        note = (self.note.data or "")[:LONGEST_NOTE]
        reasons = [
            code
            for code in self.reasons.data or ()
            if code in {*REFUSE_REASONS, *OTHER_REASONS, *RETURN_REASON}
        ]
        return {"by": own_id, "decision": self.decision.data or "", "reasons": reasons, "note": note}

    @classmethod
    def again(cls, kept: Mapping[str, Any] | None, own_id: str) -> DecisionForm:
        """The form as this verifier left it; empty for anybody else."""
        if not kept or kept.get("by") != own_id:
            return cls()
        return cls(decision=kept["decision"], reasons=kept["reasons"], note=kept["note"])

    def told(self) -> Decision:
        """The decision as the operation takes it."""
        reasons = self.fitting_reasons()
        fields = tuple(dict.fromkeys(FIELD_OF[code] for code in reasons if code in FIELD_OF))
        version = version_seen(self.seen_version.data)
        return Decision(reasons=reasons, fields=fields, note=self.note.said, seen_version=version)


def asked_for(query: MultiDict[str, str]) -> tuple[Asked, bool]:
    """What the queue's address asks for, and whether all of it could be read; the rest is left out and said."""
    values = {name: query.get(name, "") for name in ("tab", "source", "flag", "order", "page")}
    tab = _one_of(Tab, values["tab"])
    channel = _one_of(Channel, values["source"])
    no_code = values["flag"] == "no_code"
    flag = None if no_code else _one_of(Flag, values["flag"])
    page = (
        int(values["page"])
        if values["page"].isascii() and values["page"].isdigit() and len(values["page"]) < 7
        else 0
    )
    read = (
        (not values["tab"] or tab is not None)
        and (not values["source"] or channel is not None)
        and (not values["flag"] or no_code or flag is not None)
        and values["order"] in ("", "oldest", "newest")
        and (not values["page"] or page > 0)
    )
    return Asked(tab or Tab.WAITING, channel, flag, no_code, values["order"] == "newest", page or 1), read


def _one_of(kind: type[Word], word: str) -> Word | None:
    return next((member for member in kind if member.value == word), None)
