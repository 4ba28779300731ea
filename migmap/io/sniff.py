"""What a file is by its first bytes: wrong endings are named, descriptions that lead elsewhere refused."""

from __future__ import annotations

import re

from migmap.api import Problem

HEAD_BYTES = 1 << 16
_TABLES = frozenset({"csv", "tsv", "txt"})
_TIFF = frozenset({"tif", "tiff", "gtiff"})
_HDF = frozenset({"h5", "hdf", "hdf5", "nc", "nc4", "grd", "bag"})
_SQLITE = frozenset({"gpkg", "sqlite", "mbtiles", "db"})
_PACKED = frozenset({"zip", "kmz", "xlsx", "xlsm", "xlsb", "ods"})
_MAGIC: tuple[tuple[bytes, str, frozenset[str]], ...] = (
    (b"SQLite format 3\0", "an SQLite database, as GeoPackages and MBTiles are", _SQLITE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of the older Excel (XLS), or one locked with a "
     "password", frozenset({"xls", "xlsx", "xlsm", "xlsb"})),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)", frozenset({"png"})),
    (b"\xff\xd8\xff", "a picture (JPEG)", frozenset({"jpg", "jpeg"})),
    (b"GIF8", "a picture (GIF)", frozenset()),
    (b"%PDF-", "a PDF document", frozenset()),
    (b"{\\rtf", "a text document (RTF)", frozenset()),
    (b"\x1f\x8b\x08", "packed with gzip", frozenset({"svgz"})),
    (b"BZh", "packed with bzip2", frozenset()),
    (b"\xfd7zXZ\0", "packed with xz", frozenset()),
    (b"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip", frozenset()),
    (b"Rar!\x1a\x07", "a RAR archive", frozenset()),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 or NetCDF file", _HDF),
    (b"CDF\x01", "a NetCDF file", _HDF),
    (b"CDF\x02", "a NetCDF file", _HDF),
    (b"II*\0", "a TIFF", _TIFF),
    (b"MM\0*", "a TIFF", _TIFF),
    (b"II+\0", "a TIFF", _TIFF),
    (b"MM\0+", "a TIFF", _TIFF),
    (b"fgb\x03fgb", "a FlatGeobuf file", frozenset({"fgb"})),
    (b"PAR1", "a Parquet file", frozenset({"parquet", "geoparquet"})),
    (b"PMTiles", "a basemap in PMTiles", frozenset({"pmtiles"})),
    (b"\0\0\x27\x0a", "a part of a shapefile", frozenset({"shp", "shx"})),
)  # fmt: skip
_POINTERS = re.compile(
    rb"<(OGRVRTDataSource|OGRWFSDataSource|OGRCSWDataSource|VRTDataset|GDAL_WMS|GDALTileIndexDataset|WMTS\b)"
)
_UNPACK = frozenset({"packed with gzip", "packed with bzip2", "packed with xz", "an archive of 7-Zip"})
_UTF8_FORMATS = {
    **dict.fromkeys(("geojson", "geojsonl", "geojsons", "ndjson", "jsonl", "seq", "json", "js"), "GeoJSON"),
    "topojson": "TopoJSON",
    "gml": "GML",
    "gpx": "GPX",
    "osm": "OpenStreetMap data",
}
_WIDE = re.compile(rb"\A(?:\xff\xfe|\xfe\xff|[{\[<]\0|\0[{\[<])")


def what_it_is(head: bytes) -> tuple[str, frozenset[str]] | None:
    """(what a file is, the endings it may have) by its first bytes; None where they do not say."""
    for magic, name, endings in _MAGIC:
        if head.startswith(magic):
            return name, endings
    if head.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" in head[:200] or b"xl/" in head[:4096]:
            return "an Excel workbook (XLSX)", _PACKED
        if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head[:200]:
            return "a spreadsheet of LibreOffice (ODS)", _PACKED
        return "a zip archive", _PACKED
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    start = text[:600].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)", frozenset({"html", "htm"})
    if start.startswith(b"<") and (tag := re.search(rb"<(kml|gpx|osm)[\s>]", start)) is not None:
        word = tag[1].decode()
        return f"{word.upper() if word != 'osm' else 'OpenStreetMap data'}", frozenset({word, "xml"})
    if text[:1] == b"{" and re.search(rb'"type"\s*:\s*"(FeatureCollection|Feature|Topology)"', text):
        name = "TopoJSON" if b'"Topology"' in text[:4096] else "GeoJSON"
        return name, frozenset({"geojson", "json", "topojson"})
    return None


def check_content(head: bytes, ending: str, title: str) -> None:
    """Problem where the first bytes of a file are those of another format than its ending says, in letters
    its format does not use, or a description of data that lie elsewhere."""
    pointer = _POINTERS.search(head)
    if pointer is not None and not (ending == "vrt" and pointer[1] in (b"VRTDataset", b"GDAL_WMS")):
        raise Problem(
            f"{title} holds no data: it describes data that lie elsewhere ({pointer[1].decode()}).",
            detail="What a file points at is not fetched; it may change, or lie where you may not look.",
            fix="Give the data themselves, or save them as a GeoPackage with QGIS.",
        )
    if ending in _UTF8_FORMATS and _WIDE.match(head):
        raise Problem(
            f"{title} is written in UTF-16; {_UTF8_FORMATS[ending]} is UTF-8.",
            fix="Save it again as UTF-8: any text editor can.",
        )
    found = what_it_is(head)
    if found is None or _may_be(ending, *found):
        return
    name, endings = found
    raise Problem(
        f"{title} is not what its ending “.{ending}” says: it is {name}.", fix=_fix(name, endings, ending)
    )


def _may_be(ending: str, name: str, endings: frozenset[str]) -> bool:
    if ending in endings:
        # A workbook or a zip under the other's name is read by what it is; a table inside a zip is not.
        return True
    if name in ("GeoJSON", "TopoJSON", "KML", "GPX", "OpenStreetMap data"):
        # GDAL reads these by what they are, whatever the ending of a feature file.
        return ending not in _TABLES
    return False


def _fix(name: str, endings: frozenset[str], ending: str) -> str:
    if name == "a zip archive" and ending == "kml":
        return "Give it the ending .kmz and open it again."
    if name in _UNPACK or name == "a RAR archive":
        return "Unpack it first, then open the file inside."
    if name == "a web page (HTML)":
        return (
            "The download probably ended at a page that asks to log in, or at an error: get the file again."
        )
    usual = {
        "an Excel workbook (XLSX)": "xlsx",
        "a spreadsheet of LibreOffice (ODS)": "ods",
        "a zip archive": "zip",
        "GeoJSON": "geojson",
        "TopoJSON": "topojson",
        "a workbook of the older Excel (XLS), or one locked with a password": "xls",
        "an SQLite database, as GeoPackages and MBTiles are": "gpkg",
        "a TIFF": "tif",
        "an HDF5 or NetCDF file": "nc",
        "a NetCDF file": "nc",
        "a Parquet file": "parquet",
    }
    right = usual.get(name) or (sorted(endings)[0] if endings else "")
    if not right or "picture" in name:
        return "Ask for the data themselves."
    return f"Give it the ending .{right} and open it again."


def by_content(head: bytes) -> str | None:
    """The ending a file without a known one should have; None where its first bytes do not say."""
    found = what_it_is(head)
    if found is None:
        return None
    return {
        "KML": "kml",
        "GPX": "gpx",
        "OpenStreetMap data": "osm",
        "GeoJSON": "geojson",
        "TopoJSON": "topojson",
    }.get(found[0])
