"""Moving the map from menus and keys."""

from __future__ import annotations

from .base import Operations

STEP = 1.5


class ViewMoves(Operations):
    def all(self) -> None:
        self.window.area.zoom_to_all()

    def zoom_in(self) -> None:
        self._zoom(STEP)

    def zoom_out(self) -> None:
        self._zoom(1 / STEP)

    def legend(self) -> None:
        canvas = self.window.area.canvas
        if canvas is not None:
            canvas.legend_visible = self.window.actions_by_id["legend"].isChecked()

    def results(self) -> None:
        self.window.show_dock("results")

    def activity(self) -> None:
        self.window.show_dock("activity")

    def _zoom(self, factor: float) -> None:
        canvas = self.window.area.canvas
        if canvas is not None:
            canvas.zoom_by(factor)
