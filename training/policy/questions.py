"""Which further facts does the check have to ask? Only those whose answer changes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from training.policy.facts import CHOICES, Answer, Answers, facts_from_answers
from training.policy.models import Notice
from training.policy.rules import findings

Outlook = list[tuple[str, str, int | None]]


def missing_facts(answers: Answers, notice: Notice, on: date) -> list[str]:
    """Names of the facts beyond the five questions that would change a finding, in the notice's order.

    A fact that was answered, with "unknown" too, is not asked again.
    """
    return [
        name
        for name in _askable(notice)
        if name not in answers.further and _matters(name, answers, notice, on)
    ]


def _askable(notice: Notice) -> Iterator[str]:
    """Groups that question 2 does not offer, and exclusions that an age makes doubtful."""
    yield from (group for group in notice.groups if group not in CHOICES)
    rules = notice.exclusions | {
        name: rule for family in notice.families.values() for name, rule in family.exclusions.items()
    }
    yield from (name for name, rule in rules.items() if rule.doubt_from_age is not None)


def _matters(name: str, answers: Answers, notice: Notice, on: date) -> bool:
    now = _outlook(answers, notice, on)
    either = [_outlook(_with(answers, name, answer), notice, on) for answer in ("yes", "no")]
    return any(outlook != now for outlook in either) and either[0] != either[1]


def _with(answers: Answers, name: str, answer: Answer) -> Answers:
    return replace(answers, further={**answers.further, name: answer})


def _outlook(answers: Answers, notice: Notice, on: date) -> Outlook:
    found = findings(facts_from_answers(answers), answers.wanted, None, notice, on)
    return [(item.family, item.outcome, item.amount_fen) for item in found]
