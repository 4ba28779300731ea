"""Which rows of a sheet are its header.

Above a header stand titles and logos, below it units and HXL tags, and it may have two or three levels
whose upper ones span several columns. A row is a header where its cells are words and the cells under
them are of another kind; a sheet whose first rows look like all the others has none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from migmap.api import AS_FOUND, Finding, Problem, Reading

from ..wording import counted
from .cellkinds import CellKind, kind_of, shape_of
from .rawtable import HEAD_ROWS, Merge, RawTable, shown

_HXL_TAG = re.compile(r"#\s*[A-Za-z]\w*(\s*\+\s*\w+)*\s*")
_MAX_LEVELS = 4
_COLUMNS = 400
"""So many columns are looked at to tell what a row is."""
_BELOW = 30
_LABELS: frozenset[CellKind] = frozenset(["label", "year"])
_DATA: frozenset[CellKind] = frozenset(["number", "date", "code", "value"])
JOIN = " / "


@dataclass(frozen=True, slots=True)
class Header:
    """names: one a column, "" where the header is blank. rows: indices of the header's rows, () without
    any. levels: their cells as text. tags: column index -> HXL tag. start: index of the first row of data.
    titles: what stands above."""

    names: list[str]
    rows: tuple[int, ...]
    levels: tuple[tuple[str, ...], ...]
    tags: dict[int, str]
    start: int
    titles: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def find_header(raw: RawTable, called: str, reading: Reading = AS_FOUND) -> Header:
    """The header of `raw`, found or as `reading.header` states. Problem where the rows stated are not
    among the first ones."""
    sheet = _Head(raw)
    tag_row = next((i for i, row in enumerate(sheet.texts) if is_hxl_row(row)), None)
    if reading.header is not None:
        rows = _stated(reading.header, called)
        blank = [row + 1 for row in rows if row >= len(sheet.filled) or not sheet.filled[row]]
        if blank:
            raise Problem(
                f"Row {blank[0]} of {called} is blank, so it cannot be the header.",
                fix="State the row whose cells name the columns, as a spreadsheet program counts rows.",
            )
        below = sheet.next_filled((rows[-1] if rows else -1) + 1)
        tag_row = tag_row if tag_row is not None and (tag_row in rows or tag_row == below) else None
        if not rows and tag_row is None:
            tag_row = next((i for i, row in enumerate(sheet.texts[:HEAD_ROWS]) if is_hxl_row(row)), None)
        return _made(sheet, rows, tag_row, called, found=False)
    if tag_row is not None:
        return _made(sheet, _beside_tags(sheet, tag_row), tag_row, called)
    return _made(sheet, _by_looks(sheet), None, called)


def is_hxl_row(row: Sequence[str]) -> bool:
    """True for a row of HXL tags: most cells that are not blank look like one. Some agencies leave a few
    columns untagged or forget the sign."""
    cells = [c.strip() for c in row if c and c.strip()]
    tags = sum(bool(_HXL_TAG.fullmatch(c)) for c in cells)
    return tags > 0 and (tags >= 0.75 * len(cells) or (tags >= 3 and tags > 0.5 * len(cells)))


def column_names(header: Sequence[str]) -> list[str]:
    """Unique names: blanks become `column_3`, repeats get `_2`, `_3`."""
    names: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for index, raw in enumerate(header, start=1):
        base = re.sub(r"\s+", " ", str(raw)).strip() or f"column_{index}"
        if base.lower() == "geometry":
            # The name belongs to the shapes.
            base = f"{base}_text"
        name, count = base, counts.get(base, 1)
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        counts[base] = count
        taken.add(name)
        names.append(name)
    return names


class _Head:
    """The first rows, their kinds, and what is joined in them."""

    def __init__(self, raw: RawTable) -> None:
        self.cells = raw.head
        self.first = raw.first
        self.width = max((len(row) for row in raw.head), default=0)
        self.texts = [[shown(c) for c in row] + [""] * (self.width - len(row)) for row in raw.head]
        looked = min(self.width, _COLUMNS)
        self.kinds: list[list[CellKind]] = [
            [kind_of(c) for c in row[:looked]] + ["blank"] * (looked - len(row)) for row in raw.head
        ]
        self.filled = [sum(1 for t in row if t) for row in self.texts]
        self.across: dict[int, list[Merge]] = {}
        for merge in raw.merges:
            if merge.right > merge.left:
                for row in range(merge.top, min(merge.bottom, len(self.cells) - 1) + 1):
                    self.across.setdefault(row, []).append(merge)
        self.down = [m for m in raw.merges if m.bottom > m.top]
        wide = sorted(n for n in self.filled if n > 1)
        self.usual = wide[len(wide) // 2] if wide else 1

    def next_filled(self, index: int) -> int | None:
        return next((i for i in range(index, len(self.filled)) if self.filled[i]), None)

    def is_wide(self, index: int) -> bool:
        return self.filled[index] >= max(min(2, self.usual), 0.5 * self.usual)

    def below(self, index: int, column: int) -> tuple[CellKind | None, list[str]]:
        """(the kind most cells under that one have, None where a column is blank; their texts)."""
        rows = [r for r in range(index + 1, len(self.texts)) if self.kinds[r][column] != "blank"][:_BELOW]
        if not rows:
            return None, []
        return Counter(self.kinds[r][column] for r in rows).most_common(1)[0][0], [
            self.texts[r][column] for r in rows
        ]

    def signs(self, index: int) -> _Signs:
        signs = _Signs()
        texts, kinds = self.texts[index], self.kinds[index]
        if any(row == texts for row in self.texts[index + 1 :]):
            signs.repeated = True
        for column, kind in enumerate(kinds):
            if kind == "blank":
                continue
            under, values = self.below(index, column)
            signs.filled += 1
            signs.labels += kind in _LABELS or (kind == "code" and under != "code")
            if under in ("number", "date", "value", "code"):
                signs.unlike_below += 1
            if kind == "label":
                if under in _DATA or under == "year":
                    signs.contrast += 1
                elif texts[column] in values and not signs.repeated:
                    signs.recurs += 1
            elif kind == "year":
                signs.contrast += under == "number"
                signs.conflict += under == "year" and len(values) > 1
            elif kind == "code":
                alike = {shape_of(v) for v in values}
                signs.conflict += under == "code" and shape_of(texts[column]) in alike
            elif kind in ("number", "date", "value"):
                signs.conflict += under in (kind, None) or (kind == "number" and under == "year")
        return signs


@dataclass(slots=True)
class _Signs:
    """Of one row: cells that are filled; that could be in a header; words over something else; values
    over values of their kind; words that occur again below; columns of data below it."""

    filled: int = 0
    labels: int = 0
    contrast: int = 0
    conflict: int = 0
    recurs: int = 0
    unlike_below: int = 0
    repeated: bool = False

    @property
    def is_data(self) -> bool:
        if self.conflict:
            return self.conflict >= self.contrast
        return self.contrast == 0 and self.recurs * 2 > self.filled


def _stated(rows: Sequence[int], called: str) -> tuple[int, ...]:
    if any(not 1 <= row <= HEAD_ROWS for row in rows):
        raise Problem(
            f"The header of {called} cannot be in row {max(rows, key=abs)}.",
            fix=f"Name rows from 1 to {HEAD_ROWS}, as a spreadsheet program counts them.",
        )
    return tuple(sorted({row - 1 for row in rows}))


def _by_looks(sheet: _Head) -> tuple[int, ...]:
    first = None
    for index in range(len(sheet.filled)):
        if not sheet.filled[index] or not sheet.is_wide(index) or _is_count(sheet.texts[index]):
            continue
        following = sheet.next_filled(index + 1)
        if following is not None and _is_junk(sheet, index, following):
            continue
        first = index
        break
    if first is None:
        first = sheet.next_filled(0) or 0
    if sheet.signs(first).is_data:
        return ()
    rows = [first]
    while len(rows) < _MAX_LEVELS:
        # A blank row ends a header.
        following = rows[-1] + 1
        if following >= len(sheet.filled) or not _is_level(sheet, rows[-1], following):
            break
        rows.append(following)
    return _with_groups(sheet, rows)


def _is_junk(sheet: _Head, index: int, following: int) -> bool:
    """A wide row that only looks like a header: one word over and over, or lines such as "Date:"."""
    texts = [t for t in sheet.texts[index] if t]
    if (
        len(texts) > 2
        and len(set(texts)) == 1
        and sheet.filled[following] > 1
        and not sheet.signs(following).is_data
    ):
        return True
    more = sheet.filled[following] > 2 * len(texts) or (
        len(texts) < sheet.usual and sheet.filled[following] >= sheet.usual
    )
    return more and any(t.endswith(":") for t in texts)


def _is_title(sheet: _Head, index: int) -> bool:
    return sheet.filled[index] <= 1 and all(kind in ("blank", "label") for kind in sheet.kinds[index])


def _is_count(texts: Sequence[str]) -> bool:
    """A row that numbers the columns: 1, 2, 3, ... or (1), (2), (3), ..."""
    numbers = [re.sub(r"^[(\[]|[)\]]$", "", t) for t in texts if t]
    return len(numbers) > 3 and numbers == [str(i + 1) for i in range(len(numbers))]


def _is_level(sheet: _Head, above: int, index: int) -> bool:
    """True when the row under a header row belongs to the header, too."""
    if not sheet.filled[index] or _is_count(sheet.texts[index]) or _are_units(sheet.texts[index]):
        return False
    signs = sheet.signs(index)
    if signs.labels < signs.filled or signs.recurs or signs.conflict:
        return False
    spans = [
        m for m in sheet.across.get(above, []) if m.bottom == above and m.right - m.left < sheet.width - 1
    ]
    under = sum(1 for m in spans for c in range(m.left, m.right + 1) if sheet.texts[index][c])
    if under >= 2:
        return True
    upper, lower = sheet.texts[above], sheet.texts[index]
    filled_in = sum(1 for c in range(1, sheet.width) if lower[c] and not upper[c] and any(upper[:c]))
    if filled_in:
        names = [t for t in lower if t]
        return signs.contrast > 0 or (filled_in > 1 and len(set(names)) < len(names))
    data_columns = signs.unlike_below
    return (
        signs.contrast >= 2
        and signs.contrast >= 0.6 * data_columns
        and signs.filled * 2 > sheet.filled[above]
    )


def _are_units(texts: Sequence[str]) -> bool:
    cells = [t for t in texts if t]
    return bool(cells) and all(re.fullmatch(r"[(\[].*[)\]]|%|#", t) for t in cells)


def _with_groups(sheet: _Head, rows: list[int]) -> tuple[int, ...]:
    """The header's rows with those above that name groups of its columns."""
    while len(rows) < _MAX_LEVELS and rows[0] > 0 and _is_group(sheet, rows[0] - 1, rows[0]):
        rows.insert(0, rows[0] - 1)
    return tuple(rows)


