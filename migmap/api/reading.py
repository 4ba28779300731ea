"""What the user decided about how a file is read. All else is found in the file itself."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Reading(BaseModel):
    """A frozen value: the same file and the same Reading give the same data.

    crs: that of a file that names none. kind: id of a LayerKind; None: the best guess.
    roles: role -> column, over what the kind proposes; "" for a role that no column plays. "latitude",
        "longitude" and "position" (both in one cell, or a shape as text) say where a table's positions are.
    fixes: codes of findings whose offered mend is applied. keep: codes of findings for what migmap
        otherwise leaves out (total rows, coarser levels, earlier rounds, personal columns): kept in use.
    header: rows of the header as a person counts them, from 1; () where the table has none; None: found.
    encoding: codec of a text file; None: found. choices: path of the XLSForm whose labels replace codes.
    people_unit: what the cells of a population raster hold ("count", "density-km2", "density-ha",
        "density-10ha"); None: as the raster says.
    areas: name or code of an area as the file has it -> P-code of the area it means, where somebody decided.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    crs: str | None = None
    kind: str | None = None
    roles: dict[str, str] = {}
    fixes: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    header: tuple[int, ...] | None = None
    encoding: str | None = None
    choices: str | None = None
    people_unit: str | None = None
    areas: dict[str, str] = {}

    @property
    def key(self) -> str:
        """The same text for equal readings, for caches."""
        return self.model_dump_json()

    def changed(self, **values: Any) -> Reading:
        """A checked copy with these fields replaced."""
        return Reading.model_validate({**dict(self), **values})


AS_FOUND = Reading()
"""Nothing decided: everything as the file has it."""
