"""Old payments as districts write them down: several shapes of file, with their dirt. Everybody is invented.

`payments(n)` invents, `SHAPES` writes them as one district would, `workbook` and `text` make the bytes. `spoil` puts
mistakes in and says which.
"""

from __future__ import annotations

import codecs
import io
import random
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from stdnum.cn import ric

from training.records.rules import Figure
from training.records.rules.cells import EXCEL_DAY_0

SURNAMES, GIVEN = (
    "冉向谭田石龚罗简晏庹",
    ("小满", "平", "一芳", "国成", "福", "玉", "建梅", "春燕", "大勇", "·阿依"),
)
TRADES = {
    "4-03-02-02": ("中式面点师", "面点"),
    "4-10-01-06": ("家政服务员", "家政护理"),
    "6-31-01-03": ("电工", "低压电工"),
    "6-18-02-04": ("焊工", "电焊"),
}
LEVELS = ("5", "4", "3")
FIRST = date(2019, 1, 2)


@dataclass(frozen=True)
class Payment:
    """One line of a district's book. `amount_fen` is a multiple of 10,000 fen, so that every unit can say it."""

    name: str
    number: str
    occupation: str
    level: str
    amount_fen: int
    on: date
    district: str = "500101"


def number_of(n: int, area: str = "500101") -> str:
    """The n-th valid identity number: born from 1960 on, at most 500 a day."""
    born = date(1960, 1, 1) + timedelta(days=n // 500 % 14_000)
    bare = f"{area}{born:%Y%m%d}{n % 500 + 100:03d}"
    return bare + str(ric.calc_check_digit(f"{bare}0"))


def short_number(number: str) -> str:
    """The 15 digits that the number had before 1999."""
    return number[:6] + number[8:17]


def payments(count: int, *, seed: int = 1, first: int = 0, district: str = "500101") -> Iterator[Payment]:
    """`count` payments of as many people over five years, the same for the same seed."""
    chance = random.Random(seed)
    codes = list(TRADES)
    for n in range(first, first + count):
        yield Payment(
            chance.choice(SURNAMES) + chance.choice(GIVEN),
            number_of(n),
            chance.choice(codes),
            chance.choice(LEVELS),
            chance.randrange(8, 30) * 10_000,
            FIRST + timedelta(days=chance.randrange(1500)),
            district,
        )


# --- the shapes of districts ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How a district keeps its book: `title` lines above, `headings`, and a row for each payment."""

    name: str
    headings: Sequence[str]
    row: Callable[[int, Payment], list[str]]
    make: Callable[[Iterable[Sequence[str]]], bytes]
    title: Sequence[Sequence[str]] = ()
    footer: Callable[[Sequence[Payment]], list[str]] | None = None

    def lines(self, paid: Sequence[Payment]) -> Iterator[Sequence[str]]:
        yield from self.title
        yield self.headings
        for n, payment in enumerate(paid, start=1):
            yield self.row(n, payment)
        if self.footer is not None:
            yield self.footer(paid)

    def file(self, paid: Iterable[Payment]) -> bytes:
        return self.make(self.lines(list(paid)))

    @property
    def first_row(self) -> int:
        """The row of the file that holds the first payment."""
        return len(self.title) + 2

    def column(self, field: str) -> int:
        return self.headings.index(COLUMNS[self.name][field])


def _old_level(level: str) -> str:
    return {"5": "初级", "4": "中级", "3": "高级", "2": "技师", "1": "高级技师", "special": "专项职业能力"}[
        level
    ]


def _chinese_level(level: str) -> str:
    return {"5": "五级", "4": "四级", "3": "三级", "2": "二级", "1": "一级", "special": "专项"}[level]


def text(separator: str, encoding: str, bom: bytes = b"") -> Callable[[Iterable[Sequence[str]]], bytes]:
    """A csv file by hand: quotes where a cell needs them."""

    def make(lines: Iterable[Sequence[str]]) -> bytes:
        rows = (separator.join(_quoted(cell, separator) for cell in line) for line in lines)
        return bom + "".join(f"{row}\r\n" for row in rows).encode(encoding)

    return make


def _quoted(cell: str, separator: str) -> str:
    if separator in cell or '"' in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def workbook(lines: Iterable[Sequence[str]], **how: Any) -> bytes:
    """A workbook with one sheet; see `workbook_of`."""
    return workbook_of({"Sheet1": lines}, **how)


WANZHOU = Shape(
    "wanzhou",
    ("序号", "学员姓名", "身份证", "培训专业", "级别", "补贴（万元）", "拨付时间", "备注"),
    lambda n, one: [
        Figure(str(n)),
        one.name,
        short_number(one.number) if n % 7 == 0 and one.number[6:8] == "19" else one.number,
        TRADES[one.occupation][0],
        _old_level(one.level),
        Figure(f"{one.amount_fen / 1_000_000:.2f}"),
        f"{one.on.year}.{one.on.month}.{one.on.day}",
        "",
    ],
    workbook,
    title=(("万州区 2019-2023 年已付职业培训补贴花名册",), ("填报单位：万州区人力社保局", "", "单位：万元")),
    footer=lambda paid: ["合计", "", "", "", "", Figure("999"), "", ""],
)
JIULONGPO = Shape(
    "jiulongpo",
    ("姓名", "身份证号码", "职业（工种）", "等级", "补贴金额（元）", "付款日期", "联系电话"),
    lambda n, one: [
        one.name,
        one.number.lower(),
        TRADES[one.occupation][0],
        _chinese_level(one.level),
        f"{one.amount_fen // 100:,}.00",
        f"{one.on.year}年{one.on.month}月{one.on.day}日",
        "023-0000 0907",
    ],
    text(",", "gb18030"),
)
YUZHONG = Shape(
    "yuzhong",
    ("证件号码", "姓名", "工种", "技能等级", "发放金额", "发放日期"),
    lambda n, one: [
        f'="{one.number}"',
        f" {one.name} ",
        one.occupation if n % 3 else TRADES[one.occupation][0],
        one.level,
        f"¥{one.amount_fen // 100}",
        f"{one.on:%Y%m%d}",
    ],
    text("\t", "utf-16"),
)
HECHUAN = Shape(
    "hechuan",
    ("区县", "参训人员", "公民身份号码", "职业名称", "证书等级", "实付金额", "支付日期"),
    lambda n, one: [
        {"500101": "万州区", "500117": "合川"}[one.district],
        one.name,
        "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in one.number) if n % 5 == 0 else one.number,
        TRADES[one.occupation][0],
        f"Level {one.level}",
        f"{one.amount_fen // 100}元",
        Figure(str((one.on - EXCEL_DAY_0).days)),
    ],
    text(";", "utf-8", codecs.BOM_UTF8),
)
SHAPES = (WANZHOU, JIULONGPO, YUZHONG, HECHUAN)
COLUMNS = {
    "wanzhou": {
        "name": "学员姓名",
        "number": "身份证",
        "occupation": "培训专业",
        "level": "级别",
        "amount": "补贴（万元）",
        "paid_on": "拨付时间",
    },
    "jiulongpo": {
        "name": "姓名",
        "number": "身份证号码",
        "occupation": "职业（工种）",
        "level": "等级",
        "amount": "补贴金额（元）",
        "paid_on": "付款日期",
    },
    "yuzhong": {
        "name": "姓名",
        "number": "证件号码",
        "occupation": "工种",
        "level": "技能等级",
        "amount": "发放金额",
        "paid_on": "发放日期",
    },
    "hechuan": {
        "name": "参训人员",
        "number": "公民身份号码",
        "occupation": "职业名称",
        "level": "证书等级",
        "amount": "实付金额",
        "paid_on": "支付日期",
    },
}


# --- mistakes ------------------------------------------------------------------------------------------------

MISTAKES: Sequence[tuple[str, str, str]] = (
    ("number", "500101198702", "number_length"),
    ("number", "5.00101198702222E+17", "damaged"),
    ("number", "500101198702221000", "damaged"),
    ("number", "500101198702222222", "check_digit"),
    ("number", "E04312291", "identity_needed"),
    ("name", "", "empty"),
    ("paid_on", "2021-02-30", "no_such_day"),
    ("paid_on", "21.3.4", "date_form"),
    ("paid_on", "2099-01-01", "date_future"),
    ("amount", "-1500", "amount_negative"),
    ("amount", "一千五", "amount_form"),
    ("amount", "99999999", "amount_large"),
    ("level", "六级", "level_unknown"),
)


def spoil(shape: Shape, paid: Iterable[Payment], every: int) -> tuple[bytes, list[tuple[int, str, str]]]:
    """A file in which each `every`-th row holds one of the mistakes; and (row, heading, code) of each."""
    lines, planted = list(shape.lines(list(paid))), []
    body = range(shape.first_row - 1, len(lines) - (shape.footer is not None))
    for place, index in enumerate(body):
        if place % every == every - 1:
            field, typed, code = MISTAKES[place // every % len(MISTAKES)]
            if (field, code) == ("amount", "amount_large") and shape is WANZHOU:
                code = "seems_yuan"
            row = list(lines[index])
            row[shape.column(field)] = typed
            lines[index] = row
            planted.append((index + 1, COLUMNS[shape.name][field], code))
    return shape.make(lines), planted


# --- a workbook by hand --------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def workbook_of(
    sheets: dict[str, Iterable[Sequence[str]]],
    *,
    shared: bool = True,
    prefix: str = "",
    more: dict[str, bytes] | None = None,
    sheet_xml: bytes | None = None,
) -> bytes:
    """A workbook. `shared`: texts in their own part, as Excel does; `more`: further entries of the archive;
    `sheet_xml` in place of the first sheet."""
    p, texts, files = (f"{prefix}:" if prefix else ""), {}, {}  # type: ignore[var-annotated]
    ns = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    for n, lines in enumerate(sheets.values(), start=1):
        body = "".join(_row(p, row, line, texts, shared) for row, line in enumerate(lines, start=1))
        files[f"xl/worksheets/sheet{n}.xml"] = (
            f"{HEAD}<{p}worksheet {ns}><{p}sheetData>{body}</{p}sheetData></{p}worksheet>".encode()
        )
    if sheet_xml is not None:
        files["xl/worksheets/sheet1.xml"] = sheet_xml
    listed = "".join(
        f'<{p}sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(sheets, start=1)
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    if shared:
        related += f'<Relationship Id="rId99" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        items = "".join(f"<{p}si><{p}t>{escape(one)}</{p}t></{p}si>" for one in texts)
        files["xl/sharedStrings.xml"] = f"{HEAD}<{p}sst {ns}>{items}</{p}sst>".encode()
    files |= {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}"/>'.encode(),
        "xl/workbook.xml": f'{HEAD}<{p}workbook {ns} xmlns:r="{OFFICE}"><{p}sheets>{listed}</{p}sheets></{p}workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}">{related}</Relationships>'.encode(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | (more or {})).items():
            archive.writestr(name, content)
    return packed.getvalue()


def _row(p: str, row: int, line: Sequence[str], texts: dict[str, int], shared: bool) -> str:
    cells = "".join(
        _cell(p, f"{_letters(n)}{row}", cell, texts, shared) for n, cell in enumerate(line) if cell
    )
    return f'<{p}row r="{row}">{cells}</{p}row>'


def _cell(p: str, place: str, cell: str, texts: dict[str, int], shared: bool) -> str:
    if isinstance(cell, Figure):
        return f'<{p}c r="{place}"><{p}v>{cell}</{p}v></{p}c>'
    if not shared:
        return f'<{p}c r="{place}" t="inlineStr"><{p}is><{p}t>{escape(cell)}</{p}t></{p}is></{p}c>'
    return f'<{p}c r="{place}" t="s"><{p}v>{texts.setdefault(cell, len(texts))}</{p}v></{p}c>'


def _letters(n: int) -> str:
    letters = ""
    n += 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
