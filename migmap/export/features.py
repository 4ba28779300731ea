"""Features as the page's viewer reads them: flat arrays of whole numbers, simplified for the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from migmap.api import MapLayer, Symbol
from migmap.geo.symbology import OTHER, UNKNOWN, Swatch, rule_index, swatches

from .columns import fragments, kind_of, tidy
from .vectors import COLLECTION, features_of, largest_kind, name_column, shape_kinds, urdu_name_column

# More corners than this take a phone more than some 120 MB and a page more than 5.
MOST_CORNERS = 1_200_000
# Tolerances start at this share of the layer's extent and double until it fits.
_FINEST_SHARE = 1 / 30_000
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True, eq=False)
class LayerView:
    """One layer of a page. payload: plain JSON values for the viewer. legend: swatches, with counts where
    rows were counted. kind: "point", "line", "polygon" or "raster", what most rows are, for the swatches.
    bounds: west, south, east, north in degrees, None where nothing is drawn. remarks: what the reader
    must know of how the layer is shown.
    """

    payload: dict[str, Any]
    legend: tuple[Swatch, ...]
    kind: str
    bounds: tuple[float, float, float, float] | None
    remarks: tuple[str, ...]


def layer_view(layer: MapLayer) -> LayerView:
    """What the viewer needs of a vector layer: shapes, rule a row, symbols, attributes."""
    import shapely

    from migmap.geo.crs import to_lonlat

    data = features_of(layer)
    shapes = np.array(to_lonlat(data).to_numpy(), dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    for row in np.flatnonzero(shapely.get_type_id(shapes) == COLLECTION):
        shapes[row] = largest_kind(shapes[row])
    rules = rules_of(layer, len(shapes))
    kinds = shape_kinds(shapes)
    groups = []
    tolerance = 0.0
    bounds = _bounds(shapes)
    scale = 10**5 if bounds and max(bounds[2] - bounds[0], bounds[3] - bounds[1]) > 2 else 10**6
    # Points last, so that they lie on top of the polygons of the same layer.
    for kind in ("polygon", "line", "point"):
        rows = np.flatnonzero(kinds == kind)
        if kind == "point":
            # Rules rise from harmless to worst: where points crowd, the worst must not be hidden.
            rows = rows[np.argsort(rules[rows], kind="stable")]
        if len(rows):
            group, used = _group(kind, rows, shapes[rows], scale)
            groups.append(group)
            tolerance = max(tolerance, used)
    table = tidy(data.frame)
    title, urdu = name_column(layer), urdu_name_column(layer)
    symbols = [rule.symbol for rule in layer.style.rules]
    payload = {
        "title": layer.title,
        "visible": layer.visible,
        "opacity": layer.opacity,
        "scale": scale,
        "groups": groups,
        "rules": np.where(rules >= 0, rules, len(symbols) - 1 - rules).tolist(),
        "symbols": [_symbol(symbol) for symbol in (*symbols, layer.style.other, layer.style.unknown)],
        "labels": [*(rule.label for rule in layer.style.rules), "other", layer.style.unknown_label],
        "legend_title": layer.style.title,
        "rows": data.row_numbers.tolist(),
        "columns": [str(name) for name in table.columns],
        "values": [_values(table.iloc[:, i]) for i in range(len(table.columns))],
        "name": list(table.columns).index(title) if title in table.columns else -1,
        "second": list(table.columns).index(urdu) if urdu in table.columns else -1,
    }
    counted = {kind: int((kinds == kind).sum()) for kind in ("point", "line", "polygon")}
    return LayerView(
        payload=payload,
        legend=swatches(layer.style, rules),
        kind=max(counted, key=lambda kind: counted[kind]),
        bounds=bounds,
        remarks=_remarks(int((kinds == "").sum()), tolerance * _METRES_PER_DEGREE),
    )


def _remarks(without: int, simplified_m: float) -> tuple[str, ...]:
    said = []
    if without:
        rows = "1 row has" if without == 1 else f"{without:,} rows have"
        said.append(f"{rows} no position: counted above, not on the map.")
    if simplified_m:
        metres = float(f"{simplified_m:.1g}")
        far = f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:,.0f} km"
        said.append(
            f"Outlines are simplified for display (about {far}); the figures come from the full ones."
        )
    return tuple(said)


def rules_of(layer: MapLayer, count: int) -> np.ndarray:
    """rule_index of every row; a style over a column the layer lacks leaves all rows unknown."""
    style = layer.style
    frame = features_of(layer).frame
    if style.column is None:
        return rule_index(style, None, count)
    if style.column not in frame.columns:
        return np.full(count, UNKNOWN if style.rules else OTHER, dtype=np.int16)
    return rule_index(style, frame[style.column].to_numpy())


def _symbol(symbol: Symbol) -> dict[str, Any]:
    return {
        "fill": symbol.fill,
        "stroke": symbol.stroke,
        "width": symbol.stroke_width,
        "shape": symbol.shape,
        "size": symbol.size,
        "hatch": symbol.hatch,
    }


def _values(column: Any) -> list[Any]:
    """A column as JSON values; null for no value. Numbers keep ten digits, more than anyone reads."""
    gone = column.isna().to_numpy(dtype=bool)
    kind = kind_of(column)
    if kind == "float":
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return [_short(value) for value in numbers.tolist()]
    if kind == "int":
        # JavaScript counts exactly to 2 to the 53rd; longer codes travel as text.
        values = column.fillna(0).tolist()
        return [None if g else v if abs(v) < 2**53 else str(v) for v, g in zip(values, gone, strict=True)]
    if kind == "bool":
        return [None if g else bool(v) for v, g in zip(column.fillna(False), gone, strict=True)]
    words = fragments(column, text=str, missing="")
    if kind == "time" and all(word.endswith("T00:00:00") or not word for word in words):
        # Days without an hour: midnight is no information.
        words = [word.partition("T")[0] for word in words]
    return [word or None for word in words]


def _short(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    short = float(f"{value:.10g}")
    return int(short) if short.is_integer() and abs(short) < 2**53 else short


def _bounds(shapes: np.ndarray) -> tuple[float, float, float, float] | None:
    import shapely

    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    return None if math.isnan(west) else (west, south, east, north)


def _group(kind: str, rows: np.ndarray, shapes: np.ndarray, scale: int) -> tuple[dict[str, Any], float]:
    """The shapes of one kind as flat arrays, and the tolerance they were simplified with, in degrees.

    rows: row of each feature. parts: parts a feature. rings: rings a part (polygons only). counts:
    positions a ring. xy: whole numbers, degrees x scale, each ring beginning with a position and
    going on with differences.
    """
    import shapely

    parts, owner = shapely.get_parts(shapes, return_index=True)
    tolerance = 0.0
    if kind != "point":
        parts, tolerance = _simplified(parts, kind, len(shapes))
    group: dict[str, Any] = {
        "kind": kind,
        "rows": rows.tolist(),
        "parts": np.bincount(owner, minlength=len(shapes)).tolist(),
    }
    if kind == "polygon":
        lines, part_of = shapely.get_rings(parts, return_index=True)
        group["rings"] = np.bincount(part_of, minlength=len(parts)).tolist()
    else:
        lines = parts
    points, line_of = shapely.get_coordinates(lines, return_index=True)
    whole = np.round(points * scale).astype(np.int64)
    starts = np.searchsorted(line_of, np.arange(len(lines)))
    first = np.zeros(len(whole), dtype=bool)
    first[starts] = True
    steps = np.diff(whole, axis=0, prepend=whole[:1])
    steps[first] = whole[first]
    keep = first | (steps != 0).any(axis=1)
    group["counts"] = np.bincount(line_of[keep], minlength=len(lines)).tolist()
    group["xy"] = steps[keep].ravel().tolist()
    return group, tolerance


def _simplified(parts: np.ndarray, kind: str, features: int) -> tuple[np.ndarray, float]:
    """Parts with at most MOST_CORNERS corners in all, shared borders kept shared, and the tolerance."""
    import shapely

    corners = int(shapely.get_num_coordinates(parts).sum())
    if corners <= MOST_CORNERS:
        return parts, 0.0
    west, south, east, north = shapely.total_bounds(parts)
    tolerance = float(max(east - west, north - south)) * _FINEST_SHARE
    result = parts
    for _ in range(10):
        # Each round goes on from the last: the same corners fall, and the later rounds cost little.
        if kind == "polygon" and features > 1:
            # Districts: a border between two of them must stay one line.
            result = shapely.coverage_simplify(result, tolerance)
        else:
            result = shapely.simplify(result, tolerance, preserve_topology=True)
        if int(shapely.get_num_coordinates(result).sum()) <= MOST_CORNERS:
            break
        tolerance *= 2
    return result, tolerance
