"""Which lines of the migration frameworks the metrics of a run speak to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migmap.api import Scheme

if TYPE_CHECKING:
    from migmap.app.recipe import Run


def tags_for(run: Run) -> Callable[[str], str]:
    """Metric -> one line of codes, "" for none."""
    from migmap.app.beside import profiles_in
    from migmap.geo.tags import sector_of, tags_of
    from migmap.io.rasters.hazardnames import hazard_of_name

    schemes = profiles_in(run.recipe, run.title).get("scheme", ())
    names = dict.fromkeys(one.hazard for one in run.result.metrics if one.hazard)
    kinds = [hazard_of_name(name).hazard for name in names]
    kinds += [one.hazard for one in schemes if isinstance(one, Scheme)]
    hazards = tuple(dict.fromkeys(kind for kind in kinds if kind))
    exposed = next((layer.data.kind for layer in run.result.layers if layer.name == "sites"), "")
    sector = sector_of(
        " ".join([*_texts(run.params.get("services_where")), str(run.params.get("services", ""))])
    )

    def line(metric: str) -> str:
        return tags_of(metric, run.analysis, hazards, exposed, sector=sector).text

    return line


def _texts(value: Any) -> list[str]:
    return (
        []
        if value is None
        else [str(one) for one in value]
        if isinstance(value, list | tuple)
        else [str(value)]
    )
