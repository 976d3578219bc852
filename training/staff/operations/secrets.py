"""What a member of staff proves: a password, and a code of the moment.

Passwords are argon2id with 19 MiB, two passes, one lane (OWASP); a process makes one hash at a time, so that
a burst of sign-ins cannot take its memory. An unknown account costs the same work and gets the same answer.
"""

from __future__ import annotations

import threading
import unicodedata

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from training import clock, keys

TOTP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_one_at_a_time = threading.Lock()
# The hash of a password nobody has, so that an unknown account costs the same work.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Nc95tmx75O26uU0LC2NOmQ$6QEbezmtyZspPlqBnzyFu37OcoelKXg/iC5r9qpkokM"


def hash_password(password: str) -> str:
    """The argon2id hash of `password`; waits for its turn."""
    with _one_at_a_time:
        return _hasher.hash(unicodedata.normalize("NFKC", password))


def fits(password_hash: str, password: str) -> bool:
    """Is this the password? Waits for its turn."""
    with _one_at_a_time:
        try:
            return _hasher.verify(password_hash, unicodedata.normalize("NFKC", password))
        except (VerificationError, InvalidHashError):
            return False


def new_totp_secret() -> str:
    """A fresh secret for a token (RFC 6238), in base 32."""
    return pyotp.random_base32()


def totp_address(secret: str, username: str, issuer: str) -> str:
    """What the QR code of a token holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def step_of(secret: str | None, code: str) -> int | None:
    """The step of the clock whose code this is: the current one or a neighbour. Costs the same without secret."""
    known = secret or pyotp.random_base32()
    bare = "".join(unicodedata.normalize("NFKC", code).split())
    now = int(clock.real_now().timestamp()) // TOTP_SECONDS
    fitting = [now + by for by in NEIGHBOURS if keys.same(_code_at(known, now + by), _ascii(bare))]
    return fitting[0] if fitting and secret else None


def _code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).at(step * TOTP_SECONDS)


def _ascii(text: str) -> str:
    return text if text.isascii() else ""
