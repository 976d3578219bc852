"""What is typed at the desk of new phones: by the first person, and once more by the second."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as counted
from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from training.errors import BadInput
from training.people.models import PhoneReason
from training.people.rules import plain_phone
from web.fields import NumberField, Tick
from web.phone_words import PHONE_REASON

_: Callable[..., str] = gettext
ngettext: Callable[..., str] = counted


class PhoneField(StringField):
    """A mobile number. `said` is its one form, once the field is valid."""

    @property
    def said(self) -> str:
        return plain_phone(self.data or "") or ""

    def pre_validate(self, form: Form) -> None:
        if not self.said:
            raise ValidationError(_("Type the 11 digits of a mobile number"))


class AskForm(Form):
    """The first person: who stands here, the new phone, why, and that card and face were seen."""

    number = NumberField(_l("Swipe the social security card, or type the card number or the 18-digit number"))
    phone = PhoneField(_l("New phone"))
    reason = SelectField(
        _l("Why it is changed"),
        choices=[SelectChoice(code, words) for code, words in PHONE_REASON.items()],
        default=PhoneReason.NEW_NUMBER.value,
    )
    identity_seen = Tick(
        _l("I saw the ID card and the social security card, and the face on them is this person"),
        validators=[DataRequired(_l("Tick that you saw both cards and the face"))],
    )

    @property
    def why(self) -> PhoneReason:
        return PhoneReason(self.reason.data)


class ConfirmForm(Form):
    """The second person: the phone typed again, and that card and face were seen."""

    phone = PhoneField(
        _l("Have the person say the new phone once more"),
        description=_l("What the first person typed is not shown; only if both are alike does it count"),
    )
    identity_seen = Tick(
        _l("I saw the ID card and the social security card, and the face on them is this person"),
        validators=[DataRequired(_l("Tick that you saw both cards and the face"))],
    )

    def say_differs(self, fault: BadInput) -> None:
        """The phone was typed differently from the first time."""
        left = int(str(fault.values.get("left", 0)))
        if left:
            said = ngettext(
                "Not the same as the first time. Ask again; %(num)d try is left",
                "Not the same as the first time. Ask again; %(num)d tries are left",
                left,
            )
        else:
            said = _("Typed differently three times: this request is over. The phone stays as it was")
        self.phone.errors = [said]
