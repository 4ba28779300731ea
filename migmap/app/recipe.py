"""The run document: what a run was, what it found, and enough to run it again."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from migmap.api import (
    Data,
    Finding,
    InputRecord,
    ParamField,
    Problem,
    RasterData,
    Result,
    Sensitivity,
    input_field,
    references_in,
)

from . import decided
from .datasets import RESULT_PREFIX
from .decided import NOTHING, Decided

RECIPE_VERSION = 1
_FILES = ("inputs", "runs")
"""Parts of a recipe that name files."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One finished run.

    params: as given, JSON values; inputs: the data by the field that asked for it, in the order of
    declaration (empty for a run that was opened with its project); records: the same inputs as the
    document lists them; findings: those of the inputs, then those of the analysis, each once; sources:
    one line per source; sensitivity, synthetic, agreements: of all inputs together. households: its
    sites are single households, whose positions and small counts must not leave.
    """

    id: str
    analysis: str
    title: str
    params: Mapping[str, Any]
    crs: str | None
    result: Result
    inputs: Mapping[str, Data]
    records: tuple[InputRecord, ...]
    findings: tuple[Finding, ...]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    sensitivity: Sensitivity | None = None
    synthetic: bool = False
    households: bool = False
    agreements: tuple[tuple[str, str, str], ...] = ()

    def document(self, outputs: Iterable[str] = ()) -> dict[str, Any]:
        """Exactly what `--json` prints: plain JSON values, no NaN or infinity."""
        return {
            "run": self.id,
            "analysis": self.analysis,
            "params": plain(self.params),
            "inputs": [plain(record.as_json()) for record in self.records],
            "metrics": [plain(metric.as_json()) for metric in self.result.metrics],
            "findings": [plain(finding.as_json()) for finding in self.findings],
            "outputs": list(outputs),
        }

    def document_with_recipe(self, outputs: Iterable[str] = ()) -> dict[str, Any]:
        """The run document as it is saved: `document` plus the recipe, which also carries the marks of
        every product (sensitivity None is "not stated", treated as restricted)."""
        marks: dict[str, Any] = {"sensitivity": self.sensitivity, "synthetic": self.synthetic}
        if self.households:
            marks["households"] = True
        if self.agreements:
            marks["agreements"] = [list(one) for one in self.agreements]
        return {**self.document(outputs), "recipe": {**plain(self.recipe), **marks}}


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: numpy numbers as Python's, tuples as lists, NaN and infinity as
    None, because neither is a number a reader of the document could use; bytes of a file name that are
    no text, escaped."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if hasattr(value, "item"):  # a numpy scalar
        return plain(value.item())
    return str(value)


def to_text(document: Any) -> str:
    """A JSON document as text, Urdu readable, ending in a newline."""
    return json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def run_title(tool: str, titles: Mapping[str, str]) -> str:
    """What a run is called: the analysis and what it looked at. titles: of the inputs, by `input_key`.

    >>> run_title("Exposure", {"hazard": "Flood", "hazard:2": "Heat", "exposed": "Villages"})
    'Exposure: Flood and 1 more, Villages'
    """
    fields: dict[str, list[str]] = {}
    for key, title in titles.items():
        fields.setdefault(input_field(key), []).append(title)
    # The first two are what it is about; areas and the like come after.
    said = [
        several[0] if len(several) == 1 else f"{several[0]} and {len(several) - 1} more"
        for several in list(fields.values())[:2]
    ]
    return f"{tool}: {', '.join(said)}" if said else tool


def run_id(
    analysis: str,
    params: Mapping[str, Any],
    fields: Iterable[ParamField],
    identities: Mapping[str, Mapping[str, Any]],
    crs: str | None,
    version: str,
) -> str:
    """12 hex digits that follow from what was asked, of which data, with which version: the same
    question gives the same id on every machine, wherever the files lie.

    identities: for each input field what knows its data again (name, part, sha256).
    """
    # Saved runs and profiles are known by what they hold, as inputs are.
    inputs = {one.name for one in fields if one.is_input or one.run or one.profile}
    # What was not asked for is no part of the question: parameters added later leave old ids as they are.
    asked = {name: value for name, value in params.items() if name not in inputs and value is not None}
    facts = {"analysis": analysis, "params": asked, "inputs": identities, "crs": crs, "version": version}
    text = json.dumps(plain(facts), sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


_NOTHING_KNOWN = frozenset(["sites-without-coordinates", "no-overlap", "no-service"])


def unique(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once: an analysis may pass on what its inputs already said. In order, but first what
    leaves every figure unknown."""
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda finding: finding.code not in _NOTHING_KNOWN))


