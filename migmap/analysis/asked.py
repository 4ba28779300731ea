"""The hazards of a run: what each is called, how rare it is, and its classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import exists, realpath
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Data, Finding, Inputs, Problem, Progress, RasterData, Scheme, VectorData, part

from .hazards import ClassOrder, class_order, classes_not_used, raster_classes

if TYPE_CHECKING:
    from migmap.geo.classes import Classes
    from migmap.geo.regions import HazardPolygons


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One hazard as it was asked for.

    name: as figures call it, different for every hazard of a run. title: for sentences. kind: flood, heat and
    so on, "" where neither scheme nor file name says it. label: "" where none was given. return_period:
    years, None where none was given.
    """

    data: Data
    name: str
    title: str
    kind: str
    label: str = ""
    return_period: float | None = None
    scheme: Scheme | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A hazard with its classes: `classes` of a raster, or `polygons`; the other is None."""

    asked: Asked
    order: ClassOrder
    classes: Classes | None
    polygons: HazardPolygons | None
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return self.asked.name

    @property
    def data(self) -> Data:
        return self.asked.data

    @property
    def raster(self) -> RasterData | None:
        return self.asked.data if isinstance(self.asked.data, RasterData) else None

    @property
    def source(self) -> RasterData | HazardPolygons:
        """The raster, or the polygons."""
        if self.polygons is not None:
            return self.polygons
        assert isinstance(self.asked.data, RasterData)
        return self.asked.data

    @property
    def labels(self) -> tuple[str, ...]:
        return self.order.labels

    @property
    def exposures(self) -> np.ndarray:
        """bool [k + 1] by class code, the last for unknown: which are an exposure."""
        place = self.order.place
        return np.asarray((place > 0) & (place < len(self.labels) - 1))

    @property
    def severities(self) -> tuple[int, ...] | None:
        """By label: the scheme's severity of each class; None without a scheme."""
        if self.asked.scheme is None:
            return None
        from migmap.geo.schemes import severity_of

        return tuple(int(one) for one in severity_of(self.asked.scheme, self.labels))


def asked_hazards(params: Any, inputs: Inputs) -> tuple[Asked, ...]:
    """The hazards in the order given. Problem where labels, return periods or schemes do not go with them."""
    hazards = inputs.all_of("hazard")
    count = len(hazards)
    labels = _one_each("--label", params.label, count)
    periods = _one_each("--return-period", params.return_period, count)
    schemes: tuple[Scheme | None, ...] = inputs.profiles.get("scheme", ())
    if schemes and len(schemes) not in (1, count):
        raise Problem(
            f"--scheme was given {len(schemes)} times for {count} hazards.",
            fix="Give one scheme for all hazards, or one for each, in the same order.",
        )
    if len(schemes) == 1:
        schemes = schemes * count
    if schemes and params.classes is not None:
        raise Problem(
            "--classes and --scheme both say where the classes lie.", fix="Leave one of the two away."
        )
    made = [
        Asked(
            data=data,
            name=(labels[i] if labels else data.name) or data.name,
            title=(labels[i] if labels and labels[i] else data.title),
            kind=_kind(data, schemes[i] if schemes else None),
            label=labels[i] if labels else "",
            return_period=periods[i] if periods else None,
            scheme=schemes[i] if schemes else None,
        )
        for i, data in enumerate(hazards)
    ]
    return _told_apart(made)


def ladders(asked: Iterable[Any]) -> tuple[tuple[int, ...], ...]:
    """Which hazards belong together as one ladder of return periods, each from the most frequent on: those of
    one label, and without labels those of one kind. () where no return periods were given."""
    found: dict[str, list[int]] = {}
    periods: list[float] = []
    for index, one in enumerate(asked):
        periods.append(one.return_period if one.return_period is not None else np.nan)
        if one.return_period is not None:
            found.setdefault(one.label or one.kind, []).append(index)
    return tuple(tuple(sorted(members, key=lambda i: periods[i])) for members in found.values())


def _one_each(flag: str, given: tuple[Any, ...] | None, count: int) -> tuple[Any, ...]:
    if not given:
        return ()
    if len(given) != count:
        times = "once" if len(given) == 1 else f"{len(given)} times"
        hazards = "1 hazard" if count == 1 else f"{count} hazards"
        raise Problem(
            f"{flag} was given {times} for {hazards}.",
            fix=f"Give {flag} once for every --hazard, in the same order, or not at all.",
        )
    return given


def given_twice(asked: Sequence[Asked]) -> tuple[Finding, ...]:
    """A finding for one file with the same classes twice: it reaches everybody a second time."""
    seen = set()
    twice: dict[str, None] = {}
    for one in asked:
        source = one.data.source
        key = (realpath(source.path), source.part, one.scheme and one.scheme.name)
        # Data that are no file may share a name.
        if key in seen and exists(source.path):
            twice[one.data.name] = None
        seen.add(key)
    if not twice:
        return ()
    return (
        Finding(
            "hazard-given-twice",
            "warning",
            f"{', '.join(twice)} was given more than once as a hazard, with the same classes: what it "
            "reaches counts as reached by several.",
            len(twice),
        ),
    )


