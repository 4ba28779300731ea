"""KML: a folder a layer, the colours of the map, every attribute in the pop-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, MapLayer, Progress, Style, Symbol, part

from .columns import as_text, fragments, kind_of, tidy
from .vectors import features_of, layers_to_write, name_column

if TYPE_CHECKING:
    import pandas

_CHUNK_ROWS = 20_000


class Kml(Exporter):
    """For Google Earth and phones. Longitude and latitude; text is escaped, nothing is run."""

    name: ClassVar[str] = "kml"
    title: ClassVar[str] = "KML (Google Earth)"
    icon: ClassVar[str] = "mdi6.earth"
    endings: ClassVar[tuple[str, ...]] = (".kml",)
    takes = "layers"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes result layers, else all layers with features, streamed."""
        from migmap.geo.marks import marks

        layers = layers_to_write(document)
        tables = [tidy(features_of(layer).frame) for layer in layers]
        said = marks(document)
        about = "\n".join((*document.notes, *said.lines(), *said.card()))
        with target.open("w", encoding="utf-8", newline="\n") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
            file.write('<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n')
            file.write(f"<name>{_xml(document.title)}</name>\n<open>1</open>\n")
            file.write(f"<description>{_xml(about)}</description>\n")
            for index, (layer, table) in enumerate(zip(layers, tables, strict=True)):
                file.writelines(_styles(layer.style, index))
                file.writelines(_schema(table, index))
            for index, (layer, table) in enumerate(zip(layers, tables, strict=True)):
                step = part(progress, index / len(layers), (index + 1) / len(layers))
                file.write(f"<Folder>\n<name>{_xml(layer.name)}</name>\n")
                file.write(f"<description>{_xml(layer.title)}</description>\n")
                file.write(f"<visibility>{int(layer.visible)}</visibility>\n")
                file.writelines(_placemarks(layer, table, index, step))
                file.write("</Folder>\n")
            file.write("</Document>\n</kml>\n")
        progress(1.0, f"Wrote {target.name}")
        return ()


def _xml(text: str) -> str:
    return escape(as_text(text), quote=True)


def _styles(style: Style, layer: int) -> Iterator[str]:
    for index, symbol in enumerate((*(rule.symbol for rule in style.rules), style.other, style.unknown)):
        yield _style(symbol, f"layer{layer}-{index}")


def _style(symbol: Symbol, key: str) -> str:
    scale = max(symbol.size / 12, 0.4)
    line = _colour(symbol.stroke or symbol.fill)
    area = f"<color>{_colour(symbol.fill, 0.8)}</color><fill>{int(bool(symbol.fill))}</fill>"
    return (
        f'<Style id="{key}"><IconStyle><color>{_colour(symbol.fill or symbol.stroke)}</color>'
        f"<scale>{scale:.2f}</scale></IconStyle>"
        f"<LineStyle><color>{line}</color><width>{max(symbol.stroke_width, 1):g}</width></LineStyle>"
        f"<PolyStyle>{area}</PolyStyle></Style>\n"
    )


def _colour(colour: str, opacity: float = 1.0) -> str:
    """#rrggbb[aa] as KML's aabbggrr."""
    if not colour:
        return "00ffffff"
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    alpha = int(colour[7:9] or "ff", 16)
    return f"{round(alpha * opacity):02x}{blue}{green}{red}".lower()


def _schema(table: pandas.DataFrame, layer: int) -> Iterator[str]:
    yield f'<Schema name="layer{layer}" id="schema{layer}">\n'
    for position, name in enumerate(table.columns):
        yield f'<SimpleField type="{_type(table.iloc[:, position])}" name="{_xml(str(name))}"/>\n'
    yield "</Schema>\n"


def _type(column: pandas.Series) -> str:
    kind = kind_of(column)
    if kind == "bool":
        return "bool"
    if kind == "float":
        return "double"
    if kind == "int":
        # KML's int has 32 bits, and a double counts exactly to 2 to the 53rd.
        largest = max(abs(int(column.max())), abs(int(column.min()))) if column.notna().any() else 0
        return "int" if largest < 2**31 else "double" if largest <= 2**53 else "string"
    return "string"


