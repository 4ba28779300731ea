"""Settings and logs never stop the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmap.app import logs, places, settings


def test_settings_come_back() -> None:
    settings.save(settings.Settings(recent=("a", "b"), window={"geometry": "x"}))
    assert settings.load() == settings.Settings(recent=("a", "b"), window={"geometry": "x"})


def test_recent_files_are_newest_first_each_once_and_few() -> None:
    known = settings.Settings()
    for name in [*"abcdefghijklmno", "c"]:
        known = known.with_recent(name)
    assert known.recent[:3] == ("c", "o", "n")
    assert len(known.recent) == len(set(known.recent)) == settings.RECENT_KEPT


@pytest.mark.parametrize("content", [b"", b"{", b'{"recent": 3}', b"\xff\xfe", b"[]"])
def test_damaged_settings_are_the_defaults(content: bytes) -> None:
    settings.settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings.settings_file().write_bytes(content)
    assert settings.load() == settings.Settings()


def test_a_home_that_cannot_be_written_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MIGMAP_HOME", str(tmp_path / "file"))
    settings.save(settings.Settings(recent=("a",)))
    assert settings.load() == settings.Settings()
    logs.record_bug(ValueError("still said"))


def test_a_bug_report_says_versions_and_where(tmp_path: Path) -> None:
    try:
        raise ZeroDivisionError("zero")
    except ZeroDivisionError as error:
        where = logs.record_bug(error)
    text = where.read_text(encoding="utf-8")
    assert "migmap" in text
    assert "ZeroDivisionError: zero" in text
    assert "test_app_settings.py" in text
    assert tmp_path.exists()


def test_our_own_folders_are_those_of_the_checkout() -> None:
    assert (places.sample_data() / "districts.geojson").is_file()
    assert places.resources().parent == places.sample_data().parent
