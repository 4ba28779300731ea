"""Who publishes tables of this form: a known source is mapped with more certainty, and named to the user."""

from __future__ import annotations

import re

from migmap.api import Probe

from ._matching import named_like, squeezed, words_in_name


def source_of(probe: Probe) -> str:
    """The source whose form a file has ("DTM as HDX publishes it", "KoboToolbox"), "" for none known.

    Told from the columns; the file's name only where the columns leave it open.
    """
    names = {squeezed(column.name) for column in probe.columns}
    by_round = {"round", "surveyround", "dtmround", "roundnumber"} & names
    admin = any(re.fullmatch(r"adm(in)?[0-4](name)?(en|fr|es|pt|ar|ur)?", name) for name in names)
    pcodes = any(re.fullmatch(r"adm(in)?[0-4]pcode", name) for name in names)
    years = {"str1year", "str2year", "exp1year", "exp2year"} & names
    told: tuple[tuple[str, object], ...] = (
        ("DTM as HDX publishes it", "numpresentidpind" in names and {"admin0pcode", "roundnumber"} & names),
        ("HDX HAPI", {"datasethdxid", "resourcehdxid"} <= names),
        ("HDX HAPI", {"referenceperiodstart", "locationcode"} <= names),
        (
            "healthsites.io",
            {"osmid", "completeness"} <= names or {"healthamenitytype", "isinhealtharea"} <= names,
        ),
        ("OpenStreetMap", {"osmid", "osmtype", "fullid"} & names or _starts(probe, "@id", "osm_id")),
        ("geoBoundaries", {"shapename", "shapegroup"} <= names or {"shapeiso", "shapetype"} <= names),
        ("GADM", "gid0" in names and {"name0", "name1", "country"} & names),
        ("FAO GAUL", {"adm0code", "adm0name"} <= names and years),
        ("COD-AB", pcodes and ({"validon", "validto"} & names or (admin and probe.geometry == "polygon"))),
        ("IDMC", {"newdisplacements", "disasterinternaldisplacements"} & names),
        ("510 impact-based forecasting", {"placecode", "indicator", "value"} <= names),
        (
            "UNHCR refugee statistics",
            {"countryoforigin", "coo"} & names and {"countryofasylum", "coa"} & names,
        ),
        ("ProGres", any("progres" in name and "progress" not in name for name in names)),
        ("UNHCR WASH monitoring", any("perpersonperday" in n for n in names) and "refugeepop" in names),
        ("UNHCR portal", {"geomasterid", "geomastername"} & names),
        (
            "UNHCR portal",
            named_like(probe, "unhcr") and {"individuals", "populationgroup", "poptype"} & names,
        ),
        ("ActivityInfo", named_like(probe, "activityinfo") or {"partnername", "indicatorname"} <= names),
        (
            "DTM site assessment",
            (by_round or "dtm" in words_in_name(probe)) and _is_of_sites(names),
        ),
        ("KoboToolbox", _is_kobo(probe)),
        ("mWater", any("mwater" in s.lower() for column in probe.columns for s in column.samples)),
    )
    return next((source for source, yes in told if yes), "")


def with_source(probe: Probe, reason: str) -> str:
    """The reason of a guess, with the source where one is known."""
    source = source_of(probe)
    return f"{reason} ({source})" if source else reason


def _starts(probe: Probe, *stems: str) -> bool:
    return any(column.name.lower().startswith(stems) for column in probe.columns)


def _is_of_sites(names: set[str]) -> bool:
    return bool({"siteid", "sitename", "dtmsiteid"} & names) or any("ssid" in name for name in names)


def _is_kobo(probe: Probe) -> bool:
    names = {column.name.lower() for column in probe.columns}
    raw = {name.rsplit("/", 1)[-1] for name in names}
    marks = {"_uuid", "_submission_time", "_index", "_submission__id", "_id", "_parent_index", "__version__"}
    return len(raw & marks) >= 2 or {"deviceid", "start", "end"} <= raw or "meta/instanceid" in names
