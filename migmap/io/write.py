"""Writing that is either there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migmap.api import Problem

_PREFIX = ".migmap-writing-"
_STALE_S = 24 * 3600
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path with the target's name in a hidden folder beside it. When the block ends well, every file
    written into that folder moves to where `target` lies (the named one last, so that what a reader
    opens never points at missing neighbours); when it fails or is cancelled, nothing is left and what
    was there stays as it was.

        with replacing(Path("out/map.html")) as temporary:
            temporary.write_text(page)

    A target that is a link is written where the link leads (see `written_at`). Problem for a missing
    folder, a folder that cannot be written, a target that is a folder, a full disk.
    """
    target = written_at(Path(target))
    folder = target.parent
    if target.is_dir():
        raise Problem(f"{target} is a folder.", fix="Name a file to write.")
    if not folder.exists():
        raise Problem(
            f"The folder {folder} does not exist.", fix="Make it first, or choose another place for the file."
        )
    if not folder.is_dir():
        raise Problem(f"{folder} is a file, not a folder.", fix="Choose another place for the file.")
    try:
        _sweep(folder)
        temporary = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    except OSError as error:
        raise _problem(error, target) from error
    try:
        try:
            yield temporary / target.name
        except Problem:
            raise
        except Exception as error:
            # GDAL and friends wrap the system's "disk full" in exceptions of their own. Any other
            # failure of whoever writes is theirs to explain.
            if _means_full(error, folder):
                raise _full(target) from error
            raise
        try:
            _settle(temporary, target)
        except OSError as error:
            raise _problem(error, target) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def written_at(target: Path) -> Path:
    """Where a file that is to be written at `target` will lie: at the end of a link, so that the link
    still stands afterwards. A link to a file of another ending is itself replaced: a map under the name
    of a table would not open."""
    if not target.is_symlink():
        return target
    end = Path(os.path.realpath(target))
    return end if end.suffix.lower() == target.suffix.lower() else target


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed outright left in `folder` more than a day ago."""
    for left in folder.glob(_PREFIX + "*"):
        with suppress(OSError):
            if left.is_dir() and time.time() - left.stat().st_mtime > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def _settle(temporary: Path, target: Path) -> None:
    """Move every written file beside the target; put back what was there if one of the moves fails."""
    files = sorted(temporary.iterdir(), key=lambda f: (f.name == target.name, f.name))
    for file in files:
        _flush(file)
    if len(files) == 1:
        os.replace(files[0], target.parent / files[0].name)
        return
    aside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=target.parent))
    moved: list[tuple[Path, Path | None]] = []
    try:
        for file in files:
            place = target.parent / file.name
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder of that name is in the way", str(place))
            kept: Path | None = None
            if place.exists():
                kept = aside / file.name
                _keep(place, kept)
            moved.append((place, kept))
            os.replace(file, place)
    except BaseException:
        for place, kept in reversed(moved):
            if kept is not None:
                os.replace(kept, place)
            elif not (temporary / place.name).exists():
                # It was moved and nothing stood there before.
                with suppress(OSError):
                    place.unlink()
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _keep(place: Path, kept: Path) -> None:
    """A second name for the old file, so that it stays in place until the new one takes over."""
    try:
        os.link(place, kept)
    except OSError:  # FAT and some network drives know no links
        shutil.copy2(place, kept)


def _flush(file: Path) -> None:
    """Bytes on the disk before the name moves: a full disk shows here, not after the old file is gone."""
    if not file.is_file():
        return
    try:
        handle = os.open(file, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except PermissionError:  # written read-only on purpose
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _means_full(error: Exception, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    if "No space left" in str(error):
        return True
    try:
        return shutil.disk_usage(folder).free < 4096
    except OSError:
        return False


def _full(target: Path) -> Problem:
    return Problem(
        f"The disk is full: {target} could not be written.",
        detail="What was there before is unchanged.",
        fix="Free some space or choose another disk.",
    )


def _problem(error: OSError, target: Path) -> Problem:
    if error.errno in _FULL:
        return _full(target)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Problem(
            f"{target} cannot be written: permission denied.",
            detail=error.strerror or "",
            fix="Close the file in other programs, or choose a folder you may write to.",
        )
    return Problem(
        f"{target} cannot be written.",
        detail=error.strerror or str(error),
        fix="Choose another place for the file.",
    )
