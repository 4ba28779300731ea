"""How the values of a hazard and of a population raster are read, and how the notes say so."""

from __future__ import annotations

from typing import Any

from migmap.api import Problem

POPULATION_UNITS = ("people/km2", "people/ha", "people/10ha", "people/m2")
COUNTS = "counts"
POPULATION_READINGS = (
    (COUNTS, "people in each cell"),
    *((f"density:{unit}", unit.replace("km2", "km²").replace("m2", "m²")) for unit in POPULATION_UNITS),
)


def population_unit(text: str) -> str:
    """ "counts", or the unit after "density:"; a Problem for anything else."""
    if text == COUNTS:
        return COUNTS
    word, _, unit = text.partition(":")
    if word == "density" and unit in POPULATION_UNITS:
        return unit
    known = ", ".join(f"density:{unit}" for unit in POPULATION_UNITS)
    raise Problem(f"“{text}” is no way to read a population raster.", fix=f"Give counts, or one of {known}.")


def rule_of(params: Any) -> str:
    """How classes are read, for the notes."""
    if params.classes:
        return (
            "Each class includes its lower edge; the last is open-ended; "
            "what is below the first is not exposed."
        )
    return ""
