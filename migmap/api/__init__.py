"""The contract a plugin sees. Imports nothing else of migmap and does nothing at import."""

from .analysis import Analysis, Inputs, Metric, Result, ResultLayer
from .data import (
    ColumnInfo,
    Data,
    Extent,
    Meta,
    Probe,
    RasterData,
    RowsAside,
    Sensitivity,
    Source,
    VectorData,
    strictest,
)
from .exporter import (
    ExportDocument,
    Exporter,
    ExportTools,
    InputRecord,
    MapLayer,
    MapPainter,
)
from .finding import Change, Finding, Severity
from .layerkind import GROUND_KINDS, Guess, LayerKind, Role
from .params import (
    ColumnOf,
    Flag,
    OnlyFor,
    ParamField,
    Params,
    RasterInput,
    Suggestions,
    TypedNumber,
    VectorInput,
    declared_fields,
)
from .people import PeopleColumn, Sex
from .plugin import Plugin
from .problem import Cancelled, Problem
from .progress import Progress, no_progress, part
from .reading import AS_FOUND, Reading
from .style import Rule, Shape, Style, Symbol

__all__ = [
    "AS_FOUND",
    "GROUND_KINDS",
    "Analysis",
    "Cancelled",
    "Change",
    "ColumnInfo",
    "ColumnOf",
    "Data",
    "ExportDocument",
    "ExportTools",
    "Exporter",
    "Extent",
    "Finding",
    "Flag",
    "Guess",
    "InputRecord",
    "Inputs",
    "LayerKind",
    "MapLayer",
    "MapPainter",
    "Meta",
    "Metric",
    "OnlyFor",
    "ParamField",
    "Params",
    "PeopleColumn",
    "Plugin",
    "Probe",
    "Problem",
    "Progress",
    "RasterData",
    "RasterInput",
    "Reading",
    "Result",
    "ResultLayer",
    "Role",
    "RowsAside",
    "Rule",
    "Sensitivity",
    "Severity",
    "Sex",
    "Shape",
    "Source",
    "Style",
    "Suggestions",
    "Symbol",
    "TypedNumber",
    "VectorData",
    "VectorInput",
    "declared_fields",
    "no_progress",
    "part",
    "strictest",
]
