"""XLSX: the figures, what was odd, and where everything came from, a sheet each."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, Problem, Progress, part

from .columns import ColumnKind, kind_of, unique_name
from .tables import finding_table, metric_table, plain_tables, provenance_table, source_table

if TYPE_CHECKING:
    import pandas

_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_MOST_CHARACTERS = 32_767
# Above this the sheet is streamed to disk row by row instead of being held in memory.
_STREAM_CELLS = 500_000
# Excel keeps 15 digits; beyond that a code typed as a number would change.
_EXACT = 10**15


class Workbook(Exporter):
    """Numbers stay raw numbers with a display format; text is never taken for a formula or a link."""

    name: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Workbook (XLSX)"
    icon: ClassVar[str] = "mdi6.microsoft-excel"
    endings: ClassVar[tuple[str, ...]] = (".xlsx",)
    takes = "table"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Sheets: metrics (or a sheet a layer), findings, sources."""
        tables: list[tuple[str, pandas.DataFrame]] = []
        if document.metrics:
            tables.append(("metrics", metric_table(document)))
        else:
            for layer, table in plain_tables(document):
                # Excel keeps the sheet name History for itself.
                taken = ["history", "findings", "sources", "provenance", *(name for name, _ in tables)]
                tables.append((_sheet_name(layer.title or layer.name, taken), table))
        tables += [("findings", finding_table(document)), ("sources", source_table(document))]
        card = provenance_table(document)
        tables += [("provenance", card)] if len(card) else []
        return _write_book(document, tables, target, progress)


