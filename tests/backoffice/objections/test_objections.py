"""The desk of objections: who sees what, who decides, what stands in the way."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.training.objections.refusals import PACK, appealed, decided, refused_claim, refused_enrolment
from tests.visitor import Visitor
from training.audit import Actor, AuditEvent, EventName, Outcome, SubjectKind
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.errors import NotAllowedNow
from training.numbers import masked_name
from training.objections.models import Matter, MatterKind
from training.objections.operations import open_matter
from training.staff.models import StaffAccount

SAID = "看过记录，理由成立。"


class Desk:
    """The desk's door. Things are made in a context of their own: requests do not share one."""

    def __init__(self, office: Flask) -> None:
        self.office = office

    def __call__(
        self, *roles: str, district: str | None = make.DISTRICT, language: str = "en"
    ) -> tuple[Visitor, StaffAccount]:
        with self.office.app_context():
            account = make.staff(*roles, district=district)
        return self.browser(account, language), account

    def browser(self, account: StaffAccount, language: str = "en") -> Visitor:
        visitor = Visitor(self.office.test_client(), language)
        with self.office.app_context():
            make.staff_browser(visitor.client, account)
        return visitor

    def appeal(self, by: StaffAccount | None = None, **changes: Any) -> Matter:
        with self.office.app_context():
            return appealed(refused_enrolment(by=by), **changes)

    def matter(self, kind: MatterKind = MatterKind.COMPLAINT, **changes: Any) -> Matter:
        with self.office.app_context():
            actor = Actor.system("feedback")
            said: dict[str, Any] = {
                "actor": actor,
                "pack": PACK,
                "district": make.DISTRICT,
                "text": "改了地点没说",
            } | changes
            return transaction(lambda session: open_matter(session, kind, **said))

    def now(self, matter: Matter) -> tuple[str, str | None]:
        with self.office.app_context():
            found = db.session.get(Matter, matter.id)
            assert found is not None
            return found.status.value, found.answer

    def digest(self) -> dict[str, int]:
        with self.office.app_context():
            return {
                name: db.session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in db.metadata.tables.items()
                if not name.startswith(("audit", "limit", "staff"))
            }


@pytest.fixture
def desk(office: Flask, clock: Any) -> Desk:
    return Desk(office)


def at(matter: Matter) -> str:
    return f"/office/objections/{matter.reference}"


def listed(visitor: Visitor, **query: str) -> list[str]:
    page = visitor.open("/office/objections", **query)
    return [row.attrs["data-reference"] for row in page.all("tr", data_reference=True)]


def test_another_reviewer_upholds_an_appeal_and_the_list_says_so(desk) -> None:
    matter = desk.appeal(text="有工厂的证明")
    reviewer, _ = desk("reviewer_district")
    row = reviewer.open("/office/objections").one("tr", data_reference=matter.reference)
    assert (row.attrs["data-kind"], row.attrs["data-until"]) == ("appeal", "2026-07-01")
    page = reviewer.open(at(matter))
    assert "有工厂的证明" in page.text
    assert "万州区付过" in page.text
    assert page.first("tr", data_match=True) is not None
    page = reviewer.send(reviewer.form(matter.reference), decision="uphold", note=SAID)
    assert reviewer.path.startswith("/office/objections?done=")
    assert matter.reference in page.text
    assert desk.now(matter) == ("upheld", SAID)
    with desk.office.app_context():
        assert db.session.get_one(Enrolment, matter.about).status == "verifying"


def test_I14_who_refused_sees_the_reason_instead_of_the_form_and_gets_403(desk) -> None:
    with desk.office.app_context():
        both = make.staff("verifier", "reviewer_district")
    matter = desk.appeal(by=both)
    refuser = desk.browser(both)
    page = refuser.open(at(matter))
    assert page.mark("data-closed") == "decided_it_before"
    assert not page.all("textarea")
    before = desk.digest()
    refuser.post(at(matter), decision="uphold", note=SAID, seen_version="1")
    assert refuser.status == 403
    assert desk.now(matter) == ("open", None)
    assert desk.digest() == before
    with desk.office.app_context():
        wanted = (AuditEvent.subject == matter.id, AuditEvent.outcome == Outcome.REFUSED)
        assert db.session.scalars(select(AuditEvent.name).where(*wanted)).all() == [EventName.MATTER_UPHELD]


