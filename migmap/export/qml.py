"""A Style as QGIS wants it, so that a GeoPackage opens there in the colours of the map."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from xml.etree import ElementTree as xml

from migmap.api import Rule, Style, Symbol

_MM_PER_PX = 25.4 / 96
_MARKERS = {
    "circle": "circle",
    "square": "square",
    "triangle": "triangle",
    "diamond": "diamond",
    "cross": "cross2",
    "star": "star",
}
_CONDITION = {
    "point": "geometry_type($geometry) = 'Point'",
    "line": "geometry_type($geometry) = 'Line'",
    "polygon": "geometry_type($geometry) = 'Polygon'",
}


def qml(style: Style, kinds: Iterable[str], *, numeric: bool, opacity: float = 1.0) -> str:
    """The style as a QGIS style document (QML).

    kinds: of "point", "line", "polygon", those the layer holds; a layer with several gets each rule
    once a kind. numeric: whether the style's column holds numbers.
    """
    kinds = list(kinds) or ["point"]
    root = xml.Element(
        "qgis",
        version="3.22.0",
        styleCategories="Symbology",
        minScale="0",
        maxScale="0",
        hasScaleBasedVisibilityFlag="0",
    )
    renderer = xml.SubElement(root, "renderer-v2", symbollevels="0", forceraster="0", enableorderby="0")
    symbols = xml.Element("symbols")
    if style.column is None and len(kinds) == 1:
        renderer.set("type", "singleSymbol")
        symbol = style.rules[0].symbol if style.rules else style.other
        symbols.append(_symbol(symbol, kinds[0], "0"))
    else:
        renderer.set("type", "RuleRenderer")
        rules = xml.SubElement(renderer, "rules", key=_key("root"))
        for kind in kinds:
            for label, condition, symbol in _conditions(style, numeric):
                name = str(len(symbols))
                both = [part for part in (_CONDITION[kind] if len(kinds) > 1 else "", condition) if part]
                rule = xml.SubElement(rules, "rule", key=_key(name), symbol=name, label=label)
                if both:
                    rule.set("filter", " AND ".join(f"({part})" for part in both))
                symbols.append(_symbol(symbol, kind, name))
    renderer.append(symbols)
    xml.SubElement(root, "layerOpacity").text = f"{opacity:g}"
    xml.SubElement(root, "blendMode").text = "0"
    if len(kinds) == 1:
        # QGIS refuses a style made for another kind; a mixed layer opens there once a kind.
        xml.SubElement(root, "layerGeometryType").text = {"point": "0", "line": "1", "polygon": "2"}[kinds[0]]
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + xml.tostring(root, encoding="unicode")


def _conditions(style: Style, numeric: bool) -> Iterable[tuple[str, str, Symbol]]:
    """(label, filter, symbol) a rule, then what fits none and what has no value: the same order and
    meaning as migmap.geo.symbology.rule_index."""
    if style.column is None:
        rule = style.rules[0] if style.rules else Rule(label="", symbol=style.other)
        yield rule.label, "", rule.symbol
        return
    column = '"' + style.column.replace('"', '""') + '"'
    missing = f"{column} IS NULL"
    if not numeric:
        missing += f" OR {column} = ''"
        if not any(rule.value == "unknown" for rule in style.rules):
            missing += f" OR {column} = 'unknown'"
    fits = []
    for rule in style.rules:
        condition = _fits(rule, column, numeric)
        fits.append(condition)
        yield rule.label, condition, rule.symbol
    yield style.unknown_label, missing, style.unknown
    rest = " OR ".join(f"({condition})" for condition in [missing, *fits])
    yield "other", f"NOT coalesce({rest}, false)", style.other


def _fits(rule: Rule, column: str, numeric: bool) -> str:
    if rule.value is not None:
        if numeric:
            try:
                return f"{column} = {float(rule.value)!r}"
            except ValueError:
                return "false"
        return f"{column} = " + _quoted(rule.value)
    bounds = []
    if rule.minimum is not None:
        # The smallest positive number stands for "above 0"; QGIS does not read denormal numbers.
        bounds.append(f"{column} > 0" if 0 < rule.minimum < 1e-300 else f"{column} >= {rule.minimum!r}")
    if rule.maximum is not None:
        bounds.append(f"{column} < {rule.maximum!r}")
    return " AND ".join(bounds) or f"{column} IS NOT NULL"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _symbol(symbol: Symbol, kind: str, name: str) -> xml.Element:
    types = {"point": "marker", "line": "line", "polygon": "fill"}
    element = xml.Element("symbol", type=types[kind], name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    outline = {
        "outline_color": _colour(symbol.stroke),
        "outline_style": "solid" if symbol.stroke else "no",
        "outline_width": _mm(symbol.stroke_width),
        "outline_width_unit": "MM",
    }
    if kind == "point":
        size = {"size": _mm(symbol.size), "size_unit": "MM"}
        _layer(
            element,
            "SimpleMarker",
            {"name": _MARKERS[symbol.shape], "color": _colour(symbol.fill), **size, **outline},
        )
        return element
    if kind == "line":
        colour = _colour(symbol.fill or symbol.stroke)
        width = _mm(max(symbol.stroke_width, 1.6))
        options = {"line_color": colour, "line_style": "solid", "line_width": width, "line_width_unit": "MM"}
        _layer(element, "SimpleLine", options)
        return element
    solid = {"color": _colour(symbol.fill), "style": "solid" if symbol.fill else "no", **outline}
    _layer(element, "SimpleFill", solid)
    if symbol.hatch:
        _layer(
            element, "SimpleFill", {"color": "110,110,110,255", "style": "b_diagonal", "outline_style": "no"}
        )
    return element


def _layer(parent: xml.Element, kind: str, options: dict[str, str]) -> None:
    layer = xml.SubElement(parent, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    top = xml.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        xml.SubElement(top, "Option", name=name, type="QString", value=value)


def _mm(pixels: float) -> str:
    return f"{pixels * _MM_PER_PX:.3f}"


def _colour(colour: str) -> str:
    """#rrggbb or #rrggbbaa as "r,g,b,a"; "" is transparent."""
    if not colour:
        return "0,0,0,0"
    parts = [int(colour[i : i + 2], 16) for i in range(1, len(colour), 2)]
    return ",".join(str(part) for part in (*parts, 255)[:4])


def _key(name: str) -> str:
    # Fixed, so that the same style gives the same file.
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, "migmap-style:" + name)) + "}"
