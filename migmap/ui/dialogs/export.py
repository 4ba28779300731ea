"""What to write, in which formats, where; and who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Exporter, Problem, Sensitivity

from .. import look
from ..docks.parts import button, icon_label, label, page, rule
from ..icons import icon
from ..words import counted


@dataclass(frozen=True, slots=True)
class Product:
    """Something that can leave: id "map", "run:ID" or "layer:ID". stem: the file name offered.
    agreements: (reference, expires, audience) of each that binds it."""

    id: str
    title: str
    stem: str
    icon: str
    sensitivity: Sensitivity | None
    synthetic: bool = False
    raster: bool = False
    agreements: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExportWish:
    product: str
    targets: tuple[Path, ...]
    audience: tuple[str, ...] = ()


class ExportDialog(QDialog):
    """wished(ExportWish)."""

    wished = Signal(object)

    def __init__(
        self,
        products: Sequence[Product],
        exporters: Sequence[Exporter],
        folder: str,
        *,
        ticked: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export"))
        page(self)
        self._products = {product.id: product for product in products}
        self._exporters = list(exporters)
        self._stem_typed = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, look.GAP)
        head.setSpacing(look.GAP + 4)
        head.addWidget(icon_label("mdi6.export-variant", look.ACCENT, 28))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(self.tr("Export"), "title"))
        words.addWidget(label(self.tr("Files for others, whole or not at all."), "soft"))
        head.addLayout(words, 1)
        outer.addLayout(head)
        outer.addWidget(rule())

        grid = QGridLayout()
        grid.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, look.GAP)
        grid.setHorizontalSpacing(2 * look.GAP)
        grid.setVerticalSpacing(look.GAP + 4)
        grid.setColumnMinimumWidth(0, 90)
        grid.setColumnStretch(1, 1)
        self.product = QComboBox()
        self.product.setAccessibleName(self.tr("What to export"))
        for product in products:
            self.product.addItem(icon(product.icon), product.title, product.id)
        self.product.currentIndexChanged.connect(lambda _: self._offer_audiences())
        grid.addWidget(label(self.tr("What")), 0, 0)
        grid.addWidget(self.product, 0, 1)

        self.boxes: dict[str, QCheckBox] = {}
        formats = QGridLayout()
        formats.setHorizontalSpacing(2 * look.GAP)
        formats.setVerticalSpacing(6)
        for place, exporter in enumerate(self._exporters):
            box = QCheckBox(exporter.title)
            box.setIcon(icon(exporter.icon, look.SOFT_INK))
            box.setChecked(exporter.name in ticked)
            box.toggled.connect(lambda _: self._show())
            self.boxes[exporter.name] = box
            formats.addWidget(box, place // 2, place % 2)
        grid.addWidget(label(self.tr("Formats")), 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(formats, 1, 1)

        self.folder = QLineEdit(folder)
        self.folder.setAccessibleName(self.tr("Folder"))
        self.folder.textChanged.connect(lambda _: self._show())
        browse = button(self.tr("Browse…"), self._browse)
        where = QHBoxLayout()
        where.setSpacing(look.GAP)
        where.addWidget(self.folder, 1)
        where.addWidget(browse)
        grid.addWidget(label(self.tr("Folder")), 2, 0)
        grid.addLayout(where, 2, 1)
        self.stem = QLineEdit()
        self.stem.setAccessibleName(self.tr("File name without ending"))
        self.stem.textEdited.connect(self._typed)
        grid.addWidget(label(self.tr("Name")), 3, 0)
        grid.addWidget(self.stem, 3, 1)
        self.audience = QComboBox()
        self.audience.setEditable(True)
        self.audience.setAccessibleName(self.tr("Who the files are for"))
        self.audience.setToolTip(
            self.tr(
                "Who gets the files. A sharing agreement of a layer may ask for it. It is printed on them."
            )
        )
        self.audience.currentTextChanged.connect(lambda _: self._show())
        grid.addWidget(label(self.tr("For")), 4, 0)
        grid.addWidget(self.audience, 4, 1)
        outer.addLayout(grid)

        self._sensitivity = label("", wrap=True)
        frame = QFrame()
        frame.setProperty("role", "note")
        row = QHBoxLayout(frame)
        row.setContentsMargins(10, 8, 10, 8)
        row.addWidget(icon_label("mdi6.shield-account-outline", look.ACCENT), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._sensitivity, 1)
        self._said = label("", "soft", wrap=True)
        notes = QVBoxLayout()
        notes.setContentsMargins(2 * look.GAP, 0, 2 * look.GAP, look.GAP)
        notes.setSpacing(look.GAP)
        notes.addWidget(frame)
        notes.addWidget(self._said)
        outer.addLayout(notes)
        outer.addStretch(1)
        outer.addWidget(rule())
        buttons = QHBoxLayout()
        buttons.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, look.GAP + 4)
        buttons.setSpacing(look.GAP)
        buttons.addStretch(1)
        buttons.addWidget(button(self.tr("Cancel"), self.reject))
        self.go = button(self.tr("Export"), self.submit, icon_name="mdi6.export-variant", primary=True)
        self.go.setDefault(True)
        buttons.addWidget(self.go)
        outer.addLayout(buttons)
        self.setMinimumWidth(620)
        self._offer_audiences()

    def choose(self, product_id: str) -> None:
        self.product.setCurrentIndex(max(0, self.product.findData(product_id)))

    def tick(self, *names: str) -> None:
        """Exactly these formats."""
        for name, box in self.boxes.items():
            box.setChecked(name in names)

    def wish(self) -> ExportWish:
        folder, stem = Path(self.folder.text().strip() or "."), self.stem.text().strip()
        targets = tuple(
            folder / f"{stem}{exporter.endings[0]}"
            for exporter in self._exporters
            if self.boxes[exporter.name].isChecked() and self.boxes[exporter.name].isEnabled()
        )
        audience = tuple(each.strip() for each in self.audience.currentText().split(";") if each.strip())
        return ExportWish(str(self.product.currentData()), targets, audience)

    def submit(self) -> None:
        if self.go.isEnabled():
            self.wished.emit(self.wish())
            self.accept()

    def _typed(self, text: str) -> None:
        self._stem_typed = bool(text.strip())
        self._show()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the files"), self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _offer_audiences(self) -> None:
        """Those the agreements name, none of them chosen: naming one is a decision."""
        from migmap.app.agreements import names_in

        product = self._products.get(str(self.product.currentData()))
        typed = self.audience.currentText()
        self.audience.blockSignals(True)
        self.audience.clear()
        for _reference, _expires, who in product.agreements if product is not None else ():
            for name in names_in(who) if who else ():
                if self.audience.findText(name) < 0:
                    self.audience.addItem(name)
        self.audience.setCurrentIndex(-1)
        self.audience.setEditText(typed)
        self.audience.blockSignals(False)
        self._show()

    def _refused(self, product: Product, audience: Sequence[str]) -> str:
        """Why a sharing agreement forbids it; "" where none does."""
        from migmap.app.agreements import allowed

        try:
            allowed([(product.title, one) for one in product.agreements], audience)
        except Problem as problem:
            return problem.title
        return ""

    def _show(self) -> None:
        product = self._products.get(str(self.product.currentData()))
        if product is None:
            self.go.setEnabled(False)
            return
        if not self._stem_typed:
            self.stem.setText(product.stem)
        for exporter in self._exporters:
            box = self.boxes[exporter.name]
            box.setEnabled(fits(product, exporter))
            why = self.tr("Not for this: there is nothing to write.")
            box.setToolTip(" ".join(exporter.endings) if box.isEnabled() else why)
        known = {
            "public": self.tr("public: may be shared with anyone."),
            "restricted": self.tr("restricted: only for those it was made for."),
            "confidential": self.tr("confidential: do not pass on."),
        }
        text = known.get(product.sensitivity or "", self.tr("not stated, so treated as restricted."))
        text = self.tr("Sensitivity: {0} This is printed on every file.").format(text)
        if product.synthetic:
            text += " " + self.tr("It is marked as made-up data.")
        if product.agreements:
            from migmap.geo.marks import sharing

            text += f" {sharing(product.agreements)}."
        self._sensitivity.setText(text)
        wish = self.wish()
        there = [target.name for target in wish.targets if target.exists()]
        folder = Path(self.folder.text().strip() or ".")
        if not folder.is_dir():
            said = self.tr("The folder does not exist.")
        elif refused := self._refused(product, wish.audience):
            said = refused
        elif not wish.targets:
            said = self.tr("Tick at least one format.")
        elif there:
            said = self.tr("Will be replaced: {0}").format(", ".join(there))
        else:
            many = self.tr("{0} files will be written.")
            said = counted(self.tr("1 file will be written."), many, len(wish.targets))
        self._said.setText(said)
        ready = bool(wish.targets) and folder.is_dir() and bool(self.stem.text().strip())
        self.go.setEnabled(ready and not self._refused(product, wish.audience))


def fits(product: Product, exporter: Exporter) -> bool:
    """Whether this exporter has something to write of this product."""
    if product.id.startswith("run:"):
        return exporter.takes != "raster"
    if exporter.takes == "run":
        return False
    if product.raster or exporter.takes == "raster":
        return exporter.takes in ("map", "raster") and (product.raster or exporter.takes == "map")
    return exporter.takes != "table" or product.id.startswith("layer:")
