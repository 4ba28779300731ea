"""How far settlements are from services, and who is beyond a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from migmap import api
from migmap.api import (
    ColumnOf,
    Finding,
    Flag,
    Inputs,
    Problem,
    Progress,
    Result,
    ResultLayer,
    Style,
    VectorData,
    VectorInput,
    part,
)

from . import outcome
from .exposed_sites import people_of, refuse_empty, tally_sites, without_people, without_position
from .outcome import AREA_EDGES, SITE_RIM, UNKNOWN
from .working import status_not_used

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.figures import PeopleColumn
    from migmap.geo.tally import Tally, Typical

WITHIN, BEYOND, KNOWN = "within", "beyond", "known"


class ServiceGapParams(api.Params):
    """Whose distance to what."""

    sites: Annotated[str, VectorInput(kinds=("refugee_village", "katchi_abadi", "dtm_site"))] = Field(
        title="Sites",
        description="Settlements or households, points or polygons; a polygon counts from its centre.",
    )
    services: Annotated[str, VectorInput(kinds=("service",))] = Field(
        title="Services",
        description="Health units, schools, water points or other places people must reach.",
    )
    services_where: Annotated[tuple[str, ...], Flag("COL=VALUE")] = Field(
        (),
        title="Only services where",
        description="Keep services whose column has this value, for example sector=health; "
        "of several conditions all must hold.",
    )
    limit_km: float | None = Field(
        None,
        gt=0,
        title="Limit",
        description="Sites up to this far are within reach, farther ones beyond. Without it only distances "
        "are given.",
        json_schema_extra={"unit": "km"},
    )
    people: Annotated[str | None, ColumnOf("sites", role="people", numeric=True), Flag("COL")] = Field(
        None,
        title="People column",
        description="The column with the number of people of each site. Blank is unknown, not 0.",
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


class ServiceGap(api.Analysis):
    """Distance of each site to its nearest service, and people beyond a limit."""

    name = "service-gap"
    title = "Distance to services"
    summary = "Measure how far each settlement is from its nearest service, and count people beyond a limit."
    icon = "mdi6.hospital-marker"
    Params = ServiceGapParams

    def run(self, params: ServiceGapParams, inputs: Inputs, progress: Progress) -> Result:
        """Metrics `sites`, `people` by within, beyond and unknown (without a limit known and unknown), and
        the median `distance_m`. Distances are geodesic on WGS84, from the site's position to the service's;
        exactly at the limit is within. A site without a position is unknown, and all are where there is no
        service of that kind at all."""
        from migmap.geo.areas import area_set
        from migmap.geo.positions import positions
        from migmap.geo.reach import nearest
        from migmap.geo.tally import metric_rows, typical_rows

        sites, services = inputs.vector("sites"), inputs.vector("services")
        areas_data = inputs.vector("areas") if params.areas is not None else None
        if params.area_id is not None and areas_data is None:
            raise Problem(
                "--area-id names a column of the areas, and none were given.", fix="Give --areas too."
            )
        refuse_empty(sites)
        chosen, service_findings = _chosen(services, params.services_where)
        people, people_findings = people_of(sites, params.people)
        areas = None
        if areas_data is not None:
            areas = area_set(areas_data, params.area_id, part(progress, 0.0, 0.15))
        targets = positions(services)[chosen]
        index, distance = nearest(positions(sites), targets, part(progress, 0.2, 0.85))
        labels, codes = _classified(distance, params.limit_km)
        tallies: list[Tally | Typical] = [*tally_sites(labels, codes, people, sites, areas)]
        tallies.append(_typical(distance, sites, areas, typical_rows))
        progress(0.9, "writing the answer")

        meta = outcome.meta_of((sites, services, areas_data))
        names = np.array([*_names(services, chosen), None], dtype=object)
        layer, renamed = outcome.sites_layer(
            sites,
            {
                "distance_m": distance,
                "nearest": names[index],
                "class": np.array(labels, dtype=object)[codes],
            },
            title=f"{sites.title} by distance",
            style=_style(params.limit_km, labels, services.title),
            meta=meta,
        )
        layers: list[ResultLayer] = []
        if areas is not None and areas_data is not None:
            headline = tallies[-1] if params.limit_km is None else tallies[-2]
            layers.append(
                outcome.areas_layer(
                    areas,
                    areas_data.source,
                    tallies,
                    headline,
                    title=f"Distance to {services.title} by area",
                    meta=meta,
                )
            )
        layers.append(layer)
        return Result(
            metrics=metric_rows(tallies, None, areas),
            layers=tuple(layers),
            findings=(
                *service_findings,
                *without_position(sites, areas),
                *people_findings,
                *(areas.findings if areas is not None else ()),
                *renamed,
            ),
            notes=_notes(params, sites, services, len(chosen), tallies, areas, people),
        )

    def sentence(self, params: ServiceGapParams, names: Mapping[str, str]) -> str:
        """ "How far each of Villages is from the nearest of Services (sector=health), and how many are
        farther than 5 km." """
        where = f" ({', '.join(params.services_where)})" if params.services_where else ""
        text = (
            f"How far each of {names.get('sites') or 'the sites'} is from the nearest of "
            f"{names.get('services') or 'the services'}{where}"
        )
        if params.limit_km is not None:
            text += (
                f", and how many {'people ' if params.people else ''}are farther than {params.limit_km:g} km"
            )
        if names.get("areas"):
            text += f", in all and by area of {names['areas']}"
        return text + "."


