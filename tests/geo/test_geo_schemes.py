"""Class schemes on values, displacement rates by class, and needs of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_rasters import raster_of

from migmap.api import Need, Needs, Problem, RateLine, Rates, Scheme, SchemeClass
from migmap.app import profiles
from migmap.geo.classes import NOT_EXPOSED, Classes, unfit
from migmap.geo.hazardunits import converted, converts, spelled_unit
from migmap.geo.schemes import (
    classes_for,
    edges_for,
    needs_of,
    rate_doubts,
    rates_of,
    severity_of,
)
from migmap.geo.zonal import tabulate

FLOOD = profiles.scheme("flood-depth")
DROUGHT = profiles.scheme("drought-spi")
LANDSLIDE = profiles.scheme("landslide-susceptibility")
SCHEMES = [one for one in profiles.listed("schemes") if isinstance(one, Scheme)]
EDGED = [one for one in SCHEMES if one.by == "edges"]
UNITS = {
    "m": ("m", "cm", "mm", "ft", "in"),
    "degC": ("degC", "degF", "K"),
    "degF": ("degC", "degF", "K"),
    "km/h": ("m/s", "km/h", "kt", "mph"),
    "MMI": ("MMI",),
    "": ("",),
}


def label_by_hand(scheme: Scheme, value: float) -> str:
    """The class of a value in the scheme's own unit, class by class from the worst."""
    for one in reversed(scheme.classes):
        if one.minimum is not None and (value <= one.minimum if scheme.falling else value >= one.minimum):
            return one.label
    return NOT_EXPOSED


def labels_of(classes: Classes, values: np.ndarray) -> list[str]:
    return [classes.labels[code] for code in classes.codes(values)]


# -- edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "edges"),
    [
        ("m", (0.1, 0.7, 1.5)),
        ("cm", (10.0, 70.0, 150.0)),
        ("Centimetres", (10.0, 70.0, 150.0)),
        ("mm", (100.0, 700.0, 1500.0)),
        ("ft", (0.1 / 0.3048, 0.7 / 0.3048, 1.5 / 0.3048)),
        ("in", (0.1 / 0.0254, 0.7 / 0.0254, 1.5 / 0.0254)),
    ],
)
def test_edges_stand_in_the_unit_of_the_raster(unit: str, edges: tuple[float, ...]) -> None:
    classes, findings = edges_for(FLOOD, unit, "flood")
    assert classes.edges == pytest.approx(edges, rel=1e-15)
    assert classes.labels == ("not_exposed", "low", "medium", "high")
    assert classes.not_exposed == 0
    assert not findings
    if unit[0] in "mcC":
        assert classes.edges == edges  # clean numbers, to the last bit


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (0.1, "m", "cm", 10.0),
        (0.7, "m", "cm", 70.0),
        (1.5, "m", "mm", 1500.0),
        (1.0, "ft", "in", 12.0),
        (80.0, "degF", "degC", 26.666666666666668),
        (54.0, "degC", "K", 327.15),
        (32.0, "degF", "degC", 0.0),
        (-40.0, "degC", "degF", -40.0),
        (1.0, "g", "%g", 100.0),
        (0.1, "g", "cm/s2", 98.0665),
        (1.0, "m/s", "km/h", 3.6),
        (64.0, "kt", "km/h", 118.528),
        (74.0, "mph", "m/s", 33.08096),
        (5.0, "MMI", "MMI", 5.0),
    ],
)
def test_units_convert_to_the_nearest_number(value: float, unit: str, other: str, expected: float) -> None:
    assert converted(value, unit, other) == expected
    assert converted(expected, other, unit) == pytest.approx(value, rel=1e-14)


@given(st.floats(-1e6, 1e6, allow_subnormal=False), st.sampled_from(list(UNITS.values())), st.data())
def test_converting_there_and_back_gives_the_number(
    value: float, units: tuple[str, ...], data: st.DataObject
) -> None:
    one, two = data.draw(st.sampled_from(units)), data.draw(st.sampled_from(units))
    there = converted(value, one, two)
    assert converted(there, two, one) == pytest.approx(value, rel=1e-13, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Metres", "m"),
        ("[cm]", "cm"),
        ("°C", "degC"),
        ("deg F", "degF"),
        ("Kelvin", "K"),
        ("m s**-1", "m/s"),
        ("knots", "kt"),
        ("km h-1", "km/h"),
        ("gal", "cm/s2"),
        ("m/s^2", "m/s2"),
        ("1", ""),
        ("furlongs", None),
    ],
)
def test_units_are_known_in_the_ways_files_write_them(text: str, unit: str | None) -> None:
    assert spelled_unit(text) == unit


