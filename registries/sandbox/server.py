"""The sandbox over HTTP, on the loopback address only. Every request has its thread: none can hold up another."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from registries.sandbox.records import Behaviour
from registries.sandbox.systems import Reply, Request, Systems

BODY_LIMIT = 32 * 1024 * 1024
TEN_MB = 10 * 1024 * 1024
ELSEWHERE = "http://127.0.0.1:9/elsewhere"
_DRIP_S = 0.5


class SandboxServer(ThreadingHTTPServer):
    """`port` 0 takes a free one; `url` says which."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, systems: Systems) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.systems = systems

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""
        with contextlib.suppress(OSError):
            super().finish_request(request, client_address)


class _Talk(BaseHTTPRequestHandler):
    server: SandboxServer
    timeout = 30
    disable_nagle_algorithm = True
    server_version, sys_version = "sandbox", ""

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def log_message(self, format: str, *args: object) -> None:
        """Numbers and phones are in no log."""

    def _reply(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > BODY_LIMIT:
            return self._give(Reply(413, {"error": "the body is too big or has no length"}))
        address = urlsplit(self.path)
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command or "", address.path, address.query, headers, body)
        self._give(self.server.systems.respond(request))

    def _give(self, reply: Reply) -> None:
        body = json.dumps(reply.body, ensure_ascii=False).encode()
        if reply.behaviour is None:
            self._write(reply.status, body)
        else:
            self._misbehave(reply.behaviour, reply.status, body)

    def _misbehave(self, behaviour: Behaviour, status: int, body: bytes) -> None:
        match behaviour.mode:
            case "down":
                self._cut()
            case "500":
                self._write(500, b'{"error": "internal"}')
            case "garbage":
                self._write(200, b"<html>\xff\x00 not what was asked for {")
            case "redirect":
                self._write(302, b"", Location=ELSEWHERE)
            case "ten_mb":
                self._write(200, b'{"found": "' + b"x" * TEN_MB + b'"}')
            case "drip":
                self._drip(status, body)
            case "slow":
                time.sleep(behaviour.seconds)
                self._write(status, body)
            case _:
                self._write(status, body)

    def _write(self, status: int, body: bytes, **headers: str) -> None:
        self._head(status, len(body), **headers)
        self.wfile.write(body)

    def _drip(self, status: int, body: bytes) -> None:
        self._head(status, len(body))
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            time.sleep(_DRIP_S)

    def _head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _cut(self) -> None:
        """A reset, as from a machine that is gone."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
