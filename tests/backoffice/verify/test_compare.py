"""Which characters are marked when two names differ."""

from __future__ import annotations

import pytest

from backoffice.verify.compare import differences


def shown(text: str, other: str) -> tuple[str, str]:
    """Both sides, what is marked in brackets."""
    return tuple(  # type: ignore[return-value]
        "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in side)
        for side in differences(text, other)
    )


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("田禾禾", "田和禾", "田[禾]禾", "田[和]禾"),
        ("冉琼", "冉琼芳", "冉琼", "冉琼[芳]"),
        ("周小满", "周小满", "周小满", "周小满"),
        ("ＡＢ", "AB", "ＡＢ", "AB"),  # NFKC makes them equal
        ("買買提·艾力", "買買提艾力", "買買提[·]艾力", "買買提艾力"),
        ("𠮷田", "吉田", "[𠮷]田", "[吉]田"),  # outside the basic plane
        ("Zoë", "Zoe", "Zo[ë]", "Zo[e]"),
        ("Zoe\u0308", "Zoë", "Zoë", "Zoë"),  # composed or not
        ("葛\U000e0100城", "葛城", "[葛\U000e0100]城", "[葛]城"),  # a variation selector goes with its letter
        ("", "周", "", "[周]"),
    ],
)
def test_only_what_differs_is_marked(one: str, other: str, left: str, right: str) -> None:
    assert shown(one, other) == (left, right)