def relative_to(path: Path, folder: Path) -> str | None:
    """`path` as seen from `folder`, with forward slashes; None on another drive."""
    try:
        return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:
        return None


# -- inputs ---------------------------------------------------------------------------------------


def record_of(text: str, data: Data) -> InputRecord:
    """How the run document lists an input. `path` is the file as it was given, without `::part`."""
    from migmap.io.reference import parse_reference

    rows = None if isinstance(data, RasterData) else len(data.frame)
    if text.startswith(RESULT_PREFIX):
        return InputRecord(path=text, sha256="", crs=crs_text(data), rows=rows)
    path = parse_reference(text).path
    return InputRecord(path=str(path), sha256=_hash(path), crs=crs_text(data), rows=rows)


def identity_of(text: str, data: Data, said: Decided = NOTHING) -> dict[str, Any]:
    """What knows an input again wherever it lies: its name (tables carry it), part, contents, and the
    contents of the files that belong to it, and what was decided about it."""
    if text.startswith(RESULT_PREFIX):
        return {"result": text}
    from migmap.io.reference import parse_reference

    reference = parse_reference(text)
    return {
        "name": data.name,
        "part": reference.part,
        "sha256": _hash(reference.path),
        "companions": _companion_hashes(reference.path),
        **said.as_json(),
    }


def _hash(path: Path) -> str:
    from migmap.io.hashing import sha256_of

    return sha256_of(path)


_SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg")


def _companion_hashes(path: Path) -> dict[str, str]:
    """Ending -> sha256 of the files that hold part of a shapefile: the numbers are in its .dbf."""
    if path.suffix.lower() != ".shp":
        return {}
    found: dict[str, str] = {}
    for ending in _SHAPEFILE_PARTS:
        for candidate in (path.with_suffix(ending), path.with_suffix(ending.upper())):
            if candidate.is_file():
                found[ending] = _hash(candidate)
                break
    return found


def crs_text(data: Data) -> str | None:
    """ "EPSG:4326" where the CRS has a code, else its name; None where the data has none, or nothing in
    it has a position."""
    crs = data.crs if isinstance(data, RasterData) else data.frame.crs
    if crs is None or (not isinstance(data, RasterData) and not data.frame.geometry.notna().any()):
        return None
    code = crs.to_authority()
    return ":".join(code) if code else str(crs.name)


# -- the recipe -----------------------------------------------------------------------------------


def recipe_of(
    analysis: str,
    params: Mapping[str, Any],
    fields: Iterable[ParamField],
    inputs: Mapping[str, Data],
    crs: str | None,
    version: str,
    decisions: Mapping[str, Decided] | None = None,
) -> dict[str, Any]:
    """Enough to run again: the parameters, and each input by absolute path, contents and what was decided
    about it. Where the
    document is saved, `relative` is added, so that it can move together with its data."""
    from migmap.io.reference import parse_reference

    listed: dict[str, Any] = {}
    asked = tuple(fields)
    for key, text in references_in(asked, params).items():
        if key not in inputs:
            continue
        if text.startswith(RESULT_PREFIX):
            listed[key] = {"result": text, "about": _about(inputs[key])}
            continue
        reference = parse_reference(text)
        listed[key] = {
            "path": str(reference.path.absolute()),
            "part": reference.part,
            "sha256": _hash(reference.path),
            "companions": _companion_hashes(reference.path),
            **(decisions or {}).get(key, NOTHING).as_json(),
            "about": _about(inputs[key]),
        }
    named = {one.name for one in asked if one.is_input}
    return {
        "recipe": RECIPE_VERSION,
        "migmap": version,
        "analysis": analysis,
        "params": {name: value for name, value in params.items() if name not in named},
        "inputs": listed,
        "crs": crs,
    }


