"""The sample project and the main job on it: what `migmap demo` does."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migmap.api import Problem, Progress, no_progress, part

from . import places
from .project import Project
from .recipe import Run

if TYPE_CHECKING:
    from .workbench import Workbench

DISTRICTS = "districts.geojson"
VILLAGES = "refugee_villages.gpkg"
KATCHI_ABADIS = "katchi_abadis.gpkg"
SERVICES = "services.geojson"
FLOOD = "flood_depth_rp100.tif"
POPULATION = "population.tif"
FLOOD_TITLE = "Flood depth (1 in 100 years)"
EDGES = (0.1, 0.5, 1.5)
HEALTH_LIMIT_KM = 5.0
PRODUCTS = ("map.html", "shapefile.zip", "results.gpkg", "table.csv", "table.xlsx", "map.png", "run.json")
"""What the first run leaves in the folder."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo left behind. summary: lines in plain words. project: the `.migmap` file."""

    folder: Path
    project: Path
    files: tuple[Path, ...]
    runs: tuple[Run, ...]
    summary: tuple[str, ...]


def sample_file(name: str) -> Path:
    """A file of the sample data; a Problem when the installation lacks it."""
    path = places.sample_data() / name
    if not path.is_file():
        raise Problem(
            f"The sample file {name} is missing.",
            detail=f"Looked in {path.parent}.",
            fix="Install migmap again, or run it from a complete checkout.",
        )
    return path


def demo(workbench: Workbench, out: Path, progress: Progress = no_progress) -> Demo:
    """Copy the sample data to `out`, run the main job on it, save the project and every product.

    Files of an earlier demo in the same folder are replaced. Problem where `out` cannot be written.
    """
    made = [folder for folder in (out / "more", out / "data", out, *out.parents) if not folder.exists()]
    try:
        return _demo(workbench, out, progress)
    except BaseException:
        # Files that are there are whole; a folder nothing came into has no use.
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def _demo(workbench: Workbench, out: Path, progress: Progress) -> Demo:
    # Absolute, as layers name their sources: a run then knows which layers it was made from.
    data = copy_sample(out, part(progress, 0.0, 0.05)).absolute()
    targets = [out / name for name in PRODUCTS]
    workbench.check_targets(targets)
    villages, katchi_abadis, people, health = runs = _runs(workbench, data, part(progress, 0.05, 0.6))
    written = list(workbench.export_run(villages, targets, progress=part(progress, 0.6, 0.85)).paths)
    others = out / "more"
    _make(others)
    for run, name in ((katchi_abadis, "katchi_abadis"), (people, "people"), (health, "health_units")):
        targets = [others / f"{name}.csv", others / f"{name}.json"]
        written += workbench.export_run(run, targets, progress=part(progress, 0.85, 0.95)).paths
    project = _project(workbench, data, runs, part(progress, 0.95, 0.97))
    saved = workbench.save_project(
        project, out / "sample.migmap", overwrite=True, progress=part(progress, 0.97, 1.0)
    )
    return Demo(out, saved, (*written, saved), runs, _summary(runs, out, saved))


def copy_sample(out: Path, progress: Progress = no_progress) -> Path:
    """The sample data in `out/data`, so that the project can travel with it; the folder."""
    from migmap.io.write import replacing

    sample_file(DISTRICTS)
    data = out / "data"
    # First the folder that was asked for, so that a complaint names that one.
    _make(out)
    _make(data)
    sources = sorted(
        each for each in places.sample_data().iterdir() if each.is_file() and each.suffix != ".py"
    )
    for index, source in enumerate(sources):
        progress(index / len(sources), f"Copying {source.name}")
        with replacing(data / source.name) as draft:
            shutil.copyfile(source, draft)
    return data


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        there = next((parent for parent in folder.parents if parent.exists()), folder)
        # Some file systems say "no such file" where they mean "nothing can be made here".
        misleading = isinstance(error, FileNotFoundError) and there == folder.parent
        raise Problem(
            f"The folder {folder} cannot be made.",
            detail=f"Nothing can be made in {there}."
            if misleading
            else f"{there}: {error.strerror or error}.",
            fix="Choose another folder with --out.",
        ) from error


def _runs(workbench: Workbench, data: Path, progress: Progress) -> tuple[Run, Run, Run, Run]:
    districts = str(data / DISTRICTS)
    flood: dict[str, Any] = {"hazard": str(data / FLOOD), "classes": EDGES, "areas": districts}
    called = {"hazard": FLOOD_TITLE}
    villages = workbench.run(
        "exposure",
        {**flood, "exposed": str(data / VILLAGES), "people": "population"},
        title="Refugee villages, flood once in 100 years",
        labels=called,
        progress=part(progress, 0.0, 0.25),
    )
    katchi_abadis = workbench.run(
        "exposure",
        {**flood, "exposed": str(data / KATCHI_ABADIS), "people": "population"},
        title="Katchi abadis, flood once in 100 years",
        labels=called,
        progress=part(progress, 0.25, 0.5),
    )
    people = workbench.run(
        "exposure",
        {**flood, "exposed": str(data / POPULATION)},
        title="People, flood once in 100 years",
        labels=called,
        progress=part(progress, 0.5, 0.75),
    )
    health = workbench.run(
        "service-gap",
        {
            "sites": str(data / VILLAGES),
            "services": str(data / SERVICES),
            "services_where": ("sector=health",),
            "limit_km": HEALTH_LIMIT_KM,
            "people": "population",
            "areas": districts,
        },
        title="Refugee villages, way to a health unit",
        progress=part(progress, 0.75, 1.0),
    )
    return villages, katchi_abadis, people, health


