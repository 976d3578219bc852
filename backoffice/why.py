"""The question why, asked wherever somebody looks beyond their own queue: a reason of the closed list, and a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField
from wtforms.validators import ValidationError

from training.people.models import LookReason
from training.people.operations import LONGEST_NOTE
from web.look_words import REASON

_: Callable[..., str] = gettext


class WhyForm(Form):
    """Why a person is opened, a full number shown, a list taken out."""

    reason = SelectField(_l("Reason"), validate_choice=False, default="")
    note = StringField(_l("Add a line"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(code.value, str(REASON[code.value])) for code in LookReason]
        self.reason.choices = [("", _("Choose one")), *words]

    def validate_reason(self, field: SelectField) -> None:
        if field.data not in set(LookReason):
            raise ValidationError(_("Choose a reason from the list"))

    def validate_note(self, field: StringField) -> None:
        field.data = "".join(letter for letter in field.data or "" if letter.isprintable()).strip()
        if self.reason.data == LookReason.OTHER and len(field.data) < 2:
            raise ValidationError(_("Write the reason down"))
        if len(field.data) > LONGEST_NOTE:
            raise ValidationError(_("At most %(number)s characters", number=LONGEST_NOTE))
