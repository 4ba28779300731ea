"""Reads a layer, compares its features, and says everything that is odd, once, in one value."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from migmap.api import (
    AS_FOUND,
    Data,
    Finding,
    Problem,
    Progress,
    RasterData,
    Reading,
    RowsAside,
    VectorData,
    no_progress,
    part,
    strictest,
)

from ..joining import join
from ..recipe import crs_text, plain
from .completeness import completeness, missing_findings
from .contradictions import between_layers, people_against_areas
from .gaps import gap_matrix
from .people import people_known
from .report import GapMatrix, LayerReport, ProjectReport, by_severity
from .statements import newest_of, rounds_stale, source_line, statement_findings
from .unplaced import Unplaced, on_the_ground, without_crs, without_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migmap.geo.areas import AreaSet

    from ..project import Layer, Project
    from ..workbench import Workbench

_SITES = frozenset({"refugee_village", "katchi_abadi", "dtm_site", "unhcr_location", "service"})
_WITHOUT_AREAS = ("basemap", "hazard", "flow")
"""Kinds whose rows are not each in one area."""
_DUPLICATES = {
    "duplicate-rows": "rows",
    "duplicate-ids": "ids",
    "position-repeated": "positions",
    "near-duplicates": "near",
    "near-duplicate-shapes": "shapes",
}


def check(
    workbench: Workbench,
    what: str | Layer,
    *,
    reading: Reading = AS_FOUND,
    areas: str | Layer | None = None,
    today: datetime.date | None = None,
    progress: Progress = no_progress,
) -> LayerReport:
    """Everything about one file (or FILE::LAYER), or about a layer of a project, which is read as it says.

    areas: a boundary layer to lay it on. today: what "stale" is measured from; the day it is, by default.
    Problem: the file, or the areas, cannot be read.
    """
    day = today or datetime.date.today()
    boundary = None if areas is None else _boundary(workbench, areas, part(progress, 0.0, 0.1))
    step = part(progress, 0.1, 0.5)
    data: Data
    more: tuple[Finding, ...] = ()
    if isinstance(what, str):
        try:
            data, more = _loaded(workbench, what, reading, step)
        except Problem:
            unplaced = without_crs(workbench, what, reading, step)
            if unplaced is None:
                raise
            return _report_unplaced(workbench, unplaced, boundary, day, part(progress, 0.5, 1.0))
        more += _not_offered(data, reading)
    else:
        data = replace(workbench.data_of(what, progress=step), label=what.title)
    if boundary is not None and _same_source(data, boundary):
        boundary = None
    found = examined(data, boundary, part(progress, 0.5, 0.95))
    report = report_of(workbench, found, boundary, day, findings=more)
    progress(1.0, f"Checked {report.title}")
    return report


def _report_unplaced(
    workbench: Workbench, found: Unplaced, areas: VectorData | None, day: datetime.date, progress: Progress
) -> LayerReport:
    """The report of a file that cannot be used as it is: all that can be told without that."""
    if found.data is None:
        from migmap.geo.accounting import Accounting

        probe = found.probe
        return LayerReport(
            title=probe.name,
            file=PurePath(probe.source.path.replace("\\", "/")).name,
            kind=found.kind,
            driver=probe.driver,
            crs=probe.crs,
            roles={},
            rows=probe.rows,
            columns=tuple(column.name for column in probe.columns),
            accounting=Accounting(0, 0, 0, None, None, None) if probe.rows == 0 else None,
            set_aside=(),
            findings=by_severity(probe.findings),
            sensitivity=probe.meta.sensitivity,
            synthetic=probe.meta.synthetic,
            source=source_line(probe.meta),
            date=probe.meta.date,
            today=day.isoformat(),
        )
    # The shapes tell whether rows are the same; whose ground they lie on nobody knows.
    data = examined(found.data, None, progress)
    report = report_of(
        workbench,
        without_shapes(data) if isinstance(data, VectorData) else data,
        areas,
        day,
        findings=found.probe.findings,
    )
    findings = tuple(one for one in report.findings if not on_the_ground(one.code))
    return replace(report, crs=None, findings=findings)


def examined(data: Data, areas: VectorData | None = None, progress: Progress = no_progress) -> Data:
    """The data with the findings of the checks between features; of rasters, of every cell."""
    if isinstance(data, RasterData):
        from migmap.geo.rasterchecks import cell_size_against, checked_raster

        found = checked_raster(data, progress)
        coarse = None if areas is None else cell_size_against(data, areas)
        return found if coarse is None else replace(found, findings=(*found.findings, coarse))
    from migmap.geo.checks import checked

    return checked(data, areas, progress)


def report_of(
    workbench: Workbench,
    data: Data,
    areas: VectorData | None = None,
    today: datetime.date | None = None,
    *,
    against: datetime.date | None = None,
    findings: tuple[Finding, ...] = (),
    file: str | None = None,
) -> LayerReport:
    """The report of data whose features were compared (`examined`).

    against: the newest date of the project it belongs to. findings: what else there is to say.
    """
    from migmap.geo.marks import sharing

    day = today or datetime.date.today()
    kind = workbench.registry.kinds().get(data.kind)
    part_name = f"::{data.source.part}" if data.source.part else ""
    shown = PurePath(data.source.path.replace("\\", "/")).name + part_name
    every = (*data.findings, *findings, *statement_findings(data, day, against))
    basis: dict[str, Any] = {
        "title": data.title,
        "file": file or shown,
        "kind": data.kind,
        "driver": data.source.driver,
        "crs": crs_text(data),
        "roles": dict(data.roles),
        "sensitivity": data.meta.sensitivity,
        "synthetic": data.meta.synthetic,
        "source": "; ".join(filter(None, (source_line(data.meta), sharing(data.meta.agreements)))),
        "date": data.meta.date,
        "today": day.isoformat(),
    }
    if isinstance(data, RasterData):
        return LayerReport(
            **basis,
            rows=None,
            columns=(),
            accounting=None,
            set_aside=(),
            findings=by_severity(_once(every)),
        )
    return _vector_report(data, kind, areas, basis, every)


def _vector_report(
    data: VectorData, kind: Any, areas: VectorData | None, basis: dict[str, Any], every: Sequence[Finding]
) -> LayerReport:
    from migmap.geo.accounting import accounting, set_aside
    from migmap.geo.areas import area_set
    from migmap.geo.columns import attribute_columns
    from migmap.io.values.personal import personal_columns

    ground: AreaSet | None = None if areas is None else area_set(areas)
    findings = [*every, *missing_findings(data), *rounds_stale(data)]
    gaps = gap_matrix([(data.title, data)], ground)
    if areas is not None and ground is not None:
        findings += _names_of_areas(data, areas)
        findings += people_against_areas(data, areas, ground)
        findings += _districts_without(gaps, ground)
    personal = set(personal_columns(data.frame)) | _household_positions(data)
    listed = _once(findings)
    safe = tuple(_without_columns(one, personal) for one in listed)
    counts = dict.fromkeys(_DUPLICATES.values(), 0)
    for one in safe:
        if one.code in _DUPLICATES and not one.applied:
            counts[_DUPLICATES[one.code]] += one.count
    return LayerReport(
        **basis,
        rows=len(data.frame),
        columns=tuple(attribute_columns(data)),
        accounting=accounting(data),
        set_aside=tuple(plain(one) for one in set_aside(data)),
        findings=by_severity(safe),
        completeness=completeness(data, kind),
        duplicates=counts,
        people=people_known(data),
        gaps=gaps,
        aside=tuple(_aside(one, personal) for one in data.aside),
        context=_context(data, safe, personal),
    )


def check_project(
    workbench: Workbench,
    project: Project,
    *,
    areas: str | Layer | None = None,
    today: datetime.date | None = None,
    missing: Mapping[str, str] | None = None,
    file: str = "",
    progress: Progress = no_progress,
) -> ProjectReport:
    """Every layer of a project that comes from a file, and what shows only between them.

    areas: boundaries to lay all on; else the project's first boundary layer. missing: layer id -> why it
    has no data. A layer that cannot be read is a finding of the project and not its end.
    """
    day = today or datetime.date.today()
    loaded: list[Data] = []
    said: list[Finding] = []
    layers = [layer for layer in project.layers if layer.run is None]
    for index, layer in enumerate(layers):
        step = part(progress, 0.4 * index / len(layers), 0.4 * (index + 1) / len(layers))
        why = (missing or {}).get(layer.id)
        try:
            if why is None:
                loaded.append(replace(workbench.data_of(layer, progress=step), label=layer.title))
        except Problem as problem:
            why = problem.title.replace(layer.source, PurePath(layer.source).name)
        if why is not None:
            said.append(Finding("layer-not-checked", "error", f"{layer.title} could not be checked: {why}"))
    boundary = _project_boundary(workbench, areas, loaded, part(progress, 0.4, 0.45))
    days = [one for one in (newest_of(data, day) for data in loaded) if one is not None]
    against = max(days) if len(days) > 1 else None
    reports = []
    for index, data in enumerate(loaded):
        step = part(progress, 0.45 + 0.5 * index / len(loaded), 0.45 + 0.5 * (index + 1) / len(loaded))
        on = None if boundary is None or _same_source(data, boundary) else boundary
        reports.append(report_of(workbench, examined(data, on, step), on, day, against=against))
    vectors = [data for data in loaded if isinstance(data, VectorData)]
    said += between_layers(vectors)
    said += _too_coarse(loaded)
    ground = None
    if boundary is not None:
        from migmap.geo.areas import area_set

        ground = area_set(boundary)
    matrix = gap_matrix([(data.title, data) for data in vectors], ground) if vectors else GapMatrix()
    progress(1.0, "Checked")
    return ProjectReport(
        title=project.title,
        file=file,
        layers=tuple(reports),
        findings=by_severity(tuple(said)),
        gaps=matrix,
        sensitivity=strictest(data.meta.sensitivity for data in loaded) if loaded else None,
        synthetic=any(data.meta.synthetic for data in loaded),
        today=day.isoformat(),
    )


def _too_coarse(loaded: Sequence[Data]) -> list[Finding]:
    """cells-coarse-for-sites: hazards whose cells are too large for the layers of sites beside them."""
    from migmap.geo.rasterchecks import cell_size_against

    sites = [one for one in loaded if isinstance(one, VectorData) and one.kind in _SITES]
    hazards = [one for one in loaded if isinstance(one, RasterData) and one.kind == "hazard"]
    found = [cell_size_against(hazard, one) for hazard in hazards for one in sites]
    return [one for one in found if one is not None]


def _same_source(data: Data, other: VectorData) -> bool:
    return (data.source.path, data.source.part) == (other.source.path, other.source.part)


def _project_boundary(
    workbench: Workbench, areas: str | Layer | None, loaded: Sequence[Data], progress: Progress
) -> VectorData | None:
    if areas is not None:
        return _boundary(workbench, areas, progress)
    for data in loaded:
        if isinstance(data, VectorData) and data.kind == "boundary" and data.frame.geometry.notna().any():
            return data
    return None


def _boundary(workbench: Workbench, areas: str | Layer, progress: Progress) -> VectorData:
    if isinstance(areas, str):
        data = workbench.datasets.load(areas, progress=progress)
    else:
        data = workbench.data_of(areas, progress=progress)
    if not isinstance(data, VectorData):
        raise Problem(
            f"{PurePath(data.source.path).name} is a raster and holds no areas.",
            fix="Give a layer of polygons with --areas, for example district boundaries.",
        )
    from migmap.geo.areas import area_set

    area_set(data)
    return data


def _loaded(
    workbench: Workbench, text: str, reading: Reading, progress: Progress
) -> tuple[Data, tuple[Finding, ...]]:
    """The data; of a file with several layers, none of them named, the first, and a Finding that says so."""
    from migmap.io.reference import parse_reference

    try:
        return workbench.datasets.load(text, reading=reading, progress=progress), ()
    except Problem as refused:
        if parse_reference(text).part is not None:
            raise
        try:
            probe, _ = workbench.datasets.probe(text, reading=reading)
        except Problem:
            raise refused from None
        if len(probe.layers) < 2:
            raise
        data, shown = workbench.datasets.load_described(text, probe, reading=reading, progress=progress)
        others = [name for name in probe.layers if name != shown]
        said = tuple(one for one in probe.findings if one.code == "layers-not-read")
        if not said:
            said = (
                Finding(
                    "layers-not-read",
                    "warning",
                    f"Only “{shown}” was checked; the file also holds {', '.join(others[:20])}.",
                    count=len(others),
                ),
            )
        return data, said


def _not_offered(data: Data, reading: Reading) -> tuple[Finding, ...]:
    """fix-not-offered: what --fix or --keep named and nothing in this file answers to."""
    known = {one.code for one in data.findings}
    if isinstance(data, VectorData):
        known |= {one.code for one in data.aside}
    odd = [code for code in (*reading.fixes, *reading.keep) if code not in known]
    if not odd:
        return ()
    return (
        Finding(
            "fix-not-offered",
            "info",
            f"You asked for {', '.join(odd)}, and no finding of this file offers that; nothing was done "
            "about it.",
            count=len(odd),
        ),
    )


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    seen: dict[tuple[str, str, int], Finding] = {}
    for one in findings:
        seen.setdefault((one.code, one.message, one.count), one)
    return tuple(seen.values())


def _household_positions(data: VectorData) -> set[str]:
    """Columns, and "" for the shape, that would tell where single households live; none where the user said
    that positions may leave."""
    from migmap.io.values.colnames import is_position_name

    code = "household-positions"
    if code in data.reading.keep or not any(one.code == code for one in data.findings):
        return set()
    every = [*data.frame.columns, *(name for one in data.aside for name in one.frame.columns)]
    every += [change.column for one in data.findings for change in one.changes]
    return {"", *(str(name) for name in every if is_position_name(str(name)))}


def _without_columns(finding: Finding, columns: set[str]) -> Finding:
    """The finding without values of columns that must not leave."""
    if not columns or not any(change.column in columns for change in finding.changes):
        return finding
    kept = tuple(change for change in finding.changes if change.column not in columns)
    return replace(finding, changes=kept)


def _aside(aside: RowsAside, personal: set[str]) -> RowsAside:
    """The rows set aside without columns that must not leave, theirs or the layer's."""
    from migmap.io.values.personal import personal_columns

    gone = [name for name in aside.frame.columns if name in personal or name in personal_columns(aside.frame)]
    return replace(aside, frame=aside.frame.drop(columns=gone)) if gone else aside


