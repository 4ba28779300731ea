"""Which words open the window, and opening it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from migmap.api import Problem

COMMANDS = ("demo", "info", "check", "convert", "join", "run", "export", "recipe", "explain", "list")


def files_in(words: list[str]) -> list[str] | None:
    """The files to open in the window; None when `words` are a command or an option. A file called
    like a command is meant when it is written as a path (`./run`)."""
    if not words:
        return []
    if words[0].startswith("-") or words[0] in COMMANDS:
        return None
    if looks_like_file(words[0]):
        return words
    import difflib

    near = difflib.get_close_matches(words[0], COMMANDS, 1)
    raise Problem(
        f"“{words[0]}” is neither a command nor a file.",
        fix=f"Did you mean “migmap {near[0]}”?" if near else f"Commands are: {', '.join(COMMANDS)}.",
    )


def looks_like_file(word: str) -> bool:
    """True for what exists, holds a path separator, or has a file ending."""
    from migmap.io.reference import parse_reference

    path = parse_reference(word).path
    separators = {"/", os.sep, os.altsep or "/"}
    return path.exists() or any(mark in word for mark in separators) or bool(path.suffix)


def open_on(files: list[str]) -> int:
    """Open the window on these files and give its exit code. Problem, before any window, for a file
    that is missing, a project of a newer version, or no display."""
    # Started without a console (a desktop icon) nobody would read the message: the window says it.
    if sys.stderr is not None:
        for file in files:
            _check(file)
    if not has_display(os.environ) and os.environ.get("QT_QPA_PLATFORM") is None:
        raise Problem(
            "There is no display to open the window on.",
            fix="Start migmap in a desktop session, or use a command: migmap --help.",
        )
    from migmap.ui.startup import main

    return int(main(files))


def _check(file: str) -> None:
    from migmap.io.reference import parse_reference

    path = parse_reference(file).path
    if not path.exists():
        raise Problem(f"There is no file {path}.", fix="Check the name and the folder.")
    if path.suffix.lower() == ".migmap":
        from migmap.app.project_file import check

        check(Path(path))


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window could be shown to someone."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def may_open_by_itself(environment: Mapping[str, str]) -> bool:
    """Whether a command may open the window when it is done: a display, and not offscreen."""
    return has_display(environment) and environment.get("QT_QPA_PLATFORM") != "offscreen"
