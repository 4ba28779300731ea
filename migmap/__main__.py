"""`python -m migmap` and the installed `migmap` command."""

import sys


def main() -> int:
    """Run with the words of the command line; the exit code."""
    from migmap.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
