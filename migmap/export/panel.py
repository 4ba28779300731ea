"""What stands around the page's map: answer, layers with legend, figures, findings, origin. All static and
escaped, so that it reads the same where scripts do not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from migmap.api import ExportDocument, Finding, Metric

from .page import escaped, isolated
from .swatch import HATCH_DEFINITION, swatch

if TYPE_CHECKING:
    from .features import LayerView

HIDDEN = "not shown"
"""What stands where a figure is known and would tell of single households."""
_HEADINGS = (
    "metric", "hazard", "area", "name", "class", "group", "value", "unit", "before", "after", "tags"
)  # fmt: skip
_VALUE = _HEADINGS.index("value")
_WORDS = {
    "not_exposed": "not exposed",
    "area_km2": "area",
    "people_min": "people at least",
    "people_max": "people at most",
}
_AREAS = {None: "everything", "outside": "outside all areas", "overlap": "counted more than once"}


def panel(document: ExportDocument, views: Sequence[LayerView], map_html: str) -> str:
    """The body of the page but for its data and scripts. map_html: the element the map goes into."""
    from migmap.geo.marks import marks, tags_in

    said = marks(document)
    banner = f'<div class="synthetic" role="note">{escaped(said.synthetic)}</div>' if said.synthetic else ""
    watermark = f'<div class="map-mark">{escaped(said.synthetic)}</div>' if said.synthetic else ""
    sources = "; ".join(said.sources)
    subtitle = " · ".join(part for part in (said.sensitivity, said.sharing, said.run) if part)
    return f"""{banner}
