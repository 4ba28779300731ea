"""KML beyond what GDAL tells: its head without the rest, and the shapes GDAL drops or bends.

Format: OGC KML 2.2 with Google's gx extensions. The file is pulled through expat, so that its size does
not matter; entities, which make small files grow without end or point at other files, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import numpy as np
import pandas as pd
import shapely

from migmap.api import Finding, Problem

from ..place import Place
from .jsonscan import opened
from .lenient import Unreadable

MAX_DEPTH = 200
_CHUNK = 1 << 18
_GEOMETRIES = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track", "MultiTrack"}
)
_CONTAINERS = frozenset({"Document", "Folder"})
_FEATURES = frozenset({"Placemark", "GroundOverlay"})
_TEXTS = frozenset(
    {"name", "description", "coordinates", "coord", "value", "SimpleData", "longitude", "latitude", "href"}
)


@dataclass(slots=True, eq=False)
class Container:
    """A document or folder: a layer of its own when placemarks stand directly in it."""

    name: str = ""
    placemarks: list[Placemark] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Placemark:
    """One placemark. shape: what its coordinates mean; odd: they break the rules of the format;
    fault: they cannot be understood. overlay: a picture laid on the ground, which has no coordinates."""

    name: str | None = None
    description: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    shape: shapely.Geometry | None = None
    odd: bool = False
    fault: str = ""
    overlay: bool = False


@dataclass(slots=True, eq=False)
class _Node:
    """A geometry while it is read."""

    kind: str
    positions: list[tuple[float, float]] = field(default_factory=list)
    inside: list[shapely.Geometry] = field(default_factory=list)
    rings: list[list[tuple[float, float]]] = field(default_factory=list)
    odd: bool = False
    place: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Document:
    """All of a file. links: targets of its network links, which are not followed."""

    containers: list[Container] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    root: str = ""

    @property
    def placemarks(self) -> list[Placemark]:
        return [one for each in self.containers for one in each.placemarks]


def document_of(place: Place) -> Document:
    """The whole file. Problem: no well-formed XML (line and column named), entities, too deep."""
    found = Document()
    reader = _Reader(found)
    _parsed(place, reader.parser)
    found.containers = [each for each in reader.all if each.placemarks]
    return found


def head_of(place: Place, most: int, most_bytes: int) -> bytes | None:
    """The file up to its `most`-th placemark (or member of a GML collection) as a document of its own; None
    where it ends before."""
    features = frozenset({"featureMember", "member"}) if place.ending == "gml" else _FEATURES
    data = bytearray()
    stack: list[str] = []
    count = 0
    cut = -1

    parser = _guarded(place)

    def start(name: str, _: Any) -> None:
        stack.append(name)
        if len(stack) > MAX_DEPTH:
            raise _too_deep(place)

    def end(name: str) -> None:
        nonlocal count, cut
        stack.pop()
        if _local(name) in features and cut < 0:
            count += 1
            if count >= most or parser.CurrentByteIndex > most_bytes:
                cut = parser.CurrentByteIndex

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        with opened(place) as stream:
            while chunk := stream.read(_CHUNK):
                data += chunk
                parser.Parse(chunk)
                if cut >= 0:
                    # CurrentByteIndex points at the end tag; what is open at it is closed by hand.
                    close = data.index(b">", cut) + 1
                    opened_then = _open_at(bytes(data[:close]), place)
                    tail = "".join(f"</{name}>" for name in reversed(opened_then))
                    return bytes(data[:close]) + tail.encode()
    except expat.ExpatError as error:
        raise _broken(place, error) from error
    return None


def _open_at(data: bytes, place: Place) -> list[str]:
    """Elements that are open at the end of `data`."""
    stack: list[str] = []
    parser = _guarded(place)
    parser.StartElementHandler = lambda name, _: stack.append(name)
    parser.EndElementHandler = lambda _: stack.pop()
    parser.Parse(data)
    return stack


def refuse_entities(place: Place) -> None:
    """Problem where an XML file declares entities before its first element."""
    parser = expat.ParserCreate()
    seen = False

    def start(*_: object) -> None:
        nonlocal seen
        seen = True

    parser.StartElementHandler = start
    parser.EntityDeclHandler = _entity_handler(place)
    try:
        with opened(place) as stream:
            for _ in range(64):
                chunk = stream.read(1 << 14)
                if not chunk or seen:
                    return
                parser.Parse(chunk)
    except expat.ExpatError:
        # Whoever reads the format says what is wrong with it.
        return


def _entity_handler(place: Place) -> Callable[..., None]:
    def refuse(name: str, *_: object) -> None:
        raise Problem(
            f"{place.title} declares XML entities (“{name[:20]}”), which migmap does not read.",
            detail="Entities can make a small file grow without end or point at other files.",
            fix="Ask the sender for a file without a DOCTYPE, or save it again with Google Earth or QGIS.",
        )

    return refuse


def _guarded(place: Place) -> Any:
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _entity_handler(place)
    parser.buffer_text = True
    return parser


def _parsed(place: Place, make: Callable[[Place], Any]) -> None:
    parser = make(place)
    try:
        with opened(place) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise _broken(place, error) from error


def _broken(place: Place, error: expat.ExpatError) -> Problem:
    words = expat.ErrorString(error.code)
    cut = words in ("no element found", "unclosed token")
    return Problem(
        f"{place.title} is {'cut short' if cut else 'not well-formed XML'}: {words} in line "
        f"{error.lineno:,}, column {error.offset + 1:,}.",
        detail="A file that is cut short ends before its last closing tag." if cut else "",
        fix="Export it again, or mend that place in a text editor.",
    )


def _too_deep(place: Place) -> Problem:
    return Problem(
        f"{place.title} nests its elements more than {MAX_DEPTH} deep, which is the limit.",
        fix="Save it again with Google Earth or QGIS.",
    )


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1]


class _Reader:
    """Builds placemarks from expat's events."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.all: list[Container] = [Container()]
        self.open: list[Container] = [self.all[0]]
        self.stack: list[str] = []
        self.nodes: list[_Node] = []
        self.placemark: Placemark | None = None
        self.text: list[str] | None = None
        self.key = ""

    def parser(self, place: Place) -> Any:
        parser = _guarded(place)
        self.place = place
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.letters
        return parser

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if not self.stack:
            self.document.root = local
            if local in _GEOMETRIES:
                # A bare geometry is a file of one placemark without a name.
                self._begin(False)
        self.stack.append(local)
        if len(self.stack) > MAX_DEPTH:
            raise _too_deep(self.place)
        if local in _CONTAINERS and self.placemark is None:
            self.all.append(Container())
            self.open.append(self.all[-1])
        elif local in _FEATURES and self.placemark is None:
            self._begin(local == "GroundOverlay")
        elif local in _GEOMETRIES and self.placemark is not None:
            self.nodes.append(_Node(local))
        elif local in ("Data", "SimpleData"):
            self.key = attributes.get("name", "")
        if local in _TEXTS:
            self.text = []

    def _begin(self, overlay: bool) -> None:
        self.placemark = Placemark(overlay=overlay)
        self.open[-1].placemarks.append(self.placemark)

    def letters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        local = _local(name)
        self.stack.pop()
        parent = self.stack[-1] if self.stack else ""
        if local in _TEXTS and self.text is not None:
            self._said(local, parent, "".join(self.text).strip())
            self.text = None
        if local in _GEOMETRIES and self.nodes:
            self._closed(self.nodes.pop())
        elif local in _FEATURES and parent not in _FEATURES:
            self.placemark, self.nodes = None, []
        elif local in _CONTAINERS and self.placemark is None and len(self.open) > 1:
            self.open.pop()

    def _said(self, local: str, parent: str, text: str) -> None:
        placemark = self.placemark
        node = self.nodes[-1] if self.nodes else None
        if local == "name" and parent in _CONTAINERS:
            self.open[-1].name = text
        elif local == "href" and "NetworkLink" in self.stack:
            self.document.links.append(text)
        elif placemark is None:
            return
        elif local in ("name", "description") and parent in _FEATURES:
            setattr(placemark, local, text)
        elif local in ("value", "SimpleData") and self.key:
            placemark.values[self.key] = text
        elif node is None:
            return
        elif local in ("longitude", "latitude"):
            node.place[local] = text
        elif local == "coord":
            self._positions(node, ",".join(text.split()))
        elif local == "coordinates" and text:
            self._positions(node, text)

    def _positions(self, node: _Node, text: str) -> None:
        assert self.placemark is not None
        try:
            positions, odd = positions_of(text)
        except Unreadable as error:
            self.placemark.fault = self.placemark.fault or str(error)
            return
        node.positions += positions
        node.odd |= odd

    def _closed(self, node: _Node) -> None:
        """Hand a finished geometry to the one around it."""
        placemark = self.placemark
        assert placemark is not None
        outer = self.nodes[-1] if self.nodes else None
        placemark.odd |= node.odd
        if node.kind == "LinearRing" and outer is not None and outer.kind == "Polygon":
            if node.positions:
                outer.rings.append(node.positions)
            if "outerBoundaryIs" not in self.stack and "innerBoundaryIs" not in self.stack:
                placemark.odd = True
            return
        if node.kind == "Polygon" and node.positions and not node.rings:
            node.rings, placemark.odd = [node.positions], True
        if node.kind in ("Model", "MultiTrack"):
            # GDAL does not know a model's place, and drops tracks of one position.
            placemark.odd = True
        try:
            shape = _shape(node)
        except Unreadable as error:
            placemark.fault = placemark.fault or str(error)
            return
        if shape is None:
            return
        if outer is not None:
            outer.inside.append(shape)
        else:
            placemark.shape = shape


