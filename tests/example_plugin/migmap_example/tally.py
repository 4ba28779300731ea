"""An analysis: how many rows hold each value of a column."""

from collections import Counter
from typing import Annotated, Any, ClassVar

from pydantic import Field

from migmap.api import Analysis, ColumnOf, Inputs, Metric, Params, Problem, Progress, Result, VectorInput


class TallyParams(Params):
    """Which layer, which column."""

    sites: Annotated[str, VectorInput()] = Field(title="Sites", description="The layer to count.")
    column: Annotated[str, ColumnOf("sites")] = Field(title="Column", description="The column to count by.")
    at_least: int = Field(1, ge=1, title="At least", description="Leave out values rarer than this.")


class Tally(Analysis):
    """Counts."""

    name: ClassVar[str] = "tally"
    title: ClassVar[str] = "Count by a column"
    summary: ClassVar[str] = "How many sites hold each value of a column."
    Params: ClassVar[type[Params]] = TallyParams

    def run(self, params: Any, inputs: Inputs, progress: Progress) -> Result:
        sites = inputs.vector("sites")
        if params.column not in sites.frame.columns:
            raise Problem(f"{sites.name} has no column “{params.column}”.", fix="Choose one of its columns.")
        progress(0.5, "Counting")
        counts = Counter(str(value) for value in sites.frame[params.column])
        rows = [
            Metric("sites", None, None, None, None, value, None, float(count), "sites")
            for value, count in sorted(counts.items())
            if count >= params.at_least
        ]
        return Result(metrics=tuple(rows), notes=(f"{len(rows)} values in {len(sites.frame)} sites.",))
