"""What a cell of a district's table means. Pure: text in, value out.

A cell that cannot be read raises BadCell with a code and what fills its sentence; nothing is guessed where two
readings are possible. Money is whole fen, dates are days of Chongqing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from training.errors import BadNumber
from training.numbers import Number, masked, masked_name, recognise

FIRST_DAY = date(2000, 1, 1)
LARGEST_FEN = 10_000_000  # one payment for one course: 100,000 yuan is far above every standard
SEEMS_YUAN = 100  # more than a million yuan for one course: the column is not in units of 10,000
NAME_LENGTH = 64
SHOWN = 40
EXCEL_DAY_0, EXCEL_DAY_0_MAC = date(1899, 12, 30), date(1904, 1, 1)

LEVELS: Mapping[str, str] = {
    **dict.fromkeys(("5", "五", "五级", "5级", "初级", "初级工", "level5", "l5", "初级技能"), "5"),
    **dict.fromkeys(("4", "四", "四级", "4级", "中级", "中级工", "level4", "l4", "中级技能"), "4"),
    **dict.fromkeys(("3", "三", "三级", "3级", "高级", "高级工", "level3", "l3", "高级技能"), "3"),
    **dict.fromkeys(("2", "二", "二级", "2级", "技师", "level2", "l2"), "2"),
    **dict.fromkeys(("1", "一", "一级", "1级", "高级技师", "level1", "l1"), "1"),
    **dict.fromkeys(
        ("专项", "专项职业能力", "专项能力", "专项职业能力证书", "special", "专项技能"), "special"
    ),
}
TOTALS = frozenset(
    {"合计", "总计", "小计", "共计", "total", "合计:", "总计:", "以上合计", "制表人", "填表人", "审核人"}
)
_YMD = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T\s]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
)
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONEY = re.compile(r"(?:¥|￥|RMB|CNY|人民币)?(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(万元|万|元整|元|圆)?")
_DAMAGED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.I)
_LONG_RUN = re.compile(r"\d{7,}[\dXx]?")
_HARMLESS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


class BadCell(ValueError):
    """`code` says what is wrong with a cell, `facts` fill its sentence."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


class Figure(str):
    """A cell that the workbook holds as a number, not as text."""

    __slots__ = ()


def bare(cell: str) -> str:
    """A cell without what nobody sees: spaces around it, zero-width characters, an apostrophe before it, and the
    ="…" by which programs keep a number as text."""
    text = cell.strip().translate(_HARMLESS) if not cell.isascii() else cell.strip()
    if text[:2] == '="' and text.endswith('"'):
        text = text[2:-1]
    return text[1:].strip() if text[:1] in ("'", "\u2019") else text


def number_in(cell: str, today: date) -> Number:
    """The identity number in a cell: 18 digits, 15 (converted), or 12 characters of Hong Kong, Macau and Taiwan.

    Raises BadCell: empty, damaged (Excel made it a power of ten or zeros), identity_needed (a card), and the codes of
    training.numbers.
    """
    text = bare(cell)
    if not text:
        raise BadCell("empty")
    if "E" in text.upper() and _DAMAGED.fullmatch(text):
        raise BadCell("damaged")
    whole = text[:-2] if isinstance(cell, Figure) and text.endswith(".0") else text
    if isinstance(cell, Figure) and len(whole) > 15:
        raise BadCell("damaged")
    try:
        number = recognise(whole, today)
    except BadNumber as wrong:
        raise _bad_number(whole, wrong) from None
    if number.is_card:
        raise BadCell("identity_needed")
    return number


