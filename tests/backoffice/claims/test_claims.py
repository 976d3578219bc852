"""The reviewers' desk: who sees what, what is decided, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.training.objections.refusals import decided, denied
from tests.visitor import Visitor
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.database import db
from training.enrolments.models import Enrolment
from training.people.models import Person
from training.staff.models import StaffAccount


class Desk:
    """The reviewers' door. Things are made in a context of their own: requests do not share one."""

    def __init__(self, office: Flask) -> None:
        self.office = office

    def __call__(
        self, *roles: str, district: str | None = make.DISTRICT, language: str = "en"
    ) -> tuple[Visitor, StaffAccount]:
        """A browser in which an account with these roles has signed in, and the account."""
        with self.office.app_context():
            account = make.staff(*roles, district=district)
            visitor = Visitor(self.office.test_client(), language)
            make.staff_browser(visitor.client, account)
            return visitor, account

    def claim(self, **words: Any) -> Claim:
        with self.office.app_context():
            return make.make_claim(**words)

    def passed(self, **words: Any) -> Enrolment:
        with self.office.app_context():
            return make.make_passed(**words)

    def account(self, claim: Claim, number: str) -> None:
        """The claimant registers this bank account, in place of the one there was."""
        with self.office.app_context():
            person = db.session.get(Person, claim.person_id)
            assert person is not None
            make.make_account(person, number)

    def status_of(self, claim: Claim) -> ClaimStatus:
        with self.office.app_context():
            found = db.session.get(Claim, claim.id)
            assert found is not None
            return found.status


@pytest.fixture
def desk(office: Flask, clock: Any) -> Desk:
    return Desk(office)


def at(claim: Claim) -> str:
    return f"/office/claims/{claim.reference}"


def test_a_clean_claim_goes_from_the_district_to_approval_in_two_hands(desk) -> None:
    claim = desk.claim()
    district, _ = desk("reviewer_district")
    page = district.open(at(claim))
    assert page.mark("data-status") == "district_review"
    assert [box.attrs["value"] for box in page.all("input", name="decision", checked=True)] == ["agree"]
    assert page.marks("data-factor") == ["standard", "group_share", "grade"]
    assert sum(int(fen) for fen in page.marks("data-fen")) == claim.amount_fen
    assert set(page.marks("data-outcome")) == {"passed"}
    assert set(page.marks("data-by")) == {"system"}
    assert len(page.marks("data-task")) == 12
    district.send(district.form(claim.reference), decision="agree")
    assert district.status == 200  # the next page after 303: the empty queue
    assert desk.status_of(claim) is ClaimStatus.MUNICIPAL_REVIEW
    municipal, _ = desk("reviewer_municipal", district=None)
    municipal.open(at(claim))
    municipal.send(municipal.form(claim.reference), decision="agree")
    assert desk.status_of(claim) is ClaimStatus.APPROVED
    assert municipal.open(at(claim)).mark("data-status") == "approved"


def test_the_next_claim_opens_after_a_decision(desk) -> None:
    first, second = desk.claim(), desk.claim()
    district, _ = desk("reviewer_district")
    district.open(at(first))
    page = district.send(district.form(first.reference), decision="agree")
    assert page.mark("data-claim") == second.reference
    assert first.reference in page.one(None, role="status").text


def test_the_queue_shows_what_waits_and_pages_through_it(desk) -> None:
    run = desk.passed().class_run
    for _ in range(21):
        desk.claim(class_run=run)
    district, _ = desk("reviewer_district")
    page = district.open("/office/claims")
    rows = page.all("tr", data_claim=True)
    assert len(rows) == 20
    assert {row.attrs["data-status"] for row in rows} == {"district_review"}
    assert all(row.attrs["data-reference"].startswith("CQ-") for row in rows)
    more = district.open(page.one("a", rel="next").attrs["href"]).marks("data-claim")
    assert len(more) == 1
    assert not {row.attrs["data-claim"] for row in rows} & set(more)