def _about(data: Data) -> dict[str, Any]:
    """What is known of an input that no figure depends on and every reader of one needs."""
    facts = {name: getattr(data.meta, name) for name in ("date", "boundary_vintage", "attribution")}
    return {"sensitivity": data.meta.sensitivity, **{name: text for name, text in facts.items() if text}}


def placed(document: Mapping[str, Any], target: Path) -> dict[str, Any]:
    """The run document as it lies at `target`: inputs of the recipe get `relative`, as seen from there."""
    saved = {**document}
    recipe = dict(saved.get("recipe") or {})
    for group in _FILES:
        entries = {}
        for name, entry in dict(recipe.get(group) or {}).items():
            entries[name] = dict(entry)
            if "path" in entry:
                entries[name]["relative"] = plain(relative_to(Path(entry["path"]), target.absolute().parent))
        if entries or group == "inputs":
            recipe[group] = entries
    if saved.get("recipe"):
        saved["recipe"] = recipe
    return saved


def relocated(document: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The other half of `placed`: inputs of the recipe that lie where they did as seen from `folder` get
    that path."""
    found = {**document}
    recipe = dict(found.get("recipe") or {})
    for group in _FILES:
        entries = {}
        for name, entry in dict(recipe.get(group) or {}).items():
            entries[name] = dict(entry)
            if isinstance(entry.get("relative"), str):
                path = Path(os.path.normpath(folder.absolute() / entry["relative"]))
                if path.exists():
                    entries[name]["path"] = str(path)
        if entries or group == "inputs":
            recipe[group] = entries
    if found.get("recipe"):
        found["recipe"] = recipe
    return found


def input_texts(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Field -> reference, for the inputs of a recipe that are files or results."""
    texts: dict[str, str] = {}
    for name, entry in dict(recipe.get("inputs") or {}).items():
        if isinstance(entry, dict) and isinstance(entry.get("path"), str):
            texts[name] = f"{entry['path']}::{entry['part']}" if entry.get("part") else entry["path"]
        elif isinstance(entry, dict) and isinstance(entry.get("result"), str):
            texts[name] = entry["result"]
    return texts


def input_decisions(recipe: Mapping[str, Any], where: str) -> dict[str, Decided]:
    """Field -> what was decided about it, for the inputs of which something was."""
    return {
        name: decided.from_json(entry, where)
        for name, entry in dict(recipe.get("inputs") or {}).items()
        if isinstance(entry, dict) and ("reading" in entry or "stated" in entry)
    }


@dataclass(frozen=True, slots=True)
class SavedRecipe:
    """A recipe whose inputs were found: ready for Workbench.run."""

    analysis: str
    params: Mapping[str, Any]
    crs: str | None
    findings: tuple[Finding, ...] = ()
    decisions: Mapping[str, Decided] = field(default_factory=dict)
    profiles: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def load_recipe(path: Path) -> SavedRecipe:
    """Read a run document. Each input is looked for beside the document first, then where it was.

    Problem: no such file, not a run document, a newer version, an input that is missing or is itself a
    result. Finding "input-changed" for an input whose contents are not those of the first run.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise Problem(
            f"{path} cannot be read.",
            detail=f"{error.strerror or error}.",
            fix="Check the name and the folder.",
        ) from error
    except ValueError as error:
        if path.suffix.lower() == ".migmap":
            raise Problem(
                f"{path} is a project, not a run document.",
                fix=f"Open it in the window with: migmap {path}",
            ) from error
        raise Problem(
            f"{path} is not a run document.",
            detail="Its contents are not JSON."
            if path.suffix.lower() != ".json"
            else f"The file is cut off or was changed by hand: {_where(error)}.",
            fix="Give the .json file that a run wrote with --out.",
        ) from error
    return saved_recipe(document, path)


def saved_recipe(document: Any, path: Path) -> SavedRecipe:
    """As `load_recipe`, for a document that was read; path: where it lies, or would."""
    recipe = document.get("recipe") if isinstance(document, dict) else None
    if not isinstance(recipe, dict):
        raise Problem(
            f"{path} holds no recipe, so it cannot be run again.",
            fix="Give the .json file that a run wrote with --out.",
        )
    if not isinstance(recipe.get("recipe"), int) or recipe["recipe"] > RECIPE_VERSION:
        raise Problem(f"{path} was written by a newer version of migmap.", fix="Update migmap.")
    analysis, params, inputs = recipe.get("analysis"), recipe.get("params"), recipe.get("inputs")
    if not (isinstance(analysis, str) and isinstance(params, dict) and isinstance(inputs, dict)):
        raise Problem(
            f"The recipe in {path} is incomplete.",
            detail="It lacks the analysis, its parameters or its inputs.",
            fix="Run the analysis again and save a new run document.",
        )
    values = dict(params)
    findings: list[Finding] = []
    texts: dict[str, list[str]] = {}
    for key, entry in inputs.items():
        found, changed = _find_input(path, str(key), entry)
        texts.setdefault(input_field(str(key)), []).append(found)
        if changed:
            findings.append(changed)
    values |= {name: found[0] if len(found) == 1 else found for name, found in texts.items()}
    for name, entry in dict(recipe.get("runs") or {}).items():
        found, changed = _find_input(path, str(name), entry)
        values[str(name)] = found
        if changed:
            findings.append(changed)
    from .beside import profiles_in

    crs = recipe.get("crs")
    return SavedRecipe(
        analysis,
        values,
        crs if isinstance(crs, str) else None,
        tuple(findings),
        input_decisions(recipe, str(path)),
        profiles_in(recipe, str(path)),
    )


def _where(error: ValueError) -> str:
    """Where reading stopped, as a person finds it in an editor."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno} is not JSON"
    return "it is not text"


def _find_input(document: Path, name: str, entry: Any) -> tuple[str, Finding | None]:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise Problem(
            f"The input “{name}” of {document} is a result of another run, not a file.",
            fix="Export that result to a file and run the analysis on it.",
        )
    candidates = [Path(entry["path"])]
    if isinstance(entry.get("relative"), str):
        candidates.insert(0, document.absolute().parent / entry["relative"])
    present = [Path(os.path.normpath(each)) for each in candidates if each.exists()]
    if not present:
        looked = " and ".join(dict.fromkeys(str(each) for each in candidates))
        raise Problem(
            f"The input “{name}” ({Path(entry['path']).name}) of {document} is missing.",
            detail=f"Looked for {looked}.",
            fix="Put the file back, or keep it in the same place relative to the run document.",
        )
    part = entry.get("part")
    mark = f"::{part}" if part else ""
    for path in present:
        if entry.get("sha256") == _hash(path) and (entry.get("companions") or {}) == _companion_hashes(path):
            return f"{path}{mark}", None
    path = present[0]
    message = f"{path.name} is not what it was when the run was first made; the figures may differ."
    return f"{path}{mark}", Finding("input-changed", "warning", message)


def with_findings(run: Run, findings: Iterable[Finding]) -> Run:
    """The run with `findings` said first."""
    return replace(run, findings=unique([*findings, *run.findings]))