def test_I14_who_reviewed_the_claim_does_not_decide_its_appeal(desk) -> None:
    with desk.office.app_context():
        reviewer = make.staff("reviewer_district")
        matter = appealed(refused_claim(by=reviewer).enrolment)
    visitor = desk.browser(reviewer)
    visitor.open(at(matter))
    visitor.post(at(matter), decision="dismiss", note=SAID)
    assert visitor.status == 403


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (MatterKind.MESSAGE, "publicity"),
        (MatterKind.COMPLAINT, "reviewer_district"),
        (MatterKind.FEE_REPORT, "reviewer_district"),
        (MatterKind.CORRECTION, "reviewer_district"),
    ],
)
def test_who_works_on_which_kind(desk, kind: MatterKind, role: str) -> None:
    matter, (clerk, _) = desk.matter(kind), desk(role)
    assert matter.reference in listed(clerk)
    clerk.open(at(matter))
    clerk.send(clerk.form(matter.reference), decision="dismiss", note="看过，没有这回事。")
    assert desk.now(matter)[0] == "dismissed"


def test_a_publicity_clerk_has_no_appeals_complaints_or_requests_about_persons(desk) -> None:
    matters = [
        desk.appeal(),
        desk.matter(MatterKind.COMPLAINT),
        desk.matter(MatterKind.CORRECTION),
        desk.matter(MatterKind.DELETION),
    ]
    clerk, _ = desk("publicity")
    assert listed(clerk) == []
    for matter in matters:
        clerk.open(at(matter))
        assert clerk.status == 403
        clerk.open("/office/objections")
        clerk.post(at(matter), decision="uphold", note=SAID)
        assert clerk.status == 403
        assert desk.now(matter) == ("open", None)


@pytest.mark.parametrize("role", ["counsellor", "verifier", "auditor", "sysadmin", "institution"])
def test_other_desks_do_not_come_in(desk, role: str) -> None:
    matter, (clerk, _) = desk.matter(), desk(role)
    for path in ("/office/objections", at(matter)):
        clerk.open(path)
        assert clerk.status == 403


def test_A16_another_districts_matter_is_not_there(desk) -> None:
    matter = desk.appeal()
    stranger, _ = desk("reviewer_district", district="500112")
    assert listed(stranger) == []
    stranger.open(at(matter))
    assert stranger.status == 404
    stranger.open("/office/objections")
    stranger.post(at(matter), decision="uphold", note=SAID)
    assert stranger.status == 404
    assert desk.now(matter) == ("open", None)


def test_the_municipal_desk_decides_where_nobody_in_the_district_may(desk) -> None:
    with desk.office.app_context():
        refuser = make.staff("verifier", "reviewer_district")
    matter = desk.appeal(by=refuser)
    municipal, _ = desk("reviewer_municipal", district=None)
    municipal.open(at(matter))
    municipal.send(municipal.form(matter.reference), decision="uphold", note=SAID)
    assert desk.now(matter)[0] == "upheld"


def test_the_municipal_desk_leaves_to_the_district_what_the_district_can_decide_until_it_is_late(
    desk, clock
) -> None:
    matter = desk.appeal()
    desk("reviewer_district")
    municipal, account = desk("reviewer_municipal", district=None)
    assert matter.reference in listed(municipal)
    assert municipal.open(at(matter)).mark("data-closed") == "district_has_it"
    municipal.post(at(matter), decision="uphold", note=SAID)
    assert municipal.status == 403
    clock.shift(timedelta(days=20))
    municipal = desk.browser(account)
    municipal.open(at(matter))
    municipal.send(municipal.form(matter.reference), decision="uphold", note=SAID)
    assert desk.now(matter)[0] == "upheld"


