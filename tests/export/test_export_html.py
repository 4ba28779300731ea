"""The HTML map: complete in itself, runs only its own scripts, and says what a map must say."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from migmap.api import ExportDocument, Finding, MapLayer, Metric, Problem, Rule, Style, Symbol
from migmap.export.features import layer_view
from migmap.export.html import HtmlMap
from migmap.export.leaflet import UnknownLink, asset
from migmap.export.overlay import indexed_png
from migmap.export.page import PageParts, assemble
from migmap.export.panel import shown
from migmap.export.swatch import swatch
from migmap.geo.symbology import OTHER, UNKNOWN

PLANTED = (
    "<script>document.title='a'</script>",
    '"><img src=x onerror="document.title=\'b\'">',
    "</script><script>document.title='c'</script>",
    "`${document.title='d'}`",
    "{{ 7*7 }}{% raw %}",
    "a\u2028b\u2029c</title><svg onload=alert(1)>",
    "<!--<script>",
    "http://example.org/x.js",
)


def parts_of(path: Path) -> PageParts:
    parts = PageParts()
    parts.feed(path.read_text(encoding="utf-8"))
    parts.close()
    return parts


def data_of(parts: PageParts) -> Any:
    (text,) = parts.data
    if not text.lstrip().startswith("{"):
        text = gzip.decompress(base64.b64decode(text)).decode()
    return json.loads(text)


def positions(group: dict[str, Any], scale: int) -> list[list[tuple[float, float]]]:
    """Each ring as the viewer rebuilds it."""
    rings, at = [], 0
    for count in group["counts"]:
        steps = np.array(group["xy"][at : at + 2 * count]).reshape(-1, 2)
        rings.append([(float(x) / scale, float(y) / scale) for x, y in steps.cumsum(axis=0)])
        at += 2 * count
    return rings


@pytest.fixture
def page(document: ExportDocument, export: Any, tmp_path: Path) -> Path:
    target = tmp_path / "map.html"
    assert export(HtmlMap(), document, target) == ()
    return target


def test_the_policy_allows_the_pages_own_scripts_and_nothing_else(page: Path) -> None:
    parts = parts_of(page)
    policy = dict(rule.strip().split(" ", 1) for rule in parts.policy.split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == "data: blob:"
    for kind, texts in (("script-src", parts.scripts), ("style-src", parts.styles)):
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts
        ]
        assert sorted(set(hashes)) == sorted(policy[kind].split())
    head = page.read_text(encoding="utf-8").partition("Content-Security-Policy")[0]
    assert "<script" not in head
    assert "<style" not in head


def test_nothing_on_the_page_loads_from_anywhere(page: Path) -> None:
    parts = parts_of(page)
    assert parts.faults == []
    text = page.read_text(encoding="utf-8")
    assert not re.search(
        r"""(?:src|href)\s*=\s*["']?(?!#|data:)[a-z]+:""",
        re.sub(r"<script.*?</script>", "", text, flags=re.S),
    )
    assert "sourceMappingURL" not in text
    assert "L.map(" in text
    assert "Leaflet 1.9" in text


def test_the_page_says_what_a_map_must_say(page: Path, document: ExportDocument) -> None:
    said = " ".join("".join(parts_of(page).text).split())
    for text in (
        document.title,
        "SYNTHETIC DATA – not real places or people",
        "Sensitivity: not stated – treat as restricted",
        "legal status",
        "Schematic districts.",
        "Source: migmap sample generator, 2022-09, CC0",
        "run-0123",
        "Of 5 sites, 2 stand in water.",
        "1 row has no position.",
        "1 row has no position: counted above, not on the map.",
        "neither zero nor",
        "0.5-1.5",
        "unknown",
        "Flood depth (m)",
        "needs JavaScript",
    ):
        assert text in said
    assert parts_of(page).tags["input"] == 4