@pytest.mark.parametrize(("one", "two"), [("K", "m"), ("m/s", "m/s2"), ("MMI", "%g"), ("", "m"), ("%", "")])
def test_what_measures_something_else_does_not_convert(one: str, two: str) -> None:
    assert not converts(one, two)
    with pytest.raises(ValueError, match="does not convert"):
        converted(1.0, one, two)


@pytest.mark.parametrize("scheme", EDGED, ids=lambda one: one.name)
@given(data=st.data())
def test_every_value_falls_into_the_class_that_the_scheme_says(scheme: Scheme, data: st.DataObject) -> None:
    edges = [one.minimum for one in scheme.classes if one.minimum is not None]
    unit = data.draw(st.sampled_from(UNITS[scheme.unit]))
    values = data.draw(
        st.lists(st.one_of(st.sampled_from(edges), st.floats(-300, 400)), min_size=1, max_size=20)
    )
    # an edge may move by one step of single precision, which is what rasters hold
    away = [v for v in values if v in edges or min(abs(v - e) for e in edges) > 1e-5 * max(1.0, abs(v))]
    classes, _ = edges_for(scheme, unit, "hazard", unit or None)
    there = np.array([converted(v, scheme.unit, unit) for v in away])
    for cells in (there, there.astype(np.float32)):
        assert labels_of(classes, cells) == [label_by_hand(scheme, v) for v in away]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda one: one.name)
def test_the_mildest_comes_first_in_the_order_of_classes(scheme: Scheme) -> None:
    classes, _ = edges_for(scheme, scheme.unit, "hazard")
    ordered = [classes.labels[code] for code in classes.mildest_first]
    exposed = [label for label in ordered if label != NOT_EXPOSED]
    assert exposed == [one.label for one in scheme.classes if one.exposed]
    severities = severity_of(scheme, ordered)
    assert all(a <= b for a, b in pairwise(severities))


def test_the_driest_has_the_lowest_code_and_the_worst_place() -> None:
    classes, findings = edges_for(DROUGHT, "", "spi_3_months")
    assert not findings
    assert classes.edges == (-2.0, -1.5, -1.0)
    assert classes.labels == ("extremely dry", "severely dry", "moderately dry", "not_exposed")
    assert classes.not_exposed == 3
    assert classes.mildest_first == (3, 2, 1, 0)
    assert classes.begins == (-2.0, -1.5, -1.0, None)
    # WMO-No. 1090: -1.0 is moderately, -1.5 severely, -2.0 and less extremely dry
    values = np.array([0.0, -0.99, -1.0, -1.49, -1.5, -1.99, -2.0, -9.0])
    assert labels_of(classes, values) == [
        "not_exposed",
        "not_exposed",
        "moderately dry",
        "moderately dry",
        "severely dry",
        "severely dry",
        "extremely dry",
        "extremely dry",
    ]


def test_falling_classes_are_counted_so_in_rasters(tmp_path: Path) -> None:
    values = np.array([[-2.0, -1.5, -1.0], [-2.5, -1.25, 0.5]], dtype=np.float32)
    for dtype in (np.float32, np.float64):
        raster = raster_of(tmp_path / f"{np.dtype(dtype)}.tif", values.astype(dtype), nodata=-99)
        classes, _ = classes_for(DROUGHT, raster)
        found = tabulate(np.empty(0, dtype=object), hazard=raster, classes=classes)
        shares = np.asarray(found.total) / np.asarray(found.total).sum()
        # two of six cells extremely, one severely, two moderately dry, one not exposed, none unknown
        assert shares == pytest.approx(np.array([2, 1, 2, 1, 0]) / 6, rel=1e-3)


def test_begins_are_where_classes_begin_from_the_milder_side() -> None:
    assert edges_for(FLOOD, "cm", "flood")[0].begins == (None, 10.0, 70.0, 150.0)
    assert edges_for(LANDSLIDE, "", "slides")[0].begins == (None,) * 6