def _project(workbench: Workbench, data: Path, runs: Iterable[Run], progress: Progress) -> Project:
    project = Project(title="Sample project (synthetic data)")
    hidden = {POPULATION, SERVICES}
    names = (POPULATION, DISTRICTS, FLOOD, KATCHI_ABADIS, SERVICES, VILLAGES)
    for index, name in enumerate(names):
        layer = workbench.open(str(data / name), progress=part(progress, index / len(names), 1.0))
        title = FLOOD_TITLE if name == FLOOD else layer.title
        project = project.with_layer(layer.changed(title=title, visible=name not in hidden))
    shown, *others = runs
    # The first run joins last: what joins last is what the map and the list of results show.
    for run in (*others, shown):
        project = workbench.added(project, run)
    settlements = str(data / KATCHI_ABADIS)
    for layer in project.layers:
        if layer.run not in (None, shown.id):
            project = project.edited(layer.id, lambda one: one.changed(visible=False))
        elif layer.source.endswith(settlements):
            project = project.edited(layer.id, lambda one: one.changed(visible=True))
    return project


# -- the summary ----------------------------------------------------------------------------------


def _summary(runs: tuple[Run, Run, Run, Run], out: Path, saved: Path) -> tuple[str, ...]:
    """About ten lines in plain words."""
    villages, katchi_abadis, people, health = runs
    lines = ["The sample project is made-up (synthetic) data around real places in Pakistan."]
    lines.append(f"A flood that comes once in 100 years reaches {_reached(villages, 'refugee villages')}.")
    deep = _of(villages, "people", {"1.5+"})
    lines.append(f"There the water is 1.5 m or deeper for {_count(deep)} people.")
    lines.append(f"In the cities it reaches {_reached(katchi_abadis, 'katchi abadis')}.")
    exposed, known, unknown = _split(people, "people")
    lines.append(
        f"Of {_count(exposed + known + unknown)} people in the country {_count(exposed)} live where it"
        f" floods; for {_count(unknown)} nothing was modelled: unknown, not zero."
    )
    worst = _worst(villages)
    if worst:
        lines.append(f"Most refugees exposed: {worst}.")
    beyond, people_beyond = _of(health, "sites", {"beyond"}), _of(health, "people", {"beyond"})
    whole = _of(health, "sites", {"within", "beyond", "unknown"})
    lines.append(
        f"{_count(beyond)} of {_count(whole)} refugee villages, with {_count(people_beyond)} people, are more"
        f" than {HEALTH_LIMIT_KM:g} km from a health unit."
    )
    odd = sum(finding.severity != "info" for run in runs for finding in run.findings)
    lines.append(
        f"The data has {odd} oddities; each is listed with its rows in run.json or a .json file in more."
    )
    lines.append(f"Files: {', '.join(PRODUCTS)} in {out}; further tables in {out / 'more'}.")
    lines.append(f"Open the project in the window: migmap {saved}")
    return tuple(lines)


def _reached(run: Run, noun: str) -> str:
    exposed, calm, unknown = _split(run, "sites")
    text = f"{_count(exposed)} of {_count(exposed + calm + unknown)} {noun}"
    with_people = any(metric.metric == "people" for metric in run.result.metrics)
    if with_people:
        dry_or_wet = _split(run, "people")
        text += f", home of {_count(dry_or_wet[0])} of {_count(sum(dry_or_wet))} people"
    return text


def _split(run: Run, metric: str) -> tuple[float, float, float]:
    """(exposed, not exposed, unknown) of the row for everything."""
    calm = _of(run, metric, {"not_exposed"})
    unknown = _of(run, metric, {"unknown"})
    whole = sum(
        row.value or 0.0
        for row in run.result.metrics
        if row.metric == metric and row.area is None and row.class_
    )
    return whole - calm - unknown, calm, unknown


def _of(run: Run, metric: str, classes: set[str]) -> float:
    return sum(
        row.value or 0.0
        for row in run.result.metrics
        if row.metric == metric and row.area is None and row.class_ in classes
    )


def _worst(run: Run) -> str:
    """The three areas with most people exposed."""
    sums: dict[str, float] = {}
    for row in run.result.metrics:
        inside = row.area not in (None, "outside", "overlap")
        if inside and row.metric == "people" and row.class_ not in ("not_exposed", "unknown"):
            name = row.area_name or str(row.area)
            sums[name] = sums.get(name, 0.0) + (row.value or 0.0)
    first = sorted(((value, name) for name, value in sums.items() if value > 0), reverse=True)[:3]
    return ", ".join(f"{name} ({_count(value)})" for value, name in first)


def _count(value: float) -> str:
    return f"{value:,.0f}"
