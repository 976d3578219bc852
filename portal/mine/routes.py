"""The blueprint with all its pages: each file named here puts its routes on it."""

from __future__ import annotations

from portal.mine import (
    access,
    account,
    appeal,
    begun,
    certificate,
    consents,
    data,
    ledger,
    messages,
    moves,
    notice,
    views,
)
from portal.mine.blueprint import blueprint

PAGES = (access, account, appeal, begun, certificate, consents, data, ledger, messages, moves, notice, views)
__all__ = ["PAGES", "blueprint"]