def _told_apart(asked: list[Asked]) -> tuple[Asked, ...]:
    """With names that differ: by return period where the label is the same, else by a number."""
    both = Counter((one.label or one.kind, one.return_period) for one in asked)
    for (label, period), times in both.items():
        if period is not None and times > 1:
            raise Problem(
                f"{times} hazards{f' called “{label}”' if label else ''} have the return period {period:g}.",
                fix="Give each its own return period, or hazards that do not belong together a --label each.",
            )
    names = Counter(one.name for one in asked)
    titles = Counter(one.title for one in asked)
    out: list[Asked] = []
    for one in asked:
        name, title = one.name, one.title
        if one.return_period is not None:
            rung = f"1 in {one.return_period:g} years"
            name = f"{name}, {rung}" if names[one.name] > 1 else name
            title = f"{title}, {rung}" if titles[one.title] > 1 else title
        taken = {other.name for other in out}
        free, number = name, 2
        while free in taken:
            free, number = f"{name} ({number})", number + 1
        out.append(replace(one, name=free, title=title if free == name else f"{title} ({number - 1})"))
    return tuple(out)


def _kind(data: Data, scheme: Scheme | None) -> str:
    if scheme is not None:
        return scheme.hazard
    from migmap.io.rasters.hazardnames import hazard_of_name

    stem = PurePath(data.source.path.replace("\\", "/")).stem
    return hazard_of_name(data.name).hazard or hazard_of_name(stem).hazard or ""


# -- their classes ----------------------------------------------------------------------------------


def prepared(asked: tuple[Asked, ...], params: Any, progress: Progress) -> tuple[Prepared, ...]:
    """Every hazard with its classes. Problem for classes that cannot be had."""
    if params.classes is not None and not any(isinstance(one.data, RasterData) for one in asked):
        raise Problem(
            f"{asked[0].data.source.path} holds polygons; --classes gives edges for a raster's values.",
            fix="Name the column that holds the class with --hazard-class.",
        )
    if params.hazard_class is not None and all(isinstance(one.data, RasterData) for one in asked):
        raise Problem(
            f"{asked[0].data.source.path} is a raster and has no columns; --hazard-class is for polygons.",
            fix="Leave --hazard-class away, and give --classes for the edges of its classes.",
        )
    return tuple(
        _prepared(one, params, part(progress, i / len(asked), (i + 1) / len(asked)))
        for i, one in enumerate(asked)
    )


def _prepared(asked: Asked, params: Any, progress: Progress) -> Prepared:
    if isinstance(asked.data, RasterData):
        findings: tuple[Finding, ...] = ()
        if asked.scheme is not None:
            from migmap.geo.schemes import classes_for

            classes, findings = classes_for(asked.scheme, asked.data, params.hazard_unit)
        else:
            classes = raster_classes(asked.data, params.classes, progress)
        order = class_order(classes.labels, classes.not_exposed, classes.mildest_first)
        return Prepared(asked, order, classes, None, findings)
    from migmap.geo.regions import hazard_polygons

    column = params.hazard_class
    data = asked.data
    if column is not None and asked.scheme is not None:
        data = classified(data, column, asked.scheme)
    polygons = hazard_polygons(data, column, progress)
    order = class_order(polygons.labels)
    if column is not None and asked.scheme is not None:
        polygons, order = _in_order_of(polygons, asked.scheme)
    return Prepared(
        asked, order, None, polygons, (*polygons.findings, *classes_not_used(asked.data, params.hazard_class))
    )


def classified(data: VectorData, column: str, scheme: Scheme) -> VectorData:
    """The polygons with the scheme's class in place of what `column` holds: numbers by its edges, text by
    its labels. Problem for a value that fits none."""
    from migmap.geo.columns import attribute_columns, text_column, unknown_column
    from migmap.geo.schemes import edges_for

    if column not in attribute_columns(data):
        raise unknown_column(data, column)
    texts = text_column(data, column)
    given = [text for text in texts if text is not None]
    known: Mapping[str, str] = {one.label.casefold(): one.label for one in scheme.classes}
    if all(text.casefold() in known for text in given):
        said = [None if text is None else known[text.casefold()] for text in texts]
    else:
        numbers = [_number(text) for text in texts]
        classes, _ = edges_for(scheme, scheme.unit, data.name)
        values = np.array(numbers, dtype=np.float64)
        codes = classes.codes(values, ~np.isnan(values))
        said = [None if code < 0 else classes.labels[code] for code in codes]
        wrong = [i for i, text in enumerate(texts) if text is not None and said[i] is None]
        if wrong:
            raise Problem(
                f"{data.source.path}: “{texts[wrong[0]]}” in column “{column}” (row "
                f"{int(data.row_numbers[wrong[0]])}) fits no class of the scheme {scheme.title}.",
                fix=f"Its classes are {', '.join(one.label for one in scheme.classes)}.",
            )
    frame = data.frame.assign(**{column: said})
    return replace(data, frame=frame)


def _number(text: str | None) -> float:
    try:
        return np.nan if text is None else float(text)
    except ValueError:
        return np.nan


def _in_order_of(polygons: HazardPolygons, scheme: Scheme) -> tuple[HazardPolygons, ClassOrder]:
    """Classes as the scheme orders them, the higher one winning where polygons overlap; all of the scheme's
    classes have a row, also those without a polygon."""
    calm = [one.label for one in scheme.classes if not one.exposed]
    all_labels = list(scheme.labels)
    final = class_order(["not_exposed", *[label for label in all_labels if label not in calm]])
    seat = {label: i for i, label in enumerate(final.labels)}
    place = [seat.get(label, 0) for label in polygons.labels]
    ranks = {label: i + 1 for i, label in enumerate(all_labels)}
    rank = np.array([*(ranks.get(label, 1) for label in polygons.labels), 0], dtype=np.int64)
    # `at` finds a class back by its rank, so ranks run without gaps.
    order = np.argsort(np.argsort(rank, kind="stable"), kind="stable")
    place_of = np.array([*place, len(final.labels) - 1], dtype=np.int64)
    return replace(polygons, rank=order.astype(np.int64)), ClassOrder(final.labels, place_of)
