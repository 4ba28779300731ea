"""How values are put into sentences: numbers as people read them, names that keep their side."""

from __future__ import annotations

from PySide6.QtCore import QLocale

FSI, PDI = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """`text` as one unit of its own direction: without this an Urdu name drags the numbers and
    brackets beside it to its own side."""
    return f"{FSI}{text}{PDI}" if text else text


def number(value: float | int, decimals: int | None = None) -> str:
    """A number with thousands separators; decimals by size when not given (whole from 1,000, one
    from 10, three below)."""
    if decimals is None:
        size = abs(value)
        decimals = 0 if float(value).is_integer() or size >= 1000 else 1 if size >= 10 else 3
    text = QLocale(QLocale.Language.English).toString(float(value), "f", decimals)
    if decimals > 0 and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def counted(one: str, many: str, count: float) -> str:
    """ "1 row" or "1,234 rows": `one` as it is, `many` with the number for {0}. Both are translated
    before they get here; English and Urdu have these two forms."""
    return one if count == 1 else many.format(number(count))


def cell(value: object) -> str:
    """A value of a table cell as text: "" for nothing, numbers in full, no trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    text = str(value)
    return "" if text in ("nan", "NaT", "<NA>", "None") else text
