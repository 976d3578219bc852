"""What is said about old records: fields, states, faults in a cell, reasons that hold an import up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from training.policy.pack import District, Occupation
from training.records.models import RecordFinding, RecordImport
from training.records.queries import DoubleSum
from training.records.rules import BadCell, level_in
from web.i18n import language
from web.labels import LEVEL, LEVEL_SHORT, Words, word
from web.written import joined, yuan

_ = gettext
FIELD: Words = {
    "name": _l("Name"),
    "number": _l("Number"),
    "occupation": _l("Occupation"),
    "level": _l("Level"),
    "amount": _l("Amount"),
    "paid_on": _l("Day of payment"),
    "district": _l("District"),
}
HEADING: Words = {
    "waiting": _l("Waiting to be read, not imported yet"),
    "reading": _l("Being read, not imported yet"),
    "checked": _l("What the dry run found, not imported yet"),
    "importing": _l("Being imported, nothing counts yet"),
    "imported": _l("Imported: these payments count"),
    "undone": _l("Undone: nothing of it counts"),
    "failed": _l("It cannot be read, nothing was imported"),
}
STATUS: Words = {
    "waiting": _l("Waiting"),
    "reading": _l("Being read"),
    "checked": _l("Not imported yet"),
    "importing": _l("Being imported"),
    "imported": _l("Imported"),
    "undone": _l("Undone"),
    "failed": _l("Unreadable"),
}
KIND = {"checked": "warn", "imported": "ok", "failed": "stop", "undone": "idle"}
FAILURE: Words = {
    "empty_file": _l("The file is empty."),
    "not_a_table": _l("This is no table. Send an xlsx or csv file."),
    "old_xls": _l("This is an old xls file. Open it and save it as xlsx."),
    "encrypted": _l("This file has a password. Take the password off, then send it again."),
    "html": _l(
        "This is a web page that only looks like a table. Open it in Excel or WPS and save it as xlsx."
    ),
    "broken": _l("The file is damaged. Open it in Excel or WPS and save it anew as xlsx."),
    "bomb": _l("Unpacked, this file is far too large. Copy the table into a new file."),
    "odd_entry": _l("The file holds parts that do not belong in a table. Copy the table into a new file."),
    "nested": _l("Another file is packed inside this one. Copy the table into a new file."),
    "doctype": _l("The file holds instructions that a table does not need. Copy the table into a new file."),
    "encoding": _l("The characters cannot be read. Save it as csv in UTF-8, or as xlsx."),
    "too_many_rows": _l("More than 200,000 rows. Cut the file in two."),
    "too_many_columns": _l("More than 256 columns. Leave only those that are needed."),
    "cell_too_big": _l("A cell holds far too much text. Shorten it."),
    "missing": _l("Choose a file first."),
}
# One cell: what is wrong with it, and how to mend it.
FAULT: Words = {
    "empty": _l("Nothing stands here. Fill it in; where cells are joined, split them first"),
    "formula": _l("A formula without its value. Put the value in its place"),
    "damaged": _l(
        "Excel has changed the number. Make the column text, then type the number again from the file"
    ),
    "identity_needed": _l("This looks like a card number. The identity number is needed"),
    "bad_character": _l("There is a character that no number holds. Compare it with the file"),
    "check_digit": _l("The number does not add up: a digit is wrong. Compare it with the file"),
    "name_character": _l("A name holds no digits and no invisible signs. Type it again"),
    "date_form": _l("The day cannot be read for certain. Write it as 2024-03-01"),
    "date_future": _l("This day has not come yet"),
    "date_old": _l("This is before the year 2000"),
    "amount_form": _l("This is no amount. Write it as 1500 or 1500.00"),
    "amount_negative": _l("A payment is more than nought. Money that came back does not belong here"),
    "amount_large": _l("More than ¥100,000 for one course. Is the unit right?"),
    "amount_fraction": _l("There is less than a fen in it"),
    "seems_yuan": _l("This looks like yuan, not ten thousands of yuan"),
    "level_unknown": _l("Not a level. Write 五级 to 一级, or 专项"),
    "district_unknown": _l("No district is called this"),
}
REASON: Words = {
    "columns_missing": _l("columns without a counterpart"),
    "district_missing": _l("which district it is"),
    "rows_wrong": _l("rows with mistakes"),
    "occupations_unmapped": _l("occupations that nobody knows"),
    "no_rows": _l("rows at all"),
    "records_in_use": _l(
        "Something was decided since that saw these payments, so it stays. Look at what stands on it."
    ),
    "records_waiting": _l("It is being read. Wait a moment."),
    "records_reading": _l("It is being read. Wait a moment."),
    "records_checked": _l("It is not imported."),
    "records_importing": _l("It is being imported. Wait a moment."),
    "records_imported": _l("It is imported already."),
    "records_undone": _l("It was undone. Send the file again."),
    "records_failed": _l("It cannot be read."),
}
DOUBLE: Words = {
    "paid_twice_here": _l("paid twice in this file"),
    "paid_before": _l("paid before for the same occupation and level"),
    "paid_elsewhere": _l("paid for the same occupation and level by another district"),
    "over_cap": _l("above the count of the year"),
}
FORM: Words = {
    "column:unknown": _l("There is no such column"),
    "column:twice": _l("One column stands for two things. Choose another for one of them"),
    "occupation:unknown": _l("An occupation was not understood. Choose one of the list"),
    "occupation:missing": _l("Nothing was chosen"),
    "district:unknown": _l("There is no such district"),
    "sheet:unknown": _l("There is no such sheet"),
    "action:unknown": _l("Choose one of the buttons"),
    "file:missing": _l("Choose a file first."),
}
SEPARATOR: Words = {",": _l("comma"), ";": _l("semicolon"), "\t": _l("tab")}


def fault_sentence(finding: RecordFinding) -> str:
    """What is wrong in a cell, and how to mend it."""
    facts = finding.facts
    if finding.code == "number_length":
        return _length(int(facts["length"]))
    if finding.code == "no_such_day":
        return str(_("There is no day %(day)s in month %(month)s", month=facts["month"], day=facts["day"]))
    if finding.code in ("name_long", "word_long"):
        return str(_("%(length)s characters are too many. Is the column right?", length=facts["length"]))
    return word(FAULT, finding.code)


def _length(length: int) -> str:
    less = 18 - length
    if less > 0:
        return str(
            _(
                "%(length)s characters, %(less)s are missing. Look in the original file",
                length=length,
                less=less,
            )
        )
    if less < 0:
        return str(
            _(
                "%(length)s characters, %(more)s too many. Look in the original file",
                length=length,
                more=-less,
            )
        )
    return str(_("18 characters, but this is no identity number. Look in the original file"))


def level_note(cell: str) -> str:
    """What a district's word for a level means: 初级 = 五级. Empty where it cannot be read."""
    try:
        level = level_in(cell)
    except BadCell:
        return ""
    return f"{cell} = {word(LEVEL_SHORT, level)}"