def _is_group(sheet: _Head, index: int, below: int) -> bool:
    texts, lower = sheet.texts[index], sheet.texts[below]
    filled = [c for c, t in enumerate(texts) if t]
    if not filled or any(kind not in _LABELS for kind in sheet.kinds[index] if kind != "blank"):
        return False
    if any(texts[c].endswith(":") or len(texts[c]) > 120 for c in filled):
        return False
    if len(filled) > 2 and len({texts[c] for c in filled}) == 1:
        return False
    spans = [m for m in sheet.across.get(index, []) if texts[m.left]]
    if any(m.right - m.left + 1 >= 0.8 * sheet.filled[below] for m in spans):
        return False
    if spans:
        return any(lower[c] for m in spans for c in range(m.left, m.right + 1))
    if sheet.across:
        # The file knows how to join cells and did not join these: words above the table.
        return False
    return len(filled) > 1 and all(lower[c] for c in filled) and len(filled) < sheet.filled[below]


def _beside_tags(sheet: _Head, tag_row: int) -> tuple[int, ...]:
    """The header over the tags; under them where nothing but a title is above; () where there is none."""
    filled = [i for i in range(tag_row - 1, -1, -1) if sheet.filled[i]]
    # Units may stand between the header and its tags.
    above = next((i for i in filled if not _are_units(sheet.texts[i])), None)
    tagged = sheet.filled[tag_row]
    if above is not None and (sheet.filled[above] >= 0.4 * tagged or tagged < 3):
        return _with_groups(sheet, [above]) if sheet.filled[above] > 1 or tagged < 3 else ()
    below = sheet.next_filled(tag_row + 1)
    if below is not None and below + 1 < len(sheet.filled):
        signs = sheet.signs(below)
        if signs.labels == signs.filled >= 0.5 * tagged and signs.contrast and not signs.conflict:
            return (below,)
    return ()


