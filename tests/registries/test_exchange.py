"""HTTP from systems worse than the sandbox: raw sockets that say anything."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from registries.exchange import HttpExchange
from training.errors import RegistryUnreachable


@contextlib.contextmanager
def saying(*parts: bytes, pause_s: float = 0.0, after: bytes = b"{}") -> Iterator[str]:
    """The address of a server that says these bytes to whoever comes, `after` hearing those, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                caller, _ = listener.accept()
                with caller:
                    heard = b""
                    while not heard.endswith(after):
                        heard += caller.recv(65536) or after
                    for part in parts:
                        caller.sendall(part)
                        time.sleep(pause_s)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(timeout=2)


def cause_of(url: str, timeout_s: float = 1.0) -> str:
    with pytest.raises(RegistryUnreachable) as failure:
        HttpExchange(url, 4096).post("/x", {}, headers={}, timeout_s=timeout_s)
    return failure.value.cause


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_an_answer_that_ends_with_the_connection_is_read() -> None:
    with saying(HEAD + b"\r\n", b'{"a": ', b"1}", pause_s=0.01) as url:
        assert HttpExchange(url).post("/x", {}, headers={}, timeout_s=1) == {"a": 1}


def test_an_answer_in_chunks_is_read() -> None:
    with saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b'7\r\n{"a":1}\r\n0\r\n\r\n') as url:
        assert HttpExchange(url).post("/x", {}, headers={}, timeout_s=1) == {"a": 1}


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xfe nonsense\r\n\r\n",
        HEAD + b"Content-Length: 50\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\n\r\n\xff\xff",
        HEAD + b"\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Content-Length: 2000\r\n\r\n" + b"[" * 2000,
        HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n{}",
    ],
)
def test_A69_broken_http_is_never_an_answer(said: bytes) -> None:
    with saying(said) as url:
        assert cause_of(url) in {"garbage", "too_big"}


def test_A69_a_body_without_a_length_is_cut_at_the_limit() -> None:
    with saying(HEAD + b"\r\n", b"1" * 5000) as url:
        assert cause_of(url) == "too_big"


def test_A69_endless_headers_are_cut() -> None:
    with saying(HEAD, *[b"X: " + b"a" * 4000 + b"\r\n"] * 20) as url:
        assert cause_of(url) == "too_big"


def test_A69_headers_that_drip_do_not_outlast_the_deadline() -> None:
    with saying(*[bytes([byte]) for byte in HEAD], pause_s=0.05) as url:
        assert cause_of(url, timeout_s=0.3) == "timeout"


def test_A69_an_endless_continue_does_not_outlast_the_deadline() -> None:
    with saying(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 40, pause_s=0.02) as url:
        assert cause_of(url, timeout_s=0.3) == "timeout"


def test_A69_a_redirect_is_not_followed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        target = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        with saying(b"HTTP/1.1 307 Over There\r\nLocation: " + target.encode() + b"\r\n\r\n") as url:
            assert cause_of(url) == "redirect"
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_A69_nobody_listening_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert cause_of(f"http://127.0.0.1:{port}") == "refused"


def test_A69_a_host_that_takes_no_connection_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        assert cause_of(f"http://127.0.0.1:{address[1]}", timeout_s=0.3) == "timeout"
        for filler in fillers:
            filler.close()


def test_A69_an_https_address_that_speaks_plainly_is_refused() -> None:
    with saying(HEAD + b"\r\n{}", after=b"") as url:
        assert cause_of(url.replace("http:", "https:")) == "refused"


def test_A69_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_of_nobody(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            caller, _ = listener.accept()
            with contextlib.suppress(OSError), context.wrap_socket(caller, server_side=True) as secured:
                secured.recv(65536)
                secured.sendall(HEAD + b"\r\n{}")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        assert cause_of(f"https://127.0.0.1:{listener.getsockname()[1]}") == "refused"
        thread.join(timeout=2)


def certificate_of_nobody(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    began = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, began, began.replace(year=2126))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = folder / "nobody.pem"
    written.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return written
