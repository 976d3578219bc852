"""One page of a long list, as every desk shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """The rows of one page of `size` rows, how many there are in all, the page's number from 1."""

    rows: Sequence[Row]
    total: int
    page: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one."""
        return max(1, -(-self.total // self.size))


def slice_of(session: Session, query: Select[Row], page: int, size: int) -> Slice[Row]:
    """One page of what `query` finds, in its order: the nearest there is to the one that was asked for."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page = max(1, min(page, -(-total // size)))
    return Slice(session.scalars(query.offset((page - 1) * size).limit(size)).all(), total, page, size)
