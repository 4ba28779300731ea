"""The fixtures shared by the tests of app and the journeys."""

from small_files import small, small_files, workbench
from window_fixture import driver

__all__ = ["driver", "small", "small_files", "workbench"]
