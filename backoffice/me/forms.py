"""What a member of staff chooses for himself."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, PasswordField, StringField, validators

from backoffice.sign_in.forms import ChosenPassword


class SettingsForm(Form):
    """Single keys are a help to some and a trap to those who speak to their computer (WCAG 2.1.4)."""

    shortcuts = BooleanField()


class PasswordForm(ChosenPassword):
    """A new password; the present one and a code prove the person."""

    current = PasswordField(
        _l("Present password"), [validators.InputRequired(_l("Type your present password"))]
    )
    code = StringField(_l("One-time code"), [validators.InputRequired(_l("Type the 6 digits of your token"))])


class TokenForm(Form):
    """A code of the new token."""

    offered = StringField(default="")
    code = StringField(
        _l("Code of the new token"),
        [validators.InputRequired(_l("Type the 6 digits of your token"))],
        description=_l("6 digits from your token or phone"),
    )