<header><h1>{isolated(document.title)}</h1><p>{isolated(subtitle)}</p></header>
<main>
<section class="map-frame" aria-label="Map">
<div class="map-box">
{map_html}
{watermark}
<div id="status" role="alert" hidden></div>
<noscript><p>This map needs JavaScript to draw.
The answer, the legend and the figures are readable without.</p></noscript>
</div>
<p class="map-note">{isolated(said.sensitivity)} · Source: {isolated(sources)}</p>
</section>
<aside aria-label="Legend and figures">
{HATCH_DEFINITION}
{_answer(document.notes)}
{_layers(document, views)}
<section id="search" hidden><h2>Find</h2>
<label for="find">Name of a place</label><input id="find" type="search" autocomplete="off" spellcheck="false">
<ul id="found" aria-live="polite"></ul></section>
{_figures(document.metrics, tags_in(document.run))}
{_findings(document.findings)}
{_card(said.provenance)}
<section class="about"><h2>About this map</h2>
{f'<p class="sensitivity">{escaped(said.synthetic)}</p>' if said.synthetic else ""}
<p class="sensitivity">{isolated(said.sensitivity)}</p>
{f'<p class="sensitivity">{isolated(said.sharing)}</p>' if said.sharing else ""}
{"".join(f"<p>Source: {isolated(line)}</p>" for line in said.sources)}
<p>{isolated(said.boundary)}</p>
<p>{isolated(said.footnote)}</p>
{f"<p>{isolated(said.run)}</p>" if said.run else ""}
</section>
</aside>
</main>"""


def _answer(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    lines = "".join(f"<p>{isolated(note)}</p>" for note in notes)
    return f'<section class="answer"><h2>Result</h2>{lines}</section>'


def _layers(document: ExportDocument, views: Sequence[LayerView]) -> str:
    """A switch and a legend a layer, the topmost first."""
    blocks = []
    for number in reversed(range(len(views))):
        layer, view = document.layers[number], views[number]
        checked = " checked" if layer.visible else ""
        heading = layer.style.title
        legend = "".join(
            f"<li>{swatch(row.symbol, view.kind, layer.opacity)}"
            f"<span>{isolated(row.label or layer.title)}</span>"
            + (f'<span class="count">{row.count:,}</span>' if row.count is not None else "")
            + "</li>"
            for row in view.legend
        )
        blocks.append(
            f'<div class="layer"><label><input type="checkbox" data-layer="{number}" disabled{checked}>'
            f"<span>{isolated(layer.title)}</span></label>"
            + (
                f'<p class="legend-title">{isolated(heading)}</p>'
                if heading and heading != layer.title
                else ""
            )
            + (f'<ul class="legend">{legend}</ul>' if legend else "")
            + "".join(f'<p class="remark">{isolated(remark)}</p>' for remark in view.remarks)
            + "</div>"
        )
    return f"<section><h2>Layers</h2>{''.join(blocks)}</section>" if blocks else ""


def _figures(metrics: Sequence[Metric], tags: Mapping[str, str]) -> str:
    """The rows for everything; the rows by area come when the reader opens them."""
    if not metrics:
        return ""
    from migmap.geo.wording import rows_text, unit_text

    whole = [metric for metric in metrics if metric.area is None]
    compared = any(metric.compared for metric in whole)
    # Three numbers a row leave no room for a column that mostly repeats the first.
    named = ("before", "after", "change") if compared else ("value",)
    heads = "".join(f'<th scope="col" class="number">{name}</th>' for name in named)
    unit_head = "" if compared else '<th scope="col">unit</th>'

    def row(metric: Metric) -> str:
        unit = unit_text(metric.unit)
        said = _words(metric.metric)
        if compared and metric.unit not in said:
            said = f"{said} ({unit})"
        return (
            f"<tr><td>{isolated(said)}</td><td>{isolated(_class(metric))}</td>{_numbers(metric, compared)}"
            + ("" if compared else f"<td>{isolated(unit)}</td>")
            + "</tr>"
        )

    look = ' class="compared"' if compared else ""
    table = (
        f'<table{look}><thead><tr><th scope="col">figure</th><th scope="col">class</th>'
        f"{heads}{unit_head}</tr></thead><tbody>{''.join(map(row, whole))}</tbody></table>"
    )
    spoken: dict[str, list[str]] = {}
    for name in dict.fromkeys(one.metric for one in metrics):
        if tags.get(name):
            spoken.setdefault(tags[name], []).append(_words(name))
    lines = "".join(
        f'<p class="remark">{isolated(", ".join(names) + ": " + text)}</p>' for text, names in spoken.items()
    )
    return (
        f"<section><h2>Figures</h2>{table if whole else ''}{lines}</section>"
        f'<details id="figures"><summary>All figures by area ({rows_text(len(metrics))})</summary></details>'
    )


def figures_payload(
    metrics: Sequence[Metric], tags: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """All metric rows as display text for the viewer; columns that say nothing are left out."""
    from migmap.geo.wording import unit_text

    if not metrics:
        return None
    rows = [
        (
            _words(metric.metric),
            metric.hazard or "",
            _AREAS.get(metric.area, metric.area or ""),
            metric.area_name or "",
            _class(metric),
            metric.group or "",
            HIDDEN if metric.hidden else shown(metric.value, metric.unit),
            unit_text(metric.unit),
            *_both(metric),
            (tags or {}).get(metric.metric, ""),
        )
        for metric in metrics
    ]
    kept = [i for i in range(len(_HEADINGS)) if i == _VALUE or any(row[i] for row in rows)]
    return {
        "columns": [_HEADINGS[i] for i in kept],
        "number": kept.index(_VALUE),
        "rows": [[row[i] for i in kept] for row in rows],
    }


def _numbers(metric: Metric, compared: bool) -> str:
    """The cells of a figure: its value; of a comparison before, after and the change."""
    said = [HIDDEN if metric.hidden else shown(metric.value, metric.unit)]
    if compared:
        said = [*(_both(metric) if metric.compared else ("", "")), *said]
    return "".join(f'<td class="number">{isolated(text)}</td>' for text in said)


def _both(metric: Metric) -> tuple[str, str]:
    """Before and after, of a comparison."""
    if not metric.compared:
        return "", ""
    if metric.hidden:
        return HIDDEN, HIDDEN
    return shown(metric.before, metric.unit), shown(metric.after, metric.unit)


def shown(value: float | None, unit: str) -> str:
    """A figure as a reader sees it, rounded half to even; "unknown" where there is none."""
    if value is None or value != value:
        return "unknown"
    if unit in ("people", "sites", "m", "households") or abs(value) >= 1e6:
        rounded = f"{value:,.0f}"
    elif abs(value) >= 100 or float(value).is_integer():
        rounded = f"{value:,.1f}" if not float(value).is_integer() else f"{value:,.0f}"
    else:
        rounded = f"{value:,.4g}"
    return "0" if rounded == "-0" else rounded


def _class(metric: Metric) -> str:
    return _words(metric.class_ or "")


def _words(label: str) -> str:
    return _WORDS.get(label, label)


def _card(provenance: Sequence[tuple[str, str]]) -> str:
    """What made the figures, a line a topic; the reader opens it."""
    if not provenance:
        return ""
    lines = "".join(
        f"<dt>{isolated(topic[:1].upper() + topic[1:])}</dt><dd>{isolated(text)}</dd>"
        for topic, text in provenance
    )
    return (
        '<details id="provenance"><summary>What made these figures</summary>'
        f'<dl class="provenance">{lines}</dl></details>'
    )


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    lines = "".join(
        f'<li class="{escaped(finding.severity)}">{isolated(finding.message)}'
        f"<small>{escaped(finding.code)} · {finding.count:,}{_rows(finding)}</small></li>"
        for finding in findings
    )
    return (
        f"<details><summary>What is odd in the data ({len(findings):,})</summary>"
        f'<ul class="findings">{lines}</ul></details>'
    )


def _rows(finding: Finding, most: int = 20) -> str:
    if not finding.rows:
        return ""
    rows = ", ".join(map(str, finding.rows[:most]))
    return f" · rows {rows}" + (" …" if finding.count > most else "")