def test_what_is_late_stands_on_top_and_is_said_in_words(desk, clock) -> None:
    old = desk.matter()
    clock.shift(timedelta(days=9))
    fresh = desk.matter()
    clerk, _ = desk("reviewer_district")
    assert listed(clerk) == [old.reference, fresh.reference]
    page = clerk.open("/office/objections")
    row = page.one("tr", data_reference=old.reference)
    assert "overdue" in row.text
    assert "1 overdue" in clerk.open("/office/").text


def test_further_pages_follow_and_lose_nothing(desk) -> None:
    made = {desk.matter().reference for _ in range(23)}
    clerk, _ = desk("reviewer_district")
    first = listed(clerk)
    link = clerk.page.one("a", rel="next").attrs["href"]
    second = [row.attrs["data-reference"] for row in clerk.open(link).all("tr", data_reference=True)]
    assert (len(first), set(first) | set(second)) == (20, made)


@pytest.mark.parametrize("page", ["abc", "0", "-1", "99999999999999999999", ""])
def test_a_page_that_cannot_be_read_is_the_first_or_last(desk, page: str) -> None:
    matter, (clerk, _) = desk.matter(), desk("reviewer_district")
    assert listed(clerk, page=page, tab="nonsense") == [matter.reference]


def test_tabs_hold_their_kinds_and_what_is_answered_has_its_own(desk) -> None:
    appeal, complaint = desk.appeal(), desk.matter()
    with desk.office.app_context():
        decided(db.session.get_one(Matter, complaint.id), make.staff("reviewer_district"))
    reviewer, _ = desk("reviewer_district")
    assert listed(reviewer, tab="appeal") == [appeal.reference]
    assert listed(reviewer, tab="complaint") == []
    assert listed(reviewer, tab="answered") == [complaint.reference]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("", "Write the reason"),
        ("x" * 2001, "At most 2000 characters"),
        ("您的号码 500103 19850101 0017 没有错", "number of a person"),
        ("打 13800000000 找我们", "number of a person"),
        ("周小满，您说得对", "name of the person"),
    ],
)
def test_an_answer_names_nobody_and_says_something(desk, note: str, said: str) -> None:
    matter, (reviewer, _) = desk.appeal(), desk("reviewer_district")
    reviewer.open(at(matter))
    page = reviewer.send(reviewer.form(matter.reference), decision="uphold", note=note)
    assert (reviewer.status, page.marks("data-error")) == (422, ["note"])
    assert said in page.text
    assert page.one("textarea", name="note").text == note
    assert page.one("input", name="decision", checked=True).attrs["value"] == "uphold"
    assert desk.now(matter) == ("open", None)


def test_a_decision_that_was_not_chosen_is_said_at_its_field(desk) -> None:
    matter, (reviewer, _) = desk.appeal(), desk("reviewer_district")
    reviewer.open(at(matter))
    page = reviewer.send(reviewer.form(matter.reference), note=SAID)
    assert (reviewer.status, page.marks("data-error")) == (422, ["decision"])
    page = reviewer.post(at(matter), decision="agree", note=SAID)
    assert (reviewer.status, page.marks("data-error")) == (422, ["decision"])


def test_what_another_has_decided_is_409_and_says_who_and_when(desk) -> None:
    matter, (late, _), (first, account) = desk.appeal(), desk("reviewer_district"), desk("reviewer_district")
    late.open(at(matter))
    form = late.form(matter.reference)
    first.open(at(matter))
    first.send(first.form(matter.reference), decision="dismiss", note="记录没有错。")
    page = late.send(form, decision="uphold", note=SAID)
    assert late.status == 409
    assert f"{account.name} decided this on 16 June 10:00" in page.text
    assert "记录没有错。" in page.text
    assert desk.now(matter) == ("dismissed", "记录没有错。")


