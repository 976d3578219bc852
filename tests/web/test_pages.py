"""Pages kept by the process: as many as fit, the ones asked for last."""

from __future__ import annotations

from web.pages import FinishedPage, KeptPages


def page(size: int) -> FinishedPage:
    return FinishedPage(b"x" * size, "", "mark")


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    kept = KeptPages(most_bytes=10)
    kept.put(("a",), page(4))
    kept.put(("b",), page(4))
    assert kept.get(("a",)) is not None
    kept.put(("c",), page(4))
    assert kept.get(("b",)) is None
    assert list(kept.pages) == [("a",), ("c",)]
    assert kept.bytes == 8


def test_a_page_put_twice_counts_once() -> None:
    kept = KeptPages(most_bytes=10)
    kept.put(("a",), page(6))
    kept.put(("a",), page(6))
    assert (kept.bytes, len(kept.pages)) == (6, 1)


def test_a_page_too_big_is_not_kept() -> None:
    kept = KeptPages(most_bytes=10)
    kept.put(("a",), page(11))
    assert (kept.bytes, kept.get(("a",))) == (0, None)
