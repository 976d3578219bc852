"""Static files: joined, squeezed, named by their content, compressed, and served for a year.

`python -m web.static_files` builds them into `static/dist/`; a door builds them by itself when they are
missing or older than their sources. What is served lies in `static/dist/files/`.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from web.headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from wsgiref.headers import Headers
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SOURCE = Path(__file__).resolve().parent.parent / "static"
OUT = SOURCE / "dist"
PREFIX = "/static/"
UNAVAILABLE = "503.html"
A_YEAR = 365 * 24 * 60 * 60

# The name pages ask for, and the sources it is joined from.
PARTS: dict[str, tuple[str, ...]] = {
    "portal.css": ("css/tokens.css", "css/portal.css"),
    "office.css": ("css/tokens.css", "css/office.css"),
    "htmx.js": ("js/htmx.min.js",),
    "page.js": ("js/page.js",),
    "portal.js": ("js/htmx.min.js", "js/page.js"),
    "keys.js": ("js/keys.js", "js/page.js"),
    "passkey.js": ("js/passkey.js",),
    "icon.svg": ("icons/icon.svg",),
}
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def squeeze(css: str) -> str:
    """The same style sheet without comments and needless white space."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,>])\s*", r"\1", css)
    return css.replace(": ", ":").replace(";}", "}").strip()


def build(source: Path, out: Path) -> dict[str, str]:
    """Build the files of `source` into `out`; return the manifest {name: hashed name}."""
    files = out / "files"
    files.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, str] = {}
    for name, parts in PARTS.items():
        text = "\n".join((source / part).read_text("utf-8") for part in parts)
        data = (squeeze(text) if name.endswith(".css") else text).encode()
        manifest[name] = _hashed(name, data)
        _write(files / manifest[name], data)
    _write(files / UNAVAILABLE, _with_hashed_names(source / UNAVAILABLE, manifest))
    manifest[UNAVAILABLE] = UNAVAILABLE
    _compress(files, manifest)
    _write(out / "manifest.json", json.dumps({"sources": fingerprint(source), "files": manifest}).encode())
    return manifest


def fingerprint(source: Path) -> str:
    """A hash over every source and over this module, which decides what becomes of them."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for part in sorted({part for parts in PARTS.values() for part in parts} | {UNAVAILABLE}):
        digest.update((source / part).read_bytes())
    return digest.hexdigest()


def current(source: Path, out: Path) -> dict[str, str]:
    """The manifest of files that agree with their sources; builds them first where they do not."""
    try:
        kept = json.loads((out / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        return build(source, out)
    files: dict[str, str] = kept["files"]
    whole = all((out / "files" / name).exists() for name in files.values())
    return files if whole and kept["sources"] == fingerprint(source) else build(source, out)


@cache
def _manifest() -> dict[str, str]:
    return current(SOURCE, OUT)


def static_url(name: str) -> str:
    """The address of a static file, for templates: `portal.css` → `/static/portal.3f…c1.css`.

    Raises KeyError for a name that is not built.
    """
    return PREFIX + _manifest()[name]


def unavailable_page() -> bytes:
    """The page for "closed for maintenance" (503), both languages, needing nothing that may be down."""
    return (OUT / "files" / _manifest()[UNAVAILABLE]).read_bytes()


def with_static(wsgi_app: "WSGIApplication") -> "WSGIApplication":
    """Answer `/static/…` from the built files; pass everything else on to `wsgi_app`."""
    _manifest()
    noise = WhiteNoise(
        wsgi_app,
        root=OUT / "files",
        prefix=PREFIX,
        max_age=0,
        allow_all_origins=False,
        immutable_file_test=HASHED.pattern,
        add_headers_function=_add_headers,
    )
    return _guarded(noise)


def _add_headers(headers: "Headers", _path: str, url: str) -> None:
    if HASHED.search(url):
        headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"


def _guarded(static_app: Any) -> "WSGIApplication":
    """Put the security headers on 304 and 405 too, where WhiteNoise keeps only a few headers."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            found: Iterable[bytes] = static_app(environ, start_response)
            return found

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [
                (name, value) for name, value in SECURITY_HEADERS.items() if name.lower() not in present
            ]
            return start_response(status, headers + missing, *exc_info)

        guarded: Iterable[bytes] = static_app(environ, start)
        return guarded

    return answer


def _hashed(name: str, data: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}{dot}{ending}"


def _with_hashed_names(page: Path, manifest: dict[str, str]) -> bytes:
    text = page.read_text("utf-8")
    for name, hashed in manifest.items():
        text = text.replace(f'"{PREFIX}{name}"', f'"{PREFIX}{hashed}"')
    return text.encode()


def _compress(files: Path, manifest: dict[str, str]) -> None:
    """Write .br and .gz beside each file, where that saves anything; remove what is no longer named."""
    wanted = set(manifest.values())
    compressor = Compressor(quiet=True)
    for path in sorted(files.iterdir()):
        if path.name in wanted:
            data = path.read_bytes()
            for ending, packed in (
                (".br", compressor.compress_brotli(data)),
                (".gz", compressor.compress_gzip(data)),
            ):
                if len(packed) < len(data):
                    _write(path.with_name(path.name + ending), packed)
        elif path.name.removesuffix(".br").removesuffix(".gz") not in wanted:
            path.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: several processes may build the same files at once."""
    handle, name = tempfile.mkstemp(dir=path.parent.parent if path.parent.name == "files" else path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(name, 0o644)
    os.replace(name, path)


if __name__ == "__main__":
    build(SOURCE, OUT)
