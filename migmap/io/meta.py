"""What a file says about itself: sensitivity, made-up or not, who made it, under which licence.

Sources, the later wins where both state something:

- a column `synthetic` with a true value (true, yes, 1): made-up data;
- GeoTIFF and other raster tags SYNTHETIC=YES, MIGMAP_SENSITIVITY, MIGMAP_ATTRIBUTION, MIGMAP_LICENCE,
  MIGMAP_DATE, MIGMAP_BOUNDARY_NOTE and so on for every key below;
- GeoPackage metadata items of the same names;
- a top-level member "migmap" of a GeoJSON file: {"sensitivity": "restricted", "synthetic": true, ...};
- a sidecar beside any file, `<file name>.meta.json` (for `sites.csv`: `sites.csv.meta.json`), one
  object with the same keys.

Keys: sensitivity ("public", "restricted", "confidential"), synthetic (true or false), attribution,
licence, date, boundary_note, method, boundary_vintage, agreement, agreement_expires, agreement_audience (all
text). `source` is another word for attribution, `vintage` for boundary_vintage, and `sharing_agreement` may
be a text or {"reference": ..., "expires": ..., "audience": ...}. `kind` (of layer) and `roles`
({role: column}) say what the rows are; see `stated_by`. Unknown keys are left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from migmap.api import Finding, Meta

_WORDS = ("public", "restricted", "confidential")
_TEXTS = (
    "attribution",
    "licence",
    "date",
    "boundary_note",
    "method",
    "boundary_vintage",
    "agreement",
    "agreement_expires",
    "agreement_audience",
)
_AGREEMENT = ("agreement", "agreement_expires", "agreement_audience")
_OTHER_WORDS = {"licence": "license", "attribution": "source", "boundary_vintage": "vintage"}
_TRUE = frozenset(["true", "yes", "y", "1", "1.0", "t"])
SIDECAR = ".meta.json"


def is_true(value: object) -> bool:
    return str(value).strip().lower() in _TRUE


def merged(meta: Meta, keys: Mapping[str, Any], where: str) -> tuple[Meta, tuple[Finding, ...]]:
    """`meta` with what `keys` state; a Finding for a sensitivity that is none of the three words."""
    changes: dict[str, Any] = {}
    findings: list[Finding] = []
    lower = {str(k).lower(): v for k, v in keys.items()}
    word = lower.get("sensitivity")
    if word is not None and str(word).strip().lower() != "not stated":
        if str(word).strip().lower() in _WORDS:
            changes["sensitivity"] = str(word).strip().lower()
        else:
            findings.append(
                Finding(
                    "unknown-sensitivity",
                    "warning",
                    f"{where} states the sensitivity “{str(word)[:40]}”, none of public, restricted and "
                    "confidential: treated as not stated.",
                )
            )
    if "synthetic" in lower:
        changes["synthetic"] = meta.synthetic or is_true(lower["synthetic"])
    if "households" in lower:
        changes["households"] = meta.households or is_true(lower["households"])
    lower.update(_agreement(lower.get("sharing_agreement")))
    others = _others(lower.get("other_agreements"))
    if others:
        changes["other_agreements"] = others
    for key in _TEXTS:
        value = lower.get(key, lower.get(_OTHER_WORDS.get(key, "")))
        if isinstance(value, str | int | float) and str(value).strip():
            changes[key] = str(value).strip()
    return replace(meta, **changes), tuple(findings)


def _agreement(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        lower = {str(k).lower(): v for k, v in value.items()}
        names = dict(zip(_AGREEMENT, ("reference", "expires", "audience"), strict=True))
        if "expires" not in lower and "expiry" in lower:
            lower["expires"] = lower["expiry"]
        return {key: lower[name] for key, name in names.items() if name in lower}
    return {} if value is None else {"agreement": value}


def _others(value: Any) -> tuple[tuple[str, str, str], ...]:
    """Further agreements, as `written` gives them; GeoPackage and raster tags hold them as text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return ()
    found = []
    for one in value if isinstance(value, list) else ():
        said = _agreement(one) if isinstance(one, Mapping) else {}
        texts = tuple(str(said.get(name) or "") for name in _AGREEMENT)
        if any(texts):
            found.append((texts[0], texts[1], texts[2]))
    return tuple(found)


