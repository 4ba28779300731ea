"""What must not leave migmap as it is: positions of single households go out only as totals by area."""

from __future__ import annotations

from dataclasses import replace

from migmap.api import ExportDocument, Finding, MapLayer, VectorData

from .documents import is_ground


def guarded(document: ExportDocument) -> tuple[ExportDocument, tuple[Finding, ...]]:
    """The document as it may leave, and what was done to it.

    A layer of household positions is replaced by totals by the areas of the document (of its boundary
    layers the one of most areas); where a run already gives its figures by area, it is left out; where
    there are no areas at all, one row with the sums of all remains.
    """
    private = [layer for layer in document.layers if layer.data.meta.households]
    if not private:
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
            layers.append(_summed(layer, areas if isinstance(areas, VectorData) else None))
            done = "their totals by area stand in their place"
            if areas is None:
                done = "one total of all stands in their place, because there are no areas to sum by"
        findings.append(
            Finding(
                "household-positions-withheld",
                "warning",
                f"{layer.title} holds the positions of {rows:,} single households: {done}. Positions leave "
                "migmap only where “household-positions” is kept on reading.",
                count=rows,
            )
        )
    return replace(document, layers=tuple(layers)), tuple(findings)


def _rows(data: object) -> int:
    return len(data.frame) if isinstance(data, VectorData) else 0


def _summed(layer: MapLayer, areas: VectorData | None) -> MapLayer:
    from migmap.geo.symbology import GAP, range_style
    from migmap.geo.totals import totals_by_area

    assert isinstance(layer.data, VectorData)
    totals = totals_by_area(layer.data, areas)
    style = range_style("households", (10, 50, 100, 500), title="Households", palette=GAP)
    return replace(layer, title=totals.title, data=totals, style=style)