def _made(
    sheet: _Head, rows: tuple[int, ...], tag_row: int | None, called: str, found: bool = True
) -> Header:
    names = _joined(sheet, rows)
    tags: dict[int, str] = {}
    start = max(rows, default=-1) + 1
    if tag_row is not None:
        start = max(start, tag_row + 1)
        for column, text in enumerate(sheet.texts[tag_row]):
            if _HXL_TAG.fullmatch(text):
                tags[column] = re.sub(r"\s+", "", text).lower()
        if not rows:
            names = list(sheet.texts[tag_row])
    elif not rows and found:
        # Titles stand above the data of a sheet without a header, too.
        while start < len(sheet.filled) and sheet.usual > 2 and _is_title(sheet, start):
            start += 1
        if start == len(sheet.filled):
            start = 0
    above = [i for i in range(min(rows, default=start)) if sheet.filled[i] and i != tag_row]
    titles = tuple(next(t for t in sheet.texts[i] if t) for i in above)
    levels = tuple(tuple(sheet.texts[i]) for i in rows)
    findings = _findings(rows, tag_row, titles, called, sheet.first) if found else ()
    return Header(names, rows, levels, tags, start, titles, findings)


def _joined(sheet: _Head, rows: tuple[int, ...]) -> list[str]:
    """One name a column, from the uppermost level down: "IDPs / Male"."""
    names = []
    spread = [_spread(sheet, row, rows[i + 1] if i + 1 < len(rows) else None) for i, row in enumerate(rows)]
    for column in range(sheet.width):
        parts: list[str] = []
        for level in spread:
            text = re.sub(r"\s+", " ", level[column]).strip()
            if text and (not parts or parts[-1].casefold() != text.casefold()):
                parts.append(text)
        names.append(JOIN.join(parts))
    return names


