"""Class schemes, displacement rates and needs: built in, or read from a file and written back."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from migmap.api import Need, Needs, Problem, Profile, RateLine, Rates, Scheme, SchemeClass

from . import places

ProfileKind: TypeAlias = Literal["schemes", "rates", "needs"]
KINDS: tuple[ProfileKind, ...] = ("schemes", "rates", "needs")
_One = TypeVar("_One", bound=Profile)
_HEAD = ("name", "title", "source", "edition", "note")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a kind of profile stands in a file. noun: in sentences. parts: the name of its tables. head, row:
    keys of the file and of a table, those that must be there first."""

    noun: str
    parts: str
    head: tuple[str, ...]
    needed: tuple[str, ...]
    row: tuple[str, ...]
    needed_row: tuple[str, ...]


_FORMS: dict[ProfileKind, _Form] = {
    "schemes": _Form(
        "class scheme",
        "class",
        (*_HEAD, "hazard", "quantity", "unit", "by", "falling", "affected_from"),
        ("title", "hazard", "quantity", "unit", "by", "source"),
        ("label", "from", "value", "colour", "severity", "exposed"),
        ("label", "severity"),
    ),
    "rates": _Form(
        "profile of displacement rates",
        "rate",
        (*_HEAD, "hazard", "unit", "falling"),
        ("title", "hazard", "source"),
        ("label", "from", "rate", "source"),
        ("label", "rate"),
    ),
    "needs": _Form(
        "profile of needs",
        "need",
        _HEAD,
        ("title", "source"),
        ("item", "title", "sector", "per_person", "people_per_unit", "unit", "period", "source"),
        ("item", "sector", "unit", "period", "source"),
    ),
}


def scheme(text: str) -> Scheme:
    """The class scheme of that name, or in that file. Problem: there is none, or it is damaged."""
    return _found("schemes", text, _scheme)


def rates(text: str) -> Rates:
    """The displacement rates of that name, or in that file. Problem: there are none, or they are damaged."""
    return _found("rates", text, _rates)


def needs(text: str) -> Needs:
    """The needs of that name, or in that file. Problem: there are none, or they are damaged."""
    return _found("needs", text, _needs)


def listed(kind: ProfileKind | None = None) -> tuple[Profile, ...]:
    """The built-in profiles of a kind, by name; of all kinds where none is named."""
    found: list[Profile] = []
    for one in KINDS if kind is None else (kind,):
        found += [_READERS[one](name) for name in _names(one)]
    return tuple(found)


_READERS: dict[ProfileKind, Callable[[str], Profile]] = {"schemes": scheme, "rates": rates, "needs": needs}


def kind_of(profile: Profile) -> ProfileKind:
    """Which kind of profile it is."""
    if isinstance(profile, Scheme):
        return "schemes"
    return "rates" if isinstance(profile, Rates) else "needs"


def write_profile(profile: Profile, path: str | Path) -> None:
    """Write it as a file that `scheme`, `rates` or `needs` read back as it was, whole or not at all.
    Problem: the place cannot be written to."""
    from migmap.io.write import replacing

    with replacing(Path(os.path.abspath(path))) as draft:
        draft.write_text(as_toml(profile), encoding="utf-8", newline="\n")


# -- finding --------------------------------------------------------------------------------------


def _names(kind: ProfileKind) -> list[str]:
    return sorted(path.stem for path in (places.resources() / kind).glob("*.toml"))


