"""Keys and what is done with them: sealing values, blind indexes, hashes of secrets.

Keys live outside the database. A sealed value names its suite and key: `aesgcm.<key id>.<base64url>`, and
is bound to a context (table, row and column), so that it cannot be moved to another row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from training.errors import SettingsError

SUITE = "aesgcm"
SINGLE = ("index", "audit", "secret", "draw")
_NONCE = 12
OWN = "own"  # the key id of what is sealed with a person's own key


@dataclass(frozen=True)
class Keyring:
    """`sealing` maps key ids to 32-byte keys, `current` names the one that seals; the rest are one use each."""

    current: str
    sealing: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    draw: bytes = field(repr=False)

    @classmethod
    def from_file(cls, path: Path) -> Keyring:
        """Read a key file. Raises SettingsError when it is missing, open to others or incomplete."""
        if not path.is_file():
            raise SettingsError(f"KEYS_FILE: {path} does not exist")
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"KEYS_FILE: {path} can be read by others; set mode 0600")
        try:
            raw = json.loads(path.read_text())
            sealing = {name: _key(text) for name, text in raw["sealing"].items()}
            single = {name: _key(raw[name]) for name in SINGLE}
            return cls(current=raw["current"], sealing=sealing, **single)
        except (KeyError, ValueError, AttributeError) as error:
            raise SettingsError(f"KEYS_FILE: {path} is not a complete key file ({error})") from error

    def __post_init__(self) -> None:
        if self.current not in self.sealing:
            raise SettingsError("KEYS_FILE: the current sealing key is not among the keys")


def make_key_file(path: Path, *, draw: bytes | None = None) -> None:
    """Write fresh random keys to `path`, readable by its owner only; an existing file is kept.

    `draw` fixes who is drawn for a sample: a demo does, so that its cases come out the same each time.
    """
    if path.exists():
        return
    fresh = {name: _text(secrets.token_bytes(32)) for name in SINGLE}
    if draw is not None:
        fresh["draw"] = _text(draw)
    content = {"current": "k1", "sealing": {"k1": _text(secrets.token_bytes(32))}, **fresh}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)


_ring: Keyring | None = None


def use(ring: Keyring) -> None:
    """Give the process its keys, once, at start."""
    global _ring
    _ring = ring


def ring() -> Keyring:
    """The process's keys."""
    if _ring is None:
        raise SettingsError("no keys: the program was not started through its settings")
    return _ring


@lru_cache(maxsize=8)
def _cipher(secret: bytes) -> AESGCM:
    """The cipher of one of the ring's keys; people's own keys are never kept."""
    return AESGCM(secret)


def seal(text: str, context: str, key: bytes | None = None) -> str:
    """Encrypt `text`, bound to `context`; with a person's own `key` the key id is `own`."""
    name, secret = (ring().current, ring().sealing[ring().current]) if key is None else (OWN, key)
    nonce = secrets.token_bytes(_NONCE)
    cipher = _cipher(secret) if key is None else AESGCM(secret)
    return f"{SUITE}.{name}.{_text(nonce + cipher.encrypt(nonce, text.encode(), context.encode()))}"


def unseal(value: str, context: str, key: bytes | None = None) -> str:
    """Decrypt what `seal` made. Raises ValueError when it was changed or belongs to another row."""
    suite, name, body = value.split(".", 2)
    if suite != SUITE:
        raise ValueError(f"unknown suite {suite}")
    secret = key if name == OWN else ring().sealing[name]
    if secret is None:
        raise ValueError("sealed with a person's own key, which is not at hand")
    raw = _key(body)
    try:
        cipher = AESGCM(secret) if name == "own" else _cipher(secret)
        return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
    except InvalidTag as error:
        raise ValueError("a sealed value does not belong here or was changed") from error


def is_own(value: str) -> bool:
    """Whether a person's own key sealed `value`."""
    return value.startswith(f"{SUITE}.own.")


def seal_bytes(raw: bytes, context: str) -> bytes:
    """Encrypt a piece of a file, bound to `context`; half again shorter than text would be."""
    nonce, name = secrets.token_bytes(_NONCE), ring().current
    boxed = AESGCM(ring().sealing[name]).encrypt(nonce, raw, context.encode())
    return b".".join((SUITE.encode(), name.encode(), nonce + boxed))


def unseal_bytes(sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal_bytes` made. Raises ValueError when it was changed or belongs elsewhere."""
    suite, name, body = sealed.split(b".", 2)
    if suite.decode() != SUITE:
        raise ValueError("unknown suite")
    try:
        secret = ring().sealing[name.decode()]
        return AESGCM(secret).decrypt(body[:_NONCE], body[_NONCE:], context.encode())
    except InvalidTag as error:
        raise ValueError("a sealed value does not belong here or was changed") from error


def new_person_key() -> bytes:
    """A key for one person's values; destroying it makes them unreadable, also in backups."""
    return secrets.token_bytes(32)


def wrap(key: bytes, context: str) -> str:
    """A person's key, itself sealed."""
    return seal(_text(key), context)


def unwrap(wrapped: str, context: str) -> bytes:
    """The person's key again."""
    return _key(unseal(wrapped, context))


def blind_index(kind: str, value: str) -> str:
    """For exact look-up of an encrypted value: 40 hexadecimal digits, different for each kind."""
    return hmac.digest(ring().index, f"{kind}\0{value}".encode(), "sha256").hex()[:40]


def secret_hash(kind: str, *parts: str) -> str:
    """Keyed hash of a short secret (code, session id, slip code), 64 hexadecimal digits."""
    return hmac.new(ring().secret, "\0".join((kind, *parts)).encode(), hashlib.sha256).hexdigest()


def audit_mac(*parts: bytes) -> str:
    """The keyed hash that chains audit rows, 64 hexadecimal digits."""
    return hmac.digest(ring().audit, b"\0".join(parts), "sha256").hex()


def draw(kind: str, value: str) -> float:
    """A number from 0 to 1 that nobody without the key can foresee, always the same for the same value."""
    digest = hmac.new(ring().draw, f"{kind}\0{value}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time, whatever letters a stranger sends."""
    return hmac.compare_digest(*(text.encode(errors="surrogatepass") for text in (left, right)))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _key(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
