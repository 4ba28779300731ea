"""Sharing agreements: what may leave, for whom, until when, and what the products say of it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from handles import vector
from shapely import Point

from migmap.analysis.outcome import meta_of
from migmap.api import ExportDocument, MapLayer, Meta, Problem, Style
from migmap.app.agreements import allowed, checked, end_of, may_see
from migmap.app.workbench import Workbench
from migmap.geo.marks import marks
from migmap.io.meta import merged, written

TODAY = datetime.date(2026, 6, 1)
BOUND = ("MoU 12", "2026-12-31", "CCCM cluster, PDMA Sindh")


@pytest.mark.parametrize(
    ("expires", "ends"),
    [
        ("2026-05-31", True),
        ("31/05/2026", True),
        ("31 May 2026", True),
        ("2026-06-01", False),
        ("2026-06", False),
        ("2026", False),
        ("", False),
        ("when the project ends", False),
    ],
)
def test_an_expired_agreement_stops_an_export(expires: str, ends: bool) -> None:
    bound = [("Sites", ("MoU 12", expires, ""))]
    if not ends:
        allowed(bound, (), TODAY)
        return
    with pytest.raises(Problem, match="ended on 2026-05-31") as refused:
        allowed(bound, (), TODAY)
    assert "MoU 12" in refused.value.title


def test_an_audience_must_be_named_and_be_the_one() -> None:
    with pytest.raises(Problem, match="say who the file is for"):
        allowed([("Sites", BOUND)], (), TODAY)
    allowed([("Sites", BOUND)], ("cccm  Cluster",), TODAY)
    allowed([("Sites", BOUND)], ("PDMA Sindh", "the CCCM cluster"), TODAY)
    with pytest.raises(Problem, match="for the press"):
        allowed([("Sites", BOUND)], ("CCCM cluster", "the press"), TODAY)
    allowed([("Sites", ("MoU", "", "public"))], (), TODAY)


def test_every_agreement_binds() -> None:
    other = ("DSA 3", "", "UNHCR")
    bound = [("Sites", BOUND), ("Villages", other)]
    with pytest.raises(Problem, match="Villages"):
        allowed(bound, ("CCCM cluster",), TODAY)
    made = meta_of([vector([Point(0, 0)], {}, meta=Meta().bound_by([each])) for each in (BOUND, other)])
    assert made.agreements == (BOUND, other)
    assert merged(Meta(), json.loads(json.dumps(written(made))), "x")[0].agreements == (BOUND, other)


def test_a_run_keeps_to_the_agreements_of_its_inputs() -> None:
    run = {"recipe": {"agreements": [list(BOUND)]}}
    with pytest.raises(Problem, match="say who"):
        checked(ExportDocument("Exposure", run=run), TODAY)
    checked(ExportDocument("Exposure", run=run, audience=("PDMA Sindh",)), TODAY)


def test_names_and_days_as_people_write_them() -> None:
    assert may_see("WASH", "Shelter and WASH")
    assert may_see("Shelter and WASH", "Shelter and WASH")
    assert not may_see("", "WASH")
    assert end_of("31 December 2026") == datetime.date(2026, 12, 31)


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".csv", ".xlsx", ".kml", ".html", ".png", ".zip"])
def test_every_product_is_stopped_or_says_for_whom(tmp_path: Path, ending: str) -> None:
    meta = Meta(sensitivity="restricted").bound_by([("MoU-4711", "2999-12-31", "CCCM cluster")])
    data = vector([Point(70, 30), Point(71, 31)], {"a": [1, 2]}, name="sites", meta=meta)
    document = ExportDocument("Sites", (MapLayer("sites", "Sites", data, Style()),))
    target = tmp_path / f"sites{ending}"
    with pytest.raises(Problem, match="CCCM cluster only"):
        Workbench().export(document, target)
    assert not list(tmp_path.iterdir())
    done = Workbench().export(document, target, audience=["CCCM cluster"])
    raw = b"".join(path.read_bytes() for path in done.paths)
    if ending in (".geojson", ".gpkg", ".csv", ".kml", ".html"):
        assert b"MoU-4711" in raw
        assert b"Made for: CCCM cluster" in raw


def test_the_marks_say_it() -> None:
    data = vector([Point(70, 30)], {}, meta=Meta().bound_by([BOUND]))
    document = ExportDocument("Map", (MapLayer("a", "A", data, Style()),), audience=("PDMA Sindh",))
    said = marks(document)
    assert said.sharing == (
        "Shared under MoU 12, until 2026-12-31, with CCCM cluster, PDMA Sindh. Made for: PDMA Sindh"
    )
    assert said.sharing in said.lines()


def test_a_joined_table_keeps_to_the_agreement_of_its_areas(tmp_path: Path) -> None:
    import geopandas
    from shapely import box

    frame = geopandas.GeoDataFrame(
        {"pcode": ["PK1", "PK2"], "name": ["Dadu", "Jamshoro"]},
        geometry=[box(67, 26, 68, 27), box(68, 26, 69, 27)],
        crs=4326,
    )
    frame.to_file(tmp_path / "areas.geojson")
    (tmp_path / "areas.geojson.meta.json").write_text('{"sharing_agreement": {"audience": "UNHCR"}}')
    (tmp_path / "table.csv").write_text("district,people\nDadu,100\nJamshoro,200\n")
    workbench = Workbench()
    joined = workbench.join(str(tmp_path / "table.csv"), str(tmp_path / "areas.geojson"))
    document = workbench.document_of_joined(joined)
    with pytest.raises(Problem, match="UNHCR only"):
        workbench.export(document, tmp_path / "out.geojson")
    workbench.export(document, tmp_path / "out.geojson", audience=["UNHCR"])
