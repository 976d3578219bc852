"""What is looked for, and why somebody outside one's own queue is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, SearchField, SelectField, StringField
from wtforms.validators import ValidationError

from training.enrolments.search import LONGEST
from training.people.models import LookReason
from training.people.operations import LONGEST_NOTE
from web.look_words import REASON

_: Callable[..., str] = gettext


class SearchForm(Form):
    """One field for all that staff have at hand."""

    s = SearchField(_l("Search again"), default="")

    def validate_s(self, field: SearchField) -> None:
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError(_("Type a reference, a number, the last 4 of the card, or a name"))
        if len(field.data) > LONGEST:
            raise ValidationError(_("At most %(number)s characters", number=LONGEST))


class WhyForm(Form):
    """Why a person is opened, or a full number shown: a reason of the closed list, and a line beside it."""

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
