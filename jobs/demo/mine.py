"""What people of the demo find on their own pages: messages, looks at their data, accounts held and usable."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from stdnum import luhn

from jobs.demo.book import Book
from jobs.demo.chance import SEED, Chance
from jobs.demo.history import History
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.enrolments.models import Enrolment
from training.people.models import BankAccount, Message, Person
from training.staff.models import Role

TOLD = {"waiting": ("waiting",), "returned": ("verifying", "returned"), "refused": ("verifying", "refused")}
AFTER_CLASS = {
    "claim_made": 10,
    "claim_district_review": 12,
    "claim_municipal_review": 18,
    "claim_approved": 24,
}
PAID = ("enrolled", "claim_made", "claim_district_review", "claim_municipal_review", "claim_approved")


class OwnPages:
    """Writes beside the stories what the worker, the desks and the people themselves would have left."""

    def __init__(self, book: Book, history: History) -> None:
        self.book, self.history = book, history
        self.chance = Chance(SEED + 6, [], [])

    def fill(self) -> None:
        """The tracked people; the first two whose subsidy was paid have an account, the second one's is held."""
        references = [reference for _, _, reference in self.history.tracks]
        rows = self.book.session.scalars(select(Enrolment).where(Enrolment.reference.in_(references)))
        by_reference = {row.reference: row for row in rows}
        paid = []
        for status, _, reference in self.history.tracks:
            enrolment = by_reference[reference]
            self._messages(enrolment, PAID if status == "paid" else TOLD.get(status, ("enrolled",)))
            self._looks(enrolment)
            if status == "paid":
                paid.append(enrolment.person)
        for person, days in zip(paid, (20, 1), strict=False):
            self._account(person, days)
        self.book.session.flush()

    def _messages(self, enrolment: Enrolment, codes: tuple[str, ...]) -> None:
        run = enrolment.class_run
        for n, code in enumerate(codes):
            row = Message(id=self.chance.id(), person=enrolment.person, person_id=enrolment.person_id)
            row.code, row.language, row.by = code, "zh", "phone"
            row.at = self._told_at(enrolment, code, n)
            values = {
                "course": run.course.title,
                "starts_on": run.starts_on.isoformat(),
                "reference": enrolment.reference,
            }
            row.values = json.dumps(values, ensure_ascii=False)
            self.book.session.add(row)

    def _told_at(self, enrolment: Enrolment, code: str, n: int) -> datetime:
        """Of a claim, some days after the class; else a day after each other."""
        since = (self.book.day - enrolment.class_run.ends_on).days
        if code in AFTER_CLASS:
            return self.book.days_ago(max(1, since - AFTER_CLASS[code]))
        return min(
            enrolment.received_at + timedelta(days=n, minutes=2), self.book.now - timedelta(minutes=9 - n)
        )

    def _looks(self, enrolment: Enrolment) -> None:
        """A verifier looked, once at the full number; a reviewer looked at what became a claim."""
        verifier = self.book.hand(Role.VERIFIER, self.chance.randrange(2))
        at = enrolment.received_at + timedelta(hours=3)
        self._look(enrolment, at, verifier, "verify", "identity_check")
        if self.chance.random() < 0.4:
            reason = "same_name"
            self._look(enrolment, at + timedelta(minutes=2), verifier, "verify", "identity_check", reason)
        if enrolment.class_run.ends_on < self.book.day:
            reviewer = self.book.hand(Role.REVIEWER_DISTRICT, self.chance.randrange(2))
            self._look(enrolment, self.book.days_ago(2), reviewer, "claims", "claim_review")

    def _look(
        self, enrolment: Enrolment, at: datetime, actor: Actor, desk: str, purpose: str, reason: str = ""
    ) -> None:
        full = bool(reason)
        facts = {
            "desk": desk,
            "purpose": purpose,
            "reason": reason,
            "full_number": full,
            "reference": enrolment.reference,
        }
        name = EventName.FULL_NUMBER_SEEN if full else EventName.PERSON_SEEN
        moment = self.book.past(at)
        self.book.trail.note(moment, actor, Entry(name, SubjectKind.PERSON, enrolment.person_id, facts=facts))

    def _account(self, person: Person, days: int) -> None:
        at = self.book.now - timedelta(days=days, hours=2)
        body = f"621700{self.chance.randrange(10**12):012d}"
        hold = timedelta(hours=self.book.pack.accounts.hold_hours)
        account = BankAccount(
            id=self.chance.id(),
            person=person,
            person_id=person.id,
            how="phone",
            registered_at=at,
            usable_from=at + hold,
            ended_why="",
        )
        account.number, account.holder = body + luhn.calc_check_digit(body), person.name
        self.book.session.add(account)
        facts = {"account": account.id, "usable_from": account.usable_from.isoformat(), "how": "phone"}
        entry = Entry(EventName.ACCOUNT_REGISTERED, SubjectKind.PERSON, person.id, facts=facts)
        self.book.trail.note(at, Actor(ActorKind.PERSON, person.id), entry)
