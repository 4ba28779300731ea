"""What a run reads beside its inputs: saved runs to compare with, and profiles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from migmap.api import InputRecord, Metric, ParamField, PastRun, Problem, Result, VectorData


def _named(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value]


def files_in(fields: Iterable[ParamField], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Files that the parameters name beside the inputs."""
    found: list[str] = []
    for one in fields:
        if one.run is not None:
            found += _named(values.get(one.name))
        elif one.profile is not None:
            found += [text for text in _named(values.get(one.name)) if Path(text).is_file()]
    return tuple(found)


def runs_of(fields: Iterable[ParamField], values: Mapping[str, Any]) -> dict[str, PastRun]:
    """The saved runs that the parameters name, by field. Problem for what is no run document."""
    return {
        one.name: past_run(str(values[one.name]))
        for one in fields
        if one.run is not None and values.get(one.name) is not None
    }


def past_run(text: str) -> PastRun:
    """A saved run document. Problem for a file that is none."""
    path = Path(text)
    fix = "Give the .json file that a run wrote with --out, or what --json printed."
    try:
        contents = path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read.", detail=f"{error.strerror or error}.", fix=fix) from error
    try:
        document = json.loads(contents)
    except ValueError as error:
        raise Problem(
            f"{path} is not a run document.", detail="Its contents are not JSON.", fix=fix
        ) from error
    metrics = document.get("metrics") if isinstance(document, dict) else None
    if not isinstance(metrics, list) or not isinstance(document.get("analysis"), str):
        raise Problem(f"{path} is not a run document: it holds no figures.", fix=fix)
    params = document.get("params")
    return PastRun(
        id=str(document.get("run") or ""),
        analysis=document["analysis"],
        params=params if isinstance(params, dict) else {},
        metrics=tuple(Metric.from_json(one) for one in metrics if isinstance(one, dict)),
        path=text,
        sha256=_hash(path),
    )


def with_sites(run: PastRun, compute: Callable[[Any], Result]) -> PastRun:
    """The saved run with its layer "sites", made again by `compute` (of a SavedRecipe); as it is where it had
    none, where an input is missing or changed, or where the figures do not come out as they were saved."""
    from .recipe import load_recipe

    try:
        saved = load_recipe(Path(run.path))
        if saved.analysis != run.analysis or saved.findings or saved.params.get("exposed") is None:
            return run
        result = compute(saved)
    except Problem:
        return run
    layer = next((one for one in result.layers if one.name == "sites"), None)
    if layer is None or not isinstance(layer.data, VectorData) or not _same(run.metrics, result.metrics):
        return run
    return replace(run, sites=layer.data)


def _same(saved: Sequence[Metric], made: Sequence[Metric]) -> bool:
    """Whether the saved figures of everything came out again; what was hidden, or is made in one of the two
    only, does not count."""

    def keyed(rows: Sequence[Metric]) -> dict[Any, float | None]:
        return {
            (row.metric, row.hazard, row.class_, row.group): row.after if row.compared else row.value
            for row in rows
            if row.area is None and row.metric in ("sites", "people") and not row.hidden
        }

    old, new = keyed(saved), keyed(made)
    return all(
        old[key] == new[key] or abs((old[key] or 0.0) - (new[key] or 0.0)) <= 1e-9 * abs(old[key] or 0.0)
        for key in old.keys() & new.keys()
    )


def profiles_of(
    fields: Iterable[ParamField], values: Mapping[str, Any], known: Mapping[str, tuple[Any, ...]]
) -> dict[str, tuple[Any, ...]]:
    """The profiles that the parameters name, by field; those in `known` as they are. Problem for a name that
    is none, or a file that is damaged."""
    found = dict(known)
    for one in fields:
        if one.profile is None or one.name in found or not values.get(one.name):
            continue
        from . import profiles

        read = {"scheme": profiles.scheme, "rates": profiles.rates, "needs": profiles.needs}[one.profile.kind]
        found[one.name] = tuple(read(text) for text in _named(values[one.name]))
    return found


def records_of(runs: Mapping[str, PastRun], known: Mapping[str, tuple[Any, ...]]) -> list[InputRecord]:
    """The files among them, as the run document lists inputs."""
    listed = [InputRecord(path=run.path, sha256=run.sha256, crs=None, rows=None) for run in runs.values()]
    for several in known.values():
        listed += [
            InputRecord(path=one.origin, sha256=one.sha256, crs=None, rows=None)
            for one in several
            if one.origin
        ]
    return listed


def identities_of(runs: Mapping[str, PastRun], known: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """What knows them again wherever they lie."""
    said: dict[str, Any] = {name: {"sha256": run.sha256} for name, run in runs.items()}
    for name, several in known.items():
        said[name] = [_contents(one) for one in several]
    return said


def in_recipe(runs: Mapping[str, PastRun], known: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """Saved runs by path and contents; profiles whole, so that a recipe needs no file of theirs."""
    said: dict[str, Any] = {}
    if runs:
        said["runs"] = {
            name: {"path": str(Path(run.path).absolute()), "sha256": run.sha256, "run": run.id}
            for name, run in runs.items()
        }
    if known:
        said["profiles"] = {
            name: [{"profile": _kind_of(one), **one.as_json()} for one in several]
            for name, several in known.items()
        }
    return said


def profiles_in(recipe: Mapping[str, Any], where: str) -> dict[str, tuple[Any, ...]]:
    """The profiles a recipe carries, by field. Problem, naming `where`, for damaged ones."""
    listed = recipe.get("profiles")
    if not isinstance(listed, dict):
        return {}
    return {str(name): tuple(_profile(one, where) for one in _list(each)) for name, each in listed.items()}


def _kind_of(profile: Any) -> str:
    return next(kind for kind, cls in _kinds().items() if isinstance(profile, cls))


def _kinds() -> dict[str, Any]:
    from migmap.api import Needs, Rates, Scheme

    return {"scheme": Scheme, "rates": Rates, "needs": Needs}


def _profile(said: Any, where: str) -> Any:
    try:
        return _kinds()[said["profile"]].from_json({k: v for k, v in said.items() if k != "profile"})
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(
            f"{where}: a profile it carries is damaged.",
            detail=f"{type(error).__name__}: {error}.",
            fix="Take an undamaged copy, or run the analysis again.",
        ) from error


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _contents(profile: Any) -> dict[str, Any]:
    """A profile without where it came from."""
    return {name: value for name, value in profile.as_json().items() if name not in ("origin", "sha256")}


def _hash(path: Path) -> str:
    from migmap.io.hashing import sha256_of

    return sha256_of(path)
