"""`python -m migmap` and the installed `migmap` command."""

import gc
import sys


def main() -> int:
    """Run with the words of the command line; the exit code."""
    # Python looks for unreachable objects every 700 new ones. The libraries a command loads make hundreds of
    # thousands that all stay: a sixth of the time of a short command went into looking through them.
    gc.set_threshold(50_000, 20, 20)
    from migmap.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
