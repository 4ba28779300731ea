"""Finds plugins, built-in and third-party alike, and holds what they contribute."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from migmap.api import Analysis, Exporter, LayerKind, Params, Plugin, Problem, declared_fields
from migmap.api.plugin import GROUP

CONTRACT = 1
"""The version of `migmap.api` plugins are written for."""

# In a checkout whose metadata was never installed the entry points of pyproject.toml are unknown;
# the house still has its own three plugins.
_BUILT_IN = {
    "layers": "migmap.layers:PLUGIN",
    "analysis": "migmap.analysis:PLUGIN",
    "export": "migmap.export:PLUGIN",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PluginRow:
    """A plugin as `migmap list plugins` and the window show it.

    origin: "built-in" or the distribution's name. enabled: False for a broken one, then `reason`
    says why and it contributes nothing. kinds, analyses, exporters: names of what it adds.
    """

    name: str
    title: str
    version: str
    origin: str
    enabled: bool = True
    reason: str = ""
    kinds: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ()
    exporters: tuple[str, ...] = ()


@dataclass(slots=True)
class _Contents:
    rows: list[PluginRow] = field(default_factory=list)
    kinds: dict[str, LayerKind] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)
    exporters: dict[str, Exporter] = field(default_factory=dict)


class _Broken(Exception):
    """Why a plugin cannot be used."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry point: its name, its "module:attribute" and the distribution it came with."""

    name: str
    value: str
    origin: str

    @property
    def built_in(self) -> bool:
        return self.value.split(":")[0].split(".")[0] == "migmap"


def find_plugins() -> tuple[Found, ...]:
    """The entry points of the group: ours first, then the others by name."""
    found = {name: Found(name, value, "built-in") for name, value in _BUILT_IN.items()}
    others: list[Found] = []
    for entry in importlib.metadata.entry_points(group=GROUP):
        origin = entry.dist.name if entry.dist is not None else "unknown package"
        seen = Found(entry.name, entry.value, origin)
        if seen.built_in:
            found.setdefault(entry.name, replace(seen, origin="built-in"))
        elif seen not in others:
            others.append(seen)
    return (*found.values(), *sorted(others, key=lambda one: (one.name, one.origin)))


class Registry:
    """Layer kinds, analyses and exporters by name.

    Nothing of a plugin is imported before someone first asks; then all of them are, so that a name
    clash or a broken plugin is known before half of it is in use.
    """

    def __init__(self, found: Iterable[Found]) -> None:
        self._found = tuple(found)
        self._contents: _Contents | None = None
        self._lock = threading.Lock()

    @classmethod
    def load(cls) -> Registry:
        """The registry of everything installed."""
        return cls(find_plugins())

    def kinds(self) -> Mapping[str, LayerKind]:
        return MappingProxyType(self._loaded().kinds)

    def analyses(self) -> Mapping[str, Analysis]:
        return MappingProxyType(self._loaded().analyses)

    def exporters(self) -> Mapping[str, Exporter]:
        return MappingProxyType(self._loaded().exporters)

    def plugins(self) -> tuple[PluginRow, ...]:
        return tuple(self._loaded().rows)

    def analysis(self, name: str) -> Analysis:
        """The analysis called `name`; a Problem that lists the known ones otherwise."""
        return _named(self.analyses(), name, "analysis")

    def exporter(self, name: str) -> Exporter:
        """The exporter called `name`; a Problem that lists the known ones otherwise."""
        return _named(self.exporters(), name, "exporter")

    def exporter_for(self, ending: str) -> Exporter:
        """The exporter that writes files with this ending (".gpkg", any case)."""
        for exporter in self.exporters().values():
            if ending.lower() in exporter.endings:
                return exporter
        known = ", ".join(ending for each in self.exporters().values() for ending in each.endings)
        raise Problem(
            f"No exporter writes files ending in “{ending}”." if ending else "The file name has no ending.",
            fix=f"End the file name in one of: {known}.",
        )

    def _loaded(self) -> _Contents:
        with self._lock:
            if self._contents is None:
                contents = _Contents()
                for found in self._found:
                    _add(contents, found)
                self._contents = contents
            return self._contents


def _named(known: Mapping[str, T], name: str, noun: str) -> T:
    if name in known:
        return known[name]
    raise Problem(f"There is no {noun} called “{name}”.", fix=f"Known are: {', '.join(known)}.")


