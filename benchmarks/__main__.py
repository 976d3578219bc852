"""python -m benchmarks [--rounds N] [pages enrolments offers matching records weight start]

Prints one JSON object a line as soon as a figure stands; what misses its goal is named at the end, beside it.
The exit status says only whether everything could be measured: a clock is no test.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks import demo, enrolments, matching, offers, pages, records, start, weight
from benchmarks.figures import Figure
from benchmarks.place import Place, place
from benchmarks.programs import Failed

PARTS = ("pages", "weight", "enrolments", "offers", "matching", "records", "start")
REQUESTS, CLICKS = 120, 30  # a round
OFFERS = 1000  # a night
RECORDS = 100_000  # a file


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when something could not be measured."""
    asked = _asked(arguments)
    parts = asked.parts or PARTS
    try:
        with place() as here:
            missed = [figure for figure in _printed(_figures(here, parts, asked.rounds)) if not figure.is_met]
    except Failed as failed:
        print(f"not measured: {failed}", file=sys.stderr)
        return 1
    for figure in missed:
        print(f"missed: {figure.name} {figure.ratio:.3g}, goal {figure.goal:g}", file=sys.stderr)
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("parts", nargs="*", help=f"some of {' '.join(PARTS)}; all when none is named")
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args(arguments)


def _figures(here: Place, parts: Sequence[str], rounds: int) -> Iterator[Figure]:
    if {"pages", "weight"} & set(parts):
        with demo.loaded(here) as set_up:
            if "pages" in parts:
                yield from pages.measure(here, set_up, rounds, REQUESTS)
            if "weight" in parts:
                yield from weight.measure(here, set_up)
    if "enrolments" in parts:
        yield from enrolments.measure(here, rounds, CLICKS)
    if "offers" in parts:
        yield from offers.measure(here, min(rounds, 5), OFFERS)
    if "matching" in parts:
        yield from matching.measure(here, min(rounds, 3))
    if "records" in parts:
        yield from records.measure(here, min(rounds, 3), RECORDS)
    if "start" in parts:
        yield from start.measure(here, min(rounds, 3))


def _printed(figures: Iterator[Figure]) -> Iterator[Figure]:
    for figure in figures:
        print(figure.line(), flush=True)
        yield figure


if __name__ == "__main__":
    sys.exit(main())
