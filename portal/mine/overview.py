"""The list of all matters: what stands beside it, each with the one figure that matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import ngettext as counted

from portal.mine.access import recent
from portal.mine.ledger import Card, tuition_card
from portal.mine.matters import CERTIFIED, Row
from portal.mine.messages import LATEST, Told, told
from portal.session import signed_in
from training import clock
from training.database import db
from training.enrolments.operations.begun import Begun, begun_by
from training.objections.models import Matter
from training.objections.queries import matters_of
from training.people.models import BankAccount
from training.people.queries import account_of, looks_at
from training.people.rules import account_state, account_tail
from web.written import at

_: Callable[..., str] = gettext
ngettext: Callable[..., str] = counted


@dataclass(frozen=True)
class Overview:
    """What the page shows beside the enrolments. `begun` are those that were not finished, `matters` open requests
    and those answered lately."""

    begun: Sequence[Begun]
    matters: Sequence[Matter]
    messages: Sequence[Told]
    ledger: str
    looks: str
    account: str
    certificates: Sequence[Row]


def overview(rows: Sequence[Row]) -> Overview:
    """Read for the signed-in person."""
    session, person = db.session(), signed_in().person
    waiting = {row.enrolment.reference for row in rows if row.needs_you}
    looks = recent(looks_at(session, person.id))
    return Overview(
        begun=begun_by(session, signed_in().row),
        matters=matters_of(session, person.id),
        messages=told(waiting, LATEST),
        ledger=_ledger_words(tuition_card()),
        looks=ngettext("%(num)d time in the last 30 days", "%(num)d times in the last 30 days", looks),
        account=_account_words(account_of(session, person.id)),
        certificates=[row for row in rows if row.enrolment.status in CERTIFIED],
    )


def _ledger_words(card: Card | None) -> str:
    if card is None:
        return ""
    line = card.line
    said = _("%(used)s of %(count)s used this year", used=line.used, count=line.count)
    if not line.held:
        return said
    return _("%(said)s, %(held)s", said=said, held=ngettext("%(num)d held", "%(num)d held", line.held))


def _account_words(account: BankAccount | None) -> str:
    if account is None or account.number is None:
        return _("none yet")
    tail = account_tail(account.number)
    if account_state(account.usable_from, clock.now()) == "held":
        return _("held until %(when)s, ending in %(tail)s", when=at(account.usable_from), tail=tail)
    return _("usable, ending in %(tail)s", tail=tail)
