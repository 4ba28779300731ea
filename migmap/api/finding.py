"""What is odd in the data but does not stop the work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a fix replaces.

    row: as a person sees it. column: "" for the shape or position. old, new: as text, "" for blank.
    """

    row: int
    column: str
    old: str
    new: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about data, listed, counted and exported.

    code: stable, lower-case with hyphens, the same for the same kind of fault everywhere.
    count: how many rows, cells or parts it concerns.
    message: a full sentence for the user; says what was done about it.
    rows: rows as a person sees them (feature number from 1; for a table the sheet or line number
        with the header counted); empty when the finding is not about rows. At most 1,000 are kept,
        `count` is always the true number.
    fix: what `--fix CODE` would do, as a sentence; "" where no mend is offered. applied: it was done.
    changes: what the fix replaces, every value of it; not part of what makes two findings equal.
    """

    code: str
    severity: Severity
    message: str
    count: int = 1
    rows: tuple[int, ...] = ()
    fix: str = ""
    applied: bool = False
    changes: tuple[Change, ...] = field(default=(), compare=False, repr=False)

    def as_json(self) -> Mapping[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "count": self.count,
            "message": self.message,
            "rows": list(self.rows),
            "fix": self.fix or None,
            "applied": self.applied,
        }