def test_names_and_numbers_are_masked(desk) -> None:
    claim = desk.claim(name="贺秀棠", number="500103198501019996")
    district, _ = desk("reviewer_district")
    for path in ("/office/claims", at(claim)):
        text = district.open(path).text
        assert "贺*棠" in text
        assert "贺秀棠" not in text
        assert "500103198501019996" not in district.response.text


def test_A16_another_district_sees_nothing(desk) -> None:
    claim = desk.claim()
    stranger, _ = desk("reviewer_district", district="500106")
    assert not stranger.open("/office/claims").marks("data-claim")
    stranger.open(at(claim))
    assert stranger.status == 404
    stranger.post(at(claim), decision="agree", seen_version=claim.version)
    assert stranger.status == 404
    assert desk.status_of(claim) is ClaimStatus.DISTRICT_REVIEW


@pytest.mark.parametrize("role", ["counsellor", "verifier", "auditor", "sysadmin"])
def test_other_roles_do_not_come_in(desk, role) -> None:
    claim = desk.claim()
    other, _ = desk(role)
    for path in ("/office/claims", at(claim), "/office/claims/batches"):
        other.open(path)
        assert other.status == 403


def test_A34_the_form_is_absent_where_four_eyes_forbid_and_the_reason_stands_there(desk) -> None:
    browser, account = desk("reviewer_district")
    claim = desk.claim(enrolment=desk.passed(verified_by=account.id))
    page = browser.open(at(claim))
    assert page.mark("data-closed") == "verified_it"
    assert not page.all("input", name="decision")
    assert page.one("li", data_task="four_eyes").attrs["data-outcome"] == "failed"
    browser.post(at(claim), decision="agree", seen_version=claim.version)
    assert browser.status == 403
    assert desk.status_of(claim) is ClaimStatus.DISTRICT_REVIEW


def test_I14_the_district_reviewer_does_not_decide_twice(desk) -> None:
    both, account = desk("reviewer_district", "reviewer_municipal")
    claim = desk.claim(status="municipal_review", district_by=account)
    assert both.open(at(claim)).mark("data-closed") == "decided_it_before"
    both.post(at(claim), decision="agree", seen_version=claim.version)
    assert both.status == 403


def test_a_claim_at_the_other_desk_can_be_read_but_not_decided(desk) -> None:
    claim = desk.claim()
    municipal, _ = desk("reviewer_municipal", district=None)
    assert municipal.open(at(claim)).mark("data-closed") == "other_desk"
    municipal.post(at(claim), decision="agree", seen_version=claim.version)
    assert municipal.status == 409


def test_a_stale_page_is_told_so_and_shows_how_it_stands(desk) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    browser.open(at(claim))
    page = browser.post(at(claim), decision="agree", seen_version=claim.version - 1, note="我看过")
    assert browser.status == 409
    assert "Somebody changed this claim meanwhile" in page.one(None, role="alert").text
    assert page.one("textarea", name="note").text == "我看过"
    assert desk.status_of(claim) is ClaimStatus.DISTRICT_REVIEW


def test_a_look_wants_a_note_and_keeps_what_was_typed(desk) -> None:
    claim = desk.claim(present=None)
    browser, _ = desk("reviewer_district")
    page = browser.open(at(claim))
    assert page.one("li", data_task="attendance").attrs["data-outcome"] == "look"
    page = browser.send(browser.form(claim.reference), decision="agree")
    assert browser.status == 422
    assert page.marks("data-error") == ["note"]
    browser.send(browser.form(claim.reference), decision="agree", note="签到表在学校看过")
    assert desk.status_of(claim) is ClaimStatus.MUNICIPAL_REVIEW
    municipal, _ = desk("reviewer_municipal", district=None)
    assert municipal.open(at(claim)).one("li", data_task="attendance").attrs["data-by"] == "person"


