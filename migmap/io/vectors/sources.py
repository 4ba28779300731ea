"""What GDAL is given to open: the file itself, or a private copy where reading the file would write beside
it, miss parts of it or follow what it points at."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from migmap.api import Finding, Problem

from ..place import Place
from .jsonscan import opened
from .kml import refuse_entities
from .shapefile import Shapefile, whole_rows, whole_shapefile

_NEVER_XML = frozenset({"shp", "dbf", "gpkg", "sqlite", "gdb", "fgb", "parquet", "pbf", "kmz"})
_VIRTUAL = ("rtree", "fts3", "fts4", "fts5", "rtreevirtual")
MAX_COPY_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Ready:
    """A place made ready for GDAL. source: the path it opens. keep: holds copies as long as they are needed.
    rasters: layers of pictures in a GeoPackage. shapefile: facts, where it is one."""

    place: Place
    source: str
    layer: str | None
    keep: ExitStack
    findings: tuple[Finding, ...] = ()
    encoding: str | None = None
    shapefile: Shapefile | None = None
    rasters: tuple[str, ...] = ()

    @property
    def as_read(self) -> Place:
        """The place of the bytes that are read, where they are others than those of the file."""
        if self.source == self.place.gdal_path:
            return self.place
        return replace(self.place, member=None, inside=Path(self.source))

    def instead(self, document: bytes) -> Ready:
        """The same place, read from other bytes."""
        folder = self.keep.enter_context(tempfile.TemporaryDirectory(prefix="migmap-"))
        ending = {"kml": "kml", "kmz": "kml", "gml": "gml"}.get(self.place.ending, "geojson")
        path = Path(folder) / f"layer.{ending}"
        path.write_bytes(document)
        return replace(self, source=str(path), layer=None if ending == "geojson" else self.layer)


@contextmanager
def made_ready(place: Place) -> Iterator[Ready]:
    """`place` as GDAL can read it without harm, for as long as the block runs. Problem: XML entities, tables
    of a database that lead elsewhere, parts of a shapefile cut short."""
    with ExitStack() as keep:
        if place.ending == "shp":
            facts = keep.enter_context(whole_shapefile(place))
            path, layer = facts.place.gdal_path, facts.place.layer
            yield Ready(place, path, layer, keep, facts.findings, facts.encoding, facts)
            return
        if place.ending not in _NEVER_XML:
            refuse_entities(place)
        path, rasters = place.gdal_path, tuple[str, ...]()
        said: tuple[Finding, ...] = ()
        if place.ending == "gml":
            path = _copied(place, Path(keep.enter_context(tempfile.TemporaryDirectory(prefix="migmap-"))))
        elif place.ending in ("gpkg", "sqlite"):
            base = place.path
            if place.member is not None:
                # In place every page would be unpacked from the start of the archive on, and nothing checked.
                folder = Path(keep.enter_context(tempfile.TemporaryDirectory(prefix="migmap-")))
                base = _unpacked(place, folder / f"layer.{place.ending}")
                path = str(base)
            rasters = _checked_database(place, base)
        elif place.ending == "dbf":
            folder = Path(keep.enter_context(tempfile.TemporaryDirectory(prefix="migmap-")))
            shorter, said = whole_rows(place, folder)
            path = shorter or path
        yield Ready(place, path, place.layer, keep, said, rasters=rasters)


def _copied(place: Place, folder: Path) -> str:
    """GML beside which GDAL writes a .gfs: linked, or unpacked, into a folder of our own, with its schema."""
    target = folder / "layer.gml"
    if place.member is None:
        os.symlink(os.path.abspath(place.path), target)
        schema = place.path.with_suffix(".xsd")
        if schema.is_file():
            os.symlink(os.path.abspath(schema), target.with_suffix(".xsd"))
        return str(target)
    return str(_unpacked(place, target))


def _unpacked(place: Place, target: Path) -> Path:
    """A member of an archive as a file of its own. Problem above 2 GB."""
    if place.size > MAX_COPY_BYTES:
        raise Problem(
            f"{place.title} is {place.size / 1e9:.1f} GB when unpacked; the limit is "
            f"{MAX_COPY_BYTES / 1e9:.1f} GB.",
            fix="Unpack it and open the file itself.",
        )
    with opened(place) as stream, open(target, "wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
    return target


def _checked_database(place: Place, file: Path) -> tuple[str, ...]:
    """Names of layers of pictures. Problem where tables lead out of the file or a view never ends."""
    address = f"file:{quote(os.path.abspath(file))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            rows = base.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE sql LIKE '%VIRTUAL TABLE%' "
                "OR (type = 'view' AND sql LIKE '%RECURSIVE%')"
            ).fetchall()
            pictures = base.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type IN ('tiles', '2d-gridded-coverage')"
            ).fetchall()
    except sqlite3.Error:
        # GDAL says what is wrong with it, or reads what has no gpkg_contents.
        return ()
    for kind, name, sql in rows:
        module = str(sql).lower().partition("using")[2].split("(")[0].strip(' "')
        if kind == "view" or not module.startswith(_VIRTUAL):
            raise Problem(
                f"{place.title} holds “{name}”, which "
                + ("is computed without end." if kind == "view" else "reads from outside of the file."),
                detail="Only tables and plain views of the file itself are read.",
                fix="Ask the sender for the table as a layer of its own.",
            )
    return tuple(str(name) for (name,) in pictures)
