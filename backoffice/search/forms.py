"""What is looked for."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, SearchField
from wtforms.validators import ValidationError

from training.enrolments.search import LONGEST

_: Callable[..., str] = gettext


class SearchForm(Form):
    """One field for all that staff have at hand."""

    s = SearchField(_l("Search again"), default="")

    def validate_s(self, field: SearchField) -> None:
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError(_("Type a reference, a number, the last 4 of the card, or a name"))
        if len(field.data) > LONGEST:
            raise ValidationError(_("At most %(number)s characters", number=LONGEST))
