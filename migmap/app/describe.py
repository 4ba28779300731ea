"""What a file holds, said once for `migmap info` and the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migmap.api import Data, Finding, Meta, Probe, Problem, Progress, RasterData, no_progress

from . import project_file
from .datasets import Datasets
from .recipe import crs_text, plain, unique


def info(
    datasets: Datasets, text: str, *, crs: str | None = None, progress: Progress = no_progress
) -> dict[str, Any]:
    """{"kind", "driver", "layers", "crs", "rows", "columns", "bounds", "findings", "sensitivity",
    "synthetic", "source"}, for rasters also width, height, dtype, nodata, unit. The file is read, so that
    everything wrong with it is said.

    columns: names; dtypes: name -> type. bounds: [west, south, east, north] in the file's CRS, None
    where nothing has a position. Of a file with several layers, none of them named, the first is described
    and a finding says so. Of a file that names no CRS, and none is stated, it is what the header says.
    Problem for a file that cannot be read.
    """
    if text.lower().endswith(project_file.ENDING):
        return _project(datasets, text, progress)
    probe, guess = datasets.probe(text, crs)
    if any(finding.code == "no-crs" for finding in probe.findings):
        return _from_header(probe, guess.kind)
    data = _read(datasets, text, probe, crs, progress)
    document: dict[str, Any] = {
        "kind": data.kind,
        "driver": probe.driver,
        # A file with one layer lists it too: whatever stands here can follow `FILE::`.
        "layers": list(probe.layers) or _only_part(probe),
        "crs": crs_text(data),
        "rows": None,
        "columns": [],
        "bounds": None,
        "findings": [],
    }
    if isinstance(data, RasterData):
        extent = data.extent
        document["bounds"] = [extent.west, extent.south, extent.east, extent.north]
        document |= {
            "width": data.width,
            "height": data.height,
            "dtype": data.dtype,
            "nodata": data.nodata,
            "unit": data.unit or None,
        }
    else:
        frame = data.frame
        attributes = frame.drop(columns=frame.geometry.name)
        document["rows"] = len(frame)
        document["columns"] = [str(name) for name in attributes.columns]
        document["dtypes"] = {str(name): str(kind) for name, kind in attributes.dtypes.items()}
        if frame.geometry.notna().any():
            document["bounds"] = [float(value) for value in frame.total_bounds]
    document["findings"] = [finding.as_json() for finding in all_findings(probe, data.findings)]
    document |= _marks(data.meta)
    out: dict[str, Any] = plain(document)
    return out


def _from_header(probe: Probe, kind: str) -> dict[str, Any]:
    """What is known of data that nobody can place yet."""
    document: dict[str, Any] = {
        "kind": kind,
        "driver": probe.driver,
        "layers": list(probe.layers) or _only_part(probe),
        "crs": None,
        "rows": probe.rows,
        "columns": [],
        "bounds": list(probe.bounds) if probe.bounds else None,
        "findings": [finding.as_json() for finding in probe.findings],
    }
    if probe.geometry == "raster":
        facts = ("width", "height", "dtype", "nodata", "unit")
        document |= {name: getattr(probe, name) for name in facts}
    else:
        document["columns"] = [column.name for column in probe.columns]
        document["dtypes"] = {column.name: column.dtype for column in probe.columns}
    document |= _marks(probe.meta)
    out: dict[str, Any] = plain(document)
    return out


def _marks(meta: Meta) -> dict[str, Any]:
    """What decides how a product of it may be used. source: who made it, of when, under which licence."""
    source = ", ".join(text for text in (meta.attribution, meta.date, meta.licence) if text)
    return {"sensitivity": meta.sensitivity, "synthetic": meta.synthetic, "source": source}


def _only_part(probe: Probe) -> list[str]:
    return ["1"] if probe.geometry == "raster" else [probe.name]


def _read(datasets: Datasets, text: str, probe: Probe, crs: str | None, progress: Progress) -> Data:
    """The data; of a file with several layers, none of them named, the one the header describes."""
    from migmap.io.reference import parse_reference

    try:
        return datasets.load(text, crs=crs, progress=progress)
    except Problem:
        if parse_reference(text).part is not None or len(probe.layers) < 2:
            raise
        shown = probe.name if probe.name in probe.layers else probe.layers[0]
        return datasets.load(f"{text}::{shown}", crs=crs, progress=progress)


def _project(datasets: Datasets, text: str, progress: Progress) -> dict[str, Any]:
    """A project in the same shape: its layers, and what could not be read or found as findings."""
    opened, _ = project_file.load(Path(text), datasets, progress)
    code = "project-damaged" if opened.damaged else "source-missing"
    document: dict[str, Any] = {
        "kind": "project",
        "driver": "migmap",
        "layers": [layer.title for layer in opened.project.layers],
        "crs": None,
        "rows": None,
        "columns": [],
        "bounds": None,
        "findings": [Finding(code, "warning", said).as_json() for said in opened.problems],
    }
    out: dict[str, Any] = plain(document)
    return out


def all_findings(probe: Probe, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What reading said, and what only the header said; a code is not said twice."""
    codes = {finding.code for finding in findings}
    return unique([*findings, *(one for one in probe.findings if one.code not in codes)])
