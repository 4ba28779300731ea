"""Points that may be one place entered twice."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz
from scipy.spatial import cKDTree

from migmap.api import Finding, Progress, no_progress

from .checks_rows import id_labels, repeated_rows, series_labels
from .columns import text_column
from .crs import GEOD
from .positions import positions
from .reach import earth_centred
from .wording import counted, first_rows

if TYPE_CHECKING:
    from migmap.api import VectorData

NEAR_M = 100.0
ALIKE = 0.85
"""Names are alike from this share of letters in common order (insertions and deletions only)."""

_MOST_PAIRS = 3_000_000
_CHUNK = 200_000
_LETTERS = 64


def near_duplicates(
    data: VectorData, near_m: float = NEAR_M, progress: Progress = no_progress
) -> tuple[Finding, ...]:
    """near-duplicates: pairs of rows less than `near_m` apart with almost the same name.

    Rows of different rounds or dates, rows with one id and rows that are wholly equal are no such
    pairs. Names with different numbers or single letters in them ("Block 2", "Block 3") are different.
    Where points lie so densely that there would be more than three million pairs, nearer ones only are
    compared, and the message says how near.
    """
    column = data.roles.get("name")
    if column is None or column not in data.frame.columns or len(data.frame) < 2:
        return ()
    names = [plain_name(name) if name else "" for name in text_column(data, column)]
    places = positions(data)
    usable = np.flatnonzero(
        np.isfinite(places).all(axis=1)
        & np.array([bool(name) for name in names], dtype=bool)
        & ~repeated_rows(data).extra
    )
    if len(usable) < 2:
        return ()
    progress(0.05, "looking for near neighbours")
    tree = cKDTree(earth_centred(places[usable]))
    reach = near_m
    while (tree.count_neighbors(tree, reach) - len(usable)) // 2 > _MOST_PAIRS:
        progress(0.1, "looking for near neighbours")
        reach /= 2
        if reach < 1.0:
            return ()
    pairs = usable[tree.query_pairs(reach, output_type="ndarray")]
    turn, ids = series_labels(data), id_labels(data)
    a, b = pairs.min(axis=1), pairs.max(axis=1)
    # Two polygons side by side have a border each; what they share is said by ground.
    is_point = np.isin(shapely.get_type_id(data.frame.geometry.to_numpy()), (0, 4))
    kept = (turn[a] == turn[b]) & (ids[a] != ids[b]) & (is_point[a] | is_point[b])
    a, b = a[kept], b[kept]
    alike = _alike(names, a, b, progress)
    a, b = a[alike], b[alike]
    if not len(a):
        return ()
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    metres = _metres(places[a], places[b])
    rows = data.row_numbers
    shown = text_column(data, column)
    examples = [
        f"“{shown[i]}” (row {int(rows[i]):,}) and “{shown[j]}” (row {int(rows[j]):,}), {m:,.0f} m apart"
        for i, j, m in zip(a[:3], b[:3], metres[:3], strict=True)
    ]
    pair = counted(len(a), "pair of rows lies", "pairs of rows lie")
    message = f"{pair} less than {reach:g} m apart with almost the same name: {'; '.join(examples)}"
    if len(a) > 3:
        message += f"; and {len(a) - 3:,} more"
    if reach < near_m:
        message += f" (points lie too densely here to compare all within {near_m:g} m)"
    concerned = np.unique(np.concatenate([a, b]))
    return (Finding("near-duplicates", "warning", message + ".", len(a), first_rows(rows[concerned])),)


def _metres(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    _, _, metres = GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    return np.asarray(metres, dtype=np.float64)


_MARKS = re.compile(r"[^\w]+", re.UNICODE)


def plain_name(name: str) -> str:
    """A name for comparing: without case, accents and marks."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in spread if not unicodedata.combining(c))
    return " ".join(_MARKS.sub(" ", bare).replace("_", " ").split())


def _distinguishing(name: str) -> tuple[str, ...]:
    """What makes "Block 2" another place than "Block 3", and "Site A" than "Site B"."""
    return tuple(re.findall(r"\d+|\b[^\W\d]\b|\b[ivx]+\b", name))


def _alike(names: list[str], a: np.ndarray, b: np.ndarray, progress: Progress) -> np.ndarray:
    """bool [pairs]: names almost the same. The number of letters in common bounds how alike two names can
    be, so that few pairs are compared letter by letter."""
    result = np.zeros(len(a), dtype=bool)
    if not len(a):
        return result
    labels, distinct = pd.factorize(np.array(names, dtype=object))
    histogram = np.zeros((len(distinct), _LETTERS), dtype=np.uint8)
    for at, name in enumerate(distinct):
        for letter in name[:250]:
            histogram[at, ord(letter) % _LETTERS] += 1
    length = np.array([len(name) for name in distinct], dtype=np.int64)
    signs = pd.factorize(np.array([" ".join(_distinguishing(name)) for name in distinct], dtype=object))[0]
    known: dict[tuple[int, int], bool] = {}
    for start in range(0, len(a), _CHUNK):
        progress(0.2 + 0.8 * start / len(a), "comparing names")
        i, j = labels[a[start : start + _CHUNK]], labels[b[start : start + _CHUNK]]
        same = i == j
        common = np.minimum(histogram[i], histogram[j]).sum(axis=1, dtype=np.int64)
        possible = ~same & (2 * common >= ALIKE * (length[i] + length[j])) & (signs[i] == signs[j])
        result[start : start + _CHUNK] = same
        for hit in np.flatnonzero(possible):
            pair = (int(min(i[hit], j[hit])), int(max(i[hit], j[hit])))
            if pair not in known:
                known[pair] = alike(distinct[pair[0]], distinct[pair[1]])
            result[start + hit] = known[pair]
    return result


def alike(a: str, b: str) -> bool:
    """True for two plain names that differ by a letter or two, or by the order of their words."""
    if fuzz.ratio(a, b, score_cutoff=100 * ALIKE) >= 100 * ALIKE:
        return True
    return sorted(a.split()) == sorted(b.split())
