"""Columns of personal data: found by name and by value, so that they never enter a project."""

from __future__ import annotations

import pandas as pd


def personal_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> why."""
    return {}
