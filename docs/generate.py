"""Writes the three pages that follow from the code: commands.md, findings.md, columns.md.

    python docs/generate.py [FOLDER]

Without a folder the pages beside this file are replaced. A test makes them afresh and compares, so a flag,
a finding or a column name cannot change without its page.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "migmap"
MADE = "<!-- Made by docs/generate.py: change that, or the code it reads, not this page. -->\n"

# -- commands -------------------------------------------------------------------------------------

ORDER = ("demo", "info", "check", "convert", "join", "run", "export", "recipe", "explain", "list")


def commands_page() -> str:
    """Every command with its flags, read from the command line itself."""
    app = _command_line()
    lines = [
        "# Commands",
        "",
        MADE,
        "Each command is also explained by `migmap COMMAND --help`. In place of a file you can write",
        "`FILE::LAYER` for a layer of a GeoPackage, a sheet of a workbook or a file inside a zip, and",
        "`FILE::2` for the second band of a raster ([your own files](own-files.md)).",
        "",
        "```",
        "migmap [FILE|PROJECT]...",
        "migmap --version",
        "```",
        "",
        "Without a command the window opens, on the files named. Exit codes: 0 done; 2 something you can put",
        "right, the message says how; 70 a fault in migmap; 130 stopped with Ctrl-C.",
        "",
    ]
    for name in ORDER:
        lines += _command(app[name], ("migmap", name))
    return "\n".join(lines)


def _command_line() -> Any:
    """The commands by name; those made from the registry are filled in only for the word that is called."""
    from migmap.cli import commands

    app = commands._app([])
    return {name: commands._app([name])[name] if name in ("run", "export") else app[name] for name in ORDER}


def _command(app: Any, path: tuple[str, ...]) -> Iterator[str]:
    inner = [name for name in app if not name.startswith("-")]
    if inner:
        yield f"## {' '.join(path)}"
        yield ""
        yield _plain(app.help)
        yield ""
        for name in inner:
            yield from _command(app[name], (*path, name))
        return
    arguments = list(app.assemble_argument_collection())
    yield f"{'#' * min(len(path), 3)} {' '.join(path)}"
    yield ""
    yield _plain(app.help)
    yield ""
    yield "| option | what it says | |"
    yield "|---|---|---|"
    for argument in arguments:
        yield _argument(argument)
    yield ""


def _argument(argument: Any) -> str:
    flags = " or ".join(f"`{name}`" for name in argument.names)
    word = _value_word(argument)
    if argument.names[0].startswith("-") and word:
        flags += f" `{word}`"
    text = _plain(argument.parameter.help)
    choices = [choice for choice in _choices(argument.hint) if choice not in text]
    if choices:
        text += f" One of {', '.join(choices)}."
    if "tuple" in str(argument.hint) and "several times" not in text.lower():
        text += " May be given several times."
    need = "required" if argument.required else ""
    return f"| {_in_cell(flags)} | {_in_cell(text)} | {need} |"


def _choices(hint: Any) -> list[str]:
    """The words a Literal allows, also inside an optional."""
    found: list[str] = []
    for inner in get_args(hint):
        found += [inner] if isinstance(inner, str) else _choices(inner)
    return found


def _value_word(argument: Any) -> str:
    """FILE, COL, NUMBER: the name of the option's text type; "" for a switch."""
    hint = argument.hint
    kinds = [hint, *get_args(hint)]
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, str) and kind is not str:
            return kind.__name__
    return "" if bool in kinds else "TEXT"


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")


# -- findings -------------------------------------------------------------------------------------

