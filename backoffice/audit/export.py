"""Events as a list that leaves: who, what, about what, why. Values of people stay behind."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backoffice.audit.forms import Wanted
from backoffice.audit.page import lines_of
from backoffice.exports.sheet import foot_of, head_of, number_of
from backoffice.session import clerk
from backoffice.why import WhyForm
from training import clock
from training.oversight import operations
from training.oversight.models import Export, ExportKind
from training.oversight.operations import Wish
from training.oversight.queries.trail import event_ids, events_numbered
from training.policy.service import Exports

COLUMNS = ("number", "at", "who", "office", "what", "kind", "subject", "outcome", "reason", "chain")


def ask_for_events(session: Session, chosen: Wanted, form: WhyForm, key: str) -> Export:
    """Ask for the events that fit now. Raises BadInput for none, or too many."""
    terms: Exports = current_app.extensions["pack"].exports
    rows = [] if chosen.nothing else event_ids(session, chosen.filters, terms.max_rows + 1)
    columns = [f"event_{column}" for column in COLUMNS]
    said = (form.reason.data, form.note.data or "", key)
    wish = Wish(ExportKind.EVENTS, None, columns, rows, *said, chosen=chosen.query)
    return operations.ask_for_export(wish, clerk().actor, terms)


def event_sheet(session: Session, export: Export) -> Iterator[list[str]]:
    """The lines of a list of events, oldest first, with the mark of the export."""
    yield from head_of(export)
    yield [
        _("No."),
        _("Time"),
        _("Who"),
        _("Office"),
        _("Did what"),
        _("About"),
        _("Reference"),
        _("Outcome"),
        _("Reason"),
        _("Chain"),
        _("Mark"),
    ]
    mark = f"{number_of(export)} {clerk().account.username}"
    for place, line in enumerate(lines_of(session, events_numbered(session, export.rows)), 1):
        event = line.event
        at = event.at.astimezone(clock.SHANGHAI)
        yield [
            str(event.id),
            f"{at:%Y-%m-%d %H:%M:%S}",
            line.who,
            event.office,
            line.what,
            line.kind_word,
            line.subject.word,
            _("refused") if line.refused else _("done"),
            line.reason,
            event.mac,
            f"{mark} {place}",
        ]
    yield foot_of(export)
