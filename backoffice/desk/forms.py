"""What a member of staff chooses for himself."""

from __future__ import annotations

from wtforms import BooleanField, Form


class SettingsForm(Form):
    """Single keys are a help to some and a trap to those who speak to their computer (WCAG 2.1.4)."""

    shortcuts = BooleanField()
