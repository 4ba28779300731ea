"""What a file holds, said once for `migmap info` and the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migmap.api import (
    AS_FOUND,
    Data,
    Finding,
    Guess,
    Meta,
    Probe,
    Progress,
    RasterData,
    Reading,
    no_progress,
)

from . import folder, project_file
from .datasets import Datasets
from .recipe import crs_text, plain, unique


def info(
    datasets: Datasets,
    text: str,
    *,
    reading: Reading = AS_FOUND,
    full: bool = False,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """{"kind", "driver", "layers", "crs", "rows", "columns", "bounds", "findings", "roles", "dtypes",
    "sensitivity", "synthetic", "source", "date", "method", "boundary_vintage", "agreements"},
    for rasters also width, height, dtype, nodata, unit.

    What the header and the first 1,000 rows say, whatever the size of the file. full: everything is read,
    and of features and tables "accounting" and "set_aside" are said too.

    roles: role -> column. columns: names; dtypes: name -> type. rows: None where the format does not say
    and counting would mean reading a large file. bounds: [west, south, east, north] in the file's CRS,
    None where unknown, or nothing has a position. Of a file with several layers, none of them named, the
    first is described and a finding says so. Of a folder its data files are listed, and the hazard set that
    its rasters make ("hazard_set"). Problem for a file that cannot be read.
    """
    if text.lower().endswith(project_file.ENDING):
        return _project(datasets, text, progress)
    if folder.is_plain_folder(text):
        listed: dict[str, Any] = plain(folder.info(text, reading, progress))
        return listed
    probe, guess = datasets.probe(text, reading=reading)
    document = _from_header(probe, guess)
    if full and not any(finding.code == "no-crs" for finding in probe.findings):
        data, _ = datasets.load_described(text, probe, reading=reading, progress=progress)
        document |= _from_data(data, probe)
    elif full and probe.geometry != "raster":
        document |= _counted_only(datasets, text, probe, reading, progress)
    out: dict[str, Any] = plain(document)
    return out


def _from_header(probe: Probe, guess: Guess) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": guess.kind,
        "driver": probe.driver,
        # A file with one layer lists it too: whatever stands here can follow `FILE::`.
        "layers": list(probe.layers) or _only_part(probe),
        "crs": probe.crs,
        "rows": probe.rows,
        "columns": [],
        "bounds": list(probe.bounds) if probe.bounds else None,
        "findings": [finding.as_json() for finding in probe.findings],
        "roles": dict(guess.roles),
    }
    if probe.geometry == "raster":
        facts = ("width", "height", "dtype", "nodata", "unit")
        document |= {name: getattr(probe, name) for name in facts}
    else:
        document["columns"] = [column.name for column in probe.columns]
        document["dtypes"] = {column.name: column.dtype for column in probe.columns}
    return document | _marks(probe.meta)


def _from_data(data: Data, probe: Probe) -> dict[str, Any]:
    """What only reading everything tells, over what the header said."""
    said: dict[str, Any] = {"kind": data.kind, "roles": dict(data.roles), "crs": crs_text(data)}
    said["findings"] = [finding.as_json() for finding in all_findings(probe, data.findings)]
    if isinstance(data, RasterData):
        extent = data.extent
        said["bounds"] = [extent.west, extent.south, extent.east, extent.north]
        # Cells are no rows: the same keys as everywhere, and nothing to account for.
        return said | {"accounting": None, "set_aside": []} | _marks(data.meta)
    from migmap.geo.accounting import accounting, set_aside

    frame = data.frame
    attributes = frame.drop(columns=frame.geometry.name)
    placed = bool(frame.geometry.notna().any())
    said["rows"] = len(frame)
    said["columns"] = [str(name) for name in attributes.columns]
    said["dtypes"] = {str(name): str(kind) for name, kind in attributes.dtypes.items()}
    said["bounds"] = [float(value) for value in frame.total_bounds] if placed else None
    said["accounting"] = accounting(data).as_json()
    said["set_aside"] = set_aside(data)
    return said | _marks(data.meta)


def _counted_only(
    datasets: Datasets, text: str, probe: Probe, reading: Reading, progress: Progress
) -> dict[str, Any]:
    """The accounting of a layer whose coordinate system nobody stated: rows and people do not hang on it."""
    from migmap.geo.accounting import accounting, set_aside

    data = datasets.load_unplaced(text, probe, reading=reading, progress=progress)
    if isinstance(data, RasterData):
        return {}
    return {"accounting": accounting(data).as_json(), "set_aside": set_aside(data), "rows": len(data.frame)}


def _marks(meta: Meta) -> dict[str, Any]:
    """What decides how a product of it may be used. source: who made it, of when, under which licence."""
    source = ", ".join(text for text in (meta.attribution, meta.date, meta.licence) if text)
    return {
        "sensitivity": meta.sensitivity,
        "synthetic": meta.synthetic,
        "source": source,
        "date": meta.date or None,
        "method": meta.method or None,
        "boundary_vintage": meta.boundary_vintage or None,
        "agreements": [
            {"reference": reference or None, "expires": expires or None, "audience": audience or None}
            for reference, expires, audience in meta.agreements
        ],
    }


def _only_part(probe: Probe) -> list[str]:
    return ["1"] if probe.geometry == "raster" else [probe.only or probe.name]


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
        "roles": {},
    }
    out: dict[str, Any] = plain(document)
    return out


def all_findings(probe: Probe, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What reading said, and what only the header said; a code is not said twice."""
    codes = {finding.code for finding in findings}
    return unique([*findings, *(one for one in probe.findings if one.code not in codes)])
