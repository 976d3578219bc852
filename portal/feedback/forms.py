"""What a stranger writes to us: what about, what happened, and how to answer."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from training.objections.rules import LONGEST_CONTACT, LONGEST_TEXT
from web.fields import LongText, one_name

_: Callable[..., str] = gettext


class FeedbackForm(Form):
    """One box, what it is about, and an optional way to answer. `about`: the class or school it was opened from."""

    kind = RadioField(
        _l("What is it?"),
        choices=[
            SelectChoice("fee_report", _l("Someone asked me for money")),
            SelectChoice("complaint", _l("A complaint")),
            SelectChoice("message", _l("A message")),
        ],
        validate_choice=False,
        validators=[InputRequired(_l("Choose what it is about"))],
    )
    text = LongText(_l("What happened"), default="")
    contact = StringField(_l("How to reach you (optional)"), default="")
    school = HiddenField(default="")

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose what it is about"))

    def validate_text(self, field: LongText) -> None:
        if len(field.said) < 2:
            raise ValidationError(_("Write what happened"))
        if len(field.said) > LONGEST_TEXT:
            raise ValidationError(_("At most %(number)s characters", number=LONGEST_TEXT))

    def validate_contact(self, field: StringField) -> None:
        if len(field.data or "") > LONGEST_CONTACT:
            raise ValidationError(_("At most %(number)s characters", number=LONGEST_CONTACT))

    @property
    def way_to_answer(self) -> str:
        """The contact, in one line."""
        return one_name("".join(sign for sign in self.contact.data or "" if sign.isprintable()))
