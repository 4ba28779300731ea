"""What migmap remembers between sessions, as one frozen value in one JSON file."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from . import places

RECENT_KEPT = 12
_log = logging.getLogger(__name__)


class Settings(BaseModel):
    """recent: projects and files, newest first. window: whatever the window wants back (geometry,
    dock state) as text by name. last_folder: where the file dialog opens."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    recent: tuple[str, ...] = ()
    last_folder: str = ""
    window: dict[str, str] = {}

    def changed(self, **values: Any) -> Settings:
        """A copy with these fields replaced."""
        return self.model_copy(update=values)

    def with_recent(self, path: str) -> Settings:
        """A copy with `path` as the newest recent file."""
        others = [known for known in self.recent if known != path]
        return self.changed(recent=(path, *others)[:RECENT_KEPT])


def settings_file() -> Path:
    return places.home() / "settings.json"


def load() -> Settings:
    """The remembered settings; the defaults where there are none or they cannot be read, because
    a lost window size must never stop the work."""
    try:
        return Settings.model_validate_json(settings_file().read_bytes())
    except FileNotFoundError:
        return Settings()
    except (OSError, ValidationError) as error:
        _log.warning("settings not read: %s", error)
        return Settings()


def save(settings: Settings) -> None:
    """Remember. A folder that cannot be written is logged and forgotten: nothing depends on it."""
    target = settings_file()
    draft = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(settings.model_dump_json(indent=1), encoding="utf-8")
        os.replace(draft, target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        _log.warning("settings not saved: %s", error)
