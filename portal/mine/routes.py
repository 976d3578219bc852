"""The blueprint with all its pages: each file named here puts its routes on it."""

from __future__ import annotations

from portal.mine import appeal, moves, views
from portal.mine.blueprint import blueprint

PAGES = (appeal, moves, views)
__all__ = ["PAGES", "blueprint"]
