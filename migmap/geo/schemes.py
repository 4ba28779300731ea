"""Class schemes, rates and needs put to work: on the values of a raster, and on people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from migmap.api import Finding, Need, Needs, Problem, RasterData, Rates, Scheme
from migmap.io.rasters.hazardnames import hazard_of_name
from migmap.io.rasters.lookover import looked_over
from migmap.io.rasters.raster import open_dataset
from migmap.io.rasters.rasterwords import looks_like_depth_in

from .classes import NOT_EXPOSED, Classes, number_text
from .hazardunits import KNOWN_UNITS, converted, converts, same_unit, says_no_unit, spelled_unit

UNKNOWN = "unknown"
ASSUMED = "hazard-unit-assumed"
_WORDS = {"m": "metres", "cm": "centimetres", "mm": "millimetres"}


def classes_for(
    scheme: Scheme, raster: RasterData, hazard_unit: str | None = None
) -> tuple[Classes, tuple[Finding, ...]]:
    """The scheme's classes in the raster's own unit, with what had to be assumed.

    As `edges_for`; where the file states no unit, part of its cells is looked at, and depths that are rather
    in another unit than the scheme's are a Problem.
    """
    classes, findings = edges_for(scheme, raster.unit, raster.name, hazard_unit)
    # A name that says the unit is better evidence than the size of the values.
    guessed = any(one.code == ASSUMED for one in findings) and hazard_of_name(raster.name).unit is None
    if guessed and scheme.quantity == "depth":
        looks = _looks(raster)
        if looks is not None and not same_unit(looks, classes.unit):
            taken = _WORDS.get(classes.unit, classes.unit)
            raise Problem(
                f"{raster.name} does not say what unit its depths are in, and by its values they are "
                f"{_WORDS[looks]}, not {taken}.",
                detail=f"The class scheme {scheme.name} is in {scheme.unit}; read in the wrong unit, its "
                "classes would say something else.",
                fix=f"State the unit: --hazard-unit {looks}, or --hazard-unit {classes.unit} if they are "
                f"{taken}.",
            )
    return classes, findings


def edges_for(
    scheme: Scheme, raster_unit: str, name: str, hazard_unit: str | None = None
) -> tuple[Classes, tuple[Finding, ...]]:
    """The scheme's classes for values in the unit a raster states, with what had to be assumed.

    raster_unit: as the file states it, "" where it does not. name: of the raster; what it says of its unit
    ("depth_cm") counts where the file says nothing. hazard_unit: stated by the user, before the file's own.
    Labels are the scheme's, "not_exposed" for what is no exposure. Problem for a unit that is not known, or
    that measures something else than the scheme.
    """
    if scheme.by == "values":
        return _by_values(scheme), ()
    unit, findings = _unit_meant(scheme, raster_unit, name, hazard_unit)
    exposed = [one for one in scheme.classes if one.minimum is not None]
    edges = [converted(one.minimum, scheme.unit, unit) for one in exposed if one.minimum is not None]
    labels = [NOT_EXPOSED, *(one.label for one in exposed)]
    if scheme.falling:
        # Codes rise with the value, so the worst class has code 0 and the last is no exposure.
        return (
            Classes(
                tuple(reversed(labels)),
                edges=tuple(reversed(edges)),
                not_exposed=len(labels) - 1,
                falling=True,
                unit=unit,
            ),
            findings,
        )
    return Classes(tuple(labels), edges=tuple(edges), not_exposed=0, unit=unit), findings


def _by_values(scheme: Scheme) -> Classes:
    rising = sorted(range(len(scheme.classes)), key=lambda place: scheme.classes[place].value or 0.0)
    ranked = {place: code for code, place in enumerate(rising)}
    classes = [scheme.classes[place] for place in rising]
    order = tuple(ranked[place] for place in range(len(scheme.classes)))
    return Classes(
        tuple(one.label if one.exposed else NOT_EXPOSED for one in classes),
        values=tuple(float(one.value) for one in classes if one.value is not None),
        not_exposed=next((code for code, one in enumerate(classes) if not one.exposed), None),
        strict=True,
        order=None if order == tuple(range(len(order))) else order,
    )


def _unit_meant(
    scheme: Scheme, raster_unit: str, name: str, hazard_unit: str | None
) -> tuple[str, tuple[Finding, ...]]:
    """The unit of the raster's values, as spelled here, and what was assumed."""
    if hazard_unit is not None and not says_no_unit(hazard_unit):
        return _fitting(scheme, hazard_unit, f"You state that {name} is", name), ()
    if not says_no_unit(raster_unit):
        return _fitting(scheme, raster_unit, f"{name} is", name), ()
    own = spelled_unit(scheme.unit) if scheme.unit else ""
    said = hazard_of_name(name).unit
    if said is not None and converts(said, scheme.unit):
        unit = spelled_unit(said) or said
        because = f"its name says “{said}”, and that was taken"
    elif own in ("", "MMI"):
        return own or "", ()  # nothing to be mistaken about
    else:
        unit = own or scheme.unit
        because = f"the scheme's own, {unit}, was taken"
    message = (
        f"{name} does not say what unit its values are in; for the class scheme {scheme.name} {because}. "
        "If that is wrong, every class is wrong: state the unit with --hazard-unit."
    )
    return unit, (Finding(ASSUMED, "warning", message),)


