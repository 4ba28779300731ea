"""Result layers in a project file: a GeoPackage for the rows, JSON for what a GeoPackage cannot say."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from migmap.api import (
    Finding,
    InputRecord,
    Meta,
    Metric,
    Result,
    ResultLayer,
    Sensitivity,
    Source,
    Style,
    VectorData,
    strictest,
)

from .agreements import agreements_in, of_all
from .archive import Archive
from .project import RunRecord
from .recipe import Run, to_text

if TYPE_CHECKING:
    import geopandas

_LAYER = "layer"


def entries(stem: str, layer: ResultLayer) -> dict[str, bytes]:
    """The two entries of one result layer, ready for the archive."""
    data = layer.data
    frame = data.frame
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    about = {
        "name": layer.name,
        "title": layer.title,
        "style": layer.style.model_dump(mode="json"),
        "columns": columns,
        "rows": [int(number) for number in data.row_numbers],
        "kind": data.kind,
        "roles": dict(data.roles),
        "data_name": data.name,
        "source": {
            "path": data.source.path,
            "part": data.source.part,
            "driver": data.source.driver,
            "sha256": data.source.sha256,
        },
        "meta": {
            "sensitivity": data.meta.sensitivity,
            "synthetic": data.meta.synthetic,
            "attribution": data.meta.attribution,
            "licence": data.meta.licence,
            "date": data.meta.date,
            "boundary_note": data.meta.boundary_note,
            "households": data.meta.households,
            "method": data.meta.method,
            "boundary_vintage": data.meta.boundary_vintage,
            "agreements": [list(one) for one in data.meta.agreements],
        },
        "findings": [finding.as_json() for finding in data.findings],
    }
    return {f"{stem}.json": to_text(about).encode(), f"{stem}.gpkg": _geopackage(frame, columns)}


def _geopackage(frame: geopandas.GeoDataFrame, columns: list[str]) -> bytes:
    """The rows under neutral column names: a GeoPackage ignores case and owns "fid", our columns
    need not fit that."""
    import warnings

    import pyogrio

    neutral = {name: f"c{index}" for index, name in enumerate(columns)}
    neutral[str(frame.geometry.name)] = "geometry"
    renamed = frame.set_axis([neutral[str(name)] for name in frame.columns], axis=1).set_geometry("geometry")
    for name in renamed.columns:
        if name != "geometry" and renamed[name].dtype.kind == "O":
            renamed[name] = renamed[name].map(_text, na_action="ignore")
    with tempfile.TemporaryDirectory(prefix="migmap-") as folder:
        target = Path(folder) / "layer.gpkg"
        with warnings.catch_warnings():
            # A layer whose rows have no position has no CRS either; that is as it should be.
            warnings.filterwarnings("ignore", message=".*crs.*", category=UserWarning)
            pyogrio.write_dataframe(renamed, target, layer=_LAYER, driver="GPKG", geometry_type="Unknown")
        return target.read_bytes()


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else str(value)


def layers_in(archive: Archive, folder: str, names: Any) -> tuple[tuple[ResultLayer, ...], list[str]]:
    """(the result layers that could be read, the names of those that could not)."""
    layers: list[ResultLayer] = []
    lost: list[str] = []
    for name in names if isinstance(names, list) else ():
        about = archive.entries.get(f"{folder}/{name}.json")
        rows = archive.entries.get(f"{folder}/{name}.gpkg")
        layer = _layer(about, rows) if about and rows else None
        if layer is None:
            lost.append(str(name))
        else:
            layers.append(layer)
    return tuple(layers), lost


def _layer(about: bytes, rows: bytes) -> ResultLayer | None:
    import numpy as np
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        said = json.loads(about)
        with tempfile.TemporaryDirectory(prefix="migmap-") as folder:
            source = Path(folder) / "layer.gpkg"
            source.write_bytes(rows)
            frame = pyogrio.read_dataframe(source, layer=_LAYER)
        columns = list(said["columns"])
        frame = frame.rename(columns={f"c{i}": name for i, name in enumerate(columns)})[
            [*columns, "geometry"]
        ]
        data = VectorData(
            frame=frame,
            name=said["data_name"],
            source=Source(**said["source"]),
            row_numbers=np.asarray(said["rows"], dtype=np.int64),
            kind=said["kind"],
            roles=said["roles"],
            findings=findings_in(said["findings"]),
            meta=_meta(said["meta"]),
        )
        style = Style.model_validate(said["style"])
        if len(data.row_numbers) != len(frame):
            return None
        return ResultLayer(name=said["name"], title=said["title"], data=data, style=style)
    except (DataSourceError, DataLayerError, ValidationError, ValueError, KeyError, TypeError, OSError):
        return None


def _meta(said: Mapping[str, Any]) -> Meta:
    known = {name: value for name, value in said.items() if name != "agreements"}
    return Meta(**known).bound_by(agreements_in(said.get("agreements")))


def run_from(record: RunRecord, layers: tuple[ResultLayer, ...]) -> Run:
    """A run as it was, without its input data: enough to show and export it again."""
    document = record.document
    recipe = document.get("recipe") or {}
    return Run(
        id=record.id,
        analysis=record.analysis,
        title=record.title,
        params=document.get("params") or {},
        crs=recipe.get("crs"),
        result=Result(
            metrics=tuple(Metric.from_json(one) for one in document.get("metrics") or ()),
            layers=layers,
            findings=findings_in(document.get("findings") or ()),
            notes=record.notes,
        ),
        inputs={},
        records=tuple(
            InputRecord(one.get("path", ""), one.get("sha256", ""), one.get("crs"), one.get("rows"))
            for one in document.get("inputs") or ()
        ),
        findings=findings_in(document.get("findings") or ()),
        recipe=recipe,
        sources=record.sources,
        sensitivity=_sensitivity(recipe, layers),
        synthetic=bool(recipe.get("synthetic")) or any(layer.data.meta.synthetic for layer in layers),
        households=bool(recipe.get("households")) or any(layer.data.meta.households for layer in layers),
        agreements=agreements_in(recipe.get("agreements")) or of_all(layer.data.meta for layer in layers),
    )


def _sensitivity(recipe: Mapping[str, Any], layers: Iterable[ResultLayer]) -> Sensitivity | None:
    """What the recipe says, else the layers; anything but the three words is "not stated"."""
    if "sensitivity" not in recipe:
        return strictest(layer.data.meta.sensitivity for layer in layers)
    known: tuple[Sensitivity, ...] = ("public", "restricted", "confidential")
    return next((one for one in known if one == recipe["sensitivity"]), None)


def findings_in(listed: Iterable[Any]) -> tuple[Finding, ...]:
    """Findings from their JSON."""
    return tuple(
        Finding(
            code=str(one["code"]),
            severity=one["severity"],
            message=str(one["message"]),
            count=int(one["count"]),
            rows=tuple(int(row) for row in one["rows"]),
        )
        for one in listed
        if isinstance(one, dict)
    )
