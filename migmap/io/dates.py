"""Dates that arrive as text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from migmap.api import AS_FOUND, Finding, Reading


def dates_from_text(
    frame: pd.DataFrame, rows: np.ndarray, reading: Reading = AS_FOUND
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """As it is."""
    return frame, ()
