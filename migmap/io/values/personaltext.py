"""Personal data by how it is written: identity numbers, phone numbers, addresses, inside text too."""

from __future__ import annotations

import re
from collections.abc import Iterator

REMOVED = "[removed]"
PEOPLE_NAMES = "names of people"
IDENTITY = "identity numbers"
PHONES = "phone numbers"
E_MAILS = "e-mail addresses"

# \d stands for the digits of every script: a phone number in Urdu digits is one too.
_CNIC = r"(?<![\w-])\d{5}[-–]\d{7}[-–]\d(?![\w-])"
_LONG_CNIC = r"(?<![\w/=.+-])[1-8١-٨۱-۸]\d{12}(?![\w-]|\.\w)"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"
_GAP = r"[\s().–-]*"
_WORLD = r"(?<![\w.,])(?:\+|00(?=[1-9٢-٩۲-۹]))[\s(]*[1-9١-٩۱-۹](?:[\s()–-]{0,2}\d){8,13}(?![\w-]|[.,]\d)"
_PAKISTAN = r"(?<![\w./+-])[0٠۰][3٣۳]\d{2}[\s–-]?\d{3}[\s–-]?\d{4}(?![\w-]|\.\d)"
_NEIGHBOURS = r"(?<![\w./+-])[0٠۰][7٧۷]\d[\s–-]?\d{3}[\s–-]?\d{4}(?![\w-]|\.\d)"
_LANDLINE = r"(?<![\w./+-])\(?[0٠۰]\d{2,4}\)?[\s–-]\d{6,8}(?![\w-]|\.\d)"
_NO_PLUS = r"(?<![\w./+=-])92[\s-]?3\d{2}[\s-]?\d{7}(?![\w-]|\.\d)"
_CASE = r"(?<![\w-])(?:\d{3}|[A-Z]{3})-\d{2}C\d{5}(?![\w-])"
_IBAN = r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])"
_PASSPORT = r"(?i:passport|tazkira|tazkera)\W{0,3}(?i:no|number|nr|#)?\W{0,4}([A-Z]{0,2}\d{6,9})(?!\w)"
_SAID_PHONE = (
    r"(?i:phone|mobile|cell|tel|telephone|whatsapp|call|contact|فون|موبائل)"
    r"\W{0,3}(?i:no|number|nr|#)?\W{0,4}(\d(?:[\s–-]?\d){6,12})(?!\w)"
)
_CAPITALS = r"[A-Z]\w+(?:\s+[A-Z]\w+){0,2}"
_KIN = r"(?:s/o|S/O|d/o|D/O|w/o|W/O|son of|daughter of|wife of)"
_PERSON = rf"\b(?:Mr|Mrs|Ms|Miss)\b\.?\s+{_CAPITALS}|\b(?:(?:[A-Z]\w+\s+){{1,3}})?{_KIN}\s+{_CAPITALS}"
_WITHIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (_MAIL, E_MAILS),
        (_CNIC, IDENTITY),
        (_CASE, IDENTITY),
        (_LONG_CNIC, IDENTITY),
        (_IBAN, IDENTITY),
        (_PASSPORT, IDENTITY),
        (_WORLD, PHONES),
        (_PAKISTAN, PHONES),
        (_NEIGHBOURS, PHONES),
        (_LANDLINE, PHONES),
        (_NO_PLUS, PHONES),
        (_SAID_PHONE, PHONES),
    )
)
_PERSONS = re.compile(_PERSON)
# "call Zubaida Khan 0300…": who is called. Words that announce a number name nobody.
_BEFORE = re.compile(
    r"\b((?!(?:Call|Cell|Contact|Email|E|Fax|Mail|Mobile|No|Nr|Number|Office|Ph|Phone|Tel|Whatsapp|WhatsApp)\b)"
    r"[A-Z][a-z]+(?:\s+[A-Z][a-z]+){0,2})"
    r"[\s,:(–-]*(?:(?i:at|on|ph|phone|cell|mobile|tel|no|number)\b[\s.:#-]*)*\Z"
)
# The same in the expressions Arrow knows, which cannot look around: what holds none of these holds nothing
# of the above.
_GATES = (
    "@",
    r"[0-9]{5}[-–][0-9]{7}",
    r"[0-9]{13}",
    r"-[0-9]{2}C[0-9]{5}",
    r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3}",
    r"(?i:passport|tazkira|tazkera).{0,12}[0-9]{6}",
    r"(?:\+|00)[ (]*[1-9](?:[ ()–-]{0,2}[0-9]){8}",
    r"0[37][0-9]{1,2}[ –-]?[0-9]{3}[ –-]?[0-9]{4}",
    r"0[0-9]{2,4}\)?[ –-][0-9]{6}",
    r"92[ -]?3[0-9]{2}[ -]?[0-9]{7}",
    r"(?i:phone|mobile|cell|tel|whatsapp|call|contact).{0,16}[0-9][ –-]?[0-9]",
    r"(?:فون|موبائل)",
    "[٠-٩۰-۹][٠-٩۰-۹ –-]{3}",
)
GATE = "|".join(_GATES)
GATE_OF_REMARKS = rf"{GATE}|\b(?:Mr|Mrs|Ms|Miss|[sdwSDW]/[oO]|son of|daughter of|wife of)\b"
_WHOLE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{5}[-–]\d{7}[-–]\d"), IDENTITY),
    (re.compile(r"(?:\d{3}|[A-Z]{3})-\d{2}C\d{5}"), IDENTITY),
    (re.compile(_MAIL), E_MAILS),
    (
        re.compile(
            r"(?:\+|00)[1-9١-٩۱-۹]\d{0,2}[\s()–-]*(?:\d[\s()–-]{0,2}){6,11}\d"
            r"|[0٠۰][3٣۳]\d{2}[\s–-]?\d{3}[\s–-]?\d{4}|[0٠۰][7٧۷]\d[\s–-]?\d{3}[\s–-]?\d{4}|92[\s-]?3\d{2}[\s-]?\d{7}"
            r"|\(?0\d{2,4}\)?[ –-]\d{6,8}"
        ),
        PHONES,
    ),
)


