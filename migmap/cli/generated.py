"""A command's options from declared parameters: no flag is spelled twice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from migmap.api import ParamField, Problem


class FILE(str):
    """A file; its name is what help shows."""


class NAME(str):
    """A name of people or of an organisation."""


class FOLDER(str):
    """A folder."""


class COLUMN(str):
    """A column."""


class TEXT(str):
    """Any text."""


class NUMBER(str):
    """A number; text until the parameter class checks it, so that one place words the complaint."""


_NAMED: dict[str, type[str]] = {"FILE": FILE, "COLUMN": COLUMN, "TEXT": TEXT, "NUMBER": NUMBER}


def shown(name: str) -> type[str]:
    """A text type that help shows under `name`."""
    if name not in _NAMED:
        _NAMED[name] = type(name, (str,), {})
    return _NAMED[name]


def option(
    name: str,
    *,
    help_text: str,
    metavar: str = "TEXT",
    flag: str = "",
    required: bool = False,
    many: bool = False,
    greedy: bool = False,
    negative: bool = False,
) -> inspect.Parameter:
    """A keyword option. many: may be given several times; greedy: also takes several words at once;
    negative: the word after it may begin with a minus."""
    kind: Any = shown(metavar)
    default: Any = inspect.Parameter.empty if required else None
    if many:
        kind = tuple[kind, ...]
        default = inspect.Parameter.empty if required else ()
    elif not required:
        kind = kind | None
    spelled = Parameter(
        name=flag or "--" + name.replace("_", "-"),
        help=help_text,
        negative=(),
        allow_leading_hyphen=negative,
        consume_multiple=greedy,
        show_default=False,
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, spelled]
    )


def positional(name: str, metavar: str, help_text: str, optional: bool = False) -> inspect.Parameter:
    """A word that stands by itself; the first of a command's parameters."""
    spelled = Parameter(help=help_text, show_default=False)
    kind: Any = shown(metavar)
    return inspect.Parameter(
        name,
        inspect.Parameter.POSITIONAL_ONLY,
        default=None if optional else inspect.Parameter.empty,
        annotation=Annotated[kind | None if optional else kind, spelled],
    )


def switch(name: str, help_text: str, flag: str = "") -> inspect.Parameter:
    """An option that is there or not."""
    spelled = Parameter(
        name=flag or "--" + name.replace("_", "-"), help=help_text, negative=(), show_default=False
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, spelled]
    )


def options_of(fields: Iterable[ParamField]) -> list[inspect.Parameter]:
    """One option per declared parameter, the required ones first."""
    made = []
    for one in sorted(fields, key=lambda each: not each.required):
        text = _help(one)
        if one.type is bool and not one.many:
            on_by_default = bool(one.default)
            flag = "--no-" + one.flag[2:] if on_by_default else one.flag
            made.append(switch(one.name, text, flag))
        else:
            made.append(
                option(
                    one.name,
                    help_text=text,
                    metavar=_metavar(one),
                    flag=one.flag,
                    required=one.required,
                    many=one.many and not _comma_separated(one),
                    negative=one.type in (float, int),
                )
            )
    return made


def values_of(fields: Iterable[ParamField], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options say, as values for the parameter class; what was not given is left to its
    default. Numbers stay text here; the class checks them."""
    values: dict[str, Any] = {}
    for one in fields:
        value = given.get(one.name)
        if one.type is bool and not one.many:
            if value:
                values[one.name] = not one.default
        elif one.many and value:
            values[one.name] = _pieces(one, value) if _comma_separated(one) else [str(each) for each in value]
        elif value is not None and not one.many:
            values[one.name] = str(value)
    return values


def command(
    name: str, text: str, options: Iterable[inspect.Parameter], run: Callable[[dict[str, Any]], Any]
) -> Callable[..., Any]:
    """A function cyclopts can read: `run` with the given options as one dict."""

    parameters = list(options)
    words = [one.name for one in parameters if one.kind is one.POSITIONAL_ONLY]
    defaults = {one.name: one.default for one in parameters if one.default is not one.empty}

    def called(*loose: Any, **given: Any) -> Any:
        given = {**dict(zip(words, loose, strict=False)), **given}
        return run({**defaults, **{name: _plain(value) for name, value in given.items()}})

    called.__name__ = name.replace("-", "_")
    called.__doc__ = text
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    called.__dict__["__signature__"] = inspect.Signature(parameters)
    return called


def _plain(value: Any) -> Any:
    """Without the text types that are there for help only: C libraries insist on str itself."""
    if isinstance(value, str):
        return str(value)
    return tuple(_plain(each) for each in value) if isinstance(value, tuple | list) else value


def _comma_separated(one: ParamField) -> bool:
    return one.many and not one.repeat


def _pieces(one: ParamField, text: str) -> list[str]:
    pieces = [piece.strip() for piece in str(text).split(",")]
    if one.type is str:
        return [piece for piece in pieces if piece]
    for piece in pieces:
        try:
            float(piece)
        except ValueError:
            raise Problem(
                f"{one.flag} {text}: “{piece}” is not a number.",
                fix="Give numbers with commas between them, for example 0.1,0.5,1.5.",
            ) from None
    return pieces


def _metavar(one: ParamField) -> str:
    if one.metavar:
        return one.metavar.strip("<>[]")
    if one.is_input:
        return "FILE"
    if one.column is not None:
        return "COL"
    if one.choices:
        return "|".join(one.choices)
    return "NUMBER" if one.type in (int, float) else "TEXT"


def _help(one: ParamField) -> str:
    text = one.description or one.title
    if one.unit:
        text += f" In {one.unit}." if one.description else f" in {one.unit}"
    if text[-1:] not in ".!?":
        text += "."
    if not one.required and one.default not in (None, (), "", False, True):
        text += f" Default: {one.default}."
    return text
