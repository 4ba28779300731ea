"""What the window remembers between sessions; read and written through the application's settings."""

from __future__ import annotations

from pathlib import Path


class Memory:
    """Empty until load()."""

    def __init__(self) -> None:
        self.loaded = False
        self.recent: tuple[str, ...] = ()
        self._folder = ""
        self.window: dict[str, str] = {}

    def load(self) -> None:
        from migmap.app import settings

        known = settings.load()
        self.recent, self._folder, self.window = known.recent, known.last_folder, dict(known.window)
        self.loaded = True

    @property
    def last_folder(self) -> str:
        return self._folder if self._folder and Path(self._folder).is_dir() else str(Path.home())

    def remember_folder(self, path: str) -> None:
        folder = Path(path.split("::")[0])
        folder = folder if folder.is_dir() else folder.parent
        self._folder = str(folder.absolute())

    def remember(self, path: str) -> None:
        from migmap.app import settings

        self.recent = settings.Settings(recent=self.recent).with_recent(path).recent

    def save(self) -> None:
        """Write what changed; other settings stay as they are."""
        from migmap.app import settings

        known = settings.load()
        settings.save(known.changed(recent=self.recent, last_folder=self._folder, window=self.window))
