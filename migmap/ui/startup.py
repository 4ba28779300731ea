"""From a command line to a window: painted first, everything heavy behind it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType

HEARTBEAT_MS = 700
PROBE = "MIGMAP_STARTUP_PROBE"
HEAVY = (
    "pandas",
    "geopandas",
    "shapely",
    "rasterio",
    "pyogrio",
    "numba",
    "scipy",
    "folium",
    "pyarrow",
    "pyproj",
)


def main(files: Sequence[str]) -> int:
    """Show the window, open `files` in it, and stay until it is closed; the exit code.

    With MIGMAP_STARTUP_PROBE=1 in the environment: print one JSON line when the window is usable,
    {"painted_s", "ready_s", "cpu_s", "heavy"} (seconds since the process began; heavy libraries loaded
    by then), and quit.
    """
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from . import look
    from .desk import Desk
    from .main_window import MainWindow

    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("migmap")
    application.setApplicationDisplayName("migmap")
    application.setDesktopFileName("migmap")
    look.dress(application)
    desk = Desk()
    window = MainWindow(desk)
    hook = _Hook(window)
    hook.install()
    probe = _Probe() if os.environ.get(PROBE) else None
    window.restore()
    window.show()
    # One pass of the event loop paints it; only then does anything else get the processor.
    application.processEvents()
    if probe is not None:
        probe.painted()
    if files:
        window.files.open(list(files))
    loader = Loader(window)
    if probe is not None:
        desk.attached.connect(lambda: desk.bridge.post(probe.ready, window))
    loader.start(warm=probe is None)
    # Python sees Ctrl-C in the terminal only when it runs; Qt's loop alone never lets it.
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(HEARTBEAT_MS)
    try:
        code = application.exec()
    finally:
        loader.join()
        hook.remove()
    return code


class Loader:
    """Loads the workbench away from the window's thread, hands it over, then warms what is heavy."""

    def __init__(self, window: object) -> None:
        from .main_window import MainWindow

        assert isinstance(window, MainWindow)
        self._window = window
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, *, warm: bool = True) -> None:
        self._thread = threading.Thread(target=self._load, args=(warm,), name="migmap-loader", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the thread; imports under way are finished first."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _load(self, warm: bool) -> None:
        window = self._window
        try:
            from migmap.app import logs
            from migmap.app.workbench import Workbench

            logs.start()
            workbench = Workbench()
            # Built here, not by the first menu: plugins are imported with it.
            workbench.registry.plugins()
        except Exception as error:  # the thread's boundary: without this a broken start shows nothing
            window.desk.bridge.post(window.show_bug, error)
            return
        window.desk.bridge.post(window.desk.attach, workbench)
        if warm:
            time.sleep(0.3)
            self._warm()

    def _warm(self) -> None:
        import importlib

        from .desk import warm_canvas, warm_kernels

        def load(name: str) -> None:
            importlib.import_module(name)

        names = ("migmap.io.read", "migmap.geo.repair", "migmap.geo.zonal")
        # The window's own, so that the first question a file raises opens as fast as the next.
        dialogs = ("migmap.ui.dialogs.reading", "migmap.ui.dialogs.choices", "migmap.ui.dialogs.properties")
        steps: list[Callable[[], None]] = [
            *(partial(load, name) for name in (*names, *dialogs)),
            warm_canvas,
            warm_kernels,
        ]
        for step in steps:
            if self._stop.is_set():
                return
            step()


class _Hook:
    """Bugs reach a dialog and the log instead of a console nobody sees."""

    def __init__(self, window: object) -> None:
        from .main_window import MainWindow

        assert isinstance(window, MainWindow)
        self._window = window
        self._before = sys.excepthook
        self._threads = threading.excepthook

    def install(self) -> None:
        sys.excepthook = self._show
        threading.excepthook = self._show_thread

    def remove(self) -> None:
        sys.excepthook = self._before
        threading.excepthook = self._threads

    def _show(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.leave_for_good()
            return
        self._before(kind, error, trace)
        self._window.desk.bridge.post(self._window.desk.report, error)

    def _show_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self._window.desk.bridge.post(self._window.desk.report, args.exc_value)


class _Probe:
    """Measures the start for the benchmark."""

    def __init__(self) -> None:
        self._painted = 0.0

    def painted(self) -> None:
        self._painted = since_start()

    def ready(self, window: object) -> None:
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        from .main_window import MainWindow

        assert isinstance(window, MainWindow)
        loaded = [name for name in HEAVY if name in sys.modules]
        figures = {
            "painted_s": round(self._painted, 3),
            "ready_s": round(since_start(), 3),
            "cpu_s": round(time.process_time(), 3),
            "heavy": loaded,
        }
        print(json.dumps(figures), flush=True)
        window.leave_for_good()
        QTimer.singleShot(0, QApplication.quit)


_BEGAN = time.monotonic()


def since_start() -> float:
    """Seconds since the process began; since this module was loaded where the system does not say."""
    try:
        with open("/proc/self/stat", encoding="ascii") as stat:
            ticks = int(stat.read().rsplit(") ", 1)[1].split()[19])
        with open("/proc/uptime", encoding="ascii") as uptime:
            now = float(uptime.read().split()[0])
        return now - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return time.monotonic() - _BEGAN