def _chosen(services: VectorData, where: tuple[str, ...]) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """(int64: rows of services that fit and have a position, findings)."""
    from migmap.geo.columns import as_text, attribute_columns, unknown_column
    from migmap.geo.positions import positions
    from migmap.geo.wording import counted, first_rows

    fits = np.ones(len(services.frame), dtype=bool)
    for condition in where:
        column, sign, wanted = condition.partition("=")
        column, wanted = column.strip(), wanted.strip()
        if not sign or not column:
            raise Problem(
                f"“{condition}” is no condition on services.",
                fix="Write COLUMN=VALUE, for example sector=health.",
            )
        if column not in attribute_columns(services):
            raise unknown_column(services, column)
        fits &= np.array([_same(as_text(value), wanted) for value in services.frame[column]], dtype=bool)
    findings: list[Finding] = []
    known = np.isfinite(positions(services)).all(axis=1)
    lost = fits & ~known
    if lost.any():
        findings.append(
            Finding(
                "service-without-position",
                "warning",
                f"{services.name}: {int(lost.sum()):,} of {counted(int(fits.sum()), 'service')} "
                f"{'has' if lost.sum() == 1 else 'have'} no position and "
                f"{'was' if lost.sum() == 1 else 'were'} set aside; a site may be nearer to one of them than "
                "to any other.",
                int(lost.sum()),
                first_rows(np.asarray(services.row_numbers)[lost]),
            )
        )
    chosen = np.flatnonzero(fits & known)
    if len(chosen) == 0:
        kind = f" with {' and '.join(where)}" if where else ""
        said = f"No service in {services.name} has {' and '.join(where)}"
        if fits.any():
            said = f"No service{kind} in {services.name} has a position"
        findings.append(
            Finding(
                "no-service",
                "warning",
                f"{said}, so every distance is unknown, not zero." + _values_seen(services, where),
            )
        )
    return chosen, (*findings, *status_not_used(services, where, chosen))


def _same(value: str | None, wanted: str) -> bool:
    if value is None:
        return wanted == ""
    if value == wanted:
        return True
    try:
        return float(value) == float(wanted)
    except ValueError:
        return False


def _values_seen(services: VectorData, where: tuple[str, ...]) -> str:
    """The values the columns do have, to mend a misspelt condition by."""
    from migmap.geo.columns import text_column

    said = []
    for condition in where:
        column = condition.partition("=")[0].strip()
        values = list(dict.fromkeys(value for value in text_column(services, column) if value))
        shown = ", ".join(f"“{value[:40]}”" for value in values[:10])
        said.append(f" “{column}” has {shown}{', …' if len(values) > 10 else ''}." if values else "")
    return "".join(said)


def _classified(distance: np.ndarray, limit_km: float | None) -> tuple[tuple[str, ...], np.ndarray]:
    """(labels, int64 [n] index into them)."""
    unknown = np.isnan(distance)
    if limit_km is None:
        return (KNOWN, UNKNOWN), unknown.astype(np.int64)
    # A nanometre of rounding in "2.3 km x 1000" must not push out what lies exactly at the limit.
    beyond = distance > limit_km * 1000.0 + 1e-9
    return (WITHIN, BEYOND, UNKNOWN), np.where(unknown, 2, beyond.astype(np.int64))


def _typical(distance: np.ndarray, sites: VectorData, areas: AreaSet | None, typical_rows: Any) -> Typical:
    from migmap.geo.positions import positions_in

    members = areas.members(positions_in(sites, areas.crs)) if areas is not None else None
    found: Typical = typical_rows(
        "distance_m", "m", distance, members, len(areas) if areas is not None else 0
    )
    return found