def test_a_version_that_nobody_can_have_seen_is_409(desk) -> None:
    matter, (reviewer, _) = desk.appeal(), desk("reviewer_district")
    reviewer.open(at(matter))
    for version in ("7", "-3", "x", "99999999999999999999"):
        reviewer.post(at(matter), decision="uphold", note=SAID, seen_version=version)
        assert reviewer.status == 409
    assert desk.now(matter) == ("open", None)


@pytest.mark.parametrize("typed", ["OB-26-7F3KM-Q9XWS", "nonsense", "CQ-26-7F3KM-Q9XWS"])
def test_what_is_no_matter_is_not_there(desk, typed: str) -> None:
    reviewer, _ = desk("reviewer_district")
    reviewer.open(f"/office/objections/{typed}")
    assert reviewer.status == 404


def test_a_reference_in_another_shape_leads_to_its_page(desk) -> None:
    matter, (reviewer, _) = desk.appeal(), desk("reviewer_district")
    reviewer.open(at(matter).lower())
    assert reviewer.path == at(matter)


def test_A50_A51_markup_in_what_people_wrote_is_inert(desk) -> None:
    hostile = "<img src=x onerror=alert(1)><a hx-post='/office/sign-out' hx-trigger='load'>x</a>"
    matter, written = desk.appeal(text=hostile), desk.matter(text=hostile, contact=hostile)
    reviewer, _ = desk("reviewer_district")
    for path in (at(matter), at(written), "/office/objections"):
        page = reviewer.open(path)
        assert not page.all("img")
        assert not page.all("a", hx_post=True)
    page = reviewer.open(at(written))
    assert page.one("p", hx_disable=True).text == hostile
    assert page.one("span", hx_disable=True).text == hostile


def test_A23_looking_at_an_appeal_is_recorded_for_the_person(desk) -> None:
    matter, (reviewer, account) = desk.appeal(), desk("reviewer_district")
    reviewer.open(at(matter))
    with desk.office.app_context():
        wanted = (AuditEvent.kind == SubjectKind.PERSON, AuditEvent.actor_id == account.id)
        found = db.session.scalars(select(AuditEvent).where(*wanted)).all()
        assert [event.subject for event in found] == [matter.person_id]


def test_numbers_and_names_are_masked(desk) -> None:
    with desk.office.app_context():
        person = make.make_person(name="冉平安")
        matter = appealed(refused_enrolment(person=person))
    reviewer, _ = desk("reviewer_district")
    page = reviewer.open(at(matter))
    assert person.number not in page.text
    assert masked_name("冉平安") in page.text


def test_two_clerks_at_once_one_wins(desk, office: Flask) -> None:
    matter = desk.appeal()
    with office.app_context():
        clerks = [make.staff("reviewer_district") for _ in range(4)]
    together, outcomes = threading.Barrier(len(clerks)), []

    def press(clerk: StaffAccount, word: str) -> None:
        with office.app_context():
            together.wait()
            try:
                decided(matter, clerk, word)
                outcomes.append("done")
            except NotAllowedNow as refusal:
                outcomes.append(refusal.reasons[0])

    words = ["uphold", "dismiss", "uphold", "dismiss"]
    threads = [threading.Thread(target=press, args=pair) for pair in zip(clerks, words, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided"] * 3 + ["done"]
    with office.app_context():
        wanted = (AuditEvent.subject == matter.id, AuditEvent.outcome == Outcome.DONE)
        assert len(db.session.scalars(select(AuditEvent).where(*wanted)).all()) == 2


def test_chinese_pages_say_the_same(desk) -> None:
    matter, (reviewer, _) = desk.appeal(), desk("reviewer_district", language="zh")
    page = reviewer.open(at(matter))
    assert page.first("form", action=at(matter)) is not None
    assert page.mark("data-kind") == "appeal"
