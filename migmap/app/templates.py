"""Templates: how one round of a source was read, kept under a name and found again for the next round."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from migmap.api import Finding, Probe, Problem, Reading

from . import places

VERSION = 1
ENDING = ".template.json"
_SAME_SOURCE = 0.6
"""Share of a template's columns that a file must have before it is taken for the next round of it."""
_log = logging.getLogger(__name__)


class Template(BaseModel):
    """name: what the user calls it. reading: the decisions. columns: names of the columns the file had,
    by which the next round is known again."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    migmap_template: int = Field(default=VERSION, ge=1)
    name: str = Field(min_length=1)
    reading: Reading
    columns: tuple[str, ...] = ()

    def likeness(self, columns: Iterable[str]) -> float:
        """Share of the template's columns that are there; 0 where a column with a role is missing."""
        here = {_bare(column) for column in columns}
        mine = {_bare(column) for column in self.columns}
        if any(column and _bare(column) not in here for column in self.reading.roles.values()):
            return 0.0
        return len(mine & here) / len(mine) if mine else 0.0

    def reading_for(self, columns: Sequence[str]) -> tuple[Reading, tuple[Finding, ...]]:
        """The decisions for a file with these columns. Names are compared without case, spaces and
        punctuation; a role whose column is gone is left to the guess, with a Finding."""
        by_bare = {_bare(column): column for column in reversed(columns)}
        roles: dict[str, str] = {}
        gone: list[str] = []
        for role, column in self.reading.roles.items():
            found = by_bare.get(_bare(column)) if column else ""
            if found is None:
                gone.append(f"“{column}” ({role})")
            else:
                roles[role] = found
        findings: tuple[Finding, ...] = ()
        if gone:
            said = (
                f"The template “{self.name}” names columns this file does not have: {', '.join(gone)}. Their "
                "roles were guessed from the columns that are there."
            )
            findings = (Finding("template-column-missing", "warning", said, count=len(gone)),)
        return self.reading.changed(roles=roles), findings


class Templates:
    """The templates of this computer, one small file each, so that they can be sent round."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        return self._folder or places.home() / "templates"

    def list(self) -> tuple[Template, ...]:
        """All that can be read, by name; one that cannot is logged and left alone."""
        found = []
        try:
            paths = sorted(self.folder.glob(f"*{ENDING}"))
        except OSError:
            return ()
        for path in paths:
            try:
                found.append(read_template(path))
            except Problem as problem:
                _log.warning("template not read: %s", problem)
        return tuple(sorted(found, key=lambda one: one.name.casefold()))

    def find(self, probe: Probe) -> Template | None:
        """The template whose source this file is the next round of; None where none fits well."""
        columns = [column.name for column in probe.columns]
        scored = [(one.likeness(columns), one) for one in self.list()]
        likeliest = max(scored, key=lambda pair: pair[0], default=None)
        return likeliest[1] if likeliest is not None and likeliest[0] >= _SAME_SOURCE else None

    def named(self, text: str) -> Template:
        """A template by its file, else by its name. Problem: there is none."""
        path = Path(text)
        if path.is_file():
            return read_template(path)
        known = self.list()
        for one in known:
            if one.name.casefold() == text.strip().casefold():
                return one
        saved = ", ".join(f"“{one.name}”" for one in known) or "none"
        raise Problem(
            f"There is no template “{text}”.",
            detail=f"It is neither a file nor a saved template. Saved: {saved}.",
            fix="Give the path of a template file, or the name of a saved one.",
        )

    def save(self, name: str, reading: Reading, columns: Sequence[str]) -> Template:
        """Keep it under `name`, replacing an earlier one of that name. Problem: the folder cannot be
        written to."""
        template = Template(name=name.strip(), reading=reading, columns=tuple(columns))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(
                f"The template “{name}” cannot be saved.", detail=f"{error.strerror}: {self.folder}"
            ) from error
        write_template(template, self._path(template.name))
        return template

    def take_in(self, path: str | Path) -> Template:
        """Keep a template somebody sent. Problem: not a template."""
        template = read_template(Path(path))
        return self.save(template.name, template.reading, template.columns)

    def remove(self, name: str) -> None:
        """Forget it; nothing happens where there is none."""
        with suppress(FileNotFoundError):
            self._path(name).unlink()

    def _path(self, name: str) -> Path:
        for path in self.folder.glob(f"*{ENDING}"):
            with suppress(Problem):
                if read_template(path).name.casefold() == name.casefold():
                    return path
        stem = re.sub(r"[^\w-]+", "-", name).strip("-")[:60] or "template"
        path, number = self.folder / f"{stem}{ENDING}", 2
        while path.exists():
            path, number = self.folder / f"{stem}-{number}{ENDING}", number + 1
        return path


def read_template(path: Path) -> Template:
    """The template in a file. Problem: unreadable, not a template, of a newer version."""
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise Problem(f"{path} cannot be read.", detail=error.strerror or "") from error
    except ValueError as error:
        raise Problem(f"{path} is not a template: it is not JSON.", fix=_GIVE) from error
    if not isinstance(values, dict) or "migmap_template" not in values:
        raise Problem(f"{path} is not a template.", fix=_GIVE)
    if isinstance(values["migmap_template"], int) and values["migmap_template"] > VERSION:
        raise Problem(f"{path} was written by a newer version of migmap.", fix="Update migmap.")
    try:
        return Template.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Problem(
            f"{path} is a damaged template.", detail=f"{where}: {first['msg']}.", fix=_GIVE
        ) from error


_GIVE = "Give a file that migmap saved as a template."


def write_template(template: Template, path: Path) -> None:
    """Write it for somebody else, whole or not at all. Problem: the place cannot be written to."""
    from migmap.io.write import replacing

    text = json.dumps(template.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    with replacing(Path(os.path.abspath(path))) as draft:
        draft.write_text(text, encoding="utf-8")


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
