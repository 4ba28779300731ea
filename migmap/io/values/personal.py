"""Columns of personal data: found by name and by value, so that they never enter a project.

A name alone is not enough where it could be a statistic: `phone_access` holds percentages, `head_sex`
holds "female". So a column goes when its name says "person" and its values do not say otherwise, or when
most of its values are written as only identity numbers, phone numbers or e-mail addresses are. What stands
here and there inside text is cut out of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from migmap.api import AS_FOUND, Finding, Reading

from ..wording import counted
from .amounts import clean_text
from .colnames import is_code_name, is_position_name
from .personaltext import (
    E_MAILS,
    GATE,
    GATE_OF_REMARKS,
    IDENTITY,
    PEOPLE_NAMES,
    PHONES,
    REMOVED,
    kind_of_value,
    may_be_of_a_kind,
    without_personal_parts,
)
from .personalwords import (
    ALONE,
    BIRTHS,
    CATEGORIES,
    COORDINATES,
    DEVICES,
    FILLERS,
    GIVEN,
    IDENTITY_NAMES,
    IDENTITY_WORDS,
    INTERVIEWS,
    MAIL_WORDS,
    NAME_WORDS,
    OF_ORGANISATIONS,
    ORGANISATIONS,
    PERSONS,
    PHONE_WORDS,
    PICTURES,
    PLACES,
    THINGS,
    URDU_IDENTITY,
    URDU_MAIL,
    URDU_PERSON,
    URDU_PHONE,
    USERS,
    WEAK_PERSONS,
)
from .texts import arrow_text, coded, is_text, sample_of

__all__ = [
    "E_MAILS",
    "IDENTITY",
    "PEOPLE_NAMES",
    "PHONES",
    "keeps_personal",
    "personal_columns",
    "without_personal",
    "without_personal_text",
]

USER_NAMES = "user names"
DEVICE_IDS = "device numbers"
BIRTHDAYS = "dates of birth"
PICTURES_OF = "pictures of people"
DROPPED = "personal-columns-dropped"
IN_TEXT = "personal-data-in-text"
_SAMPLE = 2_000
_FREE_TEXT_WORDS = """comment comments remark remarks note notes observation observations description feedback
details explain narrative complaint justification other"""
_FREE_TEXT = frozenset(_FREE_TEXT_WORDS.split())
_AMOUNT_WORDS = """area m2 km2 sqm sqkm budget pkr usd eur amount cost price population pop people total sum
count"""
_AMOUNTS = frozenset(_AMOUNT_WORDS.split())
_FILE = re.compile(r".+\.(?:jpe?g|png|gif|heic|webp|tiff?|bmp|mp4|m4a|amr|3gp|pdf)", re.IGNORECASE)
_SON_OF = re.compile(r"\b(?:[sdw]/o|son of|daughter of|wife of)\b", re.IGNORECASE)
_SHAPES = re.compile(
    r"^\s*(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION|\{(?=.{0,200}\"coordinates\")|https?://)",
    re.I | re.S,
)
_KIN = re.compile(r"\s*[sdwch]\s*/\s*o\.?\s*", re.IGNORECASE)
_NAMES = (
    *("name", "names", "fullname", "membername", "nameofmember", "personname"),
    *("نام", "اسم", "نوم", "الاسم"),
)


def without_personal(
    frame: pd.DataFrame, reading: Reading = AS_FOUND
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The frame without columns of personal data. `reading.keep` with "personal-columns-dropped" keeps all
    of them, with "personal-columns-dropped:COLUMN" one. The finding of that code names columns, never values.
    """
    found = personal_columns(frame)
    findings: list[Finding] = []
    kept = [name for name in found if _is_kept(name, reading)]
    dropped = [name for name in found if name not in kept]
    if kept:
        findings.append(
            Finding(
                DROPPED,
                "warning",
                f"Personal data was kept because you asked for it: {_listed(found, kept)}. The layer is "
                "confidential.",
                count=len(kept),
            )
        )
    if dropped:
        findings.append(
            Finding(
                DROPPED,
                "warning",
                f"Left out because they look like personal data: {_listed(found, dropped)}. To keep them "
                f"state --keep {DROPPED}, or --keep {DROPPED}:COLUMN for one.",
                count=len(dropped),
            )
        )
        frame = frame.drop(columns=dropped)
    return frame, tuple(findings)


