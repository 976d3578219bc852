"""Appeal against a refusal of one's own: until when, why, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from portal.mine.blueprint import blueprint
from portal.mine.matters import my_enrolment
from portal.session import signed_in
from portal.timeline import Step, place_name
from portal.track.matter import steps_of_matter
from training import clock
from training.database import db
from training.enrolments.models import Enrolment
from training.errors import NotAllowedNow
from training.numbers import masked_phone
from training.objections.models import Matter
from training.objections.operations import Appeal, appeal, reasons_closed_to
from training.objections.queries import Refusal, appeals_of, refusal_of
from training.objections.rules import APPEAL_REASONS, LONGEST_TEXT
from training.people.queries import phone_in_use
from training.policy.pack import Pack
from training.policy.queries import paper
from web.fields import LongText
from web.form_keys import sent_key
from web.i18n import language
from web.matter_words import REASON, desk_of
from web.written import day

_: Callable[..., str] = gettext


class AppealForm(Form):
    """Why, from a closed list, and in one's own words."""

    reason = RadioField(
        _l("What is wrong"),
        choices=[SelectChoice(code, REASON[code]) for code in APPEAL_REASONS],
        validate_choice=False,
        validators=[InputRequired(_l("Choose what is wrong"))],
    )
    text = LongText(_l("Please explain"), default="")

    def validate_reason(self, field: RadioField) -> None:
        if field.data not in APPEAL_REASONS:
            raise ValidationError(_("Choose what is wrong"))

    def validate_text(self, field: LongText) -> None:
        if len(field.said) < 2:
            raise ValidationError(_("Write a few words about what is wrong"))
        if len(field.said) > LONGEST_TEXT:
            raise ValidationError(_("At most %(number)s characters", number=LONGEST_TEXT))


@dataclass(frozen=True)
class Appealable:
    """A refusal of one's own and what can be done about it: `reasons` why not now, `matter` the newest appeal."""

    enrolment: Enrolment
    refusal: Refusal | None
    reasons: Sequence[str]
    last_day: date | None
    matter: Matter | None

    @property
    def can(self) -> bool:
        return not self.reasons

    @property
    def office(self) -> str:
        """The district that refused."""
        return place_name(_pack(), self.refusal.district) if self.refusal else ""

    @property
    def rule(self) -> tuple[str, str]:
        """The number of the paper it rests on, and its name as it is written."""
        number = self.enrolment.notice.split("+")[-1]
        return number, paper(_pack(), number).written.said(language())

    @property
    def higher_level(self) -> str:
        """The level above that of the course; empty above the highest."""
        level = self.enrolment.class_run.course.level.value
        return str(int(level) - 1) if level.isdigit() and int(level) > 1 else ""

    def steps(self) -> list[Step]:
        """What stands under the refusal on the page of the enrolment."""
        if self.matter is not None:
            taken, *rest = steps_of_matter(self.matter, _pack())
            return [Step("appeal", "done", _("You appealed"), taken.when, self.matter.reference), *rest]
        until = _("by %(day)s", day=day(self.last_day))
        return [Step("appeal", "next", _("Appeal"), until, _("You have not appealed"))] if self.can else []


def appealable(enrolment: Enrolment) -> Appealable:
    """What can be appealed here, and until when."""
    session, pack = db.session(), _pack()
    refusal = refusal_of(session, enrolment)
    reasons, _reference = reasons_closed_to(session, refusal, pack, clock.today())
    appeals = appeals_of(session, refusal) if refusal else ()
    last_day = refusal.last_day(pack) if refusal else None
    return Appealable(enrolment, refusal, reasons, last_day, appeals[0] if appeals else None)


@blueprint.get("/<reference>/appeal", endpoint="appeal")
def appeal_page(reference: str) -> Response:
    """The form; or the appeal there is; or since when it is too late, and what else can be done."""
    return _page(reference, AppealForm())


@blueprint.post("/<reference>/appeal")
def send_appeal(reference: str) -> ResponseReturnValue:
    """Send the appeal; the page then shows its reference and the day of the answer."""
    mine, form, who = my_enrolment(reference), AppealForm(request.form), signed_in()
    if not form.validate():
        return _page(reference, form, 422 if appealable(mine).can else 409)
    said = Appeal(form.reason.data, form.text.said, sent_key())
    try:
        appeal(who.person.id, mine.reference, who.actor, said, _pack(), clock.today())
    except NotAllowedNow:
        return _page(reference, form, 409)
    return redirect(url_for(".appeal", reference=mine.reference), 303)


def _page(reference: str, form: AppealForm, status: int = 200) -> Response:
    found, pack = appealable(my_enrolment(reference)), _pack()
    phone = phone_in_use(db.session(), found.enrolment.person_id)
    days = pack.objections.answer["appeal"]
    html = render_template(
        "portal/mine/appeal.html",
        it=found,
        run=found.enrolment.class_run,
        form=form,
        days=days,
        until=pack.calendar.add_working_days(clock.today(), days),
        phone=masked_phone(phone.number or "") if phone else "",
        desk=desk_of(pack, found.matter) if found.matter else "",
        line=steps_of_matter(found.matter, pack) if found.matter else [],
    )
    return make_response(html, status)


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