# -- which unit -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", ["", "unknown", "-", "n/a"])
def test_without_a_unit_the_schemes_own_is_taken_and_said(stated: str) -> None:
    classes, findings = edges_for(FLOOD, stated, "1in100")
    assert classes.edges == (0.1, 0.7, 1.5)
    assert classes.unit == "m"
    (finding,) = findings
    assert (finding.code, finding.severity) == ("hazard-unit-assumed", "warning")
    assert "1in100 does not say" in finding.message
    assert "flood-depth" in finding.message
    assert "scheme's own, m, was taken" in finding.message


def test_a_name_that_says_the_unit_counts_before_the_schemes_own() -> None:
    classes, (finding,) = edges_for(FLOOD, "", "flood_depth_cm_1in100")
    assert classes.edges == (10.0, 70.0, 150.0)
    assert classes.unit == "cm"
    assert "its name says “cm”" in finding.message


def test_what_the_user_states_counts_before_the_file() -> None:
    classes, findings = edges_for(FLOOD, "m", "flood_depth_mm", "cm")
    assert classes.edges == (10.0, 70.0, 150.0)
    assert not findings


@pytest.mark.parametrize("scheme", ["drought-spi", "earthquake-mmi", "flood-levels"])
def test_where_there_is_no_unit_nothing_is_assumed(scheme: str) -> None:
    assert edges_for(profiles.scheme(scheme), "", "hazard")[1] == ()


def test_a_unit_of_something_else_is_a_problem() -> None:
    with pytest.raises(Problem, match=r"tas is in K, and the class scheme flood-depth in m") as caught:
        edges_for(FLOOD, "K", "tas")
    assert "--hazard-unit" in caught.value.fix
    with pytest.raises(Problem, match=r"pga is in %g, and the class scheme earthquake-mmi in MMI"):
        edges_for(profiles.scheme("earthquake-mmi"), "%g", "pga")


def test_a_unit_that_is_not_known_is_a_problem() -> None:
    with pytest.raises(Problem, match=r"depth is in “furlong”, a unit that is not known"):
        edges_for(FLOOD, "furlong", "depth")
    with pytest.raises(Problem, match=r"You state that depth is in “fathom”"):
        edges_for(FLOOD, "m", "depth", "fathom")


def test_a_unit_of_the_users_own_serves_where_both_use_it() -> None:
    days = replace(FLOOD, name="days", hazard="heat", quantity="days", unit="days above 40")
    classes, findings = edges_for(days, "Days above 40", "hot")
    assert classes.edges == (0.1, 0.7, 1.5)
    assert not findings


def test_an_intensity_without_unit_is_an_intensity() -> None:
    classes, _ = edges_for(profiles.scheme("earthquake-mmi"), "1", "shakemap")
    assert classes.labels[1] == "II-III weak"
    assert classes.unit == "MMI"


def test_depths_that_are_rather_centimetres_stop_a_scheme_in_metres(tmp_path: Path) -> None:
    depths = np.arange(0, 400, 4, dtype=np.int16).reshape(10, 10)
    raster = raster_of(tmp_path / "rp100.tif", depths)
    with pytest.raises(Problem, match="by its values they are centimetres, not metres") as caught:
        classes_for(FLOOD, raster)
    assert "--hazard-unit cm" in caught.value.fix
    assert classes_for(FLOOD, raster, "cm")[0].edges == (10.0, 70.0, 150.0)
    assert classes_for(FLOOD, raster, "m")[0].edges == (0.1, 0.7, 1.5)


def test_depths_that_fit_the_scheme_are_taken_with_a_warning(tmp_path: Path) -> None:
    depths = np.linspace(0, 4, 100, dtype=np.float32).reshape(10, 10)
    _, findings = classes_for(FLOOD, raster_of(tmp_path / "rp100.tif", depths))
    assert [one.code for one in findings] == ["hazard-unit-assumed"]


def test_depths_of_jamaica_must_be_said_to_be_in_centimetres(shared_data: Callable[[str], Path]) -> None:
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import parse_reference

    raster = open_raster(parse_reference(str(shared_data("gfdrr-jam") / "1in100.tif")))
    with pytest.raises(Problem, match="by its values they are centimetres"):
        classes_for(FLOOD, raster)
    assert classes_for(FLOOD, raster, "cm")[0].edges == (10.0, 70.0, 150.0)


# -- codes of a classified raster -----------------------------------------------------------------


