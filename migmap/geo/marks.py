"""What every product prints beside its figures: sensitivity, origin, run, and how to read a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from migmap.api import ExportDocument, InputRecord, MapLayer

SYNTHETIC = "SYNTHETIC DATA – not real places or people"
NOT_STATED = "not stated – treat as restricted"
FOOTNOTE = (
    "“Unknown” means no data or no position: it is neither zero nor “not exposed”. "
    "Figures are rounded for display (halves to the even digit), so rounded rows may not add up exactly; "
    "tables and data files hold the unrounded values."
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Sentences ready to print, none with a line break.

    synthetic: "" where nothing is made up; elsewhere it must be impossible to overlook. sharing: under
    which agreements it was shared and for whom it was made, "" where nothing is said of that.
    sources: one line a source, never empty. run: the id, the version of migmap and the dates of the inputs,
    "" for plain layers. provenance: (topic, text) of everything that made the figures, () for plain layers.
    """

    sensitivity: str
    synthetic: str
    boundary: str
    sources: tuple[str, ...]
    run: str
    footnote: str
    sharing: str = ""
    provenance: tuple[tuple[str, str], ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Everything, in the order a reader needs it."""
        head = (self.synthetic, self.sensitivity, self.sharing)
        sources = (f"Source: {line}" for line in self.sources)
        return tuple(line for line in (*head, *sources, self.boundary, self.run, self.footnote) if line)

    def card(self) -> tuple[str, ...]:
        """The provenance as lines: "Rule of counting: a site counts once"."""
        return tuple(f"{topic[:1].upper()}{topic[1:]}: {text}" for topic, text in self.provenance)


def marks(document: ExportDocument) -> Marks:
    """The marks of a document. A sensitivity nobody stated reads "not stated" and binds as restricted."""
    sources = tuple(line for line in map(_one_line, document.sources) if line)
    return Marks(
        sensitivity=f"Sensitivity: {document.sensitivity or NOT_STATED}",
        synthetic=SYNTHETIC if document.synthetic else "",
        boundary=_one_line(document.boundary_note),
        sources=sources or _sources_of(document.layers) or ("not stated",),
        run=_run_line(document),
        footnote=FOOTNOTE,
        sharing=sharing(document.agreements, document.audience),
        provenance=provenance(document.run, document.inputs) if document.run_id else (),
    )


def _run_line(document: ExportDocument) -> str:
    """ "Run 0123456789ab, migmap 1.2, data of 2022-09"."""
    if not document.run_id:
        return ""
    recipe = _mapping(document.run.get("recipe"))
    version = str(recipe.get("migmap") or "")
    dates = dict.fromkeys(about["date"] for _, about in _abouts(recipe) if about.get("date"))
    parts = [f"Run {document.run_id}"]
    parts += [f"migmap {version}"] if version else []
    parts += [f"data of {'; '.join(dates)}"] if dates else []
    return _one_line(", ".join(parts))


def provenance(run: Mapping[str, Any], inputs: Iterable[InputRecord] = ()) -> tuple[tuple[str, str], ...]:
    """(topic, text) of what made the figures of a run document: rule, classes, profiles, every input,
    version, run, how to make them again. Files by name, never by folder. What an older document does not
    say is left out."""
    recipe = _mapping(run.get("recipe"))
    params = _mapping(run.get("params"))
    said: list[tuple[str, str]] = []
    rule = recipe.get("rule") or params.get("rule")
    if rule:
        said.append(("rule of counting", str(rule).removeprefix("Rule: ")))
    said += _class_lines(params, recipe)
    records = list(inputs) or [
        InputRecord(str(one.get("path") or ""), str(one.get("sha256") or ""), one.get("crs"), one.get("rows"))
        for one in run.get("inputs") or ()
        if isinstance(one, Mapping)
    ]
    # The document lists its inputs in the order of the recipe, then saved runs and profiles.
    abouts = [about for _, about in _abouts(recipe)]
    for place, record in enumerate(records):
        about = abouts[place] if place < len(abouts) else {}
        said.append(("input", _input_line(record, about)))
    for entry in _mapping(recipe.get("runs")).values():
        one = _mapping(entry)
        said.append(("compared with", f"run {one.get('run') or 'without id'}, {_name(str(one.get('path')))}"))
    if recipe.get("migmap"):
        said.append(("made with", f"migmap, version {recipe['migmap']}"))
    if run.get("run"):
        said.append(("run", str(run["run"])))
        said.append(
            (
                "to make it again",
                "migmap recipe FILE.json, where FILE.json is the run document of this run: the same inputs "
                "give the same tables",
            )
        )
    return tuple((topic, _one_line(text)) for topic, text in said)


def tags_in(run: Mapping[str, Any]) -> Mapping[str, str]:
    """Metric -> the lines of frameworks it speaks to, as a run document says; {} in older ones."""
    return {str(name): str(text) for name, text in _mapping(_mapping(run.get("recipe")).get("tags")).items()}


def input_names(run: Mapping[str, Any]) -> str:
    """The inputs of a run in one cell of a table: "flood.tif 0123456789ab; sites.gpkg ..."."""
    return "; ".join(
        f"{_name(str(one.get('path') or ''))} {str(one.get('sha256') or '')[:12]}".strip()
        for one in run.get("inputs") or ()
        if isinstance(one, Mapping)
    )


def _class_lines(params: Mapping[str, Any], recipe: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    edges = params.get("classes")
    if edges:
        listed = edges if isinstance(edges, list | tuple) else [edges]
        yield (
            "classes",
            f"edges {', '.join(map(str, listed))} in the unit of the hazard, set for this run; each class "
            "includes its lower edge",
        )
    if params.get("hazard_class"):
        yield "classes", f"column “{params['hazard_class']}” of the hazard"
    words = {"scheme": "classes", "rates": "displacement rates", "needs": "needs"}
    for each in _mapping(recipe.get("profiles")).values():
        for one in each if isinstance(each, list) else ():
            profile = _mapping(one)
            yield words.get(str(profile.get("profile")), "profile"), _profile_text(profile)


def _profile_text(profile: Mapping[str, Any]) -> str:
    lines = []
    for one in profile.get("classes") or profile.get("lines") or ():
        line = _mapping(one)
        label = str(line.get("label") or line.get("title") or line.get("item") or "")
        if line.get("rate") is not None:
            lines.append(f"{label} {line['rate']:g}")
        elif line.get("per_person") is not None:
            lines.append(f"{label} {line['per_person']:g} {line.get('unit')} a person, {line.get('period')}")
        elif line.get("minimum") is not None:
            lines.append(f"{label} from {line['minimum']:g}")
        else:
            lines.append(label)
    unit = f" ({profile['unit']})" if profile.get("unit") else ""
    source = ", ".join(str(profile[key]) for key in ("source", "edition") if profile.get(key))
    text = f"{profile.get('title') or profile.get('name')}{unit}: {'; '.join(lines)}. Source: {source}"
    return f"{text}. File: {_name(str(profile['origin']))}" if profile.get("origin") else text


def _input_line(record: InputRecord, about: Mapping[str, Any]) -> str:
    parts = [_name(record.path)]
    if record.sha256:
        parts.append(f"sha256 {record.sha256[:12]}")
    if about.get("date"):
        parts.append(f"date {about['date']}")
    if about.get("boundary_vintage"):
        parts.append(f"boundaries of {about['boundary_vintage']}")
    if about.get("attribution"):
        parts.append(f"source {about['attribution']}")
    if "sensitivity" in about:
        parts.append(f"sensitivity {about['sensitivity'] or NOT_STATED}")
    return ", ".join(parts)


def _abouts(recipe: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (str(key), _mapping(_mapping(entry).get("about")))
        for key, entry in _mapping(recipe.get("inputs")).items()
    ]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(path: str) -> str:
    return PurePath(path.replace("\\", "/")).name


def sharing(agreements: Iterable[tuple[str, str, str]], audience: Iterable[str] = ()) -> str:
    """ "Shared under MoU 12, until 2026-12-31, with the CCCM cluster. Made for: the CCCM cluster"."""
    said = []
    for reference, expires, who in agreements:
        parts = [f"under {reference}" if reference else "under an agreement"]
        parts += [f"until {expires}"] if expires else []
        parts += [f"with {who}"] if who else []
        said.append(f"Shared {', '.join(parts)}")
    named = ", ".join(audience)
    return _one_line(". ".join([*said, *([f"Made for: {named}"] if named else [])]))


def layer_source(layer: MapLayer) -> str:
    """One line saying where a layer comes from: attribution, date, licence, else the file's name."""
    meta = layer.data.meta
    stated = ", ".join(_one_line(text) for text in (meta.attribution, meta.date, meta.licence) if text)
    return stated or PurePath(layer.data.source.path.replace("\\", "/")).name


def _sources_of(layers: tuple[MapLayer, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in map(layer_source, layers) if line))


def _one_line(text: str) -> str:
    return " ".join(text.split())