ROOMS = {
    "io": "When a file is read",
    "geo": "When shapes, areas and rasters are prepared",
    "analysis": "From an analysis",
    "export": "When a file is written",
    "app": "From projects and recipes",
}


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A finding code in the source: where, and with which severities."""

    code: str
    room: str
    severity: str


def findings_page() -> str:
    """Every code in the source, by where it arises."""
    found = codes_in_source()
    meanings = tomllib.loads((HERE / "findings.toml").read_text(encoding="utf-8"))
    known = {one.code for one in found}
    if known != set(meanings):
        raise ValueError(
            f"findings.toml lacks {sorted(known - set(meanings))} and has {sorted(set(meanings) - known)} "
            "that no code makes"
        )
    by_code: dict[str, list[FoundCode]] = {}
    for one in found:
        by_code.setdefault(one.code, []).append(one)
    lines = [
        "# Findings",
        "",
        MADE,
        "A finding says what is odd in the data and what was done about it; the work goes on. Findings are",
        "printed under “About the data”, shown in the window beside the results and at the layer, and",
        "written into HTML, XLSX, GeoPackage and the run document, with the rows they concern. The code",
        "stays the same from version to version, so a script can look for it.",
        "",
        "*info*: worth knowing, nothing is lost. *warning*: read it before you use the figures. *error*: the",
        "layer cannot be used as it is.",
        "",
    ]
    for room, title in ROOMS.items():
        here = sorted(code for code, all_of_it in by_code.items() if _first_room(all_of_it) == room)
        if not here:
            continue
        lines += [f"## {title}", "", "| code | severity | meaning |", "|---|---|---|"]
        for code in here:
            severity = " or ".join(dict.fromkeys(one.severity for one in by_code[code]))
            lines.append(f"| `{code}` | {severity} | {meanings[code]} |")
        lines.append("")
    return "\n".join(lines)


def _first_room(found: Iterable[FoundCode]) -> str:
    rooms = [one.room for one in found]
    return next(room for room in ROOMS if room in rooms)


def codes_in_source(source: Path = SOURCE) -> list[FoundCode]:
    """All codes given to `Finding(...)` in the package: as a constant, a choice of two, or handed to the
    function that makes the finding. ValueError where a code cannot be seen from the source."""
    found: list[FoundCode] = []
    for path in sorted(source.rglob("*.py")):
        room = path.relative_to(source).parts[0]
        if room in ROOMS:
            found += [FoundCode(code, room, said) for code, said in _codes_of(path)]
    return found


def _codes_of(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in [tree, *_functions(tree)]:
        for call in _own_calls(function):
            if not (isinstance(call.func, ast.Name) and call.func.id == "Finding"):
                continue
            code, severity = _argument_of(call, 0, "code"), _argument_of(call, 1, "severity")
            if isinstance(code, ast.Call):
                continue  # a finding read back from a saved document
            if isinstance(code, ast.Subscript):
                continue
            said = severity.value if isinstance(severity, ast.Constant) else "info or warning"
            yield from ((one, str(said)) for one in _texts(code, function, tree, path))


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _own_calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Calls in a function or module, not those in functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.FunctionDef):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _own_calls(child)


def _argument_of(call: ast.Call, place: int, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[place] if len(call.args) > place else None


def _texts(code: ast.expr | None, function: ast.AST, tree: ast.AST, path: Path) -> list[str]:
    """What the expression for a code can be."""
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        return [code.value]
    if isinstance(code, ast.IfExp):
        return _texts(code.body, function, tree, path) + _texts(code.orelse, function, tree, path)
    if isinstance(code, ast.Name) and isinstance(function, ast.FunctionDef):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == code.id for target in node.targets
            ):
                return _texts(node.value, function, tree, path)
        names = [argument.arg for argument in function.args.args]
        if code.id in names:
            place = names.index(code.id)
            given = [
                _argument_of(call, place, code.id)
                for call in ast.walk(tree)
                if isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == function.name
            ]
            return [text for one in given for text in _texts(one, function, tree, path)]
    if isinstance(code, ast.Name) and isinstance(tree, ast.Module):
        for node in tree.body:
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == code.id for target in node.targets
            ):
                return _texts(node.value, function, tree, path)
    line = getattr(code, "lineno", "?")
    raise ValueError(f"{path.name}:{line}: this finding's code cannot be read from the source")


# -- columns --------------------------------------------------------------------------------------


def columns_page() -> str:
    """For each layer kind the roles and the column names that fill them."""
    from migmap.app.registry import Registry

    lines = [
        "# Column names migmap knows",
        "",
        MADE,
        "When a file is opened, migmap guesses what it is (its *kind*) and which column plays which *role*:",
        "which one holds the name, the P-code, the number of people. You need not rename anything; any",
        "column can be named by hand in the form or with `--people` and `--area-id`.",
        "",
        "Names are compared without capitals, spaces, dots, hyphens and underscores: `ADM2_PCODE`,",
        "`adm2 pcode` and `Adm2.Pcode` are one. HXL tags (the row of `#tags` under the header of many",
        "humanitarian tables) count before names. A number role takes only number columns.",
        "",
        "P-codes and the names of provinces, districts and tehsils are told by their level as well:",
        "`ADM2_PCODE`, `admin2Pcode`, `district_code`; and by their values: a column of plain numbers is no",
        "P-code. The finest level present is what areas are identified by.",
        "",
        "Longitude and latitude of a table are looked for under the HXL tags `#geo+lat` and `#geo+lon`, then",
        "as `latitude`, `lat`, `longitude`, `lon`, `long`, `lng` and the like, then as `x` and `y`.",
        "",
    ]
    kinds = list(Registry.load().kinds().values())
    shared = _shared_roles(kinds)
    lines += ["## Roles that many kinds have", "", *_role_table(shared.values())]
    for kind in kinds:
        lines += [f"## {kind.title}", ""]
        if not kind.roles:
            lines += ["A raster has no columns; it is known by its file name or the unit of its cells.", ""]
            continue
        own = [role for role in kind.roles if shared.get(role.name) != role]
        also = [role.title for role in kind.roles if shared.get(role.name) == role]
        if own:
            lines += _role_table(own)
        if also:
            lines += [f"{'And as above' if own else 'As above'}: {', '.join(also)}.", ""]
    return "\n".join(lines)


def _shared_roles(kinds: list[Any]) -> dict[str, Any]:
    """Roles that are word for word the same in three kinds or more."""
    seen = Counter(role for kind in kinds for role in kind.roles)
    return {role.name: role for role, times in seen.items() if times >= 3}


def _role_table(roles: Iterable[Any]) -> list[str]:
    lines = ["| role | column names | HXL tags |", "|---|---|---|"]
    for role in roles:
        unit = f" ({role.unit})" if role.unit and role.unit not in role.title.lower() else ""
        # "p_code" and "pcode" are one name.
        names: dict[str, str] = {}
        for alias in role.aliases:
            names.setdefault(alias.replace("_", ""), alias)
        known = ", ".join(f"`{alias}`" for alias in names.values())
        tags = ", ".join(f"`{tag}`" for tag in role.hxl)
        lines.append(f"| {role.title}{unit} | {known} | {tags} |")
    return [*lines, ""]


# -- writing --------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """File name -> text of every page made here."""
    made = {"commands.md": commands_page(), "findings.md": findings_page(), "columns.md": columns_page()}
    return {name: text.rstrip("\n") + "\n" for name, text in made.items()}


def write(folder: Path) -> None:
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