def test_what_is_not_met_cannot_be_agreed(desk) -> None:
    claim = desk.claim(present=5)
    browser, _ = desk("reviewer_district")
    page = browser.open(at(claim))
    assert page.one("li", data_task="attendance").attrs["data-outcome"] == "failed"
    assert not [box for box in page.all("input", name="decision") if "checked" in box.attrs]
    page = browser.post(at(claim), decision="agree", seen_version=claim.version, note="看过")
    assert browser.status == 409
    assert "Attendance 50%" in page.one(None, role="alert").text


def test_A46_while_it_is_asked_whether_it_was_them_nobody_agrees_and_the_page_says_who_decides(desk) -> None:
    claim = desk.claim(channel="counter", created_by="k" * 26)
    browser, _ = desk("reviewer_district")
    with desk.office.app_context():
        matter = denied(claim.enrolment)
    page = browser.open(at(claim))
    task = page.one("li", data_task="not_me")
    assert (task.attrs["data-outcome"], task.one("a").attrs["href"]) == (
        "failed",
        f"/office/objections/{matter.reference}",
    )
    assert "personal records" in task.text
    assert not [box for box in page.all("input", name="decision") if "checked" in box.attrs]
    page = browser.post(at(claim), decision="agree", seen_version=claim.version, note="看过")
    assert browser.status == 409
    assert "This was not me" in page.one(None, role="alert").text
    with desk.office.app_context():
        decided(matter, make.staff("reviewer_district"))
    page = browser.open(at(claim))
    assert page.mark("data-status") == "withdrawn"
    assert "the person was never in this class" in page.text
    assert "not_me" not in page.marks("data-task")


def test_returning_and_refusing_want_a_reason_of_their_own_list(desk) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    browser.open(at(claim))
    for decision, reasons in (("refuse", "attendance_to_explain"), ("return", "king"), ("refuse", "")):
        page = browser.post(at(claim), decision=decision, reasons=reasons, seen_version=claim.version)
        assert browser.status == 422
        assert page.marks("data-error") == ["reasons"]
    browser.post(at(claim), decision="return", reasons="attendance_to_explain", seen_version=claim.version)
    assert desk.status_of(claim) is ClaimStatus.RETURNED


@pytest.mark.parametrize(
    ("decision", "reason", "status"),
    [("return", "cap_reached", "returned"), ("refuse", "deceased", "refused")],
)
def test_every_refusal_reason_is_a_reason(desk, decision, reason, status) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    browser.open(at(claim))
    browser.post(at(claim), decision=decision, reasons=reason, seen_version=claim.version)
    assert desk.status_of(claim) is ClaimStatus(status)


def test_where_nothing_is_to_decide_a_bare_decision_is_409(desk) -> None:
    claim = desk.claim(status="municipal_review")
    browser, _ = desk("reviewer_district")
    browser.open(at(claim))
    browser.post(at(claim), decision="agree")
    assert browser.status == 409


def test_a_returned_claim_is_put_forward_again(desk) -> None:
    claim = desk.claim(status="returned")
    browser, _ = desk("reviewer_district")
    page = browser.open(at(claim))
    assert "gaps that need to be explained" in page.text
    page = browser.send(browser.form("/again"))
    assert browser.status == 422
    assert page.marks("data-error") == ["note"]
    browser.send(browser.form("/again"), note="补交了原件")
    assert desk.status_of(claim) is ClaimStatus.DISTRICT_REVIEW
    browser.post(f"{at(claim)}/again", note="再来", seen_version=claim.version)
    assert browser.status == 409


@pytest.mark.parametrize(
    "sent",
    [{}, {"decision": "reject"}, {"decision": "agree"}, {"decision": "agree", "seen_version": "x" * 40}],
)
def test_nonsense_is_422_and_changes_nothing(desk, sent) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    browser.open(at(claim))
    browser.post(at(claim), **sent)
    assert browser.status == 422
    assert desk.status_of(claim) is ClaimStatus.DISTRICT_REVIEW


