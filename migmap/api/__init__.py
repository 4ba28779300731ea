"""The contract a plugin sees. Imports nothing else of migmap and does nothing at import."""

from .analysis import Analysis, Inputs, Metric, Result, ResultLayer
from .data import (
    ColumnInfo,
    Data,
    Extent,
    Meta,
    Probe,
    RasterData,
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
from .finding import Finding, Severity
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
from .plugin import Plugin
from .problem import Cancelled, Problem
from .progress import Progress, no_progress, part
from .style import Rule, Shape, Style, Symbol

__all__ = [
    "GROUND_KINDS",
    "Analysis",
    "Cancelled",
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
    "Plugin",
    "Probe",
    "Problem",
    "Progress",
    "RasterData",
    "RasterInput",
    "Result",
    "ResultLayer",
    "Role",
    "Rule",
    "Sensitivity",
    "Severity",
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
