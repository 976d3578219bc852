"""What somebody wants to take out of the system, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from backoffice.why import WhyForm
from training.oversight.queries.exports import COLUMNS, LISTS
from web.fields import form_key
from web.labels import STATUS, Words

_: Callable[..., str] = gettext
COLUMN: Words = {
    "reference": _l("Reference"),
    "course": _l("Course"),
    "school": _l("School"),
    "status": _l("Status"),
    "group": _l("Group"),
    "received_on": _l("Received on"),
    "name": _l("Name"),
    "number": _l("Full number"),
    "phone": _l("Phone"),
}


class ExportForm(WhyForm):
    """A list of one's own district, its columns, and the reason."""

    which = SelectField(_l("Which enrolments"), validate_choice=False, default="district_review")
    columns = SelectMultipleField(_l("Columns"), validate_choice=False)
    idempotency_key = StringField(default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.which.choices = [(code, str(STATUS[code])) for code in LISTS]
        self.columns.choices = [(code, str(COLUMN[code])) for code in COLUMNS]

    def validate_which(self, field: SelectField) -> None:
        if field.data not in LISTS:
            raise ValidationError(_("Choose one from the list"))

    def validate_columns(self, field: SelectMultipleField) -> None:
        chosen = set(field.data or ())
        if not chosen or not chosen <= set(COLUMNS):
            raise ValidationError(_("Choose at least one column"))
        field.data = [code for code in COLUMNS if code in chosen]

    @property
    def key(self) -> str:
        """The key of the form, so that one sent twice asks once."""
        return form_key(self.idempotency_key.data)