def may_be_of_a_kind(text: str) -> bool:
    """Whether to look closer: of all kinds none but an address is so short or holds a point. Most cells of
    most tables end here."""
    return "@" in text or (len(text) >= 8 and "." not in text)


def kind_of_value(text: str) -> str:
    """What the whole text is: identity number, phone number, e-mail address, or ""."""
    if not may_be_of_a_kind(text):
        return ""
    for pattern, why in _WHOLE:
        if pattern.fullmatch(text):
            return why
    if len(text) >= 15 and _is_iban(text):
        return IDENTITY
    return ""


def found_in(text: str, free: bool = False) -> Iterator[tuple[int, int, str]]:
    """(start, end, what) of every piece of personal data inside a text. free: a column of remarks, where
    "Mr Khan" and "son of" name people and no place."""
    for pattern, why in _WITHIN:
        for found in pattern.finditer(text):
            start, end = found.span(found.lastindex or 0)
            if pattern.pattern == _IBAN and not _is_iban(found[0]):
                continue
            yield start, end, why
            if free and why in (PHONES, E_MAILS):
                before = _BEFORE.search(text, 0, start)
                if before is not None:
                    yield *before.span(1), PEOPLE_NAMES
    if free:
        for found in _PERSONS.finditer(text):
            yield *found.span(), PEOPLE_NAMES


def without_personal_parts(text: str, free: bool = False) -> tuple[str, frozenset[str]]:
    """The text with its personal parts as "[removed]", and what they were."""
    parts = sorted(found_in(text, free))
    if not parts:
        return text, frozenset()
    pieces, at = [], 0
    for start, end, _ in parts:
        if start >= at:
            pieces += [text[at:start], REMOVED]
        at = max(at, end)
    pieces.append(text[at:])
    return "".join(pieces), frozenset(why for _, _, why in parts)


def shown(text: str, most: int = 24) -> str:
    """A short text as a message may show it: without its personal parts, cut where it is long."""
    clean, _ = without_personal_parts(text, free=True)
    return clean if len(clean) <= most else clean[: most - 4] + "…"


def _is_iban(text: str) -> bool:
    """ISO 13616: moved and read as a number, the rest by 97 is 1."""
    bare = text.replace(" ", "")
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(ch, 36)) for ch in bare[4:] + bare[:4])) % 97 == 1
