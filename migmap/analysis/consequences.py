"""What follows from exposure: affected, displaced, what they need, and an average year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Inputs, Needs, Problem, Rates

from .asked import Prepared, ladders
from .counted import Counted, Measured, exposures_of

if TYPE_CHECKING:
    from migmap.geo.tally import Tally

PER_YEAR = {
    "people": ("expected_people_per_year", "people/year"),
    "sites": ("expected_sites_per_year", "sites/year"),
    "area_km2": ("expected_area_km2_per_year", "km2/year"),
    "length_km": ("expected_length_km_per_year", "km/year"),
}
_LEAST_DROP = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What each class of a hazard means, by its labels.

    affected: float64 [labels], 1 from the class on in which people count as affected; None where nobody said
    one. rates: float64 [labels], the share displaced; None without a profile. needs: per displaced person.
    """

    affected: np.ndarray | None
    affected_from: str | None
    rates: np.ndarray | None
    needs: Needs | None
    findings: tuple[Finding, ...] = ()


def effects_of(hazards: Sequence[Prepared], params: Any, inputs: Inputs, of_people: bool) -> list[Effects]:
    """For every hazard. Problem for a class that no hazard has, rates that leave a class out, needs without
    rates, and consequences for people where none are counted."""
    rates: Rates | None = next(iter(inputs.profiles.get("rates", ())), None)
    needs: Needs | None = next(iter(inputs.profiles.get("needs", ())), None)
    if needs is not None and rates is None:
        raise Problem(
            "--needs says what displaced people need, and nothing says who is displaced.",
            fix="Give displacement rates with --rates too.",
        )
    if rates is not None and not of_people:
        raise Problem(
            "--rates says which share of the people is displaced, and no people are counted.",
            fix="Name the column of people with --people, or give a population raster with --exposed.",
        )
    wanted = params.affected_from
    if wanted is not None and not any(_class_of(one, wanted) for one in hazards):
        known = list(dict.fromkeys(label for one in hazards for label in one.order.exposed))
        raise Problem(
            f"--affected-from {wanted}: no hazard has a class of that name.",
            fix=f"The classes are {', '.join(known) or 'none'}.",
        )
    if rates is not None:
        fitting = [_fits(rates, one) for one in hazards]
        # Of several hazards the rates are for those they are made for; for none is a mistake that is told.
        if any(fitting):
            return [
                _effects(one, params, rates if fits else None, needs)
                for one, fits in zip(hazards, fitting, strict=True)
            ]
    return [_effects(one, params, rates, needs) for one in hazards]


def _fits(rates: Rates, hazard: Prepared) -> bool:
    return not hazard.asked.kind or hazard.asked.kind == rates.hazard


def rates_left_out(hazards: Sequence[Prepared], rates: Rates | None) -> tuple[Finding, ...]:
    """A finding for hazards that the displacement rates are not made for."""
    if rates is None:
        return ()
    left = [one.name for one in hazards if not _fits(rates, one)]
    if not left or len(left) == len(hazards):
        return ()
    return (
        Finding(
            "rates-not-for-hazard",
            "warning",
            f"The displacement rates {rates.name} are for {rates.hazard}; nobody was counted as displaced by "
            f"{', '.join(left)}, which is not the same as 0.",
            len(left),
        ),
    )


def _effects(hazard: Prepared, params: Any, rates: Rates | None, needs: Needs | None) -> Effects:
    named = params.affected_from
    if named is None and hazard.asked.scheme is not None:
        named = hazard.asked.scheme.affected_from
    start = _class_of(hazard, named) if named is not None else None
    affected = None
    if start is not None:
        affected = exposures_of(hazard)
        affected[1:start] = 0.0
    per_class = None
    findings: tuple[Finding, ...] = ()
    if rates is not None:
        from migmap.geo.schemes import rate_doubts, rates_of

        edges, unit = _begins(hazard), _unit(hazard, params.hazard_unit)
        per_class = np.asarray(
            rates_of(rates, hazard.labels, edges, unit=unit, hazard=hazard.asked.kind), dtype=np.float64
        )
        findings = rate_doubts(rates, hazard.labels, edges, unit=unit)
    named = hazard.labels[start] if start is not None else None
    return Effects(affected, named, per_class, needs, findings)


