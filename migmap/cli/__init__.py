"""The command line: words in, one answer on standard output, an exit code.

0 done; 2 the user can fix it (the message says how, standard output stays empty); 70 a bug (traceback in
the log file); 130 stopped with Ctrl-C; 143 asked to end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from migmap.api import Cancelled, Problem

from . import stopping
from .answer import Answer

USER_CAN_FIX, BUG, INTERRUPTED = 2, 70, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. argv: the words after the program's name."""
    words = list(sys.argv[1:] if argv is None else argv)
    _speak_utf8()
    try:
        with stopping.listening():
            answer = _answer(words)
            stopping.check()
            _say(answer.text)
        return answer.then()
    except Problem as problem:
        _complain(_told(problem))
        return USER_CAN_FIX
    except (stopping.Stopped, KeyboardInterrupt, Cancelled):
        return _stopped()
    except Exception as error:
        # The last boundary: whatever arrives here is our mistake, not the user's. Unless it is what a C
        # library made of the signal.
        if stopping.code() is not None:
            return _stopped()
        from migmap.app.logs import record_bug

        where = record_bug(error)
        _complain(
            f"migmap failed: {type(error).__name__}: {error}\n"
            f"This is a bug. The full report is in {where}; please send it to the maintainers."
        )
        return BUG


def _answer(words: list[str]) -> Answer:
    from . import window

    files = window.files_in(words)
    if files is not None:
        return Answer(then=lambda: window.open_on(files))
    from . import commands

    # Libraries that print would spoil the one document on standard output.
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        return commands.parsed(words, out)()


def _say(text: str) -> None:
    if not text or sys.stdout is None:
        return
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # `migmap list | head -1`: the reader has seen enough. Python would complain again at exit.
        _mute()
    except OSError as error:
        _mute()
        raise Problem(
            "The answer could not be written to standard output.",
            detail=f"{error.strerror or error}.",
            fix="Free some space where it is redirected to, or redirect it elsewhere.",
        ) from error


def _mute() -> None:
    """Nothing more to standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _stopped() -> int:
    _complain("Stopped. Nothing was left half-written.")
    return stopping.code() or INTERRUPTED


def _complain(text: str) -> None:
    if sys.stderr is not None:
        print(f"migmap: {text}", file=sys.stderr)


def _told(problem: Problem) -> str:
    return "\n        ".join(part for part in (problem.title, problem.detail, problem.fix) if part)


def _speak_utf8() -> None:
    """Urdu and JSON leave as UTF-8 also where the console's code page is another."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
