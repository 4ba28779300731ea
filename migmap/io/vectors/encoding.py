"""Which letters the bytes mean: tables and DBF files rarely say, and often say it wrongly."""

from __future__ import annotations

import pandas as pd

from ..values.numbers import is_text


def is_mojibake(text: str) -> bool:
    """True when `text` is UTF-8 that was read as Latin-1 or Windows-1252: "Ù\x85Ø³" for Arabic letters."""
    if text.isascii():
        return False
    try:
        b"".join(_byte(letter) for letter in text).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False
    return True


def _byte(letter: str) -> bytes:
    return bytes([ord(letter)]) if ord(letter) < 256 else letter.encode("cp1252")


def texts_are_utf8(frame: pd.DataFrame) -> bool:
    """True when every text with letters beyond ASCII is UTF-8 read as Latin-1. Real Latin-1 words
    ("Malé") practically never pass, since their bytes are no valid UTF-8."""
    seen = False
    for name in frame.columns:
        if name == "geometry" or not is_text(frame[name]):
            continue
        for value in frame[name].dropna().unique():
            if isinstance(value, str) and not value.isascii():
                if not is_mojibake(value):
                    return False
                seen = True
    return seen
