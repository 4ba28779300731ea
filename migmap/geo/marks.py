"""What every product prints beside its figures: sensitivity, origin, run, and how to read a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from migmap.api import ExportDocument, MapLayer

SYNTHETIC = "SYNTHETIC DATA – not real places or people"
NOT_STATED = "not stated – treat as restricted"
FOOTNOTE = (
    "“Unknown” means no data or no position: it is neither zero nor “not exposed”. "
    "Figures are rounded for display (halves to the even digit), so rounded rows may not add up exactly; "
    "tables and data files hold the unrounded values."
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Sentences ready to print, none with a line break.

    synthetic: "" where nothing is made up; elsewhere it must be impossible to overlook. sharing: under
    which agreements it was shared and for whom it was made, "" where nothing is said of that.
    sources: one line a source, never empty. run: "" for plain layers.
    """

    sensitivity: str
    synthetic: str
    boundary: str
    sources: tuple[str, ...]
    run: str
    footnote: str
    sharing: str = ""

    def lines(self) -> tuple[str, ...]:
        """Everything, in the order a reader needs it."""
        head = (self.synthetic, self.sensitivity, self.sharing)
        sources = (f"Source: {line}" for line in self.sources)
        return tuple(line for line in (*head, *sources, self.boundary, self.run, self.footnote) if line)


def marks(document: ExportDocument) -> Marks:
    """The marks of a document. A sensitivity nobody stated reads "not stated" and binds as restricted."""
    sources = tuple(line for line in map(_one_line, document.sources) if line)
    return Marks(
        sensitivity=f"Sensitivity: {document.sensitivity or NOT_STATED}",
        synthetic=SYNTHETIC if document.synthetic else "",
        boundary=_one_line(document.boundary_note),
        sources=sources or _sources_of(document.layers) or ("not stated",),
        run=f"Run {document.run_id}" if document.run_id else "",
        footnote=FOOTNOTE,
        sharing=sharing(document.agreements, document.audience),
    )


def sharing(agreements: Iterable[tuple[str, str, str]], audience: Iterable[str] = ()) -> str:
    """ "Shared under MoU 12, until 2026-12-31, with the CCCM cluster. Made for: the CCCM cluster"."""
    said = []
    for reference, expires, who in agreements:
        parts = [f"under {reference}" if reference else "under an agreement"]
        parts += [f"until {expires}"] if expires else []
        parts += [f"with {who}"] if who else []
        said.append(f"Shared {', '.join(parts)}")
    named = ", ".join(audience)
    return _one_line(". ".join([*said, *([f"Made for: {named}"] if named else [])]))


def layer_source(layer: MapLayer) -> str:
    """One line saying where a layer comes from: attribution, date, licence, else the file's name."""
    meta = layer.data.meta
    stated = ", ".join(_one_line(text) for text in (meta.attribution, meta.date, meta.licence) if text)
    return stated or PurePath(layer.data.source.path.replace("\\", "/")).name


def _sources_of(layers: tuple[MapLayer, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in map(layer_source, layers) if line))


def _one_line(text: str) -> str:
    return " ".join(text.split())
