"""run.py: what it decides, what it says, and that it ends as what it ran ended. No network anywhere."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[2]

posix = pytest.mark.skipif(os.name == "nt", reason="the fake programs here are shell scripts")


@pytest.fixture
def run(tmp_path: Path) -> ModuleType:
    """run.py as a module, at home in a folder of its own instead of this checkout."""
    return _loaded(_copy(tmp_path / "checkout"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with run.py, the lock and pyproject.toml, and nothing set up."""
    return _copy(tmp_path / "checkout")


def _copy(folder: Path) -> Path:
    folder.mkdir()
    for name in ("run.py", "requirements.lock", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, folder)
    return folder


def _loaded(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("migmap_run", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def _environment_that_answers(folder: Path, code: int = 0) -> None:
    """A finished `.venv` whose Python prints what it was asked to run and ends with `code`."""
    python = f"""
case "$1" in -I) echo 3.11; exit 0 ;; esac
echo "ran: $*"
echo "platform: $QT_QPA_PLATFORM"
exit {code}
"""
    _script(folder / ".venv/bin/python", python)
    _script(folder / ".venv/bin/migmap", "exit 0\n")
    packages = folder / ".venv/lib/python3.11/site-packages"
    (packages / "numpy").mkdir(parents=True)
    module = _loaded(folder)
    stamp = {
        **module.fingerprint(),
        "finished": True,
        "installed": ["numpy"],
        "libraries": "window",
        "project": module._sha256(folder / "pyproject.toml"),
        "python": "3.11",
        "tool": "pip",
    }
    module.write_stamp(stamp)


def _start(
    folder: Path, *words: str, fakes: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """run.py as a person starts it, cut off from every index, with a display only where a test gives one."""
    caller = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_"))
        and name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    path = caller["PATH"] if fakes is None else f"{fakes}{os.pathsep}{caller['PATH']}"
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nothing listens there: refused at once
        "PIP_RETRIES": "0",  # run.py makes it one: with none, pip does not say why
    }
    return subprocess.run(
        [sys.executable, str(folder / "run.py"), *words],
        env={**caller, "PATH": path, **nowhere, **env},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """Programs in front of the real ones: neither apt nor uv can do anything here."""
    folder = tmp_path / "fakes"
    _script(folder / "apt-get", "echo 'Temporary failure resolving'; exit 100\n")
    _script(folder / "uv", "echo 'error sending request: dns error'; exit 2\n")
    return folder


# ----------------------------------------------------------------------------------------- words
def test_only_the_wheel_folder_belongs_to_run_py(run: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "pip-1-py3-none-any.whl").touch()
    words = ["test", "-k", "zonal", "--wheels", str(tmp_path), "--out", "x"]
    assert run.parse(words) == ("test", tmp_path.resolve(), ["-k", "zonal", "--out", "x"])
    assert run.parse([f"--wheels={tmp_path}", "demo"]) == ("demo", tmp_path.resolve(), [])
    assert run.parse(["test", "--", "--wheels"]) == ("test", None, ["--", "--wheels"])


@pytest.mark.parametrize(
    "words", [["tset"], ["--fast"], ["demo", "--wheels"], ["demo", "--wheels", "nowhere"]]
)
def test_words_that_cannot_be_meant_are_refused(run: ModuleType, words: list[str]) -> None:
    with pytest.raises(run.Stop):
        run.parse(words)


def test_help_says_how_it_is_used(checkout: Path) -> None:
    asked = _start(checkout, "--help")
    assert asked.returncode == 0
    assert "run.py demo" in asked.stdout
    bare = _start(checkout)
    assert (bare.returncode, bare.stdout) == (2, "")
    assert "run.py test" in bare.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("command", "words", "env", "expected"),
    [
        ("demo", [], {"DISPLAY": ":0"}, True),
        ("demo", ["--out", "x"], {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("demo", ["--no-window"], {"DISPLAY": ":0"}, False),
        ("demo", [], {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ("demo", [], {}, False),
        ("test", [], {"DISPLAY": ":0"}, False),
    ],
)
def test_window_libraries_are_wanted_only_where_a_window_may_open(
    run: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    words: list[str],
    env: dict[str, str],
    expected: bool,
) -> None:
    monkeypatch.setattr(run, "WINDOWS", False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert run.wants_window(command, words, env) is expected


def test_qt_goes_offscreen_only_where_it_would_abort(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WINDOWS", False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert run.hand_over_environment("demo", {"PYTHONHOME": "/q"}) == {"QT_QPA_PLATFORM": "offscreen"}
    assert run.hand_over_environment("demo", {"DISPLAY": ":0"}) == {"DISPLAY": ":0"}
    assert run.hand_over_environment("test", {"DISPLAY": ":0"})["QT_QPA_PLATFORM"] == "offscreen"
    assert run.hand_over_environment("test", {"QT_QPA_PLATFORM": "xcb"})["QT_QPA_PLATFORM"] == "xcb"


def test_tests_are_spread_unless_the_words_say_otherwise(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "processors", lambda: 2)
    assert run.what_to_run("test", ["-k", "zonal"])[1:] == ["-m", "pytest", "-n", "2", "-k", "zonal"]
    for word in ("-n0", "--pdb", "--collect-only"):
        assert run.what_to_run("test", [word])[1:] == ["-m", "pytest", word]
    assert run.what_to_run("demo", ["--out", "x"])[1:] == ["-m", "migmap", "demo", "--out", "x"]


# ------------------------------------------------------------------------------ a finished environment
@posix
def test_words_are_passed_on_and_the_exit_code_comes_back(checkout: Path) -> None:
    _environment_that_answers(checkout, code=7)
    done = _start(checkout, "test", "-n0", "-k", "zonal and not slow")
    assert done.returncode == 7
    assert done.stdout == "ran: -m pytest -n0 -k zonal and not slow\nplatform: offscreen\n"
    assert done.stderr == ""


@posix
def test_the_demo_keeps_its_words_and_its_display(checkout: Path) -> None:
    _environment_that_answers(checkout)
    done = _start(checkout, "demo", "--out", "my folder", DISPLAY=":0")
    assert done.returncode == 0
    assert done.stdout == "ran: -m migmap demo --out my folder\nplatform: \n"


@posix
def test_an_environment_is_ready_only_while_nothing_it_was_made_from_changed(checkout: Path) -> None:
    module = _loaded(checkout)
    assert module.why_not_ready() == "there is none yet"
    _environment_that_answers(checkout)
    assert module.why_not_ready() is None

    stamp = module.read_stamp()
    module.write_stamp({**stamp, "python": "3.10"})
    assert "Python" in str(module.why_not_ready())
    module.write_stamp({**stamp, "finished": False})
    assert "never finished" in str(module.why_not_ready())
    module.STAMP.write_text("{ half a st")
    assert "never finished" in str(module.why_not_ready())
    module.write_stamp(stamp)

    (checkout / ".venv/lib/python3.11/site-packages/numpy").rmdir()
    assert "no longer holds" in str(module.why_not_ready())
    (checkout / ".venv/lib/python3.11/site-packages/numpy").mkdir()
    (checkout / ".venv/bin/python").unlink()
    assert "Python" in str(module.why_not_ready())


@posix
def test_another_lock_or_another_place_means_another_environment(checkout: Path) -> None:
    _environment_that_answers(checkout)
    moved = checkout.rename(checkout.with_name("moved"))
    assert "moved" in str(_loaded(moved).why_not_ready())
    moved.rename(checkout)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# another\n")
    assert "lock" in str(_loaded(checkout).why_not_ready())


def test_line_ends_do_not_make_another_lock(run: ModuleType) -> None:
    before = run.fingerprint()
    run.LOCK.write_bytes(run.LOCK.read_bytes().replace(b"\n", b"\r\n"))
    assert run.fingerprint() == before


# --------------------------------------------------------------------------------- what can go wrong
@posix
def test_without_a_network_one_line_says_so(checkout: Path, fakes: Path) -> None:
    done = _start(checkout, "demo", fakes=fakes)
    assert (done.returncode, done.stdout) == (2, "")
    said = done.stderr.splitlines()
    assert "No network" in said[-1]
    assert "--wheels DIR" in said[-1]
    assert "Traceback" not in done.stderr
    assert sum("No network" in line for line in said) == 1
    # What was begun is not taken for finished.
    assert "never finished" in str(_loaded(checkout).why_not_ready())


@posix
def test_a_half_made_environment_is_cleared_away(run: ModuleType) -> None:
    # What `python3 -m venv` leaves behind on Debian without python3-venv: no pip.
    (run.VENV / "bin").mkdir(parents=True)
    (run.VENV / "bin/python").symlink_to(sys.executable)
    (run.VENV / "lib/python3.11/site-packages").mkdir(parents=True)
    run.clear_away()
    assert [path.name for path in run.ROOT.glob(".venv*")] == []


@posix
def test_an_environment_someone_else_made_is_set_aside(run: ModuleType) -> None:
    _script(run.VENV / "bin/python", "echo 3.11\n")
    (run.VENV / "lib/python3.11/site-packages/pip").mkdir(parents=True)
    run.clear_away()
    assert [path.name for path in run.ROOT.glob(".venv*")] == [".venv.before1"]


@posix
def test_a_link_is_removed_and_what_it_points_at_stays(run: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    run.VENV.symlink_to(tmp_path / "precious")
    run.clear_away()
    assert (tmp_path / "precious").is_dir()
    assert not os.path.lexists(run.VENV)


@pytest.fixture
def bare(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Any]:
    """A SetUp on a Debian with neither the venv module nor Qt's libraries, as the user with this id."""

    def set_up(user: int) -> Any:
        monkeypatch.setattr(run, "LINUX", True)
        monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
        monkeypatch.setattr(run, "has_module", lambda name: name == "venv")
        monkeypatch.setattr(run, "unloadable", lambda _names: ["libGL.so.1", "libglib-2.0.so.0"])
        monkeypatch.setattr(run, "FONT_FILE", Path(__file__))
        monkeypatch.setattr(
            run.shutil, "which", lambda name, **_path: "/bin/x" if name == "apt-get" else None
        )
        monkeypatch.setattr(run, "venv_package", lambda: "python3-venv")
        return run.SetUp("demo", None, False)

    return set_up


def test_without_root_the_exact_line_is_given(run: ModuleType, bare: Callable[[int], Any]) -> None:
    with pytest.raises(run.Stop) as stopped:
        bare(1000).system()
    line = "sudo apt-get update && sudo apt-get install -y python3-venv libgl1 libglib2.0-0"
    assert str(stopped.value).endswith(line)
    assert "\n" not in str(stopped.value)


def test_as_root_apt_is_asked_once_for_everything(
    run: ModuleType, bare: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def note(words: list[str], _env: dict[str, str]) -> str:
        asked.append(list(words))
        return ""

    monkeypatch.setattr(run, "call", note)
    bare(0).system()
    assert [words[-1] for words in asked] == ["update", "libglib2.0-0"]
    assert asked[1][-3:] == ["python3-venv", "libgl1", "libglib2.0-0"]


def test_as_root_without_a_network_the_packages_are_named(
    run: ModuleType, bare: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(words: list[str], _env: dict[str, str]) -> str:
        raise run.Failed(
            "Temporary failure resolving" if words[-1] == "update" else "E: Unable to locate package"
        )

    monkeypatch.setattr(run, "call", fails)
    with pytest.raises(run.Stop, match=r"no network .* python3-venv libgl1 libglib2\.0-0$"):
        bare(0).system()


def test_a_library_no_table_knows_is_named(run: ModuleType) -> None:
    assert run.packages_for(["libGL.so.1", "libxcb-cursor.so.0"]) == ["libgl1", "libxcb-cursor0"]
    with pytest.raises(run.Stop, match=r"libnew\.so\.3"):
        run.packages_for(["libGL.so.1", "libnew.so.3"])


@pytest.mark.parametrize(
    ("output", "wheels", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", None, "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", None, "not the one requirements.lock names"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", None, "PIP_CERT"),
        ("Failed to establish: [Errno -3] Temporary failure in name resolution", None, "No network"),
        ("ERROR: No matching distribution found for numba==0.68.1", None, "numba==0.68.1"),
        ("ERROR: No matching distribution found for numba==0.68.1", Path("w"), "w lacks a wheel"),
        ("note: x\nPermissionError: [Errno 13] denied\nhint: y", None, "Errno 13"),
        ("", None, "no reason given"),
    ],
)
def test_what_failed_is_said_in_one_line(
    run: ModuleType, output: str, wheels: Path | None, expected: str
) -> None:
    said = run.explained(output, "packages", "demo", wheels)
    assert expected in said
    assert "\n" not in said


# ---------------------------------------------------------------------------- the caller's environment
def test_certificate_settings_that_name_nothing_are_dropped_and_said(
    run: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    real = tmp_path / "office.crt"
    real.touch()
    env = {"PIP_CERT": "/nowhere/ca.crt", "SSL_CERT_FILE": str(real), "HTTPS_PROXY": "http://proxy:3128"}
    kept = run.without_missing_certificates(env)
    assert kept == {"SSL_CERT_FILE": str(real), "HTTPS_PROXY": "http://proxy:3128"}
    assert "PIP_CERT=/nowhere/ca.crt" in capsys.readouterr().err


def test_a_certificate_that_apt_overwrote_is_still_trusted(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system = tmp_path / "ca-certificates.crt"
    mark = "-----{} CERTIFICATE-----\n"
    own, public = (mark.format("BEGIN") + text + mark.format("END") for text in ("office\n", "public\n"))
    system.write_text(own)
    monkeypatch.setattr(run, "SYSTEM_CERTIFICATES", system)
    for name in run.CERTIFICATE_NAMES:
        monkeypatch.delenv(name, raising=False)
    set_up = run.SetUp("demo", None, False)
    run.VENV.mkdir()
    assert "PIP_CERT" not in set_up.with_certificates()
    system.write_text(public)
    assert "office" in Path(set_up.with_certificates()["PIP_CERT"]).read_text()
    system.write_text(public + own)
    assert "PIP_CERT" not in set_up.with_certificates()


def test_settings_that_lead_pip_astray_are_not_handed_to_it(run: ModuleType) -> None:
    env = run.set_up_environment(
        {"PYTHONHOME": "/qgis", "PIP_USER": "1", "PIP_INDEX_URL": "http://mirror/simple"}
    )
    assert "PYTHONHOME" not in env
    assert "PIP_USER" not in env
    assert run.set_up_environment({"PIP_RETRIES": "9"})["PIP_RETRIES"] == "9"
    assert run.uv_environment(env)["UV_DEFAULT_INDEX"] == "http://mirror/simple"


# ---------------------------------------------------------------------------------------- the lock
def test_the_lock_names_packages_and_hashes_and_no_place() -> None:
    text = (CHECKOUT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index" not in text
    pinned = [line for line in text.splitlines() if "==" in line]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)


def test_the_lock_holds_what_pyproject_asks_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["test"],
        *project["dependency-groups"]["build"],
        *project["build-system"]["requires"],
    ]
    pins = {}
    for line in (CHECKOUT / "requirements.lock").read_text().splitlines():
        if "==" in line:
            pin = Requirement(line.rstrip(" \\"))
            pins[canonicalize_name(pin.name)] = next(iter(pin.specifier)).version
    for text in asked:
        wanted = Requirement(text)
        version = pins.get(canonicalize_name(wanted.name))
        assert version is not None, f"requirements.lock lacks {wanted.name}: CONTRIBUTING.md, 'The lock'"
        assert wanted.specifier.contains(version), (
            f"requirements.lock has {wanted.name} {version}, not {wanted}"
        )


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "python3 run.py test\n" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert (CHECKOUT / ".ci/run").read_text().splitlines()[-1] == "exec python3 run.py test"


def test_a_stamp_is_whole_or_absent(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    run.VENV.mkdir()
    run.write_stamp({"finished": True})

    def full(*_args: object, **_kw: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        run.write_stamp({"finished": False})
    assert json.loads(run.STAMP.read_text()) == {"finished": True}
