"""A page that holds everything it shows: assembled with folium, checked before it leaves."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

from .leaflet import UnknownLink, asset

MAP_ID = "migmap"
# Below this the data stays readable text; above, it is packed to a quarter.
_PACK_BYTES = 200_000
_RISKY = re.compile(r"[&<>\"'`$\\{}\u2028\u2029\x00-\x08\x0b-\x1f\x7f]")
_LOADING = ("src", "href", "srcset", "data", "poster", "action", "formaction", "background", "xlink:href")


def escaped(text: str) -> str:
    """Text that no browser, template or script takes for anything but text."""
    return _RISKY.sub(lambda match: f"&#{ord(match[0])};", text.replace("\x00", "\ufffd"))


def isolated(text: str) -> str:
    """Escaped text in <bdi>, so that Urdu inside an English sentence keeps its numbers in place."""
    return f"<bdi>{escaped(text)}</bdi>"


def data_block(payload: dict[str, Any]) -> str:
    """The data as a script element that no browser runs; packed when it is large, always the same bytes."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    raw = text.encode("utf-8", "replace")
    if len(raw) > _PACK_BYTES:
        packed = base64.b64encode(gzip.compress(raw, 5, mtime=0)).decode("ascii")
        return f'<script type="application/gzip" id="migmap-data" data-packed="gzip">{packed}</script>'
    # < ends no script and & begins no entity once they are written as JSON escapes.
    safe = raw.decode("utf-8")
    for character in "<>&\u2028\u2029":
        safe = safe.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="migmap-data">{safe}</script>'


def folium_map() -> tuple[str, str, str]:
    """(head, body, script) of an empty folium map, every link replaced by the installed package's text.

    UnknownLink when folium asks for something we have no package for.
    """
    import folium
    from branca.element import CssLink, JavascriptLink

    view = folium.Map(
        location=[30.4, 69.4],
        zoom_start=5,
        tiles=None,
        prefer_canvas=True,
        attribution_control=False,
        zoom_snap=0.25,
        max_zoom=19,
        min_zoom=2,
        wheel_px_per_zoom_level=100,
    )
    # folium numbers its elements at random; the same map must give the same page.
    view._id = MAP_ID
    view.default_js = [(name, link) for name, link in view.default_js if name == "leaflet"]
    view.default_css = [(name, link) for name, link in view.default_css if name == "leaflet_css"]
    figure: Any = view.get_root()
    for child in list(figure._children.values()):
        child.render()
    head = []
    for element in figure.header._children.values():
        if isinstance(element, JavascriptLink):
            head.append(f"<script>{asset(element.url)}</script>")
        elif isinstance(element, CssLink):
            head.append(f"<style>{asset(element.url)}</style>")
        else:
            head.append(_rendered(element))
    body = "".join(_rendered(element) for element in figure.html._children.values())
    script = "".join(_rendered(element) for element in figure.script._children.values())
    return "\n".join(head), body, script


def _rendered(element: Any) -> str:
    return str(element.render()).strip()


def assemble(*, title: str, head: str, body: str) -> str:
    """The whole page with a policy that lets nothing load and runs only the scripts in it, by hash.

    UnknownLink where the finished page would ask the network for anything.
    """
    rest = (
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="generator" content="migmap">\n'
        f"<title>{escaped(title)}</title>\n{_without_meta(head)}\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).replace("\r\n", "\n")
    found = PageParts()
    found.feed(rest)
    found.close()
    policy = "; ".join(
        (
            "default-src 'none'",
            "img-src data: blob:",
            "style-src " + " ".join(_hashes(found.styles)),
            "script-src " + " ".join(_hashes(found.scripts)),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    if found.faults:
        raise UnknownLink("the page would load or run: " + "; ".join(found.faults))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n{rest}'
    )


def _without_meta(head: str) -> str:
    """folium's own meta tags; the page has its own, and the policy must come before any of it."""
    return re.sub(r"<meta\b[^>]*>", "", head)


def _hashes(texts: list[str]) -> list[str]:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return list(dict.fromkeys(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))


class PageParts(HTMLParser):
    """What a browser would find in a page: scripts it runs, styles, data, and faults such as a link
    that loads, a style or script in an attribute."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.data: list[str] = []
        self.faults: list[str] = []
        self.tags: dict[str, int] = {}
        self.text: list[str] = []
        self.policy = ""
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        named = {name: value or "" for name, value in attrs}
        if tag == "meta" and named.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = named["content"]
        elif tag == "meta" and "http-equiv" in named:
            self.faults.append(f"<meta http-equiv={named['http-equiv']}>")
        if tag in ("link", "iframe", "object", "embed", "base", "form", "frame"):
            self.faults.append(f"<{tag}>")
        for name, value in named.items():
            inside = value.startswith(("#", "data:"))
            if name in _LOADING and not inside:
                self.faults.append(f"<{tag} {name}={value[:80]}>")
            if name.startswith("on") or name == "style":
                self.faults.append(f"<{tag} {name}>")
        if tag == "script":
            runs = named.get("type", "") in ("", "module", "text/javascript", "application/javascript")
            self._into = self.scripts if runs else self.data
            self._into.append("")
        elif tag == "style":
            self._into = self.styles
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is None:
            self.text.append(data)
            return
        self._into[-1] += data
        if self._into is self.styles:
            outside = [
                link for link in re.findall(r"url\(\s*[\"']?([^\"')]*)", data) if not link.startswith("data:")
            ]
            self.faults.extend(f"url({link[:80]})" for link in outside)
            if "@import" in data:
                self.faults.append("@import")
