"""One file into another: read as decided, written clean, every row accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migmap.api import Finding, Problem, Progress, RasterData, Reading, part

from . import exporting
from .recipe import plain, unique

if TYPE_CHECKING:
    from migmap.geo.accounting import Accounting

    from .workbench import Workbench


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a file. accounting: None for a raster."""

    kind: str
    roles: dict[str, str]
    findings: tuple[Finding, ...]
    paths: tuple[Path, ...]
    accounting: Accounting | None
    set_aside: tuple[dict[str, Any], ...] = ()

    def document(self) -> dict[str, Any]:
        """What `migmap convert --json` prints."""
        said: dict[str, Any] = plain(
            {
                "kind": self.kind,
                "roles": self.roles,
                "outputs": [str(path) for path in self.paths],
                "accounting": self.accounting.as_json() if self.accounting else None,
                "set_aside": list(self.set_aside),
                "findings": [finding.as_json() for finding in self.findings],
            }
        )
        return said


def convert(
    workbench: Workbench,
    text: str,
    target: str | Path,
    reading: Reading,
    audience: Sequence[str],
    progress: Progress,
) -> Converted:
    """Read `text` as `reading` says and write it at `target`, whose ending picks the format.

    Problem: the file cannot be read, nobody writes that ending, the target is the file itself, a fix or
    a row to keep that no finding of this file offers, an export outside a sharing agreement.
    """
    (path, exporter), *_ = exporting.check_targets(workbench.registry, [target], [text])
    if exporter.takes == "run":
        endings = sorted(e for one in workbench.registry.exporters().values() for e in one.endings)
        raise Problem(
            f"{path} would hold a run, and there is none.",
            fix=f"Use an ending of {', '.join(endings)}.",
        )
    layer = workbench.open(text, reading=reading, progress=part(progress, 0.0, 0.6))
    data = workbench.data_of(layer)
    unknown = asked_in_vain(reading, data.findings)
    if unknown:
        raise Problem(
            f"There is nothing to do for {', '.join(unknown)}.",
            detail="A fix or a kept row needs a finding of that code; this file has none.",
            fix=f"“migmap check {Path(text).name}” lists the findings and what they offer.",
        )
    document = workbench.document_of_layers([layer])
    done = workbench.export(
        document, path, exporter=exporter.name, audience=audience, progress=part(progress, 0.6, 1.0)
    )
    findings = unique([*document.findings, *done.findings])
    if isinstance(data, RasterData):
        return Converted(data.kind, dict(data.roles), findings, done.paths, None)
    from migmap.geo.accounting import accounting, set_aside

    return Converted(
        data.kind, dict(data.roles), findings, done.paths, accounting(data), tuple(set_aside(data))
    )


def asked_in_vain(reading: Reading, findings: tuple[Finding, ...]) -> list[str]:
    """`--fix CODE` and `--keep CODE` for which nothing was found: as a rule a typing error, and never to
    be passed over, because the user believes that it was done."""
    applied = {finding.code for finding in findings if finding.applied}
    known = {finding.code for finding in findings}
    vain = [f"--fix {code}" for code in reading.fixes if code not in applied]
    return vain + [f"--keep {code}" for code in reading.keep if code.partition(":")[0] not in known]
