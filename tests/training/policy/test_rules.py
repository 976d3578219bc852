"""What a person may get in the class `open` of the demo, and why not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.training.policy.makers import (
    COOK,
    ELECTRICIAN,
    START,
    TODAY,
    WANZHOU,
    a_class,
    codes,
    notice,
    paid,
    person,
    tuition,
)
from training.policy.facts import Facts, GroupFact, facts_from_register
from training.policy.rules import (
    amount_due,
    findings,
    reasons_not_to_claim,
    reasons_not_to_hold_entitlement,
    refusals,
)
from training.ports import Employment, GroupEvidence, Period, RegisteredPerson


@pytest.mark.parametrize(
    ("group", "since"),
    [
        ("unemployed", date(2026, 2, 1)),
        ("migrant", date(1985, 3, 2)),
        ("graduate", date(2026, 6, 20)),
        ("school_leaver", date(2026, 6, 30)),
        ("hard_to_place", date(2025, 1, 1)),
        ("poverty_monitored", date(2025, 1, 1)),
    ],
)
def test_each_of_the_six_groups_gets_the_whole_fee(group, since):
    finding = tuition(person(group, since=since))
    assert (finding.outcome, finding.amount_fen, finding.group) == ("yes", 150000, group)


@pytest.mark.parametrize("group", ["employee", "disabled", "veteran", "other"])
def test_other_groups_are_not_paid_by_this_notice(group):
    known = tuple(
        GroupFact(other, "no")
        for other in (
            "unemployed",
            "migrant",
            "graduate",
            "school_leaver",
            "hard_to_place",
            "poverty_monitored",
        )
    )
    finding = tuition(Facts(birth_on=date(1985, 3, 2), groups=(GroupFact(group, "yes"), *known)))
    assert codes(finding) == ["group_not_eligible"]
    assert finding.amount_fen is None


def test_a_subsidy_paid_this_year_in_another_district_reaches_the_cap():
    finding = tuition(person(), paid(date(2026, 3, 12), office="万州区人力社保局", phone="023-0000 0901"))
    assert codes(finding) == ["cap_reached"]
    reason = next(reason for reason in finding.reasons if reason.met == "no")
    assert reason.values["office"] == "万州区人力社保局"
    assert reason.values["on"] == date(2026, 3, 12)
    assert reason.values["again_on"] == date(2027, 1, 1)


def test_what_lies_elsewhere_is_told_by_office_day_and_telephone_only():
    past = paid(date(2026, 3, 12), office="万州区人力社保局", phone="023-0000 0901")
    reason = next(reason for reason in tuition(person(), past).reasons if reason.met == "no")
    about_the_class = {"window", "scope", "count", "used", "held", "again_on"}
    assert set(reason.values) - about_the_class == {"office", "on", "phone", "state"}
    assert COOK not in str(reason.values.values())


def test_a_held_one_counts_like_a_used_one():
    assert codes(tuition(person(), paid(TODAY, state="held"))) == ["cap_reached"]


def test_one_of_last_year_does_not_count():
    assert tuition(person(), paid(date(2025, 12, 31))).outcome == "yes"


def test_the_same_occupation_and_level_is_paid_once_in_a_lifetime():
    finding = tuition(person(), paid(date(2019, 5, 1), occupation=ELECTRICIAN))
    assert codes(finding) == ["already_paid_same_level"]


def test_a_higher_level_paid_before_blocks_a_lower():
    finding = tuition(person(), paid(date(2019, 5, 1), occupation=ELECTRICIAN, level="3"))
    assert codes(finding) == ["higher_level_held"]


def test_a_higher_level_only_held_blocks_nothing_for_good():
    held = paid(date(2025, 5, 1), occupation=ELECTRICIAN, level="3", state="held")
    assert "higher_level_held" not in codes(tuition(person(), held))


def test_every_reason_names_its_paper_and_its_mark():
    for reason in tuition(person()).reasons:
        assert reason.basis.notice in {"cq-2026-18", "spb-2026-3"}
        assert reason.basis.clause
        assert reason.basis.status in {"confirmed", "example"}


def test_nothing_known_about_the_group_leaves_it_open_and_asks_for_the_proof():
    finding = tuition(person(None))
    assert (finding.outcome, finding.papers) == ("maybe", ("group_proof",))


def test_a_declared_group_stays_open():
    finding = tuition(person(None, groups=(GroupFact("unemployed", "yes", source="declared"),)))
    assert (finding.outcome, finding.group) == ("maybe", "unemployed")


def test_a_verified_group_is_proven():
    finding = tuition(person(None, groups=(GroupFact("unemployed", "yes", source="verified"),)))
    assert finding.outcome == "yes"


def test_a_group_is_judged_on_the_day_the_class_starts():
    ended = (GroupFact("unemployed", "yes", date(2026, 1, 1), date(2026, 12, 9)),)
    known = tuple(
        GroupFact(group, "no")
        for group in ("migrant", "graduate", "school_leaver", "hard_to_place", "poverty_monitored")
    )
    assert codes(tuition(person(None, groups=ended + known))) == ["group_not_eligible"]
    still = (GroupFact("unemployed", "yes", date(2026, 1, 1), START),)
    assert tuition(person(None, groups=still + known)).outcome == "yes"


def test_the_lines_of_an_amount_add_up():
    for terms in ({}, {"fee_fen": 99900}, {"grade": "C"}, {"level": "special"}, {"occupation": COOK}):
        finding = tuition(person(), **terms)
        assert sum(factor.fen for factor in finding.factors) == finding.amount_fen


def test_a_grade_takes_its_share_and_never_half_a_fen():
    rule = notice().families["tuition"]
    amount = amount_due(rule, a_class(grade="C", occupation="4-03-02-07"), "migrant")
    assert amount.fen == 90000


def test_the_district_adds_its_own_line():
    rule = notice().families["tuition"]
    care = a_class(occupation="4-10-01-05", fee_fen=180000)
    uplift = amount_due(rule, care, "migrant").factors[-1]
    assert (uplift.name, uplift.fen, uplift.basis.notice) == ("uplift", 30000, "spb-2026-3")
    elsewhere = notice(WANZHOU).families["tuition"]
    assert amount_due(elsewhere, care, "migrant").fen == 150000


def test_refusals_are_only_of_the_family_asked():
    found = findings(person(), a_class(), (paid(TODAY),), notice(), TODAY)
    assert [reason.code for reason in refusals(found, "tuition")] == ["cap_reached"]
    assert refusals(found, "assessment") == []


def test_an_entitlement_is_held_unless_a_cap_speaks_against_it():
    assert reasons_not_to_hold_entitlement("tuition", a_class(), (), notice(), TODAY) == []
    reasons = reasons_not_to_hold_entitlement("tuition", a_class(), (paid(TODAY),), notice(), TODAY)
    assert [reason.code for reason in reasons] == ["cap_reached"]


def test_a_claim_needs_hours_and_certificate():
    assert reasons_not_to_claim("tuition", a_class(), 80, True, notice()) == []
    missing = reasons_not_to_claim("tuition", a_class(), 79, False, notice())
    assert [reason.code for reason in missing] == ["attendance_too_low", "certificate_missing"]


def registered(**known):
    usual: dict[str, Any] = {"number": "500106198503021234", "name": "周小满", "birth_on": date(1985, 3, 2)}
    return RegisteredPerson(**usual | known)


RURAL = GroupEvidence("migrant", date(1985, 3, 2), None, "rural_household")


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"death_on": date(2026, 11, 1)}, "deceased"),
        ({"pension_from": date(2026, 11, 25)}, "draws_pension"),
        ({"full_time_study": (Period(date(2026, 9, 1)),)}, "full_time_student"),
        ({"public_payroll_from": date(2020, 1, 1)}, "public_payroll"),
        ({"birth_on": date(2010, 11, 26)}, "under_age"),
    ],
)
def test_what_the_register_knows_shuts_a_person_out(known, code):
    facts = facts_from_register(registered(groups=(RURAL,), **known), TODAY)
    assert codes(tuition(facts)) == [code]


def test_the_register_proves_a_migrant_who_works():
    job = Employment("91500000MA5U000000", date(2024, 1, 1))
    facts = facts_from_register(registered(groups=(RURAL,), employed=(job,)), TODAY)
    assert tuition(facts).outcome == "yes"


def test_what_the_register_does_not_know_is_no_and_what_is_declared_stays_open():
    assert codes(tuition(facts_from_register(registered(), TODAY))) == ["group_not_eligible"]
    declared = facts_from_register(registered(), TODAY, declared="unemployed")
    assert tuition(declared).outcome == "maybe"


def test_an_employee_who_declares_to_be_unemployed_is_neither_refused_nor_passed():
    job = Employment("91500000MA5U000000", date(2024, 1, 1))
    facts = facts_from_register(registered(employed=(job,)), TODAY, declared="unemployed")
    assert codes(tuition(facts), "unknown") == ["group_not_eligible"]
