"""Encrypted attributes of a row, bound to that row, with a blind index beside them where one is searched.

`number = Sealed("number", index="identity_number")` on a model that has the columns `number_sealed` and
`number_index`. A row that belongs to a person offers `own_key()`; other rows are sealed by the key ring. What
was sealed by a person's key reads as None once that key has been destroyed, and so does what was emptied.
"""

from __future__ import annotations

from typing import Any, overload

from training import keys
from training.database import new_id


class Sealed:
    """Reads and writes clear text; the table holds cipher text and, if asked for, a keyed index."""

    def __init__(self, name: str, *, index: str | None = None) -> None:
        self.name, self.index = name, index

    @overload
    def __get__(self, row: None, owner: type[Any]) -> Sealed: ...

    @overload
    def __get__(self, row: Any, owner: type[Any]) -> str | None: ...

    def __get__(self, row: Any, owner: type[Any]) -> Any:
        if row is None:
            return self
        value, key = getattr(row, f"{self.name}_sealed"), _key_of(row)
        if not value or (key is None and keys.is_own(value)):
            return None
        return keys.unseal(value, self._context(row), key)

    def __set__(self, row: Any, text: str | None) -> None:
        row.id = row.id or new_id()
        sealed = None if text is None else keys.seal(text, self._context(row), _key_of(row))
        setattr(row, f"{self.name}_sealed", sealed)
        if self.index is not None:
            setattr(row, f"{self.name}_index", None if text is None else self.index_of(text))

    def index_of(self, text: str) -> str:
        """The blind index under which `text` stands."""
        return keys.blind_index(self.index or self.name, text)

    def _context(self, row: Any) -> str:
        return f"{row.__tablename__}:{row.id}:{self.name}"


def _key_of(row: Any) -> bytes | None:
    own = getattr(row, "own_key", None)
    return None if own is None else own()
