"""Makers: say in a test only what matters to it. Each writes one honest row and returns it.

Call them inside an application context: the fixture `database` has one, else `with office.app_context():`.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import pyotp
from sqlalchemy.orm import Session
from werkzeug.test import Client

from training import clock, keys
from training.audit import Actor, ActorKind
from training.database import new_id, transaction
from training.policy.queries import load_pack
from training.staff.models import Role, StaffAccount, StaffSession
from training.staff.operations import NewAccount, add_account, hash_password
from web.browser import browser_hash
from web.settings import ROOT

if TYPE_CHECKING:
    from training.claims.models import Claim
    from training.courses.models import ClassRun, Course, PastClass
    from training.enrolments.models import Enrolment
    from training.institutions.models import Institution
    from training.people.models import BankAccount, Evidence, Person

DISTRICT = "500103"  # Yuzhong
PACK = ROOT / "packs" / "chongqing"
PASSWORD = "correct horse battery"
NOBODY = Actor.system("tests")
Row = TypeVar("Row")
_numbers = count(1)


def staff(
    *roles: str, district: str | None = DISTRICT, institution: str | None = None, **changes: str
) -> StaffAccount:
    """An account that holds `roles` in `district`: staff("verifier"), staff("auditor", district=None)."""
    n = next(_numbers)
    new = NewAccount(
        username=changes.pop("username", f"s{n:04d}"),
        name=changes.pop("name", f"职员{n}"),
        password=PASSWORD,
        totp_secret=changes.pop("totp_secret", pyotp.random_base32()),
        office=changes.pop("office", "渝中区就业服务中心"),
        roles=[(Role(role), district, institution) for role in roles],
        **changes,
    )
    return transaction(lambda session: add_account(session, new, _hash(), NOBODY))


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def staff_browser(client: Client, account: StaffAccount) -> None:
    """Make `client` (of the staff door, or of both) a browser in which `account` has signed in."""
    browser, at = new_id(), clock.real_now()
    row = StaffSession(
        id_hash=browser_hash(browser),
        account_id=account.id,
        fresh_at=at,
        seen_at=at,
        expires_at=at + timedelta(hours=12),
    )
    transaction(lambda session: session.add(row))
    client.set_cookie("office", browser)


def citizen_browser(client: Client, person: Person) -> None:
    """Make `client` (of the portal, or of both) a browser in which `person` has proved the phone."""
    from training.people.models import VisitorSession

    browser, at = new_id(), clock.real_now()
    row = VisitorSession(
        id_hash=browser_hash(browser),
        person_id=person.id,
        how="phone",
        proved_at=at,
        seen_at=at,
        expires_at=at + timedelta(hours=12),
    )
    transaction(lambda session: session.add(row))
    client.set_cookie("portal", browser)


# --- the catalogue -------------------------------------------------------------------------------------------


def make_institution(**changes: Any) -> Institution:
    """A listed school in Yuzhong, graded A. `grade` is a letter, or None for a school without one."""
    from training.institutions.models import Grade, GradeLetter, Institution, InstitutionStatus, Nature

    n, grade = next(_numbers), changes.pop("grade", "A")
    fields = {
        "id": new_id(),
        "name": f"江岸技能学校{n}",
        "name_en": f"River Bank Skills School {n}",
        "nature": "school",
        "status": "listed",
        "status_since": clock.today() - timedelta(days=800),
        "district": DISTRICT,
        "credit_code": f"52500103MJ{n:08d}",
        "licence": f"民办学校许可 {n}",
        "licence_until": clock.today() + timedelta(days=700),
        "address": "渝中区江岸路 88 号 3 楼",
        "phone": "023-0000 0000",
        "grade": GradeLetter(grade or "none"),
    }
    row = Institution(**_worded(fields | changes, nature=Nature, status=InstitutionStatus))
    if grade:
        since = clock.today() - timedelta(days=100)
        row.grades = [Grade(id=new_id(), letter=GradeLetter(grade), score=88, from_on=since, basis="")]
    else:
        row.grades = []
    transaction(lambda session: session.add(row))
    return row


def make_course(**changes: Any) -> Course:
    """A level 5 course for electricians (电工) of 120 hours for 1,500 yuan."""
    from training.courses.models import Course, Level

    school = changes.pop("institution", None) or make_institution()
    fields = {
        "id": new_id(),
        "institution": school,
        "title": "电工（初级工）",
        "title_en": "Electrician, junior",
        "occupation": "6-31-01-03",
        "level": "5",
        "hours": 120,
        "fee_fen": 150_000,
        "learn": "照明线路安装\n电动机接线",
        "learn_en": "Wiring lights\nConnecting motors",
        "bring": "身份证、社会保障卡",
        "bring_en": "ID card and social security card",
    }
    return transaction(lambda session: _added(session, Course(**_worded(fields | changes, level=Level))))


def make_class(**changes: Any) -> ClassRun:
    """A class that takes people now, with 30 free seats, from ten days on; published with its search words."""
    from training.courses.models import ClassRun, ClassStatus, Rhythm
    from training.courses.operations import publish_classes

    course = changes.pop("course", None) or make_course()
    starts_on = changes.pop("starts_on", clock.today() + timedelta(days=10))
    seats = changes.pop("seats", 30)
    fields = {
        "id": new_id(),
        "course": course,
        "district": course.institution.district,
        "status": "enrolling",
        "opens_on": clock.today() - timedelta(days=20),
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=25),
        "rhythm": "daytime",
        "timetable": "周一至周五 9:00–12:00",
        "timetable_en": "Monday to Friday 9:00–12:00",
        "address": "渝中区江岸路 88 号 3 楼",
        "seats": seats,
        "seats_left": seats,
    }

    def publish(session: Session) -> ClassRun:
        row = ClassRun(**_worded(fields | changes, status=ClassStatus, rhythm=Rhythm))
        publish_classes(session, load_pack(PACK), [row])
        return row

    return transaction(publish)


def make_past_class(institution: Institution, **changes: Any) -> PastClass:
    """A class that ended half a year ago: 40 people, all examined, 36 passed, 28 in work."""
    from training.courses.models import Level, PastClass

    fields = {
        "id": new_id(),
        "institution_id": institution.id,
        "occupation": "6-31-01-03",
        "level": "5",
        "ended_on": clock.today() - timedelta(days=180),
        "enrolled": 40,
        "examined": 40,
        "passed": 36,
        "placed": 28,
    }
    return transaction(lambda session: _added(session, PastClass(**_worded(fields | changes, level=Level))))


def _worded(fields: dict[str, Any], **kinds: type[StrEnum]) -> dict[str, Any]:
    return fields | {name: kind(fields[name]) for name, kind in kinds.items()}


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    return row


# --- people, their enrolments, and what became of them -------------------------------------------------------


def make_person(**changes: Any) -> Person:
    """A certified migrant worker. `number`, `name`, `language` as wanted."""
    from training.people.models import Person, PersonKey

    n, at = next(_numbers), clock.now()
    number, row_id, own = changes.pop("number", f"50010319850101{n:04d}"), new_id(), keys.new_person_key()
    name = changes.pop("name", "周小满")
    fields = {
        "id": row_id,
        "key": PersonKey(person_id=row_id, wrapped=keys.wrap(own, f"person_key:{row_id}")),
        "name": name,
        "name_normal": name,
        "language": "zh",
        "certified_at": at - timedelta(days=100),
        "certified_by": "register",
        "consent_version": "1",
        "created_at": at - timedelta(days=100),
    }
    row = Person(**(fields | changes))
    row.number, row.birth = number, "1985-01-01"
    return transaction(lambda session: _added(session, row))


def make_account(person: Person, number: str = "6217001234567890123", **changes: Any) -> BankAccount:
    """A bank account in the person's name, usable since yesterday, in place of the one there was."""
    from training.people.models import BankAccount
    from training.people.queries import account_of

    at = clock.now()

    def work(session: Session) -> BankAccount:
        owner = session.merge(person)
        before = account_of(session, owner.id)
        if before is not None:
            before.ended_at, before.ended_why = at, "changed"
            session.flush()
        fields = {"how": "phone", "registered_at": at, "usable_from": at - timedelta(days=1), "ended_why": ""}
        row = BankAccount(id=new_id(), person=owner, person_id=owner.id, **(fields | changes))
        row.number, row.holder = number, owner.name
        return _added(session, row)

    return transaction(work)