def test_the_enrolments_reference_leads_to_the_claim(desk) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    assert browser.open(f"/office/claims/{claim.enrolment.reference}").mark("data-claim") == claim.reference
    for bad in ("CL-26-22222-22222", "nonsense", "CL-26-22222-2222!"):
        browser.open(f"/office/claims/{bad}")
        assert browser.status == 404


def test_batches_put_first_what_stands_out(desk) -> None:
    run = desk.passed().class_run
    for _ in range(3):
        desk.claim(class_run=run)
    odd = desk.claim(class_run=run, present=8)
    desk.claim()
    browser, _ = desk("reviewer_municipal", district=None)
    page = browser.open("/office/claims/batches")
    keys = page.marks("data-batch")
    assert len(keys) == 2
    assert keys[0].startswith(run.id)
    rows = browser.open(f"/office/claims/batch/{keys[0]}").marks("data-claim")
    assert rows[0] == odd.reference
    assert len(rows) == 4
    for bad in ("nothing", f"{run.id}.2026-13", f"{run.id}.1999-01"):
        browser.open(f"/office/claims/batch/{bad}")
        assert browser.status == 404


# --- the account of a claimant -------------------------------------------------------------------------------


ONE, OTHER = "6217001234567890123", "6217009999999999993"


def test_A40_the_account_of_several_people_is_named_with_a_number_and_no_name(desk) -> None:
    claims = [desk.claim(name=name) for name in ("贺秀棠", "罗成碧", "秦世兰")]
    for claim in claims:
        desk.account(claim, ONE)
    browser, _ = desk("reviewer_district")
    page = browser.open(at(claims[0]))
    task = page.one("li", data_task="account")
    assert task.attrs["data-outcome"] == "look"
    assert "The account is also that of 2 other people" in task.text
    assert not [shown for shown in (ONE, ONE[-4:], "罗", "秦") if shown in page.text]
    browser.send(browser.form(claims[0].reference), decision="agree")
    assert browser.status == 422
    browser.send(browser.form(claims[0].reference), decision="agree", note="各人都问过")
    assert desk.status_of(claims[0]) is ClaimStatus.MUNICIPAL_REVIEW


def test_A10_an_account_changed_meanwhile_stands_out_in_the_queue_and_in_its_batch(desk, clock) -> None:
    run = desk.passed().class_run
    plain, changed = desk.claim(class_run=run), desk.claim(class_run=run)
    desk.account(changed, ONE)
    browser, _ = desk("reviewer_district")
    assert "Bank account" not in browser.open("/office/claims").one("tr", data_claim=changed.reference).text
    clock.shift(timedelta(minutes=5))
    desk.account(changed, OTHER)
    task = browser.open(at(changed)).one("li", data_task="account")
    assert "Account changed on 16 June, after the claim was put forward" in task.text
    for path in ("/office/claims", f"/office/claims/batch/{run.id}.2026-06"):
        page = browser.open(path)
        assert "Bank account" in page.one("tr", data_claim=changed.reference).text
        assert "Bank account" not in page.one("tr", data_claim=plain.reference).text
    assert page.marks("data-claim") == [changed.reference, plain.reference]
    assert "1 claim" in browser.open("/office/claims/batches").one("tr", data_batch=True).text


def test_the_person_reads_what_is_to_be_mended_and_the_way_to_it(desk, clock) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    browser.open(at(claim))
    browser.post(at(claim), decision="return", reasons="account_to_clear", seen_version=claim.version)
    assert desk.status_of(claim) is ClaimStatus.RETURNED
    assert "register one that is only yours" in browser.open(at(claim)).text


