"""JSON: the run document, from which the same run can be made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, Problem, Progress


class RunDocument(Exporter):
    """What `--json` prints, plus the recipe."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "Run document with recipe (JSON)"
    icon: ClassVar[str] = "mdi6.code-json"
    endings: ClassVar[tuple[str, ...]] = (".json",)
    takes = "run"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Problem where the document is not of a run."""
        if not document.run:
            raise Problem(
                f"{document.title} is not the result of a run, so there is no run document to write.",
                fix="Run an analysis first, or export the layers in another format.",
            )
        text = json.dumps(document.run, ensure_ascii=False, allow_nan=False, indent=2)
        target.write_text(text + "\n", encoding="utf-8", newline="\n")
        progress(1.0, f"Wrote {target.name}")
        return ()
