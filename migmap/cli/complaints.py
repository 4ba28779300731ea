"""What is wrong with a command line, in the words all other messages use."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from cyclopts import CycloptsError
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from migmap.api import Problem


def told(error: CycloptsError, words: Sequence[str]) -> Problem:
    """The Problem for what the parser found. words: the whole command line."""
    title, fix = _said(error, words)
    return Problem(title, fix=" ".join(part for part in (fix, help_hint(words)) if part))


def help_hint(words: Sequence[str]) -> str:
    """Where to read on: the help of the command that was meant."""
    depth = 2 if words[:1] in (["run"], ["export"]) else 1
    named = [word for word in words[:depth] if not word.startswith("-")]
    return f"See: {' '.join(['migmap', *named])} --help"


def _said(error: CycloptsError, words: Sequence[str]) -> tuple[str, str]:
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return _missing(error.argument, words, error.unused_tokens or ())
    if isinstance(error, UnknownOptionError):
        typed = (error.token.keyword or error.token.value).partition("=")[0]
        return _unknown(typed, [name for one in error.argument_collection for name in one.names])
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        extra = error.unused_tokens[0]
        return f"“{extra}” is one word too many.", "Put quotation marks around a name with spaces."
    if isinstance(error, RepeatArgumentError):
        return f"{error.token.keyword or error.token.value} is given twice.", "Give it once."
    if isinstance(error, CoercionError) and error.token is not None and error.argument is not None:
        flag = error.token.keyword or error.argument.name
        if bool in _types(error.argument.hint):
            return f"{flag} takes no value, and “{error.token.value}” was given.", ""
        choices = [one for one in _types(error.argument.hint) if isinstance(one, str)]
        if choices:
            return f"“{error.token.value}” is none of {', '.join(choices)}.", ""
    return str(error).strip() or "The command line was not understood.", ""


def _missing(argument: Any, words: Sequence[str], unused: Sequence[str]) -> tuple[str, str]:
    name = str(argument.name)
    if any(word.partition("=")[0] in argument.names for word in words):
        return f"{name} was given without a value.", ""
    typed = [word.partition("=")[0] for word in unused if word.startswith("--")]
    if near := difflib.get_close_matches(name, typed, 1):
        return _unknown(near[0], [name])
    told = " ".join(str(argument.parameter.help or "").split())
    return f"{name} is missing: {told}" if told else f"{name} is missing.", ""


def _unknown(typed: str, names: Sequence[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(typed, [name for name in names if name.startswith("-")], 1)
    return f"There is no option {typed}.", f"Did you mean {near[0]}?" if near else ""


def _types(hint: Any) -> list[Any]:
    """The types and words inside a hint: bool, or the choices of a Literal."""
    from typing import get_args

    inner = get_args(hint)
    return [found for one in inner for found in _types(one)] if inner else [hint]
