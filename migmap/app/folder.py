"""A folder: the data files in it and, where they are rasters of one hazard, the set they make."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migmap.api import AS_FOUND, Finding, Problem, Progress, Reading, no_progress

if TYPE_CHECKING:
    from migmap.geo.hazardset import HazardSet, SetMember

MOST_FILES = 1_000
_DEPTH = 2


def is_plain_folder(text: str) -> bool:
    """True for a folder that is not itself one data set (a File Geodatabase, a lone shapefile)."""
    from migmap.io.place import locate
    from migmap.io.reference import parse_reference

    reference = parse_reference(text)
    if reference.part is not None or not reference.path.is_dir():
        return False
    try:
        locate(reference)
    except Problem:
        return True
    return False


def set_in(text: str, reading: Reading = AS_FOUND, progress: Progress = no_progress) -> HazardSet | None:
    """The hazard set in a folder: rasters that differ in return period, date or scenario; None where there is
    none."""
    from migmap.geo.hazardset import hazard_set
    from migmap.io.rasters.hazardnames import hazard_of_name

    try:
        found = hazard_set(text, reading=reading, progress=progress)
    except Problem:
        return None
    if {"return_period", "date"} & set(found.by):
        return found
    # What is left of names that say nothing else is no scenario.
    named = [hazard_of_name(f"{one.name} {Path(one.reference).stem}") for one in found.members]
    return found if found.by and all(one.hazard or one.scenario for one in named) else None


def title_of(member: SetMember, hazards: HazardSet) -> str:
    """ "Flood, 1 in 100 years": what a layer of one raster of the set is called."""
    word = (hazards.hazard or "").replace("_", " ").replace("-", " ")
    if not word or member.label == member.name:
        return member.name
    return f"{word[:1].upper()}{word[1:]}, {member.label}"


def info(text: str, reading: Reading = AS_FOUND, progress: Progress = no_progress) -> Mapping[str, Any]:
    """What `migmap info FOLDER --json` prints: the shape of a file's, with the names of the data files as
    "layers" (to be named FOLDER/NAME) and "hazard_set" (None where the rasters make none). Problem for a
    folder without data."""
    from migmap.io.place import locate
    from migmap.io.reference import parse_reference

    files, more = data_files(Path(text))
    if not files:
        locate(parse_reference(text))
        raise Problem(f"{text} is a folder without data.", fix="Name a file.")
    findings: list[Finding] = []
    if more:
        findings.append(
            Finding(
                "folder-not-all-listed",
                "info",
                f"{Path(text).name} holds more than {MOST_FILES:,} data files; the first {MOST_FILES:,} are "
                "listed.",
            )
        )
    hazards = set_in(text, reading, progress)
    findings += hazards.findings if hazards is not None else ()
    said: dict[str, Any] | None = None
    if hazards is not None:
        said = dict(hazards.as_json())
        for one, member in zip(said["members"], hazards.members, strict=True):
            one["label"] = title_of(member, hazards)
    return {
        "kind": "folder",
        "driver": "folder",
        "layers": files,
        "crs": None,
        "rows": None,
        "columns": [],
        "bounds": None,
        "findings": [finding.as_json() for finding in findings],
        "roles": {},
        "hazard_set": said,
    }


def data_files(folder: Path) -> tuple[list[str], bool]:
    """(names of the data files in a folder and the folders in it, two deep, relative to it; whether there
    are more). A shapefile counts once, a File Geodatabase too; notes and pictures beside data do not."""
    from migmap.io.place import OPENABLE, ending_of

    found: list[str] = []
    beside: list[str] = []
    for root, folders, names in os.walk(folder):
        here = Path(root).relative_to(folder)
        databases = sorted(name for name in folders if ending_of(name) == "gdb")
        found += [(here / name).as_posix() for name in databases]
        kept = sorted(name for name in folders if name not in databases and not name.startswith("."))
        folders[:] = kept if len(here.parts) < _DEPTH else []
        stems = {name[:-4].casefold() for name in names if ending_of(name) == "shp"}
        for name in sorted(names):
            ending = ending_of(name)
            if ending not in OPENABLE | {"migmap"} or name.startswith(".") or name.endswith(".meta.json"):
                continue
            if ending == "dbf" and name[:-4].casefold() in stems:
                continue
            (beside if ending in _BESIDE else found).append((here / name).as_posix())
        if len(found) > MOST_FILES:
            break
    listed = found or beside
    return listed[:MOST_FILES], len(listed) > MOST_FILES


_BESIDE = frozenset({"txt", "png", "jpg", "jpeg"})
