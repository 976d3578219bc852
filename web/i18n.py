"""Language and text size: one cookie, set by /display, read by every page."""

from __future__ import annotations

from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, g, redirect, request
from flask_babel import Babel, gettext
from markupsafe import Markup

COOKIE = "display"
TRANSLATIONS = Path(__file__).parent.parent / "translations"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
SIZES = ("standard", "large")
_YEAR = timedelta(days=365)


def install(app: Flask) -> None:
    """Set up translations and the globals that templates need to show language and size."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    Babel(
        app,
        default_locale="zh_Hans_CN",
        locale_selector=lambda: LOCALES[language()],
        default_timezone="Asia/Shanghai",
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue(language()).ugettext(text),
        lambda one, many, n: _catalogue(language()).ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _catalogue(language()).upgettext(context, text),
        npgettext=lambda context, one, many, n: _catalogue(language()).unpgettext(context, one, many, n),
    )
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = sentence
    app.context_processor(lambda: {"locale_code": language(), "large": size() == "large", "here": here()})


@cache
def _catalogue(lang: str) -> NullTranslations:
    """What templates look sentences up in: a page has a hundred, and Flask-Babel takes its time over each."""
    return Translations.load(str(TRANSLATIONS), [LOCALES[lang]])


def sentence(text: str, **values: object) -> Markup:
    """gettext for templates: the sentence in the language of this request, its values escaped and filled in."""
    return _sentence(language(), text) % values if values else _whole_sentence(language(), text)


@lru_cache(maxsize=8192)
def _sentence(lang: str, text: str) -> Markup:
    return Markup(_catalogue(lang).ugettext(text))


@lru_cache(maxsize=8192)
def _whole_sentence(lang: str, text: str) -> Markup:
    """A sentence without values: most are."""
    return _sentence(lang, text) % {}


def translated(text: str, **values: object) -> str:
    """gettext with a type: the sentence in the language of this request, its values filled in."""
    return str(gettext(text, **values))


def counted(one: str, many: str, num: int) -> str:
    """ngettext in the language of this request: the sentence for so many, with `num` filled in."""
    return str(_catalogue(language()).ungettext(one, many, num)) % {"num": num}


def language() -> str:
    """`zh` or `en`, from the cookie; Chinese when nothing was chosen."""
    return _chosen()[0]


def size() -> str:
    """`standard` or `large`."""
    return _chosen()[1]


def _chosen() -> tuple[str, str]:
    found: tuple[str, str] | None = g.get("display")
    if found is None:
        words = request.cookies.get(COOKIE, "").split(".")
        chosen = next((word for word in words if word in LOCALES), "zh")
        found = g.display = (chosen, "large" if "large" in words else "standard")
    return found


def here() -> str:
    """This page's local address, to come back to."""
    if request.method != "GET":
        return request.path
    return request.full_path.rstrip("?")


def local_path(text: str | None, otherwise: str = "/") -> str:
    """`text` if it is a path on this site, else `otherwise` (A55)."""
    if not text or not text.startswith("/") or text.startswith("//") or any(c in text for c in "\\\r\n\t\0"):
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text


def display_view() -> Response:
    """Keep language and size for a year and go back. Values that mean nothing are left as they were."""
    lang, chosen = request.args.get("lang", ""), request.args.get("size", "")
    lang = lang if lang in LOCALES else language()
    chosen = chosen if chosen in SIZES else size()
    answer = redirect(local_path(request.args.get("next")), 303)
    secure = request.is_secure
    answer.set_cookie(
        COOKIE, f"{lang}.{chosen}", max_age=_YEAR, path="/", samesite="Lax", httponly=True, secure=secure
    )
    assert isinstance(answer, Response)
    return answer


def add_display(blueprint: Blueprint) -> None:
    """The same errand at both doors."""
    blueprint.add_url_rule("/display", "display", display_view)
