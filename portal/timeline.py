"""The road of one enrolment as steps: what is done, where it is, what comes; dates, desks, usual durations.

It holds no person and no amount: whoever has the reference may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from flask_babel import gettext
from flask_babel import ngettext as counted

from training import clock
from training.audit import AuditEvent
from training.claims.lifecycle import ClaimStatus
from training.claims.queries import Progress, Stage
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Channel, Enrolment
from training.policy.pack import Pack
from training.policy.queries import district, notice_numbered
from web.i18n import language
from web.labels import status_kind, status_word
from web.written import at, day

_: Callable[..., str] = gettext
ngettext: Callable[..., str] = counted
S = EnrolmentStatus
State = Literal["done", "now", "next"]
PROVED = (S.ENROLLED, S.ATTENDING, S.COMPLETED, S.PASSED, S.FAILED, S.DROPPED_OUT)
LEFT = (S.REFUSED, S.WITHDRAWN, S.DROPPED_OUT, S.EXPIRED)
TO_DO = {"returned", "offered", "bounced", "objection", "held", "recovering"}
OVER = {"refused", "withdrawn", "expired", "recovered", "reversed"}


@dataclass(frozen=True)
class Step:
    """`code` is its mark, `when` a day or a duration in words, `words` who has it; `kind` and `word` its tag."""

    code: str
    state: State
    title: str
    when: str = ""
    words: str = ""
    kind: str = "wait"
    word: str | None = None


@dataclass(frozen=True)
class Road:
    """What the steps are read from."""

    enrolment: Enrolment
    reached: dict[str, datetime]
    pack: Pack

    @property
    def status(self) -> EnrolmentStatus:
        return self.enrolment.status

    def on(self, *statuses: EnrolmentStatus) -> str:
        """The day on which the first of these statuses was reached."""
        return next((day(self.reached[status]) for status in statuses if status in self.reached), "")


def timeline(
    enrolment: Enrolment, events: Sequence[AuditEvent], progress: Sequence[Progress], pack: Pack
) -> list[Step]:
    """The steps of an enrolment and of its claim, in order."""
    reached = {event.status: event.at for event in events if event.status}
    road = Road(enrolment, reached, pack)
    steps = [_received(road), *_line(road), _identity(road), _seat(road), _class(road), _exam(road)]
    if road.status in LEFT:
        return [*(step for step in steps if step.state == "done"), _ended(road)]
    return steps + list(_subsidy(road, progress))


def usually(days: int | None) -> str:
    """How long something usually takes, in words; empty when nobody knows."""
    if not days:
        return ""
    return ngettext("usually %(num)d working day", "usually %(num)d working days", days)


def place_name(pack: Pack, code: str) -> str:
    """The name of a district."""
    return district(pack, code).name.said(language())


def identity_desk(pack: Pack, code: str) -> str:
    """Who checks identities there."""
    return _("%(place)s, identity checks", place=place_name(pack, code))


def _received(road: Road) -> Step:
    it = road.enrolment
    how = {
        Channel.PHONE: _("by phone, without a code") if it.without_code else _("by phone"),
        Channel.COUNTER: _("at the counter"),
        Channel.INSTITUTION: _("by the school"),
    }[it.channel]
    return Step("received", "done", _("Enrolment received"), day(it.received_at), how)


def _line(road: Road) -> Iterator[Step]:
    if road.status is S.WAITING:
        yield Step("waiting", "now", _("On the waiting list"), road.on(S.WAITING), kind="idle")
    elif S.WAITING in road.reached:
        yield Step("waiting", "done", _("On the waiting list"), road.on(S.WAITING))


def _identity(road: Road) -> Step:
    it, desk = road.enrolment, identity_desk(road.pack, road.enrolment.district)
    title = _("Identity check")
    if road.status in (S.RECEIVED, S.VERIFYING, S.RETURNED):
        usual = notice_numbered(road.pack, it.notice).steps["verifying"].usual_working_days.value
        step = Step("verifying", "now", title, usually(usual), desk)
        if road.status is S.RETURNED:
            return replace(step, when="", kind="warn", word=status_word("returned"))
        return step
    if road.status is S.REFUSED and S.VERIFYING in road.reached:
        return Step("verifying", "done", title, _span(road, S.VERIFYING, S.REFUSED), desk)
    if it.verified_by is None and road.status not in PROVED:
        return Step("verifying", "next", title)
    if it.verified_by == "system":
        return Step("verifying", "done", title, day(it.received_at), _("agrees with the register"))
    return Step("verifying", "done", title, _span(road, S.VERIFYING, S.ENROLLED), desk)


def _seat(road: Road) -> Step:
    title = _("Seat in the class")
    if road.status is S.OFFERED:
        kept = _("kept until %(until)s", until=at(road.enrolment.held_until))
        return Step("enrolled", "now", title, kept, "", "warn", status_word("offered"))
    if road.status is S.ENROLLED:
        return Step("enrolled", "now", title, road.on(S.ENROLLED), "", "ok", status_word(road.status.value))
    return Step("enrolled", "done" if road.status in PROVED else "next", title, road.on(S.ENROLLED))


def _class(road: Road) -> Step:
    run = road.enrolment.class_run
    days = f"{day(run.starts_on)} – {day(run.ends_on)}"
    if road.status is S.ATTENDING:
        return Step("attending", "now", _("Lessons"), days)
    is_over = road.status in (S.COMPLETED, S.PASSED, S.FAILED)
    return Step("attending", "done" if is_over else "next", _("Lessons"), days)


def _exam(road: Road) -> Step:
    title = _("Assessment")
    if road.status is S.COMPLETED:
        return Step("passed", "now", title, "", _("the result is still to come"))
    if road.status is S.FAILED:
        return Step("passed", "now", title, road.on(S.FAILED), "", "stop", status_word("failed"))
    return Step("passed", "done" if road.status is S.PASSED else "next", title, road.on(S.PASSED))


def _ended(road: Road) -> Step:
    code = road.status.value
    return Step(
        code,
        "now",
        status_word(code),
        road.on(road.status),
        kind=status_kind(code) or "idle",
        word=status_word(code),
    )


def _subsidy(road: Road, progress: Sequence[Progress]) -> Iterator[Step]:
    if progress:
        yield from _claim(progress[-1], road.pack)
    elif not road.enrolment.self_pay and road.status is not S.FAILED:
        state: State = "now" if road.status is S.PASSED else "next"
        yield Step("claimed", state, _("Subsidy: review and payment"), "", _("we apply for it; you need not"))


def _claim(claim: Progress, pack: Pack) -> Iterator[Step]:
    for stage in claim.stages:
        yield _stage(claim, stage, pack)
    if claim.status in OVER:
        kind = status_kind(claim.status) or "idle"
        yield Step(
            claim.status,
            "now",
            status_word(claim.status),
            day(claim.changed_at),
            "",
            kind,
            status_word(claim.status),
        )


def _stage(claim: Progress, stage: Stage, pack: Pack) -> Step:
    titles = {
        "claimed": _("Subsidy applied for"),
        "district_review": _("District review"),
        "municipal_review": _("Municipal review"),
        "publicity": _("Published for objection"),
        "paying": _("Payment"),
        "paid": _("Paid"),
    }
    desk = desk_name(stage.desk, claim.district, pack)
    if stage.state == "done" or claim.claim_status is ClaimStatus.PAID:
        took = stage.working_days
        words = f"{desk}{_comma()}{_took(took)}" if took else desk
        return Step(stage.step, "done", titles[stage.step], _days(stage.began_at, stage.ended_at), words)
    if stage.state == "now":
        words = f"{desk}{_comma()}{_('slower than usual')}" if claim.is_late else desk
        kind, word = ("warn", status_word(claim.status)) if claim.status in TO_DO else ("wait", None)
        return Step(stage.step, "now", titles[stage.step], usually(stage.usual_days), words, kind, word)
    return Step(stage.step, "next", titles[stage.step], usually(stage.usual_days), desk)


def desk_name(desk: str, code: str, pack: Pack) -> str:
    """Which office has it: never a person's name."""
    if desk == "district":
        return _("%(place)s, subsidy review", place=place_name(pack, code))
    return {"municipal": _("Municipal employment service"), "finance": _("Municipal finance bureau")}[desk]


def _took(days: int) -> str:
    return ngettext("took %(num)d working day", "took %(num)d working days", days)


def _comma() -> str:
    return ", " if language() == "en" else "，"


def _span(road: Road, first: EnrolmentStatus, last: EnrolmentStatus) -> str:
    return _days(road.reached.get(first), road.reached.get(last))


def _days(began: datetime | None, ended: datetime | None) -> str:
    if began is None or ended is None or clock.on_date(began) == clock.on_date(ended):
        return day(ended or began)
    return f"{day(began)} – {day(ended)}"
