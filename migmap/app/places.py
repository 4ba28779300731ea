"""Where migmap's own files lie, and where it may write what belongs to the person using it."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def resources() -> Path:
    """The folder `resources/`: of the checkout when run from one, else of the installed wheel."""
    return _own("resources")


def sample_data() -> Path:
    """The folder `sample_data/`: of the checkout when run from one, else of the installed wheel."""
    return _own("sample_data")


def _own(name: str) -> Path:
    # An editable install copies these folders once and the copies go stale, so the checkout is first.
    checkout = _PACKAGE.parent / name
    if (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return _PACKAGE / "_data" / name


def home() -> Path:
    """Settings live here: MIGMAP_HOME when set, else the platform's folder for application data.
    Not created by asking."""
    stated = os.environ.get("MIGMAP_HOME")
    if stated:
        return Path(stated)
    import platformdirs

    return Path(platformdirs.user_data_dir("migmap", appauthor=False))


def logs() -> Path:
    """The folder of the log files. Not created by asking."""
    return home() / "logs"


def cache() -> Path:
    """What may be deleted at any time. Not created by asking."""
    if os.environ.get("MIGMAP_HOME"):
        return home() / "cache"
    import platformdirs

    return Path(platformdirs.user_cache_dir("migmap", appauthor=False))