def _placemarks(layer: MapLayer, table: pandas.DataFrame, number: int, progress: Progress) -> Iterator[str]:
    from migmap.geo.crs import to_lonlat
    from migmap.geo.symbology import rule_index

    features = features_of(layer)
    shapes = to_lonlat(features).to_numpy()
    style = layer.style
    values = features.frame[style.column].to_numpy() if style.column in features.frame.columns else None
    if style.column is not None and values is None:
        index = np.full(len(shapes), -1)
    else:
        index = rule_index(style, values, count=len(shapes))
    # After the rules come the style for other (-1) and the one for unknown (-2).
    looks = np.where(index >= 0, index, len(style.rules) - 1 - index)
    title = name_column(layer)
    heads = [f'<SimpleData name="{_xml(str(name))}">' for name in table.columns]
    for start in range(0, len(table), _CHUNK_ROWS):
        progress(start / len(table), f"Writing layer {layer.name}")
        chunk = table.iloc[start : start + _CHUNK_ROWS]
        columns = [
            [
                head + word + "</SimpleData>" if word else ""
                for word in fragments(chunk.iloc[:, i], text=_xml, missing="")
            ]
            for i, head in enumerate(heads)
        ]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(chunk))
        if title is not None:
            names = fragments(chunk.iloc[:, list(table.columns).index(title)], text=_xml, missing="")
        else:
            names = [str(row) for row in features.row_numbers[start : start + len(chunk)]]
        for offset, (shape, row, name) in enumerate(
            zip(_geometry(shapes[start : start + len(chunk)]), rows, names, strict=True)
        ):
            data = f'<SchemaData schemaUrl="#schema{number}">{"".join(row)}</SchemaData>'
            yield (
                f"<Placemark><name>{name}</name><styleUrl>#layer{number}-{looks[start + offset]}</styleUrl>"
                f"<ExtendedData>{data}</ExtendedData>"
                f"{shape}</Placemark>\n"
            )


def _geometry(shapes: np.ndarray) -> Iterator[str]:
    """KML text of each geometry, "" for no position."""
    import shapely

    ids = shapely.get_type_id(shapes)
    empty = shapely.is_empty(shapes)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    first = np.searchsorted(owner, np.arange(len(shapes) + 1))
    for row, (kind, gone) in enumerate(zip(ids.tolist(), empty.tolist(), strict=True)):
        if kind < 0 or gone:
            yield ""
        elif kind == 0:
            yield f"<Point>{_coordinates(points[first[row] : first[row + 1]])}</Point>"
        else:
            yield _shape(shapes[row])


def _shape(shape: Any) -> str:
    kind = shape.geom_type
    if kind == "Point":
        return f"<Point>{_coordinates(np.asarray(shape.coords))}</Point>"
    if kind in ("LineString", "LinearRing"):
        return f"<LineString><tessellate>1</tessellate>{_coordinates(np.asarray(shape.coords))}</LineString>"
    if kind == "Polygon":
        inner = "".join(
            f"<innerBoundaryIs><LinearRing>{_coordinates(np.asarray(ring.coords))}</LinearRing></innerBoundaryIs>"
            for ring in shape.interiors
        )
        outer = _coordinates(np.asarray(shape.exterior.coords))
        return (
            "<Polygon><tessellate>1</tessellate>"
            f"<outerBoundaryIs><LinearRing>{outer}</LinearRing></outerBoundaryIs>{inner}</Polygon>"
        )
    return "<MultiGeometry>" + "".join(map(_shape, shape.geoms)) + "</MultiGeometry>"


def _coordinates(points: Sequence[Any] | np.ndarray) -> str:
    pairs = np.asarray(points)[:, :2].round(7).tolist()
    return "<coordinates>" + " ".join(f"{x!r},{y!r}" for x, y in pairs) + "</coordinates>"
