"""Where the documents of earlier runs lie while another run compares with them."""

from __future__ import annotations

from pathlib import Path


def document_path(run_id: str) -> Path:
    """Where the document of a run of the project is kept, so that another run and its command can name it."""
    from migmap.app import places

    return places.home() / "runs" / f"{run_id}.json"
