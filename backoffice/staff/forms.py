"""What an administrator types about somebody: a right, a leave, a loss, and always why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, IntegerField, SelectField, StringField, validators
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError

from training import clock
from training.database import db
from training.institutions.queries import active_institutions
from training.policy.queries import districts_on
from training.staff.models import Role, StaffAccount
from training.staff.operations import NewPerson, Place, Sent
from training.staff.queries import possible_deputies
from training.staff.rights import Reach, reach_of
from web.fields import IdentityNumber, NameField
from web.i18n import language
from web.labels import ROLE, word

_USERNAME = re.compile(r"[a-z0-9][a-z0-9-]{2,19}")


class DayField(StringField):
    """A day, typed as 2027-06-30: faster than a picker and the same in every browser (spec S16)."""

    day: date | None = None

    def pre_validate(self, form: Any) -> None:
        typed = (self.data or "").strip()
        try:
            self.day = date.fromisoformat(typed) if typed else None
        except ValueError:
            raise StopValidation(gettext("Type the day like 2027-06-30")) from None


class SaidForm(Form):
    """Why; and how the account stood on the page from which this comes."""

    reason = StringField(
        _l("Why the change"),
        [
            validators.InputRequired(_l("Say why")),
            validators.Length(max=200, message=_l("At most 200 characters")),
        ],
    )
    seen_version = IntegerField(default=0)
    idempotency_key = StringField(default="")

    def sent(self) -> Sent:
        """As the operation takes it."""
        return Sent(self.reason.data or "", (self.idempotency_key.data or "")[:40], self.seen_version.data)


class RightForm(SaidForm):
    """One right: the role, where it holds, its last day."""

    role = SelectField(_l("Role"))
    district = SelectField(_l("Scope"))
    institution = SelectField(_l("Institution"))
    until = DayField(_l("Until"), description=_l("Empty means without end; looked at every quarter"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role.value, word(ROLE, role)) for role in Role]
        self.district.choices = [SelectChoice("", gettext("Whole city"))] + [
            SelectChoice(unit.code, unit.name.said(language()))
            for unit in districts_on(current_app.extensions["pack"], clock.today())
        ]
        self.institution.choices = [SelectChoice("", gettext("None"))] + [
            SelectChoice(one.id, one.name) for one in active_institutions(db.session())
        ]

    def validate_district(self, field: SelectField) -> None:
        if self._reach() is Reach.OWN_DISTRICT and not field.data:
            raise ValidationError(gettext("Choose the district whose cases this desk works on"))

    def validate_institution(self, field: SelectField) -> None:
        if self._reach() is Reach.OWN_INSTITUTION and not field.data:
            raise ValidationError(gettext("Choose the institution"))

    def right(self) -> tuple[Role, Place]:
        """The role and where it holds: what does not belong to its reach is left out."""
        reach = self._reach()
        district = self.district.data if reach is Reach.OWN_DISTRICT else None
        institution = self.institution.data if reach is Reach.OWN_INSTITUTION else None
        return Role(self.role.data), Place(district, institution, self.until.day)

    def _reach(self) -> Reach | None:
        return reach_of(Role(self.role.data)) if self.role.data in set(Role) else None


class NewForm(RightForm):
    """A new member of staff with a first right."""

    username = StringField(
        _l("Staff number"), description=_l("3 to 20 lower-case letters, digits or hyphens")
    )
    name = NameField(_l("Name"))
    number = IdentityNumber(
        _l("Number of the identity card"),
        description=_l("Only its fingerprint is kept, so that one person has one account"),
    )
    office = StringField(
        _l("Office"), [validators.InputRequired(_l("Name the office")), validators.Length(max=120)]
    )
    centre = SelectField(_l("Job centre"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.centre.choices = [SelectChoice("", gettext("None"))] + [
            SelectChoice(one.code, one.name.said(language()))
            for one in current_app.extensions["pack"].centres
        ]

    def validate_username(self, field: StringField) -> None:
        if not _USERNAME.fullmatch((field.data or "").strip().lower()):
            raise ValidationError(gettext("3 to 20 lower-case letters, digits or hyphens"))

    def person(self) -> NewPerson:
        """As the operation takes it."""
        number, centre = self.number.index(), self.centre.data or ""
        name, office = self.name.said, (self.office.data or "").strip()
        return NewPerson(self.username.data or "", name, office, number, [self.right()], centre)


class LeaveForm(SaidForm):
    """First and last day, and who stands in."""

    from_on = DayField(_l("First day"), name="from")
    until = DayField(_l("Last day"))
    deputy = SelectField(_l("Deputy"))

    def offer(self, account: StaffAccount) -> None:
        """The deputies to choose from: who serves the same place."""
        found: Sequence[StaffAccount] = possible_deputies(db.session(), account)
        self.deputy.choices = [SelectChoice("", gettext("Nobody"))] + [
            SelectChoice(one.id, f"{one.name} {one.username}") for one in found
        ]

    def validate_from_on(self, field: DayField) -> None:
        self._needed(field)

    def validate_until(self, field: DayField) -> None:
        self._needed(field)

    def days(self) -> tuple[date, date]:
        """First and last day, after `validate`."""
        assert self.from_on.day is not None
        assert self.until.day is not None
        return self.from_on.day, self.until.day

    @staticmethod
    def _needed(field: DayField) -> None:
        if not (field.data or "").strip():
            raise ValidationError(gettext("Type the day like 2027-06-30"))


class LossForm(SaidForm):
    """Somebody lost the token or the password, and stands here with the identity card."""

    number = IdentityNumber(
        _l("Number of the identity card"), description=_l("Look at the card and its owner")
    )


class EndForm(SaidForm):
    """One right that ends now."""

    role = SelectField(_l("Right"))

    def offer(self, account: StaffAccount) -> None:
        """The rights that are held."""
        self.role.choices = [SelectChoice(held.role.value, word(ROLE, held.role)) for held in account.held]
