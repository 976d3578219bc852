"""Where an enrolment stands, in one headline and one sentence: until when, and whether the person has to act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.timeline import TO_DO
from training.claims.lifecycle import public_status
from training.claims.queries import Progress, progress_of
from training.enrolments.models import Enrolment
from training.enrolments.queries import place_in_line
from training.policy.pack import Pack
from web.labels import status_word
from web.written import at, day

_: Callable[..., str] = gettext
LAST_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Standing:
    """`status` is the public one. No person, no amount: the page of a reference shows this too."""

    enrolment: Enrolment
    status: str
    place: int | None
    progress: Sequence[Progress]

    @property
    def reference(self) -> str:
        return self.enrolment.reference

    @property
    def is_returned(self) -> bool:
        return self.enrolment.status.value == "returned"

    @property
    def has_to_act(self) -> bool:
        return self.status in TO_DO

    @property
    def headline(self) -> str:
        """Where it is, and until when."""
        it = self.enrolment
        starts, held, answer = day(it.class_run.starts_on), last_day(it.held_until), last_day(it.answer_by)
        said = {
            "received": _("Received; seat held until %(day)s", day=held),
            "waiting": status_word("waiting", self.place),
            "offered": _("A seat is yours until %(until)s", until=at(it.held_until)),
            "enrolled": _("Enrolled; the class begins on %(day)s", day=starts),
            "attending": _("In class until %(day)s", day=day(it.class_run.ends_on)),
            "failed": _("The assessment was not passed"),
            "refused": _("Refused"),
            "withdrawn": _("Withdrawn"),
        }
        if self.is_returned:
            return _("Please correct by %(day)s", day=answer)
        return said.get(self.status) or status_word(self.status)

    @property
    def date(self) -> str:
        """The day in the headline, to be set off; empty where there is none."""
        it = self.enrolment
        days = (
            at(it.held_until),
            day(it.class_run.starts_on),
            day(it.class_run.ends_on),
            last_day(it.held_until),
        )
        return next((one for one in (*days, last_day(it.answer_by)) if one and one in self.headline), "")

    @property
    def sentence(self) -> str:
        """What happens next, or what to do."""
        return _sentences(self).get(self.status, "")


def standing_of(session: Session, enrolment: Enrolment, pack: Pack) -> Standing:
    """Where an enrolment stands. Reads only what may be shown to anybody."""
    progress = progress_of(session, enrolment.id, pack)
    status = public_status(enrolment.status, [one.claim_status for one in progress])
    return Standing(enrolment, status, place_in_line(session, enrolment), progress)


def last_day(end: datetime | None) -> str:
    """A deadline ends at midnight: the day before is the last one."""
    return day(end - LAST_MINUTE) if end else ""


def _sentences(here: Standing) -> dict[str, str]:
    self_pay = here.enrolment.self_pay
    return {
        "received": _(
            "Waiting for the identity check; quicker with your ID and card at a job centre. If it is not done by "
            "then, the seat is freed and you move to the waiting list."
        ),
        "verifying": _("Usually within 1 working day. The seat is kept meanwhile; we send a text message."),
        "returned": _("The seat is kept meanwhile. After that day it goes to the next person."),
        "waiting": _("The first in line is asked as soon as a seat comes free; we send a text message."),
        "offered": _(
            "Say yes or no: by the link in the message, signed in, or at a job centre. No answer: the next person is asked."
        ),
        "enrolled": _("Bring your ID and your card on the first day."),
        "attending": _("Who attends enough is assessed at the end."),
        "completed": _("The class is over; the result of the assessment comes next."),
        "passed": _("The fee was paid by the person; there is no subsidy.")
        if self_pay
        else _("We apply for the subsidy; nobody has to fill in anything."),
        "failed": _("Ask the school when it can be taken again."),
        "claimed": _("The subsidy has been applied for; the district looks at it next."),
        "district_review": _("The district looks at it; then the city does."),
        "municipal_review": _("The city looks at it; then it is paid."),
        "publicity": _("If nobody objects, it goes on to payment."),
        "objection": _("Somebody objected. Nothing is paid until that is settled."),
        "paying": _("The finance bureau makes the payment."),
        "paid": _("The subsidy has been paid."),
        "bounced": _("The bank sent it back. Call 12333."),
        "held": _("The payment waits. Call 12333 to hear why."),
        "refused": _("Sign in to see why, and until when you can appeal. Or call 12333."),
        "withdrawn": _("The next person is asked. You can enrol again at any time."),
        "dropped_out": _("Ask at a job centre what is still open to you."),
        "expired": _("The time for it has passed. Ask at a job centre how to come back."),
        "recovering": _("Money has to be paid back. Call 12333 about instalments."),
        "recovered": _("The money has been paid back."),
        "reversed": _("The payment was undone."),
    }
