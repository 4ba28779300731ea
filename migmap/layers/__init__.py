"""The built-in layer kinds: what a layer is about, which column plays which role, how it looks at first."""

from __future__ import annotations

from migmap.api import Plugin

PLUGIN = Plugin(
    name="layers",
    title="Layer kinds of migmap",
    kinds=(
        "migmap.layers.refugee_village:RefugeeVillage",
        "migmap.layers.katchi_abadi:KatchiAbadi",
        "migmap.layers.dtm_site:DtmSite",
        "migmap.layers.dtm_area:DtmArea",
        "migmap.layers.unhcr_location:UnhcrLocation",
        "migmap.layers.hazard:Hazard",
        "migmap.layers.population:Population",
        "migmap.layers.service:Service",
        "migmap.layers.activity:Activity",
        "migmap.layers.flow:Flow",
        "migmap.layers.flow_point:FlowPoint",
        "migmap.layers.boundary:Boundary",
        "migmap.layers.basemap:Basemap",
        "migmap.layers.plain:Plain",
    ),
)