def written(meta: Meta, kind: str = "", roles: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`meta` with kind and roles under the keys that reading understands; nothing that is not stated."""
    keys: dict[str, Any] = {}
    if meta.sensitivity is not None:
        keys["sensitivity"] = meta.sensitivity
    if meta.synthetic:
        keys["synthetic"] = True
    if meta.households:
        keys["households"] = True
    keys.update({name: getattr(meta, name) for name in _TEXTS if getattr(meta, name)})
    if meta.other_agreements:
        names = ("reference", "expires", "audience")
        keys["other_agreements"] = [dict(zip(names, one, strict=True)) for one in meta.other_agreements]
    if kind:
        keys["kind"] = kind
        keys["roles"] = {str(role): str(column) for role, column in (roles or {}).items()}
    return keys


def as_tags(keys: Mapping[str, Any]) -> dict[str, str]:
    """What `written` gives as metadata items of a GeoPackage or raster."""
    tags = {"SYNTHETIC": "YES"} if keys.get("synthetic") else {}
    for name, value in keys.items():
        if name != "synthetic":
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            tags[f"MIGMAP_{name.upper()}"] = text
    return tags


def stated_by(
    path: Path, member: Mapping[str, Any], tags: Mapping[str, str] | None = None, layer: str = ""
) -> dict[str, Any]:
    """What a file says of the kind of its layer and of its columns' roles: {"kind": ..., "roles": {...}}, or
    {}. Looked for in its GeoJSON member, its GeoPackage or raster tags and, before both, its sidecar; what
    cannot be understood is left alone here, since `with_sidecar` says it."""
    found: dict[str, Any] = {}
    texts = {name.upper(): value for name, value in (tags or {}).items()}
    tagged_roles: Any = texts.get("MIGMAP_ROLES")
    try:
        tagged_roles = json.loads(tagged_roles) if tagged_roles else None
    except ValueError:
        tagged_roles = None
    sidecar: Any = {}
    beside = path.with_name(path.name + SIDECAR)
    try:
        if beside.is_file():
            sidecar = json.loads(beside.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError):
        sidecar = {}
    for keys in ({"kind": texts.get("MIGMAP_KIND"), "roles": tagged_roles}, member, sidecar):
        if not isinstance(keys, Mapping):
            continue
        layers = keys.get("layers")
        if layer and isinstance(layers, Mapping) and isinstance(layers.get(layer), Mapping):
            keys = layers[layer]
        kind, roles = keys.get("kind"), keys.get("roles")
        if isinstance(kind, str) and kind.strip():
            known = roles if isinstance(roles, Mapping) else {}
            found = {"kind": kind.strip(), "roles": {str(r): str(c) for r, c in known.items()}}
    return found


def tagged(meta: Meta, tags: Mapping[str, str], where: str) -> tuple[Meta, tuple[Finding, ...]]:
    """`meta` with what GDAL metadata items state."""
    keys: dict[str, Any] = {}
    for tag, value in tags.items():
        name = tag.upper()
        if name == "SYNTHETIC":
            keys["synthetic"] = value
        elif name.startswith("MIGMAP_"):
            keys[name.removeprefix("MIGMAP_").lower()] = value
    return merged(meta, keys, where) if keys else (meta, ())


def with_sidecar(meta: Meta, path: Path) -> tuple[Meta, tuple[Finding, ...]]:
    """`meta` with what `<file name>.meta.json` states; a Finding when that file cannot be read."""
    sidecar = path.with_name(path.name + SIDECAR)
    try:
        if not sidecar.is_file():
            return meta, ()
        keys = json.loads(sidecar.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        return meta, (_broken(sidecar, str(error)),)
    if not isinstance(keys, dict):
        return meta, (_broken(sidecar, "it is not one object with keys"),)
    return merged(meta, keys, sidecar.name)


def _broken(sidecar: Path, why: str) -> Finding:
    return Finding("sidecar-unreadable", "warning", f"{sidecar.name} could not be used: {why}.")


def geojson_member(path: Path, window: int = 1 << 16) -> dict[str, Any]:
    """The top-level member "migmap" of a GeoJSON file, looked for in its first and last bytes, so that
    the size of the file does not matter. {} when there is none."""
    with open(path, "rb") as stream:
        head = stream.read(window)
        stream.seek(0, 2)
        start = max(stream.tell() - window, 0)
        stream.seek(start)
        tail = stream.read(window) if start else b""
    for chunk in (head, tail):
        text = chunk.decode("utf-8", "ignore")
        for found in re.finditer(r'"migmap"\s*:\s*(?=\{)', text):
            try:
                value, _ = json.JSONDecoder().raw_decode(text, found.end())
            except ValueError:
                continue
            if isinstance(value, dict):
                return value
    return {}


def raster_meta(path: Path, tags: Mapping[str, str]) -> tuple[Meta, tuple[Finding, ...]]:
    """What a raster's tags and its sidecar state."""
    meta, first = tagged(Meta(), tags, path.name)
    meta, second = with_sidecar(meta, path)
    return meta, first + second
