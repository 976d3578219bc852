"""What a reviewer says about a claim."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Form, IntegerField, RadioField, SelectMultipleField, TextAreaField, validators
from wtforms.fields.choices import SelectChoice

from training.claims.operations import Decision
from training.claims.reasons import REFUSE_REASONS, RETURN_REASONS, fitting_reasons
from web.claim_words import claim_reason

REASONS = {"agree": (), "return": RETURN_REASONS, "refuse": REFUSE_REASONS}


class DecisionForm(Form):
    """Agree, return or refuse. Reasons of the other decision are left aside, not an error."""

    decision = RadioField(
        _l("Your decision"),
        choices=[
            SelectChoice("agree", _l("Agree")),
            SelectChoice("return", _l("Return")),
            SelectChoice("refuse", _l("Refuse")),
        ],
        validators=[validators.InputRequired(_l("Choose a decision"))],
    )
    reasons = SelectMultipleField(_l("Reasons"), validate_choice=False)
    note = TextAreaField(
        _l("Note"), validators=[validators.Length(max=1000, message=_l("At most 1,000 characters"))]
    )
    seen_version = IntegerField(validators=[validators.InputRequired()])

    def said(self) -> Decision:
        """As the operation takes it."""
        reasons = fitting_reasons(self.decision.data, self.reasons.data or [])
        return Decision(self.seen_version.data, reasons, self.note.data or "")

    @staticmethod
    def reason_choices(decision: str) -> list[tuple[str, str]]:
        """The closed list of a decision, each with the sentence that the citizen reads."""
        return [(code, claim_reason(code)) for code in REASONS[decision]]


class AgainForm(Form):
    """A returned claim is put forward again, saying what was mended."""

    note = TextAreaField(
        _l("What was mended"),
        filters=[lambda typed: typed.strip() if typed else typed],
        validators=[validators.DataRequired(_l("Say what was mended"))],
    )
    seen_version = IntegerField(validators=[validators.InputRequired()])
