"""Structured population: what each column of people counts, and whether the figures fit each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from migmap.api import Finding, PeopleColumn, Progress, VectorData, no_progress

from .columns import attribute_columns
from .peoplenames import age_holds, ages, holds, people_columns, people_of_name, people_of_tag
from .wording import first_rows, rows_text

SMALLEST_HOUSEHOLD, LARGEST_HOUSEHOLD = 2.0, 20.0
"""People per household that need no second look."""
_SLACK = 0.5
"""Figures of people that differ by less are the same: shares of people are written as decimals."""
_OF_A_PERIOD = ("flow", "flow_point", "activity")
"""Kinds whose people went, passed or were reached over a period: never a stock."""
_OVERLAP = {"refugee": ("por", "acc", "und")}
"""Category -> those that are among it where both are counted."""


def structured(
    data: VectorData, progress: Progress = no_progress, hxl: Mapping[str, str] | None = None
) -> VectorData:
    """`data` with `people` told, and findings about figures that do not fit. Nothing is changed.

    hxl: column -> HXL tag. Findings: people-negative, people-fractional, parts-above-total,
    parts-below-total, household-size-odd, sex-age-unknown, stock-and-flow, categories-overlap,
    people-tag-disagrees.
    """
    names = [name for name in attribute_columns(data) if is_count(data.frame[name])]
    columns = people_columns(names, hxl, data.roles)
    if data.kind in _OF_A_PERIOD:
        columns = tuple(dataclasses.replace(column, nature="flow") for column in columns)
    if not columns:
        return data
    figures = _Figures(data, columns)
    findings = [
        *_negative(figures),
        *_fractional(figures),
        *_parts(figures, progress),
        *_household_sizes(figures),
        *_known_share(figures),
        *_natures(figures),
        *_overlaps(figures),
        *_tags(figures, hxl or {}),
    ]
    progress(1.0, "Looking at columns of people")
    return dataclasses.replace(data, people=columns, findings=(*data.findings, *findings))


def is_count(cells: pd.Series) -> bool:
    """True for a number column that is no share: one whose values all lie between 0 and 1 counts nobody."""
    if pd.api.types.is_bool_dtype(cells.dtype) or not pd.api.types.is_numeric_dtype(cells.dtype):
        return False
    if not pd.api.types.is_float_dtype(cells.dtype):
        return True
    values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    inside = (values > 0) & (values < 1)
    return not (inside.any() and bool(((values >= 0) & (values <= 1)).all()))


class _Figures:
    """The columns of people of a layer with their values; NaN where a row gives none."""

    def __init__(self, data: VectorData, columns: Sequence[PeopleColumn]) -> None:
        self.data, self.columns = data, columns
        self.rows = np.asarray(data.row_numbers)
        self._values: dict[str, np.ndarray] = {}

    def of(self, column: PeopleColumn) -> np.ndarray:
        """float64 [n]."""
        if column.column not in self._values:
            cells = self.data.frame[column.column].to_numpy(dtype=np.float64, na_value=np.nan)
            self._values[column.column] = np.where(np.isfinite(cells), cells, np.nan)
        return self._values[column.column]

    @property
    def main(self) -> PeopleColumn | None:
        """The column that plays "people"."""
        wanted = self.data.roles.get("people")
        return next((c for c in self.columns if c.column == wanted), None)


def _negative(figures: _Figures) -> Iterator[Finding]:
    for column in figures.columns:
        below = figures.of(column) < 0
        if below.any():
            yield Finding(
                "people-negative",
                "warning",
                f"“{column.column}” is negative in {rows_text(below.sum())}: nobody counts fewer than 0 "
                "people. The value is shown as it is and counts as unknown in every run.",
                int(below.sum()),
                first_rows(figures.rows[below]),
            )


def _fractional(figures: _Figures) -> Iterator[Finding]:
    for column in figures.columns:
        values = figures.of(column)
        known = np.isfinite(values)
        parts = known & (np.abs(values - np.round(values)) > 1e-9)
        if parts.any():
            modelled = parts.sum() > 0.5 * known.sum()
            yield Finding(
                "people-fractional",
                "info" if modelled else "warning",
                f"“{column.column}” holds no whole number in {rows_text(parts.sum())} of {known.sum():,}"
                + (": the figures look modelled or averaged, not counted." if modelled else ".")
                + " They are used as they are.",
                int(parts.sum()),
                first_rows(figures.rows[parts]),
            )


@dataclass(frozen=True, slots=True)
class Split:
    """Columns that divide the people of a total. whole: together they should be everybody."""

    by: str
    parts: tuple[PeopleColumn, ...]
    whole: bool


def _parts(figures: _Figures, progress: Progress) -> Iterator[Finding]:
    for place, total in enumerate(figures.columns):
        if not total.total:
            continue
        progress(0.2 + 0.6 * place / len(figures.columns), "Adding up columns of people")
        wanted = figures.of(total)
        for split in splits(total, figures.columns):
            values = np.column_stack([figures.of(part) for part in split.parts])
            known = np.isfinite(values)
            together = np.where(known.any(axis=1), np.nansum(values, axis=1), np.nan)
            names = listed(split.parts)
            above = together > wanted + _SLACK
            if above.any():
                worst = int(np.nanargmax(np.where(above, together - wanted, -np.inf)))
                yield Finding(
                    "parts-above-total",
                    "warning",
                    f"In {rows_text(above.sum())} {names} together are more than “{total.column}”, of which "
                    f"they are parts by {split.by}; in row {int(figures.rows[worst])} {together[worst]:,.0f} "
                    f"against {wanted[worst]:,.0f}. Neither was changed; figures of people are made of "
                    f"“{total.column}”.",
                    int(above.sum()),
                    first_rows(figures.rows[above]),
                )
            below = known.all(axis=1) & (together < wanted - _SLACK)
            if split.whole and below.any():
                missing = float(np.sum((wanted - together)[below]))
                yield Finding(
                    "parts-below-total",
                    "info",
                    f"In {rows_text(below.sum())} {names} do not reach “{total.column}”, and no column says "
                    f"“unknown”: the {split.by} of {missing:,.0f} people is not known.",
                    int(below.sum()),
                    first_rows(figures.rows[below]),
                )


def splits(total: PeopleColumn, columns: Sequence[PeopleColumn]) -> Iterator[Split]:
    inside = [c for c in columns if c is not total and holds(total, c) and c.status == total.status]
    same = [c for c in inside if c.category == total.category]
    by_sex = tuple(c for c in same if c.age == total.age and c.sex in ("female", "male", "unknown"))
    if by_sex:
        sexes = {c.sex for c in by_sex}
        yield Split("sex", _first_of(by_sex, "sex"), {"female", "male"} <= sexes and "unknown" not in sexes)
    by_age = _apart([c for c in same if c.sex == total.sex and c.age != total.age])
    if by_age:
        yield Split("age", by_age, _is_everybody(by_age))
    cells = [c for c in same if c.sex in ("female", "male", "unknown") and c.age != total.age]
    women, men = (_apart([c for c in cells if c.sex == sex]) for sex in ("female", "male"))
    rest = tuple(c for c in cells if c.sex == "unknown" and c.age == "unknown")
    if total.sex == "all" and women and men:
        yield Split(
            "sex and age", (*women, *men, *rest), not rest and _is_everybody(women) and _is_everybody(men)
        )
    groups = [c for c in inside if c.category != total.category and c.sex == total.sex and c.age == total.age]
    if groups and total.category == "all":
        names = {c.category for c in groups}
        inner = {small for big, smalls in _OVERLAP.items() if big in names for small in smalls}
        inner |= {name for name in names if name.startswith("idp-") and "idp" in names}
        yield Split("category", _first_of([c for c in groups if c.category not in inner], "category"), False)


def _first_of(columns: Sequence[PeopleColumn], field: str) -> tuple[PeopleColumn, ...]:
    """One column for each value of a field: two counts of women are no parts of one total."""
    found: dict[str, PeopleColumn] = {}
    for column in columns:
        found.setdefault(getattr(column, field), column)
    return tuple(found.values())


def _apart(columns: Sequence[PeopleColumn]) -> tuple[PeopleColumn, ...]:
    """Columns of ages that do not overlap, the narrow ones before the wide ones that hold them; () where
    they overlap in another way."""
    columns = _first_of(columns, "age")
    leaves = [c for c in columns if not any(o is not c and age_holds(c.age, o.age) for o in columns)]
    spans = sorted(span for c in leaves if (span := ages(c.age)) is not None)
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        return ()
    return tuple(leaves)


def _is_everybody(columns: Sequence[PeopleColumn]) -> bool:
    """True when intervals run from birth to the open end without a gap, and none is "unknown"."""
    spans = sorted(span for c in columns if (span := ages(c.age)) is not None)
    if len(spans) < len(columns) or not spans or spans[0][0] > 1 or spans[-1][1] < 200:
        return False
    return all(later[0] <= earlier[1] + 1 for earlier, later in pairwise(spans))


def _household_sizes(figures: _Figures) -> Iterator[Finding]:
    for people, households in _pairs(figures):
        persons, families = figures.of(people), figures.of(households)
        known = np.isfinite(persons) & np.isfinite(families) & (persons >= 0) & (families >= 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = persons / families
        odd = known & (persons + families > 0)
        odd &= (families == 0) | (size < SMALLEST_HOUSEHOLD) | (size > LARGEST_HOUSEHOLD)
        if not odd.any():
            continue
        none = int((odd & (families == 0)).sum())
        small = int((odd & (families > 0) & (size < SMALLEST_HOUSEHOLD)).sum())
        large = int(odd.sum()) - none - small
        told = [
            text
            for count, text in (
                (small, f"fewer than {SMALLEST_HOUSEHOLD:g} in {rows_text(small)}"),
                (large, f"more than {LARGEST_HOUSEHOLD:g} in {rows_text(large)}"),
                (none, f"people without a household in {rows_text(none)}"),
            )
            if count
        ]
        yield Finding(
            "household-size-odd",
            "warning",
            f"People per household (“{people.column}” by “{households.column}”) look wrong: "
            f"{', '.join(told)}. One of the two figures may stand in the other's column. Nothing "
            "was changed.",
            int(odd.sum()),
            first_rows(figures.rows[odd]),
        )


def _pairs(figures: _Figures) -> Iterator[tuple[PeopleColumn, PeopleColumn]]:
    """(people, households) that count the same ones."""
    stock = [c for c in figures.columns if c.nature == "stock" and c.sex == "all" and c.age == "all"]
    told: set[tuple[str, str, str]] = set()
    main = figures.main
    for people in sorted((c for c in stock if c.counts == "individuals"), key=lambda c: c is not main):
        for households in stock:
            same = (people.status, people.date) == (households.status, households.date)
            near = households.category == people.category or (people is main and households.category == "all")
            key = (people.category, people.status, people.date)
            if households.counts == "households" and same and near and key not in told:
                told.add(key)
                yield people, households


def _known_share(figures: _Figures) -> Iterator[Finding]:
    main = figures.main
    if main is None or main.counts != "individuals":
        return
    everybody = np.nan_to_num(np.clip(figures.of(main), 0, None))
    total = float(everybody.sum())
    if total <= 0:
        return
    unknown = []
    for split in splits(main, figures.columns):
        if split.by == "category":
            continue
        parts = [p for p in split.parts if "unknown" not in (p.sex, p.age)]
        if len(parts) < 2:
            continue
        told = np.nansum([np.clip(figures.of(p), 0, None) for p in parts], axis=0)
        share = 1.0 - float(np.minimum(told, everybody).sum()) / total
        if share > 0.005:
            unknown.append(f"{split.by} of {share:.0%} of the people")
    if unknown:
        yield Finding(
            "sex-age-unknown",
            "info",
            f"The {' and the '.join(unknown)} in “{main.column}” is not known; shares of women, men and "
            "children are of the known ones.",
        )


def _natures(figures: _Figures) -> Iterator[Finding]:
    stock = [
        c for c in figures.columns if c.nature == "stock" and c.counts == "individuals" and c.sex == "all"
    ]
    flow = [c for c in figures.columns if c.nature == "flow"]
    if stock and flow:
        yield Finding(
            "stock-and-flow",
            "info",
            f"{listed(flow)} {'counts' if len(flow) == 1 else 'count'} people over a period, "
            f"{listed(stock[:3])} people at a date; the two are never added.",
            len(flow),
        )


def _overlaps(figures: _Figures) -> Iterator[Finding]:
    whole = [
        c
        for c in figures.columns
        if c.nature == "stock" and c.sex == "all" and c.age == "all" and c.counts == "individuals"
    ]
    for big, smalls in _OVERLAP.items():
        wide = [c for c in whole if c.category == big]
        narrow = [c for c in whole if c.category in smalls and c.status == wide[0].status] if wide else []
        if wide and narrow:
            yield Finding(
                "categories-overlap",
                "info",
                f"People in {listed(narrow)} may also be in “{wide[0].column}”; the columns are not added.",
                len(narrow) + 1,
            )


def _tags(figures: _Figures, hxl: Mapping[str, str]) -> Iterator[Finding]:
    for column in figures.columns:
        named, tagged = people_of_name(column.column), people_of_tag(hxl.get(column.column, ""))
        if named and tagged and "all" not in (named.sex, tagged.sex) and named.sex != tagged.sex:
            yield Finding(
                "people-tag-disagrees",
                "warning",
                f"The name of “{column.column}” says {named.sex} and its HXL tag "
                f"({hxl[column.column]}) says {tagged.sex}; its sex is taken as unknown.",
            )


def listed(columns: Sequence[PeopleColumn]) -> str:
    names = [f"“{c.column}”" for c in columns]
    if len(names) > 6:
        return f"{', '.join(names[:5])} and {len(names) - 5} more columns"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
