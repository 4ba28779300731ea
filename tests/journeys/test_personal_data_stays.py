"""Not one value of a personal column reaches anything migmap prints or writes; nor does where a household
lives."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from migmap.api import Reading
from migmap.app.workbench import Workbench
from migmap.cli import main

MARKERS = ("Zebrunda", "Qorvana", "42101-7654321-3", "4210176543213", "0300-7799551", "zebrunda@example.org")
N = 40
ENDINGS = (".csv", ".xlsx", ".geojson", ".gpkg", ".kml", ".html", ".png", ".zip")


def table() -> pd.DataFrame:
    """Sites with their focal persons; odd dates, numbers and rows, so that every stage has much to say."""
    return pd.DataFrame(
        {
            "site_id": [f"S{k:03d}" for k in range(N)],
            "site_name": [f"Camp {k}" for k in range(N)],
            "district": ["Dadu", "Jamshoro"] * (N // 2),
            "focal person": ["Zebrunda Khan"] * N,
            "father name": ["Qorvana Shah"] * N,
            "cnic": ["42101-7654321-3"] * (N - 1) + [""],
            "phone": ["0300-7799551"] * (N - 1) + ["-"],
            "email": ["zebrunda@example.org"] * N,
            "visit": ["12/05/2024"] * (N - 2) + ["31/02/2024", "2024-05-12"],
            "remarks": ["Mr Zebrunda Khan said the pump is broken, call 0300-7799551"] * N,
            "people": [str(100 + k) for k in range(N - 2)] + ["1,200", "about 50"],
            "longitude": [67.5 + k / 100 for k in range(N - 1)] + [27.5],
            "latitude": [26.5 + k / 200 for k in range(N - 1)] + [67.5],
        }
    )


def everything(path: Path) -> Iterator[bytes]:
    """A file's bytes, and those of what is packed in it."""
    raw = path.read_bytes()
    yield raw
    if zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for name in packed.namelist():
                inner = packed.read(name)
                yield inner
                if zipfile.is_zipfile(io.BytesIO(inner)):
                    with zipfile.ZipFile(io.BytesIO(inner)) as deeper:
                        yield from (deeper.read(each) for each in deeper.namelist())


def leaks(text: bytes, markers: tuple[str, ...] = MARKERS) -> list[str]:
    return [one for one in markers if one.encode() in text or one.encode("utf-16-le") in text]


