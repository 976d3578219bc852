"""What a clerk decides about a matter, and what the person will read."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from training.objections.lifecycle import Action
from training.objections.operations import Answer
from training.objections.rules import reasons_against_answer
from web.fields import LongText, version_seen

_: Callable[..., str] = gettext


class DecisionForm(Form):
    """Uphold or dismiss; the note is the answer. `seen_version`: which state was in front of the clerk."""

    decision = RadioField(
        _l("Your decision"),
        choices=[SelectChoice("uphold", _l("Uphold")), SelectChoice("dismiss", _l("Dismiss"))],
        validate_choice=False,
        validators=[InputRequired(_l("Choose a decision"))],
    )
    note = LongText(_l("Reason (the person reads it)"), default="")
    seen_version = HiddenField()

    def validate_decision(self, field: RadioField) -> None:
        if field.data not in list(Action):
            raise ValidationError(_("Choose a decision"))

    def validate_note(self, field: LongText) -> None:
        if faults := reasons_against_answer(field.said, ""):
            raise ValidationError(note_fault(faults[0]))

    def answer(self) -> Answer:
        """As the operation takes it."""
        return Answer(Action(self.decision.data), self.note.said, version_seen(self.seen_version.data))


def note_fault(code: str) -> str:
    """What is wrong with an answer, and what to do."""
    return {
        "empty": _("Write the reason. The person reads it"),
        "too_long": _("At most %(number)s characters", number=2000),
        "holds_number": _("There is a number of a person, card, phone or account in it. Leave it out"),
        "names_person": _(
            "The name of the person is in it. Whoever has the reference reads the answer: leave it out"
        ),
    }[code]
