"""Where a reference leads: to features, a table or a raster, in a file, a folder or an archive."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from migmap.api import Problem

from .archive import Member, data_members, gdal_path_in, opened_member
from .reference import Reference, check_name
from .sniff import HEAD_BYTES, by_content, check_content, what_it_is

Family = Literal["vector", "table", "raster"]

VECTOR_ENDINGS = frozenset(
    {
        "shp",
        "gpkg",
        "geojson",
        "geojsonl",
        "geojsons",
        "jsonl",
        "ndjson",
        "seq",
        "kml",
        "kmz",
        "fgb",
        "gpx",
        "topojson",
        "gdb",
        "tab",
        "mif",
        "gml",
        "dxf",
        "osm",
        "pbf",
        "sqlite",
        "parquet",
        "geoparquet",
        "dbf",
    }
)
TABLE_ENDINGS = frozenset({"csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods"})
RASTER_ENDINGS = frozenset(
    {
        "tif",
        "tiff",
        "gtiff",
        "asc",
        "vrt",
        "nc",
        "nc4",
        "h5",
        "hdf",
        "hdf5",
        "img",
        "grd",
        "jp2",
        "png",
        "jpg",
        "jpeg",
        "bil",
        "bip",
        "bsq",
        "dem",
        "hgt",
        "adf",
        "rst",
        "sdat",
        "grib",
        "grib2",
        "grb",
        "mbtiles",
        "pmtiles",
    }
)
_PART_OF_SHAPEFILE = frozenset({"shx", "prj", "cpg", "sbn", "sbx", "qpj", "qix"})
_LINES = frozenset({"geojsonl", "geojsons", "ndjson", "seq", "jsonl"})
_ARCHIVES = frozenset(["zip", "kmz"])


@dataclass(frozen=True, slots=True)
class Place:
    """A reference, resolved.

    gdal_path: what GDAL opens (an absolute path or /vsizip/...). member: the file inside an archive.
    layer: what is left of the reference's part after an archive's member was picked.
    others: names of the archive's data files, when there are several. inside: the file meant, where the
    reference names its folder.
    """

    reference: Reference
    family: Family
    gdal_path: str
    ending: str
    member: Member | None = None
    layer: str | None = None
    others: tuple[str, ...] = ()
    inside: Path | None = None

    @property
    def path(self) -> Path:
        """The file named, or the one in the folder named."""
        return self.inside or self.reference.path

    @property
    def size(self) -> int:
        """Bytes of the file, unpacked; of all files of a folder."""
        if self.member is not None:
            return self.member.size
        if self.path.is_dir():
            return sum(f.stat().st_size for f in self.path.iterdir() if f.is_file())
        return self.path.stat().st_size

    @property
    def title(self) -> str:
        """How messages name it: the file as the user typed it, and what is inside."""
        return f"{self.path}::{self.member.name}" if self.member and self.others else str(self.path)

    @property
    def called(self) -> str:
        """The same without its folders, for findings: they travel with every product."""
        return f"{self.path.name}::{self.member.name}" if self.member and self.others else self.path.name


def locate(reference: Reference, *, first: bool = False) -> Place:
    """Resolve `reference`. With `first`, an archive of several data files gives its first one instead
    of a Problem. Problem: missing, unreadable, empty, a folder without data, an unknown format."""
    path = reference.path
    _check_readable(path)
    absolute = os.path.abspath(path)
    ending = ending_of(path.name)
    if path.is_dir():
        if ending == "gdb":
            return Place(reference, "vector", absolute, "gdb", layer=reference.part)
        return _in_folder(reference)
    if ending in _ARCHIVES:
        return _in_archive(reference, first)
    if ending in _PART_OF_SHAPEFILE or (ending == "dbf" and _whole_of(path) is not None):
        whole = _whole_of(path)
        raise Problem(
            f"{path} is only a part of a shapefile.",
            fix=f"Open {whole} instead." if whole else "Open the .shp file it belongs to.",
        )
    head = _head_of(path)
    if ending in OPENABLE:
        check_content(head, ending, str(path))
    elif (meant := by_content(head)) is not None:
        check_content(head, meant, str(path))
        ending = meant
    family = _family(path, ending)
    if family is None:
        known = what_it_is(head)
        raise Problem(
            f"{path} is in no format migmap reads."
            if known is None
            else f"{path} has no ending that migmap knows; it is {known[0]}.",
            detail=f"The ending “.{ending}” is not known." if ending else "The name has no ending.",
            fix="Unpack it first, then open the file inside."
            if known is not None and ("packed" in known[0] or "archive" in known[0])
            else "Give a shapefile, GeoPackage, GeoJSON, KML, CSV, XLSX or GeoTIFF.",
        )
    return Place(reference, family, _gdal_path(absolute, family, ending, path), ending, layer=reference.part)


def _head_of(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(HEAD_BYTES)


def _whole_of(part: Path) -> Path | None:
    """The .shp beside a part of a shapefile."""
    for ending in (".shp", ".SHP", ".Shp"):
        if part.with_suffix(ending).exists():
            return part.with_suffix(ending)
    return None


def _gdal_path(absolute: str, family: Family, ending: str, path: Path) -> str:
    """The path as pyogrio and rasterio take it without reading more into it."""
    if family == "vector" and (ending in _LINES or (ending in ("geojson", "json") and _is_by_line(path))):
        # The GeoJSON driver would read the first line and drop the others without a word.
        return f"GeoJSONSeq:{absolute}"
    if any(mark in absolute for mark in "!?#;") or "://" in absolute:
        # pyogrio takes "!" for the inside of an archive, "?" and ";" for a query; a sub-file from byte 0 on
        # is the same file under a name it leaves alone.
        return f"/vsisubfile/0,{absolute}"
    return absolute


def _is_by_line(path: Path) -> bool:
    """True for newline-delimited GeoJSON: a whole feature, a line end, another one."""
    with open(path, "rb") as stream:
        head = stream.read(1 << 16).lstrip(b"\xef\xbb\xbf \r\n\t\x1e")
    first, found, rest = head.partition(b"\n")
    if not found or not rest.lstrip(b" \r\n\t\x1e").startswith(b"{"):
        return False
    try:
        value = json.loads(first)
    except ValueError:
        return False
    return isinstance(value, dict) and value.get("type") == "Feature"


def ending_of(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name.lstrip(".") else ""


def _check_readable(path: Path) -> None:
    check_name(path)
    try:
        if not path.exists():
            raise Problem(
                f"{path} does not exist.",
                fix="Check the name and the folder." if path.parent.exists() else "Check the folder's name.",
            )
        if path.is_dir():
            return
        if not path.is_file():
            raise Problem(f"{path} is not a file.", fix="Name a file.")
        with open(path, "rb") as stream:
            start = stream.read(1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Problem(
            f"{path} cannot be read.", detail=reason or "", fix="Check that you may read the file."
        ) from error
    if not start:
        raise Problem(f"{path} is empty: it has 0 bytes.", fix="Copy or download the file again.")


def _folder_problem(path: Path) -> Problem:
    try:
        names = [f.name for f in path.iterdir() if ending_of(f.name) in OPENABLE | {"migmap"}]
        names = [name for name in names if ending_of(name) != "dbf" or _whole_of(path / name) is None]
        found = sorted(names, key=lambda name: (_rank(name), name))
    except OSError:
        found = []
    if not found:
        return Problem(f"{path} is a folder without data.", fix="Name a file.")
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    data = next((name for name in found if ending_of(name) != "migmap"), found[0])
    return Problem(
        f"{path} is a folder.",
        detail="It holds " + ", ".join(found[:8]) + more + ".",
        fix=f"Name one of its files, for example {path / data}.",
    )


def _in_folder(reference: Reference) -> Place:
    """The shapefile a folder holds: the only one, or the one the reference's part names."""
    path, part = reference.path, reference.part
    try:
        names = sorted(f.name for f in path.iterdir() if f.is_file())
    except OSError:
        names = []
    shapes = [name for name in names if ending_of(name) == "shp"]
    stems = {name[:-4].casefold() for name in shapes}
    others = [
        name
        for name in names
        if ending_of(name) in OPENABLE - {"shp", "txt"}
        and not (ending_of(name) == "dbf" and name[:-4].casefold() in stems)
    ]
    picked = [name for name in shapes if part in (name, name[:-4])]
    if not picked and part is None and len(shapes) == 1 and not others:
        picked = shapes
    if not picked:
        problem = _folder_problem(path)
        if part is not None and shapes:
            raise Problem(
                f"{path} holds no shapefile “{part}”.",
                detail=problem.detail,
                fix=f"{path}::{shapes[0][:-4]}.",
            )
        raise problem
    inside = os.path.join(os.path.abspath(path), picked[0])
    return Place(
        reference,
        "vector",
        _gdal_path(inside, "vector", "shp", Path(inside)),
        "shp",
        inside=Path(inside),
        others=tuple(name[:-4] for name in shapes) if len(shapes) > 1 else (),
    )


