"""Hazard sets: several rasters of one hazard by return period, date or scenario, found and compared."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from migmap.api import AS_FOUND, Finding, Problem, Progress, RasterData, Reading, no_progress, part
from migmap.io.place import RASTER_ENDINGS, ending_of
from migmap.io.probe import probe
from migmap.io.rasters.hazardnames import HazardName, hazard_of_name
from migmap.io.rasters.raster import open_raster
from migmap.io.rasters.rasterwords import about
from migmap.io.reference import MARK, parse_reference

from .rasterchecks import falls_short, grids_against, rising
from .wording import counted

MOST_MEMBERS = 500
_PICTURES = frozenset(["png", "jpg", "jpeg", "mbtiles", "pmtiles"])


@dataclass(frozen=True, slots=True)
class SetMember:
    """One raster of a set. reference: what a command or a recipe takes. return_period_years, date (ISO, or
    "first/last"), scenario: None where neither name, band nor time axis says it."""

    reference: str
    name: str
    return_period_years: float | None
    date: str | None
    scenario: str | None

    @property
    def label(self) -> str:
        """ "1 in 100 years, 2050, ssp585"; the name where nothing is known."""
        parts = []
        if self.return_period_years is not None:
            parts.append(f"1 in {self.return_period_years:g} years")
        parts += [text for text in (self.date, self.scenario) if text]
        return ", ".join(parts) or self.name


@dataclass(frozen=True, slots=True)
class HazardSet:
    """Rasters that belong together, in order of scenario, date and return period. hazard, quantity, unit: as
    in HazardName, None where unknown or not the same for all. by: in what they differ, of "return_period",
    "date" and "scenario"."""

    title: str
    members: tuple[SetMember, ...]
    hazard: str | None
    quantity: str | None
    unit: str | None
    by: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "hazard": self.hazard,
            "quantity": self.quantity,
            "unit": self.unit,
            "by": list(self.by),
            "members": [
                {
                    "reference": one.reference,
                    "name": one.name,
                    "return_period_years": one.return_period_years,
                    "date": one.date,
                    "scenario": one.scenario,
                }
                for one in self.members
            ],
            "findings": [one.as_json() for one in self.findings],
        }


def hazard_set(
    source: str | Sequence[str],
    *,
    reading: Reading = AS_FOUND,
    compare: bool = False,
    progress: Progress = no_progress,
) -> HazardSet:
    """The set in a folder, a zip, a file of several bands, variables or times, or a list of references.

    compare: also read every cell of neighbours on a ladder of return periods, and say where the rarer event
    is smaller. Problem: nothing there, fewer than two rasters, all unreadable, more than 500.
    """
    texts = list(source) if not isinstance(source, str) else references_in(source, reading)
    title = Path(source.partition(MARK)[0]).name if isinstance(source, str) else f"{len(texts)} rasters"
    if len(texts) > MOST_MEMBERS:
        raise Problem(
            f"{title} holds {len(texts):,} rasters; a hazard set takes at most {MOST_MEMBERS}.",
            fix="Name the ones you need.",
        )
    rasters: list[tuple[str, RasterData]] = []
    findings: list[Finding] = []
    failed: Problem | None = None
    opening = part(progress, 0.0, 0.3 if compare else 1.0)
    for index, text in enumerate(texts):
        opening(index / max(len(texts), 1), f"Opening {Path(text).name}")
        try:
            rasters.append((text, open_raster(parse_reference(text), reading, look=False)))
        except Problem as problem:
            failed = problem
            findings.append(_unreadable(text, problem))
    if not rasters and failed is not None:
        raise failed
    if len(rasters) + len(findings) < 2:
        raise Problem(
            f"{title} is no hazard set: it holds {counted(len(rasters), 'raster')}.",
            fix="A set needs two or more rasters: by return period, date or scenario.",
        )
    said = [_said(data) for _, data in rasters]
    if isinstance(source, str) and Path(source).is_dir():
        rasters, said, others = _belonging(rasters, said)
        findings += others
    members = _members([text for text, _ in rasters], [data for _, data in rasters], said)
    order = sorted(range(len(members)), key=lambda i: _rank(members[i]))
    members = [members[i] for i in order]
    data = [rasters[i][1] for i in order]
    findings += grids_against(data)
    findings += _twice(members)
    findings += _missing(members)
    if compare:
        findings += _ladders(members, data, part(progress, 0.3, 1.0))
    units = {one.unit for one in data} if any(one.unit for one in data) else {one.unit for one in said}
    return HazardSet(
        title,
        tuple(members),
        _common([one.hazard for one in said]),
        _common([one.quantity for one in said]),
        _common(list(units)) or None,
        tuple(name for name, key in _KEYS.items() if len({getattr(one, key) for one in members}) > 1),
        tuple(findings),
    )


_KEYS = {"return_period": "return_period_years", "date": "date", "scenario": "scenario"}


def references_in(text: str, reading: Reading = AS_FOUND) -> list[str]:
    """The rasters in a folder (and the folders in it), a zip, or a file of several bands, variables or
    times. Problem where there is none."""
    path = Path(text)
    if path.is_dir():
        found = _files(path)
        if not found:
            raise Problem(f"{path} is a folder without rasters.", fix="Name the folder that holds them.")
        return [str(file) for file in found]
    seen = probe(parse_reference(text), reading=reading)
    if seen.geometry != "raster" and path.suffix.lower() != ".zip":
        raise Problem(f"{text} is no raster.", fix="Give a folder of rasters, or a raster of several bands.")
    if not seen.layers:
        return [text]
    joint = "" if MARK not in text else text.partition(MARK)[0]
    return [f"{joint or text}{MARK}{name}" for name in seen.layers]


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        depth = len(Path(root).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".")) if depth < 2 else []
        found += [
            Path(root) / name
            for name in sorted(names)
            if ending_of(name) in RASTER_ENDINGS - _PICTURES and not name.startswith(".")
        ]
        if len(found) > MOST_MEMBERS:
            break
    return found


def _said(data: RasterData) -> HazardName:
    """What the raster's name and its file's name say together; its own name first."""
    own = hazard_of_name(data.name)
    file = hazard_of_name(Path(data.source.path).stem)
    folder = hazard_of_name(Path(data.source.path).parent.name)
    merged: list[Any] = [a if a is not None else b for a, b in zip(own, file, strict=True)]
    # A folder tells hazard, quantity and scenario ("FLUVIAL_UNDEFENDED/2020"), not what differs in it.
    for index in (0, 1, 2, 5):
        merged[index] = merged[index] if merged[index] is not None else folder[index]
    return HazardName(*merged)


def _belonging(
    rasters: list[tuple[str, RasterData]], said: list[HazardName]
) -> tuple[list[tuple[str, RasterData]], list[HazardName], list[Finding]]:
    """Without what only lies in the same folder: rasters of people, and those that say nothing of period,
    date or scenario where several others do."""
    people = [about(d.name, d.name, "", d.unit).quantity == "people" for _, d in rasters]
    says = [
        not who and bool(one.return_period or one.date or one.scenario)
        for who, one in zip(people, said, strict=True)
    ]
    keep = says if sum(says) >= 2 else [not who for who in people]
    if sum(keep) < 2 or all(keep):
        return rasters, said, []
    left = [data.name for (_, data), kept in zip(rasters, keep, strict=True) if not kept]
    more = f" and {len(left) - 6} more" if len(left) > 6 else ""
    finding = Finding(
        "set-other-raster",
        "info",
        f"{', '.join(left[:6])}{more} {'lies' if len(left) == 1 else 'lie'} in the same folder and "
        f"{'does' if len(left) == 1 else 'do'} not look like part of the set; left out.",
        len(left),
    )
    return (
        [one for one, kept in zip(rasters, keep, strict=True) if kept],
        [one for one, kept in zip(said, keep, strict=True) if kept],
        [finding],
    )


def _members(texts: list[str], rasters: list[RasterData], said: list[HazardName]) -> list[SetMember]:
    known = [one.return_period is not None or one.date or one.scenario for one in said]
    rests = _apart([data.name for data in rasters])
    same = Counter((one.return_period, one.date, one.scenario) for one in said)
    out = []
    for text, data, one, clear, rest in zip(texts, rasters, said, known, rests, strict=True):
        twin = same[(one.return_period, one.date, one.scenario)] > 1
        scenario = one.scenario or (rest if (not clear or twin) and rest else None)
        out.append(SetMember(text, data.name, one.return_period, one.date, scenario))
    return out


def _apart(names: list[str]) -> list[str]:
    """What is left of each name without the words all share, nor numbers of years and dates."""
    words = [re.findall(r"[^\s_]+", name) for name in names]
    shared = set(words[0]).intersection(*words[1:]) if words else set()
    out = []
    for own in words:
        rest = [word for word in own if word not in shared]
        plain = [
            w for w in rest if hazard_of_name(w).return_period is None and hazard_of_name(w).date is None
        ]
        out.append(" ".join(plain))
    return out


def _rank(one: SetMember) -> tuple[str, str, float, str]:
    return (one.scenario or "", one.date or "", one.return_period_years or 0.0, one.name)


def _common(values: list[str | None]) -> str | None:
    known = {value for value in values if value}
    return known.pop() if len(known) == 1 else None


def _unreadable(text: str, problem: Problem) -> Finding:
    name = Path(text).name
    return Finding(
        "set-member-unreadable",
        "warning",
        f"{name} could not be opened and is not in the set: {_without_folders(problem.title)}",
    )


def _without_folders(text: str) -> str:
    return re.sub(r"(?:[A-Za-z]:)?[^\s“”]*[/\\](?=[^\s/\\])", "", text)


def _twice(members: Sequence[SetMember]) -> list[Finding]:
    counts: dict[tuple[object, ...], list[SetMember]] = {}
    for one in members:
        counts.setdefault((one.return_period_years, one.date, one.scenario), []).append(one)
    return [
        Finding(
            "set-member-twice",
            "warning",
            f"{', '.join(one.name for one in several[:4])} all stand for {several[0].label}; name the "
            "one you mean.",
            len(several),
        )
        for key, several in counts.items()
        if len(several) > 1 and any(value is not None for value in key)
    ]


def _missing(members: Sequence[SetMember]) -> list[Finding]:
    """Combinations that a full table of what varies would have and the set has not."""
    axes = [sorted({getattr(one, key) for one in members}, key=str) for key in _KEYS.values()]
    varied = [axis for axis in axes if len(axis) > 1]
    lacking: list[str] = []
    if len(varied) > 1 and all(None not in axis for axis in varied):
        have = {tuple(getattr(one, key) for key in _KEYS.values()) for one in members}
        full = list(product(*axes))
        # Two lists side by side (ten dates of one scenario, a ladder of another) are no table with holes.
        if len(have) >= len(full) / 2:
            lacking = [
                SetMember("", "", *combination).label for combination in full if combination not in have
            ]
    lacking += _missing_months(members)
    if not lacking:
        return []
    more = f" and {len(lacking) - 6} more" if len(lacking) > 6 else ""
    return [
        Finding(
            "set-member-missing",
            "warning",
            f"The others lead one to expect {'; '.join(lacking[:6])}{more}, which the set does not hold.",
            len(lacking),
        )
    ]


def _missing_months(members: Sequence[SetMember]) -> list[str]:
    dates = sorted({one.date for one in members if one.date})
    if len(dates) < 4 or any(not re.fullmatch(r"\d{4}(-\d\d)?", date) for date in dates):
        return []
    months = len(dates[0]) == 7
    if any((len(date) == 7) is not months for date in dates):
        return []
    numbers = [int(d[:4]) * 12 + int(d[5:]) - 1 if months else int(d) for d in dates]
    steps = Counter(b - a for a, b in pairwise(numbers))
    step, often = steps.most_common(1)[0]
    if often < 0.6 * (len(numbers) - 1) or step < 1:
        return []
    wanted = set(range(numbers[0], numbers[-1] + 1, step)) - set(numbers)
    shown = sorted(wanted)[:1000]
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" if months else str(n) for n in shown]


def _ladders(
    members: Sequence[SetMember], rasters: Sequence[RasterData], progress: Progress
) -> list[Finding]:
    pairs = [
        (low, high)
        for low, high in pairwise(range(len(members)))
        if members[low].return_period_years is not None
        and members[high].return_period_years is not None
        and (members[low].date, members[low].scenario) == (members[high].date, members[high].scenario)
        and members[low].return_period_years != members[high].return_period_years
        and _same_grid(rasters[low], rasters[high])
    ]
    found: list[Finding] = []
    for index, (low, high) in enumerate(pairs):
        step = part(progress, index / len(pairs), (index + 1) / len(pairs))
        finding = falls_short(rasters[low], rasters[high], *rising(rasters[low], rasters[high], step))
        if finding is not None:
            found.append(finding)
    return found


def _same_grid(one: RasterData, other: RasterData) -> bool:
    return (one.width, one.height) == (other.width, other.height) and not any(
        f.code == "set-crs-differs" or (f.code == "set-grids-differ" and "extent" not in f.message)
        for f in grids_against([one, other])
    )