def test_a_value_that_no_class_lists_ends_the_run(tmp_path: Path) -> None:
    classes, _ = edges_for(LANDSLIDE, "", "slides")
    assert classes.strict
    assert classes.labels == ("not_exposed", "not_exposed", "low", "moderate", "high", "very high")
    assert list(classes.misfits(np.array([0.0, 5.0, 6.0, np.nan]))) == [False, False, True, False]
    assert list(classes.misfits(np.array([6.0, 7.0]), np.array([True, False]))) == [True, False]
    for dtype in (np.uint8, np.float32):
        cells = np.array([[0, 1, 2], [3, 6, 6]], dtype=dtype)
        raster = raster_of(tmp_path / f"{np.dtype(dtype)}.tif", cells)
        with pytest.raises(Problem, match="2 cells hold values that no class lists, for example 6"):
            tabulate(np.empty(0, dtype=object), hazard=raster, classes=classes)


def test_no_data_is_unknown_and_no_misfit(tmp_path: Path) -> None:
    cells = np.array([[0, 1, 2], [3, 255, 255]], dtype=np.uint8)
    raster = raster_of(tmp_path / "slides.tif", cells, nodata=255)
    classes, _ = classes_for(LANDSLIDE, raster)
    found = tabulate(np.empty(0, dtype=object), hazard=raster, classes=classes)
    shares = np.asarray(found.total) / np.asarray(found.total).sum()
    assert shares == pytest.approx(np.array([1, 1, 1, 1, 0, 0, 2]) / 6, rel=1e-3)


def test_codes_that_fall_keep_the_order_of_the_scheme() -> None:
    falling = Scheme(
        "priority", "Priority 1 to 3", "landslide", "class", "", "values",
        (
            SchemeClass("third", None, 3.0, "", 1),
            SchemeClass("second", None, 2.0, "", 2),
            SchemeClass("first", None, 1.0, "", 3),
        ),
        None, "ours",
    )  # fmt: skip
    classes, _ = edges_for(falling, "", "priority")
    assert classes.values == (1.0, 2.0, 3.0)
    assert [classes.labels[code] for code in classes.mildest_first] == ["third", "second", "first"]


def test_the_problem_of_a_misfit_names_raster_value_and_classes() -> None:
    problem = edges_for(LANDSLIDE, "", "slides")[0].unfit("slides", 6.0, 1)
    assert "slides" in problem.title
    assert "1 cell holds a value" in problem.title
    assert "for example 6" in problem.title
    assert "5 (very high)" in problem.detail
    assert "for example 0.5" in unfit("slides", 0.5, 3).title


def test_severity_is_fixed_and_unknown_is_no_severity() -> None:
    labels = ("not_exposed", "low", "medium", "high", "unknown")
    assert severity_of(FLOOD, labels).tolist() == [0, 1, 2, 3, -1]
    assert severity_of(LANDSLIDE, ("not_exposed", "very high")).tolist() == [0, 4]


# -- displacement ---------------------------------------------------------------------------------

RATES = Rates(
    "ours", "Ours", "flood", "m",
    (RateLine("low", 0.1, 0.1, "us"), RateLine("medium", 0.7, 0.2, "us"), RateLine("high", 1.5, 0.5, "us")),
    "us",
)  # fmt: skip


def test_a_rate_goes_by_the_name_of_the_class() -> None:
    labels = ("not_exposed", "LOW", "high", "unknown")
    assert rates_of(RATES, labels).tolist() == [0.0, 0.1, 0.5, 0.0]


def test_a_rate_goes_by_the_edge_where_no_name_fits() -> None:
    labels = ("not_exposed", "0.05-0.1", "0.1-0.5", "0.5-1.5", "1.5+", "unknown")
    edges = (None, 0.05, 0.1, 0.5, 1.5, None)
    assert rates_of(RATES, labels, edges).tolist() == [0.0, 0.0, 0.1, 0.1, 0.5, 0.0]
    in_cm = [None if edge is None else edge * 100 for edge in edges]
    assert rates_of(RATES, labels, in_cm, unit="cm").tolist() == [0.0, 0.0, 0.1, 0.1, 0.5, 0.0]


@given(st.lists(st.floats(0, 5), min_size=1, max_size=8, unique=True).map(sorted))
def test_deeper_water_never_displaces_fewer(edges: list[float]) -> None:
    found = rates_of(RATES, [f"from {edge}" for edge in edges], edges)
    expected = [max((line.rate for line in RATES.lines if edge >= (line.minimum or 0)), default=0.0)
                for edge in edges]  # fmt: skip
    assert found.tolist() == expected
    assert all(np.diff(found) >= 0)