def _shape(node: _Node) -> shapely.Geometry | None:
    if node.kind == "Model":
        if "longitude" not in node.place or "latitude" not in node.place:
            return None
        try:
            return shapely.Point(float(node.place["longitude"]), float(node.place["latitude"]))
        except ValueError as error:
            raise Unreadable("a model's place that is no number") from error
    if node.kind in ("MultiGeometry", "MultiTrack"):
        return _together(node.inside)
    if node.kind == "Polygon":
        return _polygon(node.rings) if node.rings else None
    if not node.positions:
        return None
    if node.kind == "Point" or len(node.positions) == 1:
        if node.kind not in ("Point", "Track"):
            raise Unreadable("a line of one position")
        return shapely.Point(node.positions[0])
    if node.kind == "LinearRing":
        return _polygon([node.positions])
    return shapely.LineString(node.positions)


def _together(inside: list[shapely.Geometry]) -> shapely.Geometry | None:
    if not inside:
        return None
    kinds = {one.geom_type for one in inside}
    if kinds == {"Point"}:
        return shapely.MultiPoint(inside)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(inside)
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(inside)
    return shapely.GeometryCollection(inside)


def _polygon(rings: list[list[tuple[float, float]]]) -> shapely.Polygon:
    closed = []
    for ring in rings:
        if len(set(ring)) < 3:
            raise Unreadable("a ring of fewer than three positions")
        closed.append(ring if ring[0] == ring[-1] else [*ring, ring[0]])
    return shapely.Polygon(closed[0], closed[1:])


