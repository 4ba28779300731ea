"""Make the sample project's files: `python sample_data/generate.py [FOLDER]`.

Everything is synthetic and says so in the data: a column `synthetic`, a tag in rasters, the meta
member of GeoJSON. The figures are calibrated to published ones (see README.md here); the same seed
gives the same values every time. No persons, phones or ID numbers are invented.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.transform import from_origin

sys.path.insert(0, str(Path(__file__).resolve().parent))
from places import CITIES, PROVINCES, RIVERS, City

SEED = 20201947
ATTRIBUTION = "migmap sample data, synthetic"
NOTE = "Schematic districts drawn around city positions for this sample; they are no real boundaries."
BY_NAME = {city.name: city for city in CITIES}
URDU_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

# 54 refugee villages by schematic district, most of them in Khyber Pakhtunkhwa.
VILLAGES = {
    "Peshawar": 8, "Nowshera": 5, "Haripur": 4, "Kohat": 4, "Hangu": 4, "Mansehra": 4, "Swabi": 4,
    "Lower Dir": 4, "Chitral": 2, "Bannu": 2, "Dera Ismail Khan": 2, "Quetta": 2, "Pishin": 3,
    "Loralai": 2, "Chagai": 3, "Mianwali": 1,
}  # fmt: skip
VILLAGE_PEOPLE = 448_000
ABADIS = {"Quetta": 47, "Karachi": 60, "Lahore": 40}
ABADI_PEOPLE = {"Quetta": 4_200, "Karachi": 9_500, "Lahore": 5_200}
ABADI_SPREAD_KM = {"Quetta": 9.0, "Karachi": 24.0, "Lahore": 15.0}
TENURE = ("regularised", "notified", "not notified", "unclear")
DTM_DISTRICTS = ("Jaffarabad", "Dadu", "Larkana", "Sukkur", "Mirpur Khas", "Thatta", "Quetta",
                 "Dera Ghazi Khan", "Dera Ismail Khan", "Hyderabad", "Khuzdar", "Nowshera")  # fmt: skip
COUNTRY_PEOPLE = 220_000_000


def main(folder: Path) -> None:
    """Write every file of the sample into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    # GDAL stamps GeoPackages with the time of writing; a fixed one makes the files repeatable.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    rng = np.random.default_rng(SEED)
    districts = make_districts()
    write_geojson(folder / "districts.geojson", districts, sensitivity="public", note=NOTE)
    write_geopackage(folder / "refugee_villages.gpkg", make_villages(rng, districts), "restricted")
    write_geopackage(folder / "katchi_abadis.gpkg", make_abadis(rng), "restricted")
    write_dtm(folder, rng)
    write_geojson(folder / "services.geojson", make_services(rng, districts), sensitivity="public")
    write_flood(folder, rng)
    write_population(folder, rng)


def make_districts() -> geopandas.GeoDataFrame:
    """One cell around each city, clipped to the land within 250 km or so of any of them."""
    points = shapely.points([(city.lon, city.lat) for city in CITIES])
    land = shapely.intersection(
        shapely.buffer(shapely.MultiPoint(points), 2.4), shapely.buffer(shapely.convex_hull(
            shapely.MultiPoint(points)), 0.55))  # fmt: skip
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=land))
    rows = []
    counters = dict.fromkeys(PROVINCES, 0)
    numbers = {name: index + 1 for index, name in enumerate(PROVINCES)}
    for city, point in zip(CITIES, points, strict=True):
        cell = next(cell for cell in cells if shapely.contains(cell, point))
        shape = shapely.set_precision(shapely.intersection(cell, land), 1e-6)
        counters[city.province] += 1
        number = numbers[city.province]
        rows.append({
            "ADM2_EN": city.name, "ADM2_UR": city.name_ur,
            "ADM2_PCODE": f"SYN{number}{counters[city.province]:02d}",
            "ADM1_EN": city.province, "ADM1_UR": PROVINCES[city.province], "ADM1_PCODE": f"SYN{number}",
            "synthetic": "yes", "geometry": shape,
        })  # fmt: skip
    return geopandas.GeoDataFrame(rows, crs="EPSG:4326")


