"""What leaves the window: files for others, the map as a picture, the table as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from migmap.api import ExportDocument, Finding, Problem, Progress, RasterData, Sensitivity, part, strictest

from ..words import counted, isolated
from .base import Operations

if TYPE_CHECKING:
    from migmap.app.project import Layer

    from ..dialogs.export import ExportDialog, ExportWish, Product


class Exports(Operations):
    def project(self) -> None:
        """Ask what of the project to write; the result on show is offered first."""
        run_id = self.window.results.run_id
        self.dialog(f"run:{run_id}" if run_id else "")

    def layer(self) -> None:
        """Ask how to write the chosen layer."""
        layer = self.desk.chosen
        if layer is not None:
            self.dialog(f"layer:{layer.id}")

    def run(self, run_id: str) -> None:
        self.dialog(f"run:{run_id}")

    def single(self, exporter: str) -> None:
        """Ask with this format ticked; for a format of numbers, with the run on show."""
        dialog = self.dialog()
        tool = self.desk.workbench.registry.exporter(exporter)
        run_id = self.window.results.run_id
        if run_id and tool.takes in ("run", "table", "layers"):
            dialog.choose(f"run:{run_id}")
        elif tool.takes in ("table", "raster") and self.desk.chosen is not None:
            dialog.choose(f"layer:{self.desk.chosen.id}")
        dialog.tick(exporter)

    def dialog(self, product: str = "") -> ExportDialog:
        from ..dialogs.export import ExportDialog

        exporters = list(self.desk.workbench.registry.exporters().values())
        dialog = ExportDialog(
            self.products(), exporters, self.window.memory.last_folder, ticked=("html",), parent=self.window
        )
        if product:
            dialog.choose(product)
        dialog.wished.connect(self.start)
        self.ask(dialog)
        return dialog

    def products(self) -> list[Product]:
        """What can leave: the map as it stands, every run, every layer."""
        from ..dialogs.export import Product

        project = self.desk.project
        found = []
        if project.layers:
            stated = [self._sensitivity(layer) for layer in project.layers]
            found.append(
                Product(
                    "map",
                    self.tr("The map as it stands"),
                    safe_name(self.window.projects.title),
                    "mdi6.map-outline",
                    strictest(stated),
                    any(self._synthetic(layer) for layer in project.layers),
                    agreements=self._agreements(project.layers),
                )
            )
        for record in reversed(project.runs):
            run = self.desk.workbench.known_run(record.id)
            layers = [layer for layer in project.layers if layer.run == record.id]
            stated = [self._sensitivity(one) for one in layers]
            if run is not None:
                stated.append(run.sensitivity)
            found.append(
                Product(
                    f"run:{record.id}",
                    self.tr("Result: {0}").format(record.title),
                    safe_name(record.title),
                    "mdi6.chart-box-outline",
                    strictest(stated),
                    run is not None and run.synthetic,
                    agreements=tuple(
                        dict.fromkeys((*(run.agreements if run else ()), *self._agreements(layers)))
                    ),
                )
            )
        for layer in reversed(project.layers):
            data_of = self.desk.data_of(layer)
            if data_of is None:
                continue
            found.append(
                Product(
                    f"layer:{layer.id}",
                    self.tr("Layer: {0}").format(layer.title),
                    safe_name(layer.title),
                    self.desk.facts(layer).icon,
                    self._sensitivity(layer),
                    self._synthetic(layer),
                    isinstance(data_of, RasterData),
                    self._agreements([layer]),
                )
            )
        return found

    def chart(self, run_id: str) -> None:
        """Ask where the chart on show is to be written."""
        record = next((one for one in self.desk.project.runs if one.id == run_id), None)
        stem = safe_name(record.title if record is not None else self.window.projects.title)
        dialog = QFileDialog(self.window, self.tr("Save the chart"), self.window.memory.last_folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Picture (*.png)"), self.tr("Drawing (*.svg)")])
        dialog.setDefaultSuffix("png")
        dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix("svg" if "svg" in text else "png"))
        dialog.selectFile(f"{stem}.png")
        dialog.fileSelected.connect(lambda path: self.write_chart(run_id, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        self.ask(dialog)

    def write_chart(self, run_id: str, path: Path) -> None:
        """Write the chart on show, of figures that may leave, with the marks every product carries."""
        workbench = self.desk.workbench
        run = workbench.known_run(run_id)
        if run is None:
            return
        panel = self.window.chart
        draw, rtl = panel.maker(), panel.isRightToLeft()

        def job(progress: Progress) -> Path:
            from migmap.app import agreements, disclosure
            from migmap.geo.marks import marks
            from migmap.io.write import replacing
            from migmap.paint.charts import chart_png, chart_svg

            document = workbench.document_of(run, progress=part(progress, 0.0, 0.8))
            agreements.checked(document)
            document, _ = disclosure.guarded(document)
            write = chart_svg if path.suffix.lower() == ".svg" else chart_png
            picture = write(draw(document.metrics), marks=marks(document).lines(), rtl=rtl)
            progress(0.9, self.tr("Writing {0}").format(path.name))
            with replacing(path) as draft:
                draft.write_bytes(picture)
            return path

        self.window.remember_folder(str(path))
        self.desk.submit(self.tr("Save the chart"), job, lambda done: self._exported(([done], [])))

    def start(self, wish: ExportWish) -> None:
        """Write the files as a task and say where they are."""
        workbench = self.desk.workbench
        project = self.desk.project
        what, _, which = wish.product.partition(":")
        layers = project.layers if what == "map" else tuple(one for one in project.layers if one.id == which)
        title = self.window.projects.title if what == "map" else ""
        run = workbench.known_run(which) if what == "run" else None
        if what == "run" and run is None:
            self.desk.report(
                Problem(
                    self.tr("The numbers of this run are here, but not its data."),
                    fix=self.tr("Run the analysis again, then export."),
                )
            )
            return

        def job(progress: Progress) -> tuple[list[Path], list[Finding]]:
            if run is not None:
                exported = workbench.export_run(run, wish.targets, audience=wish.audience, progress=progress)
                return list(exported.paths), list(exported.findings)
            checked = workbench.check_targets(wish.targets)
            document: ExportDocument = workbench.document_of_layers(
                layers, title=title, progress=part(progress, 0.0, 0.3)
            )
            paths: list[Path] = []
            findings: list[Finding] = []
            for index, (target, exporter) in enumerate(checked):
                step = part(
                    progress, 0.3 + 0.7 * index / len(checked), 0.3 + 0.7 * (index + 1) / len(checked)
                )
                exported = workbench.export(
                    document, target, exporter=exporter.name, audience=wish.audience, progress=step
                )
                paths += exported.paths
                findings += exported.findings
            return paths, findings

        names = ", ".join(target.name for target in wish.targets[:3])
        more = self.tr(" and {0} more").format(len(wish.targets) - 3) if len(wish.targets) > 3 else ""
        self.window.remember_folder(str(wish.targets[0]))
        done = partial(self._exported, audience=wish.audience)
        self.desk.submit(self.tr("Export {0}").format(isolated(names) + more), job, done)

    def copy_map(self) -> None:
        if self._must_stay():
            return
        image = self._picture()
        if image is not None:
            QGuiApplication.clipboard().setImage(image)
            self.window.say(self.tr("The map is on the clipboard."))

    def save_picture(self) -> None:
        if self._must_stay():
            return
        image = self._picture()
        if image is None:
            return
        folder = Path(self.window.memory.last_folder or ".")
        dialog = QFileDialog(self.window, self.tr("Save the map as a picture"), str(folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setNameFilters([self.tr("PNG picture") + " (*.png)"])
        dialog.selectFile(safe_name(self.window.projects.title) + ".png")
        dialog.fileSelected.connect(lambda path: self.write_picture(image, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        self.ask(dialog)

    def write_picture(self, image: QImage, path: Path) -> None:
        def job(_progress: Progress) -> tuple[list[Path], list[Finding]]:
            from migmap.io.write import replacing

            with replacing(path) as draft:
                if not image.save(str(draft)):
                    raise Problem(
                        f"{path} could not be written.", fix="Choose another folder, or free some space."
                    )
            return [path], []

        self.window.remember_folder(str(path))
        self.desk.submit(self.tr("Save {0}").format(isolated(path.name)), job, self._exported)

    def _must_stay(self) -> bool:
        """True, and the person is told, where the map as it is seen shows what must not leave like this."""
        from migmap.app.agreements import allowed

        try:
            for layer in self.desk.project.layers:
                data = self.desk.data_of(layer) if layer.visible else None
                if data is not None and data.meta.households:
                    raise Problem(
                        self.tr("{0} shows where single households live, so this map was not copied.").format(
                            isolated(layer.title)
                        ),
                        fix=self.tr("Export the map: there they become totals by area. Or hide the layer."),
                    )
                if data is not None:
                    allowed([(layer.title, one) for one in data.meta.agreements], ())
        except Problem as problem:
            self.desk.report(problem)
            return True
        return False

    def copy_table(self) -> None:
        run = self.desk.workbench.known_run(self.window.results.run_id)
        if run is not None and run.households:
            self.desk.report(
                Problem(
                    self.tr("These figures tell of single households, so they were not copied."),
                    fix=self.tr("Export them: there small counts are left out."),
                )
            )
            return
        self.window.results.copy()
        self.window.say(self.tr("The table is on the clipboard."))

    def copy_chart(self) -> None:
        """The chart on show as a picture on the clipboard."""
        from migmap.app.agreements import allowed

        run = self.desk.workbench.known_run(self.window.chart.run_id)
        try:
            if run is not None and run.households:
                raise Problem(
                    self.tr("These figures tell of single households, so the chart was not copied."),
                    fix=self.tr("Save it: there small counts are left out."),
                )
            if run is not None:
                allowed([(run.title, one) for one in run.agreements], ())
        except Problem as problem:
            self.desk.report(problem)
            return
        self.window.chart.copy()
        self.window.say(self.tr("The chart is on the clipboard."))

    def _picture(self) -> QImage | None:
        canvas = self.window.area.canvas
        return canvas.picture() if canvas is not None else None

    def _exported(self, written: tuple[list[Path], list[Finding]], audience: tuple[str, ...] = ()) -> None:
        from migmap.app.exporting import log_line

        paths, findings = written
        if not paths:
            return
        line = log_line(paths, findings, audience)
        self.desk.workbench.store.adjust(lambda project: project.logged(line))
        folder = paths[0].parent
        text = counted(self.tr("1 file written to"), self.tr("{0} files written to"), len(paths))
        text = f"{text} {isolated(str(folder))}"
        self.window.notices.say(
            text, action=self.tr("Open folder"), call=lambda: self.window.open_folder(folder)
        )
        if findings:
            many = self.tr("{0} things had to change on the way.")
            said = counted(findings[0].message, many, len(findings))
            self.window.notices.say(
                said,
                tone="warning",
                action=self.tr("Show"),
                call=lambda: self.window.files.show_findings(self.tr("the export"), findings),
            )

    def _sensitivity(self, layer: Layer) -> Sensitivity | None:
        data = self.desk.data_of(layer)
        return layer.sensitivity or (data.meta.sensitivity if data is not None else None)

    def _agreements(self, layers: Iterable[Layer]) -> tuple[tuple[str, str, str], ...]:
        from migmap.app.agreements import of_all

        return of_all(data.meta for layer in layers if (data := self.desk.data_of(layer)) is not None)

    def _synthetic(self, layer: Layer) -> bool:
        data = self.desk.data_of(layer)
        return data is not None and data.meta.synthetic


def safe_name(title: str) -> str:
    """A file name from a title: what file systems refuse replaced, not too long."""
    name = re.sub(r'[,;\\/:*?"<>|\x00-\x1f]+', " ", title)
    return re.sub(r"\s+", "_", name).strip("._")[:60] or "map"
