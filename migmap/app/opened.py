"""What opening a project gives: the project, and everything that has to be said about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .project import Project


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """missing: ids of layers whose file is not where the project says. damaged: part of the file could
    not be read; saving over it needs overwrite=True. problems: what is missing or damaged, one sentence
    each, for the person who opened it."""

    project: Project
    path: Path
    missing: tuple[str, ...] = ()
    damaged: bool = False
    problems: tuple[str, ...] = ()
