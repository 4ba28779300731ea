"""The sample project and the main job on it: what `migmap demo` does."""

from __future__ import annotations

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
EDGES = (0.1, 0.5, 1.5)
HEALTH_LIMIT_KM = 5.0


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
    """Copy the sample data to `out`, run the main job on it, save the project and every product."""
    import shutil

    data = out / "data"
    try:
        data.mkdir(parents=True, exist_ok=True)
        for source in sorted(places.sample_data().iterdir()):
            if source.is_file() and source.suffix != ".py":
                shutil.copyfile(source, data / source.name)
    except OSError as error:
        raise Problem(
            f"The sample project cannot be written to {out}.",
            detail=error.strerror or str(error),
            fix="Choose another folder with --out.",
        ) from error
    sample_file(DISTRICTS)
    flood: dict[str, Any] = {
        "hazard": str(data / FLOOD),
        "classes": EDGES,
        "exposed": str(data / VILLAGES),
        "areas": str(data / DISTRICTS),
    }
    run = workbench.run("exposure", flood, progress=part(progress, 0.0, 0.5))
    project = workbench.added(Project(title="Sample"), run)
    saved = workbench.save_project(project, out / "demo.migmap", overwrite=True)
    return Demo(out, saved, (saved,), (run,), run.result.notes)
