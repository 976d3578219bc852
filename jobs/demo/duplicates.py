"""Records that may be one person, and corrections that wait for a second person: one of each kind to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from jobs.demo.history import History
from jobs.demo.people import Invented
from jobs.demo.stories import How, Story
from training.audit import Entry, EventName, SubjectKind
from training.courses.models import ClassRun
from training.enrolments.lifecycle import EnrolmentStatus
from training.identities.models import ChangeKind, ChangeStatus, IdentityChange, Proof
from training.people.models import Group, Person, PossibleDuplicate
from training.ports import RegistryAnswer
from training.staff.models import Role

FLAGS = "not_found entered_by_hand possible_duplicate"


class Twins:
    """Writes what the desks of duplicates and corrections begin with."""

    def __init__(self, history: History) -> None:
        self.history, self.book = history, history.book
        self.runs = history.open_here()

    def write(self) -> None:
        """Two records that can become one, three that hang together, a correction, a number in another's record.

        The pairs of the verifiers' queue, with two numbers of the register each, are the risky ones.
        """
        self._mergeable()
        self._three()
        self._correction()
        self._taken()

    def _mergeable(self) -> None:
        first = self._someone()
        older = Story(self.book, first, self._run(), self.book.days_ago(12))
        self._pair(older.person, self._by_hand(first, 3), 3)

    def _three(self) -> None:
        first = self._someone()
        older = Story(self.book, first, self._run(), self.book.days_ago(20))
        second, third = self._by_hand(first, 5), self._by_hand(first, 2)
        self._pair(older.person, second, 5)
        self._pair(older.person, third, 2)
        self._pair(second, third, 2)

    def _correction(self) -> None:
        someone = self._someone()
        story = Story(self.book, someone, self._run(), self.book.days_ago(6))
        name = someone.name[:-1] + ("芳" if someone.name[-1] != "芳" else "方")
        note = "户口簿上是这个字，原来录错了。"
        self._propose(story.person, None, ChangeKind.NAME, name, Proof.HOUSEHOLD_REGISTER, note)

    def _taken(self) -> None:
        holder = self._someone()
        story = Story(self.book, holder, self._run(), self.book.days_ago(15))
        claimant = self._someone()
        assert claimant.registered is not None
        self.history.crowd.remove(claimant)
        person = self.book.unregistered(
            claimant.name, None, claimant.registered.birth_on, self.book.days_ago(1)
        )
        note = "本人带了身份证和派出所证明，号码和对方记录一样。"
        self._propose(person, story.person, ChangeKind.TAKEN, holder.number, Proof.POLICE_LETTER, note)

    # What they have in common ----------------------------------------------------------------

    def _run(self) -> ClassRun:
        """The next class with room to spare."""
        return next(run for run in self.runs if self.book.seats[run.id] + 3 < run.seats)

    def _someone(self) -> Invented:
        return self.history.someone(self.history.catalogue.cases["open"], 1, group="migrant")

    def _by_hand(self, first: Invented, days: int) -> Person:
        """The same person once more, written down at a counter with a number that the register does not know."""
        twin, at = replace(self.history.people.twin(first), registered=None), self.book.days_ago(days)
        assert first.registered is not None
        person = self.book.unregistered(twin.name, twin.number, first.registered.birth_on, at)
        how = How(
            by=self.history.counsellor(),
            status=EnrolmentStatus.VERIFYING,
            flags=FLAGS,
            declared=Group.MIGRANT,
            self_pay=True,
        )
        answer = RegistryAnswer("not_found", None, at)
        Story(self.book, twin, self._run(), at, how, answer=answer, person=person)
        return person

    def _pair(self, one: Person, other: Person, days: int) -> None:
        at, (first, second) = self.book.days_ago(days), sorted((one.id, other.id))
        row = PossibleDuplicate(
            id=self.book.chance.id(), person_a=first, person_b=second, evidence="name_birth", raised_at=at
        )
        self.book.later.append(row)
        facts = {"evidence": "name_birth"}
        entries = [
            Entry(EventName.DUPLICATE_RAISED, SubjectKind.PERSON, person, facts=facts)
            for person in (other.id, one.id)
        ]
        self.book.trail.note(at, self.book.hand(Role.COUNSELLOR), *entries)

    def _propose(
        self, person: Person, holder: Person | None, kind: ChangeKind, new: str, proof: Proof, note: str
    ) -> None:
        at, actor = self.book.days_ago(0), self.book.hand(Role.COUNSELLOR)
        self.book.session.flush()
        row = IdentityChange(
            id=self.book.chance.id(),
            kind=kind,
            status=ChangeStatus.OPEN,
            person=person,
            person_id=person.id,
            holder=holder,
            holder_id=holder.id if holder else None,
            district=actor.district,
            proof=proof,
            matter="",
            actor=actor.id,
            idempotency_key=self.book.chance.id(),
            proposed_by=actor.id,
            proposed_at=at,
            version=1,
        )
        row.old = person.name if kind is ChangeKind.NAME else person.number
        row.new, row.note = new, note
        self.book.session.add(row)
        self._tell_of(row, person, holder, at)

    def _tell_of(self, row: IdentityChange, person: Person, holder: Person | None, at: datetime) -> None:
        name, facts = EventName.IDENTITY_CHANGE_PROPOSED, {"change": row.id, "kind": row.kind.value}
        told = {"old": row.old, "new": row.new, "note": row.note}
        personal = {word: text for word, text in told.items() if text}
        key = person.own_key()
        entries = [Entry(name, SubjectKind.PERSON, person.id, facts=facts, personal=personal, key=key)]
        entries += [Entry(name, SubjectKind.PERSON, holder.id, facts=facts)] if holder else []
        self.book.trail.note(at, self.book.hand(Role.COUNSELLOR), *entries)