def lacking_words(row: RecordImport, reasons: list[str], missing: list[str]) -> list[str]:
    """What still holds the import up, each with its count."""
    counted = {
        "columns_missing": ngettext(
            "%(num)d column", "%(num)d columns", len([name for name in missing if name != "district"])
        ),
        "rows_wrong": ngettext("%(num)d row with mistakes", "%(num)d rows with mistakes", row.wrong),
        "occupations_unmapped": ngettext("%(num)d occupation", "%(num)d occupations", len(row.unknown)),
        "district_missing": _("the district"),
        "no_rows": _("a single good row"),
    }
    return [str(counted.get(reason) or word(REASON, reason)) for reason in reasons]


def _place(code: str) -> str:
    units: Mapping[str, District] = current_app.extensions["pack"].districts
    return units[code].name.said(language()) if code in units else code


def _occupation(code: str) -> str:
    known: Mapping[str, Occupation] = current_app.extensions["pack"].occupations
    return known[code].name.said(language()) if code in known else code


def listed(*parts: object) -> str:
    """Several things in one line, by the comma of the language."""
    return joined(parts, "，")


def double_said(finding: RecordFinding) -> str:
    """What a double payment stands beside."""
    facts = finding.facts
    if finding.code == "paid_twice_here":
        return str(_("the same occupation and level in row %(n)s of this file", n=f"{facts['other']:,}"))
    place, year = _place(str(facts.get("district", ""))), facts.get("year", "")
    if finding.code == "over_cap":
        return str(_("above the count of %(year)s, which was %(cap)s", year=year, cap=facts["cap"]))
    return str(_("the same occupation and level, %(place)s, %(year)s", place=place, year=year))


def double_sum_said(one: DoubleSum) -> str:
    """Double payments of one sort in one line."""
    pairs = ngettext("%(num)s pair", "%(num)s pairs", one.count)
    said = {
        "paid_twice_here": lambda: _("Paid twice in this file"),
        "paid_elsewhere": lambda: _(
            "Same occupation and level as in %(place)s %(year)s",
            place=_place(one.district),
            year=one.year,
        ),
        "paid_before": lambda: _("Same occupation and level as paid here in %(year)s", year=one.year),
        "over_cap": lambda: _("Above the count of %(year)s", year=one.year),
    }[one.code]()
    return str(_("%(what)s: %(pairs)s, %(amount)s", what=said, pairs=pairs, amount=yuan(one.amount_fen)))


def occupation_said(heading: str) -> str:
    """`4-03-02-02 5` as the name of the occupation and the level."""
    code, _space, level = heading.partition(" ")
    return f"{_occupation(code)} {word(LEVEL, level)}"


def round_money(fen: int) -> str:
    """A sum that one takes in at a glance: ¥1,652 万; in English in millions."""
    if fen < 100_000_00:
        return yuan(fen // 100 * 100)
    if language() == "zh":
        return f"¥{round(fen / 1_000_000):,} 万"
    return f"¥{fen / 100_000_000:,.2f} million"


def file_size(size: int) -> str:
    """`1.9 MB`, `31 KB`."""
    return f"{size / (1 << 20):.1f} MB" if size >= 1 << 20 else f"{max(1, size >> 10)} KB"


def form_fault(field: str, code: str) -> str:
    """What is wrong with what was typed in one of the forms of the page."""
    return word(FORM, f"{field}:{code}")


RECORD_WORDS: dict[str, Any] = {
    "listed": listed,
    "double_said": double_said,
    "double_sum_said": double_sum_said,
    "occupation_said": occupation_said,
    "round_money": round_money,
    "file_size": file_size,
    "form_fault": form_fault,
    "field_word": lambda code: word(FIELD, code),
    "record_heading": lambda code: word(HEADING, code),
    "record_status": lambda code: word(STATUS, code),
    "record_kind": lambda code: KIND.get(str(code), "wait"),
    "failure_sentence": lambda code: word(FAILURE, code),
    "fault_sentence": fault_sentence,
    "record_reason": lambda code: word(REASON, code),
    "double_word": lambda code: word(DOUBLE, code),
    "separator_word": lambda code: word(SEPARATOR, code),
    "level_note": level_note,
}
