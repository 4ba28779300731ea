"""Which letters the bytes of a text table mean.

UTF-8 proves itself: random bytes practically never are valid UTF-8. What is not UTF-8 is one of a few
one-byte encodings, told apart by the words that come out: Arabic and Cyrillic words are unbroken runs of
high bytes, Western words have one such byte between plain letters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migmap.api import Finding, Problem

SAMPLE_BYTES = 4 << 20
_RUN = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f]")
_NAMES = {
    "cp1252": "Windows-1252 (Western European)",
    "latin-1": "Latin-1 (Western European)",
    "cp1256": "Windows-1256 (Arabic, Urdu)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "mac-roman": "Mac Roman (old Macintosh)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """codec: what Python calls it. broken: bytes that are no letters in it; they become "\ufffd".
    how: "certain", "guessed" or "stated"."""

    codec: str
    how: str = "certain"
    broken: int = 0


def stated(codec: str, title: str) -> Encoding:
    """The codec a user named. Problem for a name that is none."""
    try:
        found = codecs.lookup(codec)
        "a".encode(found.name)
    except (LookupError, TypeError, ValueError) as error:
        raise Problem(
            f"“{codec}” is no text encoding, so {title} was not read.",
            fix="Name one such as utf-8, cp1252, latin-1, cp1256 or utf-16.",
        ) from error
    name = "utf-8-sig" if found.name == "utf-8" else found.name
    return Encoding(name, "stated")


def guessed(sample: bytes, valid_utf8: bool) -> Encoding | None:
    """The encoding of a file that begins with `sample`; valid_utf8: all of the file is. None for bytes that
    are no text."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16")
    if b"\0" in sample[: 1 << 16]:
        return _without_mark(sample[: 1 << 16])
    if sample.startswith(b"\xef\xbb\xbf") and valid_utf8:
        return Encoding("utf-8-sig")
    if valid_utf8:
        return Encoding("utf-8")
    good, bad = _utf8_letters(sample)
    if sample.startswith(b"\xef\xbb\xbf") or good > 9 * max(bad, 1):
        return Encoding("utf-8-sig", "certain", max(bad, 1))
    return Encoding(_one_byte(sample), "guessed")


def _without_mark(sample: bytes) -> Encoding | None:
    """UTF-16 without a mark: in text of any script blanks, digits and commas have a zero byte beside them."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half and odd > 0.2 * half and even < 0.02 * half:
        return Encoding("utf-16-le", "guessed")
    if half and even > 0.2 * half and odd < 0.02 * half:
        return Encoding("utf-16-be", "guessed")
    return None


def text_among_zeros(sample: bytes) -> bool:
    """True for text with bytes of zero in it, as a broken disk or a database leaves them; False for text
    without, for UTF-16, and for what is no text at all."""
    if b"\0" not in sample or sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    bare = sample.replace(b"\0", b"")
    return bool(bare) and _without_mark(sample) is None and not _CONTROL.search(bare)


def _utf8_letters(sample: bytes) -> tuple[int, int]:
    """(letters beyond ASCII that are valid UTF-8, places that are not)."""
    good = bad = 0
    for run in _RUN.findall(sample):
        text = run.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        bad += wrong
        good += len(text) - wrong
    return good, bad


def _one_byte(sample: bytes) -> str:
    words = _WORD.findall(sample)[:5_000]
    scores = {codec: _fit(words, codec) for codec in ("cp1252", "cp1256", "cp1251")}
    best = max(scores, key=lambda codec: scores[codec])
    if best == "cp1252" and _is_mac(words):
        return "mac-roman"
    if best == "cp1252":
        try:
            b"".join(words).decode("cp1252")
        except UnicodeDecodeError:
            return "latin-1"
    return best


def _is_mac(words: Sequence[bytes]) -> bool:
    """True where letters with accents stand where Windows has signs and Ž: all words are plain ones as Mac
    Roman, and most are none as Windows has them."""
    odd = plain = 0
    for word in words:
        text = word.decode("cp1252", "replace")
        inside = text[1:-1]
        odd += any(not letter.isalpha() or letter in "ŽžŠšŒœŸƒ" for letter in inside if not letter.isascii())
        mac = word.decode("mac-roman")
        plain += all(letter.isalpha() for letter in mac if not letter.isascii()) and _plain_share(mac) >= 0.5
    return len(words) > 0 and plain == len(words) and 2 * odd > len(words)


def _fit(words: Iterable[bytes], codec: str) -> float:
    """How many of the words are words in that encoding: letters of one script, the common ones."""
    score = 0.0
    for word in words:
        text = word.decode(codec, "replace")
        scripts = {_script(letter) for letter in text}
        if codec == "cp1252":
            # "Malé", "São", "Côte", and dashes and quotation marks between plain letters
            score += scripts <= {"latin", "mark"} and (len(text) < 3 or _plain_share(text) >= 0.5)
        elif codec == "cp1256":
            score += scripts <= {"arabic", "mark"} and len(text) > 1
        else:
            lower = sum(letter.islower() for letter in text)
            score += scripts == {"cyrillic"} and len(text) > 2 and (lower >= len(text) - 1 or lower == 0)
    return score


def _plain_share(text: str) -> float:
    return sum(letter.isascii() for letter in text) / len(text)


def _script(letter: str) -> str:
    if letter.isascii():
        return "latin"
    if not letter.isalpha():
        return "mark" if letter != "\ufffd" and unicodedata.category(letter) != "Cc" else "none"
    name = unicodedata.name(letter, "")
    return next((s for s in ("latin", "arabic", "cyrillic") if name.startswith(s.upper())), "mark")


def encoding_finding(encoding: str, called: str, texts: Iterable[str]) -> Finding | None:
    """What to say about a guess, with the first of `texts` that the guess decides; None where nothing was
    guessed. encoding: a codec, "" for none. texts: only such as may be shown."""
    if not encoding:
        return None
    example = next((t for t in texts if not t.isascii()), "")
    if len(example) > 60:
        example = example[:60] + "..."
    read = f", for example “{example}”" if example else ""
    return Finding(
        "encoding-guessed",
        "info",
        f"{called} is not UTF-8; its text was read as {_NAMES.get(encoding, encoding)}{read}. If letters "
        "look wrong, state another encoding or save the file as UTF-8.",
    )
