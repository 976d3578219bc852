"""What a signed-in person may change: the fields that were returned, and leaving a class."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from training.enrolments.models import Enrolment
from training.enrolments.operations import Correction
from training.people.models import Group
from web.fields import NameField, NumberField, Tick
from web.labels import GROUP, word

REASONS = {
    "": _l("Rather not say"),
    "work": _l("I found work"),
    "time": _l("The time does not suit me"),
    "far": _l("Too far"),
    "family": _l("Family reasons"),
    "other": _l("Something else"),
}


class WithdrawForm(Form):
    """Consequences stand above; nothing happens without the tick."""

    reason = SelectField(
        _l("Why (optional)"),
        choices=[SelectChoice(code, words) for code, words in REASONS.items()],
        validate_choice=False,
        default="",
    )
    confirm = Tick(validators=[DataRequired(_l("Tick the box if you want to withdraw"))])

    @property
    def why(self) -> str:
        """The reason's code, if it is one of the list."""
        return self.reason.data if self.reason.data in REASONS else ""


class CorrectionForm(Form):
    """Only the fields a verifier returned are there; what else is sent is not read (A19)."""

    name = NameField(_l("Name"), default="")
    number = NumberField(_l("Card number, or 18-digit social security number"), default="")
    group = SelectField(_l("Which describes you?"), default="")

    @classmethod
    def for_enrolment(cls, enrolment: Enrolment, sent: Any) -> CorrectionForm:
        """The form of one returned enrolment, filled in with what stands there now until something is sent: a
        field that is then missing is an error."""
        group = enrolment.group.value if enrolment.group else ""
        form = cls(sent) if sent else cls(name=enrolment.name_typed, group=group)
        form.group.choices = [SelectChoice(one.value, word(GROUP, one.value)) for one in Group]
        for name in ("name", "number", "group"):
            if name not in enrolment.returned_fields.split():
                delattr(form, name)
        return form

    def correction(self) -> Correction:
        """The new values, of the fields that are there."""
        return Correction(
            name=self.name.said if "name" in self else None,
            number=self.number.recognised if "number" in self else None,
            group=Group(self.group.data) if "group" in self else None,
        )
