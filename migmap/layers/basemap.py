"""Basemaps: pictures of the ground, as tiles (MBTiles, PMTiles) or as images of red, green and blue."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._evidence import no_guess
from ._matching import named_like, words_in_name

_TILES = ("mbtiles", "pmtiles")
_COLOURS = {"red", "green", "blue", "nir", "alpha"}


class Basemap(LayerKind):
    name: ClassVar[str] = "basemap"
    title: ClassVar[str] = "Basemap"
    icon: ClassVar[str] = "mdi6.map"
    roles: ClassVar[tuple[Role, ...]] = ()

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry != "raster":
            return no_guess(self)
        if probe.driver.lower() in _TILES or probe.source.path.lower().endswith(
            tuple("." + t for t in _TILES)
        ):
            return Guess(self.name, 0.95, {}, "map tiles")
        if probe.source.part:
            # One band of a picture was asked for: a raster of numbers.
            return no_guess(self)
        bands = [column.name.lower() for column in probe.columns]
        eight = all(column.dtype == "uint8" for column in probe.columns)
        if len(_COLOURS & set(bands)) >= 3:
            return Guess(self.name, 0.85, {}, "bands of red, green and blue")
        if len(bands) in (3, 4) and eight:
            return Guess(self.name, 0.8, {}, f"{len(bands)} bands of 8 bits, as pictures have")
        if named_like(probe, "basemap", "satellite", "orthophoto", "hillshade") or words_in_name(probe) & {
            "imagery",
            "rgb",
        }:
            return Guess(self.name, 0.7, {}, "the file's name")
        return no_guess(self)

    def style(self) -> Style:
        symbol = Symbol(fill="#c8cdd2", stroke="", shape="square")
        return Style(rules=(Rule(label="Basemap", symbol=symbol),), title="Basemap")