def _names(services: VectorData, chosen: np.ndarray) -> list[str]:
    """What to call each chosen service: its name, else its code, else its first text, else "row N"."""
    from migmap.geo.columns import attribute_columns, text_column

    columns = [services.roles.get("name"), services.roles.get("code")]
    columns += [c for c in attribute_columns(services) if _is_text(services, c)][:1]
    found = [text_column(services, column) for column in dict.fromkeys(c for c in columns if c)]
    names = []
    for row in chosen:
        text = next((texts[row] for texts in found if texts[row]), None)
        names.append(text or f"row {int(services.row_numbers[row])}")
    return names


def _is_text(services: VectorData, column: str) -> bool:
    return any(isinstance(value, str) for value in services.frame[column])


def _style(limit_km: float | None, labels: tuple[str, ...], services: str) -> Style:
    from migmap.geo.symbology import GAP, class_style, range_style

    if limit_km is None:
        style = range_style(
            "distance_m",
            AREA_EDGES["distance_m"],
            title=f"Distance to nearest of {services} (m)",
            palette=GAP,
            zero_label=None,
        )
        rules = tuple(
            rule.model_copy(update={"symbol": rule.symbol.model_copy(update={"stroke": SITE_RIM})})
            for rule in style.rules
        )
        return style.model_copy(update={"rules": rules})
    return class_style(
        "class",
        labels,
        title=f"Distance to nearest of {services}: limit {limit_km:g} km",
        palette=GAP,
        calm=WITHIN,
        calm_label=f"within {limit_km:g} km",
        stroke=SITE_RIM,
    )


def _notes(
    params: ServiceGapParams,
    sites: VectorData,
    services: VectorData,
    service_count: int,
    tallies: list[Any],
    areas: AreaSet | None,
    people: PeopleColumn | None,
) -> tuple[str, ...]:
    answer, distance = tallies[-2], tallies[-1]
    site_tally = tallies[0]
    whole = float(answer.everything.sum())
    where = f" with {' and '.join(params.services_where)}" if params.services_where else ""
    target = f"{services.title}{where}"
    unknown = outcome.class_total(answer, UNKNOWN)
    notes = []
    if service_count == 0:
        notes.append(f"{target}: there is no such service, so every distance is unknown, not zero.")
    elif params.limit_km is not None:
        site_count = outcome.amount(float(site_tally.everything.sum()), "sites")
        subject = f"Of {site_count} in {sites.title}"
        if people is not None:
            subject = f"Of {outcome.amount(whole, 'people')} in {site_count} of {sites.title}"
        far, near = outcome.harm_total(answer), outcome.class_total(answer, WITHIN)
        notes.append(
            f"{subject}, {outcome.with_share(far, whole, answer.unit)} "
            f"{outcome.are(far, answer.unit)} farther than "
            f"{params.limit_km:g} km from the nearest of {target}, "
            f"{outcome.with_share(near, whole, answer.unit)} {outcome.are(near, answer.unit)} within, "
            f"{outcome.unknown_words(unknown, whole, answer.unit)}."
        )
        if people is not None:
            notes.append(
                f"Sites: {outcome.harm_total(site_tally):,.0f} beyond, "
                f"{outcome.class_total(site_tally, WITHIN):,.0f} within, "
                f"{outcome.class_total(site_tally, UNKNOWN):,.0f} unknown."
            )
    else:
        known, site_unknown = (outcome.class_total(site_tally, label) for label in (KNOWN, UNKNOWN))
        if known:
            notes.append(
                f"Half of {outcome.amount(known, 'sites')} in {sites.title} lie within "
                f"{distance.everything:,.0f} m of the nearest of {target}, "
                f"{outcome.unknown_words(site_unknown, known + site_unknown, 'sites')}."
            )
        else:
            notes.append(f"No site in {sites.title} has a position, so every distance is unknown.")
    if params.limit_km is not None and not np.isnan(distance.everything):
        notes.append(f"Half of the sites with a known distance are within {distance.everything:,.0f} m.")
    if people is not None and not people.known.all():
        notes.append(without_people(int((~people.known).sum())))
    if params.limit_km is not None and areas is not None and (worst := outcome.worst_areas(answer, areas)):
        notes.append(f"Most beyond: {worst}.")
    if service_count:
        which = f"the nearest of {service_count:,} services" if service_count > 1 else "the one service"
        rule = (
            f"Rule: straight-line (geodesic) distance to {which}, from a site's point, or a polygon's "
            "centroid if inside it, else a point on it; roads are longer."
        )
        limit = " Exactly at the limit is within." if params.limit_km is not None else ""
        notes.append(rule + limit)
    return tuple(notes)