def make_villages(rng: np.random.Generator, districts: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """54 points; registered people (Proof of Registration) add up to 448,000."""
    count = sum(VILLAGES.values())
    people = whole_shares(rng.lognormal(0.0, 0.55, count), VILLAGE_PEOPLE)
    codes = dict(zip(districts["ADM2_EN"], districts["ADM2_PCODE"], strict=True))
    rows = []
    for name, number in VILLAGES.items():
        for lon, lat in scatter(rng, BY_NAME[name], number, 22.0):
            index = len(rows)
            label = f"Refugee Village {index + 1:02d} ({name})"
            urdu = f"مہاجر بستی {index + 1} ({BY_NAME[name].name_ur})".translate(URDU_DIGITS)
            size = rng.uniform(5.6, 7.4)
            rows.append({
                "rv_code": f"SYN-RV-{index + 1:02d}", "name": label, "name_ur": urdu,
                "district": name, "ADM2_PCODE": codes[name], "population": int(people[index]),
                "households": round(people[index] / size), "category": "POR",
                "opened": int(rng.integers(1979, 1989)), "status": "open",
                "school": "yes" if rng.random() < 0.7 else "no",
                "health_unit": "yes" if rng.random() < 0.5 else "no",
                "as_of": "2020-12-31", "synthetic": "yes", "geometry": shapely.Point(lon, lat),
            })  # fmt: skip
    return geopandas.GeoDataFrame(rows, crs="EPSG:4326")


def make_abadis(rng: np.random.Generator) -> geopandas.GeoDataFrame:
    """Informal settlements as small polygons: 47 in Quetta, more in Karachi and Lahore.

    A house stands on about 100 m2 (120 square yards), lanes take a third more. Three settlements
    have no people figure: unknown, which is not zero.
    """
    rows = []
    for name, number in ABADIS.items():
        city = BY_NAME[name]
        people = rng.lognormal(np.log(ABADI_PEOPLE[name]), 0.6, number).round().astype(int)
        spots = scatter(rng, city, number, ABADI_SPREAD_KM[name])
        for index, (lon, lat) in enumerate(spots):
            households = max(round(people[index] / rng.uniform(5.8, 7.2)), 20)
            area_m2 = households * 100.0 * 1.35
            unknown = index == number - 1
            rows.append({
                "ka_code": f"SYN-KA-{name[:3].upper()}-{index + 1:02d}",
                "name": f"Katchi Abadi {index + 1:02d}, {name}",
                "name_ur": f"کچی آبادی {index + 1}، {city.name_ur}".translate(URDU_DIGITS),
                "city": name, "tenure": str(rng.choice(TENURE, p=(0.3, 0.2, 0.35, 0.15))),
                "population": None if unknown else int(people[index]), "households": int(households),
                "area_m2": round(area_m2), "water": yes(rng, 0.55), "sewer": yes(rng, 0.35),
                "electricity": yes(rng, 0.8), "first_seen": int(rng.integers(1951, 2015)),
                "synthetic": "yes", "geometry": blob(rng, lon, lat, area_m2),
            })  # fmt: skip
    frame = geopandas.GeoDataFrame(rows, crs="EPSG:4326")
    frame["population"] = frame["population"].astype("Int64")
    return frame


def write_dtm(folder: Path, rng: np.random.Generator) -> None:
    """Two rounds of displacement sites with an HXL row; one site of the second has no position."""
    tags = {
        "operation": "#event+name", "round": "#meta+round", "date": "#date", "site_id": "#loc+code",
        "site_name": "#loc+name", "site_name_ur": "#loc+name+i_ur", "site_type": "#loc+type",
        "admin1_name": "#adm1+name", "admin2_name": "#adm2+name", "admin2_pcode": "#adm2+code",
        "latitude": "#geo+lat", "longitude": "#geo+lon", "households": "#affected+hh",
        "individuals": "#affected+ind", "female": "#affected+f", "male": "#affected+m",
        "children": "#affected+children", "reason": "#cause", "synthetic": "#meta+synthetic",
    }  # fmt: skip
    codes = {row["ADM2_EN"]: row["ADM2_PCODE"] for _, row in make_districts().iterrows()}
    sites = []
    for name in DTM_DISTRICTS:
        for lon, lat in scatter(rng, BY_NAME[name], 11, 26.0):
            households = int(max(rng.lognormal(4.3, 0.7), 12))
            sites.append(
                (name, lon, lat, households, str(rng.choice(("camp", "school", "roadside", "host"))))
            )
    for number, date, keep in ((1, "2022-10-15", 0.95), (2, "2022-12-15", 0.85)):
        rows = []
        for index, (name, lon, lat, households, kind) in enumerate(sites):
            if rng.random() > keep:
                continue
            now = max(round(households * (1.0 if number == 1 else rng.uniform(0.45, 1.1))), 5)
            individuals = round(now * rng.uniform(5.9, 7.1))
            female = round(individuals * rng.uniform(0.47, 0.53))
            lost = number == 2 and index == 5
            rows.append({
                "operation": "Synthetic flood response", "round": number, "date": date,
                "site_id": f"SYN-DTM-{index + 1:03d}", "site_name": f"Site {index + 1:03d}, {name}",
                "site_name_ur": f"مقام {index + 1}، {BY_NAME[name].name_ur}".translate(URDU_DIGITS),
                "site_type": kind, "admin1_name": BY_NAME[name].province, "admin2_name": name,
                "admin2_pcode": codes[name], "latitude": "" if lost else f"{lat:.5f}",
                "longitude": "" if lost else f"{lon:.5f}", "households": now,
                "individuals": individuals, "female": female, "male": individuals - female,
                "children": round(individuals * rng.uniform(0.44, 0.56)), "reason": "flood",
                "synthetic": "yes",
            })  # fmt: skip
        path = folder / f"dtm_round_{number}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(tags), lineterminator="\n")
            writer.writeheader()
            writer.writerow(tags)
            writer.writerows(rows)
        write_meta(path, sensitivity="restricted")


def make_services(rng: np.random.Generator, districts: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Health units, schools and water points, denser in larger cities."""
    kinds = {
        "health": ("Basic Health Unit", "بنیادی مرکز صحت", 0.8),
        "education": ("Primary School", "پرائمری اسکول", 1.2),
        "WASH": ("Water Point", "پانی کا مقام", 1.0),
    }
    rows = []
    for city in CITIES:
        for sector, (title, urdu, share) in kinds.items():
            number = int(min(max(round(city.weight**0.5 * share), 1), 9))
            for place, (lon, lat) in enumerate(scatter(rng, city, number, 6.0 + 3.0 * city.weight**0.4)):
                rows.append({
                    "name": f"{title} {place + 1}, {city.name}",
                    "name_ur": f"{urdu} {place + 1}، {city.name_ur}".translate(URDU_DIGITS),
                    "sector": sector, "type": title, "functional": yes(rng, 0.9),
                    "district": city.name, "synthetic": "yes", "geometry": shapely.Point(lon, lat),
                })  # fmt: skip
    return geopandas.GeoDataFrame(rows, crs=districts.crs)


def write_flood(folder: Path, rng: np.random.Generator) -> None:
    """Depth in metres for three return periods, rising with the period in every cell.

    Cells north of 35.2 degrees hold no data: that region was not modelled, which is not "dry".
    """
    cell, west, north, columns, rows = 0.02, 66.5, 36.0, 420, 610
    lon = west + cell * (np.arange(columns) + 0.5)
    lat = north - cell * (np.arange(rows) + 0.5)
    grid = shapely.points(*np.meshgrid(lon, lat))
    depth_at_river = {"Indus": 3.4, "Kachhi": 2.4, "Chenab": 2.2, "Kabul": 1.9}
    rough = smooth(rng.normal(size=(rows, columns)), 5)
    for period, level, reach in ((10, 0.30, 0.06), (50, 0.70, 0.12), (100, 1.00, 0.18)):
        depth = np.zeros((rows, columns))
        for river, course in RIVERS.items():
            top = depth_at_river.get(river, 1.5) * level
            away = shapely.distance(grid, shapely.LineString(course))
            depth = np.maximum(depth, top * (1.0 - away / (reach * (1.0 + 0.55 * rough))))
        depth = np.where(depth < 0.05, 0.0, np.round(depth / 0.05) * 0.05).astype(np.float32)
        depth[lat > 35.2, :] = -9999.0
        write_raster(
            folder / f"flood_depth_rp{period}.tif", depth, west, north, cell, nodata=-9999.0, unit="m",
            tags={"MIGMAP_DATE": "2020", "RETURN_PERIOD_YEARS": str(period), "QUANTITY": "flood depth"},
        )  # fmt: skip


def write_population(folder: Path, rng: np.random.Generator) -> None:
    """People per cell: cities as peaks, the river plains as a broad background."""
    cell, west, north, columns, rows = 0.04, 61.0, 37.2, 380, 345
    lon = west + cell * (np.arange(columns) + 0.5)
    lat = north - cell * (np.arange(rows) + 0.5)
    x, y = np.meshgrid(lon, lat)
    rivers = shapely.MultiLineString(list(RIVERS.values()))
    plain = np.exp(-shapely.distance(shapely.points(x, y), rivers) / 1.3)
    people = 0.35 * plain * (1.0 + 0.4 * smooth(rng.normal(size=(rows, columns)), 2)).clip(0.1)
    for city in CITIES:
        squared = ((x - city.lon) * np.cos(np.radians(city.lat))) ** 2 + (y - city.lat) ** 2
        width = 0.05 + 0.012 * city.weight**0.5
        people += city.weight * 0.55 * np.exp(-squared / (2 * width**2))
    land = shapely.union_all(make_districts().geometry.to_numpy())
    inside = shapely.contains_xy(land, x, y)
    people = np.where(inside, people * COUNTRY_PEOPLE / people[inside].sum(), -1.0)
    write_raster(
        folder / "population.tif", np.where(inside, np.round(people), -1).astype(np.float32), west, north,
        cell, nodata=-1.0, unit="people per cell", tags={"MIGMAP_DATE": "2020"},
    )  # fmt: skip


def write_raster(
    path: Path, cells: np.ndarray, west: float, north: float, cell: float, *, nodata: float, unit: str,
    tags: dict[str, str],
) -> None:  # fmt: skip
    with rasterio.open(
        path, "w", driver="GTiff", width=cells.shape[1], height=cells.shape[0], count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(west, north, cell, cell), nodata=nodata, tiled=True,
        blockxsize=128, blockysize=128, compress="deflate", predictor=3, zlevel=9,
    ) as file:  # fmt: skip
        file.write(cells, 1)
        file.update_tags(SYNTHETIC="YES", MIGMAP_SENSITIVITY="public", MIGMAP_ATTRIBUTION=ATTRIBUTION, **tags)
        file.units = (unit,)


def write_geojson(path: Path, frame: geopandas.GeoDataFrame, *, sensitivity: str, note: str = "") -> None:
    text = json.loads(frame.to_json(show_bbox=False, drop_id=True))
    features = [json.dumps(round_all(feature), ensure_ascii=False) for feature in text["features"]]
    meta = {"sensitivity": sensitivity, "synthetic": True, "attribution": ATTRIBUTION, "date": "2020"}
    if note:
        meta["boundary_note"] = note
    head = json.dumps(meta, ensure_ascii=False)
    body = ",\n".join(features)
    path.write_text(
        '{"type": "FeatureCollection", "migmap": ' + head + ', "features": [\n' + body + "\n]}\n",
        encoding="utf-8",
    )


def write_geopackage(path: Path, frame: geopandas.GeoDataFrame, sensitivity: str) -> None:
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(frame, path, layer=path.stem, driver="GPKG", VERSION="1.3")
    write_meta(path, sensitivity=sensitivity)


def write_meta(path: Path, *, sensitivity: str) -> None:
    meta = {"sensitivity": sensitivity, "synthetic": True, "attribution": ATTRIBUTION, "date": "2020"}
    path.with_name(path.name + ".meta.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def round_all(value: object) -> object:
    """Coordinates to six decimals, a tenth of a metre: the files stay small and repeatable."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: round_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_all(item) for item in value]
    return value


def scatter(rng: np.random.Generator, city: City, count: int, spread_km: float) -> list[tuple[float, float]]:
    """Positions around a city, normally spread; at least 1.2 km from the centre, so none sits on it."""
    angle = rng.uniform(0, 2 * np.pi, count)
    distance = 1.2 + np.abs(rng.normal(0, spread_km / 1.6, count)).clip(0, spread_km * 1.5)
    # Karachi lies on the coast: keep its settlements on the landward side.
    if city.name == "Karachi":
        angle = rng.uniform(-0.3 * np.pi, 0.8 * np.pi, count)
    lat = city.lat + distance * np.sin(angle) / 110.9
    lon = city.lon + distance * np.cos(angle) / (111.3 * np.cos(np.radians(city.lat)))
    return [(round(float(a), 6), round(float(b), 6)) for a, b in zip(lon, lat, strict=True)]


def blob(rng: np.random.Generator, lon: float, lat: float, area_m2: float) -> shapely.Polygon:
    """An irregular outline of about that ground area around a point."""
    corners = int(rng.integers(8, 15))
    angles = np.sort(
        rng.uniform(0, 2 * np.pi, corners) * 0.15 + np.linspace(0, 2 * np.pi, corners, endpoint=False)
    )
    radii = rng.uniform(0.75, 1.25, corners)
    x, y = radii * np.cos(angles), radii * np.sin(angles)
    unit = shapely.Polygon(np.column_stack([x, y]))
    scale_m = np.sqrt(area_m2 / unit.area)
    degrees = np.column_stack([
        lon + x * scale_m / (111_320 * np.cos(np.radians(lat))), lat + y * scale_m / 110_900
    ])  # fmt: skip
    return shapely.make_valid(shapely.Polygon(degrees.round(7)))


def whole_shares(weights: Sequence[float] | np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in proportion to the weights that add up to `total` exactly."""
    exact = np.asarray(weights) / np.sum(weights) * total
    shares = np.floor(exact).astype(int)
    short = total - shares.sum()
    shares[np.argsort(exact - shares)[::-1][:short]] += 1
    return shares


def smooth(noise: np.ndarray, passes: int) -> np.ndarray:
    """Noise with neighbours alike, scaled to about -1..1."""
    for _ in range(passes):
        padded = np.pad(noise, 2, mode="edge")
        noise = sum(
            padded[2 + dy : 2 + dy + noise.shape[0], 2 + dx : 2 + dx + noise.shape[1]]
            for dy in (-2, -1, 0, 1, 2) for dx in (-2, -1, 0, 1, 2)
        ) / 25.0  # fmt: skip
    return noise / np.abs(noise).max()


def yes(rng: np.random.Generator, share: float) -> str:
    return "yes" if rng.random() < share else "no"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
