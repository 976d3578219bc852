"""What a desk asks for about seats: offer, take back, cancel; and what is answered for somebody who stands there."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Length

from web.fields import Tick

ACTIONS = ("offer", "release", "cancel")
ANSWERS = ("accept", "decline", "change")


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class SeatsForm(Form):
    """`reason` is needed for what takes something away; `reference` where more than one offer is open."""

    action = StringField(validators=[AnyOf(ACTIONS)])
    reason = StringField(
        _l("Why (it stands in the record of the class)"),
        filters=[_stripped],
        validators=[Length(max=200, message=_l("At most 200 characters"))],
    )
    reference = SelectField(_l("Whose offer"), validate_choice=False)

    @classmethod
    def sent(cls, data: Any) -> SeatsForm:
        """The form as it was sent, with what its action needs."""
        form = cls(data)
        if form.action.data in ("release", "cancel"):
            form.reason.validators = [DataRequired(_l("Write why")), *form.reason.validators]
        return form


class PresentForm(Form):
    """The person stands at the desk and was recognised by the card or ID."""

    action = StringField(validators=[AnyOf(ANSWERS)])
    class_ = StringField(name="class")
    identity_seen = Tick(
        _l("I have seen the person's card or ID"),
        validators=[DataRequired(_l("Look at the card or ID, and tick this"))],
    )
