"""About, plugins, and where the log lies."""

from __future__ import annotations

from .base import Operations


class Help(Operations):
    def about(self) -> None:
        from ..dialogs.about import AboutDialog

        self.ask(AboutDialog(self.window))

    def plugins(self) -> None:
        from ..dialogs.about import PluginsDialog

        self.desk.when_ready(
            lambda: self.ask(PluginsDialog(self.desk.workbench.registry.plugins(), self.window))
        )

    def log(self) -> None:
        from migmap.app.logs import log_file

        file = log_file()
        if file.exists():
            self.window.open_folder(file.parent)
        else:
            self.window.say(self.tr("Nothing went wrong so far: there is no log at {0}.").format(file))
