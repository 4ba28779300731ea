#!/usr/bin/env python3
"""Set migmap up beside this file, then run it: `run.py demo` or `run.py test`.

Standard library only, and nothing in its grammar that an older Python cannot read: on the barest
machine this file is all there is, and whatever goes wrong has to end in one readable line with a way
out (exit code 2), never in a traceback.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
STAMP = VENV / "migmap-setup.json"
LOG = ROOT / "run.log"
OLDEST = (3, 11)
WINDOWS = os.name == "nt"
LINUX = sys.platform.startswith("linux")

USAGE = """\
run.py sets migmap up in .venv beside it, then runs it.

  {py} run.py demo [words]
      Build the sample project, run the main job on it, say where the files lie.
      The words go to `migmap demo`: --out DIR, --no-window.

  {py} run.py test [words]
      Run the tests. The words go to pytest: -k zonal, -x, tests/house.

  --wheels DIR with either of them
      Install from a folder of wheels, without a network (docs/offline-install.md).

The first run downloads about 400 MB and takes a few minutes; later runs take a second or two.
"""

# Libraries Qt wants from the system, and the Debian package that has each. The first table is what
# drawing without a window needs, the second what a window on a screen needs as well.
DRAWING = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libOpenGL.so.0": "libopengl0",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Files whose needs stand for all the others; relative to site-packages.
DRAWING_FILES = (
    "PySide6/QtCore.*so",
    "PySide6/QtGui.*so",
    "PySide6/QtWidgets.*so",
    "PySide6/QtSvg.*so",
    "PySide6/Qt/plugins/platforms/libqoffscreen.so",
    "pyogrio/_io.*so",
    "rasterio/_base.*so",
)
WINDOW_FILES = ("PySide6/Qt/plugins/platforms/libqxcb.so", "PySide6/Qt/plugins/platforms/libqwayland.so")

FONTS = "fonts-noto-core"
FONT_FILE = Path("/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf")

CERTIFICATE_NAMES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR")
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# What pip, uv and apt say when the cause is one a person can do something about.
NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|ConnectionResetError"
    r"|Network is unreachable|Temporary failure (in name resolution|resolving)|Name or service not known"
    r"|getaddrinfo failed|Could not resolve|Could not connect|Unable to connect|Connection refused"
    r"|Connection timed out|[Cc]onnection failed|dns error|tcp connect error|error sending request",
)
NO_TRUST = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate|UnknownIssuer"
    r"|suitable TLS CA certificate bundle|SSLError",
)
NO_SPACE = re.compile(r"No space left on device|ENOSPC|not enough space on the disk|Disk quota exceeded")
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES|[Hh]ash mismatch")
NOTHING_FITS = re.compile(
    r"No matching distribution found for (\S+)|no wheels? (?:with|are|is|usable)|has no wheels"
)


class Stop(Exception):
    """What went wrong and the way out, in one line for a person. Exit code 2."""


class Failed(Exception):
    """A program that set-up needed ended badly; `output` is all it said."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


# ---------------------------------------------------------------------------------------- words
def parse(words: Sequence[str]) -> tuple[str, Path | None, list[str]]:
    """The command, the wheel folder if one is named, and every other word as it came.

    Only `--wheels DIR` belongs to run.py; behind a bare `--` not even that.
    """
    rest: list[str] = []
    wheels: str | None = None
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += [word, *waiting]
            break
        if word == "--wheels":
            if not waiting:
                raise Stop("--wheels needs a folder of wheels behind it, for example --wheels D:\\wheels")
            wheels = waiting.pop(0)
        elif word.startswith("--wheels="):
            wheels = word.partition("=")[2]
        else:
            rest.append(word)
    command = rest.pop(0) if rest else ""
    if command not in ("demo", "test"):
        raise Stop(f"'{command}' is not a command of run.py. Type: {me()} demo   or   {me()} test")
    folder = None
    if wheels is not None:
        folder = Path(wheels).expanduser().resolve()
        if not any(folder.glob("*.whl")):
            raise Stop(f"{folder} holds no wheels. docs/offline-install.md says how to fill such a folder.")
    return command, folder, rest


def me() -> str:
    """How a person starts this file, for messages."""
    return "py run.py" if WINDOWS else "python3 run.py"


