"""What a run takes from published tables: class schemes, displacement rates, needs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any, Literal, TypeAlias, TypeVar

SCHEME_HAZARDS = (
    "flood",
    "drought",
    "heat",
    "landslide",
    "glacial-lake-outburst",
    "earthquake",
    "cyclone",
)
"""Hazards that schemes and rates are made for, spelled as they are read from names of files."""

MOST_SCHEME_CLASSES = 250
_OWN_WORDS = ("not_exposed", "unknown")
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class SchemeClass:
    """One class of a hazard.

    label: short, as it stands in tables. minimum: where the class begins, in the scheme's unit, when
    classes go by edges; None for the class before all others. value: the code in a classified raster, when
    they go by values. colour: "#rrggbb" or "". severity: 0 (none) to 4 (extreme). exposed: False for a
    class that is no exposure.
    """

    label: str
    minimum: float | None
    value: float | None
    colour: str = ""
    severity: int = 0
    exposed: bool = True


@dataclass(frozen=True, slots=True)
class Scheme:
    """Named classes of a hazard, mildest first.

    hazard: one of SCHEME_HAZARDS. quantity: what is measured, in a word. unit: of `minimum`, "" for none.
    by: "edges": a class holds [minimum, next minimum), the last is open-ended, and what lies before the first
    is not exposed; "values": a class holds the cells of its code, and a cell of no code in the list is an
    error when the scheme is used. falling: smaller is worse, as in a drought, so the minima fall and a class
    holds (next minimum, minimum]. affected_from: label of the mildest class that counts as affected.
    source, edition: who published it, and which issue. note: what in it is a convention and not published.
    origin, sha256: the file it came from, "" for a built-in. ValueError for what is no scheme.
    """

    name: str
    title: str
    hazard: str
    quantity: str
    unit: str
    by: Literal["edges", "values"]
    classes: tuple[SchemeClass, ...]
    affected_from: str | None
    source: str
    edition: str = ""
    note: str = ""
    falling: bool = False
    origin: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        _check_words(self)
        _check_hazard(self.hazard)
        if self.by not in ("edges", "values"):
            raise ValueError(f"“by” is “{self.by}”; it is edges or values")
        if not 0 < len(self.classes) <= MOST_SCHEME_CLASSES:
            raise ValueError(f"it has {len(self.classes)} classes; one to {MOST_SCHEME_CLASSES} are possible")
        _check_labels([one.label for one in self.classes if one.exposed])
        _once("label", [one.label for one in self.classes])
        for one in self.classes:
            _check_class(one)
        for before, after in pairwise(self.classes):
            if after.severity < before.severity:
                raise ValueError(
                    f"the severity falls from “{before.label}” to “{after.label}”; the mildest comes first"
                )
        if not any(one.exposed for one in self.classes):
            raise ValueError("no class is an exposure")
        if self.by == "edges":
            self._check_edges()
        else:
            self._check_values()
        named = [one.label for one in self.classes if one.exposed]
        if self.affected_from is not None and self.affected_from not in named:
            raise ValueError(
                f"“affected_from” names “{self.affected_from}”, which is no exposed class; "
                f"they are {', '.join(named)}"
            )

    def _check_edges(self) -> None:
        for number, one in enumerate(self.classes):
            if one.value is not None:
                raise ValueError(f"class “{one.label}” has a value, but the classes go by edges")
            if (one.minimum is None) != (not one.exposed) or (number and not one.exposed):
                raise ValueError(
                    f"class “{one.label}”: every class that is an exposure says from where on it counts; "
                    "only the first may be no exposure, and then takes all that lies before the second"
                )
        edges = [one for one in self.classes if one.minimum is not None]
        _check_steps([(one.label, one.minimum) for one in edges], self.falling)

    def _check_values(self) -> None:
        if self.falling:
            raise ValueError("“falling” is for classes by edges; classes by values stand in their order")
        for one in self.classes:
            if one.minimum is not None or one.value is None:
                raise ValueError(
                    f"class “{one.label}” needs a value and no edge, as the classes go by values"
                )
        _once("value", [one.value for one in self.classes])

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the classes, mildest first."""
        return tuple(one.label for one in self.classes)

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return _plain(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Scheme:
        """The scheme that `as_json` wrote. TypeError, KeyError or ValueError for anything else."""
        return cls(**{**_known(cls, said), "classes": _parts(SchemeClass, said["classes"])})

    def about(self) -> tuple[str, ...]:
        """Lines of provenance: what it is, where it comes from, what in it is a convention."""
        return _about(self)


@dataclass(frozen=True, slots=True)
class RateLine:
    """The share of the people in a class who are displaced.

    label: of the class. minimum: where the class begins, in the unit of the rates; None where the rate goes
    by label alone. rate: 0 to 1. source: whose figure it is.
    """

    label: str
    minimum: float | None
    rate: float
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Displacement rates of a hazard, mildest class first.

    unit: of the lines' `minimum`. falling: smaller is worse, so the minima fall. The other fields are those
    of Scheme. ValueError for what are no rates.
    """

    name: str
    title: str
    hazard: str
    unit: str
    lines: tuple[RateLine, ...]
    source: str
    edition: str = ""
    note: str = ""
    falling: bool = False
    origin: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        _check_words(self)
        _check_hazard(self.hazard)
        if not self.lines:
            raise ValueError("it has no rates")
        _check_labels([one.label for one in self.lines])
        _once("label", [one.label for one in self.lines])
        for one in self.lines:
            if not 0 <= _number(one.rate, f"the rate of “{one.label}”") <= 1:
                raise ValueError(
                    f"the rate of “{one.label}” is {one.rate:g}; rates are shares from 0 to 1 (5 % is 0.05)"
                )
            if not _is_text(one.source):
                raise ValueError(f"the rate of “{one.label}” has no source")
        _check_steps(
            [(one.label, one.minimum) for one in self.lines if one.minimum is not None], self.falling
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return _plain(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Rates:
        """The rates that `as_json` wrote. TypeError, KeyError or ValueError for anything else."""
        return cls(**{**_known(cls, said), "lines": _parts(RateLine, said["lines"])})

    def about(self) -> tuple[str, ...]:
        """Lines of provenance: what it is, where it comes from, what in it is a convention."""
        return _about(self)


@dataclass(frozen=True, slots=True)
class Need:
    """What one displaced person needs.

    item: short word in lower case, used in `need:<item>`. sector: "WASH", "shelter", ... per_person: how
    much of `unit`; one for 20 people is 0.05. period: "day", "month", ... or "once". source: whose figure
    it is.
    """

    item: str
    sector: str
    per_person: float
    unit: str
    period: str
    source: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What displaced people need, a line an item. The other fields are those of Scheme. ValueError for what
    are no needs."""

    name: str
    title: str
    lines: tuple[Need, ...]
    source: str
    edition: str = ""
    note: str = ""
    origin: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        _check_words(self)
        if not self.lines:
            raise ValueError("it has no needs")
        for one in self.lines:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", one.item):
                raise ValueError(
                    f"the item “{one.item}” is no word of small letters, digits and _ (water, shelter_kits)"
                )
            if _number(one.per_person, f"per_person of “{one.item}”") < 0:
                raise ValueError(f"the need of “{one.item}” is {one.per_person:g} a person, below 0")
            for key in ("sector", "unit", "period", "source"):
                if not _is_text(getattr(one, key)):
                    raise ValueError(f"the need of “{one.item}” has no {key}")
        _once("item", [one.item for one in self.lines])

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return _plain(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Needs:
        """The needs that `as_json` wrote. TypeError, KeyError or ValueError for anything else."""
        return cls(**{**_known(cls, said), "lines": _parts(Need, said["lines"])})

    def about(self) -> tuple[str, ...]:
        """Lines of provenance: what it is, where it comes from, what in it is a convention."""
        return _about(self)


Profile: TypeAlias = Scheme | Rates | Needs


def _plain(profile: Profile) -> dict[str, Any]:
    said = asdict(profile)
    for name in ("classes", "lines"):
        if name in said:
            said[name] = list(said[name])
    return said


def _known(cls: type[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    strange = sorted(set(said) - {one.name for one in fields(cls)})
    if strange:
        raise ValueError(f"unknown: {', '.join(strange)}")
    return dict(said)


def _parts(cls: type[_Part], listed: Any) -> tuple[_Part, ...]:
    return tuple(cls(**_known(cls, one)) for one in listed)


def _about(profile: Profile) -> tuple[str, ...]:
    edition = f", {profile.edition}" if profile.edition else ""
    lines = [profile.title, f"Source: {profile.source}{edition}"]
    if profile.note:
        lines.append(profile.note)
    return tuple(lines)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{what} is not a number")
    return float(value)


def _check_words(profile: Profile) -> None:
    for key in ("name", "title", "source"):
        if not _is_text(getattr(profile, key)):
            raise ValueError(f"it has no {key}")


def _check_hazard(hazard: str) -> None:
    if hazard not in SCHEME_HAZARDS:
        raise ValueError(f"the hazard is “{hazard}”; it is one of {', '.join(SCHEME_HAZARDS)}")


def _check_labels(labels: Iterable[str]) -> None:
    for label in labels:
        if not _is_text(label) or label != label.strip():
            raise ValueError(f"“{label}” is no label")
        if label.casefold() in _OWN_WORDS:
            raise ValueError(f"a class is called “{label}”, a word that tables use for something else")


def _once(what: str, values: Iterable[Any]) -> None:
    seen: set[Any] = set()
    for value in values:
        key = value.casefold() if isinstance(value, str) else value
        if key in seen:
            shown = f"{value:g}" if isinstance(value, float) else value
            raise ValueError(f"the {what} “{shown}” is there twice")
        seen.add(key)


def _check_class(one: SchemeClass) -> None:
    if one.colour and not re.fullmatch(r"#[0-9a-fA-F]{6}", one.colour):
        raise ValueError(f"the colour of “{one.label}” is “{one.colour}”; it is written #rrggbb")
    if isinstance(one.severity, bool) or one.severity not in (0, 1, 2, 3, 4):
        raise ValueError(f"the severity of “{one.label}” is {one.severity}; it is a whole number from 0 to 4")
    if one.label.casefold() == "unknown":
        raise ValueError("a class is called “unknown”, a word that tables use for something else")
    for key in ("minimum", "value"):
        if getattr(one, key) is not None:
            _number(getattr(one, key), f"{'the edge' if key == 'minimum' else 'the value'} of “{one.label}”")


def _check_steps(steps: Iterable[tuple[str, float | None]], falling: bool) -> None:
    numbers = [(label, _number(minimum, f"the edge of “{label}”")) for label, minimum in steps]
    for (_, before), (label, after) in pairwise(numbers):
        if (after >= before) if falling else (after <= before):
            raise ValueError(
                f"the edges do not {'fall' if falling else 'rise'}: “{label}” begins at {after:g}, "
                f"the class before it at {before:g}"
            )
