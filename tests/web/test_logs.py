"""A62: what reaches the log is one line of JSON, without personal numbers, whatever was in the message."""

from __future__ import annotations

import json
import logging

import pytest

from web.logs import MASK, JsonLines, masked


def written(message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    return JsonLines().format(logging.LogRecord("tests", logging.ERROR, __file__, 1, message, args, info))


@pytest.mark.parametrize(
    "number",
    [
        "50010319850312001X",
        "500103198503120011",
        "500103850312001",
        "13800138000",
        "HKG012345678",
        "6222020200112233445",
    ],
)
@pytest.mark.parametrize("around", ["{}", "number={};", "‘{}’", "a {} b", "tel:{}\nnext"])
def test_A62_numbers_are_masked_wherever_they_stand(number: str, around: str) -> None:
    line = written(around.format(number))
    assert number not in line
    assert MASK in line


def test_A62_a_line_stays_one_line() -> None:
    """Somebody who types a line end cannot write a line of their own into the log."""
    line = written("name %s", 'x"}\n{"at": "2026-01-01", "level": "INFO", "message": "signed in"}\r\n\u2028')
    assert len(line.splitlines()) == 1 or "\u2028" in line
    assert "\n" not in line
    assert "\r" not in line
    assert json.loads(line)["level"] == "ERROR"


def test_A62_the_text_of_an_error_stays_out() -> None:
    """An exception may carry what was typed: its kind and place are enough."""
    try:
        int("李四 50010319850312001X")
    except ValueError as error:
        line = written("failed", error=error)
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert "李四" not in line
    assert "50010319850312001X" not in line


@pytest.mark.parametrize(
    "text", ["CQ-26-7F3KM-Q9XWS", "class 12, 30 seats", "took 1234 ms", "2026-06-16T10:00:00"]
)
def test_ordinary_things_are_not_masked(text: str) -> None:
    assert masked(text) == text