def keeps_personal(frame: pd.DataFrame, reading: Reading) -> bool:
    """True when the frame holds personal data because the user asked to keep it."""
    if not any(code.startswith((DROPPED, IN_TEXT)) for code in reading.keep):
        return False
    if any(_is_kept(name, reading) for name in personal_columns(frame)):
        return True
    return IN_TEXT in reading.keep and bool(without_personal_text(frame)[1])


def personal_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> what kind of personal data it holds. Looks at up to 2,000 filled values a column."""
    found: dict[str, str] = {}
    of_persons = _rows_are_persons(frame) or _rows_have_identities(frame)
    several_positions = sum(is_position_name(str(name)) for name in frame.columns) > 2
    for name in frame.columns:
        if name == "geometry":
            continue
        values = _Values(frame[name])
        why = _by_name(str(name), values, of_persons, several_positions) or _by_value(str(name), values)
        if why:
            found[str(name)] = why
    return found


class _Values:
    """Filled values of a column as text, taken when first asked for."""

    def __init__(self, column: pd.Series) -> None:
        self._column = column
        self._texts: list[str] | None = None

    @property
    def is_text(self) -> bool:
        return is_text(self._column)

    @property
    def is_number(self) -> bool:
        return self._column.dtype.kind in "iuf"

    @property
    def texts(self) -> list[str]:
        if self._texts is None:
            array = arrow_text(self._column) if self.is_text else None
            if array is not None:
                self._texts = [t for v in sample_of(array, _SAMPLE) if (t := v.strip())]
            else:
                self._texts = [t for v in self._column.dropna().head(_SAMPLE) if (t := _text(v))]
        return self._texts

    def most(self, fits: Callable[[str], bool]) -> bool:
        """True when more than half of the filled values fit; False for a column without values."""
        return sum(map(fits, self.texts)) * 2 > len(self.texts) if self.texts else False


def _is_kept(name: str, reading: Reading) -> bool:
    return DROPPED in reading.keep or f"{DROPPED}:{name}" in reading.keep


def _listed(found: dict[str, str], names: Sequence[str]) -> str:
    return ", ".join(f"“{name}” ({found[name]})" for name in names)


# --- by name


def _by_name(name: str, values: _Values, of_persons: bool, several_positions: bool) -> str:
    words = _words(name)
    bare = "".join(words)
    card = "card" in words and bool(set(words) & {"no", "num", "number", "nr", "id"})
    if card or _says(bare, words, IDENTITY_WORDS, IDENTITY_NAMES) or any(w in name for w in URDU_IDENTITY):
        return IDENTITY if values.most(lambda t: _digits(t) >= 5) else ""
    if bare in DEVICES or {"device", "id"} <= set(words) or {"sim", "serial"} <= set(words):
        return DEVICE_IDS if values.most(lambda t: len(t) >= 6 and _digits(t) >= 2) else ""
    if bare in USERS:
        return USER_NAMES if values.most(_could_be_a_name) else ""
    if bare in BIRTHS:
        return BIRTHDAYS if values.most(lambda t: _digits(t) >= 4) or not values.is_text else ""
    phone = _says(bare, words, PHONE_WORDS) or any(w in name for w in URDU_PHONE)
    if phone and values.most(lambda t: _digits(t) >= 7):
        return PHONES
    if _says(bare, words, MAIL_WORDS) or any(w in name for w in URDU_MAIL):
        return E_MAILS if values.most(lambda t: "@" in t) else ""
    if set(words) & PICTURES and (
        set(words) & (PERSONS | WEAK_PERSONS | IDENTITY_WORDS) or "signature" in words
    ):
        return PICTURES_OF if values.most(lambda t: _FILE.fullmatch(t) is not None) else ""
    if several_positions and set(words) & COORDINATES and set(words) & (INTERVIEWS - {"household", "hh"}):
        return "positions of interviews" if values.most(lambda t: _digits(t) >= 3) else ""
    person = bare in ALONE or _is_persons_name(words) or any(w in name for w in URDU_PERSON)
    person = person or (of_persons and bare in _NAMES) or _KIN.fullmatch(name) is not None
    core = "".join(w for w in words if w not in PLACES)
    person = person or (core in ALONE and not set(words) & (ORGANISATIONS - PLACES))
    if not person and _is_persons_role(words):
        person = values.is_text and values.most(_looks_like_a_person) and _are_many_people(values.texts)
    if person and values.most(_could_be_a_name):
        return PEOPLE_NAMES
    if bare in ("contact", "contacts", "contactdetails", "contactinfo") and values.most(
        lambda t: _digits(t) >= 7
    ):
        return PHONES
    return ""


def _says(
    bare: str, words: Sequence[str], single: frozenset[str], whole: frozenset[str] = frozenset()
) -> bool:
    return bare in whole or bare in single or any(w in single for w in words)


def _is_persons_name(words: Sequence[str]) -> bool:
    """True for a word for "name" and a word for a person, with nothing else that changes the meaning."""
    if not set(words) & NAME_WORDS or set(words) & ORGANISATIONS:
        return False
    rest = {w for w in words if w not in NAME_WORDS and w not in FILLERS}
    strong = {w for w in rest if w in PERSONS or w.removesuffix("s") in PERSONS}
    strong |= {w for w in words if w in FILLERS and w in PERSONS}
    if strong:
        return rest <= strong | PLACES | WEAK_PERSONS
    return bool(rest) and rest <= WEAK_PERSONS


def _is_persons_role(words: Sequence[str]) -> bool:
    """ "camp manager", "head teacher": who it is, in a column that does not say "name"."""
    said = {w.removesuffix("s") if w.removesuffix("s") in PERSONS else w for w in words}
    roles = said & PERSONS
    rest = said - roles - FILLERS - PLACES - NAME_WORDS
    return bool(roles) and not said & (ORGANISATIONS - PLACES) and not rest


def _looks_like_a_person(text: str) -> bool:
    """Two to five words with capitals, none of an organisation; or letters without capitals."""
    words = [w.strip(".,()") for w in text.split()]
    if not 2 <= len(words) <= 5 or any(ch.isdigit() for ch in text):
        return False
    if {w.lower() for w in words} & (OF_ORGANISATIONS | CATEGORIES):
        return False
    return all(not w or not w[0].isalpha() or w[0].isupper() or not w.isascii() for w in words)


def _are_many_people(texts: Sequence[str]) -> bool:
    """Another one in most rows, or called as people are; a few organisations run many camps."""
    called = sum(bool(set(re.findall(r"[^\W\d_]+", text.lower())) & GIVEN) for text in texts)
    return len(set(texts)) * 2 > len(texts) or called * 2 > len(texts)


def _rows_have_identities(frame: pd.DataFrame) -> bool:
    """True when rows have an identity number, not one of whoever looks after a place, beside the name of a
    place: then a column called name names people."""
    place = identity = False
    for name in map(str, frame.columns):
        words = set(_words(name))
        place |= bool(words & THINGS) or any(word in name for word in ("گاؤں", "قریه", "ضلع", "المحافظة"))
        said = bool(words & IDENTITY_WORDS) or "".join(_words(name)) in IDENTITY_NAMES
        said |= any(word in name for word in URDU_IDENTITY)
        if said and not words & {"contact", "focal", "manager", "incharge", "owner", "landlord"}:
            identity = True
    return place and identity


def _rows_are_persons(frame: pd.DataFrame) -> bool:
    """True when each row tells one person's sex: then a column called name names people."""
    for name in frame.columns:
        if set(_words(str(name))) & {"sex", "gender", "جنس"} and is_text(frame[name]):
            values = {str(v).strip().lower() for v in frame[name].dropna().head(200)}
            if values and values <= CATEGORIES:
                return True
    return False


