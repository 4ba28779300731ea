"""One pass over the table of an ODS: joined cells, formulas without results, hidden rows, its true reach."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from migmap.api import Problem

from .rawtable import Merge, SheetScan

_PIECE = 1 << 20
_MOST = 200_000


class _Walk:
    """Counts rows and columns as the reader does: repeats unfold, and what follows the last value is
    nothing."""

    def __init__(self, table: int, scan: SheetScan) -> None:
        self.wanted = table
        self.scan = scan
        self.tables = -1
        self.row = self.column = 0
        self.repeat = 1
        self.depth = 0
        self.tall = self.wide = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.tables += 1
                self.row = self.tall = self.wide = 0
        elif name == "table:table-row":
            self.repeat = _count(attributes.get("table:number-rows-repeated"))
            self.column = 0
            if (
                self.tables == self.wanted
                and attributes.get("table:visibility") in ("collapse", "filter")
                and self.repeat < 10_000
            ):
                self.scan.hidden_rows += range(self.row, self.row + self.repeat)
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        repeat = _count(attributes.get("table:number-columns-repeated"))
        valued = "office:value-type" in attributes
        if valued:
            self.tall = max(self.tall, self.row + self.repeat)
            self.wide = max(self.wide, self.column + repeat)
        if self.tables != self.wanted:
            self.column += repeat
            return
        down = _count(attributes.get("table:number-rows-spanned"))
        across = _count(attributes.get("table:number-columns-spanned"))
        if down * across > 1 and len(self.scan.merges) < _MOST:
            right, bottom = self.column + across - 1, self.row + down - 1
            self.scan.merges.append(Merge(self.row, self.column, bottom, right))
        if valued:
            self.scan.rows = max(self.scan.rows, self.row + self.repeat)
            self.scan.columns = max(self.scan.columns, self.column + repeat)
        if "table:formula" in attributes:
            spots = [(self.row, self.column)] if repeat == self.repeat == 1 else []
            if attributes.get("calcext:value-type") == "error":
                self.scan.errors += spots
            elif not valued:
                self.scan.without_value += spots
        self.column += repeat

    def end(self, name: str) -> None:
        if name == "table:table":
            self.depth -= 1
            if self.depth == 0:
                self.scan.cells += self.tall * self.wide
        elif name == "table:table-row":
            self.row += self.repeat


def _count(text: str | None) -> int:
    return max(1, int(text)) if text is not None and text.isdecimal() and len(text) < 9 else 1


def scan_ods(stream: Any, table: int, scan: SheetScan) -> None:
    """Adds to `scan` what the table of that index holds. Problem for what is no well-formed XML: the reader
    would wait for the end of a table that never ends."""
    walk = _Walk(table, scan)
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end

    def refused(*_: object) -> None:
        raise Problem(
            "The workbook defines its own XML entities, which no spreadsheet program does.",
            fix="Do not use this file; ask the sender for a clean one.",
        )

    parser.EntityDeclHandler = refused
    try:
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        # The reader might read on and unfold what nobody measured, or wait for ever.
        raise Problem(
            "The workbook cannot be read: its inside is damaged.",
            detail=str(error),
            fix="Open it in a spreadsheet program and save it again as ODS, XLSX or CSV.",
        ) from error
