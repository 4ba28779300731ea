"""Plugins: ours must work, a stranger's may be broken without harm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migmap.api import Problem
from migmap.app.registry import Found, Registry, find_plugins

PLUGIN = """
from migmap.api import Plugin
PLUGIN = Plugin(name={name!r}, title="A stranger", {more})
"""
KIND = """
from migmap.api import Guess, LayerKind, Style
class Kind(LayerKind):
    name = {name!r}
    title = "Kind"
    def guess(self, probe): return Guess(self.name, 0.0)
    def style(self): return Style()
"""
EXPORTER = """
from migmap.api import Exporter
class Writer(Exporter):
    name = {name!r}
    title = "Writer"
    endings = ({ending!r},)
    takes = "table"
    def write(self, document, target, params, tools, progress): return ()
"""


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on sys.path whose modules are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("strange"):
            del sys.modules[name]


def registry_with(*values: str) -> Registry:
    ours = [found for found in find_plugins() if found.built_in]
    return Registry([*ours, *(Found("strange", value, "strange-package") for value in values)])


def test_the_three_built_in_plugins_are_there_without_any_installed_metadata(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    assert [row.name for row in Registry.load().plugins()] == ["layers", "analysis", "export"]


def test_built_ins_bring_the_kinds_analyses_and_exporters_scripts_rely_on() -> None:
    registry = Registry([found for found in find_plugins() if found.built_in])
    assert list(registry.analyses()) == ["exposure", "service-gap"]
    named = {"html", "png", "shapefile", "geopackage", "geojson", "kml", "csv", "xlsx", "json"}
    assert named <= set(registry.exporters())
    assert {"plain", "hazard", "population", "boundary", "service", "refugee_village"} <= set(
        registry.kinds()
    )
    endings = (".gpkg", ".zip", ".shp", ".geojson", ".kml", ".csv", ".xlsx", ".html", ".png", ".json")
    for ending in endings:
        assert registry.exporter_for(ending)
        assert registry.exporter_for(ending.upper())


def test_a_plugin_that_cannot_be_imported_is_a_disabled_row_with_its_reason(stranger: Path) -> None:
    (stranger / "strange_broken.py").write_text("import a_library_nobody_has\n")
    row = registry_with("strange_broken:PLUGIN").plugins()[-1]
    assert (row.name, row.enabled, row.origin) == ("strange", False, "strange-package")
    assert "a_library_nobody_has" in row.reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('kinds=("strange_plugin:Nothing",)', "Nothing"),
        ('kinds=("strange_plugin",)', "module:name"),
        ('kinds=("strange_kind:Kind",), api=2', "version 2"),
        ('analyses=("strange_kind:Kind",)', "not a Analysis"),
    ],
)
def test_a_plugin_with_a_broken_contribution_adds_nothing(stranger: Path, more: str, reason: str) -> None:
    (stranger / "strange_kind.py").write_text(KIND.format(name="strange_kind"))
    (stranger / "strange_plugin.py").write_text(PLUGIN.format(name="stranger", more=more))
    registry = registry_with("strange_plugin:PLUGIN")
    row = registry.plugins()[-1]
    assert not row.enabled
    assert reason in row.reason
    assert "strange_kind" not in registry.kinds()


def test_a_plugin_that_ends_the_program_is_a_disabled_row(stranger: Path) -> None:
    (stranger / "strange_exit.py").write_text("import sys\nsys.exit(3)\n")
    registry = registry_with("strange_exit:PLUGIN")
    assert not registry.plugins()[-1].enabled
    assert "SystemExit" in registry.plugins()[-1].reason
    assert "html" in registry.exporters()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('    title = "Writer"\n', "", "has no title"),
        ('    endings = (".w",)\n', "", "no file ending"),
        ("('.w',)", "()", "no file ending"),
        ("'writer'", "'two words'", "one word"),
        ('takes = "table"', "takes = None", "has no takes"),
        ('takes = "table"', 'takes = "table"; Params = 5', "Params"),
    ],
)
def test_a_half_declared_exporter_disables_its_plugin_only(
    stranger: Path, before: str, after: str, reason: str
) -> None:
    text = EXPORTER.format(name="writer", ending=".w")
    for quoted in (before, before.replace('"', "'")):
        text = text.replace(quoted, after)
    (stranger / "strange_writer.py").write_text(text)
    (stranger / "strange_plugin.py").write_text(
        PLUGIN.format(name="stranger", more='exporters=("strange_writer:Writer",)')
    )
    row = registry_with("strange_plugin:PLUGIN").plugins()[-1]
    assert not row.enabled
    assert reason in row.reason


def test_what_is_no_plugin_is_said_to_be_none(stranger: Path) -> None:
    (stranger / "strange_plugin.py").write_text("PLUGIN = 3\n")
    row = registry_with("strange_plugin:PLUGIN").plugins()[-1]
    assert not row.enabled
    assert "int" in row.reason


def test_a_name_that_is_taken_disables_the_newcomer_and_leaves_ours(stranger: Path) -> None:
    (stranger / "strange_kind.py").write_text(KIND.format(name="plain"))
    (stranger / "strange_plugin.py").write_text(
        PLUGIN.format(name="stranger", more='kinds=("strange_kind:Kind",)')
    )
    registry = registry_with("strange_plugin:PLUGIN")
    assert not registry.plugins()[-1].enabled
    assert "plain" in registry.plugins()[-1].reason
    assert type(registry.kinds()["plain"]).__module__.startswith("migmap.")


def test_an_ending_that_is_taken_disables_the_newcomer(stranger: Path) -> None:
    (stranger / "strange_writer.py").write_text(EXPORTER.format(name="other-csv", ending=".csv"))
    (stranger / "strange_plugin.py").write_text(
        PLUGIN.format(name="stranger", more='exporters=("strange_writer:Writer",)')
    )
    row = registry_with("strange_plugin:PLUGIN").plugins()[-1]
    assert not row.enabled
    assert ".csv" in row.reason


def test_two_plugins_of_one_name_leave_the_first(stranger: Path) -> None:
    (stranger / "strange_one.py").write_text(PLUGIN.format(name="same", more=""))
    (stranger / "strange_two.py").write_text(PLUGIN.format(name="same", more=""))
    rows = registry_with("strange_one:PLUGIN", "strange_two:PLUGIN").plugins()[-2:]
    assert [row.enabled for row in rows] == [True, False]


def test_a_broken_plugin_of_ours_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        Registry([Found("x", "migmap.no_such_room:PLUGIN", "built-in")]).kinds()


def test_unknown_names_list_the_known_ones() -> None:
    registry = Registry([found for found in find_plugins() if found.built_in])
    with pytest.raises(Problem, match="service-gap"):
        registry.analysis("nonsense")
    with pytest.raises(Problem, match=r"\.gpkg"):
        registry.exporter_for(".docx")


def test_an_installed_package_shows_up_without_touching_migmap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "example_plugin"))
    registry = Registry.load()
    row = registry.plugins()[-1]
    assert (row.name, row.origin, row.enabled, row.reason) == ("example", "migmap-example", True, "")
    assert "tap_stand" in registry.kinds()
    assert "tally" in registry.analyses()
    assert registry.exporter_for(".md").name == "markdown"
