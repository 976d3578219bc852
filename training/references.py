"""Public references and slip codes.

A reference is `CQ-26-XXXXX-XXXXC`: the year in Shanghai, nine random characters out of thirty without
look-alikes, and a check character (ISO 7064 hybrid over the nine). `CL` for claims, `OB` for objections.
It stands in clear and opens steps and dates, never a person.
"""

from __future__ import annotations

import re
import secrets
from datetime import date

from stdnum.iso7064 import mod_37_36

from training.errors import NotThere

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS = ("CQ", "CL", "OB")
_SHAPE = re.compile(rf"({'|'.join(KINDS)})(\d\d)([{ALPHABET}]{{9}})([{ALPHABET}])")
SLIP_LENGTH = 14
CHECK_LENGTH = 8


class Mistyped(NotThere):
    """Not in the form of a reference, or its check character does not fit: no such thing, and a page may say why."""


def new_reference(kind: str, on: date) -> str:
    """A fresh reference of `kind` (CQ, CL or OB) for the year of `on`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(9))
    return _written(kind, f"{on:%y}", body, check_character(body))


def check_character(body: str) -> str:
    """The check character of nine characters: `7F3KMQ9XW` gives `S`."""
    return mod_37_36.calc_check_digit(body, ALPHABET)


def parse_reference(text: str) -> str:
    """The reference as we write it, from any case, with or without hyphens. Raises Mistyped."""
    match = _SHAPE.fullmatch(re.sub(r"[\s\-‐-―－]", "", text[:64]).upper())
    if match is None or check_character(match[3]) != match[4]:
        raise Mistyped(text[:64])
    return _written(*match.groups())


def new_slip_code() -> str:
    """Fourteen characters (68 bits), secret, for one use. Shown as XXXXX-XXXXX-XXXX."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SLIP_LENGTH))


def parse_slip_code(text: str) -> str | None:
    """The bare fourteen characters, or None when `text` cannot be a slip code."""
    bare = re.sub(r"[\s\-‐-―－]", "", text[:64]).upper()
    return bare if re.fullmatch(rf"[{ALPHABET}]{{{SLIP_LENGTH}}}", bare) else None


def written_slip_code(code: str) -> str:
    """For paper: `H7QM2-9XKWT-4VR8`."""
    return f"{code[:5]}-{code[5:10]}-{code[10:]}"


def new_check_code() -> str:
    """Eight characters (39 bits) for the answers of a check, which name nobody. Shown as XXXX-XXXX."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CHECK_LENGTH))


def parse_check_code(text: str) -> str | None:
    """The bare eight characters, or None when `text` cannot be the code of a check."""
    bare = re.sub(r"[\s\-‐-―－]", "", text[:64]).upper()
    return bare if re.fullmatch(rf"[{ALPHABET}]{{{CHECK_LENGTH}}}", bare) else None


def written_check_code(code: str) -> str:
    """For pages and paper: `7KQ2-M9XD`."""
    return f"{code[:4]}-{code[4:]}"


def _written(kind: str, year: str, body: str, check: str) -> str:
    return f"{kind}-{year}-{body[:5]}-{body[5:]}{check}"
