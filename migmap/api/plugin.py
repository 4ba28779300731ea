"""What a plugin says of itself. Found through the entry-point group `migmap.plugins`."""

from __future__ import annotations

from dataclasses import dataclass

GROUP = "migmap.plugins"


@dataclass(frozen=True, slots=True)
class Plugin:
    """Contributions are lazy "module:Class" strings: nothing is imported before it is needed.

    api: the contract's version this plugin was written for.
    """

    name: str
    title: str
    version: str = ""
    kinds: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ()
    exporters: tuple[str, ...] = ()
    api: int = 1