def _could_be_a_name(text: str) -> bool:
    return (
        any(ch.isalpha() for ch in text)
        and text.lower().replace("\u2019", "").replace("'", "") not in CATEGORIES
    )


# --- by value


def _by_value(name: str, values: _Values) -> str:
    if values.is_text:
        texts = values.texts
        if not texts:
            return ""
        # Answers repeat: each different one is looked at once.
        different = Counter(texts)
        kinds: Counter[str] = Counter()
        for text, times in different.items():
            if may_be_of_a_kind(text):
                kinds[kind_of_value(clean_text(text))] += times
        for why in (IDENTITY, E_MAILS, PHONES):
            if kinds[why] * 2 > len(texts):
                if why == PHONES and _words_of_amounts(name) and all(t.isdecimal() for t in texts[:50]):
                    continue
                return why
        if sum(times for text, times in different.items() if _SON_OF.search(text)) * 2 > len(texts):
            return PEOPLE_NAMES
        if _are_names_of_people(name, different):
            return PEOPLE_NAMES
    if (values.is_text or values.is_number) and _are_identity_numbers(name, values.texts):
        return IDENTITY
    return ""


def _words_of_amounts(name: str) -> bool:
    """A large number of something is not a phone number, however it begins."""
    return bool(set(_words(name)) & _AMOUNTS)