def _bad_number(text: str, wrong: BadNumber) -> BadCell:
    if len(text) == 18 and text.endswith("000"):
        return BadCell("damaged")
    length = len(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if wrong.code in ("number_length", "card_length", "bank_number"):
        return BadCell("number_length", length=length)
    return BadCell(wrong.code)


def name_in(cell: str) -> str:
    """A person's name: NFC, rare characters and middle dots kept. Raises BadCell: empty, name_character, name_long."""
    text = unicodedata.normalize("NFC", bare(cell))
    if not text:
        raise BadCell("empty")
    if len(text) > NAME_LENGTH:
        raise BadCell("name_long", length=len(text))
    if not text.isalpha() and any(unicodedata.category(one)[0] == "C" or one.isdigit() for one in text):
        raise BadCell("name_character")
    return text


@lru_cache(maxsize=4096)
def day_in(cell: str, today: date, is_mac: bool = False) -> date:
    """A day: 2024-3-1, 2024/03/01, 2024.3.1, 2024年3月1日, 20240301, or Excel's count of days.

    Raises BadCell: empty, date_form, no_such_day, date_future, date_old.
    """
    text = unicodedata.normalize("NFKC", bare(cell))
    if not text:
        raise BadCell("empty")
    found = _YMD.fullmatch(text) or _EIGHT.fullmatch(text)
    day = _day(*map(int, found.groups())) if found else _excel_day(text, is_mac)
    if day > today:
        raise BadCell("date_future")
    if day < FIRST_DAY:
        raise BadCell("date_old")
    return day


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadCell("no_such_day", month=month, day=day) from None


def _excel_day(text: str, is_mac: bool) -> date:
    if not re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise BadCell("date_form")
    return (EXCEL_DAY_0_MAC if is_mac else EXCEL_DAY_0) + timedelta(days=int(text.split(".", maxsplit=1)[0]))


@lru_cache(maxsize=4096)
def fen_in(cell: str, in_ten_thousands: bool = False) -> int:
    """An amount in fen: 1500, 1,500.00, ¥1500, 1500元, 0.15万; `in_ten_thousands`: the heading says 万元.

    Raises BadCell: empty, amount_form, amount_negative (nought too), amount_large, amount_fraction, seems_yuan.
    """
    text = unicodedata.normalize("NFKC", bare(cell)).replace(" ", "")
    if not text:
        raise BadCell("empty")
    found = _MONEY.fullmatch(text)
    try:
        amount = (
            Decimal(found[1].replace(",", "")) if found else Decimal(text) if "E" in text.upper() else None
        )
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        raise BadCell("amount_form")
    return _fen(amount, found[2] if found else None, in_ten_thousands)


def _fen(amount: Decimal, unit: str | None, in_ten_thousands: bool) -> int:
    wide = in_ten_thousands if unit is None else unit.startswith("万")
    if in_ten_thousands and unit is None and amount >= SEEMS_YUAN:
        raise BadCell("seems_yuan")
    if amount <= 0:
        raise BadCell("amount_negative")
    if amount > LARGEST_FEN:
        raise BadCell("amount_large")
    fen = amount * (1_000_000 if wide else 100)
    if fen > LARGEST_FEN:
        raise BadCell("amount_large")
    near = round(fen, 4)  # 0.15 may come as 0.15000000000000002: a workbook keeps binary fractions
    if near <= 0 or near != near.to_integral_value():
        raise BadCell("amount_fraction")
    return int(near)


@lru_cache(maxsize=512)
def level_in(cell: str) -> str:
    """A level as the contract spells it: 五级, 初级, 初级工, 5, Level 5 are `5`; 专项 is `special`.

    Raises BadCell: empty, level_unknown.
    """
    text = unicodedata.normalize("NFKC", bare(cell)).casefold().replace(" ", "")
    text = re.sub(r"\(.*?\)|[/、].*$", "", text)
    text = text[:-2] if text.endswith(".0") else text
    if not text:
        raise BadCell("empty")
    if text not in LEVELS:
        raise BadCell("level_unknown")
    return LEVELS[text]


@lru_cache(maxsize=4096)
def word_in(cell: str) -> str:
    """A district's word for an occupation, in one form: NFKC, without spaces. Raises BadCell: empty, word_long."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", bare(cell)))
    if not text:
        raise BadCell("empty")
    if len(text) > 60:
        raise BadCell("word_long", length=len(text))
    return text


def shown(field: str, cell: str) -> str:
    """What stands in a cell, for people: numbers and names masked, controls gone, not longer than a line."""
    text = "".join(one if one.isprintable() else "�" for one in cell.strip()[: SHOWN * 2])
    if field == "name":
        return masked_name(text[:SHOWN])
    if field == "number" and not _DAMAGED.fullmatch(text):
        return masked(text) if len(text) > 8 else text
    return _LONG_RUN.sub(lambda found: masked(found[0]), text)[:SHOWN]
