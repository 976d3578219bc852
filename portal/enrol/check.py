"""The last page before the seat is taken: what is known, what it costs, what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request

from portal.check.carried import carried_group
from portal.enrol.classes import notice_of, others_like, pack
from portal.enrol.forms import DeclarationForm
from training import clock
from training.courses.models import ClassRun
from training.courses.queries import Listed
from training.database import db
from training.enrolments.models import Flag
from training.enrolments.operations import Choice, assess_draft
from training.enrolments.rules import TUITION, Assessment
from training.errors import Refused
from training.numbers import masked, masked_phone
from training.people.models import Draft, Purpose
from training.people.operations import answer_in
from training.people.queries import draft_of
from training.people.rules import card_in_use
from training.policy.rules import Finding, Reason
from training.ports import RegisteredPerson
from web.browser import browser_hash, known_browser_id

ABOUT_THE_SEAT = {
    "already_in_class",
    "overlapping_class",
    "class_full",
    "class_started",
    "class_not_open",
    "school_suspended",
}
SAID_BEFOREHAND = (Flag.NAME_DIFFERS, Flag.CARD_LOST, Flag.CARD_CANCELLED)


@dataclass
class Check:
    """One draft before one class. `form` holds what was said; `refusal` what the operation answered."""

    run: ClassRun
    draft: Draft
    form: DeclarationForm
    refusal: Refused | None = None

    @cached_property
    def assessment(self) -> Assessment:
        return _assess(self.draft, self.run, self.form.choice(self.draft))

    @property
    def tuition(self) -> Finding:
        return next(item for item in self.assessment.findings if item.family == TUITION)

    @property
    def reasons(self) -> list[Reason]:
        """Everything that was looked at, what stands in the way first."""
        known = list(self.assessment.reasons)
        late = self.refusal.reasons if self.refusal else ()
        known += [Reason(code, "no") for code in late if code not in {r.code for r in known if r.met == "no"}]
        return sorted(known, key=lambda reason: ("no", "unknown", "yes").index(reason.met))

    @property
    def is_refused(self) -> bool:
        return any(reason.met == "no" for reason in self.reasons)

    @property
    def refuses_seat(self) -> bool:
        """Whether the class itself is out of reach, not only its subsidy."""
        return any(reason.met == "no" and reason.code in ABOUT_THE_SEAT for reason in self.reasons)

    @property
    def reference(self) -> str | None:
        """The enrolment that stands in the way."""
        told = [str(r.values["reference"]) for r in self.assessment.reasons if "reference" in r.values]
        return self.refusal.reference if self.refusal and self.refusal.reference else next(iter(told), None)

    @property
    def person(self) -> RegisteredPerson:
        answer = answer_in(self.draft.evidence)
        assert answer is not None
        assert answer.person is not None
        return answer.person

    @property
    def phone(self) -> str:
        return masked_phone(self.person.phone) if self.person.phone else ""

    @property
    def number(self) -> str:
        return masked(self.draft.number or "")

    @property
    def card(self) -> str:
        typed = self.draft.number if self.draft.number_kind == "card" else None
        found = card_in_use(self.person, typed)
        return masked(found) if found else ""

    @property
    def remarks(self) -> list[str]:
        """What a verifier will look at and the person may know (ux/spec 6.3)."""
        return [flag.value for flag in self.assessment.flags if flag in SAID_BEFOREHAND]

    @property
    def is_full(self) -> bool:
        return self.run.seats_left == 0 or self.run.waiting > 0

    @cached_property
    def others(self) -> Sequence[Listed]:
        return others_like(self.run) if self.is_refused or self.is_full else ()

    @property
    def pays_self(self) -> bool:
        return self.assessment.pays_self

    @property
    def subsidy_fen(self) -> int:
        """What the subsidy takes off the fee, at most."""
        if self.pays_self:
            return 0
        known = self.tuition.amount_fen or 0
        return min(known or self.run.subsidy_fen, self.run.course.fee_fen)


def proved_draft(class_id: str) -> Draft | None:
    """What this browser typed for the class, once the code was right; also when it was handed in since."""
    known = known_browser_id()
    found = draft_of(db.session(), browser_hash(known), Purpose.ENROL, class_id) if known else None
    return found if found is not None and found.proved_at is not None else None


def check_of(run: ClassRun, draft: Draft, sent: Any) -> Check:
    """What is known of a draft and a class, with what was sent of the last page."""
    asks = _assess(draft, run, Choice(draft.idempotency_key)).asks_group
    said = request.args.get("group") or carried_group(request.args.get("check"), draft.carried)
    form = DeclarationForm.for_class(notice_of(run), asks, sent, group=said)
    return Check(run, draft, form)


def _assess(draft: Draft, run: ClassRun, choice: Choice) -> Assessment:
    return assess_draft(db.session(), draft, run, choice, pack(), clock.today())
