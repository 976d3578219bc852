"""What a counsellor types: a number, then one form for one person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import ValidationError

from training import clock
from training.enrolments.operations import Choice, Correction, Counter
from training.numbers import Number, born_on
from training.people.models import Group
from training.ports import RegisteredPerson, RegistryAnswer
from web.fields import NameField, NumberField, Tick, form_key, name_fault, one_name

_: Callable[..., str] = gettext
# Typing the digit selects: the five groups that come most often stand first.
GROUPS = (
    Group.UNEMPLOYED,
    Group.MIGRANT,
    Group.GRADUATE,
    Group.SCHOOL_LEAVER,
    Group.HARD_TO_PLACE,
    Group.POVERTY_MONITORED,
    Group.DISABLED,
    Group.VETERAN,
    Group.EMPLOYEE,
    Group.OTHER,
)


class LookUpForm(Form):
    """The number alone."""

    number = NumberField(_l("Swipe the social security card, or type the card number or the 18-digit number"))


class WalkInForm(Form):
    """One person, one class. `answer` is the registry's; without it three lines are typed by hand."""

    number = NumberField(_l("Number"))
    group = StringField(_l("Group"), default="")
    class_ = StringField(_l("Class"), name="class", default="")
    name = StringField(_l("Name"), default="")
    birth_on = StringField(_l("Date of birth"), default="")
    declaration = Tick()
    self_pay = Tick(_l("The person pays the fee"))
    idempotency_key = StringField(default="")
    answer: RegistryAnswer | None = None

    def recognised(self) -> Number | None:
        """The number, once `validate` or this has read it."""
        self.number.validate(self)
        return self.number.recognised

    def validate_group(self, field: StringField) -> None:
        if field.data and field.data not in set(Group):
            raise ValidationError(_("Choose one from the list"))
        if not field.data and self.answer is not None and self._person and not self._person.groups:
            raise ValidationError(_("Choose a group"))

    def validate_class_(self, field: StringField) -> None:
        if not re.fullmatch(r"[a-z0-9]{1,26}", field.data or ""):
            raise ValidationError(_("Choose a class"))

    def validate_declaration(self, field: Tick) -> None:
        if not field.data:
            raise ValidationError(
                _("Tick that you saw the person and the card, and read out the declaration")
            )

    def validate_name(self, field: StringField) -> None:
        by_hand = self.answer is not None and self.answer.outcome == "not_found"
        if (field.data or by_hand) and (fault := name_fault(field.data or "")):
            raise ValidationError(fault)

    def validate_birth_on(self, field: StringField) -> None:
        by_hand = self.answer is not None and self.answer.outcome == "not_found"
        inside = self._born_inside()
        typed = _day(field.data or "")
        if field.data and (typed is None or (inside is not None and typed != inside)):
            raise ValidationError(_("Type the date as 1985-03-12, as it stands on the card"))
        if by_hand and typed is None and inside is None:
            raise ValidationError(_("Enter the date of birth"))

    def counter(self, answer: RegistryAnswer, language: str) -> Counter:
        """What the operation takes. A group that the register proves is not declared."""
        number = self.number.recognised
        assert number is not None
        proven = {found.group for found in answer.person.groups} if answer.person else set()
        chosen = self.group.data if self.group.data in set(Group) else ""
        declared = Group(chosen) if chosen and chosen not in proven else None
        choice = Choice(form_key(self.idempotency_key.data), declared, bool(self.self_pay.data))
        typed_name = one_name(self.name.data or "") or None
        born = None if answer.person else (_day(self.birth_on.data or "") or self._born_inside())
        return Counter(number, answer, self.class_.data or "", choice, typed_name, born, language)

    @property
    def _person(self) -> RegisteredPerson | None:
        return self.answer.person if self.answer else None

    def _born_inside(self) -> date | None:
        number = self.number.recognised
        return (
            born_on(number.value, clock.today())
            if number and number.kind in ("number18", "number15")
            else None
        )

    def keep(self, **values: Any) -> WalkInForm:
        """Fill fields that were chosen on the way (group, class)."""
        for name, value in values.items():
            self[name].data = value
        return self


class CorrectionForm(Form):
    """The fields a verifier returned, typed by a counsellor with the card in hand; others are not read (A19)."""

    name = NameField(_l("Name"), default="")
    number = NumberField(_l("Number"), default="")
    group = StringField(_l("Group"), default="")

    @classmethod
    def of(cls, returned: str, sent: Any) -> CorrectionForm:
        """The form with only those fields."""
        form = cls(sent)
        for name in ("name", "number", "group"):
            if name not in returned.split():
                delattr(form, name)
        return form

    def validate_group(self, field: StringField) -> None:
        if field.data not in set(Group):
            raise ValidationError(_("Choose one from the list"))

    def correction(self) -> Correction:
        """What was corrected, once it is valid."""
        return Correction(
            name=self.name.said if "name" in self else None,
            number=self.number.recognised if "number" in self else None,
            group=Group(self.group.data) if "group" in self else None,
        )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if date(1900, 1, 1) <= found <= clock.today() else None
