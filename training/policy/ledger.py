"""What a person has had and may still have, line by line: by the caps that judge an enrolment, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from training.policy.amounts import Basis
from training.policy.caps import cap_reasons
from training.policy.facts import Facts, History, PastSubsidy, Wanted
from training.policy.groups import group_end, group_start, holds
from training.policy.models import Cap, Family, Notice
from training.ports import Group

ONE_PAIR = "family_occupation_level"


@dataclass(frozen=True)
class Line:
    """One cap of one subsidy on one day. `again_on`: from when one more is let in; None where that is not known."""

    family: Family
    count: int
    window: str
    scope: str
    used: int
    held: int
    again_on: date | None
    basis: Basis

    @property
    def free(self) -> int:
        return max(0, self.count - self.used - self.held)


@dataclass(frozen=True)
class Pair:
    """An occupation and level that is spent: it was paid, or a place in a class holds it."""

    past: PastSubsidy
    basis: Basis


@dataclass(frozen=True)
class GroupLine:
    """A group the register proves. `from_on` and `to_on`: first and last day on which it counts, as far as known."""

    group: Group
    from_on: date | None
    to_on: date | None
    counts_today: bool
    basis: Basis


def lines_of(notice: Notice, history: History, on: date) -> list[Line]:
    """Each cap that asks neither occupation nor level, family by family, in the order of the notice."""
    nothing_chosen = Wanted(())
    return [
        _line(name, cap, reason.values, reason.basis)
        for name, rule in notice.families.items()
        for cap, reason in zip(
            (cap for cap in rule.caps.values() if cap.scope.value in ("all", "family")),
            cap_reasons(name, rule, nothing_chosen, history, on),
            strict=True,
        )
    ]


def _line(name: Family, cap: Cap, said: Mapping[str, Any], basis: Basis) -> Line:
    return Line(
        family=name,
        count=cap.count.value,
        window=cap.window.value,
        scope=cap.scope.value,
        used=said["used"],
        held=said["held"],
        again_on=said.get("again_on"),
        basis=basis,
    )


def free_of(lines: list[Line], family: Family) -> int:
    """How many of this subsidy are free now: the tightest cap says it."""
    return min((line.free for line in lines if line.family == family), default=0)


def pairs_of(notice: Notice, history: History) -> list[Pair]:
    """What is spent of subsidies that are paid once for an occupation and level, newest first."""
    spent = [Pair(past, Basis.of(cap.count)) for past in history for cap in _once_a_pair(notice, past.family)]
    return sorted(spent, key=lambda pair: pair.past.on, reverse=True)


def _once_a_pair(notice: Notice, family: str) -> Iterator[Cap]:
    rule = next((rule for name, rule in notice.families.items() if name == family), None)
    caps = rule.caps.values() if rule else ()
    yield from (cap for cap in caps if cap.scope.value == ONE_PAIR and cap.window.value == "lifetime")


def groups_of(notice: Notice, facts: Facts, on: date) -> list[GroupLine]:
    """The groups that the register proves and the notice knows, those that count on the day `on` first."""
    found = [
        GroupLine(
            fact.group,
            group_start(fact, notice.groups[fact.group]),
            group_end(fact, notice.groups[fact.group]),
            holds(fact, notice.groups[fact.group], facts, on) == "yes",
            Basis.of(notice.groups[fact.group].counts),
        )
        for fact in facts.groups
        if fact.met == "yes" and fact.source == "register" and fact.group in notice.groups
    ]
    return sorted(found, key=lambda line: (not line.counts_today, line.to_on or date.max))
