"""What waits at the counters of the demo: new phones for a second person, letters to people without one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from jobs.demo.book import Book
from jobs.demo.catalogue import HOME
from jobs.demo.chance import SEED, Chance
from jobs.demo.history import History
from training.audit import Entry, EventName, SubjectKind
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.numbers import masked
from training.people.models import (
    Letter,
    LetterWay,
    Person,
    Phone,
    PhoneChange,
    PhoneChangeStatus,
    PhoneReason,
)
from training.staff.models import Role

# Minutes ago, by which of the two counsellors, why.
ASKED = ((14, 0, PhoneReason.NEW_NUMBER), (27, 1, PhoneReason.LOST))
SAID = {
    EnrolmentStatus.VERIFYING: "【重庆职业培训】{course}的报名收到了，编号{reference}。我们核对身份，一般 1 个工作日",
    EnrolmentStatus.WAITING: "【重庆职业培训】{course}已满，您在候补，编号{reference}。一有名额马上通知您",
    EnrolmentStatus.ENROLLED: "【重庆职业培训】您已报上{course}，{day}开课，编号{reference}。请带社保卡",
}
LETTERS = 5


class Counters:
    """Writes beside the stories what the counters would have left by now."""

    def __init__(self, book: Book, history: History) -> None:
        self.book, self.history = book, history
        self.chance = Chance(SEED + 21, [], [])

    def write(self) -> None:
        """Two requests, one for each counsellor to confirm; letters, the oldest of them handed over."""
        for (minutes, place, reason), person in zip(ASKED, self._with_phone(), strict=False):
            self._ask(person, minutes, place, reason)
        for n, enrolment in enumerate(self._without_phone()):
            self._letter(enrolment, handed=n == 0)
        self.book.session.flush()

    def _with_phone(self) -> list[Person]:
        """People of the crowd who were enrolled by phone here and stand in no list."""
        tracked = [reference for _, _, reference in self.history.tracks]
        here = (Enrolment.district == HOME, Enrolment.status == EnrolmentStatus.ENROLLED)
        query = select(Enrolment).where(*here, Enrolment.reference.not_in(tracked)).order_by(Enrolment.id)
        people = {row.person_id: row.person for row in self.book.session.scalars(query.limit(60))}
        return [person for person in people.values() if person.phones][: len(ASKED)]

    def _without_phone(self) -> list[Enrolment]:
        has = select(Phone.id).where(Phone.person_id == Enrolment.person_id).exists()
        here = (Enrolment.district == HOME, Enrolment.status.in_(SAID), ~has)
        query = select(Enrolment).where(*here).order_by(Enrolment.received_at, Enrolment.id)
        return list(self.book.session.scalars(query.limit(LETTERS)))

    def _ask(self, person: Person, minutes: int, place: int, reason: PhoneReason) -> None:
        by, at = self.book.hand(Role.COUNSELLOR, place), self.book.now - timedelta(minutes=minutes)
        change = PhoneChange(
            id=self.chance.id(),
            person=person,
            person_id=person.id,
            old_phone_id=person.phones[-1].id,
            reason=reason,
            status=PhoneChangeStatus.PENDING,
            shown=masked(person.number or ""),
            owners=0,
            tries=0,
            district=HOME,
            place=by.office,
            asked_by=by.id,
            asked_at=at,
        )
        change.phone = self.chance.phone()
        self.book.session.add(change)
        facts = {"change": change.id, "reason": reason.value, "others": 0}
        entry = Entry(EventName.PHONE_ASKED, SubjectKind.PERSON, person.id, facts=facts)
        self.book.trail.note(at, by, entry)

    def _letter(self, enrolment: Enrolment, *, handed: bool) -> None:
        run = enrolment.class_run
        row = Letter(
            id=self.chance.id(),
            message_id=self.chance.id(),
            person=enrolment.person,
            person_id=enrolment.person_id,
            district=enrolment.district,
            message=enrolment.status.value,
            language="zh",
            written_at=min(enrolment.received_at + timedelta(minutes=1), self.book.now),
        )
        day = f"{run.starts_on.month} 月 {run.starts_on.day} 日"
        said = SAID[enrolment.status]
        row.text = said.format(course=run.course.title, reference=enrolment.reference, day=day)
        if handed:
            by = self.book.hand(Role.COUNSELLOR)
            row.handed_at, row.handed_by, row.way = (
                self.book.now - timedelta(minutes=50),
                by.id,
                LetterWay.HANDED,
            )
        self.book.session.add(row)
