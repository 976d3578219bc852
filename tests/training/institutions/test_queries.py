"""Institutions by their address."""

from __future__ import annotations

from typing import Any

import pytest

from tests.make import make_institution
from training.errors import NotThere
from training.institutions.queries import institution, is_id


def test_an_institution_comes_with_its_grades(database: Any, clock: object) -> None:
    made = make_institution(grade="B")
    database.session.expire_all()
    found = institution(database.session(), made.id)
    assert (found.name, [grade.letter for grade in found.grades]) == (made.name, ["B"])


@pytest.mark.parametrize("text", ["", "none", "a\0b", "学校", "x" * 41])
def test_what_cannot_be_an_id_is_not_there(database: Any, text: str) -> None:
    with pytest.raises(NotThere):
        institution(database.session(), text)
    assert is_id(text) is (text == "none")
