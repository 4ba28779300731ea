"""How files are read: the dialog for a new file and for a layer on the map, its previews and templates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from migmap.api import AS_FOUND, Data, Finding, Guess, Probe, Problem, Progress, RasterData, Reading, part

from ..desk import warm_canvas
from ..reading.section import is_table
from ..words import isolated
from .base import Operations
from .files import accounts_of

if TYPE_CHECKING:
    from migmap.app.preview import Preview
    from migmap.geo.accounting import Accounting
    from migmap.geo.peoplereadings import PeopleReading

    from ..dialogs.reading import ReadingDialog

T = TypeVar("T")
MOST_SHEETS = 12
LOOKED_AT, SHOWN = 5_000, 200
"""Rows that are read for a preview, so that total rows, admin levels and rounds of most files are
recognised, and rows of these that are shown."""


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked at: `preview` under the decisions of `template`, "" where none fits.
    parts: its sheets or layers, where `text` names none of them. people: the ways a population raster
    could be meant. likely: the sheets that hold positions or are of a known kind."""

    text: str
    preview: Preview
    template: str = ""
    parts: tuple[str, ...] = ()
    people: tuple[PeopleReading, ...] = ()
    likely: tuple[str, ...] = ()


class Readings(Operations):
    def look(self, text: str, crs: str | None, progress: Progress) -> Looked:
        """How a file would be read, under the template that fits it if there is one. In a worker."""
        from migmap.io.reference import parse_reference

        workbench = self.desk.workbench
        probe, guess = workbench.probe(text)
        several = parse_reference(text).part is None and len(probe.layers) > 1
        # The bands of a picture are its colours, not layers to choose from.
        parts = probe.layers if several and guess.kind != "basemap" else ()
        template = workbench.templates.find(probe) if probe.columns else None
        reading: Reading = AS_FOUND
        said: tuple[Finding, ...] = ()
        if template is not None:
            reading, said = template.reading_for([column.name for column in probe.columns])
        if crs is not None:
            reading = reading.changed(crs=crs)
        seen = self._seen(text, probe, guess, reading, progress)
        if said:
            seen = dataclasses.replace(seen, findings=(*said, *seen.findings))
        people = self._people(text, seen)
        name = template.name if template is not None else ""
        likely = self._likely(text, parts) if is_table(seen) else ()
        return Looked(text, seen, name, parts, people, likely)

    def _likely(self, text: str, parts: Sequence[str]) -> tuple[str, ...]:
        """Of the sheets of a workbook, those that are more than notes and lists of codes. In a worker."""
        found = []
        for name in parts[:MOST_SHEETS]:
            try:
                probe, guess = self.desk.workbench.probe(f"{text}::{name}")
            except Problem:
                continue
            if probe.geometry != "none" or guess.kind != "plain":
                found.append(name)
        return tuple(found)

    def _seen(self, text: str, probe: Probe, guess: Guess, reading: Reading, progress: Progress) -> Preview:
        """A table under its first rows. Of other files the header tells enough, and reading shapes twice
        would take twice as long: what is odd in them is said when they are read. In a worker."""
        from migmap.app.preview import Preview

        workbench = self.desk.workbench
        if reading != AS_FOUND:
            probe, guess = workbench.probe(text, reading)
        header = Preview(
            probe, reading, guess, tuple(workbench.datasets.guesses(probe)), findings=probe.findings
        )
        if not is_table(header):
            return header
        return workbench.preview(text, reading, rows=LOOKED_AT, shown=SHOWN, progress=progress)

    def _people(self, text: str, seen: Preview) -> tuple[PeopleReading, ...]:
        """The ways a population raster could be meant, with the people of each. In a worker."""
        if seen.probe.geometry != "raster" or seen.guess.kind != "population" or seen.problem is not None:
            return ()
        from migmap.geo.peoplereadings import people_readings

        try:
            data = self.desk.workbench.datasets.head(text, seen.reading)
            return people_readings(data) if isinstance(data, RasterData) else ()
        except Problem:
            # What is wrong with it is said when it is read.
            return ()

    def ask_about(
        self, looked: Looked, decided: Callable[[str, Reading], None], closed: Callable[[], None]
    ) -> ReadingDialog:
        """Ask how a new file shall be read. decided(text, reading); closed() in any case."""
        from migmap.io.reference import parse_reference

        from ..dialogs.reading import ReadingDialog

        reference = parse_reference(looked.text)
        dialog = ReadingDialog(
            reference.path.name,
            self.desk.workbench.registry.kinds(),
            parts=looked.preview.probe.layers,
            part=reference.part or next(iter(looked.preview.probe.layers), ""),
            templates=self._names,
            parent=self.window,
        )
        texts = [looked.text]

        def other_part(name: str) -> None:
            texts[0] = f"{reference.path}::{name}"
            dialog.move_to(name)
            self._preview(dialog, lambda: texts[0], AS_FOUND)

        self._serve(dialog, lambda: texts[0])
        dialog.part_chosen.connect(other_part)
        dialog.decided.connect(lambda reading: decided(texts[0], reading))
        dialog.finished.connect(lambda _: closed())
        if looked.template:
            dialog.show_template(looked.template, fits=True)
        dialog.show_preview(looked.preview, looked.people)
        if not looked.preview.columns:
            self._preview(dialog, lambda: texts[0], looked.preview.reading)
        self.ask(dialog)
        return dialog

    def layer(self) -> None:
        """Show how the chosen layer is read, and let it be read otherwise."""
        layer = self.desk.chosen
        if layer is not None:
            self.of_layer(layer.id)

    def of_layer(self, layer_id: str) -> None:
        from migmap.io.reference import parse_reference

        from ..dialogs.reading import ReadingDialog

        try:
            layer = self.desk.project.layer(layer_id)
        except KeyError:
            return
        if layer.run is not None:
            self.window.say(self.tr("{0} was made by an analysis; no file is behind it.").format(layer.title))
            return
        reference = parse_reference(layer.source)
        dialog = ReadingDialog(
            reference.path.name,
            self.desk.workbench.registry.kinds(),
            existing=True,
            templates=self._names,
            parent=self.window,
        )
        whole = self.desk.data_of(layer)
        self._serve(dialog, lambda: layer.source)
        dialog.decided.connect(lambda reading: self.read_anew(layer_id, reading))
        reading = layer.reading if layer.crs is None else layer.reading.changed(crs=layer.crs)
        self._preview(dialog, lambda: layer.source, reading, whole)
        self.ask(dialog)

    def read_anew(
        self,
        layer_id: str,
        reading: Reading,
        title: str = "",
        also: Mapping[str, Any] | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Read the file of a layer under other decisions; one step, and undo brings back the old ones.
        also: other fields of the layer that change with it. then(): it is done."""
        try:
            layer = self.desk.project.layer(layer_id)
        except KeyError:
            return
        if reading == layer.reading:
            return
        workbench = self.desk.workbench

        def job(progress: Progress) -> tuple[dict[str, Any], Data, Accounting | None]:
            warm_canvas()
            read = workbench.open(layer.source, reading=reading, progress=part(progress, 0.0, 0.9))
            before = workbench.datasets.peek(layer.source, crs=layer.crs, reading=layer.reading)
            # What the file said of itself follows the file; what the person said stays.
            of_file = layer.sensitivity == (before.meta.sensitivity if before is not None else None)
            values: dict[str, Any] = {
                "reading": reading,
                "sensitivity": read.sensitivity if of_file else layer.sensitivity,
                "crs": reading.crs,
                "kind": read.kind,
                "roles": read.roles,
                "style": layer.style if read.kind == layer.kind else read.style,
                **(also or {}),
            }
            data = workbench.data_of(layer.changed(**values), progress=part(progress, 0.9, 1.0))
            return values, data, accounts_of(data)

        def done(read: tuple[dict[str, Any], Data, Accounting | None]) -> None:
            values, data, accounts = read
            try:
                # As it is by now: it may have been renamed, or taken off the map, while it was read.
                changed = self.desk.project.layer(layer_id).changed(**values)
            except KeyError:
                return
            self.desk.arrived(changed, data)
            line = self.window.files.log_line(f"Read again {changed.source}", data)
            workbench.store.apply(
                title or self.tr("Read {0} otherwise").format(isolated(changed.title)),
                lambda project: project.edited(layer_id, lambda _: changed).logged(line),
            )
            self.window.files.tell(changed, data, accounts)
            if then is not None:
                then()

        self.desk.submit(
            self.tr("Read {0}").format(isolated(layer.title)),
            job,
            done,
            ended=lambda: self.desk.data_changed.emit(layer_id),
            replaces=f"read-anew:{layer_id}",
        )

    # -- what the dialog asks for -------------------------------------------------------------

    def _serve(self, dialog: ReadingDialog, text: Callable[[], str]) -> None:
        dialog.preview_asked.connect(partial(self._preview, dialog, text))
        dialog.template_saved.connect(partial(self._save_template, dialog))
        dialog.template_chosen.connect(partial(self._use_template, dialog, text))
        dialog.template_exported.connect(self._export_template)
        dialog.template_imported.connect(partial(self._import_template, dialog, text))
        dialog.template_removed.connect(self.desk.workbench.templates.remove)

    def _preview(
        self, dialog: ReadingDialog, text: Callable[[], str], reading: Reading, whole: Data | None = None
    ) -> None:
        """whole: the layer as it is on the map under this Reading."""
        workbench = self.desk.workbench
        wanted = text()

        def job(progress: Progress) -> tuple[Preview, tuple[PeopleReading, ...], Accounting | None]:
            seen = workbench.preview(wanted, reading, rows=LOOKED_AT, shown=SHOWN, progress=progress)
            return seen, self._people(wanted, seen), accounts_of(whole) if whole is not None else None

        def done(found: tuple[Preview, tuple[PeopleReading, ...], Accounting | None]) -> None:
            if dialog.open_still and text() == wanted:
                if whole is not None:
                    dialog.show_whole(whole, found[2])
                dialog.show_preview(*found[:2])

        def failed(error: BaseException) -> None:
            if isinstance(error, Problem) and dialog.open_still:
                dialog.show_problem(error, reading)
            else:
                self.desk.report(error)

        self.desk.submit(
            self.tr("Look at {0}").format(isolated(Path(wanted).name)),
            job,
            done,
            failed=failed,
            replaces="preview",
        )

    def _names(self) -> tuple[str, ...]:
        return tuple(template.name for template in self.desk.workbench.templates.list())

    def _save_template(
        self, dialog: ReadingDialog, name: str, reading: Reading, columns: tuple[str, ...]
    ) -> None:
        self._trying(lambda: self.desk.workbench.templates.save(name, reading, columns))
        dialog.say(self.tr("Saved as template “{0}”.").format(isolated(name)))

    def _use_template(self, dialog: ReadingDialog, text: Callable[[], str], name: str) -> None:
        template = self._trying(lambda: self.desk.workbench.templates.named(name))
        seen = dialog.preview
        if template is None or seen is None:
            return
        reading, said = template.reading_for([column.name for column in seen.probe.columns])
        dialog.show_template(template.name)
        if said:
            dialog.say(" ".join(finding.message for finding in said))
        self._preview(dialog, text, reading)

    def _export_template(self, path: str, name: str) -> None:
        from migmap.app.templates import write_template

        def write() -> bool:
            write_template(self.desk.workbench.templates.named(name), Path(path))
            return True

        if self._trying(write):
            self.window.say(self.tr("Saved {0}").format(isolated(Path(path).name)))

    def _import_template(self, dialog: ReadingDialog, text: Callable[[], str], path: str) -> None:
        template = self._trying(lambda: self.desk.workbench.templates.take_in(path))
        if template is not None:
            self._use_template(dialog, text, template.name)

    def take_in(self, path: str) -> None:
        """Keep a template that somebody sent."""
        template = self._trying(lambda: self.desk.workbench.templates.take_in(path))
        if template is not None:
            text = self.tr("The template “{0}” is kept. It is used for files with the same columns.")
            self.window.notices.say(text.format(isolated(template.name)))

    def _trying(self, call: Callable[[], T]) -> T | None:
        """The files of templates are small: no task is needed, only the message when it goes wrong."""
        try:
            return call()
        except Problem as problem:
            self.desk.report(problem)
            return None