def _write_book(
    document: ExportDocument,
    tables: list[tuple[str, pandas.DataFrame]],
    target: Path,
    progress: Progress,
) -> tuple[Finding, ...]:
    import datetime

    import xlsxwriter

    for name, table in tables:
        if len(table) >= _MOST_ROWS or len(table.columns) > _MOST_COLUMNS:
            raise Problem(
                f"{name} has {len(table):,} rows and {len(table.columns):,} columns; a sheet holds "
                f"{_MOST_ROWS - 1:,} rows and {_MOST_COLUMNS:,} columns.",
                fix="Export it as CSV or GeoPackage.",
            )
    cells = sum(table.size for _, table in tables)
    options = {
        "constant_memory": cells > _STREAM_CELLS,
        "tmpdir": str(target.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    findings: list[Finding] = []
    # Into memory, packed: on a full disk xlsxwriter's own file leaves noise behind when it is collected.
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, options) as book:
        # A fixed creation date keeps the same run's workbook the same, byte for byte.
        book.set_properties(
            {
                "title": document.title,
                "comments": " ".join(_comment(document)),
                "created": datetime.datetime(2000, 1, 1),
            }
        )
        looks = _Looks(book)
        for index, (name, table) in enumerate(tables):
            step = part(progress, index / len(tables), (index + 1) / len(tables))
            findings.extend(_write_sheet(book.add_worksheet(name), name, table, looks, step))
    target.write_bytes(packed.getbuffer())
    progress(1.0, f"Wrote {target.name}")
    return tuple(findings)


def _comment(document: ExportDocument) -> Iterable[str]:
    from migmap.geo.marks import marks

    said = marks(document)
    return (f"{line}." for line in (said.synthetic, said.sensitivity, said.sharing, said.run) if line)


class _Looks:
    """The cell formats of one workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        top = {"valign": "top"}
        self.of: dict[ColumnKind, Any] = {
            "bool": book.add_format(top),
            "int": book.add_format({**top, "num_format": "0"}),
            "float": book.add_format({**top, "num_format": "#,##0.00"}),
            "date": book.add_format({**top, "num_format": "yyyy-mm-dd"}),
            "time": book.add_format({**top, "num_format": "yyyy-mm-dd hh:mm:ss"}),
            "text": book.add_format(top),
        }


def _write_sheet(
    sheet: Any, name: str, table: pandas.DataFrame, looks: _Looks, progress: Progress
) -> list[Finding]:
    kinds = [kind_of(table.iloc[:, i]) for i in range(len(table.columns))]
    columns = [_cells(table.iloc[:, i], kind) for i, kind in enumerate(kinds)]
    for position, (heading, kind, values) in enumerate(zip(table.columns, kinds, columns, strict=True)):
        long = kind == "text" and any(len(value) > 60 for value in values[:200] if isinstance(value, str))
        sheet.set_column(
            position, position, _width(str(heading), values, kind), looks.wrapped if long else looks.of[kind]
        )
    for position, heading in enumerate(table.columns):
        sheet.write_string(0, position, str(heading)[:_MOST_CHARACTERS], looks.head)
    cut: dict[str, list[int]] = {}
    for row in range(len(table)):
        if row % 5000 == 0:
            progress(row / len(table), f"Writing sheet {name}")
        for position, values in enumerate(columns):
            value = values[row]
            if value is None:
                continue
            if isinstance(value, str):
                if len(value) > _MOST_CHARACTERS:
                    cut.setdefault(str(table.columns[position]), []).append(row + 2)
                    value = value[: _MOST_CHARACTERS - 1] + "…"
                sheet.write_string(row + 1, position, value)
            elif isinstance(value, bool):
                sheet.write_boolean(row + 1, position, value)
            elif isinstance(value, int | float):
                sheet.write_number(row + 1, position, value)
            else:
                sheet.write_datetime(row + 1, position, value, looks.of[kinds[position]])
    sheet.freeze_panes(1, 0)
    if len(table.columns):
        sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    return [
        Finding(
            code="text-too-long",
            severity="warning",
            message=f"Sheet {name}, column {column}: Excel holds {_MOST_CHARACTERS:,} characters in a cell; "
            "longer text was cut. CSV and GeoPackage keep all of it.",
            count=len(rows),
            rows=tuple(rows[:1000]),
        )
        for column, rows in cut.items()
    ]


def _cells(column: pandas.Series, kind: ColumnKind) -> list[Any]:
    """The column as Python values Excel can hold exactly; None where there is no value."""
    gone = column.isna().to_numpy(dtype=bool).tolist()
    values: list[Any]
    if kind == "bool":
        values = [bool(value) for value in column.fillna(False)]
    elif kind == "int":
        # A code of 16 digits and more would lose its last ones as an Excel number.
        values = [int(v) if -_EXACT < v < _EXACT else str(v) for v in column.fillna(0).tolist()]
    elif kind == "float":
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        gone = (~np.isfinite(numbers)).tolist()
        values = numbers.tolist()
    elif kind == "date":
        # Excel knows no years before 1900.
        values = [v.isoformat() if not g and v.year < 1900 else v for v, g in zip(column, gone, strict=True)]
    elif kind == "time":
        values = [_time(value) for value in column]
    else:
        values = column.tolist()
    return [None if is_gone else value for value, is_gone in zip(values, gone, strict=True)]


def _time(value: Any) -> Any:
    """Excel knows neither time zones nor years before 1900: those stay ISO text."""
    if not hasattr(value, "to_pydatetime") or value is None or value != value:
        return None
    return value.isoformat() if value.tzinfo is not None or value.year < 1900 else value.to_pydatetime()


def _width(heading: str, values: list[Any], kind: ColumnKind) -> float:
    if kind in ("date", "time"):
        return 20 if kind == "time" else 12
    seen = [len(value) if isinstance(value, str) else 12 for value in values[:200] if value is not None]
    longest = max([len(heading) + 3, *seen])
    return min(max(longest + 1, 8), 64)


def _sheet_name(wanted: str, taken: list[str]) -> str:
    """A name Excel takes: 31 characters, none of []:*?/\\, no apostrophe at the ends, unlike the others."""
    clean = "".join("_" if c in "[]:*?/\\" or c < " " else c for c in wanted).strip().strip("'")
    return unique_name(clean[:27] or "table", taken)
