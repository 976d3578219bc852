"""A seat that is offered: what its page shows, before and after the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import current_app, request

from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.operations import Answer, answer_by_link
from training.enrolments.operations.seats import reasons_not_to_accept
from training.enrolments.queries import enrolment_with_id
from training.numbers import masked_name
from training.people.models import Act
from training.policy.pack import Pack


@dataclass(frozen=True)
class Offer:
    """One offered enrolment as its person sees it."""

    enrolment: Enrolment

    @property
    def name(self) -> str:
        return masked_name(self.enrolment.person.name)

    @cached_property
    def pays_self(self) -> bool:
        """Whether saying yes means to pay: they chose it, or the subsidy is held elsewhere and the class allows it."""
        return self.enrolment.self_pay or bool(self.against and self.enrolment.class_run.open_to_self_payers)

    @cached_property
    def against(self) -> list[str]:
        """What speaks against the subsidy today, as far as is known before the answer."""
        return reasons_not_to_accept(db.session(), self.enrolment, _pack())

    @property
    def own_fen(self) -> int:
        run = self.enrolment.class_run
        return run.course.fee_fen - (0 if self.pays_self else min(run.subsidy_fen, run.course.fee_fen))


def shown(act: Act) -> Mapping[str, Any]:
    """Before the answer: for whom (masked), what, until when, what it costs."""
    offer = Offer(enrolment_with_id(db.session(), act.about))
    return {"offer": offer, "it": offer.enrolment, "run": offer.enrolment.class_run}


def told(act: Act) -> Mapping[str, Any]:
    """After it: what was said when, and where the enrolment stands now."""
    it = enrolment_with_id(db.session(), act.about)
    return {"it": it, "run": it.class_run}


def accept(code: str) -> None:
    """Take the seat."""
    answer_by_link(code, Answer("accept", said_to_pay()), _pack())


def decline(code: str) -> None:
    """Give it to the next."""
    answer_by_link(code, Answer("decline"), _pack())


def said_to_pay() -> bool:
    """Whether the form said that the person pays: the page that showed the fee carries it."""
    return request.form.get("self_pay") == "yes"


def _pack() -> Pack:
    found: Pack = current_app.extensions["pack"]
    return found
