"""A72: production refuses to start when a setting would be unsafe, and one line says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import SettingsError
from training.keys import make_key_file
from web.settings import DEMO_DRAW, Settings


@pytest.fixture
def safe(tmp_path: Path) -> dict[str, str]:
    """An environment in which production starts."""
    keys = tmp_path / "secrets" / "keys.json"
    keys.parent.mkdir()
    make_key_file(keys)
    (tmp_path / "data").mkdir()
    return {
        "APP_ENV": "production",
        "DATABASE_URL": "postgresql://training@/training",
        "KEYS_FILE": str(keys),
        "DATA_DIR": str(tmp_path / "data"),
        "REGISTRIES_URL": "https://registries.internal",
        "BASE_URL": "https://training.example",
        "PROXY_HOPS": "1",
    }


def test_a_safe_production_starts(safe: dict[str, str]) -> None:
    settings = Settings.from_environment(safe)
    assert settings.environment == "production"
    assert settings.secure_cookies
    assert not settings.is_demo
    assert settings.limits.codes_person_hour.count == 3


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"KEYS_FILE": ""}, "KEYS_FILE"),
        ({"KEYS_FILE": "/nowhere/keys.json"}, "KEYS_FILE"),
        ({"DATA_DIR": ""}, "DATA_DIR"),
        ({"REGISTRIES_URL": ""}, "REGISTRIES_URL"),
        ({"BASE_URL": "http://training.example"}, "BASE_URL"),
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"PROXY_HOPS": ""}, "PROXY_HOPS"),
        ({"PROXY_HOPS": "0"}, "PROXY_HOPS"),
        ({"PROXY_HOPS": "many"}, "PROXY_HOPS"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"DATABASE_URL": "sqlite:////srv/x.sqlite3?journal_mode=wal"}, "DATABASE_URL"),
    ],
)
def test_A72_an_unsafe_setting_stops_the_start_and_is_named(safe, changes, named, monkeypatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 40, 1))
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(safe | changes)
    assert str(refusal.value).startswith(f"{named}:")
    assert "\n" not in str(refusal.value)


def test_A72_the_demo_cannot_become_production(safe: dict[str, str], tmp_path: Path) -> None:
    """Neither its data nor its keys may serve."""
    (tmp_path / "data" / "demo.json").write_text("{}")
    with pytest.raises(SettingsError, match="DATA_DIR: holds demo data"):
        Settings.from_environment(safe)
    (tmp_path / "data" / "demo.json").unlink()
    make_key_file(tmp_path / "data" / "keys.json")
    with pytest.raises(SettingsError, match="KEYS_FILE: the demo's keys"):
        Settings.from_environment(safe | {"KEYS_FILE": str(tmp_path / "data" / "keys.json")})


def test_A72_keys_of_a_demo_are_known_wherever_they_lie(safe: dict[str, str], tmp_path: Path) -> None:
    """Whom the demo draws for its sample can be foreseen by everybody."""
    moved = tmp_path / "elsewhere.json"
    make_key_file(moved, draw=DEMO_DRAW)
    with pytest.raises(SettingsError, match="KEYS_FILE: the demo's keys"):
        Settings.from_environment(safe | {"KEYS_FILE": str(moved)})


def test_A72_a_key_file_that_others_can_read_is_refused(safe: dict[str, str]) -> None:
    Path(safe["KEYS_FILE"]).chmod(0o640)
    with pytest.raises(SettingsError, match=r"KEYS_FILE.*0600"):
        Settings.from_environment(safe)


def test_A72_a_key_file_with_something_missing_is_refused(safe: dict[str, str]) -> None:
    Path(safe["KEYS_FILE"]).write_text('{"current": "k1", "sealing": {}}')
    with pytest.raises(SettingsError, match="KEYS_FILE"):
        Settings.from_environment(safe)


def test_a_demo_makes_its_own_keys_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DATA_DIR": str(tmp_path / "fresh")})
    assert settings.is_demo
    assert (tmp_path / "fresh" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert Settings.from_environment({"DATA_DIR": str(tmp_path / "fresh")}).keys == settings.keys


def test_A66_keys_never_show_in_the_text_of_settings(tmp_path: Path) -> None:
    """Settings end up in tracebacks; the key file's values may not."""
    settings = Settings.from_environment({"DATA_DIR": str(tmp_path)})
    shown = repr(settings) + repr(settings.keys)
    assert repr(settings.keys.index) not in shown
    assert all(repr(key) not in shown for key in settings.keys.sealing.values())