def test_lists_ask_once_about_the_accounts_of_all_their_claims(desk, statements) -> None:
    browser, _ = desk("reviewer_district")
    run = desk.passed().class_run
    paths = ("/office/claims", "/office/claims/batches", f"/office/claims/batch/{run.id}.2026-06")

    def counts() -> list[int]:
        found = []
        for path in paths:
            browser.open(path)
            with statements() as asked:
                browser.open(path)
            found.append(sum("bank_account" in one for one in asked))
        return found

    desk.account(desk.claim(class_run=run), ONE)
    assert counts() == [1, 1, 1]
    for _ in range(4):
        desk.account(desk.claim(class_run=run), ONE)
    assert counts() == [1, 1, 1]


# --- whose turn the next claim is ----------------------------------------------------------------------------


def test_the_next_claim_is_of_another_school_for_whoever_decided_most_of_this_one(desk, clock) -> None:
    one, other = desk.passed().class_run, desk.passed().class_run
    luo, by_luo = desk("reviewer_district")
    qin, by_qin = desk("reviewer_district")
    for account, number in ((by_luo, 8), (by_qin, 2)):
        for _ in range(number):
            desk.claim(class_run=one, status="municipal_review", district_by=account)
    old = desk.claim(class_run=one)
    clock.shift(timedelta(minutes=5))
    new = desk.claim(class_run=other)
    following = luo.open("/office/claims").one("a", data_key="n").attrs["href"]
    page = luo.open(following)
    assert page.mark("data-claim") == new.reference
    assert "you decided 8 of 10 cases of" in page.one("p", data_turn=True).text
    assert not luo.open(at(new)).all("p", data_turn=True)
    page = qin.open(qin.open("/office/claims").one("a", data_key="n").attrs["href"])
    assert page.mark("data-claim") == old.reference
    assert not page.all("p", data_turn=True)
    luo.open(at(new))
    page = luo.send(luo.form(new.reference), decision="agree")
    assert page.mark("data-claim") == old.reference  # nothing else is left


def test_what_was_agreed_at_the_other_desk_is_not_ones_share(desk, clock) -> None:
    one, other = desk.passed().class_run, desk.passed().class_run
    luo, account = desk("reviewer_district", "reviewer_municipal")
    desk("reviewer_municipal", district=None)
    for _ in range(10):
        desk.claim(class_run=one, status="municipal_review", district_by=account)
    old = desk.claim(class_run=one, status="municipal_review")
    clock.shift(timedelta(minutes=5))
    desk.claim(class_run=other, status="municipal_review")
    following = luo.open("/office/claims").one("a", data_key="n").attrs["href"]
    assert following == at(old)


@pytest.mark.parametrize("instead", ["", "a" * 26, "';--", "x" * 5000])
def test_an_address_that_was_made_up_says_nothing(desk, instead) -> None:
    claim = desk.claim()
    browser, _ = desk("reviewer_district")
    assert not browser.open(at(claim), instead=instead).all("p", data_turn=True)
    assert browser.status == 200


def test_no_tab_and_no_page_is_an_error(desk) -> None:
    browser, _ = desk("reviewer_district")
    browser.open("/office/claims", tab="nothing", page="abc")
    assert browser.status == 200
    for tab in ("district", "municipal", "returned", "agreed", "ended"):
        assert not browser.open("/office/claims", tab=tab, page="99").marks("data-claim")


def test_the_queue_asks_as_often_for_twenty_rows_as_for_one(desk, statements) -> None:
    browser, _ = desk("reviewer_district")
    desk.claim()
    browser.open("/office/claims")

    def count() -> int:
        with statements() as asked:
            browser.open("/office/claims")
        return len(asked)

    one = count()
    for _ in range(6):
        desk.claim()
    assert count() == one


def test_I38_both_languages_show_the_same_marks(desk) -> None:
    claim = desk.claim(present=None)
    seen = []
    for language in ("en", "zh"):
        browser, _ = desk("reviewer_district", language=language)
        page = browser.open(at(claim))
        seen.append(
            [page.marks(f"data-{name}") for name in ("task", "outcome", "by", "factor", "fen", "status")]
        )
    assert seen[0] == seen[1]
