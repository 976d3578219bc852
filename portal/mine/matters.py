"""One's own enrolments as pages show them: where they stand, how much, whom it goes to, what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import current_app

from portal.mine.offered import Offer
from portal.session import signed_in
from portal.standing import Standing, last_day, standing_of
from portal.timeline import desk_name, identity_desk
from training import clock
from training.claims.lifecycle import public_status
from training.claims.models import Claim
from training.claims.queries import claims_of_enrolment, claims_of_person, expected_of, statuses_of
from training.database import db
from training.enrolments.lifecycle import FINAL, MAY_CHANGE, Action, EnrolmentStatus, allowed
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolment_of, enrolments_of, place_in_line
from training.numbers import masked
from training.policy.pack import Pack
from training.policy.rules import Basis, Factor
from training.references import parse_reference
from web.factors import factor_sentence

S = EnrolmentStatus
CERTIFIED = frozenset({S.ENROLLED, S.ATTENDING, S.COMPLETED, S.PASSED})


@dataclass(frozen=True)
class Row:
    """One enrolment in the list. `status` is the public one, `amount_fen` that of its newest claim.

    `expected_fen` is what a claim would come to, 0 where there is one or none is due.
    """

    enrolment: Enrolment
    status: str
    place: int | None
    amount_fen: int | None
    expected_fen: int

    @property
    def is_over(self) -> bool:
        return self.status in {"paid", "recovered", "reversed"} or (
            self.enrolment.status in FINAL and self.status == self.enrolment.status.value != "passed"
        )

    @property
    def needs_you(self) -> bool:
        return self.enrolment.status in (EnrolmentStatus.RETURNED, EnrolmentStatus.OFFERED)

    @property
    def correct_by(self) -> str:
        """The last day for what has to be corrected; empty where there is none."""
        return last_day(self.enrolment.answer_by)


@dataclass(frozen=True)
class Matter:
    """One enrolment with everything its person may know. `expected_fen` as in the list."""

    standing: Standing
    claims: Sequence[Claim]
    expected_fen: int

    @property
    def enrolment(self) -> Enrolment:
        return self.standing.enrolment

    @property
    def can_withdraw(self) -> bool:
        """Before the class begins, and as long as it is alive."""
        is_early = self.enrolment.class_run.starts_on > clock.today()
        return is_early and Action.WITHDRAW in allowed(self.enrolment.status)

    @property
    def can_change(self) -> bool:
        """Before the class begins, to another class of the same course."""
        return self.enrolment.class_run.starts_on > clock.today() and self.enrolment.status in MAY_CHANGE

    @cached_property
    def offer(self) -> Offer | None:
        """The seat that waits for an answer."""
        return Offer(self.enrolment) if self.enrolment.status is EnrolmentStatus.OFFERED else None

    @property
    def can_certify(self) -> bool:
        """Whether a certificate of enrolment can be printed: from the day it is confirmed, not of one that fell through."""
        return self.enrolment.status in CERTIFIED

    @property
    def number(self) -> str:
        return masked(self.enrolment.number or "")

    @property
    def desk(self) -> str:
        """Who has it now; empty when nobody has to do anything."""
        found = self.standing.progress
        now = found[-1].now if found else None
        pack: Pack = current_app.extensions["pack"]
        if self.standing.status == "paid":
            return ""
        if now is not None:
            return desk_name(now.desk, found[-1].district, pack)
        has_it = self.enrolment.status in (EnrolmentStatus.RECEIVED, EnrolmentStatus.VERIFYING)
        return identity_desk(pack, self.enrolment.district) if has_it else ""


def matters() -> list[Row]:
    """All enrolments of the signed-in person, newest first."""
    session, person = db.session(), signed_in().person
    mine = enrolments_of(session, person.id)
    claims = statuses_of(session, [one.id for one in mine])
    expected = _expected([one for one in mine if not claims[one.id]])
    amounts = {
        claim.enrolment_id: claim.amount_fen for claim in reversed(claims_of_person(session, person.id))
    }
    return [
        Row(
            one,
            public_status(one.status, claims[one.id]),
            place_in_line(session, one),
            amounts.get(one.id),
            expected.get(one.id, 0),
        )
        for one in mine
    ]


def my_enrolment(reference: str) -> Enrolment:
    """One's own. Raises NotThere, for another's too (A15)."""
    return enrolment_of(db.session(), signed_in().person.id, parse_reference(reference))


def matter(reference: str) -> Matter:
    """One's own enrolment, with its claims. Raises NotThere."""
    enrolment, session = my_enrolment(reference), db.session()
    claims = claims_of_enrolment(session, enrolment.id, enrolment.person_id)
    expected = _expected([] if claims else [enrolment])
    standing = standing_of(session, enrolment, current_app.extensions["pack"])
    return Matter(standing, claims, expected.get(enrolment.id, 0))


def _expected(unclaimed: Sequence[Enrolment]) -> Mapping[str, int]:
    """What those without a claim would bring the signed-in person, by their ids."""
    pack: Pack = current_app.extensions["pack"]
    return expected_of(db.session(), signed_in().person.id, unclaimed, pack, clock.today())


def factor_sentences(claim: Claim) -> list[str]:
    """How the amount is made, a line each."""
    rows = (
        Factor(
            row["name"], row["value"], row["fen"], Basis(row["notice"], row["clause"], status=row["status"])
        )
        for row in claim.factors
    )
    return [factor_sentence(row) for row in rows]