def _fitting(scheme: Scheme, unit: str, who: str, name: str) -> str:
    known = scheme.unit if same_unit(unit, scheme.unit) else spelled_unit(unit)
    if known is None:
        raise Problem(
            f"{who} in “{unit}”, a unit that is not known here.",
            detail=f"The class scheme {scheme.name} is in {scheme.unit or 'no unit'}. Known units are "
            f"{', '.join(KNOWN_UNITS)}.",
            fix="State the unit of the values with --hazard-unit.",
        )
    # A bare index may be anything; a scheme of intensities or indices takes it as it is.
    if known == "" and spelled_unit(scheme.unit) == "MMI":
        return "MMI"
    if not converts(known, scheme.unit):
        raise Problem(
            f"{who} in {known or 'no unit'}, and the class scheme {scheme.name} in "
            f"{scheme.unit or 'no unit'}: they do not measure the same.",
            fix=f"Choose a scheme made for the values of {name}, or state another unit with --hazard-unit if "
            "the file states a wrong one.",
        )
    return known


def _looks(raster: RasterData) -> str | None:
    """The unit that depths of this size are likely in, from a part of the cells; None where they do not
    say."""
    with open_dataset(raster) as dataset:
        tally = looked_over(dataset, raster.band, raster.nodata)
    kept = tally.kept()
    positive = kept[kept > 0]
    if not len(positive):
        return None
    middle, most = (float(one) for one in np.quantile(positive, [0.5, 0.99]))
    return looks_like_depth_in(middle, most, tally.fractional == 0)


def severity_of(scheme: Scheme, labels: Sequence[str]) -> np.ndarray:
    """int64 [k]: the severity, 0 to 4, of the classes with these labels; -1 for one that the scheme does not
    have ("unknown"), which is not 0."""
    known = {one.label if one.exposed else NOT_EXPOSED: one.severity for one in reversed(scheme.classes)}
    known.setdefault(NOT_EXPOSED, 0)
    return np.array([known.get(label, -1) for label in labels], dtype=np.int64)


# -- displacement ---------------------------------------------------------------------------------


def rates_of(
    rates: Rates,
    labels: Sequence[str],
    edges: Sequence[float | None] | None = None,
    *,
    unit: str = "",
    hazard: str = "",
) -> np.ndarray:
    """float64 [k]: the share of people displaced in each class.

    By the class's label; else by the edge at which it begins, through the steps of the rates: the rate of
    the last step that it reaches, 0 for a class that begins before the first step. edges: one a label, None
    for a class without one (`Classes.begins`). unit: of the edges (`Classes.unit`), "" for that of the rates.
    hazard: of the classes, "" where nobody said. "not_exposed" and "unknown" are 0: nobody known to be
    displaced. Problem for a class without a rate, and for rates of another hazard or quantity.
    """
    begins = _begins(rates, labels, edges, unit, hazard)
    named = {line.label.casefold(): line.rate for line in rates.lines}
    found = np.zeros(len(labels))
    lost: list[str] = []
    for place, (label, begin) in enumerate(zip(labels, begins, strict=True)):
        if label in (NOT_EXPOSED, UNKNOWN):
            continue
        rate = named.get(label.casefold())
        if rate is None and begin is not None:
            rate = _stepped(rates, begin)
        if rate is None:
            lost.append(label)
        else:
            found[place] = rate
    if lost:
        classes = ", ".join(f"“{label}”" for label in lost)
        raise Problem(
            f"The displacement rates {rates.name} have no rate for the class{'es' if len(lost) > 1 else ''} "
            f"{classes}.",
            detail=f"They are for {', '.join(line.label for line in rates.lines)}.",
            fix="Use rates made for these classes, or add a line for each to a copy of the profile.",
        )
    return found


