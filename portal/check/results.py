"""The answer of the check: what the rules of a day say to the answers, and the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import render_template, url_for

from portal.check.answers import FIELDS, Given
from portal.check.forms import short_name, words_for
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import paper
from training.policy.rules import Finding, facts_from_answers, findings, sum_of_sure
from web.i18n import language
from web.reasons import reason_hint, reason_sentence

ORDER = ("yes", "maybe", "no")


@dataclass(frozen=True)
class Result:
    """What the rules of the day `on` say to the answers."""

    given: Given
    notice: Notice
    on: date
    found: list[Finding]

    @property
    def counts(self) -> Mapping[str, int]:
        return {outcome: sum(item.outcome == outcome for item in self.found) for outcome in ORDER}

    @property
    def sum_fen(self) -> int:
        return sum_of_sure(self.found)

    def says_the_same(self, other: Result) -> bool:
        """Whether the same papers lead to the same outcomes and amounts."""
        mine, theirs = (
            [(item.family, item.outcome, item.amount_fen) for item in result.found]
            for result in (self, other)
        )
        return mine == theirs and self.notice.numbers == other.notice.numbers


def result_of(given: Given, pack: Pack, on: date) -> Result:
    """Judge the answers by the rules in force on a day; all five questions must be answered."""
    notice, answers = given.notice(pack, on), given.answers(pack)
    found = findings(facts_from_answers(answers), answers.wanted, None, notice, on)
    return Result(given, notice, on, sorted(found, key=lambda item: ORDER.index(item.outcome)))


def result_page(result: Result, pack: Pack, **kept: object) -> str:
    """One card a subsidy, with its reasons. `kept`: what is to be said of a result that was saved."""
    given = result.given
    return render_template(
        "portal/check/result.html",
        given=given,
        notice=result.notice,
        today=result.on,
        found=result.found,
        counts=result.counts,
        sum_fen=result.sum_fen,
        sentence=reason_sentence,
        hint=reason_hint,
        told=told(given, pack, result.notice),
        open_question=None if kept else given.next_question(pack, result.on),
        written={number: paper(pack, number).written.said(language()) for number in result.notice.numbers},
        days_kept=pack.checks.kept_days,
        **_ways_on(given),
        **kept,
    )


def told(given: Given, pack: Pack, notice: Notice) -> list[tuple[int, str, str]]:
    """The answers in words: number of the question, what it is about, answer."""
    return [
        (n, short_name(name, notice), words_for(name, value, given, pack))
        for n, (name, value) in enumerate(_in_order(given), start=1)
    ]


def _in_order(given: Given) -> list[tuple[str, str]]:
    return [(name, given.given[name]) for name in FIELDS] + list(given.further.items())


def _ways_on(given: Given) -> dict[str, str]:
    """Addresses that carry on from the result, in the district that was given."""
    near = {"district": given.district.code} if given.district else {}
    return {
        "courses": _with_query("/courses", near),
        "courses_without_fee": _with_query("/courses", {**near, "free": "1"}),
        "centres": _with_query(url_for("about.centres"), near),
    }


def _with_query(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
