"""Checks between features: what reading a file does not look at, because it takes its time.

Each check is a function of its own (`checks_rows`, `checks_near`, `checks_ground`, `checks_places`); here
they are run one after the other, with progress and cancel. Nothing is changed but where the user asked
for a mend (`VectorData.reading.fixes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from migmap.api import Progress, no_progress, part

from .checks_ground import ground_findings
from .checks_near import near_duplicates
from .checks_places import place_findings
from .checks_rows import id_findings, repeated_position, without_repeated_rows

if TYPE_CHECKING:
    from migmap.api import VectorData

FIXES = ("duplicate-rows",)
"""Codes of findings between features that come with a mend."""


def mended(data: VectorData, fixes: Iterable[str] | None = None) -> VectorData:
    """The layer after the mends of this stage that were asked for (by default in `data.reading`): rows
    they take out are in `aside`, and the findings say so. The same object where none was asked for."""
    if fixes is not None:
        wanted = tuple(dict.fromkeys([*data.reading.fixes, *fixes]))
        data = replace(data, reading=data.reading.changed(fixes=wanted))
    if not set(FIXES) & set(data.reading.fixes):
        return data
    return without_repeated_rows(data)


def checked(
    data: VectorData, areas: VectorData | None = None, progress: Progress = no_progress
) -> VectorData:
    """The layer with the findings of every check, after those it has.

    areas: boundaries to lay the rows on; None: only what the layer says of itself is compared. Takes
    time that grows with n log n in rows and with pairs of polygons that meet; every progress call may
    cancel.
    """
    progress(0.0, f"Comparing the rows of {data.name}")
    data = without_repeated_rows(data)
    progress(0.05, f"Comparing the ids of {data.name}")
    findings = [*id_findings(data)]
    same = repeated_position(data)
    if same is not None:
        # Every pair now, where reading the layer only saw heaps.
        data = replace(data, findings=tuple(one for one in data.findings if one.code != same.code))
        findings.append(same)
    findings += near_duplicates(data, progress=part(progress, 0.1, 0.35))
    findings += ground_findings(data, part(progress, 0.4, 0.8))
    findings += place_findings(data, areas, part(progress, 0.8, 1.0))
    known = {(one.code, one.count) for one in data.findings}
    more = tuple(one for one in findings if (one.code, one.count) not in known)
    progress(1.0, f"Checked {data.name}")
    return replace(data, findings=(*data.findings, *more))
