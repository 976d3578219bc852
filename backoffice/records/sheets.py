"""What can be taken away: mistakes and double payments as csv. No number stands in it, and no whole name."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backoffice.records.words import DOUBLE, fault_sentence
from training.policy.pack import Pack
from training.records.models import FindingKind, RecordImport
from training.records.queries import all_findings
from web.labels import word
from web.sheets import csv_answer


def errors_sheet(session: Session, row: RecordImport) -> Response:
    """One line for each mistake."""
    head = [_("Row"), _("Column"), _("What stands there"), _("What is wrong, and how to mend it")]
    lines = (
        [one.row, one.heading, one.said, fault_sentence(one)]
        for one in all_findings(session, row.id, FindingKind.ERROR)
    )
    return csv_answer(f"errors-{row.id[:8]}.csv", [head, *lines])


def doubles_sheet(session: Session, row: RecordImport, pack: Pack) -> Response:
    """One line for each double payment."""
    head = [
        _("Row"),
        _("Who"),
        _("For what"),
        _("Amount in yuan"),
        _("What it stands beside"),
        _("District"),
        _("Year"),
        _("Other row"),
    ]
    lines = (
        [
            one.row,
            one.said,
            one.heading,
            f"{one.amount_fen / 100:.2f}",
            word(DOUBLE, one.code),
            _district(pack, str(one.facts.get("district", ""))),
            one.facts.get("year", ""),
            one.facts.get("other", ""),
        ]
        for one in all_findings(session, row.id, FindingKind.DOUBLE)
    )
    return csv_answer(f"doubles-{row.id[:8]}.csv", [head, *lines])


def _district(pack: Pack, code: str) -> str:
    return pack.districts[code].name_zh if code in pack.districts else code