def written(folder: Path, markers: tuple[str, ...] = MARKERS) -> dict[str, list[str]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (said := [one for raw in everything(path) for one in leaks(raw, markers)]):
            found[path.name] = said
    return found


def areas(folder: Path) -> Path:
    shapes = [shapely.box(67.4, 26.4, 67.7, 26.9), shapely.box(67.7, 26.4, 68.2, 26.9)]
    frame = geopandas.GeoDataFrame(
        {"pcode": ["PK1", "PK2"], "name": ["Dadu", "Jamshoro"]}, geometry=shapes, crs=4326
    )
    frame.to_file(folder / "districts.geojson")
    return folder / "districts.geojson"


def flood(folder: Path) -> Path:
    frame = geopandas.GeoDataFrame({"depth": [2.0]}, geometry=[shapely.box(67.4, 26.4, 67.6, 26.9)], crs=4326)
    frame.to_file(folder / "flood.geojson")
    return folder / "flood.geojson"


def source(folder: Path, form: str) -> Path:
    frame = table()
    path = folder / f"sites.{form}"
    if form == "csv":
        rows = [frame.columns.tolist(), *frame.to_numpy().tolist()]
        lines = [
            "Prepared by Zebrunda Khan 0300-7799551",
            *(",".join(f'"{cell}"' for cell in row) for row in rows),
        ]
        lines += ['"Total","","","Zebrunda Khan","","","","","","","4000","",""']
        lines += ['"Note: call Zebrunda Khan on 0300-7799551",,,,,,,,,,,,']
        path.write_text("\n".join(lines), encoding="utf-8")
    elif form == "xlsx":
        frame.to_excel(path, index=False)
    else:
        shapes = shapely.points(frame["longitude"][:-1], frame["latitude"][:-1])
        layer = geopandas.GeoDataFrame(frame.iloc[:-1], geometry=shapes, crs=4326)
        layer.to_file(path)
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_no_value_of_a_personal_column_is_seen_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    origin, out = tmp_path / "in", tmp_path / "out"
    origin.mkdir()
    out.mkdir()
    path, ground, hazard = source(origin, form), areas(origin), flood(origin)

    def says(*words: object) -> str:
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        assert code == 0, told.err
        assert leaks((told.out + told.err).encode()) == []
        return told.out

    for flags in ((), ("--full",), ("--json",), ("--full", "--json")):
        told = says("info", path, *flags)
    assert "personal-columns-dropped" in told
    report = ("--report", out / "report.html", "--report", out / "report.xlsx")
    says("check", path, "--areas", ground, *report)
    says("check", path, "--json")
    # What is left out is left out before the format is chosen: all of them once, two the other times.
    endings = ENDINGS if form == "csv" else (".xlsx", ".html")
    for ending in endings:
        says(
            "convert",
            path,
            out / f"converted{ending}",
            "--save-template",
            out / f"{ending[1:]}.template.json",
        )
    says("join", path, "--areas", ground, "--by", "name", "--out", out / "joined.xlsx", "--json")
    products = [word for ending in (*endings, ".json") for word in ("--out", out / f"run{ending}")]
    says("run", "exposure", "--exposed", path, "--hazard", hazard, "--areas", ground, *products)
    says("export", "html", "--in", path, ground, "--out", out / "map.html")

    workbench = Workbench()
    layer = workbench.open(str(path))
    workbench.save_project(workbench.store.project.with_layer(layer), out / "project.migmap")
    shown = workbench.preview(str(path))
    assert leaks(repr(shown).encode()) == []
    data = workbench.data_of(layer)
    assert leaks(repr([(one.message, one.changes) for one in data.findings]).encode()) == []
    assert written(out) == {}


def test_kept_on_request_they_are_said_and_confidential(tmp_path: Path) -> None:
    path = source(tmp_path, "csv")
    workbench = Workbench()
    data = workbench.datasets.load(str(path), reading=Reading(keep=("personal-columns-dropped:phone",)))
    assert data.meta.sensitivity == "confidential"
    assert "phone" in data.frame.columns
    assert "cnic" not in data.frame.columns
    said = [one.message for one in data.findings if one.code == "personal-columns-dropped"]
    assert any("because you asked" in one and "phone" in one for one in said)


# --- households


def homes(folder: Path, form: str = "geojson") -> tuple[Path, tuple[str, ...]]:
    """Sixty households in two blocks, one of three households; and pieces of their positions."""
    longitudes = np.round(70.111111 + np.arange(60) / 9973, 6)
    latitudes = np.round(30.222222 + np.arange(60) / 9949, 6)
    frame = pd.DataFrame({"hh_id": [f"H{k:03d}" for k in range(60)], "block": ["One", "Two"] * 30, "size": 5})
    path = folder / f"homes.{form}"
    if form == "csv":
        frame.assign(longitude=longitudes, latitude=latitudes).to_csv(path, index=False)
    else:
        geopandas.GeoDataFrame(frame, geometry=shapely.points(longitudes, latitudes), crs=4326).to_file(path)
    return path, tuple(f"{value:.5f}" for value in (*longitudes[1:59], *latitudes[1:59]))


def blocks(folder: Path) -> Path:
    edge = 70.111111 + 2.5 / 9973
    shapes = [shapely.box(70, 30, edge, 31), shapely.box(edge, 30, 71, 31)]
    frame = geopandas.GeoDataFrame({"pcode": ["B1", "B2"], "name": ["One", "Two"]}, geometry=shapes, crs=4326)
    frame.to_file(folder / "blocks.geojson")
    return folder / "blocks.geojson"


def points_in(path: Path) -> int:
    import pyogrio

    count = 0
    for name, _ in pyogrio.list_layers(path):
        frame = pyogrio.read_dataframe(path, layer=name)
        if isinstance(frame, geopandas.GeoDataFrame):
            count += int((frame.geometry.geom_type == "Point").sum())
    return count


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_no_position_of_a_household_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    origin, out = tmp_path / "in", tmp_path / "out"
    origin.mkdir()
    out.mkdir()
    path, markers = homes(origin, form)
    ground, hazard = blocks(origin), origin / "flood.geojson"
    wet = geopandas.GeoDataFrame({"depth": [2.0]}, geometry=[shapely.box(70, 30, 70.1131, 31)], crs=4326)
    wet.to_file(hazard)
    services = origin / "clinics.csv"
    pd.DataFrame({"name": ["Clinic"], "sector": ["health"], "longitude": [70.5], "latitude": [30.5]}).to_csv(
        services, index=False
    )

    def says(*words: object) -> str:
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        assert code == 0, told.err
        assert leaks((told.out + told.err).encode(), markers) == []
        return told.out

    assert "household-positions" in says("info", path, "--full", "--json")
    says("check", path, "--areas", ground, "--report", out / "r.html", "--report", out / "r.xlsx")
    endings = ENDINGS if form == "csv" else (".geojson", ".gpkg", ".kml", ".html")
    for ending in endings:
        told = says("convert", path, out / f"converted{ending}")
        assert "single households" in told
    says("export", "geojson", "--in", path, ground, "--out", out / "both.geojson")
    says("join", path, "--areas", ground, "--map", "name=block", "--by", "name", "--out", out / "joined.csv")
    for tool, more in (
        ("exposure", ("--exposed", path, "--hazard", hazard)),
        ("service-gap", ("--sites", path, "--services", services, "--limit-km", "50")),
    ):
        for number, extra in enumerate(((), ("--areas", ground))):
            products = [w for e in (*endings, ".json") for w in ("--out", out / f"{tool}{number}{e}")]
            says("run", tool, *more, *extra, *products)
            for ending in (".geojson", ".gpkg", ".kml"):
                # The clinic is a point, and may be one.
                assert points_in(out / f"{tool}{number}{ending}") <= 1
            saved = json.loads((out / f"{tool}{number}.json").read_text(encoding="utf-8"))
            assert saved["recipe"]["households"] is True
            if extra:
                small = [
                    one for one in saved["metrics"] if one["area_name"] == "One" and one["unit"] == "sites"
                ]
                assert {one["value"] for one in small} <= {0, None}
                assert any(one.get("hidden") for one in small)
                assert "not shown" in (out / f"{tool}{number}.html").read_text(encoding="utf-8")
                assert "small-counts-suppressed" in [one["code"] for one in saved["findings"]]
    assert written(out, markers) == {}


def test_a_project_names_the_file_of_households_only(tmp_path: Path) -> None:
    path, markers = homes(tmp_path)
    ground = blocks(tmp_path)
    workbench = Workbench()
    services = tmp_path / "clinics.csv"
    pd.DataFrame({"name": ["Clinic"], "sector": ["health"], "longitude": [70.5], "latitude": [30.5]}).to_csv(
        services, index=False
    )
    run = workbench.run("service-gap", {"sites": str(path), "services": str(services), "areas": str(ground)})
    project = workbench.added(workbench.store.project.with_layer(workbench.open(str(path))), run)
    saved = workbench.save_project(project, tmp_path / "p.migmap")
    assert [one for raw in everything(saved) for one in leaks(raw, markers)] == []
    with zipfile.ZipFile(saved) as packed:
        assert not [name for name in packed.namelist() if name.endswith("sites.gpkg")]
    other = Workbench()
    opened = other.open_project(saved)
    again = other.known_run(run.id)
    assert again is not None
    assert again.households
    done = other.export_run(again, [tmp_path / "again.geojson", tmp_path / "again.json"])
    assert "small-counts-suppressed" in [one.code for one in (*done.findings, *again.findings)]
    assert points_in(tmp_path / "again.geojson") == 0
    assert any("single households" in note for note in opened.problems)


def test_asked_for_they_leave_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, _ = homes(tmp_path, "csv")
    assert main(["convert", str(path), str(tmp_path / "out.geojson"), "--keep", "household-positions"]) == 0
    assert "they may leave migmap" in capsys.readouterr().out
    assert points_in(tmp_path / "out.geojson") == 60
    assert main(["export", "geojson", "--in", str(path), "--out", str(tmp_path / "e.geojson")]) == 0
    assert points_in(tmp_path / "e.geojson") == 0
    words = ["export", "geojson", "--in", str(path), "--out", str(tmp_path / "e.geojson")]
    assert main([*words, "--keep", "household-positions"]) == 0
    assert points_in(tmp_path / "e.geojson") == 60
