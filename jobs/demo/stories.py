"""One enrolment and what happened to it, step by step: the rows and the events that the operations would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.demo.book import Book
from jobs.demo.people import Invented
from training import clock
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses.models import ClassRun, ClassSession
from training.enrolments.lifecycle import HOLDS_SEAT, Action, EnrolmentStatus, next_status
from training.enrolments.models import Channel, Enrolment, GroupSource
from training.enrolments.operations.place import enrolled_entry, hold_end
from training.enrolments.queries import typed_index
from training.entitlements.models import Entitlement, EntitlementState
from training.outcomes.models import Certificate, Result
from training.people.models import Consent, Group, Person
from training.people.notices import version_in_force
from training.people.operations import evidence_of
from training.policy.models import Notice
from training.policy.queries import notice_for
from training.ports import RegistryAnswer

SEATED = HOLDS_SEAT | {EnrolmentStatus.PASSED, EnrolmentStatus.FAILED}
PRESENT = 0.96
CLOCK = Actor.system("classes")
ASSESSOR = "重庆市技能评价第七站"


@dataclass(frozen=True)
class How:
    """How somebody enrolled: what differs from a clean enrolment by phone that passed by itself.

    `by`: the counsellor; `typed`: the name where it differs; `card`: the card typed instead of the number; `flags`:
    why a person looks, separated by spaces.
    """

    by: Actor | None = None
    status: EnrolmentStatus = EnrolmentStatus.ENROLLED
    flags: str = ""
    declared: Group | None = None
    self_pay: bool = False
    typed: str | None = None
    card: str | None = None


class Story:
    """Somebody in a class. Each verb moves the enrolment on and notes the event.

    `answer` is what the card system said (the truth, where nothing else is given), `person` the record where it
    is not that of a registered person. Somebody `received` typed a number that nobody has proved.
    """

    def __init__(
        self,
        book: Book,
        invented: Invented,
        run: ClassRun,
        at: datetime,
        how: How | None = None,
        *,
        answer: RegistryAnswer | None = None,
        person: Person | None = None,
    ) -> None:
        self.book, self.invented, self.run, self.how = book, invented, run, how or How()
        self.entitlement: Entitlement | None = None
        self.person = person or book.person(invented, at)
        self.enrolment = self._row(at)
        self._keep_answer(answer or RegistryAnswer("found", invented.registered, at))
        if self.how.status is EnrolmentStatus.RECEIVED:
            self._hold_unseen(at)
        else:
            self._consent(at, self.how.by)
        if self.how.status in HOLDS_SEAT - {EnrolmentStatus.RECEIVED} and not self.how.self_pay:
            self.entitlement = book.hold(self.person, run, self.enrolment.id, at)
        book.trail.note(at, self.how.by or self.owner, enrolled_entry(self.enrolment))

    @property
    def notice(self) -> Notice:
        return notice_for(self.book.pack, self.run.district, self.run.starts_on)

    @property
    def owner(self) -> Actor:
        return Actor(ActorKind.PERSON, self.person.id)

    @property
    def lessons(self) -> list[ClassSession]:
        return self.book.sessions[self.run.id]

    def _row(self, at: datetime) -> Enrolment:
        chance, run, how = self.book.chance, self.run, self.how
        number = how.card or self.invented.number
        row = Enrolment(
            id=chance.id(),
            reference=chance.reference("CQ", clock.on_date(at)),
            person=self.person,
            person_id=self.person.id,
            class_run=run,
            class_id=run.id,
            district=run.district,
            channel=Channel.COUNTER if how.by else Channel.PHONE,
            status=how.status,
            group=how.declared or _group(self.invented),
            group_source=GroupSource.DECLARED if how.declared else GroupSource.REGISTER,
            flags=how.flags,
            self_pay=how.self_pay,
            notice=self.notice.number,
            name_typed=how.typed or self.invented.name,
            number_kind="card" if how.card else "hmt" if number.startswith("HKG") else "number18",
            actor=how.by.id if how.by else self.person.id,
            idempotency_key=chance.id(),
            created_by=how.by.id if how.by else None,
            verified_by="system" if how.status is EnrolmentStatus.ENROLLED else None,
            received_at=at,
            changed_at=at,
            returned_fields="",
            reasons=[],
            note="",
            without_code=False,
            version=1,
        )
        row.number = number
        if how.status is EnrolmentStatus.WAITING:
            self.book.lines[run.id] += 1
            row.place = self.book.lines[run.id]
        self.book.session.add(row)
        self.book.seats[run.id] += how.status in SEATED
        return row

    def _keep_answer(self, answer: RegistryAnswer) -> None:
        row = self.enrolment
        row.facts = answer.to_json()
        row.evidence = evidence_of(answer, typed_index(row.number or ""))
        row.evidence_id = row.evidence.id

    def _consent(self, at: datetime, by: Actor | None) -> None:
        row = Consent(
            id=self.book.chance.id(),
            person_id=self.person.id,
            text_version=version_in_force(clock.on_date(at)),
            how="paper" if by else "code",
            identity_seen="card" if by else "code",
            about=self.enrolment.id,
            staff_id=by.id if by else None,
            place=by.office if by else "",
            at=at,
        )
        self.book.later.append(row)

    def _hold_unseen(self, at: datetime) -> None:
        row, days = self.enrolment, self.notice.identity.hold_working_days.value
        row.without_code, row.typed_index = True, typed_index(row.number or "")
        row.actor, row.group, row.group_source = row.typed_index, None, None
        row.held_until = hold_end(self.book.pack.calendar, clock.on_date(at), days)
        self.book.unseen[self.run.id] += 1

    # The verifier ----------------------------------------------------------------------------

    def pass_identity(self, at: datetime, verifier: Actor) -> Story:
        self._take(at, verifier)
        self.enrolment.verified_by = verifier.id
        self.person.certified_at, self.person.certified_by = at, verifier.id
        return self._decide(at, verifier, Action.PASS, EventName.IDENTITY_PASSED)

    def return_for_correction(self, at: datetime, verifier: Actor, field: str, note: str) -> Story:
        self._take(at, verifier)
        days = self.notice.identity.correction_working_days.value
        self.enrolment.returned_fields, self.enrolment.note = field, note
        self.enrolment.answer_by = hold_end(self.book.pack.calendar, clock.on_date(at), days)
        return self._decide(at, verifier, Action.RETURN, EventName.IDENTITY_RETURNED)

    def refuse_identity(self, at: datetime, verifier: Actor, reason: str, note: str = "") -> Story:
        self._take(at, verifier)
        self.enrolment.reasons, self.enrolment.note = [reason], note
        self._leave(at)
        return self._decide(at, verifier, Action.REFUSE, EventName.IDENTITY_REFUSED)

    def _take(self, at: datetime, verifier: Actor) -> None:
        taken = at - timedelta(minutes=self.book.chance.randint(1, 4))
        status = self.enrolment.status.value
        self.book.trail.note(
            taken, verifier, Entry(EventName.CASE_TAKEN, SubjectKind.ENROLMENT, self.enrolment.id, status)
        )

    def _decide(self, at: datetime, verifier: Actor, action: Action, name: EventName) -> Story:
        facts: dict[str, Any] = {
            "reasons": self.enrolment.reasons or [],
            "fields": self.enrolment.returned_fields or "",
        }
        note = self.enrolment.note
        return self.move(at, verifier, action, name, facts, {"note": note} if note else None)

    # The person and the class ----------------------------------------------------------------

    def withdraw(self, at: datetime) -> Story:
        self._leave(at)
        facts: dict[str, Any] = {"class": self.run.id, "place": None, "reasons": []}
        return self.move(at, self.owner, Action.WITHDRAW, EventName.WITHDRAWN, facts)

    def start(self) -> Story:
        at = self.book.past(self.lessons[0].starts_at)
        return self.move(at, CLOCK, Action.START, EventName.CLASS_STARTED, {"class": self.run.id})

    def attend(self, share: float = PRESENT) -> Story:
        """Sign in to the lessons so far, the first ones always."""
        held = [lesson for lesson in self.lessons if lesson.ends_at < self.book.now]
        rows = [
            {
                "id": self.book.chance.id(),
                "enrolment_id": self.enrolment.id,
                "session_id": lesson.id,
                "present": place < 3 or self.book.chance.random() < share,
                "source": "card",
                "at": lesson.starts_at,
            }
            for place, lesson in enumerate(held)
        ]
        self.book.attendance += rows
        return self

    def complete(self) -> Story:
        at = self.lessons[-1].ends_at
        return self.move(at, CLOCK, Action.COMPLETE, EventName.CLASS_FINISHED, {"class": self.run.id})

    def result(self, *, passed: bool) -> Story:
        """The exam, some days after the last lesson."""
        at = self.book.office_time(self.run.ends_on + timedelta(days=4))
        low, high = (62, 97) if passed else (38, 58)
        marks = {name: self.book.chance.randint(low, high) for name in ("theory", "practice")}
        verdict: dict[str, Any] = {**marks, "passed": passed}
        self.book.later.append(Result(enrolment_id=self.enrolment.id, at=at, **verdict))
        if not passed:
            self._release(at)
        action = Action.PASS_EXAM if passed else Action.FAIL_EXAM
        return self.move(at, CLOCK, action, EventName.RESULT_ENTERED, verdict)

    def certificate(self, days_after: int = 10) -> Story:
        issued_on = self.run.ends_on + timedelta(days=days_after)
        self.book.certificates += 1
        number = f"S0000{self.book.pack.province_code}000007{issued_on:%y}{self.run.course.level.value}"
        row = Certificate(
            id=self.book.chance.id(),
            person_id=self.person.id,
            occupation=self.run.course.occupation,
            level=self.run.course.level,
            number=f"{number}{self.book.certificates:06d}",
            issued_on=issued_on,
            assessor=ASSESSOR,
        )
        self.book.later.append(row)
        return self

    def _leave(self, at: datetime) -> None:
        self.book.seats[self.run.id] -= self.enrolment.status in SEATED
        self._release(at)

    def _release(self, at: datetime) -> None:
        if self.entitlement is not None:
            self.entitlement.state, self.entitlement.changed_at = EntitlementState.RELEASED, at

    def move(
        self,
        at: datetime,
        actor: Actor,
        action: Action,
        name: EventName,
        facts: Mapping[str, Any],
        personal: Mapping[str, Any] | None = None,
    ) -> Story:
        """What `actor` did to the enrolment at `at`: its status, and the event."""
        row = self.enrolment
        row.status = next_status(row.status, action)
        row.changed_at, row.version = at, row.version + 1
        key = row.own_key() if personal else None
        entry = Entry(name, SubjectKind.ENROLMENT, row.id, row.status.value, facts, personal, key)
        self.book.trail.note(at, actor, entry)
        return self


def _group(invented: Invented) -> Group | None:
    registered = invented.registered
    return Group(registered.groups[0].group) if registered and registered.groups else None
