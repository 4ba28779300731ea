"""Who and what a hazard reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from migmap import api
from migmap.api import (
    ColumnOf,
    Flag,
    Inputs,
    OnlyFor,
    Problem,
    Progress,
    RasterData,
    RasterInput,
    Result,
    Suggestions,
    TypedNumber,
    VectorInput,
)

from .readings import POPULATION_READINGS, population_unit


class ExposureParams(api.Params):
    """What to lay over what."""

    hazard: Annotated[
        str,
        RasterInput(kinds=("hazard",)),
        VectorInput(kinds=("hazard",), geometry=("polygon",)),
    ] = Field(
        title="Hazard",
        description="A raster of depth, intensity or classes, or polygons such as a flood extent.",
    )
    hazard_class: Annotated[str | None, ColumnOf("hazard"), Flag("COL")] = Field(
        None,
        title="Hazard class column",
        description="For hazard polygons: the column that holds their class. "
        "Without it every polygon is one class, “exposed”.",
    )
    classes: Annotated[tuple[TypedNumber, ...] | None, OnlyFor("hazard", "raster"), Flag("EDGES")] = Field(
        None,
        title="Class edges",
        description="For a hazard raster: rising edges in the raster's own unit, for example 0.1,0.5,1.5. "
        "What lies below the first is not exposed; each class includes its lower edge; the last is "
        "open-ended.",
    )
    exposed: Annotated[
        str | None,
        VectorInput(kinds=("refugee_village", "katchi_abadi", "dtm_site", "unhcr_location")),
        RasterInput(kinds=("population",)),
    ] = Field(
        None,
        title="Exposed",
        description="Settlements or facilities (points or polygons), or a population raster. "
        "Without it the answer is ground area in km².",
    )
    people: Annotated[str | None, ColumnOf("exposed", role="people", numeric=True), Flag("COL")] = Field(
        None,
        title="People column",
        description="The column with the number of people of each site. Blank is unknown, not 0.",
    )
    population: Annotated[
        str | None,
        OnlyFor("exposed", "raster"),
        Suggestions(POPULATION_READINGS),
        Flag("counts|density:UNIT"),
    ] = Field(
        None,
        title="What the population raster holds",
        description="What a value means: the people in the cell (counts), or a density (density: and "
        "people/km2, people/ha, people/10ha or people/m2). Without it values are people in the cell.",
    )
    areas: Annotated[str | None, VectorInput(kinds=("boundary",), geometry=("polygon",))] = Field(
        None,
        title="Areas to sum by",
        description="Polygons such as districts or camp blocks; every figure is also given for each.",
    )
    area_id: Annotated[str | None, ColumnOf("areas", role="pcode"), Flag("COL")] = Field(
        None,
        title="Area id column",
        description="The column that identifies an area. Without it the P-code column, else the row number.",
    )


class Exposure(api.Analysis):
    """Sites, people or ground by hazard class, in all and by area."""

    name = "exposure"
    title = "Exposure to a hazard"
    summary = "Count settlements, people or ground inside each class of a hazard, in all and by area."
    icon = "mdi6.home-flood"
    Params = ExposureParams

    def run(self, params: ExposureParams, inputs: Inputs, progress: Progress) -> Result:
        """Rows for everything, each area, "outside" and "overlap"; layers "sites" and "areas".

        Sites count once, whole, by their position (a point, or for a polygon its centroid if inside it,
        else a point on it). Population rasters and ground are measured by exact coverage. What no data
        say is "unknown", outside hazard polygons is "not_exposed".
        """
        check(params, inputs)
        hazard = inputs.data["hazard"]
        exposed = inputs.get("exposed") if params.exposed is not None else None
        if exposed is None:
            from .exposed_ground import exposed_ground

            return exposed_ground(params, hazard, _areas(params, inputs), progress)
        if isinstance(exposed, RasterData):
            from .exposed_people import exposed_people

            return exposed_people(params, hazard, exposed, _areas(params, inputs), progress)
        from .exposed_sites import exposed_sites

        return exposed_sites(params, hazard, exposed, _areas(params, inputs), progress)

    def sentence(self, params: ExposureParams, names: Mapping[str, str]) -> str:
        """ "How many people of Villages lie in each class of Flood, by area of Districts." """
        hazard = names.get("hazard") or "the hazard"
        exposed = names.get("exposed")
        by_area = f", in all and by area of {names['areas']}" if names.get("areas") else ""
        classes = "inside"
        if params.classes:
            classes = f"in {len(params.classes)} classes from {params.classes[0]:g} up of"
        if exposed is None:
            return f"How much ground lies {classes} {hazard}{by_area}."
        if params.people:
            people = f"and people by “{params.people}”"
            return f"How many sites of {exposed}, {people}, lie {classes} {hazard}{by_area}."
        return f"How many of {exposed} lie {classes} {hazard}{by_area}."


def _areas(params: ExposureParams, inputs: Inputs) -> api.VectorData | None:
    return inputs.vector("areas") if params.areas is not None else None


def check(params: ExposureParams, inputs: Inputs) -> None:
    """Raises Problem for what can be seen before anything is read."""
    hazard = inputs.data["hazard"]
    if isinstance(hazard, RasterData):
        if params.hazard_class is not None:
            raise Problem(
                f"{hazard.source.path} is a raster and has no columns; --hazard-class is for polygons.",
                fix="Leave --hazard-class away, and give --classes for the edges of its classes.",
            )
        if params.classes is not None:
            from migmap.geo.classes import classes_from_edges

            classes_from_edges(params.classes)
    elif params.classes is not None:
        raise Problem(
            f"{hazard.source.path} holds polygons; --classes gives edges for a raster's values.",
            fix="Name the column that holds the class with --hazard-class.",
        )
    exposed = inputs.get("exposed") if params.exposed is not None else None
    if params.people is not None and not isinstance(exposed, api.VectorData):
        raise Problem(
            "--people names a column of the exposed sites, and none were given."
            if exposed is None
            else f"{exposed.source.path} is a raster; --people names a column of sites.",
            fix="Leave --people away, or give sites with --exposed.",
        )
    if params.population is not None:
        population_unit(params.population)
        if not isinstance(exposed, RasterData):
            raise Problem(
                "--population says what a population raster holds, and --exposed is none.",
                fix="Leave --population away, or give a population raster with --exposed.",
            )
    if params.area_id is not None and params.areas is None:
        raise Problem("--area-id names a column of the areas, and none were given.", fix="Give --areas too.")
