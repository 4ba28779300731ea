"""The tables a document holds: metrics, findings, sources, and a layer's attributes."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import ExportDocument, MapLayer, Problem, VectorData

from .columns import tidy, unique_name

if TYPE_CHECKING:
    import pandas

METRIC_COLUMNS = ("metric", "hazard", "area", "area_name", "level", "class", "group", "value", "unit")


def stated_sensitivity(document: ExportDocument) -> str:
    """One word for tables: "not stated" binds as restricted."""
    return document.sensitivity or "not stated"


def metric_table(document: ExportDocument) -> pandas.DataFrame:
    """The metric rows in their order, and at the end of each row what a number must carry."""
    import pandas

    from migmap.geo.marks import input_names, tags_in

    rows = [metric.as_json() for metric in document.metrics]
    compared = any(metric.compared for metric in document.metrics)
    numbers = ("before", "after") if compared else ()
    table = pandas.DataFrame(rows, columns=[*METRIC_COLUMNS, *numbers], dtype=object)
    for name in ("value", *numbers):
        table[name] = pandas.to_numeric(table[name]).astype("float64")
    table["synthetic"] = np.full(len(table), document.synthetic, dtype=bool)
    table["sensitivity"] = stated_sensitivity(document)
    if any(metric.hidden for metric in document.metrics):
        # A blank that is neither 0 nor unknown.
        table["hidden"] = np.array([metric.hidden for metric in document.metrics], dtype=bool)
    if document.agreements or document.audience:
        table["sharing"] = _sharing(document)
    table["run_id"] = document.run_id
    recipe = document.run.get("recipe")
    recipe = recipe if isinstance(recipe, dict) else {}
    for name, text in (
        ("rule", str(recipe.get("rule") or "").removeprefix("Rule: ")),
        ("version", str(recipe.get("migmap") or "")),
        ("inputs", input_names(document.run)),
    ):
        if text:
            table[name] = text
    tags = tags_in(document.run)
    if tags:
        table["tags"] = [tags.get(metric.metric) for metric in document.metrics]
    return tidy(table)


def provenance_table(document: ExportDocument) -> pandas.DataFrame:
    """topic, text of what made the figures; no row for plain layers."""
    import pandas

    from migmap.geo.marks import marks

    rows = list(marks(document).provenance)
    return tidy(pandas.DataFrame(rows, columns=["topic", "text"], dtype=object))


def _sharing(document: ExportDocument) -> str:
    from migmap.geo.marks import sharing

    return sharing(document.agreements, document.audience)


def finding_table(document: ExportDocument) -> pandas.DataFrame:
    """code, severity, count, message, rows (as text, at most the rows the finding keeps)."""
    import pandas

    columns = ["code", "severity", "count", "message", "rows"]
    rows: list[dict[str, Any]] = [
        {**finding.as_json(), "rows": ", ".join(map(str, finding.rows))} for finding in document.findings
    ]
    table = pandas.DataFrame(rows, columns=columns, dtype=object)
    table["count"] = table["count"].astype("int64")
    return tidy(table)


def source_table(document: ExportDocument) -> pandas.DataFrame:
    """topic, text, and for inputs path (the file's name), sha256, crs, rows: what a reader must know of
    the origin."""
    import pandas

    from migmap.geo.marks import marks

    said = marks(document)
    rows: list[dict[str, Any]] = [{"topic": "title", "text": document.title}]
    if said.synthetic:
        rows.append({"topic": "synthetic", "text": said.synthetic})
    rows.append({"topic": "sensitivity", "text": said.sensitivity})
    if said.sharing:
        rows.append({"topic": "sharing", "text": said.sharing})
    if document.run_id:
        rows.append({"topic": "run id", "text": document.run_id})
    rows.extend({"topic": "note", "text": note} for note in document.notes)
    rows.extend(
        {
            "topic": "input",
            # The name alone: whoever gets the file has no use for the folders of whoever made it.
            "path": PurePath(record.path.replace("\\", "/")).name,
            "sha256": record.sha256,
            "crs": record.crs,
            "rows": record.rows,
        }
        for record in document.inputs
    )
    rows.extend({"topic": "source", "text": line} for line in said.sources)
    rows.append({"topic": "boundaries", "text": said.boundary})
    rows.append({"topic": "reading the figures", "text": said.footnote})
    table = pandas.DataFrame(rows, columns=["topic", "text", "path", "sha256", "crs", "rows"], dtype=object)
    table["rows"] = table["rows"].astype("Int64")
    return tidy(table)


def attribute_table(layer: MapLayer) -> pandas.DataFrame:
    """A layer's columns, and for points their WGS84 longitude and latitude in degrees.

    Points get `lon` and `lat` (with `_wgs84` behind where the layer has such columns already); rows
    without a position keep empty cells.
    """
    import pandas
    import shapely

    from migmap.geo.crs import to_lonlat

    data = layer.data
    if not isinstance(data, VectorData):
        raise Problem(
            f"{layer.title} is a raster; a table holds rows.",
            fix="Give a file with features, or run an analysis and export its figures.",
        )
    table = tidy(data.frame)
    shapes = to_lonlat(data).to_numpy()
    point = (shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)
    if not point.any():
        return table
    taken = {str(column).casefold() for column in table.columns}
    positions = {}
    for name, read in (("lon", shapely.get_x), ("lat", shapely.get_y)):
        free = unique_name(f"{name}_wgs84" if name in taken else name, table.columns)
        positions[free] = np.where(point, read(shapes), np.nan)
    return pandas.concat([table, pandas.DataFrame(positions, index=table.index)], axis=1)


def marked(table: pandas.DataFrame, layer: MapLayer, document: ExportDocument) -> pandas.DataFrame:
    """The table with `synthetic` and `sensitivity`, and `sharing` where there is an agreement, at the end
    of each row, unless it has such columns: in a bare table there is no other place to say it."""
    taken = {str(name).strip().casefold() for name in table.columns}
    meta = layer.data.meta
    marks: dict[str, Any] = {"synthetic": meta.synthetic, "sensitivity": meta.sensitivity or "not stated"}
    if document.agreements or document.audience:
        marks["sharing"] = _sharing(document)
    return table.assign(**{name: mark for name, mark in marks.items() if name not in taken})


def plain_tables(document: ExportDocument) -> tuple[tuple[MapLayer, pandas.DataFrame], ...]:
    """The attribute tables of a document without metrics, one a layer with features; of background layers
    only where there is nothing else."""
    vectors = tuple(layer for layer in document.layers if isinstance(layer.data, VectorData))
    layers = tuple(layer for layer in vectors if layer.result) or vectors
    if not layers:
        raise Problem(
            f"There is no table to write for {document.title}: it has no rows and no figures.",
            fix="Give a file with features, or run an analysis first.",
        )
    return tuple((layer, attribute_table(layer)) for layer in layers)
