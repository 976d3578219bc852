from __future__ import annotations

from sqlalchemy import func, select

from tests.training.records.files import SHAPES, WANZHOU, payments
from training.database import db
from training.entitlements.models import Entitlement
from training.people.models import Person
import pytest


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_district_s_own_shape_comes_in_whole(shape, bring) -> None:
    row = bring(shape.file(payments(300)), "万州.csv", district="500101", into=True)
    assert (row.status, row.rows, row.wrong, row.unknown, row.failure) == ("imported", 300, 0, {}, None)
    assert db.session().scalar(select(func.count()).select_from(Entitlement)) == 300
    assert db.session().scalar(select(func.count()).select_from(Person)) == 300