def _are_names_of_people(name: str, different: Counter[str]) -> bool:
    """Two words or more in most values, and in most of these all of them parts of people's names."""
    words = set(_words(name))
    if words & (THINGS | ORGANISATIONS | PLACES) or "".join(_words(name)) in ("name", "names"):
        return False
    fits = sum(times for text, times in different.items() if _named_as_people_are(text))
    return fits >= 3 and fits * 2 > different.total()


def _named_as_people_are(text: str) -> bool:
    parts = re.findall(r"[^\W\d_]+", text.lower())
    return 2 <= len(parts) <= 5 and all(part in GIVEN for part in parts)


def _are_identity_numbers(name: str, texts: Sequence[str]) -> bool:
    """Thirteen digits in every row, most of them different, are CNICs; or milliseconds since 1970, which all
    lie in a few decades."""
    if not texts or len(texts[0]) not in (13, 15):
        return False
    long = [t for t in texts if re.fullmatch(r"[1-8]\d{12}", t)]
    if len(long) * 2 <= len(texts) or len(set(long)) * 2 < len(long):
        return False
    if re.search(r"time|date|epoch|stamp|osm|barcode|gtin|ean", name.lower()):
        return False
    return not all(900_000_000_000 <= int(t) <= 2_000_000_000_000 for t in long)


# --- inside text


