"""What an enrolment would bring its person, before there is a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from training.claims.rules import expected_fen
from training.courses.rules import terms_of
from training.enrolments.lifecycle import LIVE
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement
from training.entitlements.queries import entitlements_of, history_of
from training.policy.pack import Pack
from training.policy.queries import notice_numbered


def expected_of(
    session: Session, person_id: str, enrolments: Sequence[Enrolment], pack: Pack, today: date
) -> Mapping[str, int]:
    """What the claims of this person's enrolments would come to, by their ids, of those that may still lead to one.

    One statement, however many there are; those that bring nothing are left out.
    """
    leading = [one for one in enrolments if one.status in LIVE and not one.self_pay]
    past = entitlements_of(session, person_id) if leading else ()
    found = {one.id: _expected(one, past, pack, today) for one in leading}
    return {enrolment_id: fen for enrolment_id, fen in found.items() if fen > 0}


def _expected(enrolment: Enrolment, past: Sequence[Entitlement], pack: Pack, today: date) -> int:
    own = next((row for row in past if row.enrolment_id == enrolment.id), None)
    return expected_fen(
        enrolment.group.value if enrolment.group else None,
        terms_of(enrolment.class_run),
        history_of(past, pack, without_enrolment=enrolment.id),
        notice_numbered(pack, enrolment.notice),
        own.on_date if own else today,
    )
