"""A table of people as the search for stacked rows sees it: places, levels, series, rounds and figures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from migmap.api import Finding, VectorData
from migmap.io.values.texts import arrow_text

from .columns import as_text, attribute_columns
from .peoplenames import people_columns, people_first

OF_STOCK = ("dtm_area", "dtm_site", "unhcr_location", "refugee_village", "katchi_abadi", "boundary", "plain")
"""Kinds whose rows can be the same people once more. Facilities, activities, flows and hazards cannot."""
_OF_AREAS = ("dtm_area", "boundary", "plain")
_EVENT = re.compile(r"\b(event|incident|disaster|glide|hazard)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class SetAside:
    """leave: bool over the table's rows. Where a user keeps them, `findings` say so already."""

    code: str
    reason: str
    leave: np.ndarray
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StackTable:
    """Rows still in use. index: their places in the layer's frame. people: float64, NaN unknown.

    codes: int64 of each row for a column's texts, -1 where blank; `texts` gives them back.
    """

    data: VectorData
    column: str
    index: np.ndarray
    people: np.ndarray
    _coded: dict[str, tuple[np.ndarray, pyarrow.Array]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def rows(self) -> np.ndarray:
        """Row numbers as a person sees them."""
        return np.asarray(self.data.row_numbers[self.index])

    def without(self, leave: np.ndarray) -> StackTable:
        return replace(self, index=self.index[~leave], people=self.people[~leave])

    def role(self, *names: str) -> str | None:
        """The column of the first role that has one."""
        found = (self.data.roles.get(name) for name in names)
        return next((c for c in found if c is not None and c in self.data.frame.columns), None)

    def keeps(self, code: str) -> bool:
        return code in self.data.reading.keep

    def codes(self, column: str | None) -> np.ndarray:
        """int64 [n]: equal numbers for equal texts, -1 for blank; all -1 without a column."""
        if column is None:
            return np.full(len(self), -1, dtype=np.int64)
        return np.asarray(self._of(column)[0][self.index])

    def texts(self, column: str) -> list[str]:
        """The text of each code of a column."""
        found: list[str] = self._of(column)[1].to_pylist()
        return found

    def _of(self, column: str) -> tuple[np.ndarray, pyarrow.Array]:
        """int64, one a row of the layer: the place of its text among the different ones, -1 for blank; these.
        In Arrow, because a layer may have a million different names."""
        if column not in self._coded:
            codes, encoded = _encoded(self.data.frame[column])
            texts = encoded.dictionary
            blank = pc.is_in(pc.utf8_lower(texts), value_set=pyarrow.array(_BLANK, pyarrow.large_string()))
            filled = ~np.asarray(blank)
            number = np.append(np.where(filled, np.cumsum(filled) - 1, -1), -1)
            again = number[np.asarray(pc.fill_null(encoded.indices, len(texts)))]
            if codes is not None:
                again = np.append(again, -1)[codes]
            self._coded[column] = (again.astype(np.int64), texts.filter(pyarrow.array(filled)))
        return self._coded[column]

    def joined(self, *columns: np.ndarray) -> np.ndarray:
        """int64 [n]: equal numbers for rows equal in every one of the int arrays."""
        found: np.ndarray | None = None
        for column in columns:
            _, dense = np.unique(column, return_inverse=True)
            if found is None:
                found = dense
                continue
            _, found = np.unique(found * (int(dense.max(initial=0)) + 1) + dense, return_inverse=True)
        return np.zeros(len(self), dtype=np.int64) if found is None else found.astype(np.int64)

    @property
    def admin(self) -> dict[int, tuple[str | None, str | None]]:
        """Level -> (column of codes, column of names). The row's own code of a table that has one level
        column and one code is not among them."""
        found: dict[int, tuple[str | None, str | None]] = {}
        for level in range(5):
            code, name = self.role(f"adm{level}_pcode"), self.role(f"adm{level}_name")
            if code is not None or name is not None:
                found[level] = (code, name)
        own = self.role("pcode")
        if own is not None:
            told = re.search(r"(?:adm|admin|level)\D{0,6}([0-4])", own, re.IGNORECASE)
            if told:
                level = int(told.group(1))
                found[level] = (own, found.get(level, (None, None))[1])
            elif self.role("level") is None and found:
                level = max(found)
                if found[level][0] is None and level > 0:
                    found[level] = (own, found[level][1])
        return found

    def chain(self, level: int) -> np.ndarray:
        """int64 [n]: which area of `level` a row lies in, by codes where given, else by names."""
        keys = []
        for one, (code, name) in sorted(self.admin.items()):
            if one <= level:
                keys.append(self.own(code, name))
        return self.joined(*keys) if keys else np.zeros(len(self), dtype=np.int64)

    def own(self, code: str | None, name: str | None) -> np.ndarray:
        """int64 [n]: the code of a row, else its name; -1 for neither."""
        codes, names = self.codes(code), self.codes(name)
        return np.where(codes >= 0, codes, np.where(names >= 0, names + 1_000_000_000, -1))

    @property
    def places(self) -> np.ndarray:
        """int64 [n]: which place a row is about."""
        parts = [self.own(code, name) for _, (code, name) in sorted(self.admin.items())]
        site = self.own(self.role("code"), self.role("name"))
        if self.data.kind not in _OF_AREAS and (site >= 0).mean() > 0.5:
            # A site is known by its id, whatever a round calls its district.
            return self.joined(site, *([] if self.role("code") else parts))
        own = self.role("pcode")
        if own is not None:
            parts.append(self.codes(own))
        parts.append(site)
        return self.joined(*parts)

    @property
    def series(self) -> np.ndarray:
        """int64 [n]: operation, country and indicator, whose figures are counted apart from others'."""
        country = self.own(self.role("adm0_pcode"), self.role("adm0_name"))
        return self.joined(self.codes(self.role("operation")), country, self.codes(self.role("indicator")))


_BLANK = ("", "nan", "none", "null", "n/a", "na", "-", "–", "not available")


def _encoded(column: pd.Series) -> tuple[np.ndarray | None, pyarrow.Array]:
    """(of each row the place of its value among different ones, -1 for null, their `as_text` by its different
    texts); None and the rows' own texts for a column of text."""
    if isinstance(column.dtype, pd.StringDtype):
        found = arrow_text(column)
        if found is not None:
            return None, pc.utf8_trim_whitespace(found.cast(pyarrow.large_string())).dictionary_encode()
    codes, values = pd.factorize(column)
    if pd.Series(values).dtype.kind in "iu":
        texts = pyarrow.array(np.asarray(values)).cast(pyarrow.large_string())
    else:
        texts = pyarrow.array([as_text(value) for value in values], type=pyarrow.large_string())
    return codes, texts.dictionary_encode()


def stack_table(data: VectorData) -> StackTable | None:
    """The table of a layer whose rows can hold the same people twice; None for any other."""
    if data.kind not in OF_STOCK or len(data.frame) < 2:
        return None
    column = data.roles.get("people")
    columns = data.people or people_columns(attribute_columns(data), roles=data.roles)
    known = {one.column: one for one in columns}
    if column is None:
        best = people_first(columns)
        column = best[0].column if best else None
    if column is None or column not in data.frame.columns:
        return None
    told = known.get(column)
    if told is not None and (told.nature == "flow" or (data.kind == "plain" and told.status)):
        return None
    if data.kind == "plain" and (
        ("pcode" not in data.roles and "level" not in data.roles)
        or any(_EVENT.search(re.sub(r"[\W_]+", " ", name)) for name in attribute_columns(data))
    ):
        return None
    cells = data.frame[column]
    if pd.api.types.is_bool_dtype(cells.dtype) or not pd.api.types.is_numeric_dtype(cells.dtype):
        return None
    values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values) & (values >= 0), values, np.nan)
    return StackTable(data, column, np.arange(len(data.frame)), values)


def times_text(naive: float, used: float) -> str:
    """ "3 times", "2.4 times": how often a plain sum counts people."""
    if used <= 0:
        return "several times"
    times = naive / used
    return f"{times:.0f} times" if abs(times - round(times)) < 0.05 else f"{times:.1f} times"