def test_rates_of_a_falling_hazard_go_down_the_steps() -> None:
    dry = profiles.rates("drought-planning")
    found = rates_of(dry, ("not_exposed", "a", "b", "c", "d"), (None, -0.5, -1.2, -1.5, -3.0))
    assert found.tolist() == [0.0, 0.0, 0.0, 0.01, 0.05]


def test_a_class_without_a_rate_is_named() -> None:
    with pytest.raises(Problem, match="no rate for the classes “wet”, “soaked”"):
        rates_of(RATES, ("not_exposed", "low", "wet", "soaked"))


def test_rates_of_another_hazard_or_quantity_are_a_problem() -> None:
    with pytest.raises(Problem, match="are for flood, the classes for glacial lake outburst"):
        rates_of(RATES, ("low",), hazard="glacial-lake-outburst")
    with pytest.raises(Problem, match="are in m, the classes in K: they do not measure the same"):
        rates_of(RATES, ("warm",), (300.0,), unit="K")
    assert rates_of(RATES, ("low",), hazard="flood").tolist() == [0.1]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda one: one.name)
def test_planning_rates_serve_the_schemes_of_their_hazard(scheme: Scheme) -> None:
    planned = [
        one
        for one in profiles.listed("rates")
        if isinstance(one, Rates) and one.hazard == scheme.hazard and one.name.endswith("-planning")
    ]
    classes, _ = edges_for(scheme, scheme.unit, "hazard")
    labels = [*classes.labels, "unknown"]
    for one in planned:
        found = rates_of(one, labels, [*classes.begins, None], unit=scheme.unit, hazard=scheme.hazard)
        assert found[labels.index(NOT_EXPOSED)] == 0
        assert found[-1] == 0
        ordered = found[list(classes.mildest_first)]
        assert all(np.diff(ordered) >= 0)


def test_rates_matched_by_name_that_begin_elsewhere_are_said() -> None:
    pcrafi = edges_for(profiles.scheme("flood-depth-pcrafi"), "cm", "flood")[0]
    labels, begins = pcrafi.labels[:4], pcrafi.begins[:4]
    (finding,) = rate_doubts(RATES, labels, begins, unit=pcrafi.unit)
    assert finding.code == "rate-edge-differs"
    assert "“high” begins at 1.1, its rate at 1.5" in finding.message
    assert finding.count == 3
    ours = edges_for(FLOOD, "cm", "flood")[0]
    assert rate_doubts(RATES, ours.labels, ours.begins, unit=ours.unit) == ()


def test_rates_that_change_inside_a_class_are_said() -> None:
    (finding,) = rate_doubts(RATES, ("0.1-1", "1+"), (0.1, 1.0), unit="m")
    assert finding.code == "rate-steps-inside"
    assert "“0.1-1” (at 0.7); “1+” (at 1.5)" in finding.message
    assert rate_doubts(RATES, ("0.1-0.7", "0.7-1.5", "1.5+"), (0.1, 0.7, 1.5), unit="m") == ()
    (finding,) = rate_doubts(RATES, ("0.1-0.7", "0.7-1.5", "1.5+"), (0.1, 0.7, 1.5))
    assert finding.code == "hazard-unit-assumed"


# -- needs ----------------------------------------------------------------------------------------

NEEDS = Needs(
    "ours", "Ours",
    (
        Need("water", "WASH", 15.0, "litres", "day", "us"),
        Need("latrines", "WASH", 0.05, "latrines", "once", "us"),
    ),
    "us",
)  # fmt: skip


def test_needs_of_displaced_people() -> None:
    water, latrines = needs_of(NEEDS, 1230.0)
    assert (water.metric, water.amount, water.unit) == ("need:water", 18450.0, "litres per day")
    assert (latrines.metric, latrines.amount, latrines.unit) == ("need:latrines", 61.5, "latrines")


def test_needs_of_unknown_people_are_unknown_and_of_none_are_none() -> None:
    assert [one.amount for one in needs_of(NEEDS, None)] == [None, None]
    assert [one.amount for one in needs_of(NEEDS, 0.0)] == [0.0, 0.0]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_needs_add_up_over_areas(people: list[float]) -> None:
    parts = [needs_of(NEEDS, one) for one in people]
    for place, whole in enumerate(needs_of(NEEDS, sum(people))):
        assert sum(part[place].amount or 0.0 for part in parts) == pytest.approx(whole.amount, rel=1e-9)
