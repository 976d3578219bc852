"""What is typed at the staff door."""

from __future__ import annotations

from wtforms import Form, PasswordField, StringField


class SignInForm(Form):
    """Nothing is judged here: every fault gets the one sentence, whatever it was."""

    username = StringField(default="")
    password = PasswordField(default="")
    code = StringField(default="")
