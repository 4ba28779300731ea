"""The fixtures shared by the tests of app and the journeys."""

from command_line import migmap
from small_files import small, small_files, workbench
from window_fixture import driver

__all__ = ["driver", "migmap", "small", "small_files", "workbench"]
