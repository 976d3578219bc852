"""Files as they come, and hostile ones: recognised by what is in them, refused by name, read in little memory."""

from __future__ import annotations

import codecs
import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.records.files import (
    HECHUAN,
    JIULONGPO,
    SHAPES,
    WANZHOU,
    YUZHONG,
    payments,
    text,
    workbook,
    workbook_of,
)
from training.records.reading.headings import heading_row, recognise_columns, signature
from training.records.reading.limits import LIMITS, Unreadable
from training.records.reading.table import PartedFile, Table
from training.records.rules import Figure

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
HEADINGS = ["姓名", "身份证号", "工种", "等级", "金额", "日期"]


def opened(content: bytes, sheet: str | None = None) -> Table:
    parts = [content[n : n + 1000] for n in range(0, len(content), 1000)]
    file = io.BufferedReader(PartedFile(lambda n: parts[n], 1000, len(content)))
    return Table(file, len(content), sheet)


def code_of(content: bytes) -> str:
    """The code by which a file is refused, when it is opened or while it is read."""
    with pytest.raises(Unreadable) as bad:
        list(opened(content).rows())
    return bad.value.code


def packed(**entries: bytes) -> bytes:
    return workbook_of(
        {"Sheet1": [HEADINGS]}, more={name.replace("__", "/"): raw for name, raw in entries.items()}
    )


# --- shapes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_columns_of_each_district_are_recognised(shape) -> None:
    table = opened(shape.file(payments(5)))
    columns = recognise_columns(table.headings)
    for field in ("name", "number", "occupation", "level", "amount", "paid_on"):
        assert columns[field] == shape.column(field), field


@pytest.mark.parametrize(
    ("shape", "encoding", "separator"),
    [(JIULONGPO, "GB18030", ","), (YUZHONG, "UTF-16", "\t"), (HECHUAN, "UTF-8", ";")],
)
def test_A59_encoding_and_separator_are_found_by_trial_and_said(shape, encoding, separator) -> None:
    table = opened(shape.file(payments(50)))
    assert (table.encoding, table.separator) == (encoding, separator)


@pytest.mark.parametrize(
    ("codec", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("gb18030", b""),
        ("gbk", b""),
    ],
)
def test_A59_the_same_rows_come_from_every_encoding(codec, bom) -> None:
    lines = list(JIULONGPO.lines(list(payments(20))))
    assert [cells for _, cells in opened(text(",", codec, bom)(lines)).rows()] == lines[1:]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12),
            min_size=6,
            max_size=6,
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([(",", "utf-8"), (";", "utf-16"), ("\t", "gb18030")]),
)
def test_I30_what_was_written_is_what_is_read(rows, how) -> None:
    lines = [HEADINGS, *rows]
    as_text = opened(text(*how)(lines))
    assert [cells for _, cells in as_text.rows()] == rows
    assert [cells for _, cells in opened(workbook(lines)).rows()] == rows
    assert [cells for _, cells in opened(workbook(lines, shared=False, prefix="x")).rows()] == rows


def test_rows_keep_the_numbers_that_people_see() -> None:
    table = opened(WANZHOU.file(payments(3)))
    assert [number for number, _ in table.rows()][:3] == [4, 5, 6]
    assert table.heading_row == 3


def test_the_sheet_with_most_headings_is_read_unless_another_is_chosen() -> None:
    book = workbook_of(
        {"说明": [["请先读"]], "2019": [HEADINGS, ["冉平"] * 6], "2020": [HEADINGS[:4], ["谭平"] * 4]}
    )
    assert opened(book).sheet == "2019"
    assert next(iter(opened(book, "2020").rows()))[1][0] == "谭平"


def test_a_cell_with_a_line_break_is_one_cell_and_a_number_stays_a_number() -> None:
    rows = [
        cells
        for _, cells in opened(workbook([HEADINGS, ["冉\n平", Figure("5.0E+17"), "", "", "a", ""]])).rows()
    ]
    assert rows == [["冉\n平", "5.0E+17", "", "", "a"]]
    assert isinstance(rows[0][1], Figure)


def test_no_heading_known_takes_the_widest_row_to_be_mapped_by_hand() -> None:
    table = opened(text(",", "utf-8")([["甲"], ["一", "二", "三"], ["1", "2", "3"]]))
    assert (table.recognised, table.headings) == (False, ["一", "二", "三"])
    assert heading_row([["一", "二"]]) is None


def test_a_shape_is_known_by_its_headings_alone() -> None:
    assert signature(["姓名 ", "身份证"]) == signature(["姓名", "身份证"]) != signature(["身份证", "姓名"])


# --- hostile -------------------------------------------------------------------------------------------------


def test_A58_a_zip_bomb_is_refused_from_its_directory() -> None:
    assert code_of(packed(xl__worksheets__big=b"0" * (200 << 20))) == "bomb"


def test_A58_a_directory_that_lies_is_found_while_reading() -> None:
    body = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in range(1, 3000)
    )
    honest = workbook_of({"S": []}, sheet_xml=SHEET.format(body).encode())
    place = honest.rfind(b"xl/worksheets/sheet1.xml") - 46
    for at in (place, honest.find(b"xl/worksheets/sheet1.xml") - 30):
        size = at + (24 if at == place else 22)
        honest = honest[:size] + struct.pack("<L", 2000) + honest[size + 4 :]
    assert code_of(honest) in ("broken", "bomb")


