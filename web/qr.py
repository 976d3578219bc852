"""A QR code as one SVG path, for the macro `qr`: a receipt, a slip."""

from __future__ import annotations

from itertools import groupby

import segno

BORDER = 2


def qr_path(text: str) -> tuple[str, int]:
    """The strokes of the dark modules, and how many modules a side has with its quiet border."""
    matrix = segno.make(text, error="m", micro=False).matrix
    strokes = []
    for row, modules in enumerate(matrix):
        column = 0
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark:
                strokes.append(f"M{column + BORDER} {row + BORDER}.5h{length}")
            column += length
    return "".join(strokes), len(matrix) + 2 * BORDER
