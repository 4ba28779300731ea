"""GeoJSON beyond what GDAL tells: its head without the rest, its own CRS, and the shapes GDAL drops.

GDAL turns a geometry it does not like into null without a word, leaves out objects that are no features,
takes a CRS it does not know for WGS 84, and reads the whole file to describe it.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import IO, Any

import pyproj
import shapely

from migmap.api import Finding, Problem

from ..place import Place
from ..wording import counted
from .jsonscan import Records, opened, records_of
from .lenient import shape_of

HEAD_BYTES = 2 << 20
COUNTED_BYTES = 50_000_000
MAX_FEATURE_BYTES = 400_000_000
_CRS = re.compile(rb'"crs"\s*:\s*')
_WINDOW = 1 << 16


@dataclass(frozen=True, slots=True)
class Head:
    """The first features of a file. text: a whole GeoJSON document of them. count: features in the file,
    None where it was not read to its end."""

    text: bytes
    count: int | None
    shown: int


def head_of(place: Place, most: int, size: int) -> Head | None:
    """The first features as a document of their own. None where the file begins as no GeoJSON.

    Problem: cut short, found where the file is small enough to be read through.
    """
    counting = size <= COUNTED_BYTES
    records = records_of(place) if counting else records_of(place, most, HEAD_BYTES)
    if counting and len(records) and not records.whole:
        raise cut_short(place, records)
    shown = 0
    budget = HEAD_BYTES
    for start, end in zip(records.starts[:most], records.ends[:most], strict=True):
        budget -= end - start
        if shown and budget < 0:
            break
        shown += 1
    if not shown:
        return None
    with opened(place) as stream:
        text = _document(stream, records, shown)
    return Head(text, len(records) if records.whole else None, shown)


def _document(stream: IO[bytes], records: Records, shown: int) -> bytes:
    """The first features with whatever stands before them (a CRS, a name)."""
    data = stream.read(records.ends[shown - 1])
    pieces = [data[a:b] for a, b in zip(records.starts[:shown], records.ends[:shown], strict=True)]
    if records.opening < 0:
        if shown == 1 and len(records) == 1 and records.whole:
            return pieces[0]
        lead = b'{"type":"FeatureCollection","features":'
    else:
        lead = data[: records.opening].lstrip(b"\xef\xbb\xbf \r\n\t")
        if not lead.startswith(b"{"):
            cut = lead.find(b"{")
            lead = lead[cut:] if cut >= 0 else b'{"type":"FeatureCollection","features":'
    return lead + b"[" + b",\n".join(pieces) + b"]}"


def cut_short(place: Place, records: Records) -> Problem:
    """Names the fault of a file that ends in the middle."""
    return Problem(
        f"{place.title} is cut short: the file ends in the middle, after "
        f"{counted(len(records), 'whole feature')}.",
        detail="A bracket or a text that was opened is never closed.",
        fix="Copy, download or export it again.",
    )


def piece(stream: IO[bytes], start: int, end: int) -> Any:
    """One feature as Python values. Raises ValueError for what is no JSON."""
    if end - start > MAX_FEATURE_BYTES:
        raise ValueError("larger than the limit")
    stream.seek(start)
    try:
        return json.loads(stream.read(end - start).decode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def recovered(
    place: Place, records: Records, missing: list[int]
) -> tuple[dict[int, shapely.Geometry], list[int]]:
    """What stands in the file for features that GDAL gave without a shape.

    missing: indices of such features. -> (index -> shape, indices whose coordinates cannot be read).
    """
    found: dict[int, shapely.Geometry] = {}
    unreadable: list[int] = []
    with opened(place) as stream:
        for index in missing:
            try:
                feature = piece(stream, records.starts[index], records.ends[index])
                shape = _shape_in(feature)
            except (ValueError, shapely.errors.ShapelyError):
                unreadable.append(index)
                continue
            if shape is not None and not shape.is_empty:
                found[index] = shape
    return found, unreadable


def _shape_in(feature: Any) -> shapely.Geometry | None:
    if not isinstance(feature, dict):
        return None
    if "geometry" in feature:
        return shape_of(feature["geometry"])
    return shape_of(feature) if "coordinates" in feature else None


@dataclass(frozen=True, slots=True)
class Written:
    """A well-formed document of a file's features. broken: (number from 1, why) of those that are no JSON or
    no features, and so not in it."""

    text: bytes
    broken: tuple[tuple[int, str], ...]


def rewritten(place: Place) -> Written | None:
    """The features of a file GDAL refuses, as one well-formed document. None where it holds none at all.
    Problem: cut short."""
    with opened(place) as stream:
        if stream.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise Problem(
                f"{place.title} is written in UTF-16; GeoJSON is UTF-8.",
                fix="Save it again as UTF-8: any text editor can.",
            )
    records = records_of(place)
    if not len(records):
        return None
    if not records.whole:
        raise cut_short(place, records)
    out = io.BytesIO()
    broken: list[tuple[int, str]] = []
    with opened(place) as stream:
        lead = b""
        if records.opening > 0:
            lead = stream.read(records.opening)
        found = _CRS.search(lead)
        out.write(b'{"type":"FeatureCollection",')
        if found:
            try:
                crs, _ = json.JSONDecoder().raw_decode(lead.decode("utf-8", "replace"), 0)
            except ValueError:
                crs = _value_after(lead, found.end())
            out.write(b'"crs":' + json.dumps(crs).encode() + b",")
        out.write(b'"features":[')
        first = True
        for number, (start, end) in enumerate(zip(records.starts, records.ends, strict=True), 1):
            try:
                value = piece(stream, start, end)
            except ValueError as error:
                broken.append((number, str(error)))
                continue
            feature = as_feature(value)
            if feature is None:
                broken.append((number, "it is no feature"))
                continue
            out.write(b"" if first else b",\n")
            out.write(json.dumps(feature, ensure_ascii=False).encode("utf-8", "replace"))
            first = False
        out.write(b"]}")
    return None if first and not broken else Written(out.getvalue(), tuple(broken))


def as_feature(value: Any) -> dict[str, Any] | None:
    """A feature, also of an object that forgets to say that it is one; None where it says nothing."""
    if not isinstance(value, dict):
        return None
    if str(value.get("type", "")).lower() == "feature":
        return value
    if "geometry" in value or "properties" in value:
        return {
            "type": "Feature",
            "properties": value.get("properties") or {},
            "geometry": value.get("geometry"),
        }
    if "coordinates" in value or "geometries" in value:
        return {"type": "Feature", "properties": {}, "geometry": value}
    return None


def _value_after(data: bytes, at: int) -> Any:
    try:
        return json.JSONDecoder().raw_decode(data[at : at + _WINDOW].decode("utf-8", "ignore"))[0]
    except (ValueError, RecursionError):
        return None


def own_crs(place: Place, size: int) -> tuple[pyproj.CRS | None, str] | None:
    """What the member "crs" of the document says: (the CRS, ""), or (None, why it cannot be used). None
    where there is no such member: the file is WGS 84 by its specification.

    Looked for before the features and in the last 64 kB.
    """
    with opened(place) as stream:
        head = stream.read(_WINDOW)
        tail = b""
        if size > _WINDOW and place.member is None:
            stream.seek(max(_WINDOW, size - _WINDOW))
            tail = stream.read(_WINDOW)
    features = re.search(rb'"features"\s*:\s*\[', head)
    value: Any = None
    found = _CRS.search(head, 0, features.start() if features else len(head))
    if found:
        value = _value_after(head, found.end())
    else:
        last = tail or head
        # After the features: the member must follow their closing bracket, not stand in a feature.
        closing = list(re.finditer(rb'\]\s*,\s*"crs"\s*:\s*', last))
        if not closing:
            return None
        value = _value_after(last, closing[-1].end())
    if value is None:
        return None, "says that its coordinate reference system is unknown (“crs”: null)"
    name = value.get("properties", {}) if isinstance(value, dict) else value
    name = name.get("name", name.get("code")) if isinstance(name, dict) else name
    if isinstance(value, dict) and str(value.get("type", "")).upper() == "EPSG" and name is not None:
        name = f"EPSG:{name}"
    if not isinstance(name, str):
        return None, "points elsewhere for its coordinate reference system"
    try:
        return pyproj.CRS.from_user_input(name), ""
    except pyproj.exceptions.CRSError:
        return None, f"states the coordinate reference system “{name[:60]}”, which nobody knows"


def unreadable_lines(place: Place, rows: int) -> list[int]:
    """Line numbers (from 1) of newline-delimited GeoJSON that are no feature; [] where every line that is
    not blank gave a row."""
    numbers: list[int] = []
    with opened(place) as stream:
        texts = [line.strip(b"\x1e\r\n\t \xef\xbb\xbf") for line in stream]
    if sum(1 for text in texts if text) == rows:
        return []
    for number, text in enumerate(texts, 1):
        if not text:
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            numbers.append(number)
            continue
        if not isinstance(value, dict) or "type" not in value:
            numbers.append(number)
    return numbers


def recovery_finding(called: str, rows: list[int]) -> Finding:
    return Finding(
        "geometry-recovered",
        "warning",
        f"{called}: {counted(len(rows), 'shape')} written against the rules of the format (coordinates as "
        f"text, nested or closed wrongly) {'was' if len(rows) == 1 else 'were'} read all the same.",
        count=len(rows),
        rows=tuple(rows[:1_000]),
    )