def has_display(env: Mapping[str, str]) -> bool:
    """Whether a window could open: Windows and macOS always, elsewhere when a display is named."""
    if WINDOWS or sys.platform == "darwin":
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def wants_window(command: str, words: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether this run may end in a window, so that its libraries are looked for as well."""
    return (
        command == "demo"
        and has_display(env)
        and env.get("QT_QPA_PLATFORM") not in ("offscreen", "minimal")
        and "--no-window" not in words
    )


# ------------------------------------------------------------------------------- saying and running
def say(text: str) -> None:
    """One line on standard error: standard output belongs to what run.py starts."""
    print(text, file=sys.stderr, flush=True)


def note(text: str) -> None:
    """A line for run.log, where whoever looks into a failed set-up finds everything."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write(text.rstrip("\n") + "\n")


def call(command: Sequence[str | Path], env: Mapping[str, str]) -> str:
    """Run a program quietly, its output into run.log; on a terminal its last line shows that it lives.

    Raises:
        Failed: it could not be started or ended with another code than 0.
    """
    words = [str(word) for word in command]
    note("$ " + " ".join(words))
    lines: list[str] = []
    # Blanks, not escape sequences: an old Windows console would print those.
    width = shutil.get_terminal_size().columns - 4 if sys.stderr.isatty() else 0
    try:
        with subprocess.Popen(
            words,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            cwd=ROOT,
            close_fds=False,  # a child that outlives a killed run.py keeps the lock of one_at_a_time
        ) as child:
            for line in child.stdout or ():
                lines.append(line)
                note(line)
                if width > 0 and line.strip():
                    sys.stderr.write("\r  " + line.strip()[:width].ljust(width))
                    sys.stderr.flush()
    except OSError as error:
        raise Failed(f"{words[0]}: {error}") from error
    finally:
        if width > 0:
            sys.stderr.write("\r  " + " " * width + "\r")
    output = "".join(lines)
    if child.returncode != 0:
        raise Failed(output or f"{words[0]} ended with code {child.returncode}")
    return output


def explained(output: str, what: str, command: str, wheels: Path | None) -> str:
    """One line for a person out of everything a failed program said."""
    version = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    nothing = NOTHING_FITS.search(output)
    named = f" ({nothing.group(1)})" if nothing and nothing.group(1) else ""
    if NO_SPACE.search(output):
        return (
            f"The disk is full: migmap needs about 2 GB at {ROOT}. Make room and run the same command again."
        )
    if WRONG_HASH.search(output):
        return (
            "A downloaded package is not the one requirements.lock names, so it was not installed. "
            "Run the same command again; if it stays so, the index or wheel folder holds an altered file. "
            f"Details: {LOG}"
        )
    if wheels is not None and nothing:
        return (
            f"{wheels} lacks a wheel this machine needs{named}: it has to be filled for the same system and "
            f"{version}; docs/offline-install.md says how. Details: {LOG}"
        )
    if NO_TRUST.search(output):
        return (
            "The package index answered with a certificate this machine does not trust. Name your "
            "organisation's certificate file in PIP_CERT and run the same command again, or install from a "
            f"folder of wheels: {me()} {command} --wheels DIR (docs/offline-install.md)"
        )
    if NO_NETWORK.search(output):
        return (
            f"No network: {what} could not be downloaded. Connect (a proxy goes into HTTPS_PROXY) and run "
            "the same command again, or install from a folder of wheels: "
            f"{me()} {command} --wheels DIR (docs/offline-install.md)"
        )
    if nothing:
        return (
            f"A package of requirements.lock is not offered for this system and {version}{named}. 64-bit "
            f"Linux, Windows and macOS with Python 3.11 to 3.13 have them all. Details: {LOG}"
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[A-Z]\w*Error: ", line)]
    errors = errors or [line for line in lines if re.match(r"(error|ERROR|E):", line)] or lines
    said = errors[-1] if errors else "no reason given"
    return f"{what[:1].upper() + what[1:]} could not be installed: {said} (all of it: {LOG})"


# -------------------------------------------------------------------------------- is it ready?
def venv_file(name: str) -> Path:
    """A program inside the environment, where this system keeps it."""
    return VENV / "Scripts" / f"{name}.exe" if WINDOWS else VENV / "bin" / name


def fingerprint() -> dict[str, str]:
    """What an environment was made from; another answer means it has to be made again."""
    return {"lock": _sha256(LOCK), "root": str(ROOT)}


def _sha256(path: Path) -> str:
    # Line ends do not count: git may have checked the file out with Windows ones.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def read_stamp() -> dict[str, object]:
    """The note a finished set-up leaves; empty when there is none that can be read."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: Mapping[str, object]) -> None:
    """Written last and in one piece: no stamp, no finished environment."""
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps(stamp, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(fresh, STAMP)


def why_not_ready() -> str | None:
    """None for an environment that can be used as it stands, else the reason, for a person."""
    if not os.path.lexists(VENV):
        return "there is none yet"
    stamp = read_stamp()
    if not stamp.get("finished"):
        return "it was never finished"
    for name, value in fingerprint().items():
        if stamp.get(name) != value:
            return "requirements.lock has changed" if name == "lock" else "the folder was moved or copied"
    if _python_of_venv() != stamp.get("python"):
        return "its Python is gone or was replaced"
    have = _installed()
    wanted = stamp.get("installed")
    if not isinstance(wanted, list) or not have.issuperset(wanted) or not venv_file("migmap").exists():
        return "it no longer holds what requirements.lock names"
    return None


def _python_of_venv() -> str | None:
    """Version of the environment's Python, "3.11", or None when it does not start any more."""
    ask = [str(venv_file("python")), "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def site_packages() -> Path | None:
    """Where the environment keeps its packages."""
    if WINDOWS:
        folder = VENV / "Lib" / "site-packages"
        return folder if folder.is_dir() else None
    return next(iter(sorted(VENV.glob("lib/python3.*/site-packages"))), None)


def _installed() -> set[str]:
    folder = site_packages()
    return set(os.listdir(folder)) - {"__pycache__"} if folder else set()


# --------------------------------------------------------------------------------------- set-up
class SetUp:
    """One making of `.venv`: what the caller's environment allows, step by step, the stamp last."""

    def __init__(self, command: str, wheels: Path | None, window: bool) -> None:
        self.command = command
        self.wheels = wheels
        self.window = window
        self.env = set_up_environment(os.environ)
        self.certificates = _read_if_there(SYSTEM_CERTIFICATES)
        self.lists_are_fresh = False

    # -- the order of things
    def everything(self, reason: str) -> None:
        """Make the environment anew, whatever stands there now."""
        say(f"Setting migmap up in {VENV} ({reason}). This takes a few minutes once; details in run.log")
        begun = time.monotonic()
        self.system()
        clear_away()
        with_uv = self.uv() is not None and self.install_with_uv()
        if not with_uv:
            self.install_with_pip()
        self.finish("uv" if with_uv else "pip")
        say(f"Set up in {time.monotonic() - begun:.0f} s.")

    def finish(self, tool: str) -> None:
        """Check the libraries, write the stamp, warm the kernels up."""
        version = _python_of_venv()
        stamp: dict[str, object] = {
            **fingerprint(),
            "finished": True,
            "installed": sorted(_installed()),
            "project": _sha256(PROJECT),
            "python": version,
            "tool": tool,
        }
        # Written before the libraries are looked at: who has to install some first, and comes back,
        # does not download everything a second time.
        write_stamp(stamp)
        self.libraries()
        self.kernels()

    def libraries(self) -> None:
        """Qt's system libraries, by what the installed files themselves ask for; noted in the stamp."""
        if LINUX:
            for _attempt in range(2):
                missing = libraries_missing(self.window)
                if not missing:
                    break
                self.need(
                    packages_for(missing), "Missing on this machine: system libraries that migmap draws with"
                )
            else:
                raise Stop(f"System libraries are missing even after installation: {' '.join(missing)}")
        write_stamp({**read_stamp(), "libraries": "window" if self.window else "drawing"})

    def migmap_again(self) -> None:
        """pyproject.toml changed (a new command, say) but the lock did not: only migmap is installed anew."""
        tool = str(read_stamp().get("tool"))
        if tool == "uv" and self.uv() is None:
            self.everything("pyproject.toml has changed, and uv, which made it, is gone")
            return
        try:
            self.install_migmap(tool)
        except Failed as failed:
            raise Stop(explained(failed.output, "migmap", self.command, self.wheels)) from None
        write_stamp({**read_stamp(), "project": _sha256(PROJECT), "installed": sorted(_installed())})

    # -- the system's part
    def system(self) -> None:
        """All that apt has to bring, in one go, or one line that names it all."""
        if not LINUX:
            return
        packages: list[str] = []
        reasons: list[str] = []
        if self.uv() is None and not self.pip_is_in_reach():
            packages.append(venv_package())
            reasons.append("Python's venv module")
        wanted = {**DRAWING, **(WINDOW if self.window else {})}
        missing = unloadable(sorted(wanted))
        if missing:
            packages += sorted({wanted[name] for name in missing})
            reasons.append("system libraries that migmap draws with")
        if packages:
            self.need(packages, f"Missing on this machine: {' and '.join(reasons)}")
        if self.may_install() and not FONT_FILE.exists():
            # Noto has Urdu in Naskh and Nastaliq; without it DejaVu serves, so failing is no reason to stop.
            try:
                self.apt([FONTS])
            except Failed:
                say(f"  note: {FONTS} could not be installed; maps write Urdu in another font")

    def may_install(self) -> bool:
        if sys.platform == "win32":
            return False
        return LINUX and os.geteuid() == 0 and shutil.which("apt-get") is not None

    def need(self, packages: Sequence[str], reason: str) -> None:
        """Have Debian packages installed, or stop with the line a person has to type."""
        if not self.may_install():
            wanted = [*packages, *([] if FONT_FILE.exists() else [FONTS])]
            line = f"sudo apt-get update && sudo apt-get install -y {' '.join(wanted)}"
            if shutil.which("apt-get") is None:
                raise Stop(f"{reason}. Install what your system calls them; on Debian it is: {line}")
            raise Stop(f"{reason}. Type this line, then run the same command again: {line}")
        say(f"  installing with apt: {' '.join(packages)}")
        try:
            self.apt(packages)
        except Failed as failed:
            if NO_NETWORK.search(failed.output):
                raise Stop(
                    f"{reason}, and there is no network to install them from. Connect, or install from your "
                    f"Debian media, then run the same command again: apt-get install {' '.join(packages)}"
                ) from None
            raise Stop(explained(failed.output, "system packages", self.command, None)) from None

    def apt(self, packages: Sequence[str]) -> None:
        # A second apt at work is waited for; a dead network is not waited for three times over.
        apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1"]
        env = {**self.env, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        said = ""
        if not self.lists_are_fresh:
            try:
                said = call([*apt, "update"], env)
            except Failed as failed:
                said = failed.output
            self.lists_are_fresh = True
        try:
            call([*apt, "install", "--no-install-recommends", *packages], env)
        except Failed as failed:
            raise Failed(said + failed.output) from None

    # -- the environment and what goes into it
    def uv(self) -> str | None:
        """uv, when it is on PATH and not a guest of the environment about to be made anew."""
        found = shutil.which("uv", path=self.env.get("PATH"))
        return None if found is None or VENV in Path(found).parents else found

    def pip_is_in_reach(self) -> bool:
        """Whether an environment with pip can be made without Debian's python3-venv."""
        return has_module("venv") and (
            has_module("ensurepip") or has_module("pip") or pip_wheel(self.wheels) is not None
        )

    def install_with_uv(self) -> bool:
        """Everything with uv; False when it could not, and pip should have its turn."""
        uv = str(self.uv())
        env = uv_environment(self.with_certificates())
        say("  installing the packages of requirements.lock with uv")
        try:
            call([uv, "venv", "--no-project", "--python", base_python(), VENV], env)
            write_stamp({"finished": False})
            install: list[str | Path] = [
                uv,
                "pip",
                "install",
                "--python",
                venv_file("python"),
                *self.source(),
            ]
            call([*install, "--require-hashes", "--compile-bytecode", "-r", LOCK], env)
            self.install_migmap("uv")
        except Failed as failed:
            if not self.pip_is_in_reach():
                raise Stop(explained(failed.output, "packages", self.command, self.wheels)) from None
            say("  uv could not (run.log says why); trying pip")
            clear_away()
            return False
        return True

    def install_with_pip(self) -> None:
        """Everything with pip, which comes with Python, from Debian or out of the wheel folder."""
        say("  making the environment")
        try:
            VENV.mkdir()
            write_stamp({"finished": False})
            self.make_venv()
            say("  installing the packages of requirements.lock with pip")
            env = self.with_certificates()
            install = [venv_file("python"), "-m", "pip", "install", "--no-input", *self.source()]
            call([*install, "--only-binary", ":all:", "--require-hashes", "-r", LOCK], env)
            self.install_migmap("pip")
        except Failed as failed:
            raise Stop(explained(failed.output, "packages", self.command, self.wheels)) from None

    def make_venv(self) -> None:
        """`.venv` with pip in it, by the first way that this machine has."""
        make: list[str | Path] = [base_python(), "-m", "venv"]
        if has_module("ensurepip"):
            call([*make, VENV], self.env)
            return
        call([*make, "--without-pip", VENV], self.env)
        wheel = pip_wheel(self.wheels)
        if wheel is not None:
            # A wheel of pip is a folder Python can run from: it installs itself.
            call([venv_file("python"), wheel / "pip", "install", "--no-index", "--no-deps", wheel], self.env)
        else:
            pip: list[str | Path] = [base_python(), "-m", "pip", "--python", venv_file("python")]
            call([*pip, "install", "--no-input", "pip"], self.with_certificates())

    def source(self) -> list[str | Path]:
        return [] if self.wheels is None else ["--no-index", "--find-links", self.wheels]

    def install_migmap(self, tool: str) -> None:
        """migmap itself, so that a change to its code counts at once; its build needs are in the lock."""
        rest = ["--no-index", "--no-build-isolation", "--no-deps", "-e", str(ROOT)]
        if tool == "uv":
            call([str(self.uv()), "pip", "install", "--python", venv_file("python"), *rest], self.env)
        else:
            call([venv_file("python"), "-m", "pip", "install", "--no-input", *rest], self.env)
        call([venv_file("python"), "-I", "-c", "import migmap, PySide6"], self.env)

    def kernels(self) -> None:
        """Compile the numeric kernels now, so that the first analysis does not pay for it."""
        if not (ROOT / "migmap" / "kernels" / "__main__.py").exists():
            return
        say("  compiling the kernels")
        try:
            call([venv_file("python"), "-m", "migmap.kernels"], self.env)
        except Failed as failed:
            last = (failed.output.strip().splitlines() or ["no reason given"])[-1]
            say(f"  bug: the kernels could not be compiled ahead (they will be when first needed): {last}")

    def with_certificates(self) -> dict[str, str]:
        """The environment for downloads, trusting what was trusted before apt ran.

        Installing python3-venv brings ca-certificates, which writes the system's bundle anew: an
        organisation's certificate put there by hand is lost, and every download would fail from then on.
        """
        env = without_missing_certificates(self.env)
        lost = certificates_in(self.certificates) - certificates_in(_read_if_there(SYSTEM_CERTIFICATES))
        if lost and VENV.is_dir():
            copy = VENV / "certificates-before-apt.crt"
            copy.write_bytes(self.certificates)
            for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
                if Path(env.get(name, SYSTEM_CERTIFICATES)) == SYSTEM_CERTIFICATES:
                    env[name] = str(copy)
        return env


def set_up_environment(caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment (proxies, indexes, certificates) less what would lead set-up astray.

    A PYTHONHOME or PYTHONPATH of QGIS mixes two Pythons; PIP_USER and PIP_TARGET put packages elsewhere.
    """
    astray = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES")
    env = {name: value for name, value in caller.items() if name not in astray}
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    # Without a single retry pip does not say that the network was the reason; many make a dead one slow.
    if env.get("PIP_RETRIES", "0") == "0":
        env["PIP_RETRIES"] = "3" if "PIP_RETRIES" not in env else "1"
    return env


def uv_environment(env: Mapping[str, str]) -> dict[str, str]:
    """uv under the settings an office made for pip, where it has none of its own."""
    mapped = dict(env)
    for pips, uvs in (
        ("PIP_CERT", "SSL_CERT_FILE"),
        ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
        ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
    ):
        if mapped.get(pips):
            mapped.setdefault(uvs, mapped[pips])
    return mapped


def without_missing_certificates(env: Mapping[str, str]) -> dict[str, str]:
    """`env` less certificate settings that name nothing.

    pip dies of a PIP_CERT that names no file before it has tried anything; on a bare machine that is
    how an environment carried over from elsewhere looks. It is said, not hidden.
    """
    dead = [name for name in CERTIFICATE_NAMES if env.get(name) and not Path(env[name]).exists()]
    if dead:
        say(f"  note: no such file, so not used: {', '.join(f'{name}={env[name]}' for name in dead)}")
    return {name: value for name, value in env.items() if name not in dead}


def certificates_in(bundle: bytes) -> set[bytes]:
    """The certificates of a PEM bundle, each as its text."""
    return set(re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", bundle, re.DOTALL))


def _read_if_there(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def base_python() -> str:
    """The Python to build on: never that of an environment, which may be the one to be thrown away."""
    return getattr(sys, "_base_executable", None) or sys.executable


def has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def pip_wheel(wheels: Path | None) -> Path | None:
    """The wheel of pip itself in the wheel folder, if somebody thought of it."""
    return max(wheels.glob("pip-*.whl"), default=None) if wheels is not None else None


def venv_package() -> str:
    """The Debian package with the venv module of this Python: a second Python has its own."""
    default = Path("/usr/bin/python3")
    mine = Path(base_python()).resolve()
    if default.exists() and default.resolve() != mine and mine.parent == Path("/usr/bin"):
        return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return "python3-venv"


def clear_away() -> None:
    """Remove what stands at `.venv`; an environment that run.py did not make is set aside instead."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
        return
    if not VENV.exists():
        return
    theirs = not read_stamp() and _python_of_venv() is not None and "pip" in _installed()
    aside = _free_name("before" if theirs else "gone")
    try:
        os.replace(VENV, aside)
    except OSError as error:
        raise Stop(
            f"{VENV} cannot be replaced ({error.strerror}): close migmap and what else uses it."
        ) from None
    if theirs:
        say(f"  the .venv that stood here was not made by run.py; it now lies in {aside.name}")
    for gone in ROOT.glob(".venv.gone*"):
        if sys.version_info >= (3, 12):
            shutil.rmtree(gone, onexc=_remove_read_only)
        else:
            shutil.rmtree(gone, onerror=_remove_read_only)


def _free_name(word: str) -> Path:
    number = 1
    while os.path.lexists(ROOT / f".venv.{word}{number}"):
        number += 1
    return ROOT / f".venv.{word}{number}"


def _remove_read_only(*what: object) -> None:
    # Windows refuses to delete read-only files, and pip unpacks some.
    path = str(what[1])
    with contextlib.suppress(OSError):
        os.chmod(path, stat.S_IRWXU)
        os.unlink(path)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two set-ups at once would pull `.venv` from under each other: the second waits for the first."""
    with (ROOT / ".run.lock").open("a", encoding="utf-8") as held:
        os.set_inheritable(held.fileno(), True)
        told = False
        while not _locked(held.fileno()):
            if not told:
                say("Another run.py is setting migmap up here; waiting for it.")
                told = True
            time.sleep(0.5)
        yield


def _locked(number: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks: better unguarded than not at all
    return True


# ------------------------------------------------------------------------------ system libraries
def unloadable(names: Sequence[str]) -> list[str]:
    """Which of these shared libraries this system cannot load, asked of the loader itself."""
    code = (
        "import ctypes, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try: ctypes.CDLL(name)\n"
        "    except OSError: print(name)\n"
    )
    answer = subprocess.run([base_python(), "-c", code, *names], capture_output=True, text=True, check=False)
    return answer.stdout.split()


def libraries_missing(window: bool) -> list[str]:
    """Shared libraries the installed files ask for and do not get (ldd), by name; sorted."""
    folder = site_packages()
    ldd = shutil.which("ldd")
    if folder is None or ldd is None:
        return []
    patterns = DRAWING_FILES + (WINDOW_FILES if window else ())
    files = [str(path) for pattern in patterns for path in sorted(folder.glob(pattern))]
    answer = subprocess.run([ldd, *files], capture_output=True, text=True, check=False)
    return sorted(set(re.findall(r"^\s*(\S+) => not found", answer.stdout, re.MULTILINE)))


def packages_for(libraries: Sequence[str]) -> list[str]:
    """Debian packages for these libraries, each once.

    Raises:
        Stop: a library no table knows; its name is all a person gets, and enough for a search.
    """
    known = {**DRAWING, **WINDOW}
    unknown = [name for name in libraries if name not in known]
    if unknown:
        raise Stop(
            f"System libraries are missing: {' '.join(unknown)}. Install the packages of your system that "
            "contain them, then run the same command again."
        )
    return sorted({known[name] for name in libraries})


# ------------------------------------------------------------------------------------ handing over
def hand_over_environment(command: str, caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, less a foreign PYTHONHOME; Qt offscreen where it would abort otherwise."""
    env = {name: value for name, value in caller.items() if name != "PYTHONHOME"}
    if command == "test" or not has_display(env):
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
    return env


def what_to_run(command: str, words: Sequence[str]) -> list[str]:
    """The command line behind `run.py COMMAND WORDS`."""
    python = str(venv_file("python"))
    if command == "demo":
        return [python, "-m", "migmap", "demo", *words]
    spread = [] if _spreads_itself(words) else ["-n", str(min(processors(), 8))]
    return [python, "-m", "pytest", *spread, *words]


def _spreads_itself(words: Sequence[str]) -> bool:
    """Whether the words for pytest decide about worker processes already, or a debugger forbids them."""
    return any(
        word.startswith(("-n", "--numprocesses", "--pdb", "--trace", "--co", "--fixtures"))
        or word in ("no:xdist", "-pno:xdist", "--help", "-h", "--version", "-V")
        for word in words
    )


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hand_over(command: str, words: Sequence[str]) -> int:
    """Run it and answer with its exit code."""
    line = what_to_run(command, words)
    env = hand_over_environment(command, os.environ)
    if command == "test":
        os.chdir(ROOT)
    sys.stdout.flush()
    sys.stderr.flush()
    if not WINDOWS:
        os.execve(line[0], line, env)  # never comes back: its exit code, signals and terminal are ours
    with subprocess.Popen(line, env=env) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue  # Ctrl+C went to the child as well; it decides


# ------------------------------------------------------------------------------------------- main
def make_ready(command: str, wheels: Path | None, words: Sequence[str]) -> None:
    """Nothing to do is the common case, and is found out in a few hundredths of a second."""
    window = wants_window(command, words, os.environ)
    if _is_complete(window):
        return
    with one_at_a_time():
        if _is_complete(window):
            return
        LOG.write_text("", encoding="utf-8")
        step = SetUp(command, wheels, window)
        reason = why_not_ready()
        if reason is not None:
            step.everything(reason)
            return
        stamp = read_stamp()
        if stamp.get("project") != _sha256(PROJECT):
            step.migmap_again()
        if not _libraries_seen(stamp, window):
            step.libraries()


def _is_complete(window: bool) -> bool:
    if why_not_ready() is not None:
        return False
    stamp = read_stamp()
    return stamp.get("project") == _sha256(PROJECT) and _libraries_seen(stamp, window)


def _libraries_seen(stamp: Mapping[str, object], window: bool) -> bool:
    return stamp.get("libraries") == "window" or (stamp.get("libraries") == "drawing" and not window)


def main(words: Sequence[str]) -> int:
    if sys.version_info < OLDEST:
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        say(
            f"run.py: migmap needs Python 3.11 or newer, and this is {found}. "
            "Install a newer Python and start run.py with it."
        )
        return 2
    if not words or words[0] in ("-h", "--help", "help"):
        print(
            USAGE.format(py="py" if WINDOWS else "python3"), end="", file=sys.stdout if words else sys.stderr
        )
        return 0 if words else 2
    try:
        command, wheels, rest = parse(words)
        make_ready(command, wheels, rest)
        return hand_over(command, rest)
    except Stop as stop:
        say(f"run.py: {stop}")
        return 2
    except OSError as error:
        # A folder without write permission, a full disk: the system's own words say it best.
        where = f" ({error.filename})" if error.filename else ""
        say(
            f"run.py: {error.strerror or error}{where}. migmap sets itself up in {ROOT}: "
            "that folder has to be writable, with about 2 GB free."
        )
        return 2
    except KeyboardInterrupt:
        say("run.py: stopped. The next run starts set-up again where that is needed.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
