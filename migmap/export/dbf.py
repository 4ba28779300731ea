"""What DBF, a format of 1983, does to a table: ten-letter names, 254 bytes of text, no yes/no, no time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .columns import kind_of

if TYPE_CHECKING:
    import pandas

NAME_LETTERS = 10
TEXT_BYTES = 254
MOST_COLUMNS = 255
# GDAL writes whole numbers in at most 18 digits.
_MOST_INTEGER = 10**17


def short_names(names: Sequence[str]) -> list[str]:
    """ASCII names of at most ten characters, different without regard to case, one for each name.

    A name that fits stays as it is, whatever the others are; the others lose their vowels' accents
    and end, and are numbered where they collide. Depends on the names and their order alone.
    """
    result: dict[int, str] = {}
    used: set[str] = set()
    wanted = [_ascii(name) for name in names]
    # Names that already fit go first, so that a longer neighbour never pushes them aside.
    order = sorted(range(len(names)), key=lambda i: (wanted[i] != names[i], i))
    for position in order:
        name, number = wanted[position], 1
        while name.casefold() in used:
            tail = f"_{number}"
            name = wanted[position][: NAME_LETTERS - len(tail)] + tail
            number += 1
        used.add(name.casefold())
        result[position] = name
    return [result[position] for position in range(len(names))]


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_") if plain.strip() else ""
    if not plain:
        plain = "column"
    if plain[0].isdigit():
        plain = "c_" + plain
    return plain[:NAME_LETTERS]


@dataclass(frozen=True, slots=True)
class DbfColumn:
    """How one column went into the DBF. note: "" where nothing changed but perhaps the name.
    cut_rows: positions (from 0) of rows whose text did not fit."""

    old: str
    new: str
    note: str
    cut_rows: tuple[int, ...] = ()


def for_dbf(table: pandas.DataFrame) -> tuple[pandas.DataFrame, tuple[DbfColumn, ...]]:
    """The tidy table as DBF can hold it, with the story of each column. Missing stays missing."""
    import pandas

    names = short_names([str(name) for name in table.columns])
    columns: list[pandas.Series] = []
    story: list[DbfColumn] = []
    for position, (old, new) in enumerate(zip(table.columns, names, strict=True)):
        column = table.iloc[:, position]
        kind = kind_of(column)
        note = ""
        cut: tuple[int, ...] = ()
        if kind == "bool":
            column, note = column.astype("boolean").astype("Int16"), "yes/no written as 1/0"
        elif kind == "time":
            column, note = _iso(column), "date and time written as text, ISO 8601"
        elif kind == "int" and column.notna().any() and _largest(column) >= _MOST_INTEGER:
            words = [None if gone else str(v) for v, gone in zip(column, column.isna(), strict=True)]
            column, note = (
                pandas.Series(words, index=column.index, dtype=object),
                "number of 18 digits written as text",
            )
        if kind in ("text", "time"):
            column, cut = _fitting(column)
            if cut:
                note = f"text cut to {TEXT_BYTES} bytes in {len(cut)} rows"
        columns.append(column)
        story.append(DbfColumn(str(old), new, note, cut))
    result = pandas.concat(columns, axis=1) if columns else pandas.DataFrame(index=table.index)
    result.columns = names
    return result, tuple(story)


def _largest(column: pandas.Series) -> int:
    return max(abs(int(column.max())), abs(int(column.min())))


def _iso(column: pandas.Series) -> pandas.Series:
    import pandas

    words = [None if gone else v.isoformat() for v, gone in zip(column, column.isna(), strict=True)]
    return pandas.Series(words, index=column.index, dtype=object)


def _fitting(column: pandas.Series) -> tuple[pandas.Series, tuple[int, ...]]:
    import pandas

    values = column.to_numpy(dtype=object).copy()
    # No character takes more than four bytes, so only longer texts need a closer look.
    long = [
        row
        for row, value in enumerate(values)
        if isinstance(value, str) and len(value) * 4 > TEXT_BYTES and len(value.encode()) > TEXT_BYTES
    ]
    for row in long:
        values[row] = cut_text(values[row])
    return pandas.Series(np.asarray(values, dtype=object), index=column.index, dtype=object), tuple(long)


def cut_text(text: str) -> str:
    """The longest beginning of `text` of at most 254 bytes that ends between two characters: no
    split letter, and no vowel sign without the letter it stands on."""
    end = len(text.encode()[:TEXT_BYTES].decode("utf-8", "ignore"))
    if end >= len(text):
        return text
    back = end
    while back > 0 and (unicodedata.combining(text[back]) or text[back] in "\u200c\u200d\ufe0f"):
        back -= 1
    return text[: back or end]
