"""Degrees as people write them: 30°11'22.5"N, 67-00-36E, N 30 11.375, ٣٠٫١٢٣, 30,1234."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute

from ..values.numbers import is_blank, is_text

_MARKS = {
    **dict.fromkeys("′’‘´`ʹʼ＇", "'"),
    **dict.fromkeys("″“”„ʺ˝＂", '"'),
    **dict.fromkeys("ºᵒ˚∘⁰°", "°"),
    **dict.fromkeys("−–—‐‑‒－", "-"),
    **dict.fromkeys("٫", "."),
    **dict.fromkeys("،，", ","),
    **dict.fromkeys("؛；", ";"),
    **dict.fromkeys("\u200e\u200f\u202a\u202b\u202c\ufeff", ""),
}
_WORDS = (
    (re.compile(r"\b(?:north|norte|nord)\b|شمالا?ً?", re.IGNORECASE), "N"),
    (re.compile(r"\b(?:south|sur|sud|sul)\b|جنوبا?ً?", re.IGNORECASE), "S"),
    (re.compile(r"\b(?:east|este|leste)\b|مشرق|شرقا?ً?", re.IGNORECASE), "E"),
    (re.compile(r"\b(?:west|oeste|ouest)\b|مغرب|غربا?ً?", re.IGNORECASE), "W"),
    (re.compile(r"(?<=\d)\s*(?:degrees?|degs?)\b\.?", re.IGNORECASE), "°"),
    (re.compile(r"(?<=\d)\s*(?:minutes?|mins?)\b\.?", re.IGNORECASE), "'"),
    (re.compile(r"(?<=\d)\s*(?:seconds?|secs?)\b\.?", re.IGNORECASE), '"'),
)
_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_ANGLE = re.compile(
    rf"(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<d>{_NUMBER})\s*"
    rf"(?:[°:\s-]\s*(?P<m>{_NUMBER})\s*(?:[':\s-]\s*(?P<s>{_NUMBER})\s*(?:\"|'')?)?\s*'?\"?)?"
    rf"\s*°?\s*(?P<after>[NSEW])?",
    re.IGNORECASE,
)
_LETTERED = re.compile(
    rf"(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<d>{_NUMBER})\s*d\s*(?P<m>{_NUMBER})\s*m"
    rf"(?:\s*(?P<s>{_NUMBER})\s*s)?\s*(?P<after>[NSEW])?",
    re.IGNORECASE,
)
# 301122N and 0670036.5E: degrees, minutes and seconds without a gap, as in aviation lists.
_PACKED = re.compile(r"(\d{2,3}?)(\d{2})(\d{2}(?:\.\d*)?)?\s*([NSEW])", re.IGNORECASE)
# The same for Arrow's engine, narrowed to what lists of many rows hold: 30°11'22.5"N and 30 11 22.5 N.
_COMMON = (
    r"^\s*(?P<d>\d{1,3})\s*[°º˚:\s-]\s*(?P<m>[0-5]?\d(?:\.\d+)?)\s*['′’:\s-]?"
    r"(?:(?P<s>[0-5]?\d(?:\.\d+)?)\s*(?:\"|''|″|”|’’)?)?\s*(?P<a>[NSEWnsew])\s*$"
)
_MANY = 2_000
_LABEL = re.compile(r"^\s*(?:lat(?:itude)?|lon(?:gitude)?|long|lng)\s*[:=.]?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Degrees:
    """values: float64 degrees, NaN where blank or bad. axis: int8, 1 where the text says N or S, 2 where
    it says E or W, else 0. bad: the text is neither an angle nor blank. worded: rows that were more than
    a plain number. comma: rows with a decimal comma and nothing else odd."""

    values: np.ndarray
    axis: np.ndarray
    bad: np.ndarray
    worded: np.ndarray
    comma: np.ndarray


def plainly(text: str) -> str:
    """`text` with ASCII digits, quotes, dashes and hemisphere letters: "۳۰° ۱۱′ شمال" is "30° 11' N"."""
    if not text.isascii():
        text = "".join(
            str(unicodedata.decimal(c)) if c.isdecimal() else _MARKS.get(c, " " if c.isspace() else c)
            for c in text
        )
    for pattern, short in _WORDS:
        text = pattern.sub(short, text)
    return text.strip()


def angle_of(text: str) -> tuple[float, int] | None:
    """(degrees, 1 for a latitude by its letter, 2 for a longitude, 0 unsaid), or None for what is no angle.

    Degrees with a fraction, degrees and minutes with a fraction, degrees, minutes and seconds; a letter
    before or after; a comma as the decimal mark. South and west are negative.
    """
    clean = _LABEL.sub("", plainly(text))
    if not clean or not any(c.isdigit() for c in clean):
        return None
    clean = _decimal_points(clean)
    packed = _PACKED.fullmatch(clean)
    if packed and (packed[3] or len(packed[1]) + len(packed[2]) >= 4):
        return _value("", packed[1], packed[2], packed[3], packed[4])
    match = _ANGLE.fullmatch(clean) or _LETTERED.fullmatch(clean)
    if match is None or (match["before"] and match["after"]):
        return None
    return _value(match["sign"], match["d"], match["m"], match["s"], match["before"] or match["after"])


def _decimal_points(text: str) -> str:
    """One comma is a decimal comma, several are gaps; so are several points: 30.11.22 is 30 11 22."""
    if text.count(",") == 1 and "." not in text:
        return re.sub(r"(?<=\d),(?=\d)", ".", text)
    text = text.replace(",", " ")
    points = [m.start() for m in re.finditer(r"(?<=\d)\.(?=\d)", text)]
    if len(points) in (2, 3) and re.fullmatch(r"\D*\d{1,3}\.\d{1,2}\.\d{1,2}(?:\.\d+)?\D*", text):
        text = text.replace(".", " ", 2)
    return text


def _value(
    sign: str | None, degrees: str, minutes: str | None, seconds: str | None, letter: str | None
) -> tuple[float, int] | None:
    letter = (letter or "").upper()
    if (minutes and "." in degrees) or (seconds and "." in (minutes or "")):
        # A fraction of a degree leaves nothing for the minutes to say.
        return None
    d, m, s = float(degrees), float(minutes or 0), float(seconds or 0)
    if (m >= 60 and minutes) or (s > 60 and seconds):
        return None
    value = d + m / 60 + s / 3600
    if sign == "-" and letter in ("N", "E"):
        return None
    if sign == "-" or letter in ("S", "W"):
        value = -value
    return value, 1 if letter in ("N", "S") and letter else 2 if letter else 0


def degrees_of(column: pd.Series) -> Degrees:
    """A whole column. Plain numbers are read at once; only other texts are looked at one by one, each
    different one once."""
    size = len(column)
    nothing = np.zeros(size, dtype=bool)
    axis = np.zeros(size, dtype=np.int8)
    if pd.api.types.is_bool_dtype(column.dtype):
        return Degrees(np.full(size, np.nan), axis, ~nothing, nothing, nothing)
    if not is_text(column):
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        bad = ~np.isfinite(values) & column.notna().to_numpy()
        return Degrees(np.where(bad, np.nan, values), axis, bad, nothing, nothing)
    there = column.notna().to_numpy()
    fast = plain_floats(column)
    if fast is not None:
        bad = ~np.isfinite(fast) & there
        return Degrees(np.where(bad, np.nan, fast), axis, bad, nothing, nothing)
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    values[~np.isfinite(values)] = np.nan
    left = np.flatnonzero(np.isnan(values) & there)
    bad, worded, comma = nothing.copy(), nothing.copy(), nothing.copy()
    if len(left):
        mended = _comma_floats(column.iloc[left])
        fine = np.isfinite(mended)
        values[left[fine]], comma[left[fine]] = mended[fine], True
        left = left[~fine]
    if len(left) > _MANY:
        quick, letters = _common_angles(column.iloc[left])
        fine = np.isfinite(quick)
        values[left[fine]], axis[left[fine]], worded[left[fine]] = quick[fine], letters[fine], True
        left = left[~fine]
    if len(left):
        codes, texts = pd.factorize(column.iloc[left].to_numpy(dtype=object))
        read = [_of_cell(text) for text in texts]
        found = np.array([np.nan if r is None else r[0] for r in read], dtype=np.float64)
        letter = np.array([0 if r is None else r[1] for r in read], dtype=np.int8)
        blank = np.array([isinstance(t, str) and is_blank(t) for t in texts], dtype=bool)
        # What other digits hide: "٣٠٫١٢" is a decimal comma too.
        commas = np.array([isinstance(t, str) and _is_comma_number(t) for t in texts], dtype=bool)
        values[left], axis[left] = found[codes], letter[codes]
        bad[left] = np.isnan(found[codes]) & ~blank[codes]
        comma[left] = commas[codes]
        worded[left] = np.isfinite(found[codes]) & ~commas[codes]
    return Degrees(values, axis, bad, worded, comma)


def plain_floats(column: pd.Series) -> np.ndarray | None:
    """A text column of plain numbers as float64, None where one of them is anything else."""
    if not isinstance(column.dtype, pd.StringDtype):
        return None
    try:
        return np.asarray(
            pyarrow.compute.cast(pyarrow.array(column), pyarrow.float64()).to_numpy(zero_copy_only=False),
            dtype=np.float64,
        )
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
        return None


def _comma_floats(column: pd.Series) -> np.ndarray:
    """float64 of texts such as "33,6", NaN for all others."""
    texts = pyarrow.array([v if isinstance(v, str) else None for v in column], type=pyarrow.string())
    plain = pyarrow.compute.match_substring_regex(texts, r"^\s*[+-]?\d*,\d+\s*$")
    points = pyarrow.compute.replace_substring(pyarrow.compute.utf8_trim_whitespace(texts), ",", ".")
    wanted = pyarrow.compute.if_else(plain, points, None)
    found = pd.to_numeric(wanted.to_pandas(), errors="coerce")
    return np.asarray(found.to_numpy(dtype=np.float64, na_value=np.nan))


def _common_angles(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(degrees, axis by letter) of the texts in the commonest style, all at once; NaN for the others."""
    texts = pyarrow.array([v if isinstance(v, str) else None for v in column], type=pyarrow.string())
    parts = pyarrow.compute.extract_regex(texts, _COMMON)
    d, m, s = (
        pd.to_numeric(parts.field(i).to_pandas(), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        for i in range(3)
    )
    letter = parts.field(3).to_pandas().str.upper()
    fraction = (m != np.floor(m)) & np.isfinite(s)
    value = d + m / 60 + np.nan_to_num(s) / 3600
    value = np.where(letter.isin(["S", "W"]), -value, value)
    value[np.asarray(parts.is_null()) | fraction] = np.nan
    axis = np.where(letter.isin(["N", "S"]), 1, 2).astype(np.int8)
    return value, axis


def _of_cell(value: object) -> tuple[float, int] | None:
    if isinstance(value, str):
        return angle_of(value) if len(value) <= 60 else None
    # A spreadsheet takes 30:11:22 for a time of day or a duration: its hours are the degrees.
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / 3600, 0
    if isinstance(value, datetime.time):
        return value.hour + value.minute / 60 + (value.second + value.microsecond / 1e6) / 3600, 0
    return None


def _is_comma_number(text: str) -> bool:
    return bool(re.fullmatch(r"\s*[+-]?\d*,\d+\s*", plainly(text)))
