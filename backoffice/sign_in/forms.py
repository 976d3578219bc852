"""What is typed at the staff door."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, PasswordField, StringField, validators
from wtforms.validators import ValidationError

from web.fields import IdentityNumber
from web.i18n import translated as _


class SignInForm(Form):
    """Nothing is judged here: every fault gets the one sentence, whatever it was."""

    username = StringField(default="")
    password = PasswordField(default="")
    code = StringField(default="")


class FirstForm(Form):
    """The staff number, the number of the identity card, and the code, of which two administrators gave half each."""

    username = StringField(_l("Staff number"), [validators.InputRequired(_l("Type your staff number"))])
    number = IdentityNumber(_l("Number of your identity card"))
    first = StringField(
        _l("First half of the code"),
        [validators.InputRequired(_l("Type the first half of the code"))],
        description=_l("7 characters, like H7QM-29X, on the paper of one administrator"),
    )
    second = StringField(
        _l("Second half of the code"),
        [validators.InputRequired(_l("Type the second half of the code"))],
        description=_l("7 characters, on the paper of the other"),
    )

    def code(self) -> str:
        """Both halves, one after the other."""
        return f"{self.first.data}{self.second.data}"


class ChosenPassword(Form):
    """A new password, typed twice."""

    password = PasswordField(
        _l("New password"),
        [validators.InputRequired(_l("Type a password"))],
        description=_l(
            "At least 12 characters; it may be a sentence. Not one that many use. It need not be changed regularly"
        ),
    )
    again = PasswordField(_l("The new password once more"))

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("The two are not the same"))


class ChooseForm(ChosenPassword):
    """The password, and a code that proves that the token was scanned."""

    code = StringField(
        _l("One-time code"),
        [validators.InputRequired(_l("Type the 6 digits of your token"))],
        description=_l("6 digits from your token or phone"),
    )

    @staticmethod
    def wrong_code() -> str:
        """Said when the digits are not those of this moment."""
        return _("These digits do not fit. Scan the picture again, and type the newest digits")
