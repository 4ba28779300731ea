"""Who and what a hazard reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from migmap import api
from migmap.api import (
    Beside,
    ClassOf,
    ColumnOf,
    Flag,
    GroupsOf,
    Inputs,
    InsteadOf,
    OneOrMore,
    OnlyFor,
    Problem,
    ProfileInput,
    Progress,
    RasterData,
    RasterInput,
    Result,
    RunInput,
    Suggestions,
    TypedNumber,
    VectorInput,
)

from .readings import POPULATION_READINGS, population_unit

Years = Annotated[float, Field(gt=0)]


class ExposureParams(api.Params):
    """What to lay over what."""

    hazard: Annotated[
        tuple[str, ...],
        *OneOrMore,
        RasterInput(kinds=("hazard",)),
        VectorInput(kinds=("hazard",), geometry=("polygon",)),
    ] = Field(
        min_length=1,
        title="Hazard",
        description="A raster of depth, intensity or classes, or polygons such as a flood extent. Several, "
        "for return periods, dates, scenarios or different hazards, are answered together.",
        json_schema_extra={"section": "Hazard"},
    )
    return_period: Annotated[
        tuple[Years, ...] | None, *OneOrMore, Flag("N", repeat=True), Beside("hazard")
    ] = Field(
        None,
        title="Return periods",
        description="The return period of each hazard, in the same order: 10 for a flood met once in 10 "
        "years on average. With them people exposed in an average year are computed.",
        json_schema_extra={"unit": "years", "section": "Hazard"},
    )
    label: Annotated[tuple[str, ...] | None, *OneOrMore, Flag("TEXT"), Beside("hazard")] = Field(
        None,
        title="Labels",
        description="What each hazard is called in the figures, in the same order, for example today and "
        "2050. Hazards of one label with different return periods belong together.",
        json_schema_extra={"section": "Hazard"},
    )
    hazard_class: Annotated[str | None, ColumnOf("hazard"), Flag("COL")] = Field(
        None,
        title="Hazard class column",
        description="For hazard polygons: the column that holds their class. "
        "Without it every polygon is one class, “exposed”.",
        json_schema_extra={"section": "Hazard"},
    )
    classes: Annotated[tuple[TypedNumber, ...] | None, OnlyFor("hazard", "raster"), Flag("EDGES")] = Field(
        None,
        title="Class edges",
        description="For a hazard raster: rising edges in the raster's own unit, for example 0.1,0.5,1.5. "
        "What lies below the first is not exposed; each class includes its lower edge; the last is "
        "open-ended.",
        json_schema_extra={"section": "Hazard"},
    )
    scheme: Annotated[
        tuple[str, ...] | None,
        *OneOrMore,
        ProfileInput("scheme"),
        Flag("NAME|FILE"),
        Beside("hazard", shared=True),
        InsteadOf("classes"),
    ] = Field(
        None,
        title="Class scheme",
        description="Published classes instead of edges of your own: a built-in scheme or a file of yours; "
        "one for all hazards, or one for each, in the same order.",
        json_schema_extra={"section": "Hazard"},
    )
    hazard_unit: Annotated[str | None, OnlyFor("hazard", "raster"), Flag("UNIT")] = Field(
        None,
        title="Unit of the hazard",
        description="Unit of the raster's values, for example cm, where the file does not say it; a class "
        "scheme is converted to it.",
        json_schema_extra={"advanced": True, "section": "Hazard"},
    )
    exposed: Annotated[
        str | None,
        VectorInput(
            kinds=("refugee_village", "katchi_abadi", "dtm_site", "unhcr_location"),
            geometry=("point", "line", "polygon"),
        ),
        RasterInput(kinds=("population",)),
    ] = Field(
        None,
        title="Exposed",
        description="Settlements or facilities (points or polygons), lines such as roads, or a population "
        "raster. Without it the answer is ground area in km².",
        json_schema_extra={"section": "Exposed"},
    )
    people: Annotated[str | None, ColumnOf("exposed", role="people", numeric=True), Flag("COL")] = Field(
        None,
        title="People column",
        description="The column with the number of people of each site. Blank is unknown, not 0.",
        json_schema_extra={"section": "Exposed"},
    )
    groups: Annotated[
        tuple[str, ...] | None,
        OnlyFor("exposed", "vector"),
        GroupsOf("exposed", people="people"),
        Flag("all|none|NAME,...", False),
    ] = Field(
        None,
        title="Groups of people",
        description="Figures for groups of people, too: all, none, or names such as female, 0-4 or por, "
        "of the columns that break the people column down.",
        json_schema_extra={"section": "Groups and rules", "advanced": True},
    )
    by: Annotated[str | None, ColumnOf("exposed"), Flag("COL")] = Field(
        None,
        title="Kind of site column",
        description="Figures for each value of this column, too, for example the type of site.",
        json_schema_extra={"advanced": True, "section": "Groups and rules"},
    )
    rule: Annotated[
        Literal["point", "footprint", "touch", "share", "exact", "centre"] | None, Flag("RULE")
    ] = Field(
        None,
        title="Rule of counting",
        description="How a place is counted. point: whole, by its position. footprint: whole, by the "
        "highest class in a circle around it. touch: whole, by the highest class its ground touches. "
        "share: its people by the share of its ground in each class. exact: the exact share of every "
        "cell. centre: cells by their centre, as QGIS counts. By default point for sites, exact for "
        "population rasters, lines and ground.",
        json_schema_extra={"section": "Groups and rules", "advanced": True},
    )
    radius_m: Annotated[float | None, OnlyFor("exposed", "vector"), Flag("N")] = Field(
        None,
        gt=0,
        le=100_000,
        title="Radius of the footprint",
        description="The circle around each site that counts as its ground; given without a rule it means "
        "footprint. Without it the settlement's own area column makes the circle.",
        json_schema_extra={"unit": "m", "section": "Groups and rules", "advanced": True},
    )
    accuracy_m: Annotated[float | None, OnlyFor("exposed", "vector"), Flag("N")] = Field(
        None,
        gt=0,
        le=100_000,
        title="Accuracy of positions",
        description="How far off the positions may be, as whoever took them states. The least and the most "
        "people exposed take it into account where it is more than half a cell of the hazard.",
        json_schema_extra={"unit": "m", "advanced": True, "section": "Groups and rules"},
    )
    population: Annotated[
        str | None,
        Suggestions(POPULATION_READINGS),
        OnlyFor("exposed", "raster"),
        Flag("counts|density:UNIT"),
    ] = Field(
        None,
        title="What the population raster holds",
        description="What a value means: the people in the cell (counts), or a density (density: and "
        "people/km2, people/ha, people/10ha or people/m2). Without it values are people in the cell.",
        json_schema_extra={"section": "Exposed"},
    )
    people_raster: Annotated[str | None, RasterInput(kinds=("population",)), OnlyFor("exposed", "vector")] = (
        Field(
            None,
            title="People inside the sites",
            description="A population raster: the people of each site polygon are those inside it, by the "
            "exact share of every cell, instead of a column.",
            json_schema_extra={"advanced": True, "section": "Exposed"},
        )
    )
    areas: Annotated[str | None, VectorInput(kinds=("boundary",), geometry=("polygon",))] = Field(
        None,
        title="Areas to sum by",
        description="Polygons such as districts or camp blocks; every figure is also given for each.",
        json_schema_extra={"section": "Areas"},
    )
    area_id: Annotated[str | None, ColumnOf("areas", role="pcode"), Flag("COL")] = Field(
        None,
        title="Area id column",
        description="The column that identifies an area. Without it the P-code column, else the row number.",
        json_schema_extra={"section": "Areas"},
    )
    rollup: Annotated[tuple[str, ...] | None, ColumnOf("areas", upper=True), Flag("COL,COL", False)] = Field(
        None,
        title="Roll up by",
        description="Columns of the areas by which they are put together, for example division and province; "
        "each gives rows of its own.",
        json_schema_extra={"section": "Areas"},
    )
    affected_from: Annotated[str | None, ClassOf("hazard"), Flag("CLASS")] = Field(
        None,
        title="Affected from class",
        description="The lowest class in which people count as affected; without it the scheme's own, where "
        "it has one.",
        json_schema_extra={"section": "Consequences", "advanced": True},
    )
    rates: Annotated[str | None, ProfileInput("rates"), Flag("NAME|FILE")] = Field(
        None,
        title="Displacement rates",
        description="Which share of the people in each class is displaced: a built-in profile or a file of "
        "yours.",
        json_schema_extra={"section": "Consequences", "advanced": True},
    )
    needs: Annotated[str | None, ProfileInput("needs"), Flag("NAME|FILE")] = Field(
        None,
        title="Needs profile",
        description="What a displaced person needs, such as litres of water a day: a built-in profile or a "
        "file of yours. Needs displacement rates.",
        json_schema_extra={"section": "Consequences", "advanced": True},
    )
    annual_rule: Annotated[Literal["trapezoid", "events"], Flag("RULE")] = Field(
        "trapezoid",
        title="Average year",
        description="How return periods become an average year. trapezoid: the area under the exceedance "
        "curve. events: each return period is an event of its own, with its frequency.",
        json_schema_extra={"advanced": True, "section": "Consequences"},
    )
    annual_tail: Annotated[Literal["constant", "zero"], Flag("TAIL")] = Field(
        "constant",
        title="Beyond the rarest event",
        description="For the trapezoid: events rarer than the rarest reach as many as that one (constant), "
        "or are left out (zero).",
        json_schema_extra={"advanced": True, "section": "Consequences"},
    )
    compare: Annotated[str | None, RunInput(), Flag("FILE.json")] = Field(
        None,
        title="Compare with",
        description="A saved run: every figure is then after minus before, with both beside it.",
        json_schema_extra={"section": "Compare", "advanced": True},
    )

    @model_validator(mode="before")
    @classmethod
    def _a_circle_is_a_footprint(cls, given: Any) -> Any:
        """Whoever gives a radius and no rule means the circle."""
        if not isinstance(given, Mapping) or given.get("radius_m") is None:
            return given
        stated = given.get("rule") is not None or given.get("people_raster") is not None
        return given if stated else {**given, "rule": "footprint"}


class Exposure(api.Analysis):
    """Sites, people, lines or ground by hazard class, in all and by area."""

    name = "exposure"
    title = "Exposure to a hazard"
    summary = (
        "Count settlements, people, roads or ground inside each class of one hazard or several, in all and "
        "by area."
    )
    icon = "mdi6.home-flood"
    Params = ExposureParams

    def run(self, params: ExposureParams, inputs: Inputs, progress: Progress) -> Result:
        """Rows for everything, each area, "outside" and "overlap"; layers "sites" and "areas".

        What no data say is "unknown", outside hazard polygons is "not_exposed". How a site counts is
        `params.rule`; population rasters, lines and ground are measured by exact coverage.
        """
        from .answering import answered

        check(params, inputs)
        return answered(params, inputs, progress)

    def explain(
        self, params: ExposureParams, inputs: Inputs, metric: api.Metric, progress: Progress
    ) -> api.Explanation:
        """The sites, cells or features one figure is made of."""
        from .explained import explained

        return explained(params, inputs, metric, progress)

    def sentence(self, params: ExposureParams, names: Mapping[str, str]) -> str:
        """ "How many people of Villages lie in each class of Flood, by area of Districts." """
        from .telling import sentence

        return sentence(params, names)


def check(params: ExposureParams, inputs: Inputs) -> None:
    """Raises Problem for what can be seen before anything is read."""
    from .atsites import refuse_rule

    if params.classes is not None:
        from migmap.geo.classes import classes_from_edges

        classes_from_edges(params.classes)
    exposed = inputs.get("exposed") if params.exposed is not None else None
    if params.people is not None and not isinstance(exposed, api.VectorData):
        raise Problem(
            "--people names a column of the exposed sites, and none were given."
            if exposed is None
            else f"{exposed.source.path} is a raster; --people names a column of sites.",
            fix="Leave --people away, or give sites with --exposed.",
        )
    for flag, value in (("--groups", params.groups), ("--by", params.by)):
        if value and value != ("none",) and not isinstance(exposed, api.VectorData):
            raise Problem(
                f"{flag} goes with sites that have columns, and none were given.",
                fix=f"Leave {flag} away, or give sites with --exposed.",
            )
    if params.people_raster is not None and not isinstance(exposed, api.VectorData):
        raise Problem(
            "--people-raster gives the people inside sites, and no sites were given.",
            fix="Give the population raster with --exposed, or sites there too.",
        )
    if params.population is not None:
        population_unit(params.population)
        if not isinstance(exposed, RasterData) and params.people_raster is None:
            raise Problem(
                "--population says what a population raster holds, and --exposed is none.",
                fix="Leave --population away, or give a population raster with --exposed.",
            )
    if params.area_id is not None and params.areas is None:
        raise Problem("--area-id names a column of the areas, and none were given.", fix="Give --areas too.")
    if params.rollup and params.areas is None:
        raise Problem("--rollup names columns of the areas, and none were given.", fix="Give --areas too.")
    refuse_rule(params, exposed)
