"""Numba functions over plain arrays: no files, no pandas, no Qt. Import what you need, when you need it.

Compiled code is kept on disk beside the modules. Where that folder cannot be written (a system-wide
installation), it goes to a folder of the user, unless NUMBA_CACHE_DIR says where.
"""

from __future__ import annotations

import os
from pathlib import Path


def find_cache_folder() -> None:
    """Must run before numba is first imported: numba reads the variable at import."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    here = Path(__file__).resolve().parent
    if os.access(here, os.W_OK):
        return
    home = os.environ.get("MIGMAP_HOME")
    if home:
        folder = Path(home) / "kernels"
    else:
        from platformdirs import user_cache_path

        folder = user_cache_path("migmap", appauthor=False) / "kernels"
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


find_cache_folder()
