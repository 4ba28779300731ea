"""The log file: where a bug leaves its traceback and where a report is copied from."""

from __future__ import annotations

import logging
import logging.handlers
import platform
import traceback
from pathlib import Path

from . import places

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    return places.logs() / "migmap.log"


def start() -> None:
    """Write warnings and worse to the log file (three files of 1 MB are kept). Called once by each
    face; a folder that cannot be written means no log, never an error."""
    logger = logging.getLogger("migmap")
    if logger.handlers:
        return
    logger.propagate = False
    try:
        places.logs().mkdir(parents=True, exist_ok=True)
        # delay: a session without a warning leaves no file behind.
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            log_file(), maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)


def stop() -> None:
    """Close the log file; the other half of start()."""
    logger = logging.getLogger("migmap")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True


def bug_report(error: BaseException) -> str:
    """What to send to whoever mends migmap: versions and the traceback; no data, no file contents."""
    from migmap import __version__

    about = f"migmap {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return about + "\n" + "".join(traceback.format_exception(error))


def record_bug(error: BaseException) -> Path:
    """Put a bug's traceback into the log file and say where that is."""
    logger = logging.getLogger("migmap")
    only_for_this = not logger.handlers
    start()
    logger.error("bug\n%s", bug_report(error))
    if only_for_this:
        stop()
    return log_file()
