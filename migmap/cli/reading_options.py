"""The options by which a command is told how to read a file."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from migmap.api import Finding, ParamField, Problem, Reading, input_field, references_in

from .generated import option

if TYPE_CHECKING:
    from migmap.app.decided import Decided
    from migmap.app.workbench import Workbench


AUDIENCE = option(
    "audience",
    metavar="NAME",
    many=True,
    help_text="Who the file is for, as the sharing agreement of a layer names them. May be given several "
    "times.",
)


def reading_options() -> list[inspect.Parameter]:
    """The same for every command that reads one file."""
    return [
        option("as_", flag="--as", metavar="KIND", help_text="Kind of layer, instead of the best guess."),
        option(
            "map_",
            flag="--map",
            metavar="ROLE=COLUMN",
            many=True,
            help_text="The column that plays a role, for example people=Pop_2023; nothing after the equals "
            "sign for no column. May be given several times.",
        ),
        option(
            "template",
            metavar="TEMPLATE",
            help_text="Template to read by: its file, or the name of a saved one.",
        ),
        option("crs", metavar="EPSG:n", help_text="CRS of a file that states none."),
        option(
            "fix",
            metavar="CODE",
            many=True,
            help_text="Apply the mend that the finding of this code offers. May be given several times.",
        ),
        option(
            "keep",
            metavar="CODE",
            many=True,
            help_text="Use what the finding of this code says is left out. May be given several times.",
        ),
        option(
            "header",
            metavar="ROW",
            help_text="Row of a table's header, from 1; 2-3 for a header of two rows; none for no header.",
        ),
        option("encoding", metavar="NAME", help_text="Encoding of a text table, for example cp1256."),
        option(
            "choices", metavar="FILE", help_text="XLSForm whose labels replace the codes of a survey export."
        ),
        option(
            "people_unit",
            metavar="UNIT",
            help_text="What cells of a population raster hold: count, density-km2, density-ha, density-10ha.",
        ),
    ]


_UNITS = ("count", "density-km2", "density-ha", "density-10ha")


def reading_of(
    given: Mapping[str, Any], workbench: Workbench, text: str
) -> tuple[Reading, tuple[Finding, ...]]:
    """What the options say about how `text` is read; a template's decisions come first, what is given
    beside it over them. Problem: an option that cannot be understood, no such template."""
    reading, findings = Reading(), tuple[Finding, ...]()
    if given.get("template"):
        template = workbench.templates.named(str(given["template"]))
        stated = template.reading.changed(
            roles={},
            **{name: given[name] for name in ("crs", "encoding") if given.get(name)},
        )
        probe, _ = workbench.probe(text, stated.changed(kind=None))
        reading, findings = template.reading_for([column.name for column in probe.columns])
    changes: dict[str, Any] = {
        name: given[name] for name in ("crs", "encoding", "choices") if given.get(name)
    }
    if given.get("as_"):
        changes["kind"] = given["as_"]
    if given.get("map_"):
        changes["roles"] = {**reading.roles, **roles_of(given["map_"])}
    for name, option_name in (("fixes", "fix"), ("keep", "keep")):
        if given.get(option_name):
            changes[name] = tuple(dict.fromkeys([*getattr(reading, name), *given[option_name]]))
    if given.get("header"):
        changes["header"] = _header(str(given["header"]))
    if given.get("people_unit"):
        unit = str(given["people_unit"])
        if unit not in _UNITS:
            raise Problem(f"--people-unit {unit} is not known.", fix=f"One of: {', '.join(_UNITS)}.")
        changes["people_unit"] = unit
    return reading.changed(**changes), findings


def decisions_of(
    pairs: Sequence[str], fields: Sequence[ParamField], values: Mapping[str, Any], workbench: Workbench
) -> dict[str, Decided]:
    """`--reading INPUT=TEMPLATE` as decisions by field. Problem: no such input, none given for it, no such
    template."""
    from migmap.app.decided import Decided, typed

    flags = {one.name: one.flag.removeprefix("--") for one in fields if one.is_input}
    given = references_in(fields, values)
    # Of several files for one option: hazard is the first, hazard:2 the second.
    inputs = {flags[input_field(key)] + key[len(input_field(key)) :]: key for key in given}
    found: dict[str, Decided] = {}
    for pair in pairs:
        word, equals, how = str(pair).partition("=")
        key = inputs.get(word.strip().removeprefix("--"))
        if not equals or key is None:
            raise Problem(
                f"--reading {pair} names no input of this run.",
                fix=f"Write INPUT=TEMPLATE; the inputs are {', '.join(inputs or flags.values())}.",
            )
        if how.strip().startswith("{"):
            found[key] = Decided(typed(how, f"--reading {word}"))
            continue
        reading, _ = reading_of({"template": how}, workbench, given[key])
        found[key] = Decided(reading)
    return found


def roles_of(pairs: Sequence[str], flag: str = "--map") -> dict[str, str]:
    """ROLE=COLUMN words as a mapping. Problem for one that is none."""
    roles: dict[str, str] = {}
    for pair in pairs:
        role, equals, column = str(pair).partition("=")
        if not equals or not role.strip():
            raise Problem(
                f"{flag} {pair} is not a role and a column.",
                fix=f"Write ROLE=COLUMN, for example {flag} people=Individuals.",
            )
        roles[role.strip()] = column.strip()
    return roles


def _header(text: str) -> tuple[int, ...]:
    if text.strip().lower() in ("none", "no", "0"):
        return ()
    first, _, last = text.partition("-")
    try:
        rows = range(int(first), int(last or first) + 1)
    except ValueError:
        rows = range(0)
    if not rows or rows[0] < 1 or len(rows) > 5:
        raise Problem(
            f"--header {text} is no row.",
            fix="Give a row number from 1 (--header 3), rows next to each other (--header 2-3), or none.",
        )
    return tuple(rows)