def without_personal_text(
    frame: pd.DataFrame,
    rows: np.ndarray | None = None,
    reading: Reading = AS_FOUND,
    *,
    remarks: bool = False,
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The frame with "[removed]" for identity and phone numbers, addresses and, in columns of remarks, people
    that stand inside text. Every value is looked at. `reading.keep` with "personal-data-in-text" keeps the
    texts as they are. The finding of that code lists rows, never values; `rows` are their numbers.
    remarks: any column may hold remarks, as in notes under a table.
    """
    skipped: frozenset[str] = frozenset()
    if any(code.startswith(DROPPED) for code in reading.keep):
        skipped = frozenset(name for name in personal_columns(frame) if _is_kept(name, reading))
    changed: dict[str, pd.Series] = {}
    told = np.zeros(len(frame), dtype=bool)
    said: dict[str, Counter[str]] = {}
    for name in frame.columns:
        column = frame[name]
        if name == "geometry" or str(name) in skipped or not is_text(column) or is_position_name(str(name)):
            continue
        found = _parts_of(str(name), column, remarks or _is_free_text(str(name)))
        if found is None:
            continue
        cleaned, marked, kinds = found
        changed[name], said[str(name)] = cleaned, kinds
        told |= marked
    if not changed:
        return frame, ()
    kept = IN_TEXT in reading.keep
    listed = ", ".join(f"“{name}” ({', '.join(sorted(kinds))})" for name, kinds in list(said.items())[:8])
    count = int(told.sum())
    done = (
        "It was kept because you asked for it; the layer is confidential"
        if kept
        else f"It was replaced by “{REMOVED}”. To keep the texts as they are state --keep {IN_TEXT}"
    )
    finding = Finding(
        IN_TEXT,
        "warning",
        f"{counted(count, 'row holds', 'rows hold')} personal data inside text, in {listed}. {done}.",
        count=count,
        rows=tuple(int(r) for r in rows[told][:1000]) if rows is not None else (),
    )
    return (frame if kept else frame.assign(**changed)), (finding,)


def _parts_of(name: str, column: pd.Series, free: bool) -> tuple[pd.Series, np.ndarray, Counter[str]] | None:
    """(the column without them, rows that held some, what they were); None where there are none."""
    if column.dtype == object and not all(isinstance(v, str) for v in column.dropna().head(50)):
        return _parts_of_cells(name, column, free)
    texts = arrow_text(column)
    if texts is None or texts.null_count == len(texts):
        return None
    suspects = pc.match_substring_regex(texts, GATE_OF_REMARKS if free else GATE)
    if not pc.any(suspects).as_py():
        return None
    found = coded(texts.filter(suspects))
    new: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    for text, rows in zip(found.uniques, found.counts.tolist(), strict=True):
        if not _may_hold(name, text):
            continue
        cleaned, what = without_personal_parts(text, free)
        if what:
            new[text] = cleaned
            kinds.update(dict.fromkeys(what, rows))
    if not new:
        return None
    marked = column.isin(list(new)).to_numpy(dtype=bool)
    result = column.copy()
    result[marked] = result[marked].map(new)
    return result, marked, kinds


def _parts_of_cells(
    name: str, column: pd.Series, free: bool
) -> tuple[pd.Series, np.ndarray, Counter[str]] | None:
    """The same for a spreadsheet's column of mixed cells."""
    kinds: Counter[str] = Counter()
    values = column.to_numpy(dtype=object).copy()
    marked = np.zeros(len(values), dtype=bool)
    for place, value in enumerate(values):
        if isinstance(value, str) and len(value) > 5 and _may_hold(name, value):
            cleaned, what = without_personal_parts(value, free)
            if what:
                values[place], marked[place] = cleaned, True
                kinds.update(what)
    if not marked.any():
        return None
    return pd.Series(values, index=column.index, dtype=object), marked, kinds


def _may_hold(name: str, text: str) -> bool:
    """Not shapes and links, whose digits are places and names of files; not the digits of a code column."""
    if _SHAPES.match(text):
        return False
    return not is_code_name(name) or any(ch.isalpha() or ch == "@" for ch in text)


def _is_free_text(name: str) -> bool:
    return bool(set(_words(name)) & _FREE_TEXT)


# --- words


def _digits(text: str) -> int:
    # A whole number that went through float64 arrives as "3001234567.0".
    return sum(ch.isdigit() for ch in text.removesuffix(".0"))


def _text(value: object) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _words(name: str) -> list[str]:
    """The words of a column's name, glued ones split where all parts are known ("headname"). Kobo puts
    group names before a slash: only the last part counts."""
    last = name.rsplit("/", 1)[-1] if re.search(r"/\w{3}", name) else name
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", last)
    words: list[str] = []
    for word in re.split(r"[\W_]+", spaced.lower()):
        if word:
            words += _unglued(word)
    return words


@lru_cache(maxsize=4096)
def _unglued(word: str) -> tuple[str, ...]:
    if word in _VOCABULARY or len(word) > 30:
        return (word,)
    ends: dict[int, tuple[str, ...]] = {0: ()}
    for stop in range(1, len(word) + 1):
        for start in range(stop):
            if start in ends and stop not in ends and word[start:stop] in _VOCABULARY:
                ends[stop] = (*ends[start], word[start:stop])
    return ends.get(len(word), (word,))


_VOCABULARY = (
    (NAME_WORDS | PERSONS | WEAK_PERSONS | PHONE_WORDS | IDENTITY_WORDS) - {"tel", "nic", "son"}
) | {
    "of",
    "no",
    "number",
    "household",
    "family",
    "hh",
}
