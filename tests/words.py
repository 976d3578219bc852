"""The sentences of the pages: collect them, compare them with the translations.

`make words` collects (English is its own translation); `python -m tests.words --check` says what is missing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ("zh_Hans_CN", "en")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "_l": None,
    "lazy_gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sd]|\{(\w*)\}")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a translation."""

    locale: str
    message: str
    what: str

    def __str__(self) -> str:
        return f"{self.locale}: {self.what}: {self.message[:100]!r}"


def collected() -> Catalog:
    """Every message in the source, as babel.cfg says where to look."""
    methods, options = parse_mapping_cfg((ROOT / "babel.cfg").open())
    catalog = Catalog(project="chongqing-training")
    found = extract_from_dir(
        str(ROOT),
        methods,
        options,
        KEYWORDS,
        ["Translators:"],
        directory_filter=lambda path: "/." not in path,
    )
    for _, _, message, comments, context in found:
        if message and message != ("", ""):
            catalog.add(message, None, auto_comments=comments, context=context)
    return catalog


def translated(locale: str) -> Catalog:
    """The translations of a language as they stand in the repository."""
    with _file(locale).open("rb") as file:
        return read_po(file, locale=locale)


def _file(locale: str) -> Path:
    return ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po"


def faults(locale: str) -> Iterator[Fault]:
    """Everything that would show a person the wrong words, or none."""
    wanted, there = collected(), translated(locale)
    for message in wanted:
        if message.id:
            yield from _faults_of(locale, message, there.get(_first(message), message.context))
    for message in there:
        if message.id and wanted.get(_first(message), message.context) is None:
            yield Fault(locale, _first(message), "no page says this any more")


def _faults_of(locale: str, message: Message, found: Message | None) -> Iterator[Fault]:
    text = _first(message)
    if found is None:
        yield Fault(locale, text, "not in the catalogue")
        return
    if found.fuzzy:
        yield Fault(locale, text, "fuzzy")
    strings = [found.string] if isinstance(found.string, str) else list(found.string or [])
    if not strings or not all(strings):
        yield Fault(locale, text, "empty")
    elif any(_placeholders(string) - _placeholders(*_ids(message)) for string in strings):
        yield Fault(locale, text, "a placeholder that the sentence does not have")
    elif _placeholders(text) - _placeholders(*strings) and not isinstance(message.id, tuple):
        yield Fault(locale, text, "a placeholder is lost")
    if locale == "en" and strings and strings[0] != text:
        yield Fault(locale, text, "English is the message itself")


def _ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else (str(message.id),)


def _first(message: Message) -> str:
    return _ids(message)[0]


def _placeholders(*texts: str) -> set[str]:
    return {found[1] or found[2] or found[0] for text in texts for found in PLACEHOLDER.finditer(text)}


def _empty(locale: str, old: Catalog) -> Catalog:
    """A catalogue with the old dates, so that collecting twice changes nothing; a fuzzy one is never compiled."""
    return Catalog(
        locale=locale,
        project="chongqing-training",
        version="0.1",
        header_comment="",
        msgid_bugs_address="12333",
        last_translator="the maintainers",
        language_team=locale,
        creation_date=old.creation_date,
        revision_date=old.creation_date,
        fuzzy=False,
    )


def collect() -> None:
    """Bring the catalogues up to date: new sentences come in, old ones go, translations stay."""
    wanted = collected()
    for locale in LOCALES:
        old = translated(locale) if _file(locale).exists() else Catalog(locale=locale)
        fresh = _empty(locale, old)
        for message in wanted:
            if message.id:
                known = old.get(_first(message), message.context)
                string = message.id if locale == "en" else (known.string if known else None)
                fresh.add(message.id, string, auto_comments=message.auto_comments, context=message.context)
        _file(locale).parent.mkdir(parents=True, exist_ok=True)
        with _file(locale).open("wb") as file:
            write_po(file, fresh, sort_output=True, ignore_obsolete=True, width=110)


def main() -> int:
    """Collect, or with --check say what is wrong (exit status 1)."""
    if "--check" not in sys.argv:
        collect()
    found = [fault for locale in LOCALES for fault in faults(locale)]
    for fault in found:
        print(fault)
    return 1 if found and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
