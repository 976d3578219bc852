"""Who has been where: past classes with their claims, classes that run or fill, and tracks in every status.

People of case `history` stand in demo.json with their references; the crowd around them does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from jobs.demo.book import Book
from jobs.demo.catalogue import HOME, Catalogue
from jobs.demo.claims import ClaimStory, Ending
from jobs.demo.people import GROUPS, Invented, People
from jobs.demo.stories import PRESENT, How, Story
from training.audit import Actor
from training.claims.lifecycle import ClaimStatus
from training.courses.models import ClassRun, ClassStatus
from training.enrolments.lifecycle import EnrolmentStatus
from training.people.models import Group
from training.staff.models import Role

S = ClaimStatus
SHARED_BY = 11
SELDOM = 0.55
PASSED_CLAIMS: dict[str, list[tuple[str, Ending]]] = {
    "closed": [
        *[("paid", Ending(S.PAID, days)) for days in (96, 92)],
        *[("", Ending(S.PAID, days)) for days in range(84, 102)],
        ("", Ending(S.REFUSED, 98, "attendance_too_low", "缺课太多，签到表和刷卡记录对不上。")),
    ],
    "claimed": [
        *[("district_review", Ending(S.DISTRICT_REVIEW, days)) for days in (2, 1, 1)],
        *[("", Ending(S.DISTRICT_REVIEW, days)) for days in (5, 3, 2, 1, 0)],
        *[("municipal_review", Ending(S.MUNICIPAL_REVIEW, days)) for days in (3, 1)],
        *[("", Ending(S.MUNICIPAL_REVIEW, days)) for days in (4, 2, 1)],
        *[("paying", Ending(S.APPROVED, days)) for days in (4, 2)],
        *[("", Ending(S.APPROVED, days)) for days in (6, 5, 3)],
        ("", Ending(S.PAID, 5)),
        ("", Ending(S.RETURNED, 3, "attendance_to_explain", "第二周缺两天，请学校说明。")),
        ("", Ending(S.WITHDRAWN, 8)),
    ],
    "certified": [("", Ending(S.DISTRICT_REVIEW, days)) for days in (4, 3, 2, 2, 1, 1, 0)],
    "exam_done": [
        *[("claimed", Ending(S.PROPOSED, 30)) for _ in range(2)],
        *[("", Ending(S.PROPOSED, 30)) for _ in range(8)],
    ],
}
"""What became of those who passed: the track it is (empty: none), and where the claim stands since how many days."""


@dataclass
class History:
    """Writes the stories into the book. `tracks` are (public status, person, reference), `kept` the ids of classes
    whose seats are counted out: nobody else comes in."""

    book: Book
    people: People
    catalogue: Catalogue
    shared_phones: list[str]
    tracked: list[Invented] = field(default_factory=list)
    crowd: list[Invented] = field(default_factory=list)
    tracks: list[tuple[str, Invented, str]] = field(default_factory=list)
    claims: list[tuple[Story, Ending]] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)

    def write(self) -> None:
        """Everything but the claims, which need the rows to stand."""
        for word, endings in PASSED_CLAIMS.items():
            self._past_class(self.catalogue.earlier[word], endings)
        self._self_payers(self.catalogue.earlier["closed"])
        self._finished(self.catalogue.earlier["finished"], 14)
        self._running(self.catalogue.cases["started"], 18)
        self._filled(self.catalogue.cases["one_seat"], 23)
        self._filled(self.catalogue.cases["full"], 20)
        self._line(self.catalogue.cases["full"], 3)
        self._ended_early()
        self._sprinkle()

    def write_claims(self) -> None:
        for story, ending in self.claims:
            ClaimStory(self.book, story, ending)

    # Somebody --------------------------------------------------------------------------------

    def someone(self, run: ClassRun, days_ago: int, track: str = "", **changes: Any) -> Invented:
        """An invented person who was in a group when the class began; kept for demo.json where a track is theirs."""
        day = self.book.day - timedelta(days=days_ago)
        people = self.people.at(day, run.starts_on)
        group = changes.pop("group", self.book.chance.choice(GROUPS))
        person = people.person("history" if track else "crowd", group, **changes)
        (self.tracked if track else self.crowd).append(person)
        return person

    def told(self, track: str, person: Invented, story: Story) -> None:
        if track:
            self.tracks.append((track, person, story.enrolment.reference))

    def enrolled(self, run: ClassRun, days_ago: int, track: str = "", **changes: Any) -> Story:
        """By phone, or every third at the counter and passed by a verifier the next day."""
        person = self.someone(run, days_ago, track, **changes)
        at = self.book.days_ago(days_ago)
        if run.district != HOME or self.book.chance.random() > 0.33 or days_ago < 3:
            story = Story(self.book, person, run, at)
        else:
            how = How(by=self.counsellor(), status=EnrolmentStatus.VERIFYING)
            story = Story(self.book, person, run, at, how)
            story.pass_identity(self.book.days_ago(days_ago - 1), self.verifier())
        return story

    def counsellor(self) -> Actor:
        return self.book.hand(Role.COUNSELLOR, self.book.chance.randrange(2))

    def verifier(self) -> Actor:
        return self.book.hand(Role.VERIFIER, self.book.chance.randrange(2))

    # Classes ---------------------------------------------------------------------------------

    def _past_class(self, run: ClassRun, endings: Sequence[tuple[str, Ending]]) -> None:
        """Everybody came, most passed; two did not."""
        for place, (track, ending) in enumerate(endings):
            share = SELDOM if not track and ending.status is S.DISTRICT_REVIEW and place % 7 == 6 else PRESENT
            story = self._through(run, track, share)
            story.result(passed=True)
            if ending.status is not S.PROPOSED:
                story.certificate()
            self.told(track, story.invented, story)
            self.claims.append((story, ending))
        for _ in range(2):
            self._through(run, "").result(passed=False)

    def _through(self, run: ClassRun, track: str, share: float = PRESENT) -> Story:
        ago = self.ago(run) + self.book.chance.randint(6, 30)
        return self.enrolled(run, ago, track).start().attend(share).complete()

    def ago(self, run: ClassRun) -> int:
        """Days since the class began (negative: until it does)."""
        return (self.book.day - run.starts_on).days

    def _self_payers(self, run: ClassRun) -> None:
        """They passed, and no claim is made for them."""
        for track in ("passed", "passed"):
            days = self.ago(run) + 10
            person = self.someone(run, days, track, group="migrant")
            story = Story(self.book, person, run, self.book.days_ago(days), How(self_pay=True))
            story.start().attend().complete().result(passed=True).certificate()
            self.told(track, person, story)

    def _finished(self, run: ClassRun, count: int) -> None:
        for _ in range(count):
            self._through(run, "")

    def _running(self, run: ClassRun, count: int) -> None:
        for place in range(count):
            track = "attending" if place < 2 else ""
            ago = self.ago(run) + self.book.chance.randint(4, 30)
            story = self.enrolled(run, ago, track).start().attend()
            self.told(track, story.invented, story)

    def _filled(self, run: ClassRun, count: int) -> None:
        for place in range(count):
            track = "enrolled" if place == 0 else ""
            story = self.enrolled(run, self.book.chance.randint(5, 25), track)
            self.told(track, story.invented, story)

    def _line(self, run: ClassRun, count: int) -> None:
        for place in range(count):
            track = "waiting" if place < 2 else ""
            days = count - place
            person = self.someone(run, days, track)
            story = Story(
                self.book, person, run, self.book.days_ago(days), How(status=EnrolmentStatus.WAITING)
            )
            self.told(track, person, story)

    def _ended_early(self) -> None:
        """Returned, refused, withdrawn: two of each."""
        runs = self.open_here()
        differs = How(status=EnrolmentStatus.VERIFYING, flags="name_differs")
        unproven = How(status=EnrolmentStatus.VERIFYING, flags="group_unproven")
        for days in (3, 2):
            story = self._told_story("returned", next(runs), days, differs)
            note = "名字和社保登记的差一个字，请看看哪个对。"
            story.return_for_correction(self.book.days_ago(days - 1), self.verifier(), "name", note)
            story = self._told_story("refused", next(runs), days + 4, unproven)
            reason = "group_not_eligible"
            story.refuse_identity(self.book.days_ago(days + 3), self.verifier(), reason)
            story = self._told_story("withdrawn", next(runs), days + 5, How())
            story.withdraw(self.book.days_ago(days))

    def _told_story(self, track: str, run: ClassRun, days: int, how: How) -> Story:
        person = self.someone(run, days, track, group=None if "unproven" in how.flags else "migrant")
        how = self._typed(person, how)
        story = Story(self.book, person, run, self.book.days_ago(days), how)
        self.told(track, person, story)
        return story

    def _typed(self, person: Invented, how: How) -> How:
        """What makes the flags true: another character in the name, a group that nothing proves."""
        changes: dict[str, Any] = {}
        if "name_differs" in how.flags:
            changes["typed"] = mistyped(person.name)
        if "unproven" in how.flags:
            changes["declared"] = Group.MIGRANT
        return replace(how, **changes)

    def _sprinkle(self) -> None:
        """Seats taken here and there, by people who share a phone among them."""
        taking = partial(next, self._taking())
        for phone in self.shared_phones:
            runs = self.open_here()
            for _ in range(SHARED_BY):
                self.enrolled(next(runs), self.book.chance.randint(4, 20), phone=phone)
        for _ in range(90):
            self.enrolled(taking(), self.book.chance.randint(1, 12))

    def open_here(self) -> Iterator[ClassRun]:
        """Classes of this district that take people, over and over; none of the class cases."""
        cases = {run.id for run in self.catalogue.cases.values()}
        runs = [run for run in self.soon() if run.district == HOME and run.id not in cases]
        while True:
            yield from runs

    def _taking(self) -> Iterator[ClassRun]:
        runs = self.soon()
        while True:
            yield self.book.chance.choice(runs)

    def soon(self) -> list[ClassRun]:
        """Classes that began to take people three weeks ago or earlier, the class cases left out."""
        cases = {run.id for run in self.catalogue.cases.values()}
        return [
            run
            for run in self.catalogue.classes
            if run.status is ClassStatus.ENROLLING
            and run.id not in cases | self.kept
            and run.opens_on <= self.book.day - timedelta(days=35)
            and run.starts_on > self.book.day
        ]


def mistyped(name: str) -> str:
    """The name with its last character written as another that sounds alike, or at least looks meant."""
    return name[:-1] + ("兰" if name[-1] != "兰" else "岚")
