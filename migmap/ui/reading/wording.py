"""Findings in the words of the window: they may name options of the command line."""

from __future__ import annotations

import re
from pathlib import PurePath

from PySide6.QtCore import QCoreApplication

from ..words import isolated

CONTEXT = "wording"
# Said by the box beside the finding.
_BOX = re.compile(r" ?To [^.]*?--(?:keep|fix) [^.]*\.")
_MAP = re.compile(r"--map (\w+)=(“[^”]+”|\"[^\"]+\"|'[^']+'|\S+?)(?=[\s.,;)]|$)")
_MAPS = re.compile(r"(--map \w+=(?:“[^”]+”|\"[^\"]+\"|'[^']+'|\S+)) (?=--map)")
_CRS = re.compile(r"coordinate reference system|\bCRS\b")
_OPTION = re.compile(
    r"(--(?:as|crs|header|encoding|choices|people-unit|template|map|fix|keep)\b)"
    r"(?: ([A-Z0-9:a-z_-]*[A-Za-z0-9]))?"
)


def in_window_words(text: str) -> str:
    """ "--fix swapped" becomes “Apply this mend”, "--map latitude=Y" becomes “Latitude, or y”: Y."""
    text = _CRS.sub(_tr("coordinate system"), text)
    if "--" not in text:
        return text
    text = _BOX.sub("", text)
    text = _MAPS.sub(r"\1, ", text)
    text = _MAP.sub(lambda found: f"“{role_title(found.group(1))}”: {isolated(found.group(2))}", text)
    return _OPTION.sub(_titled, text)


def without_folders(text: str, path: str) -> str:
    """`text` with the file called by its name alone."""
    return text.replace(path, PurePath(path.replace("\\", "/")).name) if path else text


def role_title(role: str) -> str:
    """What the window calls a role of positions; others keep their name."""
    return {
        "latitude": _tr("Latitude, or y"),
        "longitude": _tr("Longitude, or x"),
        "position": _tr("Both in one cell"),
    }.get(role, role.replace("_", " "))


def _titled(found: re.Match[str]) -> str:
    option, value = found.group(1), found.group(2) or ""
    title = {
        "--as": _tr("What it is"),
        "--crs": _tr("Coordinate system"),
        "--header": _tr("Headings"),
        "--encoding": _tr("Letters"),
        "--choices": _tr("Labels of a form"),
        "--people-unit": _tr("What a cell holds"),
        "--template": _tr("Templates"),
        "--map": _tr("Columns"),
        "--fix": _tr("Apply this mend"),
        "--keep": _tr("Use these rows all the same"),
    }[option]
    if option in ("--fix", "--keep"):
        return f"“{title}”"
    if value in ("EPSG:n", "KIND", "ROW", "FILE", "COLUMN"):
        return f"“{title}”"
    # A value such as EPSG:32642 belongs to the choice; a plain word is the next one of the sentence.
    if value and (":" in value or any(letter.isdigit() for letter in value) or "-" in value):
        return f"“{title}”: {value}"
    return f"“{title}” {value}" if value else f"“{title}”"


def _tr(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
