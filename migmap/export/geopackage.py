"""GeoPackage: the layers, the figures, what was odd, where it came from, and QGIS styles, in one file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, MapLayer, Progress

from .columns import kind_of
from .qml import qml
from .tables import finding_table, metric_table, provenance_table, source_table
from .vectors import (
    check_rows,
    frame_of,
    layers_to_write,
    renamed_finding,
    shape_kinds,
    stated,
    unlike_names,
    write_layer,
    writing,
)

# 1.4 makes the QGIS of Debian 12 (3.22) warn on opening.
_VERSION = "1.3"
_OURS = ("metrics", "findings", "sources", "provenance", "layer_styles")

# As QGIS itself makes it, or it would not offer the style.
_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


class GeoPackage(Exporter):
    """Version 1.3, opens in QGIS with the colours of the map."""

    name: ClassVar[str] = "geopackage"
    title: ClassVar[str] = "GeoPackage (GPKG)"
    icon: ClassVar[str] = "mdi6.package-variant-closed"
    endings: ClassVar[tuple[str, ...]] = (".gpkg",)
    takes = "layers"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes result layers (else all layers with features) and the tables metrics, findings, sources,
        provenance."""
        from migmap.geo.marks import marks

        layers = layers_to_write(document)
        said = marks(document)
        printed = (said.synthetic, said.sensitivity, said.sharing, said.run)
        about = " ".join(f"{line}." for line in printed if line)
        findings: list[Finding] = []
        styles: list[tuple[str, str, str, str]] = []
        names = unlike_names([_table_name(layer.name) for layer in layers], _OURS)
        with writing(target):
            for index, (layer, name) in enumerate(zip(layers, names, strict=True)):
                progress(0.9 * index / len(layers), f"Writing {target.name}, layer {name}")
                changed, style = _write(layer, name, target, about)
                findings.extend(changed)
                if style is not None:
                    styles.append(style)
            tables = {"findings": finding_table(document), "sources": source_table(document)}
            if document.metrics:
                tables = {"metrics": metric_table(document), **tables}
            card = provenance_table(document)
            if len(card):
                tables["provenance"] = card
            for name, table in tables.items():
                progress(0.93, f"Writing {target.name}, table {name}")
                write_layer(table, target, driver="GPKG", layer=name, layer_options={"DESCRIPTION": about})
                check_rows(target, name, len(table), target.name)
            _add_styles(target, styles)
        progress(1.0, f"Wrote {target.name}")
        return tuple(findings)


def _write(
    layer: MapLayer, name: str, target: Path, about: str
) -> tuple[tuple[Finding, ...], tuple[str, str, str, str] | None]:
    """(findings, (table, geometry column, style name, QML)); no style for a layer without shapes."""
    from migmap.io.meta import as_tags

    frame = frame_of(layer)
    shapes = frame.geometry.to_numpy()
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    table = frame[columns]
    # SQLite does not tell Name from name; fid and geom are names the format needs, found free below.
    after = unlike_names(columns)
    table.columns = after
    key = unlike_names([*after, "fid"])[-1]
    shape = unlike_names([*after, key, "geom"])[-1]
    options = {"FID": key, "GEOMETRY_NAME": shape, "DESCRIPTION": f"{layer.title}. {about}"}
    style = None
    if frame.crs is None:
        # Without a CRS no row has a position: a plain table says so better than empty shapes would.
        options.pop("GEOMETRY_NAME")
        written: Any = table
    else:
        written = _joined(table, frame)
        kinds = [kind for kind in ("point", "line", "polygon") if (shape_kinds(shapes) == kind).any()]
        column = layer.style.column
        numeric = column in columns and kind_of(frame[column]) in ("int", "float", "bool")
        looks = layer.style
        if column in columns:
            looks = looks.model_copy(update={"column": after[columns.index(column)]})
        style = (name, shape, layer.title[:30], qml(looks, kinds, numeric=numeric, opacity=layer.opacity))
    write_layer(
        written,
        target,
        driver="GPKG",
        layer=name,
        dataset_options={"VERSION": _VERSION},
        layer_options=options,
        layer_metadata=as_tags(stated(layer, dict(zip(columns, after, strict=True)))) or None,
    )
    check_rows(target, name, len(frame), target.name)
    return renamed_finding(target.name, name, columns, after), style


def _joined(table: Any, frame: Any) -> Any:
    import geopandas

    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    name = unlike_names([*table.columns, "geometry"])[-1]
    series = geopandas.GeoSeries(shapes, index=table.index, crs=frame.crs, name=name)
    return geopandas.GeoDataFrame(table, geometry=series)


def _table_name(name: str) -> str:
    clean = "".join(c if c.isalnum() or c in "_- " else "_" for c in name).strip() or "layer"
    return f"layer_{clean}" if clean.casefold().startswith(("gpkg_", "sqlite_", "rtree_")) else clean


def _add_styles(target: Path, styles: list[tuple[str, str, str, str]]) -> None:
    with closing(sqlite3.connect(target)) as database, database:
        database.execute(_STYLES)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS')"
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
            "styleName, styleQML, styleSLD, useAsDefault, description, owner) "
            "VALUES ('', '', ?, ?, ?, ?, '', 1, '', '')",
            styles,
        )
