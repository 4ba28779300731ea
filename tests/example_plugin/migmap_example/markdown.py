"""An exporter: the metrics as a Markdown table."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, Params, Problem, Progress


class MarkdownParams(Params):
    """How the table is headed."""

    heading: str = Field("", title="Heading", description="Heading above the table; the title by default.")


class Markdown(Exporter):
    """For a brief."""

    name: ClassVar[str] = "markdown"
    title: ClassVar[str] = "Markdown table"
    endings: ClassVar[tuple[str, ...]] = (".md",)
    takes = "table"
    Params: ClassVar[type[Params]] = MarkdownParams

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        lines = [f"# {params.heading or document.title}", ""]
        if document.metrics:
            lines += ["| metric | class | value |", "|---|---|---|"]
            lines += [f"| {row.metric} | {row.class_} | {row.value:g} |" for row in document.metrics]
        elif document.layers:
            lines += [f"- {layer.title}" for layer in document.layers]
        else:
            raise Problem("There is nothing to write.")
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
        progress(1.0, "Written")
        return ()
