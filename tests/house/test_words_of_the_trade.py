"""One word for each thing: enum values as outside checks know them, each with a sentence, each event in use."""

from __future__ import annotations

import tomllib
from enum import StrEnum

import pytest

from tests.house import tree
from training.audit import EventName
from training.claims.lifecycle import ClaimStatus
from training.courses.models import ClassStatus, Level, Rhythm
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Channel, Flag
from training.entitlements.models import Family
from training.institutions.models import GradeLetter, InstitutionStatus
from training.people.models import DuplicateAnswer, Group
from training.staff.models import Role
from web import labels

WORDS: dict[type[StrEnum], str] = {
    Group: "unemployed migrant graduate school_leaver hard_to_place poverty_monitored disabled veteran employee other",
    Family: "tuition on_the_job labour_reserve startup job_readiness apprenticeship project assessment "
    "living_allowance unemployment_insurance_skill",
    Level: "5 4 3 2 1 special",
    Rhythm: "daytime evenings weekends",
    Channel: "phone counter institution",
    EnrolmentStatus: "received verifying returned waiting offered enrolled attending completed passed failed refused "
    "withdrawn dropped_out expired",
    ClaimStatus: "proposed submitted returned district_review municipal_review publicity objection approved in_batch "
    "sent paid bounced held refused withdrawn expired recovering recovered reversed",
    ClassStatus: "draft submitted returned approved published enrolling full running suspended finished exam_done "
    "certified claimed closed cancelled",
    InstitutionStatus: "filed listed rectifying suspended delisted blacklisted",
    GradeLetter: "A B C D none",
    Flag: "name_differs card_lost card_cancelled not_found registry_unreachable group_unproven employed phone_shared "
    "possible_duplicate entered_by_hand sample",
    Role: "counsellor verifier reviewer_district reviewer_municipal publicity finance finance_release institution "
    "inspector planner policy_editor policy_approver auditor sysadmin secadmin",
}
SENTENCES: dict[type[StrEnum], str] = {
    Group: "GROUP",
    Family: "FAMILY",
    Level: "LEVEL",
    Rhythm: "RHYTHM",
    Channel: "CHANNEL",
    EnrolmentStatus: "STATUS",
    ClaimStatus: "STATUS",
    ClassStatus: "CLASS_STATUS",
    InstitutionStatus: "INSTITUTION_STATUS",
    Flag: "FLAG",
    Role: "ROLE",
}


@pytest.mark.parametrize(("kind", "words"), WORDS.items(), ids=lambda x: getattr(x, "__name__", ""))
def test_enums_speak_the_words_of_the_contract(kind, words) -> None:
    assert {member.value for member in kind} == set(words.split())


def test_a_duplicate_is_answered_same_different_or_ask() -> None:
    assert {answer.value for answer in DuplicateAnswer} - {"open"} == {"same", "different", "ask"}


@pytest.mark.parametrize(("kind", "table"), SENTENCES.items(), ids=lambda x: getattr(x, "__name__", x))
def test_every_code_that_people_meet_has_a_sentence(kind, table) -> None:
    missing = {member.value for member in kind} - set(getattr(labels, table))
    assert not missing, f"labels.{table} lacks {missing}"


def test_every_event_of_the_trail_is_written_somewhere() -> None:
    code = "\n".join(
        path.read_text() for path in tree.modules("training", "jobs") if path.name != "events.py"
    )
    unused = [event.name for event in EventName if f"EventName.{event.name}" not in code]
    assert not unused, unused


def test_events_are_spelled_once() -> None:
    """Nobody writes the name of an event as text."""
    names = "|".join(event.value for event in EventName if "_" in event.value)
    found = [
        place
        for path in tree.modules("training")
        if path.name not in {"events.py", "lifecycle.py"}
        for place in tree.places(path, rf"EventName\(|audit\.record\([^)]*[\"']({names})[\"']")
    ]
    assert not found, found


def test_every_notice_has_its_worked_cases() -> None:
    pack = tree.ROOT / "packs/chongqing"
    notices = {path.name for path in (pack / "notices").glob("*.toml")}
    cases = {path.name for path in (pack / "cases").glob("*.toml")}
    assert notices
    assert notices == cases
    for name in sorted(cases):
        assert tomllib.loads((pack / "cases" / name).read_text()), name


def test_every_value_of_a_notice_says_whether_it_is_confirmed() -> None:
    """Each notice speaks of confirmed values or examples; a value without either would pass for law."""
    for path in sorted((tree.ROOT / "packs/chongqing/notices").glob("*.toml")):
        text = path.read_text()
        assert "confirmed" in text or "example" in text, tree.name(path)
