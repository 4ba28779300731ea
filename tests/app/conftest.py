"""The fixtures shared by the tests of app and the journeys."""

from small_files import small, small_files, workbench

__all__ = ["small", "small_files", "workbench"]
