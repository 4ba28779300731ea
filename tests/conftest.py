"""What every test may use: real files where they lie beside the checkout, a quiet Qt, clean settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same cases every time: a run that fails can be looked at again. HYPOTHESIS_SEEK=1 looks for new ones.
settings.register_profile("repeatable", derandomize=True, database=None)
if not os.environ.get("HYPOTHESIS_SEEK"):
    settings.load_profile("repeatable")

# Qt aborts the process without a display unless this is set before its first import.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_REAL = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """`shared_data("pk-codab-adm2")`: that folder of real files, or a skip that says it is absent."""

    def folder(name: str) -> Path:
        path = _REAL / name
        if not path.is_dir():
            pytest.skip(f"real files absent: shared/data/{name} is not beside the checkout")
        return path

    return folder


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings of whoever runs it."""
    home = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("MIGMAP_HOME", str(home))
