"""What those who watch over the system find: who opens how many people, an errand that failed, a list that waits."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from jobs.demo.book import Book
from jobs.demo.chance import SEED, Chance
from jobs.demo.history import History
from training import keys
from training.audit import Entry, EventName, SubjectKind
from training.enrolments.models import Enrolment
from training.outbox import ATTEMPTS, Errand, OutboxRow, OutboxState
from training.oversight.models import Export, ExportKind, ExportStatus
from training.people.models import LookCount, LookReason
from training.staff.models import Role

DAYS = 21
CURIOUS = 74
DESKS = (
    (Role.VERIFIER, "verify", 22),
    (Role.REVIEWER_DISTRICT, "claims", 16),
    (Role.COUNSELLOR, "search", 9),
)


class Watched:
    """Writes beside the stories what the desks of the administrators, reviewers and auditors meet."""

    def __init__(self, book: Book, history: History) -> None:
        self.book, self.history = book, history
        self.chance = Chance(SEED + 8, [], [])
        self._is_told = False

    def write(self) -> None:
        """All of it."""
        self._readers()
        self._failed_message()
        self._waiting_export()
        self.book.session.flush()

    def _readers(self) -> None:
        """Three weeks of work, and one afternoon on which a counsellor opened far too many people."""
        for role, desk, usual in DESKS:
            for place, account in enumerate(self.book.staff[role][:2]):
                for n in range(1, DAYS):
                    day = self.book.day - timedelta(days=n)
                    if not self.book.pack.calendar.is_working_day(day):
                        continue
                    looks = usual + self.chance.randint(-4, 4)
                    if desk == "search" and place == 1 and n <= DAYS // 4 and not self._is_told:
                        looks, self._is_told = CURIOUS, True
                    row = LookCount(staff_id=account.id, day=day, desk=desk, looks=looks)
                    row.full_numbers = self.chance.randint(0, 2)
                    self.book.session.add(row)

    def _failed_message(self) -> None:
        """A phone that is switched off for good: tried to the end, an administrator decides."""
        row_id, at = self.chance.id(), self.book.now - timedelta(hours=6)
        reference = next(found for status, _, found in self.history.tracks if status == "returned")
        values = {"reference": reference, "course": ""}
        payload = {"phone": "19900000000", "message": "returned", "language": "zh", "values": values}
        sealed = keys.seal(json.dumps(payload), f"outbox:{row_id}")
        row = OutboxRow(
            id=row_id, errand=Errand.SEND_MESSAGE, payload_sealed=sealed, due_at=at, created_at=at
        )
        row.state, row.attempts, row.last_error = OutboxState.DEAD, ATTEMPTS, "status"
        self.book.session.add(row)

    def _waiting_export(self) -> None:
        """The second district reviewer has asked for the list of claims in review; the first one may decide."""
        asker, at = self.book.hand(Role.REVIEWER_DISTRICT, 1), self.book.days_ago(0)
        tracked = {found for status, _, found in self.history.tracks if status == "district_review"}
        wanted = (Enrolment.reference.in_(tracked), Enrolment.district == asker.district)
        rows = list(self.book.session.scalars(select(Enrolment.id).where(*wanted).order_by(Enrolment.id)))
        export = Export(
            id=self.chance.id(),
            kind=ExportKind.ENROLMENTS,
            district=asker.district,
            columns=["reference", "course", "status", "name"],
            chosen={"which": "district_review"},
            reason=LookReason.INSPECTION.value,
            rows=rows,
            row_count=len(rows),
            status=ExportStatus.ASKED,
            asked_by=asker.id,
            asked_at=at,
            idempotency_key=self.chance.id(),
            downloads=0,
        )
        export.note = "季度抽查，核对班级名单"
        self.book.session.add(export)
        facts = {
            "kind": "enrolments",
            "columns": export.columns,
            "rows": export.row_count,
            "reason": "inspection",
        }
        entry = Entry(EventName.EXPORT_ASKED, SubjectKind.EXPORT, export.id, "asked", facts, is_first=True)
        self.book.trail.note(at, asker, entry)
