"""The one table of what a person can do: menus, toolbar, shortcuts and tooltips come from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

When = Literal["always", "layers", "layer", "undo", "redo", "run", "busy"]
"""What must be there: layers in the project, a layer chosen in the list, a step to undo or redo, a
run on show, a job under way."""

CONTEXT = "actions"


def _(_context: str, text: str) -> str:
    """Marks `text` for translators and leaves it as it is: QT_TRANSLATE_NOOP with a type. Extract with
    `pyside6-lupdate -tr-function-alias QT_TRANSLATE_NOOP+=_`."""
    return text


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """id: also the object name. handler: "noun.verb", looked up in the window's operations.
    toolbar: the group it stands in, "" for none; words: the toolbar shows its text too, `short` when
    given."""

    id: str
    text: str
    icon: str
    handler: str
    menu: str
    tip: str = ""
    shortcut: str = ""
    when: When = "always"
    toolbar: str = ""
    words: bool = False
    checkable: bool = False
    break_before: bool = False
    short: str = ""


MENUS: tuple[tuple[str, str], ...] = (
    ("file", _("actions", "&File")),
    ("edit", _("actions", "&Edit")),
    ("view", _("actions", "&View")),
    ("layer", _("actions", "&Layer")),
    ("run", _("actions", "&Analysis")),
    ("export", _("actions", "E&xport")),
    ("help", _("actions", "&Help")),
)

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "new_project",
        _("actions", "&New project"),
        "mdi6.file-outline",
        "projects.new",
        "file",
        _("actions", "Start with an empty map"),
        "Ctrl+N",
    ),
    ActionSpec(
        "add_files",
        _("actions", "&Add files…"),
        "mdi6.layers-plus",
        "files.choose",
        "file",
        _("actions", "Add data files to the map: shapefile, GeoPackage, GeoTIFF, CSV, Excel and more"),
        "Ctrl+Shift+O",
        toolbar="file",
        words=True,
        short=_("actions", "Add files"),
    ),
    ActionSpec(
        "open_project",
        _("actions", "&Open project…"),
        "mdi6.folder-open-outline",
        "projects.choose",
        "file",
        _("actions", "Open a migmap project (.migmap)"),
        "Ctrl+O",
        toolbar="file",
    ),
    ActionSpec(
        "open_sample",
        _("actions", "Open the sample project"),
        "mdi6.map-marker-star-outline",
        "projects.sample",
        "file",
        _("actions", "Made-up villages, settlements and a flood to try things on"),
    ),
    ActionSpec(
        "save_project",
        _("actions", "&Save project"),
        "mdi6.content-save-outline",
        "projects.save",
        "file",
        _("actions", "Save the project in its file"),
        "Ctrl+S",
        toolbar="file",
        break_before=True,
    ),
    ActionSpec(
        "save_project_as",
        _("actions", "Save project &as…"),
        "mdi6.content-save-edit-outline",
        "projects.save_as",
        "file",
        _("actions", "Save the project in another file"),
        "Ctrl+Shift+S",
    ),
    ActionSpec(
        "quit",
        _("actions", "&Quit"),
        "mdi6.exit-to-app",
        "projects.quit",
        "file",
        _("actions", "Close the window"),
        "Ctrl+Q",
        break_before=True,
    ),
    ActionSpec(
        "undo",
        _("actions", "&Undo"),
        "mdi6.undo",
        "projects.undo",
        "edit",
        _("actions", "Take back the last step"),
        "Ctrl+Z",
        "undo",
        toolbar="edit",
    ),
    ActionSpec(
        "redo",
        _("actions", "&Redo"),
        "mdi6.redo",
        "projects.redo",
        "edit",
        _("actions", "Do the last undone step again"),
        "Ctrl+Shift+Z",
        "redo",
        toolbar="edit",
    ),
    ActionSpec(
        "copy_map",
        _("actions", "&Copy map as picture"),
        "mdi6.image-outline",
        "exports.copy_map",
        "edit",
        _("actions", "Put the map as it stands on the clipboard, to paste into a document"),
        "Ctrl+Shift+C",
        "layers",
        toolbar="export",
        break_before=True,
    ),
    ActionSpec(
        "zoom_all",
        _("actions", "Show &everything"),
        "mdi6.fit-to-page-outline",
        "view.all",
        "view",
        _("actions", "Zoom so that all layers are seen"),
        "Ctrl+0",
        "layers",
        toolbar="view",
    ),
    ActionSpec(
        "zoom_in",
        _("actions", "Zoom &in"),
        "mdi6.magnify-plus-outline",
        "view.zoom_in",
        "view",
        _("actions", "Closer; the mouse wheel does the same"),
        "Ctrl++",
        "layers",
        toolbar="view",
    ),
    ActionSpec(
        "zoom_out",
        _("actions", "Zoom &out"),
        "mdi6.magnify-minus-outline",
        "view.zoom_out",
        "view",
        _("actions", "Farther; the mouse wheel does the same"),
        "Ctrl+-",
        "layers",
        toolbar="view",
    ),
    ActionSpec(
        "legend",
        _("actions", "&Legend on the map"),
        "mdi6.format-list-bulleted-type",
        "view.legend",
        "view",
        _("actions", "Show or hide the legend"),
        "",
        "layers",
        checkable=True,
        break_before=True,
    ),
    ActionSpec(
        "zoom_layer",
        _("actions", "Zoom to &layer"),
        "mdi6.magnify-scan",
        "layers.zoom",
        "layer",
        _("actions", "Show the whole of the chosen layer"),
        "Ctrl+L",
        "layer",
    ),
    ActionSpec(
        "layer_table",
        _("actions", "Open &table"),
        "mdi6.table",
        "layers.table",
        "layer",
        _("actions", "Show the rows of the chosen layer"),
        "F6",
        "layer",
    ),
    ActionSpec(
        "show_results",
        _("actions", "&Results"),
        "mdi6.chart-box-outline",
        "view.results",
        "view",
        _("actions", "Show the numbers of the last analysis"),
        "F7",
        "layers",
        break_before=True,
    ),
    ActionSpec(
        "show_activity",
        _("actions", "&Activity"),
        "mdi6.progress-clock",
        "view.activity",
        "view",
        _("actions", "Show the jobs under way and done"),
        "F8",
        "layers",
    ),
    ActionSpec(
        "layer_findings",
        _("actions", "Show &findings"),
        "mdi6.clipboard-alert-outline",
        "layers.findings",
        "layer",
        _("actions", "What was odd in the data of the chosen layer"),
        "",
        "layer",
    ),
    ActionSpec(
        "layer_reading",
        _("actions", "Columns and &import…"),
        "mdi6.table-cog",
        "readings.layer",
        "layer",
        _("actions", "See and correct how the file of the chosen layer is read"),
        "F4",
        "layer",
    ),
    ActionSpec(
        "reload_layer",
        _("actions", "Read &again"),
        "mdi6.refresh",
        "layers.reload",
        "layer",
        _("actions", "Read the file of the chosen layer again"),
        "F5",
        "layer",
    ),
    ActionSpec(
        "rename_layer",
        _("actions", "&Rename…"),
        "mdi6.rename-outline",
        "layers.rename",
        "layer",
        _("actions", "Give the chosen layer another name"),
        "F2",
        "layer",
        break_before=True,
    ),
    ActionSpec(
        "toggle_layer",
        _("actions", "Show or &hide"),
        "mdi6.eye-outline",
        "layers.toggle",
        "layer",
        _("actions", "Show or hide the chosen layer"),
        "Ctrl+H",
        "layer",
    ),
    ActionSpec(
        "raise_layer",
        _("actions", "Move &up"),
        "mdi6.arrow-up",
        "layers.up",
        "layer",
        _("actions", "Draw the chosen layer above the next one"),
        "Ctrl+Up",
        "layer",
    ),
    ActionSpec(
        "lower_layer",
        _("actions", "Move &down"),
        "mdi6.arrow-down",
        "layers.down",
        "layer",
        _("actions", "Draw the chosen layer below the next one"),
        "Ctrl+Down",
        "layer",
    ),
    ActionSpec(
        "export_layer",
        _("actions", "&Export layer…"),
        "mdi6.export-variant",
        "exports.layer",
        "layer",
        _("actions", "Write the chosen layer to a file"),
        "",
        "layer",
        break_before=True,
    ),
    ActionSpec(
        "remove_layer",
        _("actions", "Re&move from map"),
        "mdi6.layers-remove",
        "layers.remove",
        "layer",
        _("actions", "Take the chosen layer off the map; its file stays"),
        "Del",
        "layer",
    ),
    ActionSpec(
        "export_map",
        _("actions", "Export &map and results…"),
        "mdi6.export-variant",
        "exports.project",
        "export",
        _("actions", "Write maps, tables and data files for others"),
        "Ctrl+E",
        "layers",
        toolbar="export",
        words=True,
        short=_("actions", "Export"),
    ),
    ActionSpec(
        "save_picture",
        _("actions", "Save map view as &picture…"),
        "mdi6.image-plus-outline",
        "exports.save_picture",
        "export",
        _("actions", "Save the map as it stands as a PNG picture"),
        "",
        "layers",
    ),
    ActionSpec(
        "copy_table",
        _("actions", "Copy results &table"),
        "mdi6.table-arrow-right",
        "exports.copy_table",
        "export",
        _("actions", "Put the rows of the results table on the clipboard, to paste into Excel"),
        "",
        "run",
    ),
    ActionSpec(
        "stop_all",
        _("actions", "&Stop everything"),
        "mdi6.stop-circle-outline",
        "runs.stop_all",
        "run",
        _("actions", "Cancel all jobs under way"),
        "",
        "busy",
        break_before=True,
    ),
    ActionSpec(
        "about",
        _("actions", "&About migmap"),
        "mdi6.information-outline",
        "help.about",
        "help",
        _("actions", "Version, licence and what is installed"),
    ),
    ActionSpec(
        "plugins",
        _("actions", "&Plugins"),
        "mdi6.puzzle-outline",
        "help.plugins",
        "help",
        _("actions", "What is installed and what each plugin adds"),
    ),
    ActionSpec(
        "show_log",
        _("actions", "Where the &log is"),
        "mdi6.text-box-outline",
        "help.log",
        "help",
        _("actions", "Where migmap writes down what went wrong"),
    ),
)