def _context(data: VectorData, findings: Sequence[Finding], personal: set[str]) -> dict[int, tuple[str, str]]:
    """row -> (id, name) of the rows to change or to look at."""
    from migmap.geo.checks_rows import id_column
    from migmap.geo.columns import text_column

    wanted = {change.row for one in findings for change in one.changes}
    wanted |= {row for one in findings if one.severity != "info" for row in one.rows}
    if not wanted:
        return {}
    columns = [id_column(data), data.roles.get("name")]
    values = [
        text_column(data, column if column not in personal and column in data.frame.columns else None)
        for column in columns
    ]
    found = {
        int(row): (values[0][at] or "", values[1][at] or "")
        for at, row in enumerate(data.row_numbers.tolist())
        if row in wanted
    }
    for aside in data.aside:
        for at, row in enumerate(aside.row_numbers.tolist()):
            if row in wanted and row not in found:
                cells = [
                    aside.frame[column].iloc[at]
                    if column in aside.frame.columns and column not in personal
                    else None
                    for column in columns
                ]
                found[int(row)] = (_text(cells[0]), _text(cells[1]))
    return found


def _text(value: Any) -> str:
    from migmap.geo.columns import as_text

    return as_text(value) or ""


def _names_of_areas(data: VectorData, areas: VectorData) -> tuple[Finding, ...]:
    """What joining the layer to the areas would say of its codes and names; nothing where no column of it
    names areas, or all it has is positions."""
    from migmap.geo.gazetteer import LARGER

    named = {column for role, column in data.roles.items() if re.fullmatch(r"adm\d_(name|pcode)|pcode", role)}
    if data.kind in _WITHOUT_AREAS or not named:
        return ()
    try:
        found = join(data, areas, reading=data.reading)
    except Problem:
        return ()
    columns = found.placed.columns
    if not {columns.code, columns.name} & named:
        return ()
    groups = found.groups
    if data.frame.geometry.notna().any():
        # Where a row says nothing, or only the district, its position says in which tehsil it is.
        groups = tuple(one for one in groups if (one.code or one.name) and one.how != LARGER)
    return found.findings_of(groups)


def _districts_without(gaps: GapMatrix, areas: AreaSet) -> list[Finding]:
    """data-gap: areas in which the layer has no row."""
    with_rows = {cell.district for cell in gaps.cells}
    empty = [name for name in dict.fromkeys(areas.names) if name not in with_rows]
    if not empty or len(empty) == len(set(areas.names)):
        return []
    listed = ", ".join(empty[:12]) + (f" and {len(empty) - 12:,} more" if len(empty) > 12 else "")
    return [
        Finding(
            "data-gap",
            "info",
            f"There is no row in {len(empty):,} of {len(set(areas.names)):,} areas of {areas.title}: {listed}"
            ". Nothing there and nobody looked are not told apart.",
            count=len(empty),
        )
    ]
