"""What administrators, reviewers and auditors find in the demo set."""

from __future__ import annotations

from sqlalchemy import select

from tests.conftest import MORNING
from training.audit import AuditEvent, EventName
from training.oversight.models import Export
from training.oversight.queries import outliers, standing
from training.policy.queries import load_pack
from training.staff.models import StaffAccount

PACK = load_pack("packs/chongqing")


def test_one_clerk_stands_out_for_opening_many_people(demo_database) -> None:
    found = outliers(demo_database.session, PACK.looks, MORNING.date())
    assert [(day.desk, day.reasons) for day in found] == [("search", ["unlike_the_desk"])]


def test_an_errand_has_failed_and_a_list_waits_for_a_second_person(demo_database) -> None:
    session = demo_database.session
    assert [row.reference[:2] for row in standing(session).dead] == ["CQ"]
    export = session.scalars(select(Export)).one()
    assert export.row_count >= 2
    asker = session.get(StaffAccount, export.asked_by)
    assert asker.username == "reviewer-district-2"
    asked = select(AuditEvent).where(AuditEvent.name == EventName.EXPORT_ASKED)
    assert session.scalars(asked).one().subject == export.id