_PLAIN = re.compile(r"[-+0-9.eE,\s]*")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def positions_of(text: str) -> tuple[list[tuple[float, float]], bool]:
    """(positions, they are written against the rules) of a text of `lon,lat[,height]` divided by blanks.
    Raises Unreadable for words, and for tuples of which nobody can say what belongs to what."""
    tokens = text.split()
    sizes = {token.count(",") for token in tokens}
    if sizes <= {1, 2} and len(sizes) == 1 and _PLAIN.fullmatch(text) and ",," not in text:
        try:
            numbers = np.array(text.replace(",", " ").split(), dtype=np.float64)
        except ValueError:
            numbers = np.empty(0)
        width = sizes.pop() + 1
        if len(numbers) == len(tokens) * width:
            table = numbers.reshape(-1, width)
            return [(x, y) for x, y in table[:, :2].tolist()], False
    if all("," not in token and ";" not in token for token in tokens):
        joined = [[t] for t in tokens]
        flat = [_float(t) for (t,) in joined]
        if len(flat) in (2, 3):
            return [(flat[0], flat[1])], True
        if len(flat) % 2 == 0 and flat:
            return list(zip(flat[::2], flat[1::2], strict=True)), True
        raise Unreadable("numbers that do not pair up")
    spaced = re.sub(r"\s*([,;])\s*", r"\1", text.strip()).strip(",;")
    loose = spaced != " ".join(tokens)
    found: list[tuple[float, float]] = []
    for token in spaced.split():
        cells = [cell for cell in re.split("[,;]", token) if cell]
        if len(cells) not in (2, 3):
            raise Unreadable(f"a position of {len(cells)} number" + ("" if len(cells) == 1 else "s"))
        x, y = _float(cells[0]), _float(cells[1])
        found.append((x, y))
    # "-118.0,  -118.0,50.0" joins to one position that lies nowhere: two of which one lost a number.
    if loose and any(abs(y) > 90 or abs(x) > 360 for x, y in found):
        raise Unreadable("a position that lost its second number")
    return found, loose or ";" in spaced