def _begins(hazard: Prepared) -> list[float | None]:
    """Where each label's class begins, in the raster's unit; None where it has no edge."""
    found: list[float | None] = [None] * len(hazard.labels)
    if hazard.classes is not None:
        for begin, place in zip(hazard.classes.begins, hazard.order.place, strict=False):
            found[int(place)] = begin
    return found


def _unit(hazard: Prepared, stated: str | None) -> str:
    """Of the class edges, "" where nobody says it."""
    raster, classes = hazard.raster, hazard.classes
    known = classes.unit if classes is not None else ""
    return known or stated or (raster.unit if raster is not None else "")


def _class_of(hazard: Prepared, wanted: str) -> int | None:
    """Where the class of that name stands among the labels of exposures; None where there is none. "0.5" is
    the class "0.5-1.5" too: the one whose lower edge it is."""
    exposed = list(hazard.order.exposed)
    for place, label in enumerate(exposed, 1):
        if label.casefold() == wanted.strip().casefold():
            return place
    for place, label in enumerate(exposed, 1):
        if label.startswith((f"{wanted.strip()}-", f"{wanted.strip()}+")):
            return place
    return None


def further(
    measured: Measured, effects: Sequence[Effects], hazard: int
) -> list[tuple[str | None, tuple[Tally, ...]]]:
    """Affected, displaced and needs of one hazard, as `counted.rows_of` takes them."""
    from migmap.geo.schemes import needs_of

    found: list[tuple[str | None, tuple[Tally, ...]]] = []
    said = effects[hazard]
    for group in (None, *measured.groups):
        main = [one for one in measured.of_group(group) if one.metric == measured.headline.metric]
        for counted in main:
            levels = counted.by_hazard[hazard]
            if said.affected is not None:
                found.append((group, _weighed(levels, "affected", counted.unit, said.affected)))
            if said.rates is not None and counted.unit == "people":
                found.append((group, _weighed(levels, "displaced", "people", said.rates)))
                if said.needs is not None and group is None:
                    found += [
                        (None, _weighed(levels, one.metric, one.unit, said.rates * (one.amount or 0.0)))
                        for one in needs_of(said.needs, 1.0)
                    ]
    return found


def _weighed(levels: Sequence[Tally], metric: str, unit: str, weights: np.ndarray) -> tuple[Tally, ...]:
    return tuple(level.weighed(metric, unit, weights) for level in levels)


# -- return periods -------------------------------------------------------------------------------


def year_weights(periods: Sequence[float], rule: str = "trapezoid", tail: str = "constant") -> np.ndarray:
    """How much each return period counts in an average year, float64 [m] in the order given.

    The amount expected a year is the sum of weight times amount. periods: years, all different.
    "events": each is an event that comes 1/period times a year, the sum over events of frequency times
    amount, as catastrophe models add up event sets. "trapezoid": the area under the exceedance curve over
    the frequency 1/period, straight between neighbours; events more frequent than the most frequent one
    given reach nobody; rarer ones than the rarest reach as many as that ("constant") or are left out
    ("zero"). ValueError for other words.
    """
    frequency = 1.0 / np.asarray(periods, dtype=np.float64)
    if rule == "events":
        return frequency
    if rule != "trapezoid" or tail not in ("constant", "zero"):
        raise ValueError(f"no rule {rule!r} with tail {tail!r}")
    order = np.argsort(-frequency, kind="stable")
    sorted_ = frequency[order]
    steps = np.append(-np.diff(sorted_), 0.0)
    weights = 0.5 * steps
    weights[1:] += 0.5 * steps[:-1]
    if tail == "constant" and len(weights):
        weights[-1] += sorted_[-1]
    out = np.empty(len(weights))
    out[order] = weights
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """One ladder of return periods. hazard: as figures call it, None for the only one. members: its hazards,
    the most frequent first; weights: float64, how much each counts in an average year."""

    hazard: str | None
    title: str
    members: tuple[int, ...]
    weights: np.ndarray


