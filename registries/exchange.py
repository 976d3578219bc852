"""One request over HTTP to a system we do not trust: in JSON, in time, in size, or RegistryUnreachable.

The deadline is for the whole exchange. A time-out per read would let a system that drips one byte a second
hold a door for hours.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from training.errors import RegistryUnreachable

ANSWER_LIMIT = 256 * 1024
_HEAD_LIMIT = 32 * 1024
_CONNECT_S = 2.0


class Exchange(Protocol):
    """Carries one request to the systems and their answer back."""

    def post(
        self, path: str, body: Mapping[str, object], *, headers: Mapping[str, str], timeout_s: float
    ) -> object:
        """The JSON value of the answer. Raises RegistryUnreachable; the cause is never wrong_person."""
        ...


class Deadline:
    """The moment at which an exchange must be over."""

    def __init__(self, timeout_s: float) -> None:
        self._ends = time.monotonic() + timeout_s

    def left(self) -> float:
        """Seconds left, always above zero. Raises TimeoutError when there are none."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@dataclass(frozen=True)
class HttpExchange:
    """Over a fresh connection each time, without following redirects."""

    base_url: str
    answer_limit: int = ANSWER_LIMIT

    def post(
        self, path: str, body: Mapping[str, object], *, headers: Mapping[str, str], timeout_s: float
    ) -> object:
        return self.ask("POST", path, body, headers=headers, timeout_s=timeout_s)

    def ask(
        self, method: str, path: str, body: object, *, headers: Mapping[str, str], timeout_s: float
    ) -> object:
        """Any method; `body` None sends none. Otherwise as Exchange.post."""
        try:
            content = self._content(method, path, body, headers, Deadline(timeout_s))
            return json.loads(content)
        except TimeoutError as fault:
            raise RegistryUnreachable("timeout") from fault
        except OSError as fault:
            raise RegistryUnreachable("refused") from fault
        except (http.client.HTTPException, ValueError, RecursionError) as fault:
            raise RegistryUnreachable("garbage") from fault

    def _content(
        self, method: str, path: str, body: object, headers: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        address = urlsplit(self.base_url)
        sock = _connected(address.hostname or "", address.port, address.scheme == "https", deadline)
        try:
            connection = http.client.HTTPConnection(address.netloc)
            connection.sock = _Hurried(sock, deadline, self.answer_limit + _HEAD_LIMIT)
            content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            all_headers = {"Accept": "application/json", "Connection": "close", **headers}
            if content is not None:
                all_headers["Content-Type"] = "application/json"
            connection.request(method, address.path.rstrip("/") + path, content, all_headers)
            return self._checked(connection.getresponse())
        finally:
            sock.close()

    def _checked(self, response: http.client.HTTPResponse) -> bytes:
        if 300 <= response.status < 400:
            raise RegistryUnreachable("redirect")
        if not 200 <= response.status < 300:
            raise RegistryUnreachable("status")
        if response.length is not None and response.length > self.answer_limit:
            raise RegistryUnreachable("too_big")
        content = response.read(self.answer_limit + 1)
        if len(content) > self.answer_limit:
            raise RegistryUnreachable("too_big")
        if response.length:
            raise RegistryUnreachable("garbage")  # cut off before the length it promised
        return content


def _connected(host: str, port: int | None, secure: bool, deadline: Deadline) -> socket.socket:
    fault: OSError = OSError("no address")
    for family, kind, proto, _, address in socket.getaddrinfo(
        host, port or (443 if secure else 80), type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, proto)
        try:
            sock.settimeout(min(_CONNECT_S, deadline.left()))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _secured(sock, host, deadline) if secure else sock
        except OSError as failed:
            sock.close()
            fault = failed
    raise fault


def _secured(sock: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    sock.settimeout(deadline.left())
    return ssl.create_default_context().wrap_socket(sock, server_hostname=host)


class _Hurried:
    """What http.client needs of a socket; every read and write gets only the time that is left."""

    def __init__(self, sock: socket.socket, deadline: Deadline, budget: int) -> None:
        self._sock, self._deadline, self._budget = sock, deadline, budget

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_HurriedReader(self._sock, self._deadline, self._budget))

    def close(self) -> None:
        """The caller closes the real socket: http.client would do so before the body is read."""


class _HurriedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline, budget: int) -> None:
        self._sock, self._deadline, self._budget = sock, deadline, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview[int], /) -> int:  # type: ignore[override]
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        self._budget -= count
        if self._budget < 0:
            raise RegistryUnreachable("too_big")
        return count