def _add(contents: _Contents, found: Found) -> None:
    """Load one plugin into `contents`. Ours must work; anyone else's becomes a disabled row."""
    plugin: Plugin | None = None
    try:
        plugin = _plugin(found)
        kinds = _instances(plugin.kinds, LayerKind)
        analyses = _instances(plugin.analyses, Analysis)
        exporters = _instances(plugin.exporters, Exporter)
        _refuse_unfit(analyses, exporters)
        _refuse_clashes(contents, plugin, kinds, analyses, exporters)
    except (Exception, SystemExit) as error:  # the boundary to code that is not ours
        if found.built_in:
            raise
        reason = str(error) if isinstance(error, _Broken) else f"{type(error).__name__}: {error}"
        reason = " ".join(reason.split())  # one row in a list
        contents.rows.append(
            PluginRow(
                name=plugin.name if plugin else found.name,
                title=plugin.title if plugin else found.name,
                version=plugin.version if plugin else "",
                origin=found.origin,
                enabled=False,
                reason=reason,
            )
        )
        return
    contents.kinds.update(kinds)
    contents.analyses.update(analyses)
    contents.exporters.update(exporters)
    contents.rows.append(
        PluginRow(
            name=plugin.name,
            title=plugin.title,
            version=plugin.version,
            origin=found.origin,
            kinds=tuple(kinds),
            analyses=tuple(analyses),
            exporters=tuple(exporters),
        )
    )


def _plugin(found: Found) -> Plugin:
    plugin = _object(found.value)
    if not isinstance(plugin, Plugin):
        raise _Broken(f"{found.value} is a {type(plugin).__name__}, not a migmap.api.Plugin")
    if plugin.api != CONTRACT:
        raise _Broken(f"written for version {plugin.api} of the plugin contract; this is version {CONTRACT}")
    return plugin


def _object(path: str) -> Any:
    module, _, name = path.partition(":")
    if not name:
        raise _Broken(f"“{path}” is not of the form module:name")
    return getattr(importlib.import_module(module), name)


_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
# What lists, forms and commands show of each.
_WORDED: dict[type[Any], tuple[str, ...]] = {
    LayerKind: ("title", "icon"),
    Analysis: ("title", "summary", "icon"),
    Exporter: ("title", "icon", "takes"),
}


def _instances(paths: Iterable[str], base: type[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path in paths:
        cls = _object(path)
        if not (inspect.isclass(cls) and issubclass(cls, base)):
            raise _Broken(f"{path} is not a {base.__name__}")
        one = cls()
        name = getattr(one, "name", None)
        if not isinstance(name, str) or not name:
            raise _Broken(f"{path} has no name")
        if not _WORD.fullmatch(name):
            raise _Broken(f"{path} is called “{name}”; a name is one word of letters, digits, - and _")
        for attribute in _WORDED[base]:
            if not isinstance(getattr(one, attribute, None), str):
                raise _Broken(f"“{name}” has no {attribute}")
        if name in made:
            raise _Broken(f"two of its contributions are called “{name}”")
        made[name] = one
    return made


# What every generated command already has.
_TAKEN_BY_RUN = frozenset({"crs", "out", "json", "help", "version"})
_TAKEN_BY_EXPORT = frozenset({"in", "in_", "crs", "out", "help", "version"})


def _refuse_unfit(analyses: Mapping[str, Analysis], exporters: Mapping[str, Exporter]) -> None:
    """A declaration no form or command can be made of would take the others down with it."""
    tools: list[tuple[Any, frozenset[str]]] = [(one, _TAKEN_BY_RUN) for one in analyses.values()]
    tools += [(one, _TAKEN_BY_EXPORT) for one in exporters.values()]
    for tool, taken in tools:
        if not (inspect.isclass(tool.Params) and issubclass(tool.Params, Params)):
            raise _Broken(f"the Params of “{tool.name}” are no migmap.api.Params")
        for field_ in declared_fields(tool.Params):
            if field_.name in taken:
                raise _Broken(f"“{tool.name}” may not call a parameter “{field_.name}”")
    for exporter in exporters.values():
        if not getattr(exporter, "endings", ()):
            raise _Broken(f"“{exporter.name}” states no file ending")
        for ending in exporter.endings:
            if not ending.startswith(".") or ending != ending.lower():
                raise _Broken(f"“{exporter.name}” writes “{ending}”; endings are lower-case with a dot")


def _refuse_clashes(
    contents: _Contents,
    plugin: Plugin,
    kinds: Mapping[str, LayerKind],
    analyses: Mapping[str, Analysis],
    exporters: Mapping[str, Exporter],
) -> None:
    if any(row.name == plugin.name for row in contents.rows):
        raise _Broken(f"another plugin is already called “{plugin.name}”")
    for noun, known, new in (
        ("layer kind", contents.kinds, kinds),
        ("analysis", contents.analyses, analyses),
        ("exporter", contents.exporters, exporters),
    ):
        clash = sorted(set(known) & set(new))
        if clash:
            raise _Broken(f"the {noun} “{clash[0]}” already exists")
    endings = {ending for exporter in contents.exporters.values() for ending in exporter.endings}
    for exporter in exporters.values():
        clash = sorted(endings & set(exporter.endings))
        if clash:
            raise _Broken(f"another exporter already writes {clash[0]} files")
