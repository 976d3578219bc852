"""A class of the demo whose seats move: one offer missed, one accepted, one open now, a line behind it; and how many
seats came free in classes before, so that a waiting list can tell its chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jobs.demo.book import Book
from jobs.demo.catalogue import HOME, Catalogue
from jobs.demo.history import History
from jobs.demo.stories import How, Story
from jobs.demo.trail import as_of
from training.audit import Actor, EventName
from training.courses.models import ClassRun, ClassStatus
from training.enrolments.lifecycle import Action, EnrolmentStatus
from training.enrolments.rules import offer_end
from training.people.messages import tell
from training.people.models import ActKind
from training.people.operations.acts import issue_act

CLOCK, SEATED, IN_LINE = Actor.system("pass_on_offers"), 7, 5
FREED_BEFORE = (4, 2, 5, 3)
FAR = timedelta(days=8)


class Lines:
    """Fills a class of the school that has an account, with a line that has moved."""

    def __init__(self, book: Book, history: History) -> None:
        self.book, self.history = book, history

    def write(self) -> None:
        """The story of one class, in order."""
        run = self._class()
        seated = [self.history.enrolled(run, 24 - n) for n in range(SEATED)]
        line = [self._waits(run, 16 - 2 * n, "asked" if n == 2 else "") for n in range(IN_LINE)]
        long_ago = self.book.days_ago(5)
        self._leaves(seated[0], long_ago)
        self._offer(line[0], long_ago, seated[0], EventName.WITHDRAWN)
        next_day = long_ago + timedelta(days=1)
        self._miss(line[0], next_day)
        self._offer(line[1], next_day, line[0], EventName.OFFER_MISSED)
        self._accept(line[1], next_day + timedelta(hours=2))
        today = self.book.now - timedelta(hours=2)
        self._leaves(seated[1], today)
        self._offer(line[2], today, seated[1], EventName.WITHDRAWN)
        self._tell(line[2], today)
        self.history.kept.add(run.id)
        run.seats, run.seats_left, run.seats_freed = self.book.seats[run.id], 0, 2

    def _class(self) -> ClassRun:
        school = self.history.catalogue.cases["open"].course.institution_id
        begins = self.book.day + FAR
        return next(
            run
            for run in self.history.soon()
            if run.district == HOME and run.course.institution_id == school and run.starts_on > begins
        )

    def _waits(self, run: ClassRun, days: int, track: str) -> Story:
        person = self.history.someone(run, days, track)
        return Story(self.book, person, run, self.book.days_ago(days), How(status=EnrolmentStatus.WAITING))

    def _leaves(self, story: Story, at: datetime) -> None:
        """The seat stays taken: it goes on to somebody else at the same moment."""
        story.withdraw(at)

    def _offer(self, story: Story, at: datetime, before: Story, freed_by: EventName) -> None:
        row = story.enrolment
        row.held_until, row.place = offer_end(at, story.run.starts_on, self.book.pack.offers), None
        self.book.seats[story.run.id] += 1
        self.book.left_line[story.run.id] += 1
        facts: dict[str, Any] = {"freed_by": freed_by.value, "from": before.enrolment.id, "why": ""}
        facts["until"] = row.held_until.isoformat()
        self._move(story, at, CLOCK, Action.OFFER, EventName.SEAT_OFFERED, facts)

    def _miss(self, story: Story, at: datetime) -> None:
        row = story.enrolment
        self.book.seats[story.run.id] -= 1
        self.book.lines[story.run.id] += 1
        row.held_until, row.place = None, self.book.lines[story.run.id]
        row.offers_missed = 1
        self._move(story, at, CLOCK, Action.MISS, EventName.OFFER_MISSED, {})

    def _accept(self, story: Story, at: datetime) -> None:
        row = story.enrolment
        row.held_until, row.verified_by = None, "system"
        story.entitlement = self.book.hold(story.person, story.run, row.id, at)
        self._move(story, at, story.owner, Action.ACCEPT, EventName.SEAT_ACCEPTED, {"self_pay": False})

    def _tell(self, story: Story, at: datetime) -> None:
        """The message with its link waits for the worker, as if the seat had come free just now."""
        row, run = story.enrolment, story.run
        assert row.held_until is not None
        row.verified_by = "system"
        with as_of(at):
            code = issue_act(self.book.session, ActKind.OFFER, story.person, row.id, row.held_until)
        told = {"reference": row.reference, "course": run.course.title, "starts_on": run.starts_on}
        tell(self.book.session, story.person, "offered", **told, place=None, until=row.held_until, act=code)

    def _move(
        self,
        story: Story,
        at: datetime,
        actor: Actor,
        action: Action,
        name: EventName,
        facts: dict[str, Any],
    ) -> None:
        told: dict[str, Any] = {"class": story.run.id, "place": story.enrolment.place, "reasons": []}
        story.move(at, actor, action, name, told | facts)


def begun_before(catalogue: Catalogue, book: Book) -> list[ClassRun]:
    """Classes of the course of case `full` that have been held: nobody of the demo sat there."""
    like = catalogue.cases["full"]
    made = []
    for n, freed in enumerate(FREED_BEFORE):
        starts_on = book.day - timedelta(days=70 + 60 * n)
        made.append(
            ClassRun(
                id=book.chance.id(),
                course=like.course,
                course_id=like.course_id,
                district=like.district,
                status=ClassStatus.CLOSED,
                opens_on=starts_on - timedelta(days=60),
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=20),
                rhythm=like.rhythm,
                timetable=like.timetable,
                timetable_en=like.timetable_en,
                address=like.address,
                seats=like.seats,
                seats_left=like.seats,
                seats_freed=freed,
                waiting=0,
                last_place=0,
                held_without_code=0,
            )
        )
    return made