def _found(kind: ProfileKind, text: str, make: Callable[[Mapping[str, Any], str], _One]) -> _One:
    name = text.strip()
    path = Path(text)
    if name not in _names(kind) and not path.is_file():
        # "flood" is the first of those made for floods.
        name = next((one for one in _names(kind) if one.startswith(f"{name}-")), name)
    if name in _names(kind):
        return _made(kind, places.resources() / kind / f"{name}.toml", name, make)
    if path.is_file():
        from dataclasses import replace

        from migmap.io.hashing import sha256_of

        profile = _made(kind, path, path.stem, make)
        return replace(profile, origin=text, sha256=sha256_of(path))
    form = _FORMS[kind]
    if path.suffix.lower() == ".toml" or len(path.parts) > 1:
        raise Problem(
            f"{text} does not exist." if not path.exists() else f"{text} is not a file.",
            fix=f"Give the .toml file of a {form.noun}, or the name of a built-in one.",
        )
    near = difflib.get_close_matches(name.lower(), _names(kind), n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise Problem(
        f"There is no {form.noun} “{text}”.",
        detail=f"Built in are {', '.join(_names(kind))}.",
        fix=f"{meant}Give one of these names, or a .toml file of your own (migmap list {kind}).",
    )


def _made(kind: ProfileKind, path: Path, name: str, make: Callable[[Mapping[str, Any], str], _One]) -> _One:
    form = _FORMS[kind]
    said = _read(path, form)
    try:
        return make(said, name)
    except ValueError as error:
        raise Problem(
            f"{path} is no {form.noun} that can be used.",
            detail=f"{str(error)[:1].upper()}{str(error)[1:]}.",
            fix="Correct it in a text editor; migmap list shows built-in ones to compare with.",
        ) from error


# -- reading --------------------------------------------------------------------------------------


def _read(path: Path, form: _Form) -> dict[str, Any]:
    """The tables of a file, with the right keys. Problem for everything else."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Problem(f"{path} cannot be read.", detail=f"{error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is not text in UTF-8.", fix="Save it as UTF-8 in a text editor.") from error
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(
            f"{path} is not TOML.",
            detail=f"{error}.",
            fix=f"Correct that place, or begin with a copy of a built-in {form.noun}.",
        ) from error
    tables = said.pop(form.parts, None)
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        other = next((one.noun for one in _FORMS.values() if one.parts in said), None)
        raise Problem(
            f"{path} is a {other}, not a {form.noun}."
            if other
            else f"{path} is no {form.noun}: it has no [[{form.parts}]] tables.",
            fix=f"Give the file of a {form.noun}.",
        )
    _check_keys(said, form.head, form.needed, f"{path}", str(path))
    for number, one in enumerate(tables, 1):
        called = one.get("label", one.get("item"))
        where = f"[[{form.parts}]] number {number}" + (f", “{called}”" if called is not None else "")
        _check_keys(one, form.row, form.needed_row, f"{path}, {where},", str(path))
    said[form.parts] = tables
    return said


_NUMBERS = frozenset(["from", "value", "severity", "rate", "per_person", "people_per_unit"])
_SWITCHES = frozenset(["falling", "exposed"])


def _check_keys(
    said: Mapping[str, Any], known: tuple[str, ...], needed: tuple[str, ...], where: str, path: str
) -> None:
    strange = [key for key in said if key not in known]
    if strange:
        near = difflib.get_close_matches(strange[0], known, n=1, cutoff=0.5)
        raise Problem(
            f"{where} has the key “{strange[0]}”, which means nothing here.",
            detail=f"Keys are {', '.join(known)}.",
            fix=f"Did you mean {near[0]}?" if near else f"Take it out of {path}.",
        )
    missing = [key for key in needed if key not in said]
    if missing:
        raise Problem(f"{where} does not say “{missing[0]}”.", fix=f"Add a line {missing[0]} = ... to it.")
    for key, value in said.items():
        if key in _NUMBERS:
            fits, kind = isinstance(value, int | float) and not isinstance(value, bool), "a number"
        elif key in _SWITCHES:
            fits, kind = isinstance(value, bool), "true or false"
        else:
            fits, kind = isinstance(value, str), "a text in quotes"
        if not fits:
            raise Problem(f"{where} says {key} = {_shown(value)}, which is not {kind}.", fix="Correct it.")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _scheme(said: Mapping[str, Any], name: str) -> Scheme:
    return Scheme(
        **_head(said, name),
        hazard=said["hazard"],
        quantity=said["quantity"],
        unit=said["unit"],
        by=said["by"],
        falling=said.get("falling", False),
        affected_from=said.get("affected_from"),
        classes=tuple(
            SchemeClass(
                label=one["label"],
                minimum=_number(one.get("from")),
                value=_number(one.get("value")),
                colour=one.get("colour", ""),
                severity=one["severity"],
                exposed=one.get("exposed", True),
            )
            for one in said["class"]
        ),
    )


def _rates(said: Mapping[str, Any], name: str) -> Rates:
    return Rates(
        **_head(said, name),
        hazard=said["hazard"],
        unit=said.get("unit", ""),
        falling=said.get("falling", False),
        lines=tuple(
            RateLine(
                one["label"], _number(one.get("from")), float(one["rate"]), one.get("source", said["source"])
            )
            for one in said["rate"]
        ),
    )


def _needs(said: Mapping[str, Any], name: str) -> Needs:
    return Needs(
        **_head(said, name),
        lines=tuple(
            Need(
                item=one["item"],
                sector=one["sector"],
                per_person=_per_person(one),
                unit=one["unit"],
                period=one["period"],
                source=one["source"],
                title=one.get("title", ""),
            )
            for one in said["need"]
        ),
    )


def _head(said: Mapping[str, Any], name: str) -> dict[str, str]:
    return {
        "name": said.get("name", name),
        "title": said["title"],
        "source": said["source"],
        "edition": said.get("edition", ""),
        "note": said.get("note", ""),
    }


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _per_person(one: Mapping[str, Any]) -> float:
    """Amounts are given a person, or as the people who share one ("a tap for 250 people")."""
    if ("per_person" in one) == ("people_per_unit" in one):
        raise ValueError(f"the need of “{one['item']}” needs one of per_person and people_per_unit")
    if "per_person" in one:
        return float(one["per_person"])
    if not one["people_per_unit"] > 0:
        raise ValueError(f"people_per_unit of “{one['item']}” is {one['people_per_unit']:g}, not above 0")
    return 1.0 / float(one["people_per_unit"])


# -- writing --------------------------------------------------------------------------------------


def as_toml(profile: Profile) -> str:
    """The text of its file. Where the profile came from is not part of it."""
    head: dict[str, Any] = {"name": profile.name, "title": profile.title}
    rows: list[dict[str, Any]]
    if isinstance(profile, Scheme):
        head |= {"hazard": profile.hazard, "quantity": profile.quantity, "unit": profile.unit}
        head |= {"by": profile.by, "falling": profile.falling or None}
        head["affected_from"] = profile.affected_from
        rows = [
            {
                "label": one.label,
                "from": one.minimum,
                "value": one.value,
                "colour": one.colour or None,
                "severity": one.severity,
                "exposed": None if one.exposed else False,
            }
            for one in profile.classes
        ]
    elif isinstance(profile, Rates):
        head |= {"hazard": profile.hazard, "unit": profile.unit, "falling": profile.falling or None}
        rows = [
            {"label": one.label, "from": one.minimum, "rate": one.rate, "source": one.source}
            for one in profile.lines
        ]
    else:
        rows = [
            {
                "item": one.item,
                "title": one.title or None,
                "sector": one.sector,
                "per_person": one.per_person,
                "unit": one.unit,
                "period": one.period,
                "source": one.source,
            }
            for one in profile.lines
        ]
    head |= {
        "source": profile.source,
        "edition": profile.edition or None,
        "note": profile.note or None,
    }
    parts = _FORMS[kind_of(profile)].parts
    blocks = [_lines(head), *(f"[[{parts}]]\n{_lines(row)}" for row in rows)]
    return "\n".join(blocks)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON string is a basic string of TOML, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)
