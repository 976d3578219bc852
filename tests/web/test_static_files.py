"""Static files: named by their content, compressed, kept for a year, and as guarded as any page."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
from pathlib import Path

import brotli
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from web import static_files
from web.headers import SECURITY_HEADERS
from web.static_files import PARTS, SOURCE, UNAVAILABLE, build, current, squeeze, static_url, with_static


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOURCE, tmp_path / "static", ignore=shutil.ignore_patterns("dist")))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "dist"


@pytest.fixture
def door() -> Client:
    return Client(with_static(Response("the door", status=404)))


def test_htmx_is_the_published_file() -> None:
    expected, name = (SOURCE / "js/htmx.sha256").read_text("ascii").split()
    assert hashlib.sha256((SOURCE / "js" / name).read_bytes()).hexdigest() == expected


def test_a_name_changes_with_the_content_and_only_then(source: Path, out: Path) -> None:
    before = build(source, out)
    with (source / "css/office.css").open("a") as file:
        file.write(".new { color: red; }")
    after = build(source, out)
    assert {name for name in before if before[name] != after[name]} == {"office.css"}


def test_every_file_lies_beside_its_compressed_twins(source: Path, out: Path) -> None:
    for built in build(source, out).values():
        path = out / "files" / built
        data = path.read_bytes()
        assert brotli.decompress(path.with_name(f"{built}.br").read_bytes()) == data
        assert gzip.decompress(path.with_name(f"{built}.gz").read_bytes()) == data


def test_old_files_are_cleared_away(source: Path, out: Path) -> None:
    old = build(source, out)["portal.css"]
    (source / "css/portal.css").write_text("p { margin: 0; }")
    build(source, out)
    assert not list((out / "files").glob(f"{old}*"))


def test_files_are_built_again_only_when_a_source_changed(source: Path, out: Path) -> None:
    first = current(source, out)
    built_at = (out / "manifest.json").stat().st_mtime_ns
    assert current(source, out) == first
    assert (out / "manifest.json").stat().st_mtime_ns == built_at
    (source / "js/keys.js").write_text("// another")
    assert current(source, out)["keys.js"] != first["keys.js"]


def test_a_lost_file_is_built_again(source: Path, out: Path) -> None:
    lost = out / "files" / current(source, out)["portal.css"]
    os.remove(lost)
    current(source, out)
    assert lost.exists()


def test_squeezing_keeps_what_the_browser_needs() -> None:
    css = """/* a
    note */
    .a > .b , .c::before { width : calc(100% - 2rem) ; content: " "; }
    @media (min-width: 800px) and (pointer: coarse) { .d { background: url("data:image/svg+xml,%3Csvg viewBox='0 0 24 24'/%3E"); } }"""
    assert squeeze(css) == (
        '.a>.b,.c::before{width :calc(100% - 2rem);content:" "}'
        "@media (min-width:800px) and (pointer:coarse){"
        ".d{background:url(\"data:image/svg+xml,%3Csvg viewBox='0 0 24 24'/%3E\")}}"
    )


def test_an_unknown_name_is_a_mistake_in_the_template() -> None:
    with pytest.raises(KeyError):
        static_url("missing.css")


@pytest.mark.parametrize("name", PARTS)
def test_named_files_are_kept_for_a_year(door: Client, name: str) -> None:
    answer = door.get(static_url(name), headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_the_page_for_maintenance_is_never_kept(door: Client) -> None:
    assert "immutable" not in door.get(f"/static/{UNAVAILABLE}").headers["Cache-Control"]


def test_A52_A54_security_headers_stand_on_every_static_answer(door: Client) -> None:
    address = static_url("portal.css")
    mark = door.get(address).headers["ETag"]
    answers = [
        door.get(address),
        door.get(address, headers={"If-None-Match": mark}),
        door.get(address, headers={"Range": "bytes=0-9"}),
        door.post(address),
        door.get("/static/missing.css"),
    ]
    assert [answer.status_code for answer in answers] == [200, 304, 206, 405, 404]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static/%00", "/static/", "/static/..%5cwsgi.py"],
)
def test_nothing_outside_the_built_files_is_served(door: Client, path: str) -> None:
    assert door.get(path).status_code == 404


def test_other_addresses_go_to_the_door(door: Client) -> None:
    assert door.get("/staticky").get_data(as_text=True) == "the door"


def test_the_page_for_maintenance_stands_alone_in_both_languages(door: Client) -> None:
    html = static_files.unavailable_page().decode()
    assert 'lang="zh-Hans-CN"' in html
    assert 'lang="en"' in html
    assert "12333" in html
    assert not re.search(r"\sstyle=|<script|<style", html)
    for address in re.findall(r'(?:href|src)="(/[^"]*)"', html):
        assert door.get(address).status_code == 200


@pytest.mark.parametrize("face", ["portal.css", "office.css"])
def test_a_style_sheet_fetches_nothing_from_elsewhere(face: str) -> None:
    css = "".join((SOURCE / part).read_text("utf-8") for part in PARTS[face])
    assert "@import" not in css
    assert all(address.startswith("data:image/svg+xml,") for address in re.findall(r'url\("?([^")]+)', css))
