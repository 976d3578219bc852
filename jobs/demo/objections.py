"""Matters of the objections desk: appeals, complaints, requests; some answered, some late, most of them open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.demo.catalogue import ELSEWHERE, HOME
from jobs.demo.history import History
from jobs.demo.stories import How, Story
from training import clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses.models import ClassRun
from training.enrolments.lifecycle import EnrolmentStatus
from training.objections.lifecycle import MatterKind, MatterStatus
from training.objections.models import Matter
from training.people.models import Group, Person
from training.staff.models import Role

K = MatterKind
STRANGER = Actor.system("feedback")
# Who wrote what, how many days ago; with an answer: what it says.
WRITTEN = (
    (K.COMPLAINT, "改了上课地点没有通知，到了才知道在另一栋楼。", 12, ""),
    (K.FEE_REPORT, "报名时说免费，开课那天又收了 300 元证书费，没有开收据。", 2, ""),
    (K.FEE_REPORT, "有人在路口发传单，说交 200 元就能“包过”。", 1, ""),
    (K.COMPLAINT, "老师常常迟到半小时，走的时候还叫我们签满。", 1, ""),
    (K.MESSAGE, "第二步“核对”看不明白，字太小。", 3, ""),
    (
        K.MESSAGE,
        "晚上的班太少，上班的人赶不上。",
        20,
        "谢谢您。下个月起两所学校开晚上的班，找课程里能选“晚上”。",
    ),
    (K.COMPLAINT, "窗口的人说要交复印件，网上写不用。", 25, "您说得对，不用复印件。我们已经跟窗口讲清楚了。"),
)
APPEALS = (
    ("new_proof", "我有失业登记证明，当时没带。原件已经拿到就业服务中心看过。", 2, ""),
    ("facts_wrong", "我的户口早就迁回农村了，记的还是城里。", 25, ""),
    (
        "not_me",
        "我没有报过这个班。",
        30,
        "记录里是您本人用手机验证码报的，原来的决定不变。想报别的班，随时可以。",
    ),
)
REQUESTS = (
    (K.CORRECTION, "我婚前的姓名写错了一个字，请改过来。", 4),
    (K.CORRECTION, "我的手机号登记错了最后一位。", 24),
    (K.DELETION, "我搬到外地了，不再用这个服务。", 6),
    (K.DELETION, "请删掉我的资料。", 3),
)


@dataclass(frozen=True)
class Said:
    """One matter as it came in."""

    kind: MatterKind
    text: str
    at: datetime
    answer: str = ""
    reason: str = ""
    about: str = ""
    district: str = HOME


class Matters:
    """Writes the matters; what an appeal is about, and who asks, comes from the history."""

    def __init__(self, history: History) -> None:
        self.history, self.book = history, history.book

    def write(self) -> None:
        runs = self.history.open_here()
        school = next(runs).course.institution.id
        for kind, text, days, answer in WRITTEN:
            about = school if kind is K.FEE_REPORT else ""
            self._matter(Said(kind, text, self.book.days_ago(days), answer, about=about), None, STRANGER)
        text = "教室里没有空调。"
        self._matter(Said(K.COMPLAINT, text, self.book.days_ago(2), district=ELSEWHERE), None, STRANGER)
        for reason, text, days, answer in APPEALS:
            self._appeal(next(runs), days, Said(K.APPEAL, text, self.book.days_ago(days), answer, reason))
        for kind, text, days in REQUESTS:
            story = self._story(next(runs), days + 3, How())
            self._matter(Said(kind, text, self.book.days_ago(days)), story.person, story.owner)
        self._not_me(next(runs))

    def _appeal(self, run: ClassRun, days: int, said: Said) -> None:
        how = How(status=EnrolmentStatus.VERIFYING, flags="group_unproven", declared=Group.MIGRANT)
        story = self._story(run, days + 4, how, group=None)
        verifier = self.history.verifier()
        story.refuse_identity(self.book.days_ago(days + 3), verifier, "group_not_eligible")
        self._matter(said, story.person, story.owner, about=story.enrolment.id, not_by=[verifier.id])

    def _not_me(self, run: ClassRun) -> None:
        """A counter enrolment that its person does not know of: everything stands still."""
        by = self.history.counsellor()
        story = self._story(run, 3, How(by=by, status=EnrolmentStatus.VERIFYING))
        said = Said(K.NOT_ME, "我没有去过那个窗口。", self.book.days_ago(1), reason="not_me")
        self._matter(said, story.person, story.owner, about=story.enrolment.id, not_by=[by.id])
        story.person.frozen_at = said.at
        frozen = Entry(EventName.RECORD_FROZEN, SubjectKind.PERSON, story.person.id)
        self.book.trail.note(said.at, story.owner, frozen)

    def _story(self, run: ClassRun, days: int, how: How, **changes: Any) -> Story:
        person = self.history.someone(run, days, **changes)
        return Story(self.book, person, run, self.book.days_ago(days), how)

    def _matter(self, said: Said, person: Person | None, actor: Actor, **more: Any) -> None:
        book, today = self.book, clock.on_date(said.at)
        days = book.pack.objections.answer[said.kind.value]
        matter = Matter(
            id=book.chance.id(),
            reference=book.chance.reference("OB", today),
            kind=said.kind,
            status=MatterStatus.OPEN,
            person=person,
            person_id=person.id if person else None,
            district=said.district,
            reason=said.reason,
            language="zh",
            actor=actor.id,
            opened_at=said.at,
            due_on=book.pack.calendar.add_working_days(today, days),
            led_to="",
            version=1,
            **({"about": said.about or (person.id if person else ""), "not_by": []} | more),
        )
        matter.text, matter.contact = said.text, ""
        book.later.append(matter)
        facts = {
            "kind": said.kind.value,
            "about": matter.about,
            "district": said.district,
            "reason": said.reason,
            "due_on": matter.due_on.isoformat(),
        }
        self._note(matter, said.at, actor, EventName.MATTER_OPENED, facts)
        if said.answer:
            self._answer(matter, said.answer)

    def _answer(self, matter: Matter, answer: str) -> None:
        """Answered some days before its time was over."""
        book = self.book
        role = Role.PUBLICITY if matter.person_id is None else Role.REVIEWER_DISTRICT
        by, at = book.hand(role, book.chance.randrange(2)), book.office_time(matter.due_on)
        is_appeal = matter.kind is K.APPEAL
        matter.status = MatterStatus.DISMISSED if is_appeal else MatterStatus.UPHELD
        matter.answer, matter.decided_by, matter.decided_at = answer, by.id, at
        matter.version = 2
        name = EventName.MATTER_DISMISSED if is_appeal else EventName.MATTER_UPHELD
        facts = {"kind": matter.kind.value, "about": matter.about, "outcome": "", "led_to": ""}
        self._note(matter, at, by, name, facts)

    def _note(
        self, matter: Matter, at: datetime, actor: Actor, name: EventName, facts: dict[str, Any]
    ) -> None:
        self.book.trail.note(
            at, actor, Entry(name, SubjectKind.MATTER, matter.id, matter.status.value, facts)
        )
