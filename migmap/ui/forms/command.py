"""The command line that does what a form would do."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

from migmap.api import Analysis, Reading, declared_fields, input_field

from ..words import cell


def run_words(
    tool: Analysis,
    values: Mapping[str, Any],
    crs: str | None = None,
    readings: Mapping[str, Reading] | None = None,
) -> list[str]:
    """`migmap run NAME` with an option for every value that is given and not the default. readings: how
    inputs are read, by `input_key`, where something was decided about it."""
    words = ["migmap", "run", tool.name]
    for field in declared_fields(tool.Params):
        value = values.get(field.name)
        if field.type is bool and not field.many:
            if bool(value) != bool(field.default):
                words.append("--no-" + field.flag[2:] if field.default else field.flag)
        elif value is None or value == () or value == [] or (not field.required and value == field.default):
            continue
        elif field.many:
            several = [value] if isinstance(value, str | int | float) else value
            if field.repeat:
                for one in several:
                    words += [field.flag, cell(one)]
            else:
                words += [field.flag, ",".join(cell(one) for one in several)]
        else:
            words += [field.flag, cell(value)]
    if crs:
        words += ["--crs", crs]
    flags = {field.name: field.flag.removeprefix("--") for field in declared_fields(tool.Params)}
    for key, reading in (readings or {}).items():
        said = reading.model_dump_json(exclude_defaults=True, exclude={"crs"})
        if said != "{}":
            name = input_field(key)
            words += ["--reading", f"{flags[name]}{key[len(name) :]}={said}"]
    return words


def as_typed(words: list[str]) -> str:
    """The words as they are typed into a terminal of this system."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
