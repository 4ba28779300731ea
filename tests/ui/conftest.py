"""The fixtures of the tests of the window."""

from small_files import small, small_files, workbench
from window_fixture import driver

__all__ = ["driver", "small", "small_files", "workbench"]
