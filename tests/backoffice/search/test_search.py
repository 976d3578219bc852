"""Search: what is found, for whom; a reason before a case outside the queue; what the person reads of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, HERE, arrive
from tests.make import make_passed
from tests.visitor import Visitor
from training.audit import EventName
from training.database import db
from training.enrolments.models import Enrolment
from training.people.models import Card, LookReason
from training.people.queries import looks_at
from training.staff.models import Role

REASON = {"reason": "person_asks", "note": "本人来电，问到哪一步"}


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def luo(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "luo", Role.VERIFIER)


def search(visitor: Visitor, text: str) -> list[str]:
    """The references that are found."""
    visitor.open("/office/search")
    visitor.post("/office/search", s=text)
    return visitor.page.marks("data-reference")


def at(case: Enrolment) -> str:
    return f"/office/search/{case.reference}"


def open_with_a_reason(visitor: Visitor, case: Enrolment) -> None:
    visitor.open(at(case))
    visitor.send(visitor.form(case.reference), reason=REASON["reason"], note=REASON["note"])


def test_it_finds_by_reference_number_card_last_four_and_name(
    office: Flask, luo: Visitor, world: World
) -> None:
    case = world.clean(name="石小玉")
    world.clean()
    with office.app_context():
        card = db.session().query(Card).filter_by(person_id=case.person_id).one().number
    assert card
    for text in (
        case.reference,
        case.reference.lower().replace("-", ""),
        case.number,
        card,
        card[-4:],
        "石小玉",
        " 石·小玉 ",
    ):
        assert search(luo, str(text)) == [case.reference], text
    assert "石*玉" in luo.page.text
    assert "石小玉" not in luo.page.one("table").text
    assert str(case.number) not in luo.page.text


def test_what_was_typed_stands_in_no_address_and_the_search_is_recorded(luo: Visitor, world: World) -> None:
    case = world.clean()
    search(luo, str(case.number))
    assert luo.path == "/office/search"
    assert [event.facts for event in world.events(name=EventName.SEARCHED)] == [{"kind": "number"}]
    assert luo.response.headers["Cache-Control"] == "no-store"


def test_A16_not_there_and_not_yours_are_one_answer(office: Flask, world: World, luo: Visitor) -> None:
    case = world.clean(name="石小玉")
    stranger = arrive(office, "far", Role.VERIFIER, district=ELSEWHERE)
    pages = []
    for text in (case.reference, "CQ-26-7F3KM-Q9XWS", str(case.number), "石小玉", "石小王"):
        assert search(stranger, text) == []
        pages.append(stranger.page.one("section", data_nothing=True).html())
    assert len(set(pages)) == 1
    for address in (at(case), "/office/search/CQ-26-7F3KM-Q9XWS", "/office/search/nonsense"):
        assert (stranger.open(address), stranger.status)[1] == 404
        stranger.open("/office/search")
        stranger.post(address, **REASON)
        assert stranger.status == 404
    with office.app_context():
        assert looks_at(db.session(), case.person_id) == []


def test_A23_a_case_outside_the_queue_opens_only_with_a_reason(
    office: Flask, luo: Visitor, world: World
) -> None:
    case = world.clean(name="石小玉")
    page = luo.open(at(case))
    assert (luo.status, "石" in page.one("main").text) == (200, False)
    for typed, field in (
        ({"reason": "", "note": ""}, "reason"),
        ({"reason": "curious", "note": ""}, "reason"),
        ({"reason": "other", "note": " "}, "note"),
    ):
        luo.open(at(case))
        luo.send(luo.form(case.reference), reason=typed["reason"], note=typed["note"])
        assert (luo.status, luo.page.mark("data-error")) == (422, field)
        assert "石" not in luo.page.one("main").text
    with office.app_context():
        assert looks_at(db.session(), case.person_id) == []
    open_with_a_reason(luo, case)
    assert (luo.status, luo.page.mark("data-status")) == (200, "enrolled")
    assert "石*玉" in luo.page.text
    assert str(case.number) not in luo.page.text
    with office.app_context():
        [look] = looks_at(db.session(), case.person_id)
    assert (look.purpose, look.reason, look.note) == ("search", *REASON.values())
    assert (look.reference, look.full_number) == (case.reference, False)


def test_A08_the_phone_shown_is_the_one_in_use(luo: Visitor, world: World) -> None:
    case = world.clean(phone="13900001234")
    world.new_phone(case, "18700002245")
    open_with_a_reason(luo, case)
    assert "2245" in luo.page.text
    assert "1234" not in luo.page.text


def test_the_reason_opens_for_ten_minutes_and_for_one_clerk(
    office: Flask, luo: Visitor, world: World, clock: Any
) -> None:
    case = world.clean()
    open_with_a_reason(luo, case)
    other = arrive(office, "qin", Role.VERIFIER)
    assert other.open(at(case)).first(None, data_status=True) is None
    clock.shift(timedelta(minutes=11))
    assert luo.open(at(case)).first(None, data_status=True) is None


def test_I26_the_full_number_needs_a_reason_of_its_own_and_shows_for_a_minute(
    luo: Visitor, world: World, clock: Any
) -> None:
    case = world.clean()
    open_with_a_reason(luo, case)
    luo.press(luo.page.one("button", value="show_number"), reason="", note="")
    assert (luo.status, luo.page.mark("data-error")) == (422, "reason")
    luo.press(luo.page.one("button", value="show_number"), reason="same_name", note="")
    assert luo.page.one("b", data_full_number=True).text == case.number
    [event] = world.events(name=EventName.FULL_NUMBER_SEEN, subject=case.person_id)
    assert (event.facts["reason"], event.facts["desk"]) == ("same_name", "search")
    clock.shift(timedelta(seconds=61))
    assert luo.open(at(case)).first("b", data_full_number=True) is None


def test_ones_own_queue_needs_no_reason(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    search(luo, case.reference)
    [row] = luo.page.all("tr", data_reference=True)
    assert row.one("a").attrs["href"] == f"/office/verify/{case.reference}"


def test_a_claim_is_found_by_its_own_reference(office: Flask, clock: Any) -> None:
    from tests.make import make_claim

    with office.app_context():
        claim = make_claim()
        reference, enrolled = claim.reference, claim.enrolment.reference
    du = arrive(office, "du", Role.REVIEWER_MUNICIPAL, district=None)
    assert search(du, reference) == [enrolled]
    assert du.page.one("tr", data_claim=True).attrs["data-claim"] == reference


def test_the_last_four_find_nobody_at_a_municipal_desk(office: Flask, world: World) -> None:
    case = world.clean()
    du = arrive(office, "du", Role.REVIEWER_MUNICIPAL, district=None)
    with office.app_context():
        card = db.session().query(Card).filter_by(person_id=case.person_id).one().number
    assert search(du, str(card)) == [case.reference]
    assert search(du, str(card)[-4:]) == []


def test_the_number_of_statements_does_not_grow_with_what_is_found(
    office: Flask, luo: Visitor, world: World, statements: Any
) -> None:
    counted = []
    for more in (1, 5):
        for _ in range(more):
            world.clean(name="石小玉")
        search(luo, "石小玉")
        with statements() as seen:
            luo.open("/office/search")
        counted.append((len(luo.page.marks("data-reference")), len(seen)))
    (few, first), (many, second) = counted
    assert (few, many) == (1, 6)
    assert second <= first


def test_at_most_twenty_are_shown(luo: Visitor, office: Flask, clock: Any) -> None:
    with office.app_context():
        for _ in range(22):
            make_passed(name="石小玉")
    assert len(search(luo, "石小玉")) == 20
    assert "There are more" in luo.page.text


def test_nonsense_finds_nothing_and_an_empty_search_says_what_to_type(luo: Visitor, world: World) -> None:
    for text in ("'; --", "%%%%", "1", "9" * 80, "<b>周</b>", "\u202e周小"):
        assert search(luo, text) == []
        assert luo.status == 200
    search(luo, "   ")
    assert (luo.status, luo.page.mark("data-error")) == (422, "s")


def test_other_desks_stay_out(office: Flask, world: World) -> None:
    case = world.clean()
    for role in (Role.FINANCE, Role.AUDITOR, Role.SYSADMIN, Role.INSTITUTION):
        visitor = arrive(office, role.value, role, district=None)
        assert (visitor.open("/office/search"), visitor.status)[1] == 403
        assert (visitor.open(at(case)), visitor.status)[1] == 403


@pytest.mark.parametrize("reason", list(LookReason))
def test_every_reason_of_the_list_opens(luo: Visitor, world: World, reason: str) -> None:
    case = world.clean()
    luo.open(at(case))
    luo.send(luo.form(case.reference), reason=reason, note="说明")
    assert luo.page.mark("data-status") == "enrolled"


def test_A23_the_verifiers_desk_is_no_way_round(luo: Visitor, world: World) -> None:
    """What was enrolled without a verifier lies in nobody's queue: its address leads to the question why."""
    case, waiting = world.clean(name="石小玉"), world.by_phone()
    luo.open(f"/office/verify/{case.reference}")
    assert luo.path == at(case)
    assert "石" not in luo.page.one("main").text
    luo.open(f"/office/verify/{waiting.reference}")
    assert luo.path == f"/office/verify/{waiting.reference}"
    luo.post(luo.path, decision="pass")
    luo.open(f"/office/verify/{waiting.reference}")
    assert luo.path == f"/office/verify/{waiting.reference}"


def test_a_matter_leads_to_its_desk_for_whoever_works_there(
    office: Flask, luo: Visitor, world: World
) -> None:
    from training.audit import Actor
    from training.database import transaction
    from training.objections.models import MatterKind
    from training.objections.operations import open_matter
    from training.policy.queries import load_pack

    with office.app_context():
        pack = office.extensions.get("pack") or load_pack("packs/chongqing")
        matter = transaction(
            lambda session: open_matter(
                session, MatterKind.COMPLAINT, actor=Actor.system("tests"), district=HERE, text="…", pack=pack
            )
        )
        reference = matter.reference
    du = arrive(office, "du", Role.REVIEWER_DISTRICT)
    assert search(du, reference.lower().replace("-", "")) == [reference]
    assert du.page.one("section", data_reference=True).one("a").attrs["href"].endswith(reference)
    assert search(luo, reference) == []
    assert search(arrive(office, "far", Role.REVIEWER_DISTRICT, district=ELSEWHERE), reference) == []
