"""Leaflet's own files, taken from the installed package when a page is made. Nothing of it lies in migmap."""

from __future__ import annotations

import base64
import mimetypes
import re
from pathlib import Path

# The address folium would have the browser load -> the file of the package that stands in for it.
# A link that is not here would make a page ask the network, so it is an error.
_FILES = {"leaflet.js": "leaflet.js", "leaflet.css": "leaflet.css"}
_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
_SOURCE_MAP = re.compile(r"^//[#@] sourceMappingURL=.*$", re.MULTILINE)
# Internet Explorer 8 only; its url(#default#VML) loads nothing but looks as if it did.
_VML = re.compile(r"behavior:\s*url\(#default#VML\);?")


class UnknownLink(Exception):
    """A page would load something that no installed package provides."""


def asset(link: str) -> str:
    """The text of the script or style sheet behind a link of folium. UnknownLink for any other link."""
    name = link.rsplit("/", 1)[-1]
    if "/leaflet@" not in link or name not in _FILES:
        raise UnknownLink(f"no installed package provides {link}")
    text = (_folder() / _FILES[name]).read_text(encoding="utf-8")
    return style_text(text) if name.endswith(".css") else script_text(text)


def script_text(text: str) -> str:
    """A script without its source map's address, which developer tools would ask for."""
    return _SOURCE_MAP.sub("", text).strip()


def style_text(text: str) -> str:
    """A style sheet with every picture it names put inside."""
    return _URL.sub(lambda match: f'url("{_data_uri(match[1])}")', _VML.sub("", text)).strip()


def _data_uri(name: str) -> str:
    file = (_folder() / name).resolve()
    if not file.is_file() or _folder().resolve() not in file.parents:
        raise UnknownLink(f"no installed package provides {name}")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"


def _folder() -> Path:
    from xstatic.pkg import leaflet

    return Path(leaflet.BASE_DIR)
