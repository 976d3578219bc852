"""When what is known of a person is no longer needed, and what stands in the way of removing it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from training.policy.service import Retention

Kind = Literal["closed", "finished", "paid"]
NOTHING = "nothing"


@dataclass(frozen=True)
class Ended:
    """Something that is over, since `on`: an enrolment that came to nothing, one that was finished, money paid."""

    kind: Kind
    on: date


@dataclass(frozen=True)
class Kept:
    """What decides how long a record is kept. `holds` are the words of legal holds that stand."""

    created_on: date
    seen_on: date | None
    ended: Sequence[Ended] = ()
    has_live_enrolment: bool = False
    has_open_claim: bool = False
    has_open_matter: bool = False
    is_frozen: bool = False
    holds: Sequence[str] = ()


@dataclass(frozen=True)
class Due:
    """The first day on which the record may be emptied, and the word for what kept it until then."""

    on: date
    why: str


def due_of(kept: Kept, periods: Retention) -> Due:
    """When the last period ends. A visit counts like a new record: whoever signs in is not forgotten meanwhile."""
    last_sign = max(kept.created_on, kept.seen_on or kept.created_on)
    dues = [Due(last_sign + timedelta(days=periods.nothing_days), NOTHING)]
    dues += [Due(years_after(one.on, _years(one.kind, periods)), one.kind) for one in kept.ended]
    return max(dues, key=lambda due: due.on)


def reasons_to_keep(kept: Kept) -> list[str]:
    """Why nothing may be removed now, whatever the periods say: codes, empty where nothing stands in the way."""
    reasons = {
        "enrolment_live": kept.has_live_enrolment,
        "claim_open": kept.has_open_claim,
        "matter_open": kept.has_open_matter,
        "record_frozen": kept.is_frozen,
        "legal_hold": bool(kept.holds),
    }
    return [code for code, stands in reasons.items() if stands]


def reasons_not_to_delete(kept: Kept, periods: Retention, today: date) -> list[str]:
    """Why a person's own request for deletion cannot be met today. Papers of money that was paid are kept for the
    years that accounting asks for; everything else goes as soon as nothing is open."""
    reasons = reasons_to_keep(kept)
    until = accounts_until(kept, periods)
    return reasons + (["accounts_kept"] if until is not None and until > today else [])


def accounts_until(kept: Kept, periods: Retention) -> date | None:
    """The day until which papers of money are kept; None where no money was paid."""
    days = [years_after(one.on, periods.claim_years) for one in kept.ended if one.kind == "paid"]
    return max(days, default=None)


def years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _years(kind: Kind, periods: Retention) -> int:
    return {
        "closed": periods.closed_years,
        "finished": periods.finished_years,
        "paid": periods.claim_years,
    }[kind]