def _spread(sheet: _Head, row: int, below: int | None) -> list[str]:
    """The cells of a header row, each over all columns it spans."""
    texts = list(sheet.texts[row])
    if below is None:
        return texts
    for merge in sheet.across.get(row, []):
        for column in range(merge.left, min(merge.right, sheet.width - 1) + 1):
            texts[column] = texts[column] or sheet.texts[merge.top][merge.left]
    if not sheet.across:
        # Without marks of joined cells a word spans the blank cells to its right that have a cell below,
        # unless it has none itself: then it is a column of its own.
        last = ""
        for column in range(sheet.width):
            if sheet.texts[row][column]:
                last = sheet.texts[row][column] if sheet.texts[below][column] else ""
            elif sheet.texts[below][column]:
                texts[column] = last
            else:
                last = ""
    return texts


def _findings(
    rows: tuple[int, ...], tag_row: int | None, titles: tuple[str, ...], called: str, first: int
) -> tuple[Finding, ...]:
    if not rows:
        if tag_row is not None:
            message = f"{called} has no header; its columns are called by their HXL tags."
        else:
            message = (
                f"{called} has no header: its first row looks like all others. The columns are called "
                "column_1, column_2 and so on; state the row of the header if there is one."
            )
        return (Finding("header-missing", "warning", message),)
    if rows == (first,) and (tag_row is None or tag_row > first):
        return ()
    if len(rows) == 1:
        which = f"row {rows[0] + 1}"
    else:
        upper = ", ".join(str(r + 1) for r in rows[:-1])
        which = f"rows {upper} and {rows[-1] + 1}, joined with “{JOIN.strip()}”"
    left_out = ""
    if titles:
        title = next((t for t in titles if "@" not in t and not re.search(r"\d{7}", t)), "")
        begin = f", beginning “{title[:60]}”" if title else ""
        left_out = f" What stands above it ({counted(len(titles), 'row', 'rows')}{begin}) is no data."
    return (
        Finding(
            "header-guessed",
            "info",
            f"The header of {called} was taken from {which}.{left_out}",
            rows=tuple(r + 1 for r in rows),
        ),
    )
