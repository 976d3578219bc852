"""What a clerk sends about a group: the decision, why, and which of the records it is about."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, StringField
from wtforms.validators import ValidationError

from training.identities.operations import Verdict
from training.people.models import DuplicateAnswer
from web.fields import Note

_: Callable[..., str] = gettext
DECISIONS = ("same", "different", "ask")


class DecisionForm(Form):
    """Same, different or ask; `seen_version` says which state the clerk had before him, `pair` two of several."""

    decision = StringField(_l("Decision"), default="")
    note = Note(_l("What does it rest on?"), default="")
    seen_version = HiddenField()
    pair = StringField(default="")
    then = StringField(default="")

    def validate_decision(self, field: StringField) -> None:
        if field.data not in DECISIONS:
            raise ValidationError(_("Choose one: same, different or ask"))

    def verdict(self) -> Verdict:
        """The decision as the operation takes it."""
        return Verdict(
            answer=DuplicateAnswer(self.decision.data),
            note=self.note.said,
            seen=(self.seen_version.data or "")[:40] or None,
            only=(self.pair.data or "")[:26] or None,
        )
