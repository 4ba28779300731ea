"""The page in a real browser, where one is installed: it draws, and nothing planted in the data runs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from migmap.api import ExportDocument, MapLayer, Style
from migmap.export.html import HtmlMap

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PLANTED = (
    "<script>document.title='ran'</script>",
    '"><img src=x onerror="document.title=\'ran\'">',
    "</script><script>document.title='ran'</script>",
    "<svg onload=document.title='ran'>",
)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("copies", [1, 2000])
def test_the_page_draws_and_planted_text_does_not_run(
    copies: int, vector: Any, export: Any, tmp_path: Path, document: ExportDocument
) -> None:
    columns = {"name": list(PLANTED) * copies, PLANTED[0]: list(PLANTED) * copies}
    shapes = [shapely.Point(67 + i, 30) for i in range(len(PLANTED))] * copies
    evil = MapLayer("x", PLANTED[1], vector("x", columns, shapes), Style(title=PLANTED[2]))
    page = tmp_path / "map.html"
    export(
        HtmlMap(), replace(document, title="Untouched", layers=(*document.layers, evil), notes=PLANTED), page
    )
    dom = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            # Every name resolves to nothing: a page that needs the network could not draw.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=10000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    ).stdout.decode("utf-8")
    assert 'data-ready="yes"' in dom
    assert "<title>Untouched</title>" in dom
    assert 'id="status" role="alert" hidden' in dom
    assert dom.count("<canvas") >= 3