def _rank(name: str) -> int:
    """Projects first, then features, tables, rasters; pictures and texts are seldom what is meant."""
    ending = ending_of(name)
    if ending in ("png", "jpg", "jpeg", "txt"):
        return 9
    kinds = ({"migmap"}, VECTOR_ENDINGS | _ARCHIVES | {"json"}, TABLE_ENDINGS)
    return next((rank for rank, endings in enumerate(kinds) if ending in endings), len(kinds))


OPENABLE = VECTOR_ENDINGS | TABLE_ENDINGS | RASTER_ENDINGS | _ARCHIVES | {"json"}


def _family(path: Path, ending: str) -> Family | None:
    if ending in ("json", "js"):
        return _json_family(path)
    if ending == "tab" and not _is_mapinfo(path):
        return "table"
    if ending in VECTOR_ENDINGS:
        return "vector"
    if ending in TABLE_ENDINGS:
        return "table"
    if ending in RASTER_ENDINGS:
        return "raster"
    return _sniffed(path)


def _is_mapinfo(path: Path) -> bool:
    """True for the .tab of MapInfo; other files of that ending are tables divided by tabs."""
    with open(path, "rb") as stream:
        return stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(b"!table")


def _json_family(path: Path) -> Family:
    with open(path, "rb") as stream:
        head = stream.read(1 << 16)
    if (
        b'"FeatureCollection"' in head
        or b'"Topology"' in head
        or b'"Feature"' in head
        or b'"coordinates"' in head
        or b'"geometryType"' in head
    ):
        return "vector"
    whole = len(head) < (1 << 16)
    if whole:
        try:
            json.loads(head.decode("utf-8-sig"))
        except ValueError as error:
            raise Problem(
                f"{path} is not valid JSON.", detail=str(error), fix="Download or export the file again."
            ) from error
    elif b'"type"' in head:
        return "vector"
    raise Problem(
        f"{path} is JSON without map features.",
        detail="GeoJSON has a “FeatureCollection” with “features”; this file has neither.",
        fix="Give a GeoJSON file, or save the records as CSV.",
    )