def test_A58_a_million_entries_are_refused_before_they_are_read() -> None:
    book = io.BytesIO(workbook([HEADINGS]))
    with zipfile.ZipFile(book, "a") as archive:
        for n in range(LIMITS.entries + 1):
            archive.writestr(f"xl/e{n}", b"")
    assert code_of(book.getvalue()) == "bomb"
    cut = bytearray(book.getvalue())
    cut[-22 + 10 : -22 + 12] = struct.pack("<H", 0xFFFF)
    assert code_of(bytes(cut)) == "bomb"


@pytest.mark.parametrize(
    "name", ["../evil", "xl/../../evil", "/etc/passwd", "xl\\evil", "evil.exe", "META-INF/x"]
)
def test_A58_an_entry_that_does_not_belong_is_refused(name) -> None:
    assert code_of(workbook_of({"S": [HEADINGS]}, more={name: b"x"})) == "odd_entry"


def test_A58_a_link_an_archive_inside_and_a_name_twice_are_refused() -> None:
    book = io.BytesIO(workbook([HEADINGS]))
    with zipfile.ZipFile(book, "a") as archive:
        link = zipfile.ZipInfo("xl/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert code_of(book.getvalue()) == "odd_entry"
    assert code_of(packed(xl__embeddings__inner_xlsx=b"x").replace(b"inner_xlsx", b"inner.xlsx")) == "nested"
    twice = io.BytesIO(workbook([HEADINGS]))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert code_of(twice.getvalue()) == "odd_entry"


DOCTYPES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
)


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("entry", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_A58_no_document_type_and_no_entities(doctype, entry) -> None:
    book = workbook_of({"S": [HEADINGS]})
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        content = archive.read(entry).decode()
    evil = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, content.replace("?>\n", f"?>\n{doctype}", 1) if name == entry else old.read(name)
            )
    assert code_of(evil.getvalue()) == "doctype"


def test_A59_a_cell_of_ten_megabytes_is_refused() -> None:
    big = "x" * (10 << 20)
    assert code_of(text(",", "utf-8")([HEADINGS, [big, "b", "c"]])) == "cell_too_big"
    assert code_of(text(",", "utf-8")([HEADINGS, ['"' + "y\n" * 200_000, "b"]])) == "cell_too_big"
    random = os.urandom(5 << 20).hex()
    assert code_of(workbook([HEADINGS, [random, "b", "c"]])) == "cell_too_big"
    assert code_of(workbook([HEADINGS, [random, "b", "c"]], shared=False)) == "cell_too_big"


def test_A59_sixteen_thousand_columns_are_refused() -> None:
    wide = [["a"] * 16_384]
    assert code_of(text(",", "utf-8")([HEADINGS, *wide])) == "too_many_columns"
    assert code_of(workbook([HEADINGS, *wide])) == "too_many_columns"


def test_A59_empty_columns_far_to_the_right_are_no_columns() -> None:
    table = opened(text(",", "utf-8")([HEADINGS, ["冉平"] * 6 + [""] * 400]))
    assert len(list(table.rows())) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\r\n \r\n", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        (b"<html><table><tr><td>", "html"),
        (b"PK\x03\x04" + b"\0" * 100, "broken"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07" * 80, "not_a_table"),
        ("姓名,身份证号\n".encode() + b"\xff\xfe\xff", "encoding"),
    ],
)
def test_A59_what_is_no_table_is_named(content, code) -> None:
    assert code_of(content) == code


def test_A58_an_encrypted_entry_and_a_word_document_are_named() -> None:
    locked = bytearray(workbook([HEADINGS]))
    place = 0
    while (place := locked.find(b"PK\x01\x02", place)) >= 0:
        locked[place + 8] |= 1
        place += 4
    assert code_of(bytes(locked)) == "encrypted"
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    assert code_of(document.getvalue()) == "not_a_table"


def test_A58_xml_that_is_cut_or_points_nowhere_is_broken() -> None:
    assert code_of(workbook_of({"S": []}, sheet_xml=b"<worksheet><sheetData><row r='1'>")) == "broken"
    row = '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'
    assert code_of(workbook_of({"S": []}, sheet_xml=SHEET.format(row).encode())) == "broken"
    back = '<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    assert code_of(workbook_of({"S": []}, sheet_xml=SHEET.format(back).encode())) == "broken"


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_A59_any_bytes_are_read_or_refused_by_name(content, head) -> None:
    with suppress(Unreadable):
        list(opened(head + content).rows())


WATCHED = """
import io, resource, sys
from tests.training.records.files import JIULONGPO, WANZHOU, payments
from training.records.reading.table import Table
shape = {"text": JIULONGPO, "workbook": WANZHOU}[sys.argv[1]]
content = shape.file(payments(int(sys.argv[2])))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(1 for _ in Table(io.BufferedReader(io.BytesIO(content)), len(content)).rows())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("kind", ["text", "workbook"])
def test_A59_reading_takes_little_memory_however_many_rows(kind) -> None:
    grown = subprocess.run(
        [sys.executable, "-c", WATCHED, kind, "20000"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert int(grown.stdout) < 12_000  # kB


def test_A59_a_hundred_thousand_rows_are_walked_in_seconds() -> None:
    content = JIULONGPO.file(payments(100_000))
    began = time.process_time()
    assert sum(1 for _ in opened(content).rows()) == 100_000
    assert time.process_time() - began < 20
