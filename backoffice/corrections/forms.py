"""What is typed about a correction: the proposal with its proof, and the second person's decision."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, RadioField, StringField
from wtforms.validators import ValidationError

from training import clock
from training.database import new_id
from training.errors import BadNumber
from training.identities.models import ChangeKind, Proof
from training.identities.operations import Proposal
from training.numbers import recognise
from training.references import Mistyped, parse_reference
from web.fields import Note, Tick, form_key, name_fault, number_fault, one_name, version_seen
from web.identity_words import CHANGE_KIND, PROOF

_: Callable[..., str] = gettext
MATTER = re.compile(r"OB-\d\d-[0-9A-Z]{5}-[0-9A-Z]{5}")


def identity_number(text: str) -> str:
    """The one form of an identity number. Raises ValidationError in words, also for a card number."""
    try:
        found = recognise(text[:400], clock.today())
    except BadNumber as error:
        raise ValidationError(number_fault(error)) from None
    if found.is_card:
        raise ValidationError(_("Enter the number of the identity card, 18 characters"))
    return found.value


class ProposalForm(Form):
    """One correction. Which fields are needed depends on the kind; `reference` names the record."""

    kind = RadioField(_l("What is to be corrected?"), choices=[], validate_choice=False, default="number")
    reference = StringField(_l("Reference of the person's enrolment"), default="")
    number = StringField(_l("The right number"), default="")
    name = StringField(_l("The right name"), default="")
    proof = RadioField(_l("What did you see?"), choices=[], validate_choice=False, default="")
    note = Note(_l("A line for the second person (optional)"), default="")
    identity_seen = Tick(_l("I have compared the person, the identity card and this paper"))
    matter = HiddenField(default="")
    idempotency_key = HiddenField(default=new_id)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = [
            ("number", CHANGE_KIND["number"]),
            ("name", CHANGE_KIND["name"]),
            ("taken", _l("“This number is mine, somebody else has it”")),
        ]
        self.proof.choices = [(proof.value, PROOF[proof.value]) for proof in Proof]

    @property
    def is_name(self) -> bool:
        return bool(self.kind.data == ChangeKind.NAME.value)

    @property
    def needs_name(self) -> bool:
        """The new name; or the name of somebody without a record, who claims a number."""
        return self.is_name or (
            self.kind.data == ChangeKind.TAKEN.value and not (self.reference.data or "").strip()
        )

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in set(ChangeKind):
            raise ValidationError(_("Choose one from the list"))

    def validate_reference(self, field: StringField) -> None:
        text = (field.data or "").strip()
        if not text and self.kind.data == ChangeKind.TAKEN.value:
            return
        try:
            parse_reference(text)
        except Mistyped:
            raise ValidationError(_("The reference looks mistyped. It stands on the slip, CQ-…")) from None

    def validate_number(self, field: StringField) -> None:
        if not self.is_name:
            identity_number(field.data or "")

    def validate_name(self, field: StringField) -> None:
        if self.needs_name and (fault := name_fault(field.data or "")):
            raise ValidationError(fault)

    def validate_proof(self, field: RadioField) -> None:
        if field.data not in set(Proof):
            raise ValidationError(_("Choose what you saw"))

    def validate_identity_seen(self, field: Tick) -> None:
        if not field.data:
            raise ValidationError(_("Tick that you compared person, card and paper"))

    def proposal(self, person_id: str | None) -> Proposal:
        """The proposal as the operation takes it."""
        return Proposal(
            kind=ChangeKind(self.kind.data),
            person_id=person_id,
            new=one_name(self.name.data or "") if self.is_name else identity_number(self.number.data or ""),
            proof=Proof(self.proof.data),
            key=form_key(self.idempotency_key.data),
            name=one_name(self.name.data or "") if person_id is None else "",
            note=self.note.said,
            matter=(self.matter.data or "") if MATTER.fullmatch(self.matter.data or "") else "",
        )


class AnswerForm(Form):
    """The second person: a number is typed again from the paper, so that one slip of the hand does not pass."""

    decision = RadioField(_l("Decision"), choices=[], validate_choice=False, default="")
    number = StringField(_l("The right number, typed again from the paper"), default="")
    note = Note(_l("What does it rest on?"), default="")
    seen_version = HiddenField()
    wanted: str | None = None

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.decision.choices = [("agree", _l("Agree")), ("refuse", _l("Refuse"))]

    def validate_decision(self, field: RadioField) -> None:
        if field.data not in ("agree", "refuse"):
            raise ValidationError(_("Choose one: agree or refuse"))

    def validate_number(self, field: StringField) -> None:
        if self.decision.data != "agree" or self.wanted is None:
            return
        if identity_number(field.data or "") != self.wanted:
            raise ValidationError(
                _(
                    "This is not the number that was proposed. Compare both with the paper; one of you mistyped"
                )
            )

    @property
    def version(self) -> int | None:
        return version_seen(self.seen_version.data)
