"""What lies beside a shapefile: README, code book of old to new names, and texts that were too long."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migmap.api import ExportDocument, Finding

from .csv_table import without_formula
from .dbf import MOST_COLUMNS, TEXT_BYTES, DbfColumn


@dataclass(frozen=True, slots=True)
class WrittenLayer:
    """A layer as it went into shapefiles.

    files: (file stem, rows in it). long_texts: (row as a person sees it, column, full text).
    reduced_rows: rows whose collection of shapes kept only its largest kind.
    """

    name: str
    title: str
    files: tuple[tuple[str, int], ...]
    columns: tuple[DbfColumn, ...]
    long_texts: tuple[tuple[int, str, str], ...]
    reduced_rows: tuple[int, ...]


def companions(document: ExportDocument, layers: tuple[WrittenLayer, ...]) -> Iterator[tuple[str, str]]:
    """(file name, text): README.txt, codebook.csv and, where text was cut, long_text.csv."""
    yield "README.txt", _readme(document, layers)
    head = ("layer", "file", "old_name", "new_name", "note")
    rows = (
        (layer.name, f"{stem}.dbf", column.old, column.new, column.note)
        for layer in layers
        for stem, _ in layer.files
        for column in layer.columns
    )
    yield "codebook.csv", _csv(head, rows)
    texts = [(layer.name, *entry) for layer in layers for entry in layer.long_texts]
    if texts:
        yield "long_text.csv", _csv(("layer", "row", "column", "text"), texts)


def _csv(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """With a byte order mark, so that Excel shows Urdu, and nothing it would run as a formula."""
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(
        [without_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return file.getvalue()


def _readme(document: ExportDocument, layers: tuple[WrittenLayer, ...]) -> str:
    from migmap.geo.marks import marks
    from migmap.geo.wording import rows_text

    lines = [document.title, "=" * min(len(document.title), 70), ""]
    lines += marks(document).lines()
    if document.notes:
        lines += ["", "Result", *document.notes]
    card = marks(document).card()
    if card:
        lines += ["", "What made these figures", *card]
    lines += ["", "Files"]
    for layer in layers:
        for stem, rows in layer.files:
            lines.append(f"{stem}.shp: {layer.title}, {rows_text(rows)}")
    lines += [
        "",
        "Column names hold ten letters in a shapefile: codebook.csv lists every old and new name.",
        "Empty cells are unknown, never zero. Text is UTF-8.",
    ]
    if any(layer.long_texts for layer in layers):
        lines.append(f"Text longer than {TEXT_BYTES} bytes was cut; long_text.csv holds all of it.")
    return "\r\n".join(lines) + "\r\n"


def findings_of(file: str, layers: tuple[WrittenLayer, ...]) -> tuple[Finding, ...]:
    """What the format changed, one finding a layer and kind of change."""
    return tuple(finding for layer in layers for finding in _findings(file, layer))


def _findings(file: str, layer: WrittenLayer) -> Iterator[Finding]:
    from migmap.geo.wording import rows_text

    where = f"{file}, layer {layer.name}"
    renamed = [f"{column.old} → {column.new}" for column in layer.columns if column.old != column.new]
    if renamed:
        yield Finding(
            code="columns-renamed",
            severity="info",
            message=f"{where}: a shapefile holds ten-letter column names; the code book lists all: "
            f"{_shortened(renamed)}.",
            count=len(renamed),
        )
    if len(layer.columns) > MOST_COLUMNS:
        yield Finding(
            code="many-columns",
            severity="warning",
            message=f"{where}: {len(layer.columns)} columns; some programs read only the first "
            f"{MOST_COLUMNS} of a shapefile. GeoPackage and CSV have no such limit.",
            count=len(layer.columns) - MOST_COLUMNS,
        )
    for column in layer.columns:
        if column.cut_rows:
            rows = tuple(row for row, name, _ in layer.long_texts if name == column.old)
            yield Finding(
                code="text-too-long",
                severity="warning",
                message=f"{where}, column {column.old}: a shapefile holds {TEXT_BYTES} bytes of text "
                "(about 127 Urdu letters); longer text was cut and stands in full in long_text.csv.",
                count=len(rows),
                rows=rows[:1000],
            )
    mapped = [
        f"{column.old}: {column.note}" for column in layer.columns if column.note and not column.cut_rows
    ]
    if mapped:
        yield Finding(
            code="type-changed",
            severity="info",
            message=f"{where}: types a shapefile lacks were replaced ({_shortened(mapped)}).",
            count=len(mapped),
        )
    if len(layer.files) > 1:
        parts = ", ".join(f"{stem}.shp ({rows_text(rows)})" for stem, rows in layer.files)
        yield Finding(
            code="layer-split",
            severity="info",
            message=f"{where}: a shapefile holds one kind of shape, so the layer was split into {parts}.",
            count=len(layer.files),
        )
    if layer.reduced_rows:
        yield Finding(
            code="shape-reduced",
            severity="warning",
            message=f"{where}: shapes made of several kinds kept only their polygons, else their lines.",
            count=len(layer.reduced_rows),
            rows=layer.reduced_rows[:1000],
        )


def _shortened(entries: list[str], most: int = 12) -> str:
    shown = "; ".join(entries[:most])
    return shown if len(entries) <= most else f"{shown}; and {len(entries) - most} more"
