"""How a file would be read: its first rows, what is odd about them, and what could be decided otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migmap.api import AS_FOUND, Finding, Guess, Probe, Problem, Progress, RasterData, Reading, no_progress

if TYPE_CHECKING:
    import pandas as pd

    from migmap.geo.accounting import Accounting

    from .datasets import Datasets


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """number: as a person sees it. cells: text, "" for blank. aside: why no figure is made of it, "" for a
    row in use. position: (longitude, latitude), None where it has none."""

    number: int
    cells: tuple[str, ...]
    aside: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A file's first rows under a Reading.

    guess: kind and roles as they would be used; guesses: what every kind makes of it, the best first.
    rows: with those set aside, in the order of the file; () for a raster, or where `problem` says why
    the file cannot be read like this. whole: nothing lies beyond the rows read. accounting: of the rows read.
    aside_codes: what `Reading.keep` would name to use rows that are set aside. aside_reasons: "12 total of
    the rows above", the largest count first.
    """

    probe: Probe
    reading: Reading
    guess: Guess
    guesses: tuple[Guess, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[PreviewRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    accounting: Accounting | None = None
    whole: bool = False
    problem: Problem | None = None
    aside_codes: tuple[str, ...] = ()
    aside_reasons: tuple[str, ...] = ()


def preview(
    datasets: Datasets,
    text: str,
    reading: Reading = AS_FOUND,
    *,
    rows: int = 200,
    shown: int | None = None,
    progress: Progress = no_progress,
) -> Preview:
    """Read the first `rows` of a file as `reading` says; of these, at most the first `shown` in use and as
    many set aside are given as text. Problem: it cannot be read at all."""
    from migmap.geo.accounting import accounting
    from migmap.io.probe import probe
    from migmap.io.reference import parse_reference

    seen = probe(parse_reference(text), reading=reading)
    guesses = tuple(datasets.guesses(seen))
    guess = datasets.recognise(seen, reading)
    progress(0.3, f"Looking at {seen.name}")
    try:
        data = datasets.head(text, reading, rows)
    except Problem as problem:
        return Preview(seen, reading, guess, guesses, findings=seen.findings, problem=problem)
    known = {finding.code for finding in data.findings}
    said = (*(finding for finding in seen.findings if finding.code not in known), *data.findings)
    if isinstance(data, RasterData):
        return Preview(seen, reading, guess, guesses, findings=said, whole=True)
    columns = tuple(str(name) for name in data.frame.columns if name != data.frame.geometry.name)
    some = slice(shown)
    head = _rows(columns, data.frame[some], data.row_numbers[some].tolist(), _positions(data)[some])
    left = shown
    for one in data.aside:
        more = slice(left)
        head += _rows(columns, one.frame[more], one.row_numbers[more].tolist(), None, one.reason)
        left = None if left is None else max(left - len(one.frame), 0)
    counted = accounting(data)
    return Preview(
        probe=seen,
        reading=reading,
        guess=guess,
        guesses=guesses,
        columns=columns,
        rows=tuple(sorted(head, key=lambda row: row.number)),
        findings=said,
        accounting=counted,
        whole=counted.rows < rows,
        aside_codes=tuple(dict.fromkeys(one.code for one in data.aside)),
        aside_reasons=tuple(
            f"{len(one.frame):,} {one.reason}" for one in sorted(data.aside, key=lambda one: -len(one.frame))
        ),
    )


def _positions(data: Any) -> list[tuple[float, float] | None]:
    import numpy as np

    from migmap.geo.positions import positions

    if data.frame.crs is None:
        return [None] * len(data.frame)
    return [(float(x), float(y)) if np.isfinite(x) else None for x, y in positions(data)]


def _rows(
    columns: Sequence[str],
    frame: pd.DataFrame,
    numbers: Sequence[int],
    positions: Iterable[tuple[float, float] | None] | None,
    aside: str = "",
) -> list[PreviewRow]:
    cells = [
        [_text(v) for v in frame[name]] if name in frame.columns else [""] * len(frame) for name in columns
    ]
    where = list(positions) if positions is not None else [None] * len(frame)
    return [
        PreviewRow(int(number), tuple(column[index] for column in cells), aside, where[index])
        for index, number in enumerate(numbers)
    ]


def _text(value: Any) -> str:
    """A cell as a table shows it; blank for what is no value."""
    if value is None or value != value or str(value) in ("<NA>", "NaT"):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
