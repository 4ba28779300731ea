"""What must not leave migmap as it is: positions of single households go out only as totals by area, and
small counts of households not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from migmap.api import ExportDocument, Finding, MapLayer, Metric, Reading, VectorData

from .documents import is_ground

POSITIONS = "household-positions"
SMALL = "small-counts"
"""Codes of `Reading.keep` that let each of them out."""


def guarded(document: ExportDocument) -> tuple[ExportDocument, tuple[Finding, ...]]:
    """The document as it may leave, and what was done to it.

    A layer of household positions is replaced by totals by the areas of the document (of its boundary
    layers the one of most areas); where a run already gives its figures by area, it is left out; where
    there are no areas at all, one row with the sums of all remains. Counts of fewer than five households
    in an area are not shown, in these totals and in the figures of a run about households.
    """
    private = [layer for layer in document.layers if layer.data.meta.households]
    of_run = about_households(document.run)
    if not private and not of_run:
        return document, ()
    grounds = [
        layer
        for layer in document.layers
        if isinstance(layer.data, VectorData) and layer not in private and is_ground(layer.data)
    ]
    by_area = any(layer.result for layer in grounds) and bool(document.metrics)
    boundaries = [layer.data for layer in grounds if layer.data.kind == "boundary"]
    areas = max(boundaries, key=_rows, default=None)
    layers: list[MapLayer] = []
    findings: list[Finding] = []
    for layer in document.layers:
        if layer not in private:
            layers.append(layer)
            continue
        rows = _rows(layer.data)
        if by_area or not isinstance(layer.data, VectorData):
            done = "they are left out, because the figures are given by area"
        else:
            summed, said = _summed(layer, areas if isinstance(areas, VectorData) else None)
            layers.append(summed)
            findings += said
            done = "their totals by area stand in their place"
            if areas is None:
                done = "one total of all stands in their place, because there are no areas to sum by"
        findings.insert(
            0,
            Finding(
                "household-positions-withheld",
                "warning",
                f"{layer.title} holds the positions of {rows:,} single households: {done}. Positions leave "
                f"migmap only where “{POSITIONS}” is kept on reading.",
                count=rows,
            ),
        )
    document = replace(document, layers=tuple(layers))
    if (of_run or any(layer.result for layer in private)) and not _keeps_small(document, private):
        document, more = _without_small(document)
        findings += more
    return document, tuple(findings)


def about_households(run: Mapping[str, Any]) -> bool:
    """Whether a run document is of a run whose sites were single households that must not leave."""
    return bool((run.get("recipe") or {}).get("households"))


def hides_small(run: Mapping[str, Any]) -> bool:
    """Whether small counts of this run (a run document) must not leave."""
    return about_households(run) and not _kept_in(run)


def without_small(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run document as it may be kept in a file: without small counts, where it is about households."""
    said = dict(run)
    if not hides_small(run):
        return said
    from migmap.geo.smallcounts import masked_metrics

    listed = [Metric.from_json(one) for one in run.get("metrics") or ()]
    masked, lost = masked_metrics(listed)
    if lost:
        said["metrics"] = [dict(one.as_json()) for one in masked]
        finding = dict(_small_finding(len(lost)).as_json())
        if finding not in (said.get("findings") or ()):
            said["findings"] = [*(said.get("findings") or ()), finding]
    return said


def notes_without_small(notes: Sequence[str], run: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences of a run without the figures that `without_small` hides."""
    if not hides_small(run):
        return tuple(notes)
    from migmap.geo.smallcounts import masked_metrics, without_figures

    return without_figures(
        notes, masked_metrics([Metric.from_json(one) for one in run.get("metrics") or ()])[1]
    )


def small_kept(reading: Reading) -> bool:
    return SMALL in reading.keep


def _without_small(document: ExportDocument) -> tuple[ExportDocument, tuple[Finding, ...]]:
    from migmap.geo.smallcounts import closed_areas, masked_areas, masked_metrics, without_figures

    closed = closed_areas(document.metrics)
    metrics, lost = masked_metrics(document.metrics)
    layers = []
    for layer in document.layers:
        if layer.result and isinstance(layer.data, VectorData) and layer.data.kind == "boundary":
            data = masked_areas(layer.data, closed)
            if data is not layer.data:
                style = layer.style.model_copy(update={"unknown_label": "unknown, or not shown"})
                layer = replace(layer, data=data, style=style)
        layers.append(layer)
    document = replace(
        document,
        layers=tuple(layers),
        metrics=metrics,
        notes=without_figures(document.notes, lost),
        run=without_small(document.run),
    )
    return document, (_small_finding(len(lost)),) if lost else ()


def _small_finding(count: int) -> Finding:
    from migmap.geo.smallcounts import RULE
    from migmap.io.wording import counted

    figures = counted(count, "figure of an area is", "figures of areas are")
    return Finding(
        "small-counts-suppressed",
        "warning",
        f"{figures} not shown (blank, which is neither 0 nor unknown here). {RULE} They leave migmap only "
        f"where “{SMALL}” is kept on reading.",
        count=count,
    )


def _keeps_small(document: ExportDocument, private: Iterable[MapLayer]) -> bool:
    return _kept_in(document.run) or any(small_kept(layer.data.reading) for layer in private)


def _kept_in(run: Mapping[str, Any]) -> bool:
    inputs = dict((run.get("recipe") or {}).get("inputs") or {})
    readings = [entry.get("reading") or {} for entry in inputs.values() if isinstance(entry, dict)]
    return any(SMALL in (one.get("keep") or ()) for one in readings if isinstance(one, dict))


def _rows(data: object) -> int:
    return len(data.frame) if isinstance(data, VectorData) else 0


def _summed(layer: MapLayer, areas: VectorData | None) -> tuple[MapLayer, tuple[Finding, ...]]:
    from migmap.geo.smallcounts import FEWEST, RULE
    from migmap.geo.symbology import GAP, range_style
    from migmap.geo.totals import totals_by_area
    from migmap.io.wording import counted

    assert isinstance(layer.data, VectorData)
    totals, hidden = totals_by_area(layer.data, areas, small=small_kept(layer.data.reading))
    style = range_style("households", (10, 50, 100, 500), title="Households", palette=GAP)
    said: tuple[Finding, ...] = ()
    if hidden:
        style = style.model_copy(update={"unknown_label": f"fewer than {FEWEST}, or hidden with these"})
        rows = counted(hidden, "area is", "areas are")
        said = (
            Finding(
                "small-counts-suppressed",
                "warning",
                f"{totals.title}: the counts of {rows} not shown, of {_rows(layer.data):,} households in "
                f"all. {RULE} They leave migmap only where “{SMALL}” is kept on reading.",
                count=hidden,
            ),
        )
    return replace(layer, title=totals.title, data=totals, style=style), said
