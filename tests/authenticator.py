"""A passkey in software: makes a key, signs challenges, counts, and lies where a test asks it to.

What it sends is what a browser sends (W3C WebAuthn, attestation "none", ES256).
"""

from __future__ import annotations

import hashlib
import json
import struct
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Passkey:
    """One key on one device. `origin` is what its browser says; `counts` what it says of its counter."""

    def __init__(self, origin: str = "http://localhost:8000", domain: str = "localhost") -> None:
        self.origin, self.domain, self.count = origin, domain, 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_numbers()
        self.id = hashlib.sha256(str(public.x).encode()).digest()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        self._cose = cbor2.dumps(cose)

    def make(self, options: Mapping[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        client = self._client("webauthn.create", options["challenge"])
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + self._cose
        authenticator = self._data(PRESENT | VERIFIED | ATTESTED) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator})
        return self._said({"attestationObject": _text(attestation), "clientDataJSON": _text(client)})

    def sign(self, options: Mapping[str, Any], *, count: int | None = None) -> str:
        """The answer to `navigator.credentials.get`; the counter goes one further, or to `count`."""
        self.count = self.count + 1 if count is None else count
        client = self._client("webauthn.get", options["challenge"])
        authenticator = self._data(PRESENT | VERIFIED)
        signed = authenticator + hashlib.sha256(client).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._said(
            {
                "authenticatorData": _text(authenticator),
                "clientDataJSON": _text(client),
                "signature": _text(signature),
            }
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.domain.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _said(self, response: Mapping[str, str]) -> str:
        key = _text(self.id)
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": response})


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