def years_of(hazards: Sequence[Prepared], params: Any) -> tuple[Year, ...]:
    """The ladders of a run; () without return periods."""
    asked = [one.asked for one in hazards]
    found = ladders(asked)
    years = []
    for members in found:
        first = asked[members[0]]
        called = first.label or first.kind
        years.append(
            Year(
                hazard=(called or first.name) if len(found) > 1 else (first.label or None),
                title=called or "these hazards",
                members=members,
                weights=year_weights(
                    [asked[i].return_period or np.inf for i in members],
                    params.annual_rule,
                    params.annual_tail,
                ),
            )
        )
    return tuple(years)


def annual(measured: Measured, year: Year, counted: Counted) -> tuple[Tally, ...]:
    """What is expected in an average year, for each level of areas."""
    from migmap.geo.tally import added

    metric, unit = PER_YEAR[counted.metric]
    levels = range(len(counted.by_hazard[0]))
    return tuple(
        added(
            metric,
            unit,
            [
                counted.by_hazard[h][level].weighed(metric, unit, exposures_of(measured.hazards[h]) * weight)
                for h, weight in zip(year.members, year.weights, strict=True)
            ],
        )
        for level in levels
    )


def year_rows(measured: Measured, years: Sequence[Year]) -> list[Any]:
    """The rows of an average year, everybody and every group."""
    from migmap.geo.tally import metric_rows

    rows: list[Any] = []
    for year in years:
        for group in (None, *measured.groups):
            main = [one for one in measured.of_group(group) if one.metric == measured.headline.metric]
            for counted in main:
                for level, tally in enumerate(annual(measured, year, counted)):
                    areas = measured.levels[level] if measured.levels else None
                    rows += metric_rows([tally], year.hazard, areas, group, whole=level == 0)
    return rows


def not_rising(measured: Measured, years: Sequence[Year]) -> tuple[Finding, ...]:
    """A finding for each ladder in which a rarer event reaches fewer, in all or in an area."""
    findings = []
    counted = measured.headline
    for year in years:
        reached = [
            counted.by_hazard[h][0].weighed("", "", exposures_of(measured.hazards[h])) for h in year.members
        ]
        names = [measured.hazards[h].asked for h in year.members]
        falls: list[str] = []
        for low, high, below, above in zip(reached, reached[1:], names, names[1:], strict=False):
            between = f"{below.return_period:g} to {above.return_period:g} years"
            if _drops(float(low.everything[0]), float(high.everything[0])):
                falls.append(
                    f"in all, from {low.everything[0]:,.0f} to {high.everything[0]:,.0f} {counted.unit} "
                    f"between {between}"
                )
            if measured.levels:
                fewer = [
                    measured.levels[0].names[a]
                    for a in range(len(measured.levels[0]))
                    if _drops(float(low.areas[a, 0]), float(high.areas[a, 0]))
                ]
                if fewer:
                    more = f" and {len(fewer) - 5:,} more" if len(fewer) > 5 else ""
                    falls.append(f"in {', '.join(fewer[:5])}{more} between {between}")
        if falls:
            findings.append(
                Finding(
                    "ladder-not-rising",
                    "warning",
                    f"{year.title}: a rarer event reaches fewer {counted.unit}: {'; '.join(falls)}. Return "
                    "periods may be exchanged, or the rasters come from different models.",
                    len(falls),
                )
            )
    return tuple(findings)


def _drops(low: float, high: float) -> bool:
    return high < low - _LEAST_DROP * max(abs(low), 1.0)
