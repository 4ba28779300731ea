"""Counts as findings say them."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 row", "1,234 rows"; with a verb: counted(n, "row has", "rows have"). many: `one` and an s."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {many or one + 's'}"