def rate_doubts(
    rates: Rates,
    labels: Sequence[str],
    edges: Sequence[float | None] | None = None,
    *,
    unit: str = "",
) -> tuple[Finding, ...]:
    """What to say of the rates that `rates_of` finds for the same classes.

    `rate-edge-differs`: a rate was found by the name of a class and is for other values. `rate-steps-inside`:
    one was found by the edge of a class, and inside the class the rates change. `hazard-unit-assumed`: edges
    of an unstated unit were taken as being in that of the rates.
    """
    begins = _begins(rates, labels, edges, unit, "")
    named = {line.label.casefold(): line for line in rates.lines}
    sign = -1.0 if rates.falling else 1.0
    known = sorted(sign * begin for begin in begins if begin is not None)
    differ: list[str] = []
    inside: list[str] = []
    by_edge = False
    for label, begin in zip(labels, begins, strict=True):
        if begin is None or label in (NOT_EXPOSED, UNKNOWN):
            continue
        line = named.get(label.casefold())
        if line is not None:
            if line.minimum is not None and not math.isclose(begin, line.minimum, rel_tol=1e-9):
                own, its = number_text(begin), number_text(line.minimum)
                differ.append(f"“{label}” begins at {own}, its rate at {its}")
            continue
        by_edge = True
        end = next((other for other in known if other > sign * begin), math.inf)
        reached = _stepped(rates, begin)
        later = [
            number_text(step.minimum)
            for step in rates.lines
            if step.minimum is not None and sign * begin < sign * step.minimum < end and step.rate != reached
        ]
        if later:
            inside.append(f"“{label}” (at {', '.join(later)})")
    found: list[Finding] = []
    if differ:
        message = (
            f"The displacement rates {rates.name} were matched by the names of classes, and theirs begin "
            f"elsewhere: {'; '.join(differ)} {rates.unit}".rstrip()
            + ". Use rates made for these classes."
        )
        found.append(Finding("rate-edge-differs", "warning", message, count=len(differ)))
    if inside:
        message = (
            f"The displacement rates {rates.name} change inside a class: {'; '.join(inside)}. The class has "
            "the rate of the step at which it begins. Classes with the same edges as the rates avoid this."
        )
        found.append(Finding("rate-steps-inside", "warning", message, count=len(inside)))
    if by_edge and says_no_unit(unit) and rates.unit:
        message = (
            f"Nobody says what unit the classes are in; for the displacement rates {rates.name} they were "
            f"taken as {rates.unit}. If that is wrong, state the unit with --hazard-unit."
        )
        found.append(Finding(ASSUMED, "warning", message))
    return tuple(found)


def _begins(
    rates: Rates,
    labels: Sequence[str],
    edges: Sequence[float | None] | None,
    unit: str,
    hazard: str,
) -> list[float | None]:
    """The edges in the unit of the rates."""
    if hazard and hazard != rates.hazard:
        raise Problem(
            f"The displacement rates {rates.name} are for {_spoken(rates.hazard)}, the classes for "
            f"{_spoken(hazard)}.",
            fix=f"Use displacement rates for {_spoken(hazard)}.",
        )
    begins: list[float | None] = [None] * len(labels) if edges is None else list(edges)
    if len(begins) != len(labels):
        raise ValueError(f"{len(begins)} edges for {len(labels)} labels")
    if says_no_unit(unit) or not any(line.minimum is not None for line in rates.lines):
        return begins
    if not converts(unit, rates.unit):
        raise Problem(
            f"The displacement rates {rates.name} are in {rates.unit or 'no unit'}, the classes in {unit}: "
            "they do not measure the same.",
            fix="Use displacement rates made for these classes.",
        )
    return [None if one is None else converted(one, unit, rates.unit) for one in begins]


def _stepped(rates: Rates, begin: float) -> float | None:
    steps = [line for line in rates.lines if line.minimum is not None]
    if not steps:
        return None
    reached = 0.0
    for line in steps:
        minimum = line.minimum or 0.0
        if begin <= minimum if rates.falling else begin >= minimum:
            reached = line.rate
    return reached


def _spoken(hazard: str) -> str:
    return hazard.replace("-", " ")


# -- needs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NeedAmount:
    """What a number of people need of one thing. amount: in `need.unit`, a `need.period`, not rounded, so
    that areas add up; None where the people are unknown."""

    need: Need
    amount: float | None

    @property
    def metric(self) -> str:
        """ "need:water"."""
        return f"need:{self.need.item}"

    @property
    def unit(self) -> str:
        """ "litres per day", or the unit alone for what is needed once."""
        once = self.need.period == "once"
        return self.need.unit if once else f"{self.need.unit} per {self.need.period}"


def needs_of(needs: Needs, displaced: float | None) -> tuple[NeedAmount, ...]:
    """What displaced people need, a line an item, in the order of the profile."""
    return tuple(
        NeedAmount(one, None if displaced is None else displaced * one.per_person) for one in needs.lines
    )