def make_evidence(person: Person, **changes: Any) -> Evidence:
    """The card registry's answer: `groups` are words that hold since 2020 without an end."""
    from training.people.models import AnswerOutcome, Evidence
    from training.ports import GroupEvidence, RegisteredPerson, RegistryAnswer

    since, at = date(2020, 1, 1), clock.now()
    groups = tuple(
        GroupEvidence(group, since, changes.get("to_on"), "rural_household")
        for group in changes.get("groups", ("migrant",))
    )
    known = RegisteredPerson(person.number or "", person.name, date(1985, 1, 1), groups=groups)
    row = Evidence(
        id=new_id(),
        number_index=person.number_index,
        outcome=AnswerOutcome.FOUND,
        source="social_card",
        asked_at=at,
    )
    row.answer = RegistryAnswer("found", known, at).to_json()
    return transaction(lambda session: _added(session, row))


def make_enrolment(**changes: Any) -> Enrolment:
    """A migrant worker enrolled by phone and passed automatically, in a fresh class; `person`, `class_run`.

    `on` is the day of enrolment. With a subsidy it holds the entitlement of that year.
    """
    from training.enrolments.lifecycle import EnrolmentStatus
    from training.enrolments.models import Channel, Enrolment, GroupSource
    from training.people.models import Group
    from training.references import new_reference

    person = changes.pop("person", None) or make_person()
    evidence = changes.pop("evidence", None) or make_evidence(person)
    class_run = changes.pop("class_run", None) or make_class()
    on, at = changes.pop("on", clock.today()), clock.now()
    fields = {
        "id": new_id(),
        "reference": new_reference("CQ", on),
        "person": person,
        "person_id": person.id,
        "class_run": class_run,
        "class_id": class_run.id,
        "evidence": evidence,
        "evidence_id": evidence.id,
        "district": class_run.district,
        "channel": "phone",
        "status": "enrolled",
        "group": "migrant",
        "group_source": "register",
        "notice": "cq-2026-18",
        "name_typed": person.name,
        "number_kind": "number18",
        "actor": person.id,
        "idempotency_key": new_id(),
        "verified_by": "register",
        "received_at": at,
        "changed_at": at,
    }
    fields = _worded(
        fields | changes, channel=Channel, status=EnrolmentStatus, group=Group, group_source=GroupSource
    )
    row = Enrolment(**fields)
    row.number = person.number
    return transaction(lambda session: _seated(session, row, on))


