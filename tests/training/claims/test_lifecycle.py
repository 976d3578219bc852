"""Every edge of a claim's life, and no other."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.claims.lifecycle import (
    FINAL,
    HOLDABLE,
    LIVE,
    ROAD,
    ClaimAction,
    ClaimStatus,
    allowed,
    next_status,
    public_status,
)
from training.enrolments.lifecycle import EnrolmentStatus
from training.errors import NotAllowedNow

S, A = ClaimStatus, ClaimAction
USUAL = [
    "proposed",
    "submitted",
    "district_review",
    "municipal_review",
    "publicity",
    "approved",
    "in_batch",
    "sent",
    "paid",
]
SIDE = [
    "district_review",
    "returned",
    "municipal_review",
    "returned",
    "district_review",
    "refused",
    "municipal_review",
    "refused",
    "returned",
    "submitted",
    "publicity",
    "objection",
    "objection",
    "publicity",
    "objection",
    "refused",
    "objection",
    "district_review",
    "objection",
    "municipal_review",
    "sent",
    "bounced",
    "bounced",
    "approved",
    "paid",
    "recovering",
    "recovering",
    "recovered",
    "paid",
    "reversed",
    "proposed",
    "expired",
    "returned",
    "expired",
]
HELD = ["submitted", "district_review", "municipal_review", "publicity", "objection", "approved"]
# Until notice lists are published, a municipal agreement approves at once.
WITHOUT_A_LIST = {("municipal_review", "approved")}


def drawn() -> set[tuple[str, str]]:
    """The roads and side roads as they are written down, pair by pair."""
    roads = set(pairwise(USUAL)) | set(zip(SIDE[::2], SIDE[1::2], strict=True))
    roads |= {(status, "held") for status in HELD} | {("held", status) for status in HELD}
    roads |= {(status, "withdrawn") for status in ("proposed", "returned", "held", *HELD)}
    return roads | WITHOUT_A_LIST


def walked() -> set[tuple[str, str]]:
    """The same from the table: every status with every action."""
    found = set()
    for status, action in product(S, A):
        for held_from in (*HOLDABLE, None):
            try:
                found.add((status.value, next_status(status, action, held_from).value))
            except NotAllowedNow:
                continue
    return found


def test_I13_only_the_edges_of_the_graph() -> None:
    assert walked() == drawn()


def test_I16_ended_is_ended_and_paid_is_left_only_by_recovery_or_reversal() -> None:
    assert {status.value for status in FINAL} == {"refused", "withdrawn", "expired", "recovered", "reversed"}
    for status in FINAL:
        assert not allowed(status)
    assert {after for before, after in walked() if before == "paid"} == {"recovering", "reversed"}


def test_a_held_claim_goes_back_to_where_it_was() -> None:
    for status in HOLDABLE:
        assert next_status(S.HELD, A.RELEASE, status) is status
    for nowhere in (None, S.PAID, S.REFUSED, S.HELD):
        with pytest.raises(NotAllowedNow):
            next_status(S.HELD, A.RELEASE, nowhere)


def test_what_is_allowed_is_what_has_a_next_status() -> None:
    for status in S:
        for action in allowed(status):
            next_status(status, action, S.SUBMITTED)


def test_the_public_word_follows_the_enrolment_until_a_claim_stands() -> None:
    for enrolment in EnrolmentStatus:
        assert public_status(enrolment, []) == enrolment.value
        assert public_status(enrolment, [S.SUBMITTED]) == "claimed"


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ([S.PROPOSED], "claimed"),
        ([S.SUBMITTED], "claimed"),
        ([S.DISTRICT_REVIEW], "district_review"),
        ([S.MUNICIPAL_REVIEW], "municipal_review"),
        ([S.PUBLICITY], "publicity"),
        ([S.APPROVED], "paying"),
        ([S.IN_BATCH], "paying"),
        ([S.SENT], "paying"),
        ([S.PAID], "paid"),
        ([S.REFUSED], "refused"),
        ([S.WITHDRAWN], "withdrawn"),
        ([S.RECOVERED], "recovered"),
        ([S.PAID, S.RETURNED], "returned"),
        ([S.PAID, S.BOUNCED], "bounced"),
        ([S.HELD, S.OBJECTION], "objection"),
        ([S.DISTRICT_REVIEW, S.PAID], "paid"),
        ([S.REFUSED, S.DISTRICT_REVIEW], "district_review"),
        ([S.REFUSED, S.PROPOSED], "claimed"),
    ],
)
def test_the_claim_that_needs_the_person_else_the_furthest(claims, word) -> None:
    assert public_status(EnrolmentStatus.PASSED, claims) == word
    assert public_status(EnrolmentStatus.PASSED, claims[::-1]) == word


@given(st.lists(st.sampled_from(list(S)), min_size=1))
def test_the_public_word_is_always_one_of_the_contract(claims) -> None:
    own = {status.value for status in S} - {"proposed", "submitted", "approved", "in_batch", "sent"}
    assert public_status(EnrolmentStatus.PASSED, claims) in own | {"claimed", "paying"}


def test_each_status_has_its_place() -> None:
    needing = {S.RETURNED, S.BOUNCED, S.OBJECTION, S.HELD, S.RECOVERING}
    assert set(ROAD) | needing == set(S)
    assert set(S) == LIVE | FINAL | {S.PAID, S.RECOVERING}