def _sniffed(path: Path) -> Family | None:
    """The family of a file whose ending says nothing, by its first bytes."""
    with open(path, "rb") as stream:
        head = stream.read(64)
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") or head[:5].lower() == b"ncols":
        return "raster"
    if head.startswith(b"\x89HDF") or head.startswith(b"CDF"):
        return "raster"
    if head.startswith((b"SQLite format 3", b"fgb", b"\x00\x00\x27\x0a")):
        return "vector"
    return None


def _in_archive(reference: Reference, first: bool) -> Place:
    path, part = reference.path, reference.part
    members = data_members(path, OPENABLE - _ARCHIVES)
    names = tuple(m.name for m in members)
    if not members:
        raise Problem(
            f"{path} holds no data migmap can read.",
            fix="Zip a shapefile (.shp, .shx, .dbf, .prj together), a GeoPackage, GeoJSON, table or GeoTIFF.",
        )
    layer: str | None = part
    if len(members) == 1:
        chosen = members[0]
        if part in (chosen.name, chosen.file):
            layer = None
    else:
        picked = [m for m in members if part in (m.name, m.file)]
        if not picked and part is None and _is_kmz(path):
            picked = [m for m in members if m.file.lower() == "doc.kml"]
        if not picked and not (first and part is None):
            listed = ", ".join(f"{path}::{name}" for name in names[:12])
            raise Problem(
                f"{path} holds {len(members)} data sets." if part is None else f"{path} holds no “{part}”.",
                detail="They are " + ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") + ".",
                fix=f"Name one: {listed}.",
            )
        chosen = picked[0] if picked else members[0]
        layer = None
    if not chosen.file.lower().endswith(".gdb"):
        with opened_member(path, chosen.file) as stream:
            check_content(stream.read(HEAD_BYTES), chosen.ending, f"{chosen.file} in {path}")
    family = _member_family(chosen)
    return Place(
        reference,
        family,
        gdal_path_in(path, chosen),
        chosen.ending,
        member=chosen,
        layer=layer,
        others=names if len(members) > 1 else (),
    )


def _is_kmz(path: Path) -> bool:
    return ending_of(path.name) == "kmz"


def _member_family(member: Member) -> Family:
    if member.ending in TABLE_ENDINGS:
        return "table"
    return "raster" if member.ending in RASTER_ENDINGS else "vector"
