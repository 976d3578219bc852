"""What is said on the last page before the seat is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired

from training.enrolments.operations import Choice
from training.people.models import Draft, Group
from training.policy.models import Notice
from web.fields import Tick, form_key
from web.i18n import language

_: Callable[..., str] = gettext


class DeclarationForm(Form):
    """`group` is there only where nothing proves one; see `for_class`."""

    declaration = Tick(validators=[DataRequired(_l("Tick the declaration before you submit"))])
    group = SelectField(_l("Which describes you?"), validate_choice=False)
    self_pay = Tick(_l("I will pay the fee myself"))

    @classmethod
    def for_class(cls, notice: Notice, asks_group: bool, sent: Any, **kept: Any) -> DeclarationForm:
        """The form for a class, with what was sent."""
        form = cls(sent, **kept)
        if not asks_group:
            del form.group
            return form
        names: dict[str, str] = {code: rule.name.said(language()) for code, rule in notice.groups.items()}
        names = {"": _("Please choose"), **names, "other": _("None of these")}
        form.group.choices = [SelectChoice(code, name) for code, name in names.items()]
        allowed = [code for code in names if code]
        form.group.validators = [] if form.self_pay.data else [AnyOf(allowed, _("Choose one from the list"))]
        return form

    def choice(self, draft: Draft) -> Choice:
        """What the person chose, as the operation takes it."""
        return Choice(sent_key(draft), self.declared, bool(self.self_pay.data))

    @property
    def declared(self) -> Group | None:
        """The group said, if one was asked for."""
        said = self.group.data if "group" in self else ""
        return Group(said) if said in set(Group) else None


def sent_key(draft: Draft) -> str:
    """The key the form carried; the draft's where it carried none that could be one."""
    sent = request.form.get("idempotency_key")
    return sent if sent and form_key(sent) == sent else draft.idempotency_key
