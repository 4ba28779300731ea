"""What an analysis is: declared parameters, resolved inputs in, layers and metric rows out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .data import Data, RasterData, VectorData
from .explanation import Explanation
from .finding import Finding
from .params import Params, input_field
from .problem import Problem
from .progress import Progress
from .style import Style


@dataclass(frozen=True, slots=True)
class Metric:
    """One number with all that is needed to read it.

    area: id as text; None in the row for everything, "outside" for what lies in no area, "overlap"
        for what areas count more than once (negative). level: the area-id column, None in the row
        for everything. class_: class label, "not_exposed", "unknown", or None. value: None where
        the number itself is unknown, which is not 0. hidden: it is known and so small that it would tell
        of single households, so the value is None. compared: the row compares two runs; value is then after
        minus before, None where one of them is.
    """

    metric: str
    hazard: str | None
    area: str | None
    area_name: str | None
    level: str | None
    class_: str | None
    group: str | None
    value: float | None
    unit: str
    hidden: bool = False
    before: float | None = None
    after: float | None = None
    compared: bool = False

    def as_json(self) -> Mapping[str, Any]:
        """ "hidden" stands there only where it is true, "before" and "after" only in a comparison."""
        said: dict[str, Any] = {
            "metric": self.metric,
            "hazard": self.hazard,
            "area": self.area,
            "area_name": self.area_name,
            "level": self.level,
            "class": self.class_,
            "group": self.group,
            "value": self.value,
            "unit": self.unit,
        }
        if self.compared:
            said |= {"before": self.before, "after": self.after}
        return {**said, "hidden": True} if self.hidden else said

    @classmethod
    def from_json(cls, one: Mapping[str, Any]) -> Metric:
        """The other half of `as_json`."""
        return cls(
            metric=str(one.get("metric")),
            hazard=one.get("hazard"),
            area=one.get("area"),
            area_name=one.get("area_name"),
            level=one.get("level"),
            class_=one.get("class"),
            group=one.get("group"),
            value=one.get("value"),
            unit=str(one.get("unit") or ""),
            hidden=bool(one.get("hidden")),
            before=one.get("before"),
            after=one.get("after"),
            compared="before" in one,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ResultLayer:
    """A layer an analysis made. name: "sites" or "areas", the layer's name in exported files."""

    name: str
    title: str
    data: VectorData
    style: Style


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """layers: for maps and vector files. metrics: in the order they should be read, the row for
    everything first. notes: sentences in plain words, the answer first, then the caveats."""

    metrics: tuple[Metric, ...]
    layers: tuple[ResultLayer, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PastRun:
    """A saved run document, read. path: as it was given; sha256: of its contents. sites: its layer "sites",
    made again, where it had one and its inputs are still what they were; else None."""

    id: str
    analysis: str
    params: Mapping[str, Any]
    metrics: tuple[Metric, ...]
    path: str = ""
    sha256: str = ""
    sites: VectorData | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """The resolved inputs of a run, by the name of the field that asked for them; of several for one field
    by `input_key`. runs, profiles: saved runs, and profiles (Scheme, Rates, Needs; one or more a field), by
    field."""

    data: Mapping[str, Data] = field(default_factory=dict)
    runs: Mapping[str, PastRun] = field(default_factory=dict)
    profiles: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def get(self, name: str) -> Data | None:
        return self.data.get(name)

    def all_of(self, name: str) -> tuple[Data, ...]:
        """Everything given for field `name`, in order."""
        return tuple(data for key, data in self.data.items() if input_field(key) == name)

    def vector(self, name: str) -> VectorData:
        """The vector layer given for field `name`; a Problem where it is a raster."""
        found = self.data[name]
        if isinstance(found, VectorData):
            return found
        raise Problem(
            f"{found.source.path} is a raster; “{name}” needs points or polygons.",
            fix="Give a file with features, for example a shapefile, GeoPackage or table.",
        )

    def raster(self, name: str) -> RasterData:
        """The raster given for field `name`; a Problem where it is a vector layer."""
        found = self.data[name]
        if isinstance(found, RasterData):
            return found
        raise Problem(
            f"{found.source.path} holds features; “{name}” needs a raster.",
            fix="Give a raster file, for example a GeoTIFF.",
        )


class Analysis(ABC):
    """An analysis. Stateless. Opens no file and knows no layer tree.

    name: the command (`migmap run NAME`) and the recipe's word, lower-case with hyphens.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    icon: ClassVar[str] = "mdi6.calculator-variant-outline"
    Params: ClassVar[type[Params]]

    @abstractmethod
    def run(self, params: Any, inputs: Inputs, progress: Progress) -> Result:
        """Compute. `params` is a `self.Params`. Raises Problem for what the user can fix."""

    def explain(self, params: Any, inputs: Inputs, metric: Metric, progress: Progress) -> Explanation:
        """What one figure of a run of this analysis is made of, counted again from the inputs."""
        return Explanation("Parts", (f"“{self.title}” cannot break its figures down into parts.",))

    def sentence(self, params: Any, names: Mapping[str, str]) -> str:
        """What this run will compute, in one sentence for the form; `names` maps input fields to
        layer titles."""
        return self.summary
