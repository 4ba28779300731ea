"""CSV: one table that Excel, R and scripts read alike."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, Problem, Progress

from .columns import fragments, kind_of
from .tables import marked, metric_table, plain_tables

if TYPE_CHECKING:
    import pandas

_CHUNK_ROWS = 20_000


class CsvTable(Exporter):
    """UTF-8 with a byte order mark, because Excel on Windows reads Urdu as noise without one."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "Table (CSV)"
    icon: ClassVar[str] = "mdi6.file-delimited-outline"
    endings: ClassVar[tuple[str, ...]] = (".csv",)
    takes = "table"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes the metrics, or for plain layers the one layer's attribute table with its marks."""
        if document.metrics:
            return write_csv(metric_table(document), target, progress)
        tables = plain_tables(document)
        if len(tables) > 1:
            names = ", ".join(layer.title for layer, _ in tables)
            raise Problem(
                f"A CSV file holds one table, and there are {len(tables)}: {names}.",
                fix="Export one layer at a time, or to XLSX, which has a sheet for each.",
            )
        layer, table = tables[0]
        return write_csv(marked(table, layer, document), target, progress)


def write_csv(table: pandas.DataFrame, target: Path, progress: Progress) -> tuple[Finding, ...]:
    """Write a tidy table. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    defused: dict[str, int] = {}
    rows: list[int] = []
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([without_formula(str(name)) for name in table.columns])
        for start in range(0, len(table), _CHUNK_ROWS):
            progress(start / max(len(table), 1), f"Writing {target.name}")
            chunk = table.iloc[start : start + _CHUNK_ROWS]
            columns = []
            for position, name in enumerate(table.columns):
                column = chunk.iloc[:, position]
                words = fragments(column, text=str, missing="", whole_as_int=True)
                if kind_of(column) == "text":
                    safe = [without_formula(word) for word in words]
                    changed = [
                        row for row, pair in enumerate(zip(words, safe, strict=True)) if len(set(pair)) > 1
                    ]
                    if changed:
                        defused[str(name)] = defused.get(str(name), 0) + len(changed)
                        rows.extend(start + row + 2 for row in changed)
                    words = safe
                columns.append(words)
            writer.writerows(zip(*columns, strict=True) if columns else ([] for _ in range(len(chunk))))
    progress(1.0, f"Wrote {target.name}")
    if not defused:
        return ()
    return (
        Finding(
            code="formula-as-text",
            severity="warning",
            message=(
                f"{target.name}: cells in {', '.join(defused)} start with =, +, - or @, which a spreadsheet "
                "would run as a formula; an apostrophe was put in front of them."
            ),
            count=sum(defused.values()),
            rows=tuple(sorted(set(rows))[:1000]),
        ),
    )


def without_formula(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would run it."""
    if text[:1] not in ("=", "+", "-", "@", "\t", "\r") or len(text) < 2:
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text
