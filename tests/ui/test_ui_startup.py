"""The window is there before anything heavy; bugs reach a dialog; late results reach nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from psygnal import Signal
from pytestqt.qtbot import QtBot

from migmap.ui.bridge import Bridge
from migmap.ui.words import cell, counted, isolated, number

ROOT = Path(__file__).resolve().parents[2]


def test_the_window_is_usable_before_anything_heavy_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "migmap"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "MIGMAP_STARTUP_PROBE": "1"},
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["heavy"] == []
    assert 0 < figures["painted_s"] <= figures["ready_s"]


class Source:
    told = Signal(int)


def test_signals_of_other_threads_arrive_on_this_one(qtbot: QtBot) -> None:
    bridge, source, seen = Bridge(), Source(), []
    bridge.listen(source.told, lambda value: seen.append((value, threading.current_thread())))
    source.told.emit(1)
    worker = threading.Thread(target=lambda: source.told.emit(2))
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [(1, threading.current_thread()), (2, threading.current_thread())]


def test_nothing_arrives_after_close(qtbot: QtBot) -> None:
    bridge, source, seen = Bridge(), Source(), []
    bridge.listen(source.told, seen.append)
    worker = threading.Thread(target=lambda: source.told.emit(1))
    worker.start()
    worker.join()
    bridge.close()
    source.told.emit(2)
    bridge.post(seen.append, 3)
    qtbot.wait(20)
    assert seen == []


def test_values_read_as_people_write_them() -> None:
    assert number(1234567) == "1,234,567"
    assert number(12.345) == "12.3"
    assert number(0.125) == "0.125"
    assert number(69014.6, 1) == "69,014.6"
    assert cell(3.0) == "3"
    assert cell(None) == cell(float("nan")) == ""
    assert counted("1 row", "{0} rows", 1) == "1 row"
    assert counted("1 row", "{0} rows", 1200) == "1,200 rows"


def test_a_name_keeps_to_itself_in_a_sentence() -> None:
    assert isolated("گاؤں") == "\u2068گاؤں\u2069"
    assert isolated("") == ""
