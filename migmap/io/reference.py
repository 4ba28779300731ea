"""A file as people type it: `FILE`, `FILE::LAYER` or `FILE::2`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from migmap.api import Problem

MARK = "::"


@dataclass(frozen=True, slots=True)
class Reference:
    """A file and, after `::`, the layer, sheet, sub-dataset or band in it. `str()` gives the text back."""

    path: Path
    part: str | None = None

    def __str__(self) -> str:
        return str(self.path) if self.part is None else f"{self.path}{MARK}{self.part}"

    @property
    def name(self) -> str:
        """What to call the data when nothing better is known: the part if it is a name, else the stem."""
        if self.part and not self.part.isdigit():
            return self.part
        return stem(self.path)


def parse_reference(text: str) -> Reference:
    """The reference `text` names. The file need not exist; where one does, it decides where the file's
    name ends, so names that hold `::` themselves still open. Problem for an empty text.

    >>> parse_reference("districts.gpkg::adm2")
    Reference(path=PosixPath('districts.gpkg'), part='adm2')
    """
    if not text.strip() or text.startswith(MARK) or "\0" in text:
        raise Problem(
            "No file is named.", detail=f"Got “{text}”." if text.strip() else "", fix="Name a file."
        )
    if MARK not in text or _exists(text):
        return Reference(Path(text))
    cuts = [i for i in range(len(text)) if text.startswith(MARK, i)]
    # The longest name that is a file wins; without any, the first mark ends the name.
    cut = next((i for i in reversed(cuts) if _exists(text[:i])), cuts[0])
    part = text[cut + len(MARK) :]
    return Reference(Path(text[:cut]), part or None)


def stem(path: Path) -> str:
    """The file's name without its endings: `Households_2017.shp.zip` gives `Households_2017`."""
    name = path.name
    for _ in range(2):
        cut = name.rfind(".")
        if cut <= 0 or name[cut + 1 :].lower() not in _ENDINGS:
            break
        name = name[:cut]
    return name or path.name


_ENDINGS = frozenset(
    {
        "shp",
        "dbf",
        "zip",
        "kmz",
        "kml",
        "gpkg",
        "geojson",
        "json",
        "topojson",
        "geojsonl",
        "geojsons",
        "ndjson",
        "seq",
        "fgb",
        "gpx",
        "gdb",
        "csv",
        "tsv",
        "txt",
        "xlsx",
        "xls",
        "xlsm",
        "xlsb",
        "ods",
        "tif",
        "tiff",
        "asc",
        "vrt",
        "nc",
        "h5",
        "hdf",
        "img",
        "grd",
        "gml",
        "tab",
        "mif",
        "parquet",
        "pbf",
        "osm",
        "sqlite",
        "gz",
        "png",
        "jpg",
        "dxf",
        "geoparquet",
        "jsonl",
        "jpeg",
        "pmtiles",
        "mbtiles",
        "grb",
        "grib2",
        "grib",
        "hgt",
        "dem",
        "bsq",
        "bip",
        "bil",
        "jp2",
        "hdf5",
        "nc4",
        "gtiff",
    }
)


def check_name(path: Path) -> None:
    """Problem for a name with bytes that are no text (from an old computer or a broken archive): the
    libraries that read and write the formats take text only."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        shown = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
        raise Problem(
            f"{shown}: the name holds bytes that are not valid text.",
            fix="Rename the file or folder, then try again.",
        ) from error


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False