def _seated(session: Session, row: Enrolment, on: date) -> Enrolment:
    from training.entitlements.models import Family
    from training.entitlements.operations import hold

    course = row.class_run.course
    session.add(row)
    session.flush()
    if not row.self_pay:
        hold(
            session,
            person_id=row.person_id,
            family=Family.TUITION,
            occupation=course.occupation,
            level=course.level.value,
            enrolment_id=row.id,
            district=row.district,
            on=on,
            notice=load_pack(PACK).notices[row.notice],
        )
    return row


def make_passed(**changes: Any) -> Enrolment:
    """Somebody whose class is over: `present` of ten lessons of 4 hours, passed, certificate in the register.

    `name`, `number`: of the person. `present=None`: no lesson was recorded; `certificate=False` and `result=False` leave those out.
    """
    if named := {word: changes.pop(word) for word in ("name", "number") if word in changes}:
        changes["person"] = make_person(**named)
    present = changes.pop("present", 10)
    has_certificate, has_result = changes.pop("certificate", True), changes.pop("result", True)
    class_run = changes.pop("class_run", None)
    if class_run is None:
        starts_on = clock.today() - timedelta(days=40)
        class_run = make_class(course=changes.pop("course", None), starts_on=starts_on, status="exam_done")
    row = make_enrolment(
        class_run=class_run, status="passed", on=changes.pop("on", class_run.starts_on), **changes
    )
    return transaction(
        lambda session: _finish(session, row, present, has_result=has_result, has_certificate=has_certificate)
    )


