"""The table of contract §5: how each case ends, by phone and at the counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class End:
    """`status` and `flags` of the enrolment, or the reason `refused`; `coded` where a code comes to a phone.

    `at_look_up`: the reason does not depend on the class, so that the counter says it at once.
    """

    status: str = ""
    flags: frozenset[str] = frozenset()
    refused: str = ""
    coded: bool = True
    at_look_up: bool = True


def flagged(*flags: str) -> End:
    return End("verifying", frozenset(flags))


def refused(reason: str, *, at_look_up: bool = True) -> End:
    return End(refused=reason, at_look_up=at_look_up)


ENROLLED, RECEIVED = End("enrolled"), End("received", coded=False)
BY_PHONE: Mapping[str, End] = {
    "unemployed": ENROLLED,
    "migrant": ENROLLED,
    "graduate": ENROLLED,
    "school_leaver": ENROLLED,
    "hard_to_place": ENROLLED,
    "no_phone": RECEIVED,
    "lost_card": flagged("card_lost"),
    "name_variant": flagged("name_differs"),
    "not_in_registry": RECEIVED,
    "deceased": RECEIVED,
    "employed_as_unemployed": flagged("group_unproven", "employed"),
    "pensioner": refused("draws_pension"),
    "full_time_student": refused("full_time_student"),
    "under_16": refused("under_age"),
    "paid_this_year": refused("cap_reached"),
    "paid_same_occupation_level": refused("already_paid_same_level"),
    "shared_phone": flagged("phone_shared"),
    "registry_slow": ENROLLED,
    "old_number_15": ENROLLED,
    "hmt": ENROLLED,
}
AT_COUNTER: Mapping[str, End] = {
    **{case: flagged() for case in ("unemployed", "migrant", "graduate", "school_leaver", "hard_to_place")},
    "no_phone": flagged(),
    "lost_card": flagged("card_lost"),
    "name_variant": flagged("name_differs"),
    "not_in_registry": flagged("not_found", "entered_by_hand"),
    "deceased": refused("deceased"),
    "employed_as_unemployed": flagged("group_unproven", "employed"),
    "pensioner": refused("draws_pension"),
    "full_time_student": refused("full_time_student"),
    "under_16": refused("under_age"),
    "paid_this_year": refused("cap_reached"),
    "paid_same_occupation_level": refused("already_paid_same_level", at_look_up=False),
    "shared_phone": flagged("phone_shared"),
    "registry_slow": flagged("registry_unreachable"),
    "old_number_15": flagged(),
    "hmt": flagged(),
}
