"""Work waits at every desk, and can be done: the operations accept what the set has written."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from tests.conftest import MORNING
from training.audit import Actor, ActorKind
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.claims.operations import Decision, agree
from training.claims.queries import findings_now, next_to_decide, scope_of_reviewer
from training.enrolments import operations as verify
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment, Flag
from training.enrolments.queries import enrolment_by_reference, verify_queue
from training.entitlements.models import Entitlement, EntitlementState, EntitlementYear
from training.errors import NotAllowedNow
from training.people.models import DuplicateAnswer, PossibleDuplicate
from training.policy.queries import load_pack
from training.staff.models import StaffAccount

TODAY, PACK = MORNING.date(), load_pack("packs/chongqing")


def hand(demo_database, username: str) -> Actor:
    query = select(StaffAccount).where(StaffAccount.username == username)
    account = demo_database.session.scalars(query).one()
    return Actor(ActorKind.STAFF, account.id, account.office, account.district)


def test_flags_of_every_kind_wait_at_the_verifiers_desk(demo_database) -> None:
    rows = demo_database.session.scalars(verify_queue("500106")).all()
    flags = Counter(flag for row in rows for flag in row.flag_words)
    assert set(flags) == set(Flag)
    assert sum(row.status is EnrolmentStatus.RECEIVED for row in rows) == 3
    assert sum(row.channel.value == "counter" for row in rows) >= 4


def test_the_other_district_has_its_own_queue(demo_database) -> None:
    assert len(demo_database.session.scalars(verify_queue("500107")).all()) == 4


def test_possible_duplicates_stop_two_cases(demo, demo_database) -> None:
    session, verifier = demo_database.session, hand(demo_database, "verifier-1")
    pairs = session.scalars(select(PossibleDuplicate)).all()
    assert {pair.evidence for pair in pairs} == {"name_birth", "card"}
    flagged = Enrolment.flags == "possible_duplicate"
    cases = session.scalars(select(Enrolment).where(flagged)).all()
    assert len(cases) == 2
    for case in cases:
        with pytest.raises(NotAllowedNow, match="possible_duplicate"):
            verify.pass_identity(case.reference, case.district, verifier, verify.Decision(), PACK, TODAY)
        (pair,) = verify.duplicates_of(session, case.person_id)
        verify.take(case.reference, case.district, verifier)
        verify.answer_duplicate(pair.id, DuplicateAnswer.DIFFERENT, case.reference, case.district, verifier)
        done = verify.pass_identity(case.reference, case.district, verifier, verify.Decision(), PACK, TODAY)
        assert done.status is EnrolmentStatus.ENROLLED


def test_a_verifier_passes_the_cases_of_the_tracks(demo, demo_database) -> None:
    verifier = hand(demo_database, "verifier-1")
    for reference in demo.references("verifying"):
        case = enrolment_by_reference(demo_database.session, reference)
        done = verify.pass_identity(reference, case.district, verifier, verify.Decision(), PACK, TODAY)
        assert done.status is EnrolmentStatus.ENROLLED


def test_two_reviewers_agree_to_a_claim(demo, demo_database) -> None:
    session = demo_database.session
    district, municipal = (
        hand(demo_database, name) for name in ("reviewer-district-1", "reviewer-municipal-2")
    )
    for reference in demo.references("district_review"):
        row = enrolment_by_reference(session, reference)
        claim = session.scalars(select(Claim).where(Claim.enrolment_id == row.id)).one()
        claim = agree(claim.reference, district, PACK, Decision(claim.version), TODAY)
        claim = agree(claim.reference, municipal, PACK, Decision(claim.version), TODAY)
        assert claim.status is ClaimStatus.APPROVED


@pytest.mark.parametrize("desk", ["reviewer-municipal-1", "reviewer-municipal-2"])
def test_claims_at_the_municipal_desk_can_be_agreed_by_both(demo, demo_database, desk: str) -> None:
    session = demo_database.session
    for reference in demo.references("municipal_review"):
        row = enrolment_by_reference(session, reference)
        claim = session.scalars(select(Claim).where(Claim.enrolment_id == row.id)).one()
        done = agree(claim.reference, hand(demo_database, desk), PACK, Decision(claim.version), TODAY)
        assert done.status is ClaimStatus.APPROVED


def test_one_claim_that_waits_has_too_little_attendance(demo_database) -> None:
    session = demo_database.session
    waiting = session.scalars(select(Claim).where(Claim.status == ClaimStatus.DISTRICT_REVIEW)).all()
    assert len(waiting) >= 10
    failed = Counter(
        finding.task
        for claim in waiting
        for finding in findings_now(session, claim, PACK, TODAY)
        if finding.outcome.value == "failed"
    )
    assert set(failed) == {"attendance"}


@pytest.mark.parametrize("desk", ["verifier-1", "verifier-2"])
def test_of_what_was_just_loaded_the_oldest_case_comes(demo_database, desk: str) -> None:
    verifier = hand(demo_database, desk)
    taken = verify.take_next(verifier.district, verifier, PACK.sharing)
    assert taken is not None
    waiting = demo_database.session.scalars(verify_queue(verifier.district))
    oldest = next(case for case in waiting if case.created_by != verifier.id)
    assert (taken.case.id, taken.instead_of) == (oldest.id, None)


@pytest.mark.parametrize("desk", ["reviewer-district-1", "reviewer-district-2", "reviewer-municipal-1"])
def test_of_what_was_just_loaded_the_oldest_claim_comes(demo_database, desk: str) -> None:
    session, account_id = demo_database.session, hand(demo_database, desk).id
    account = session.get_one(StaffAccount, account_id)
    found = next_to_decide(session, scope_of_reviewer(account), account_id, PACK.sharing)
    assert found is not None
    assert found.instead_of is None


def test_counters_of_the_year_agree_with_the_entitlements(demo_database) -> None:
    session = demo_database.session
    count: Counter[tuple[str, str, int, str]] = Counter(
        (row.person_id, row.family.value, row.year, row.state.value)
        for row in session.scalars(select(Entitlement))
        if row.state is not EntitlementState.RELEASED
    )
    for year in session.scalars(select(EntitlementYear)):
        place = (year.person_id, year.family.value, year.year)
        assert (year.held, year.used) == (count[(*place, "held")], count[(*place, "used")])
        assert year.held + year.used <= 1