def _finish(
    session: Session, row: Enrolment, present: int | None, *, has_result: bool, has_certificate: bool
) -> Enrolment:
    """Lessons, attendance, result and certificate of one enrolment."""
    from training.enrolments.models import Attendance
    from training.outcomes.models import Result
    from training.outcomes.operations import note_certificate

    at, course = clock.now(), row.class_run.course
    for n, lesson in enumerate(_lessons(session, row.class_id)):
        if present is not None:
            was_there = {"enrolment_id": row.id, "session_id": lesson.id, "present": n < present}
            session.add(Attendance(**was_there, source="card", at=at))
    if has_result:
        session.add(Result(enrolment_id=row.id, theory=82, practice=88, passed=True, at=at))
    if has_certificate:
        number, issued_on = f"S0000{next(_numbers):011d}", clock.today() - timedelta(days=5)
        note_certificate(session, row.person_id, course.occupation, course.level, number, issued_on)
    return row


def _lessons(session: Session, class_id: str) -> list[Any]:
    """The lessons of a class; ten of four hours where it has none yet."""
    from training.courses.models import ClassSession

    found = session.query(ClassSession).filter_by(class_id=class_id).all()
    if not found:
        first, hours = clock.now() - timedelta(days=40), timedelta(hours=4)
        days = (first + timedelta(days=n) for n in range(10))
        found = [
            ClassSession(id=new_id(), class_id=class_id, starts_at=day, ends_at=day + hours) for day in days
        ]
        session.add_all(found)
        session.flush()
    return found


def make_claim(*, status: str = "district_review", **changes: Any) -> Claim:
    """A claim that has gone the road as far as `status`: district_review, municipal_review, approved, returned.

    `district_by`, `municipal_by`: the accounts that decide. Other words describe the enrolment: make_passed.
    """
    from training.claims.operations import Decision, agree, propose, return_claim

    pack, district_by = load_pack(PACK), changes.pop("district_by", None)
    municipal_by = changes.pop("municipal_by", None)
    enrolment = changes.pop("enrolment", None) or make_passed(**changes)
    claim = propose(enrolment.id, pack, clock.today())
    assert claim is not None
    if status in ("municipal_review", "approved"):
        account = district_by or staff("reviewer_district", district=claim.district)
        claim = agree(
            claim.reference, actor_of(account), pack, Decision(claim.version, note="看过"), clock.today()
        )
    if status == "approved":
        account = municipal_by or staff("reviewer_municipal", district=None)
        claim = agree(
            claim.reference, actor_of(account), pack, Decision(claim.version, note="看过"), clock.today()
        )
    if status == "returned":
        account = district_by or staff("reviewer_district", district=claim.district)
        decision = Decision(claim.version, ["attendance_to_explain"])
        claim = return_claim(claim.reference, actor_of(account), pack, decision, clock.today())
    assert claim.status == status
    return claim


def actor_of(account: StaffAccount) -> Actor:
    """The account as the trail names it."""
    return Actor(ActorKind.STAFF, account.id, account.office, account.district)
