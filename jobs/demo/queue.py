"""Work that waits at the verifiers' desk: every flag, people received without a code, possible duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from jobs.demo.catalogue import ELSEWHERE
from jobs.demo.history import History, mistyped
from jobs.demo.people import Invented, changed
from jobs.demo.stories import How, Story
from training.audit import Entry, EventName, SubjectKind
from training.courses.models import ClassRun
from training.enrolments.lifecycle import EnrolmentStatus
from training.people.models import Group, PossibleDuplicate
from training.ports import Employment, RegisteredCard, RegistryAnswer

OF_A_DAY = 6
VERIFYING, RECEIVED = EnrolmentStatus.VERIFYING, EnrolmentStatus.RECEIVED


class Queue:
    """Fills the queue of this district, and a little of the other one's."""

    def __init__(self, history: History) -> None:
        self.history, self.book = history, history.book
        self.runs = history.open_here()
        self._places = count()

    def fill(self) -> None:
        """Cases of this district in order of waiting, then some of the other one."""
        cases: list[Callable[[], None]] = [
            self.name_differs,
            self.received_without_phone,
            self.card_lost,
            self.counter_clean,
            self.same_name_and_birthday,
            self.group_unproven,
            self.employed,
            self.not_found,
            self.received_unknown,
            self.shared_phone,
            self.card_cancelled,
            self.unreachable,
            self.same_card,
            self.sample,
            self.received_unreachable,
            self.counter_clean,
            self.counter_clean,
        ]
        for case in cases:
            case()
        self._elsewhere()

    def next_moment(self) -> datetime:
        """Two working days ago for the first cases, yesterday for the next, some minutes ago for the last."""
        place = next(self._places)
        if place < OF_A_DAY * 2:
            return self.book.days_ago(2 - place // OF_A_DAY)
        return (self.book.now - timedelta(minutes=(30 - place) * 7)).astimezone(UTC)

    def case(
        self, person: Invented, how: How, *, run: ClassRun | None = None, answer: RegistryAnswer | None = None
    ) -> Story:
        return Story(self.book, person, run or next(self.runs), self.next_moment(), how, answer=answer)

    def someone(self, track: str = "", **changes: object) -> Invented:
        changes.setdefault("group", "migrant")
        return self.history.someone(self.history.catalogue.cases["open"], 1, track, **changes)

    # One method for each reason to look ------------------------------------------------------

    def name_differs(self) -> None:
        person = self.someone("verifying")
        story = self.case(person, How(status=VERIFYING, flags="name_differs", typed=mistyped(person.name)))
        self.history.told("verifying", person, story)

    def counter_clean(self) -> None:
        """A counter enrolment: a second person sees it, whatever the register says."""
        tracked = sum(status == "verifying" for status, *_ in self.history.tracks)
        track = "verifying" if tracked < 2 else ""
        person = self.someone(track)
        story = self.case(person, How(by=self.history.counsellor(), status=VERIFYING))
        self.history.told(track, person, story)

    def card_lost(self) -> None:
        person = self.someone()
        person = self.again(
            person, cards=(RegisteredCard(person.card, "lost", self.book.day.replace(day=1)),)
        )
        self.case(person, How(status=VERIFYING, flags="card_lost", card=person.card))

    def card_cancelled(self) -> None:
        person = self.someone()
        assert person.registered is not None
        old = RegisteredCard(
            self.book.chance.card_number(), "cancelled", self.book.day - timedelta(days=3000)
        )
        person = self.again(person, cards=(old, *person.registered.cards))
        self.case(person, How(status=VERIFYING, flags="card_cancelled", card=old.number))

    def group_unproven(self) -> None:
        how = How(status=VERIFYING, flags="group_unproven", declared=Group.MIGRANT)
        self.case(self.someone(group=None), how)

    def employed(self) -> None:
        job = Employment(self.book.chance.credit_code("91", "500106"), self.book.day - timedelta(days=500))
        person = self.again(self.someone(group=None), employed=(job,))
        how = How(status=VERIFYING, flags="group_unproven employed", declared=Group.UNEMPLOYED)
        self.case(person, how)

    def shared_phone(self) -> None:
        person = self.someone(phone=self.history.shared_phones[0])
        self.case(person, How(status=VERIFYING, flags="phone_shared"))

    def sample(self) -> None:
        self.case(self.someone(drawn=True), How(status=VERIFYING, flags="sample"))

    def not_found(self) -> None:
        """Three lines by hand at the counter."""
        self._by_hand("not_found entered_by_hand", RegistryAnswer("not_found", None, self.book.now))

    def unreachable(self) -> None:
        answer = RegistryAnswer("unreachable", None, self.book.now, cause="timeout")
        self._by_hand("registry_unreachable", answer)

    def received_without_phone(self) -> None:
        person = self.someone(phone=None)
        self._received(person, "", RegistryAnswer("found", person.registered, self.book.now))

    def received_unknown(self) -> None:
        person = self.unknown(self.someone(phone=None))
        self._received(person, "not_found", RegistryAnswer("not_found", None, self.book.now))

    def received_unreachable(self) -> None:
        answer = RegistryAnswer("unreachable", None, self.book.now, cause="timeout")
        self._received(self.someone(phone=None), "registry_unreachable", answer)

    def same_name_and_birthday(self) -> None:
        first = self.someone()
        self._pair(first, self.history.people.twin(first), "name_birth")

    def same_card(self) -> None:
        """A card that the register now gives to somebody else."""
        first, second = self.someone(), self.someone()
        card = RegisteredCard(first.card, "normal", self.book.day - timedelta(days=700))
        self._pair(first, self.again(second, cards=(card,)), "card")

    # What they have in common ----------------------------------------------------------------

    def again(self, person: Invented, **facts: object) -> Invented:
        """The person with other facts, also in the crowd that the register is told of."""
        other = changed(person, **facts)
        self.history.crowd[self.history.crowd.index(person)] = other
        return other

    def unknown(self, person: Invented) -> Invented:
        """The register knows nothing of this person."""
        self.history.crowd.remove(person)
        return replace(person, registered=None)

    def _by_hand(self, flags: str, answer: RegistryAnswer) -> None:
        known = self.someone()
        assert known.registered is not None
        at, number, born = self.next_moment(), known.number, known.registered.birth_on
        person = self.book.unregistered(known.name, number, born, at)
        stranger = known if answer.outcome == "unreachable" else self.unknown(known)
        how = How(by=self.history.counsellor(), status=VERIFYING, flags=flags, declared=Group.MIGRANT)
        answer = replace(answer, asked_at=at)
        Story(self.book, stranger, next(self.runs), at, how, answer=answer, person=person)

    def _received(
        self, person: Invented, flags: str, answer: RegistryAnswer, run: ClassRun | None = None
    ) -> None:
        at = self.next_moment()
        typed = self.book.unregistered(person.name, None, None, at)
        how, answer = How(status=RECEIVED, flags=flags), replace(answer, asked_at=at)
        Story(self.book, person, run or next(self.runs), at, how, answer=answer, person=typed)

    def _pair(self, first: Invented, second: Invented, evidence: str) -> None:
        if second not in self.history.crowd:
            self.history.crowd.append(second)
        older = Story(self.book, first, next(self.runs), self.book.days_ago(9))
        newer = self.case(second, How(status=VERIFYING, flags="possible_duplicate"))
        at, (one, other) = newer.enrolment.received_at, sorted((older.person.id, newer.person.id))
        row = PossibleDuplicate(
            id=self.book.chance.id(), person_a=one, person_b=other, evidence=evidence, raised_at=at
        )
        self.book.later.append(row)
        raised = [
            Entry(EventName.DUPLICATE_RAISED, SubjectKind.PERSON, person, facts={"evidence": evidence})
            for person in (newer.person.id, older.person.id)
        ]
        self.book.trail.note(at, newer.owner, *raised)

    def _elsewhere(self) -> None:
        """The other district has work too: its verifier sees it, nobody here does."""
        runs = self._runs_in(ELSEWHERE)
        for _ in range(2):
            person = self.someone()
            how = How(status=VERIFYING, flags="name_differs", typed=mistyped(person.name))
            self.case(person, how, run=next(runs))
        self.case(self.someone(), How(by=self.history.counsellor(), status=VERIFYING), run=next(runs))
        unknown = self.unknown(self.someone(phone=None))
        answer = RegistryAnswer("not_found", None, self.book.now)
        self._received(unknown, "not_found", answer, next(runs))

    def _runs_in(self, district: str) -> Iterator[ClassRun]:
        runs = [run for run in self.history.soon() if run.district == district]
        while True:
            yield from runs
