"""Tables that hold the same people several times: admin levels, rounds and totals stacked in one column."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd

from migmap.api import Finding, Progress, RowsAside, VectorData, no_progress, part

from .stacklevels import coarser_rows
from .stackparts import parts_of_rows
from .stackrounds import earlier_rounds
from .stacktable import SetAside, StackTable, stack_table


def unstacked(data: VectorData, progress: Progress = no_progress) -> VectorData:
    """`data` without the rows that would be counted twice, which are set aside with the reason.

    Of stacked admin levels the finest with all the people is kept, place by place; of stacked rounds the
    latest of each operation; of totals among their parts the parts. `data.reading.keep` with the code keeps
    them. Layers of facilities, activities, flows, events and hazards are left alone, and so is one without
    a column of people. Findings: admin-levels-stacked, rounds-stacked, total-row, rows-are-parts,
    indicators-stacked.
    """
    table = stack_table(data)
    if table is None:
        return data
    steps: tuple[tuple[Callable[[StackTable], SetAside | None], str], ...] = (
        (coarser_rows, "Looking for stacked admin levels"),
        (earlier_rounds, "Looking for stacked rounds"),
        (parts_of_rows, "Looking for totals among their parts"),
    )
    findings: list[Finding] = []
    aside: list[RowsAside] = []
    for place, (step, text) in enumerate(steps):
        part(progress, place / len(steps), (place + 1) / len(steps))(0.0, text)
        found = step(table)
        if found is None:
            continue
        findings += found.findings
        if found.leave.any() and found.code not in data.reading.keep:
            aside.append(_aside(table, found))
            table = table.without(found.leave)
    progress(1.0, "Looking for stacked rows")
    if not findings:
        return data
    if not aside:
        return dataclasses.replace(data, findings=(*data.findings, *findings))
    kept = table.index
    return dataclasses.replace(
        data,
        frame=data.frame.iloc[kept].reset_index(drop=True),
        row_numbers=np.asarray(data.row_numbers)[kept],
        findings=(*data.findings, *findings),
        aside=(*data.aside, *aside),
    )


def _aside(table: StackTable, found: SetAside) -> RowsAside:
    frame = table.data.frame
    where = table.index[found.leave]
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name)).iloc[where].reset_index(drop=True)
    return RowsAside(found.code, found.reason, cells, np.asarray(table.data.row_numbers)[where])
