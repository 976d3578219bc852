"""Which further facts does the check have to ask? Only those whose answer changes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from training.policy.facts import CHOICES, EXCLUSIONS, Answer, Answers, facts_from_answers
from training.policy.models import Notice
from training.policy.rules import findings

Outlook = list[tuple[str, str, int | None]]


def missing_facts(answers: Answers, notice: Notice, on: date) -> list[str]:
    """Names of the facts beyond the five questions that would change a finding, in the notice's order.

    A fact that was answered, with "unknown" too, is not asked again.
    """
    return [
        name
        for name in _open_facts(answers, notice, on)
        if name not in answers.further and _matters(name, answers, notice, on)
    ]


def _open_facts(answers: Answers, notice: Notice, on: date) -> Iterator[str]:
    """Groups that are neither said nor denied, then exclusions that the person's age makes doubtful."""
    facts = facts_from_answers(answers)
    unknown = {fact.group for fact in facts.groups if fact.met == "unknown"}
    yield from (group for group in notice.groups if group in unknown and group not in CHOICES)
    found = findings(facts, answers.wanted, None, notice, on)
    open_codes = {reason.code for item in found for reason in item.reasons if reason.met == "unknown"}
    yield from (name for name in EXCLUSIONS if name in open_codes)


def _matters(name: str, answers: Answers, notice: Notice, on: date) -> bool:
    now = _outlook(answers, notice, on)
    either = [_outlook(_with(answers, name, answer), notice, on) for answer in ("yes", "no")]
    return any(outlook != now for outlook in either) and either[0] != either[1]


def _with(answers: Answers, name: str, answer: Answer) -> Answers:
    return replace(answers, further={**answers.further, name: answer})


def _outlook(answers: Answers, notice: Notice, on: date) -> Outlook:
    found = findings(facts_from_answers(answers), answers.wanted, None, notice, on)
    return [(item.family, item.outcome, item.amount_fen) for item in found]
