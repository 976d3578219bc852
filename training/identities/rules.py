"""May these records become one, which one stays, and may this correction be made. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

MOST_RECORDS = 5
Subsidy = tuple[str, str, str]  # family, occupation, level
Year = tuple[str, int]  # family, calendar year


class Held(NamedTuple):
    """A subsidy that an enrolment holds, and the year it counts for."""

    reference: str
    year: Year


@dataclass(frozen=True)
class Facts:
    """One record as far as a merge must mind it.

    `in_class` are live enrolments by class, `claims` live or paid claims and `paid` the paid ones by subsidy, each
    with its reference. `held` and `used` are entitlements; `years` counts both by family and year. `stamp` tells one
    state of its enrolments from another.
    """

    id: str
    created_at: datetime
    certified_at: datetime | None = None
    registered_at: datetime | None = None
    number_index: str | None = None
    is_frozen: bool = False
    is_readable: bool = True
    merged_into: str | None = None
    has_pending_change: bool = False
    account_index: str | None = None
    makers: frozenset[str] = frozenset()
    in_class: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[Subsidy, str] = field(default_factory=dict)
    paid: Collection[Subsidy] = ()
    held: Mapping[Subsidy, Held] = field(default_factory=dict)
    used: Collection[Subsidy] = ()
    years: Mapping[Year, int] = field(default_factory=dict)
    stamp: str = ""

    @property
    def has_proved_number(self) -> bool:
        """A verifier certified the number, or the register told it."""
        return self.number_index is not None and (self.certified_at or self.registered_at) is not None


@dataclass(frozen=True)
class Risk:
    """Why two records may not become one now. `about` are references of what stands in the way."""

    code: str
    about: tuple[str, ...] = ()


def survivor_of(records: Sequence[Facts]) -> Facts:
    """The record that stays: a certified one, else the older."""
    return min(records, key=lambda one: (one.certified_at is None, one.created_at, one.id))


def number_holder(records: Sequence[Facts]) -> Facts | None:
    """Whose number the merged record keeps: the survivor's where it is proved, else a proved one, else any."""
    keeper = survivor_of(records)
    ranked = sorted(records, key=lambda one: (not one.has_proved_number, one is not keeper, one.created_at))
    return next((one for one in ranked if one.number_index is not None), None)


def risks_of(records: Sequence[Facts], caps: Mapping[Year, int]) -> list[Risk]:
    """Every reason not to merge, each with what stands in the way; empty: the records may become one.

    `caps` are the counts that the notices in force allow for a family in a year.
    """
    found = [Risk("too_many_records")] if len(records) > MOST_RECORDS else []
    found += _states(records)
    for one, other in combinations(records, 2):
        found += _between(one, other)
    return [*found, *_over_caps(records, caps)]


def spent_elsewhere(records: Sequence[Facts]) -> list[Held]:
    """What one record holds and another has used already: the merge frees it, and a verifier looks again."""
    freed: list[Held] = []
    for one in records:
        used = {subsidy for other in records if other is not one for subsidy in other.used}
        freed += [held for subsidy, held in one.held.items() if subsidy in used]
    return freed


def is_own_case(records: Iterable[Facts], staff_id: str) -> bool:
    """Who enrolled one of them does not decide about any of them."""
    return any(staff_id in one.makers for one in records)


def _states(records: Sequence[Facts]) -> list[Risk]:
    ids = {one.id for one in records}
    asked: list[tuple[str, Callable[[Facts], bool]]] = [
        ("circle", lambda one: one.merged_into in ids),
        ("already_merged", lambda one: one.merged_into is not None and one.merged_into not in ids),
        ("record_frozen", lambda one: one.is_frozen),
        ("record_emptied", lambda one: not one.is_readable),
        ("change_pending", lambda one: one.has_pending_change),
    ]
    return [Risk(code) for code, holds in asked if any(holds(one) for one in records)]


def _between(one: Facts, other: Facts) -> list[Risk]:
    found = []
    if one.has_proved_number and other.has_proved_number and one.number_index != other.number_index:
        found.append(Risk("numbers_differ"))
    if one.account_index and other.account_index and one.account_index != other.account_index:
        found.append(Risk("accounts_differ"))
    if classes := sorted(set(one.in_class) & set(other.in_class)):
        found.append(
            Risk("both_in_class", tuple(row.in_class[run] for run in classes for row in (one, other)))
        )
    both = sorted(set(one.claims) & set(other.claims))
    paid = [what for what in both if what in one.paid and what in other.paid]
    if paid or set(one.used) & set(other.used):
        found.append(Risk("paid_twice", _references(one, other, paid)))
    if live := [what for what in both if what not in paid]:
        found.append(Risk("both_claimed", _references(one, other, live)))
    if held := sorted(set(one.held) & set(other.held)):
        found.append(
            Risk("both_held", tuple(row.held[what].reference for what in held for row in (one, other)))
        )
    return found


def _references(one: Facts, other: Facts, subsidies: Sequence[Subsidy]) -> tuple[str, ...]:
    return tuple(row.claims[what] for what in subsidies for row in (one, other))


def _over_caps(records: Sequence[Facts], caps: Mapping[Year, int]) -> list[Risk]:
    """Over the cap by the sum, where more than one record adds to it. What is freed on merging does not count."""
    total: Counter[Year] = Counter()
    share: Counter[Year] = Counter()
    for one in records:
        total.update(one.years)
        share.update(year for year, count in one.years.items() if count)
    total.subtract(held.year for held in spent_elsewhere(records))
    return [
        Risk("over_cap", (str(year[1]),))
        for year, count in sorted(total.items())
        if share[year] > 1 and count > caps.get(year, count)
    ]


def reasons_not_to_change(
    *, is_open: bool, is_proposer: bool, holder_id: str | None, claims_number: bool, is_frozen: bool
) -> list[str]:
    """Why a correction may not be agreed to now. `holder_id` is the other record with this number, if there is one."""
    reasons = [] if is_open else ["already_decided"]
    if is_proposer:
        reasons.append("own_proposal")
    if is_frozen:
        reasons.append("record_frozen")
    if holder_id is not None and not claims_number:
        reasons.append("number_taken")
    if holder_id is None and claims_number:
        reasons.append("number_free")
    return reasons
