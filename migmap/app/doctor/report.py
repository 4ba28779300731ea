"""What the doctor says of a layer and of a project, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from migmap.api import Finding, RowsAside

if TYPE_CHECKING:
    from migmap.geo.accounting import Accounting

SEVERITIES = ("error", "warning", "info")


def by_severity(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The worst first, then what can be mended, then what concerns most rows."""
    return tuple(
        sorted(
            findings,
            key=lambda one: (
                SEVERITIES.index(one.severity),
                not one.fix or one.applied,
                -one.count,
                one.code,
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a role is filled. column: None for the position and for a role that no column plays.

    filled: rows with a value, zeros among them; zero: of these, the number 0. blank: nothing written.
    not_assessed: a word that says nobody looked or nobody knows. rows = filled + blank + not_assessed.
    """

    role: str
    title: str
    column: str | None
    rows: int
    filled: int
    blank: int
    not_assessed: int
    zero: int

    @property
    def share(self) -> float:
        """Filled rows as a share of all, 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "filled": self.filled,
            "blank": self.blank,
            "not_assessed": self.not_assessed,
            "zero": self.zero,
            "share": round(self.share, 6),
        }


@dataclass(frozen=True, slots=True)
class PeopleKnown:
    """Of how many people sex and age are known. total: None where no column counts people.

    sex, age, both: people whose sex, age, or sex and age stand in columns of their own; None where
    no such column exists. categories: what the columns count.
    """

    total: float | None = None
    sex: float | None = None
    age: float | None = None
    both: float | None = None
    households: float | None = None
    categories: tuple[str, ...] = ()

    def share(self, part: float | None) -> float | None:
        """`part` of the total, 0 to 1; None where either is unknown."""
        if part is None or not self.total:
            return None
        return min(part / self.total, 1.0)

    def as_json(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "households": self.households,
            "sex_known": self.sex,
            "age_known": self.age,
            "sex_and_age_known": self.both,
            "share_sex_known": _rounded(self.share(self.sex)),
            "share_age_known": _rounded(self.share(self.age)),
            "share_sex_and_age_known": _rounded(self.share(self.both)),
            "categories": list(self.categories),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


@dataclass(frozen=True, slots=True)
class GapCell:
    """Rows and people of a layer in a district at a date. people: None where no column counts them."""

    layer: str
    district: str
    date: str
    rows: int
    people: float | None

    def as_json(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "district": self.district,
            "date": self.date,
            "rows": self.rows,
            "people": self.people,
        }


@dataclass(frozen=True, slots=True)
class GapMatrix:
    """Layer x district x date. A combination without a cell has nothing. districts: those of the areas
    given, even without a row, else those the rows name. by: what districts and dates come from, in words.
    """

    layers: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    cells: tuple[GapCell, ...] = ()
    by: str = ""

    def at(self) -> dict[tuple[str, str, str], GapCell]:
        return {(cell.layer, cell.district, cell.date): cell for cell in self.cells}

    @property
    def empty(self) -> int:
        """Combinations of layer, district and date with nothing."""
        return len(self.layers) * len(self.districts) * len(self.dates) - len(self.cells)

    def as_json(self) -> dict[str, Any]:
        return {
            "layers": list(self.layers),
            "districts": list(self.districts),
            "dates": list(self.dates),
            "cells": [cell.as_json() for cell in self.cells],
            "empty": self.empty,
            "by": self.by,
        }


@dataclass(frozen=True, slots=True, eq=False)
class LayerReport:
    """Everything the doctor found in a layer. Nothing in it holds personal data or
    says where a single household lives.

    file: its name without folders, with `::PART`. rows, accounting: None for a raster. findings: the worst
    first. context: row -> (id, name) of rows that findings with changes concern. aside: the rows set
    aside with their cells.
    """

    title: str
    file: str
    kind: str
    driver: str
    crs: str | None
    roles: Mapping[str, str]
    rows: int | None
    columns: tuple[str, ...]
    accounting: Accounting | None
    set_aside: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    completeness: tuple[Completeness, ...] = ()
    duplicates: Mapping[str, int] = field(default_factory=dict)
    people: PeopleKnown = PeopleKnown()
    gaps: GapMatrix = GapMatrix()
    sensitivity: str | None = None
    synthetic: bool = False
    source: str = ""
    date: str = ""
    today: str = ""
    aside: tuple[RowsAside, ...] = ()
    context: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    def with_findings(self, more: tuple[Finding, ...]) -> LayerReport:
        """The report with these findings too."""
        return replace(self, findings=by_severity((*more, *self.findings))) if more else self

    def counts(self) -> dict[str, int]:
        """Findings by severity."""
        return {severity: sum(one.severity == severity for one in self.findings) for severity in SEVERITIES}

    def as_json(self) -> dict[str, Any]:
        """What `migmap check --json` prints."""
        return {
            "file": self.file,
            "title": self.title,
            "kind": self.kind,
            "roles": dict(self.roles),
            "driver": self.driver,
            "crs": self.crs,
            "rows": self.rows,
            "columns": list(self.columns),
            "accounting": None if self.accounting is None else self.accounting.as_json(),
            "set_aside": [dict(one) for one in self.set_aside],
            "findings": [finding_json(one) for one in self.findings],
            "completeness": {one.role: one.as_json() for one in self.completeness},
            "duplicates": dict(self.duplicates),
            "people": self.people.as_json(),
            "gaps": self.gaps.as_json(),
            "sensitivity": self.sensitivity,
            "synthetic": self.synthetic,
            "source": self.source,
            "date": self.date or None,
            "checked": self.today or None,
        }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding for scripts, with the number of values its fix replaces."""
    return {**finding.as_json(), "changes": len(finding.changes)}


@dataclass(frozen=True, slots=True, eq=False)
class ProjectReport:
    """The reports of a project's layers, and what shows only between them.

    findings: between layers, and layers that could not be read. gaps: all layers together.
    """

    title: str
    file: str
    layers: tuple[LayerReport, ...]
    findings: tuple[Finding, ...]
    gaps: GapMatrix
    sensitivity: str | None = None
    synthetic: bool = False
    today: str = ""

    def counts(self) -> dict[str, int]:
        """Findings by severity, those of the layers among them."""
        every = [*self.findings, *(one for layer in self.layers for one in layer.findings)]
        return {severity: sum(one.severity == severity for one in every) for severity in SEVERITIES}

    def as_json(self) -> dict[str, Any]:
        """What `migmap check PROJECT --json` prints. accounting: of all layers with rows together; people
        of different layers may be the same people, so they are not added up here."""
        accounts = [one.accounting for one in self.layers if one.accounting is not None]
        return {
            "file": self.file,
            "title": self.title,
            "kind": "project",
            "driver": "migmap",
            "crs": None,
            "roles": {},
            "rows": sum(one.rows for one in accounts),
            "columns": [],
            "accounting": {
                "rows": sum(one.rows for one in accounts),
                "used": sum(one.used for one in accounts),
                "set_aside": sum(one.set_aside for one in accounts),
                "people": None,
                "people_used": None,
                "people_set_aside": None,
            },
            "set_aside": [],
            "findings": [finding_json(one) for one in self.findings],
            "layers": [layer.as_json() for layer in self.layers],
            "gaps": self.gaps.as_json(),
            "sensitivity": self.sensitivity,
            "synthetic": self.synthetic,
            "checked": self.today or None,
        }
