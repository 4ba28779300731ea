"""Every row of a run against faces: the plane cut along every line, each face looked up and added."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from handles import assert_adds_up, codes, raster, values, vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from test_analysis_consequences import ask

from migmap.io.rasters.raster import open_raster
from migmap.io.reference import Reference

WEST, SOUTH, UNIT = 70.0, 30.0, 0.125
GEOD = pyproj.Geod(ellps="WGS84")
_number = itertools.count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


# -- what a world is made of: everything is drawn in units of the lattice --------------------------


def on_earth(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: xy * UNIT + [WEST, SOUTH])


class Grid:
    """A raster at x, y of the lattice, its first row in the north or the south."""

    def __init__(
        self, folder: Path, name: str, cells: np.ndarray, x: float, y: float, cell: float, up: bool
    ) -> None:
        height, width = cells.shape
        self.cells, self.x, self.cell, self.name = cells, x, cell, name
        self.step = -cell if up else cell
        self.y = y + height * cell if up else y
        self.box = box(x, y, x + width * cell, y + height * cell)
        path = folder / f"{name}{next(_number)}.tif"
        step = self.step * UNIT
        at = Affine(cell * UNIT, 0.0, WEST + x * UNIT, 0.0, step, SOUTH + self.y * UNIT)
        kind = {"driver": "GTiff", "count": 1, "dtype": "float64", "crs": "EPSG:4326", "nodata": np.nan}
        with rasterio.open(path, "w", width=width, height=height, transform=at, **kind) as target:
            target.write(cells.astype(np.float64), 1)
        self.data = replace(open_raster(Reference(path, None)), name=name)

    def place(self, x: float, y: float) -> tuple[int, int] | None:
        row, column = math.floor((y - self.y) / self.step), math.floor((x - self.x) / self.cell)
        inside = 0 <= row < self.cells.shape[0] and 0 <= column < self.cells.shape[1]
        return (row, column) if inside else None

    def value(self, x: float, y: float) -> float:
        place = self.place(x, y)
        return math.nan if place is None else float(self.cells[place])

    def cell_box(self, row: int, column: int) -> Any:
        x, y = self.x + column * self.cell, self.y + row * self.step
        return box(x, min(y, y + self.step), x + self.cell, max(y, y + self.step))

    def lines(self) -> list[Any]:
        rows, columns = self.cells.shape
        return [self.cell_box(r, c).boundary for r in range(rows) for c in range(columns)]


class RasterHazard:
    """A grid with the classes of 1,2."""

    labels = ("not_exposed", "1-2", "2+", "unknown")

    def __init__(self, grid: Grid) -> None:
        self.grid, self.name, self.data = grid, grid.name, grid.data

    def of(self, value: float) -> str:
        return "unknown" if math.isnan(value) else self.labels[(value >= 1) + (value >= 2)]

    def at(self, x: float, y: float) -> str:
        return self.of(self.grid.value(x, y))

    def lines(self) -> list[Any]:
        return self.grid.lines()

    def apart(self, bounds: Sequence[float]) -> bool:
        return False


class PolygonHazard:
    """Polygons with a class that is a number, or none."""

    def __init__(self, name: str, rows: list[tuple[Any, str | None]]) -> None:
        self.name, self.rows = name, rows
        known = sorted({label for _, label in rows if label is not None}, key=float)
        self.labels = ("not_exposed", *known, "unknown")
        shapes, labels = zip(*rows, strict=True)
        self.data = vector([on_earth(one) for one in shapes], {"class": labels}, name=name)
        self.solid = [(shapely.make_valid(shape), label) for shape, label in rows]

    def at(self, x: float, y: float) -> str:
        there = [label for shape, label in self.solid if shape.intersects(Point(x, y))]
        named = [label for label in there if label is not None]
        if named:
            return max(named, key=float)
        return "unknown" if there else "not_exposed"

    def lines(self) -> list[Any]:
        return [shape.boundary for shape, _ in self.solid]

    def apart(self, bounds: Sequence[float]) -> bool:
        west, south, east, north = shapely.total_bounds([shape for shape, _ in self.solid])
        return bool(bounds[2] < west or bounds[0] > east or bounds[3] < south or bounds[1] > north)


class Areas:
    def __init__(self, rows: list[tuple[Any, str]]) -> None:
        self.data = vector([on_earth(shape) for shape, _ in rows], {"code": [name for _, name in rows]})
        names = dict.fromkeys(name for _, name in rows)
        self.shapes = {
            name: shapely.union_all([shapely.make_valid(shape) for shape, own in rows if own == name])
            for name in names
        }

    def of(self, x: float, y: float) -> list[str]:
        return [name for name, shape in self.shapes.items() if shape.contains_properly(Point(x, y))]

    def lines(self) -> list[Any]:
        return [shape.boundary for shape in self.shapes.values()]


Hazard = RasterHazard | PolygonHazard


class World:
    """Draws what there is."""

    def __init__(self, draw: Random, folder: Path) -> None:
        self.draw, self.folder = draw, folder

    def grid(self, name: str, pool: Sequence[float]) -> Grid:
        draw = self.draw
        height, width = draw.randint(1, 4), draw.randint(1, 4)
        cells = np.array([[draw.choice(pool) for _ in range(width)] for _ in range(height)])
        x, y = (draw.choice([0, 0, 0.5, 1, 0.25]) for _ in range(2))
        return Grid(self.folder, name, cells, x, y, draw.choice([1, 1, 0.5, 1.5]), draw.random() < 0.6)

    def number(self) -> float:
        """On a line of the lattice or off it."""
        return self.draw.choice([self.draw.randint(0, 8) / 2, self.draw.randint(-90, 460) / 100 + 0.0013])

    def polygon(self) -> Any:
        draw = self.draw
        x, y = self.number(), self.number()
        wide, high = draw.choice([0.7, 1, 2.5]), draw.choice([0.6, 1, 2])
        plain = box(x, y, x + wide, y + high)
        hole = box(x + 0.2, y + 0.2, x + 0.4, y + 0.45).exterior
        return draw.choice(
            [
                plain,
                Polygon(plain.exterior, [hole]),
                Polygon([(x, y), (x + wide, y + 0.3), (x + 0.3, y + high)]),
                Polygon([(x, y), (x + 2, y + 1), (x + 2, y + 1.00001)]),
                Polygon([(x, y), (x + 2, y + 2), (x + 2, y + 0.3), (x, y + 2)]),
                Polygon([(x, y), (x + 1, y + 0.5), (x + 2, y), (x + 2, y + 2), (x + 1, y + 0.5), (x, y + 2)]),
                MultiPolygon([plain, box(x + 3, y, x + 3.5, y + 0.5)]),
            ]
        )

    def hazards(self, most: int = 3) -> list[Hazard]:
        found: list[Hazard] = []
        for i in range(self.draw.randint(1, most)):
            if self.draw.random() < 0.5:
                found.append(RasterHazard(self.grid(f"h{i}", [0, 0.5, 1, 1.5, 2, 7, math.nan])))
            else:
                rows = [
                    (self.polygon(), self.draw.choice(["1", "2", "10", None]))
                    for _ in range(self.draw.randint(1, 3))
                ]
                rows[0] = (rows[0][0], rows[0][1] or "1")
                found.append(PolygonHazard(f"h{i}", rows))
        return found

    def areas(self) -> Areas | None:
        if self.draw.random() < 0.25:
            return None
        return Areas([(self.polygon(), self.draw.choice("ABC")) for _ in range(self.draw.randint(1, 3))])


# -- what must come out --------------------------------------------------------------------------------


class Sums(dict[tuple[Any, ...], float]):
    def __init__(self, hazards: Sequence[Hazard], areas: Areas | None) -> None:
        self.hazards, self.areas = hazards, areas
        self.exposed = [set(one.labels[1:-1]) for one in hazards]

    def put(
        self, metric: str, hazard: str | None, label: str | None, inside: Sequence[str], much: float
    ) -> None:
        places: list[tuple[str | None, float]] = [(None, 1.0)]
        if self.areas is not None:
            places += [(name, 1.0) for name in inside] or [("outside", 1.0)]
            if len(inside) > 1:
                places.append(("overlap", 1.0 - len(inside)))
        for area, times in places:
            key = (metric, hazard, area, label)
            self[key] = self.get(key, 0.0) + times * much

    def put_all(self, metric: str, found: Sequence[str], inside: Sequence[str], much: float) -> None:
        """Of each hazard alone."""
        for one, label in zip(self.hazards, found, strict=True):
            self.put(metric, one.name, label, inside, much)

    def put_joint(self, metric: str, found: Sequence[str], inside: Sequence[str], much: float) -> None:
        """Of all together."""
        if len(found) < 2:
            return
        hit = [label in exposed for label, exposed in zip(found, self.exposed, strict=True)]
        none = "unknown" if "unknown" in found else "none"
        label = f"exactly {sum(hit)}" if any(hit) else none
        self.put(f"joint_{metric}", None, label, inside, much)
        for i, j in itertools.combinations(range(len(found)), 2):
            if hit[i] and hit[j]:
                pair = f"{self.hazards[i].name} & {self.hazards[j].name}"
                self.put(f"joint_{metric}", pair, "both", inside, much)


def faces(lines: Sequence[Any]) -> Iterator[tuple[Any, float, float]]:
    net = shapely.union_all([one for one in lines if not one.is_empty])
    for face in shapely.get_parts(shapely.polygonize(list(shapely.get_parts(net)))):
        inside = face.representative_point()
        yield face, inside.x, inside.y


def ground_km2(shape: Any) -> float:
    total = 0.0
    for polygon in shapely.get_parts(shapely.segmentize(on_earth(shape), 0.01)):
        total += abs(GEOD.geometry_area_perimeter(polygon)[0]) / 1e6
    return total


def assert_rows(result: Any, wanted: Sums, metrics: Sequence[str], tolerance: float) -> None:
    found = {
        (row.metric, row.hazard, row.area, row.class_): row.value
        for row in result.metrics
        if row.metric in metrics
    }
    largest = {
        metric: max([abs(v) for k, v in wanted.items() if k[0] == metric] or [0]) for metric in metrics
    }
    for key in {*found, *wanted}:
        expected, given_ = wanted.get(key, 0.0), found.get(key)
        slack = tolerance * max(largest[key[0]], 1e-9)
        assert abs((given_ or 0.0) - expected) <= slack, (key, expected, given_)


def params_of(hazards: Sequence[Hazard], areas: Areas | None, **more: Any) -> dict[str, Any]:
    params = dict(more)
    if any(isinstance(one, RasterHazard) for one in hazards):
        params["classes"] = (1, 2)
    if any(isinstance(one, PolygonHazard) for one in hazards):
        params["hazard_class"] = "class"
    if areas is not None:
        params["area_id"] = "code"
    return params


def run_on(hazards: Sequence[Hazard], areas: Areas | None, exposed: Any, **more: Any) -> Any:
    given_: dict[str, Any] = {"hazard": [one.data for one in hazards]}
    if exposed is not None:
        given_["exposed"] = exposed
    if areas is not None:
        given_["areas"] = areas.data
    return ask(params_of(hazards, areas, **more), **given_)


def lines_of(hazards: Sequence[Hazard], areas: Areas | None) -> list[Any]:
    return [line for one in (*hazards, *([areas] if areas else [])) for line in one.lines()]


draws = st.randoms(use_true_random=False)
few = settings(max_examples=25, deadline=None)


@few
@given(draw=draws)
def test_people_of_a_population_raster(folder: Path, draw: Random) -> None:
    world = World(draw, folder)
    hazards, areas = world.hazards(), world.areas()
    people = world.grid("people", [0, 1, 5, 20, 77.5, math.nan])
    apart = [one.apart(people.box.bounds) for one in hazards]
    wanted = Sums(hazards, areas)
    for face, x, y in faces([*lines_of(hazards, areas), *people.lines()]):
        many = people.value(x, y)
        if math.isnan(many):
            continue
        share = many * face.area / people.cell**2
        found = ["unknown" if far else one.at(x, y) for one, far in zip(hazards, apart, strict=True)]
        inside = areas.of(x, y) if areas else []
        wanted.put_all("people", found, inside, share)
        wanted.put_joint("people", found, inside, share)
    result = run_on(hazards, areas, people.data, population="counts")
    assert_rows(result, wanted, ("people", "joint_people"), 1e-9)


@few
@given(draw=draws)
def test_ground(folder: Path, draw: Random) -> None:
    world = World(draw, folder)
    hazards, areas = world.hazards(), world.areas()
    box_of_areas = shapely.total_bounds(list(areas.shapes.values())) if areas else None
    wanted = Sums(hazards, areas)
    for face, x, y in faces(lines_of(hazards, areas)):
        inside = areas.of(x, y) if areas else []
        km2 = ground_km2(face)
        there: list[bool] = []
        found: list[str] = []
        for one in hazards:
            if isinstance(one, RasterHazard):
                there.append(one.grid.place(x, y) is not None)
                found.append(one.at(x, y))
            else:
                there.append(any(shape.intersects(Point(x, y)) for shape, _ in one.solid))
                far = box_of_areas is not None and one.apart(box_of_areas) and not there[-1]
                found.append("unknown" if far else one.at(x, y))
        for one, label, mine in zip(hazards, found, there, strict=True):
            if mine or inside:
                wanted.put("area_km2", one.name, label, inside, km2)
        if any(there) or inside:
            wanted.put_joint("area_km2", found, inside, km2)
    result = run_on(hazards, areas, None)
    assert_adds_up(only_everybody(result), 1e-7)
    # A cell's ground is shared out evenly, which a cell cut north of its middle differs from.
    tolerance = 2e-3 if any(isinstance(one, RasterHazard) for one in hazards) else 1e-6
    assert_rows(result, wanted, ("area_km2", "joint_area_km2"), tolerance)


def only_everybody(result: Any) -> Any:
    """A run without areas has nothing to add up."""
    if any(row.area is not None for row in result.metrics):
        return result
    return replace(result, metrics=())


@few
@given(draw=draws)
def test_sites_by_position_and_how_sure_that_is(folder: Path, draw: Random) -> None:
    world = World(draw, folder)
    hazards, areas = world.hazards(), world.areas()
    spots = [
        None
        if draw.random() < 0.1
        else (draw.randint(-90, 460) / 100 + 0.0007, draw.randint(-90, 460) / 100 + 0.0007)
        for _ in range(draw.randint(1, 8))
    ]
    if not any(spots):
        spots[0] = (1.0007, 1.0007)
    people = [draw.choice([None, 0, 3, 40, 500]) for _ in spots]
    people[0] = people[0] or 7
    known = np.array([one for one in spots if one is not None])
    bounds = [*known.min(axis=0), *known.max(axis=0)]
    wanted = Sums(hazards, areas)
    for spot, many in zip(spots, people, strict=True):
        found = []
        inside = areas.of(*spot) if areas and spot else []
        for one in hazards:
            label = "unknown" if spot is None or one.apart(bounds) else one.at(*spot)
            found.append(label)
            near = [label]
            if isinstance(one, RasterHazard) and spot is not None:
                column = (spot[0] - one.grid.x) / one.grid.cell
                row = (spot[1] - one.grid.y) / one.grid.step
                for r, c in itertools.product(range(-9, 13), range(-9, 13)):
                    if r - 0.5 < row < r + 1.5 and c - 0.5 < column < c + 1.5:
                        middle = (
                            one.grid.x + (c + 0.5) * one.grid.cell,
                            one.grid.y + (r + 0.5) * one.grid.step,
                        )
                        near.append(one.at(*middle))
            hit = [each not in ("not_exposed", "unknown") for each in near]
            wanted.put("people_min", one.name, None, inside, (many or 0) * all(hit))
            wanted.put("people_max", one.name, None, inside, (many or 0) * any(hit))
        for metric, much in (("sites", 1.0), ("people", float(many or 0))):
            wanted.put_all(metric, found, inside, much)
            wanted.put_joint(metric, found, inside, much)
    sites = vector([None if one is None else on_earth(Point(one)) for one in spots], {"people": people})
    sites = replace(sites, frame=sites.frame.astype({"people": float}))
    result = run_on(hazards, areas, sites, people="people")
    metrics = ("sites", "people", "joint_sites", "joint_people", "people_min", "people_max")
    assert_rows(result, wanted, metrics, 1e-12)


@few
@given(draw=draws)
def test_people_of_sites_by_the_share_of_their_ground(folder: Path, draw: Random) -> None:
    world = World(draw, folder)
    hazards = world.hazards(2)
    rule = draw.choice(["share", "touch"])
    shapes = [shapely.affinity.translate(world.polygon(), 0.0031, 0.0017) for _ in range(draw.randint(1, 3))]
    people = [draw.choice([3.0, 40.0, 500.0]) for _ in shapes]
    bounds = shapely.total_bounds(shapes)
    wanted = Sums(hazards, None)
    for shape, many in zip(shapes, people, strict=True):
        solid = shapely.make_valid(shape)
        parts = [
            (["unknown" if one.apart(bounds) else one.at(x, y) for one in hazards], ground_km2(face))
            for face, x, y in faces([*lines_of(hazards, None), solid.boundary])
            if solid.contains(Point(x, y))
        ]
        whole = sum(km2 for _, km2 in parts)
        highest = []
        for h, one in enumerate(hazards):
            ranks = [one.labels.index(found[h]) for found, _ in parts if found[h] != "unknown"]
            highest.append(one.labels[max(ranks)] if ranks else "unknown")
        wanted.put_all("sites", highest, [], 1.0)
        wanted.put_joint("sites", highest, [], 1.0)
        if rule == "touch":
            parts, whole = [(highest, 1.0)], 1.0
        for found, km2 in parts:
            wanted.put_all("people", found, [], many * km2 / whole)
            wanted.put_joint("people", found, [], many * km2 / whole)
    sites = vector([on_earth(shape) for shape in shapes], {"people": people})
    result = run_on(hazards, None, sites, people="people", rule=rule)
    metrics = ("sites", "people", "joint_sites", "joint_people")
    assert_rows(result, wanted, metrics, 2e-3)


@few
@given(draw=draws)
def test_lines(folder: Path, draw: Random) -> None:
    world = World(draw, folder)
    hazards, areas = world.hazards(2), world.areas()
    points = [(draw.randint(-90, 460) / 100 + 0.0007, draw.randint(-90, 460) / 100) for _ in range(3)]
    if len(set(points)) < 3:
        points = [(0.1007, 0.2), (2.1007, 1.1), (3.3007, 2.9)]
    line = LineString(points)
    middle = line.interpolate(0.5, normalized=True)
    cut = shapely.union_all(lines_of(hazards, areas))
    wanted = Sums(hazards, areas)
    for piece in shapely.get_parts(shapely.difference(line, shapely.buffer(cut, 1e-9))):
        x, y = shapely.get_coordinates(piece.interpolate(0.5, normalized=True))[0]
        km = GEOD.geometry_length(shapely.segmentize(on_earth(piece), 0.005)) / 1000
        found = ["unknown" if one.apart((*middle.coords[0],) * 2) else one.at(x, y) for one in hazards]
        inside = areas.of(x, y) if areas else []
        wanted.put_all("length_km", found, inside, km)
        wanted.put_joint("length_km", found, inside, km)
    layer = vector([on_earth(line)], {"name": ["road"]})
    assert_rows(run_on(hazards, areas, layer), wanted, ("length_km", "joint_length_km"), 1e-5)


# -- what these found --------------------------------------------------------------------------------


def joint(result: Any, metric: str) -> dict[str | None, float | None]:
    return {
        row.class_: row.value
        for row in result.metrics
        if row.metric == metric and row.area is None and row.hazard is None
    }


def test_a_hazard_that_lies_elsewhere_leaves_the_ground_of_areas_unknown_together_too() -> None:
    here = vector([box(70, 30, 70.2, 30.2)], name="here")
    elsewhere = vector([box(75, 35, 75.1, 35.1)], name="elsewhere")
    areas = vector([box(70, 30, 70.4, 30.2)], {"code": ["A"]})
    result = ask({"area_id": "code"}, hazard=[here, elsewhere], areas=areas)
    half = values(ask({}, hazard=here), "area_km2")["exposed"]
    of_area = {
        row.class_: row.value for row in result.metrics if row.area == "A" and row.metric == "joint_area_km2"
    }
    of_area.pop("both")
    assert of_area == pytest.approx({"none": 0, "exactly 1": half, "exactly 2": 0, "unknown": half})
    assert_adds_up(result)


@pytest.mark.parametrize("rule", ["point", "touch", "share"])
def test_sites_far_from_the_polygons_are_unknown_by_every_rule(rule: str) -> None:
    elsewhere = vector([box(75, 35, 75.1, 35.1)], name="elsewhere")
    sites = vector([box(70, 30, 70.1, 30.1), Point(70.3, 30.3)], {"people": [10.0, 5.0]})
    result = ask({"rule": rule, "people": "people"}, hazard=elsewhere, exposed=sites)
    assert values(result, "people") == {"not_exposed": 0, "exposed": 0, "unknown": 15}
    assert values(result, "sites")["unknown"] == 2
    assert "no-overlap" in codes(result)


def test_a_circle_can_meet_polygons_that_no_position_is_near() -> None:
    beside = vector([box(70.02, 29.9, 70.1, 30.1)])
    sites = vector([Point(70, 30)], {"people": [10.0]})
    asked = {"people": "people", "rule": "footprint", "radius_m": 3000}
    assert values(ask(asked, hazard=beside, exposed=sites), "people")["exposed"] == 10
    assert values(ask({"people": "people"}, hazard=beside, exposed=sites), "people")["unknown"] == 10


def test_what_a_second_raster_says_beyond_the_first_counts_together(folder: Path) -> None:
    west = raster(folder, [[1.0, 1.0]], west=70, north=30, name="west")
    east = raster(folder, [[1.0, 0.0, 1.0]], west=70.1, north=30, name="east")
    areas = vector([box(70, 29.9, 70.5, 30)], {"code": ["A"]})
    result = ask({"classes": (1,), "area_id": "code"}, hazard=[west, east], areas=areas)
    cell = values(ask({"classes": (1,)}, hazard=east), "area_km2")["not_exposed"]
    assert cell is not None
    shares = joint(result, "joint_area_km2")
    # Both on the second cell of the first; the first on its first; the second on its last, where the first
    # says nothing; its middle one lies beyond the first and is not exposed to the second.
    assert shares == pytest.approx(
        {"none": 0, "exactly 1": 2 * cell, "exactly 2": cell, "unknown": 2 * cell}, rel=1e-9
    )
    assert_adds_up(result)
    sites = vector([box(70, 29.9, 70.4, 30)], {"people": [8.0]})
    asked = {"classes": (1,), "people": "people", "rule": "share"}
    of_people = joint(ask(asked, hazard=[west, east], exposed=sites), "joint_people")
    assert of_people == pytest.approx({"none": 0, "exactly 1": 4, "exactly 2": 2, "unknown": 2})


def test_rasters_far_from_each_other_lose_nothing_together(folder: Path) -> None:
    """Areas are brought near the first raster only as far as any raster reaches."""
    how: dict[str, Any] = {"cell": 1000.0, "crs": "EPSG:32642", "north": 3_320_000.0}
    west = raster(folder, [[1.0, 0.0]], west=500_000.0, name="west", **how)
    east = raster(folder, [[1.0, 1.0]], west=600_000.0, name="east", **how)
    areas = vector([box(68.9, 29.8, 70.5, 30.2)], {"code": ["A"]})
    result = ask({"classes": (1,), "area_id": "code"}, hazard=[west, east], areas=areas)
    each = [
        row.value
        for row in result.metrics
        if row.class_ == "1+" and row.area == "A" and row.hazard is not None
    ]
    of_area = {row.class_: row.value for row in result.metrics if row.area == "A" and row.hazard is None}
    assert of_area["exactly 1"] == pytest.approx(sum(one or 0 for one in each), rel=1e-9)
    assert of_area["exactly 2"] == 0
    assert_adds_up(result)


def test_a_site_that_reaches_far_beyond_a_raster_in_metres_is_shared_out_whole(folder: Path) -> None:
    flood = raster(
        folder, [[1.0]], west=500_000.0, north=3_320_000.0, cell=10_000.0, crs="EPSG:32642", name="flood"
    )
    slide = vector([box(69.0, 29.9, 69.01, 29.95)], name="slide")
    sites = vector([box(69.0, 29.92, 69.5, 30.5)], {"people": [1000.0]})
    asked = {"classes": (1,), "people": "people", "rule": "share"}
    result = ask(asked, hazard=[flood, slide], exposed=sites)
    alone = [
        row.value or 0 for row in result.metrics if row.metric == "people" and row.class_ in ("1+", "exposed")
    ]
    shares = joint(result, "joint_people")
    once, twice = shares["exactly 1"] or 0, shares["exactly 2"] or 0
    assert once + 2 * twice == pytest.approx(sum(alone), rel=1e-4)
    assert sum(value or 0 for value in shares.values()) == pytest.approx(1000)


@pytest.mark.parametrize("several", [False, True])
def test_polygons_on_the_other_side_of_the_earth_leave_a_population_in_metres_unknown(
    folder: Path, several: bool
) -> None:
    people = raster(folder, [[10.0, 20.0]], west=5e5, north=3.32e6, cell=1e3, crs="EPSG:32642", name="people")
    far = vector([box(-70, -30, -69, -29)], name="far")
    flood = raster(folder, [[1.0, 0.0]], west=5e5, north=3.32e6, cell=1e3, crs="EPSG:32642", name="flood")
    asked = {"population": "counts", **({"classes": (1,)} if several else {})}
    result = ask(asked, hazard=[flood, far] if several else [far], exposed=people)
    unknown = [row.value for row in result.metrics if row.hazard == "far" and row.class_ == "unknown"]
    assert unknown == [30]
    if several:
        assert joint(result, "joint_people") == {"none": 0, "exactly 1": 10, "exactly 2": 0, "unknown": 20}


def test_polygons_over_half_the_earth_go_together_with_a_raster_in_metres(folder: Path) -> None:
    how: dict[str, Any] = {"west": 5e5, "north": 3.32e6, "cell": 1e3, "crs": "EPSG:32642"}
    people = raster(folder, [[10.0, 20.0]], name="people", **how)
    flood = raster(folder, [[1.0, 0.0]], name="flood", **how)
    asia = vector([box(20, -10, 150, 80)], name="asia")
    result = ask({"population": "counts", "classes": (1,)}, hazard=[flood, asia], exposed=people)
    shares = joint(result, "joint_people")
    assert shares == pytest.approx({"none": 0, "exactly 1": 20, "exactly 2": 10, "unknown": 0})


def test_sites_all_over_the_earth_are_shared_out_against_polygons_in_metres() -> None:
    flood = vector([box(5e5, 3.3e6, 5.1e5, 3.31e6)], name="flood", crs="EPSG:32642")
    here, there = box(69.0, 29.8, 69.2, 29.95), box(-70.0, -30.0, -69.9, -29.9)
    sites = vector([here, there, box(-179, -80, -178, -79)], {"people": [1.0, 2.0, 4.0]})
    result = ask({"people": "people", "rule": "touch"}, hazard=flood, exposed=sites)
    assert values(result, "people") == {"not_exposed": 6, "exposed": 1, "unknown": 0}
