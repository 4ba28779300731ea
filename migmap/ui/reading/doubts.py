"""What of a file should be looked at before it joins the map; nothing for a file that is clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from migmap.api import AS_FOUND, LayerKind

from ..words import counted, isolated, number
from .mends import PERSONAL
from .wording import in_window_words, without_folders

if TYPE_CHECKING:
    from migmap.app.preview import Preview
    from migmap.geo.peoplereadings import PeopleReading

SURE = 0.5
"""Score from which a kind is taken without asking."""
CLOSE = 0.1
"""Two kinds whose scores are nearer than this are told apart by the person."""
ASKED = frozenset(
    (
        "no-crs",
        "header-missing",
        "coordinates-projected",
        "several-positions",
        "crs-doubtful",
        "variable-not-chosen",
        "step-not-chosen",
    )
)
"""Findings that ask for an answer although no mend is offered."""
CONTEXT = "doubts"


def doubts(
    preview: Preview,
    kinds: Mapping[str, LayerKind],
    people: Sequence[PeopleReading] = (),
    *,
    settled: bool = False,
) -> tuple[str, ...]:
    """Sentences, the gravest first; () where there is nothing to decide. people: the ways a population
    raster could be meant. settled: a template was used, so that what an earlier round was read like is
    decided; mends are asked about in every round, because they are about its rows."""
    found = [
        *_unreadable(preview),
        *(() if settled else _kind(preview, kinds)),
        *_people(preview, people),
        *_roles(preview, kinds),
        *_offered(preview, settled),
        *(() if settled else _left_out(preview)),
    ]
    path = preview.probe.source.path
    return tuple(dict.fromkeys(in_window_words(without_folders(text, path)) for text in found))


def _unreadable(preview: Preview) -> list[str]:
    if preview.problem is None or any(one.code == "no-crs" for one in preview.findings):
        return []
    return [preview.problem.title]


def _kind(preview: Preview, kinds: Mapping[str, LayerKind]) -> list[str]:
    if preview.reading.kind is not None or preview.probe.stated.get("kind") == preview.guess.kind:
        return []
    scored = [guess for guess in preview.guesses if guess.kind != "plain" and guess.score > 0]
    if not scored or preview.guess.kind == "plain":
        return []
    best = scored[0]
    title = kinds[best.kind].title if best.kind in kinds else best.kind
    second = scored[1] if len(scored) > 1 else None
    if second is not None and best.score - second.score < CLOSE and second.kind in kinds:
        text = _tr("It could be “{0}” or “{1}”.")
        return [text.format(title, kinds[second.kind].title)]
    # The cells of a raster are the same whatever it is about: a finding says that little speaks for it, and
    # only people, who could be per cell or per area, are asked about.
    if best.score < SURE and preview.probe.geometry != "raster":
        return [_tr("It looks like “{0}”, but this is not sure.").format(title)]
    return []


def _people(preview: Preview, people: Sequence[PeopleReading]) -> list[str]:
    """Cells are read as people in the cell unless somebody says otherwise: asked where that is not what the
    raster says of itself."""
    if not people or preview.reading.people_unit is not None:
        return []
    advised = next((one for one in people if one.recommended), None)
    if advised is None:
        return [_tr("The raster does not say whether a cell holds people, or people per area.")]
    return [] if advised.unit == "count" else [_tr("The cells seem to hold people per area, not people.")]


def _roles(preview: Preview, kinds: Mapping[str, LayerKind]) -> list[str]:
    kind = kinds.get(preview.guess.kind)
    if kind is None or not preview.probe.columns:
        return []
    said = []
    for role in kind.roles:
        others = preview.guess.others.get(role.name, ())
        if role.required and not preview.guess.roles.get(role.name):
            said.append(_tr("No column was found for “{0}”.").format(role.title))
        elif others and role.name not in preview.reading.roles:
            chosen = preview.guess.roles.get(role.name, "")
            names = ", ".join(f"“{isolated(name)}”" for name in (chosen, *others) if name)
            said.append(_tr("Several columns could be “{0}”: {1}.").format(role.title, names))
    return said


def _offered(preview: Preview, settled: bool) -> list[str]:
    """Questions, and mends that wait for a yes. What a template settled is not asked again."""
    decided = settled or preview.reading != AS_FOUND
    return [
        finding.message
        for finding in preview.findings
        if (finding.code in ASKED and not decided)
        or (finding.fix and not finding.applied and finding.code not in preview.reading.fixes)
    ]


def _left_out(preview: Preview) -> list[str]:
    said = []
    aside = preview.accounting.set_aside if preview.accounting is not None else 0
    if aside and preview.reading == AS_FOUND:
        text = (
            counted(_tr("1 row is set aside"), _tr("{0} rows are set aside"), aside)
            if preview.whole
            else _tr("{0} of the first {1} rows are set aside").format(
                number(aside), number(preview.accounting.rows if preview.accounting is not None else aside)
            )
        )
        why = ", ".join(preview.aside_reasons)
        said.append(f"{text}: {why}." if why else f"{text}.")
    for finding in preview.findings:
        if finding.code == PERSONAL and PERSONAL not in preview.reading.keep and preview.reading == AS_FOUND:
            said.append(finding.message)
    return said


def _tr(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
