"""Where compiled kernels are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migmap import kernels


def test_beside_the_modules_where_that_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setattr(os, "access", lambda *_: True)
    kernels.find_cache_folder()
    assert not os.environ["NUMBA_CACHE_DIR"]


def test_else_in_a_folder_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("MIGMAP_HOME", str(tmp_path))
    kernels.find_cache_folder()
    assert Path(os.environ["NUMBA_CACHE_DIR"]) == tmp_path / "kernels"
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.delenv("MIGMAP_HOME")
    kernels.find_cache_folder()
    assert "migmap" in os.environ["NUMBA_CACHE_DIR"]


def test_what_the_user_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    monkeypatch.setattr(os, "access", lambda *_: False)
    kernels.find_cache_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == "/somewhere"


def test_kernels_compile_ahead(capsys: pytest.CaptureFixture[str]) -> None:
    from migmap.kernels.__main__ import compile_all

    compile_all()
    assert capsys.readouterr().out == ""
