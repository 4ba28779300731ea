"""Every real file beside the checkout: no row and nobody is lost, or the refusal names the fault.

The rows are counted without migmap's readers: csv and json of the standard library, the record count in
the header of a .dbf, GDAL's feature count, placemarks as text.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from migmap.api import Data, Problem, VectorData
from migmap.app.workbench import Workbench
from migmap.geo.accounting import accounting

Folder = Callable[[str], Path]

FOLDERS = [
    "gfdrr-jam", "hma-glof", "hti-cap-haitien", "ibf-redcross", "inasafe", "iom-dtm-hdx-api", "jor-zaatari",
    "mwi-waterpoints", "nasty-fiona", "nasty-hxl", "nasty-kml", "nasty-mbostock", "nasty-pyshp",
    "nasty-rasterio", "pk-codab-adm2", "pk-floodrisk-gee", "pk-healthsites", "pk-sindh-flood2022",
    "pk-unosat-viirs-2022", "rasterstats", "unhcr-wash-kpi",
]  # fmt: skip
BESIDE = re.compile(r"\.(dbf|shx|prj|cpg|qpj|qmd|qml|sbn|sbx|xml|lic|keywords|txt|md)$", re.IGNORECASE)

RASTERS = re.compile(r"\.(tif|asc|vrt|h5|nc)$", re.IGNORECASE)
"""Cells are no rows; tests of io open each of these files."""
TWICE = "VIIRS_20220825_20220831_FloodExtent_PAK.shp"
"""Also there in its zip, and slow to repair."""


def loaded(workbench: Workbench, path: Path) -> tuple[dict[str, Data], list[Problem]]:
    """(every layer of a file by name, what was refused)."""
    try:
        return {"": workbench.datasets.load(str(path))}, []
    except Problem as problem:
        refused = [problem]
    try:
        names = workbench.datasets.probe(str(path))[0].layers
    except Problem:
        return {}, refused
    if len(names) < 2:
        return {}, refused
    found: dict[str, Data] = {}
    refused = []
    for name in names:
        try:
            found[name] = workbench.datasets.load(f"{path}::{name}")
        except Problem as problem:
            refused.append(problem)
    return found, refused


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_row_is_used_or_set_aside(shared_data: Folder, folder: str) -> None:
    workbench = Workbench()
    faults: list[str] = []
    for path in sorted(shared_data(folder).iterdir()):
        if BESIDE.search(path.name) or path.name.startswith("LICENSE") or not path.is_file():
            continue
        if RASTERS.search(path.name) or path.name == TWICE:
            continue
        layers, refused = loaded(workbench, path)
        for problem in refused:
            if path.name not in problem.title or not problem.fix:
                faults.append(f"{path.name}: refused without its name or without a way out: {problem}")
        for name, data in layers.items():
            if isinstance(data, VectorData):
                _adds_up(data, f"{path.name}::{name}")
                rows, expected = accounting(data).rows, counted(path, name)
                if expected not in (None, rows):
                    faults.append(f"{path.name}::{name}: {rows} rows, and {expected} are in the file")
    assert not faults, "\n".join(faults)


def _adds_up(data: VectorData, where: str) -> None:
    found = accounting(data)
    aside = sum(len(one.frame) for one in data.aside)
    assert found.rows == found.used + found.set_aside == len(data.frame) + aside, where
    rows = [*data.row_numbers.tolist(), *(row for one in data.aside for row in one.row_numbers.tolist())]
    assert len(set(rows)) == len(rows), where
    assert {one.code for one in data.aside} <= {one.code for one in data.findings}, where
    column = data.roles.get("people")
    if column is None:
        assert found.people is None, where
        return
    assert found.people is not None
    assert found.people_used is not None
    assert found.people_set_aside is not None
    assert math.isclose(found.people, found.people_used + found.people_set_aside), where
    plain = sum(float(value) for value in data.frame[column] if _is_number(value))
    assert math.isclose(found.people_used, plain, rel_tol=1e-12, abs_tol=1e-9), where


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def counted(path: Path, layer: str) -> int | None:
    """Rows of the file, or of one of its layers; None where the standard library cannot say."""
    name = path.name.lower()
    if name.endswith((".csv", ".tsv")):
        return rows_of_text(path.read_bytes())
    if name.endswith((".geojson", ".json")) and layer == "":
        features = json.loads(path.read_text(encoding="utf-8-sig")).get("features")
        return None if features is None else len(features)
    if name.endswith(".seq"):
        return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip("\x1e \n"))
    if name.endswith(".topojson") and layer == "":
        objects = json.loads(path.read_text(encoding="utf-8"))["objects"]
        return sum(len(one.get("geometries", [one])) for one in objects.values())
    if name.endswith(".kml") and layer == "":
        text = path.read_text(encoding="utf-8", errors="replace")
        # Bare rings outside any placemark are features too, for whoever reads them.
        return len(re.findall(r"<(?:\w+:)?Placemark\b", text)) or None
    if name.endswith(".shp"):
        dbf = path.with_suffix(".dbf")
        return records(dbf.read_bytes()) if dbf.exists() else None
    if name.endswith(".zip"):
        return rows_in_zip(path, layer)
    return None


def rows_in_zip(path: Path, layer: str) -> int | None:
    with zipfile.ZipFile(path) as packed:
        tables = [one for one in packed.namelist() if one.lower().endswith(".dbf")]
        texts = [one for one in packed.namelist() if one.lower().endswith(".csv")]
        if len(texts) == 1:
            return rows_of_text(packed.read(texts[0]))
        fitting = [one for one in tables if layer == "" or Path(one).stem == Path(layer).stem]
        return records(packed.read(fitting[0])) if len(fitting) == 1 else None


def records(dbf: bytes) -> int:
    """The number of records a .dbf says it has, without those marked as deleted."""
    count, start, size = struct.unpack("<IHH", dbf[4:12])
    marks = [dbf[start + k * size : start + k * size + 1] for k in range(count)]
    return sum(mark != b"*" for mark in marks)


def rows_of_text(raw: bytes) -> int:
    """Lines of a CSV below its header that are not blank and no HXL tags. The header is the first line,
    with the second where the first has holes that it fills; where there is a tag row, all above that."""
    # The lines of a table are the same in every one-byte encoding and in UTF-8.
    text = raw.decode("utf-8-sig") if raw.startswith(b"\xef\xbb\xbf") else raw.decode("latin-1")
    lines = list(filled(csv.reader(io.StringIO(text, newline=""))))
    tags = [k for k, line in enumerate(lines[:30]) if is_tag_row(line)]
    if tags:
        return len(lines) - tags[0] - 1
    holes = sum(not cell.strip() for cell in lines[0])
    return len(lines) - (2 if 3 * holes > len(lines[0]) else 1)


def filled(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    return (line for line in lines if any(cell.strip() for cell in line))


def is_tag_row(line: list[str]) -> bool:
    cells = [cell.strip() for cell in line if cell.strip()]
    return bool(cells) and 2 * sum(bool(re.match(r"#\s*[A-Za-z]", cell)) for cell in cells) > len(cells)


@pytest.mark.parametrize(
    ("folder", "name", "words"),
    [
        ("pk-floodrisk-gee", "Pakistan_Flood_Extent_2022.tif", ()),
        ("nasty-mbostock", "empty.shp", ("empty", "no rows")),
        ("nasty-pyshp", "empty_zipfile.zip", ("empty", "no ", "nothing")),
        ("pk-codab-adm2", "districts.json", ("JSON",)),
    ],
)
def test_what_is_refused_says_why(
    shared_data: Folder, folder: str, name: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(Problem) as refused:
        Workbench().datasets.load(str(shared_data(folder) / name))
    assert name in refused.value.title
    assert refused.value.fix
    if words:
        assert any(word in str(refused.value) for word in words)