def _float(text: str) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise Unreadable(f"“{text[:20]}” among the coordinates")
    return float(text)


def frame_of(placemarks: list[Placemark]) -> tuple[pd.DataFrame, np.ndarray]:
    """(attributes as GDAL names them, shapes) of placemarks GDAL refuses."""
    shapes = np.array([None] * len(placemarks), dtype=object)
    for index, one in enumerate(placemarks):
        shapes[index] = one.shape
    rows = [{"Name": p.name, "description": p.description, **p.values} for p in placemarks]
    frame = pd.DataFrame(rows, index=range(len(rows)))
    return frame.dropna(axis=1, how="all"), shapes


def matching(document: Document, layer: str, names: list[object]) -> list[Placemark] | None:
    """The placemarks of GDAL's layer of that name and these names of rows; None where that is unclear."""
    base = re.sub(r" \(#\d+\)$", "", layer)
    said = [None if name is None or name != name or name == "" else str(name).strip() for name in names]
    fitting = [
        each.placemarks
        for each in document.containers
        if len(each.placemarks) == len(said) and [p.name or None for p in each.placemarks] == said
    ]
    if len(fitting) > 1:
        called = [each.placemarks for each in document.containers if each.name in (layer, base)]
        fitting = [one for one in fitting if any(one is other for other in called)]
        number = re.search(r" \(#(\d+)\)$", layer)
        if len(fitting) > 1 and number and int(number[1]) <= len(fitting):
            fitting = [fitting[int(number[1]) - 1]]
    return fitting[0] if len(fitting) == 1 else None


def links_finding(called: str, links: list[str]) -> Finding:
    shown = ", ".join(f"“{link[:60]}”" for link in links[:3])
    return Finding(
        "links-not-followed",
        "warning",
        f"{called} points at other files ({shown}{', ...' if len(links) > 3 else ''}); they are not opened. "
        "What they hold is missing here.",
        count=len(links),
    )


_TOKEN = re.compile(
    rb"<(?:\w+:)?(Folder|Document)\b|</(?:\w+:)?(?:(Folder|Document)|(Placemark|GroundOverlay))\s*>"
)


def count_of(place: Place) -> int:
    """Placemarks that stand directly in the first folder or document that holds any, by its tags alone."""
    with opened(place) as stream:
        data = stream.read()
    counts = [0]
    open_now = [0]
    for token in _TOKEN.finditer(data):
        if token[1]:
            open_now.append(len(counts))
            counts.append(0)
        elif token[2]:
            if len(open_now) > 1:
                open_now.pop()
        else:
            counts[open_now[-1]] += 1
    return next((count for count in counts if count), 0)


def refuse_links_only(place: Place) -> None:
    """Problem for a file that holds no placemarks but points at other files."""
    document = document_of(place)
    if document.links and not document.placemarks:
        raise Problem(
            f"{place.title} holds no places, only links to other files: {document.links[0][:100]}.",
            detail="Links are not followed: what they point at may change or lie on the internet.",
            fix="Open the file it points at, or save the places themselves from Google Earth.",
        )


def plain_text(place: Place) -> tuple[bytes | None, Finding | None]:
    """A file whose bytes are not the UTF-8 it says they are, as UTF-8, with what to say; (None, None) for
    any other."""
    if place.size > 200_000_000:
        return None, None
    with opened(place) as stream:
        data = stream.read()
    declared = re.search(rb"<\?xml[^>]*encoding=[\"']([^\"']+)", data[:200])
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (
        declared and declared[1].lower() not in (b"utf-8", b"utf8")
    ):
        return None, None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("cp1252", "replace")
        # One byte is one letter here.
        example = text[: error.start].rpartition(">")[2][-20:] + text[error.start :].partition("<")[0][:20]
        said = Finding(
            "encoding-guessed",
            "info",
            f"The text of {place.called} is not the UTF-8 it claims to be; read as Windows-1252 (for example "
            f"“{example}”).",
        )
        return text.encode("utf-8"), said
    return None, None


def as_placemark(place: Place) -> bytes | None:
    """A file that is one bare geometry, as a document with one placemark; None for any other."""
    if document_of(place).root not in _GEOMETRIES or place.size > 100_000_000:
        return None
    with opened(place) as stream:
        text = re.sub(rb"^.*?(?=<[A-Za-z])", b"", stream.read(), count=1, flags=re.DOTALL)
    lead = b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
    return lead + text + b"</Placemark></Document></kml>"