def test_real_data_wears_no_synthetic_mark(document: ExportDocument, export: Any, tmp_path: Path) -> None:
    layers = tuple(
        replace(
            layer,
            data=replace(layer.data, meta=replace(layer.data.meta, synthetic=False, sensitivity="public")),
        )
        for layer in document.layers
    )
    export(HtmlMap(), replace(document, layers=layers), tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "SYNTHETIC DATA" not in text
    assert "Sensitivity: public" in text


@pytest.mark.parametrize("copies", [1, 700])
def test_planted_text_stays_text(copies: int, vector: Any, export: Any, tmp_path: Path) -> None:
    columns = {"name": [*PLANTED] * copies, **{text: [text] * len(PLANTED) * copies for text in PLANTED}}
    shapes = [shapely.Point(60 + i, 30) for i in range(len(PLANTED))] * copies
    rules = tuple(Rule(label=text, value=text, symbol=Symbol()) for text in PLANTED)
    style = Style(column="name", rules=rules, title=PLANTED[1], unknown_label=PLANTED[0])
    evil = MapLayer(
        PLANTED[0], PLANTED[2], vector(PLANTED[0], columns, shapes, roles={"name": "name"}), style
    )
    metrics = tuple(Metric(t, t, area, t, t, t, t, 1.0, t) for t in PLANTED for area in (None, t))
    plain = ExportDocument("t", layers=(replace(evil, title="x", style=Style(), name="x"),))
    document = ExportDocument(
        title=" ".join(PLANTED),
        layers=(evil,),
        metrics=metrics,
        findings=tuple(Finding(text, "warning", text) for text in PLANTED),
        notes=PLANTED,
        sources=PLANTED,
        run_id=PLANTED[1],
    )
    export(HtmlMap(), document, tmp_path / "a.html")
    export(HtmlMap(), plain, tmp_path / "b.html")
    found, harmless = parts_of(tmp_path / "a.html"), parts_of(tmp_path / "b.html")
    assert found.faults == []
    assert found.scripts == harmless.scripts
    assert found.tags["script"] == harmless.tags["script"] == 5
    assert found.tags["title"] == 1
    assert "img" not in found.tags
    assert PLANTED[0] in "".join(found.text)  # as text, the reader sees what is in the data
    assert data_of(found)["layers"][0]["columns"][1:] == list(PLANTED)
    raw = re.sub(
        r"<script.*?</script>|<style.*?</style>",
        "",
        (tmp_path / "a.html").read_text(encoding="utf-8"),
        flags=re.S,
    )
    for text in PLANTED[:-1]:
        assert text not in raw


def test_the_same_run_gives_the_same_page(document: ExportDocument, export: Any, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        export(HtmlMap(), document, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_shapes_and_values_arrive_as_they_were(page: Path, document: ExportDocument) -> None:
    data = data_of(parts_of(page))
    raster, areas, sites = data["layers"]
    assert raster["image"].startswith("data:image/png;base64,")
    assert raster["bounds"][0] == pytest.approx([30.0, 66.8], abs=0.02)
    assert raster["bounds"][1] == pytest.approx([30.6, 67.6], abs=0.02)
    frame = document.layers[-1].data.frame  # type: ignore[union-attr]
    assert sites["columns"] == [name for name in frame.columns if name != "geometry"]
    assert sites["values"][sites["columns"].index("people")] == [1200, 0, None, 55, 2**40]
    assert sites["values"][sites["columns"].index("has_school")] == [True, False, None, True, False]
    labels = [sites["labels"][rule] for rule in sites["rules"]]
    assert labels == ["not exposed", "0.5-1.5", "unknown", "unknown", "1.5+"]
    points = next(group for group in sites["groups"] if group["kind"] == "point")
    assert points["rows"] == [2, 0, 1]  # the worst class is drawn last, on top
    assert [ring[0] for ring in positions(points, sites["scale"])] == [
        (66.95, 30.1),
        (67.01, 30.2),
        (67.1, 30.25),
    ]
    (shapes,) = areas["groups"]
    assert shapes["parts"] == [1, 2, 1]
    assert shapes["rings"] == [1, 1, 1, 2]
    ring = positions(shapes, areas["scale"])[0]
    assert shapely.Polygon(ring).equals(shapely.box(66.8, 30.0, 67.05, 30.3))
    assert data["bounds"] == [
        [pytest.approx(30.0, abs=0.01), pytest.approx(66.8, abs=0.01)],
        [pytest.approx(30.6, abs=0.01), pytest.approx(67.6, abs=0.02)],
    ]


def test_figures_by_area_are_in_the_data(page: Path, document: ExportDocument) -> None:
    figures = data_of(parts_of(page))["metrics"]
    assert figures["columns"] == ["metric", "hazard", "area", "name", "class", "value", "unit"]
    assert len(figures["rows"]) == len(document.metrics)
    assert figures["rows"][2][5] == "unknown"
    assert figures["rows"][6][2:6] == ["outside all areas", "", "1.5+", "12,345,679"]
    assert figures["rows"][7][2] == "counted more than once"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "people", "unknown"),
        (float("nan"), "km2", "unknown"),
        (0.0, "people", "0"),
        (2.5, "people", "2"),
        (3.5, "people", "4"),
        (-0.25, "people", "0"),
        (69014.6123, "km2", "69,014.6"),
        (0.012346, "km2", "0.01235"),
        (12.0, "km2", "12"),
    ],
)
def test_figures_are_rounded_half_to_even(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_large_outlines_are_simplified_and_the_page_says_so(
    vector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migmap.export.features.MOST_CORNERS", 300)
    angle = np.linspace(0, np.pi, 2000)
    arc = list(zip(68 + np.cos(angle) + 0.001 * np.sin(80 * angle), 30 + np.sin(angle), strict=True))
    upper = shapely.Polygon([*arc, (67.0, 31.5), (69.0, 31.5)])
    lower = shapely.Polygon(arc)
    layer = MapLayer("areas", "A", vector("a", {"n": [1, 2]}, [upper, lower]), Style())
    view = layer_view(layer)
    (group,) = view.payload["groups"]
    assert sum(group["counts"]) <= 300
    assert any("simplified for display" in remark for remark in view.remarks)
    first, second = (set(ring) for ring in positions(group, view.payload["scale"]))
    # The border they share is one line still: every corner of the lower one is a corner of the upper.
    assert second <= first


def test_an_unknown_link_stops_the_page() -> None:
    with pytest.raises(UnknownLink):
        asset("https://cdn.example.org/other.js")
    with pytest.raises(UnknownLink, match="src"):
        assemble(title="t", head="", body='<img src="https://example.org/a.png">')
    with pytest.raises(UnknownLink, match="onclick"):
        assemble(title="t", head="", body='<p onclick="x()">')


def test_raster_picture_has_a_colour_a_rule_and_lines_for_unknown() -> None:
    style = Style(rules=(Rule(label="a", symbol=Symbol(fill="#102030")),), other=Symbol(fill="#405060"))
    index = np.array([[0, OTHER], [UNKNOWN, -3]], dtype=np.int16)
    png = indexed_png(index, style)
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (width, height, depth, colour) == (2, 2, 8, 3)
    palette = png[png.index(b"PLTE") + 4 :][:6]
    assert palette == bytes([0x10, 0x20, 0x30, 0x40, 0x50, 0x60])
    body = png[png.index(b"IDAT") + 4 :]
    # Rule, other; a line of the hatching, outside.
    assert zlib.decompressobj().decompress(body) == bytes([0, 0, 1, 0, 4, 2])
    # Between the lines a veil: where a browser shows the picture smaller, lines fall out.
    png = indexed_png(np.full((1, 9), UNKNOWN, dtype=np.int16), style)
    alphas = png[png.index(b"tRNS") + 4 :][:5]
    row = zlib.decompressobj().decompress(png[png.index(b"IDAT") + 4 :])[1:]
    assert set(row) == {3, 4}
    assert 0 < alphas[3] < alphas[4]


def test_nothing_to_show_is_a_problem(export: Any, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="nothing to show"):
        export(HtmlMap(), ExportDocument("T"), tmp_path / "a.html")


def test_ground_is_said_in_the_words_of_people(document: ExportDocument, export: Any, tmp_path: Path) -> None:
    metrics = (Metric("area_km2", "flood", None, None, None, "exposed", None, 12.5, "km2"),)
    export(HtmlMap(), replace(document, metrics=metrics), tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<bdi>area</bdi>" in page
    assert "<bdi>km²</bdi>" in page
    assert "All figures by area (1 row)" in page
    assert '"12.5","km²"' in page


def test_a_see_through_layer_is_so_in_the_legend() -> None:
    red = Symbol(fill="#ff0000")
    assert "opacity" not in swatch(red, "polygon")
    assert '<g opacity="0.8">' in swatch(red, "polygon", 0.8)
    assert '<g opacity="0.3">' in swatch(red, "raster", 0.0)
