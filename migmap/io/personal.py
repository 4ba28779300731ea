"""Columns of personal data: found by name and by value, so that they never enter a project.

A name alone is not enough where it could be a statistic: `phone_access` holds percentages, `head_sex`
holds "female". So a column goes when its name says "person" and its values do not say otherwise, or when
most of its values are written as only identity numbers, Pakistani phone numbers or e-mail addresses are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import pandas as pd

PEOPLE_NAMES = "names of people"
IDENTITY = "identity numbers"
PHONES = "phone numbers"
E_MAILS = "e-mail addresses"

_SAMPLE = 2_000
_NAME_WORDS = frozenset({"name", "names", "naam", "fullname"})
# With a word for "name" beside them these are names of people.
_PERSONS = frozenset(
    {
        "head",
        "hoh",
        "hhh",
        "respondent",
        "informant",
        "enumerator",
        "interviewer",
        "interviewee",
        "surveyor",
        "beneficiary",
        "applicant",
        "caretaker",
        "caregiver",
        "guardian",
        "father",
        "mother",
        "husband",
        "wife",
        "spouse",
        "daughter",
        "brother",
        "tenant",
        "landlord",
        "owner",
        "patient",
        "student",
        "teacher",
        "doctor",
        "nurse",
        "lhw",
        "principal",
        "incharge",
        "manager",
        "leader",
        "elder",
        "malik",
        "imam",
        "supervisor",
        "collector",
        "officer",
        "chairman",
        "nazim",
        "nambardar",
        "person",
        "contact",
        "focal",
        "representative",
        "victim",
        "claimant",
        "volunteer",
        "mukhtar",
        "president",
        "secretary",
    }
)
_WEAK_PERSONS = frozenset({"refugee", "migrant", "returnee", "individual", "member", "child", "son"})
# Places a person can be the head or the contact of; beside a weak word they make it a place's name.
_PLACES = frozenset(
    {
        "site",
        "camp",
        "village",
        "community",
        "house",
        "school",
        "facility",
        "hospital",
        "health",
        "block",
        "committee",
    }
)
# Words that may stand between the two without making it something else.
_FILLERS = frozenset(
    {
        "of",
        "the",
        "hh",
        "household",
        "family",
        "s",
        "key",
        "point",
        "full",
        "first",
        "last",
        "ur",
        "urdu",
        "en",
        "for",
        "in",
        "charge",
        "please",
        "enter",
        "what",
        "is",
        "your",
        "and",
        "1",
        "2",
        "3",
    }
)
_ALONE = frozenset(
    {
        "respondent",
        "informant",
        "keyinformant",
        "enumerator",
        "interviewer",
        "surveyor",
        "contactperson",
        "contactpe",
        "focalpoint",
        "focalperson",
        "focalpers",
        "focalpoin",
        "headofhousehold",
        "headofhh",
        "hhhead",
        "householdhead",
        "headoffamily",
        "fullname",
        "firstname",
        "lastname",
        "surname",
        "givenname",
        "familyname",
        "middlename",
        "personname",
        "username",
        "submittedby",
        "fathername",
        "fathersname",
        "husbandname",
        "sonof",
        "caretaker",
        "contact",
        "contacts",
        "collectedby",
        "datacollector",
        "surveyedby",
        "interviewedby",
    }
)
_IDENTITY_WORDS = frozenset(
    {
        "cnic",
        "nic",
        "nicop",
        "nadra",
        "passport",
        "nationalid",
        "idcard",
        "progres",
        "ssn",
        "cnicno",
        "cnicnumber",
    }
)
_IDENTITY_NAMES = frozenset(
    {
        "nationalid",
        "nationalidno",
        "nationalidnumber",
        "idcard",
        "idcardno",
        "idcardnumber",
        "nationalidentity",
        "porcard",
        "porcardno",
        "pornumber",
        "porno",
        "progresid",
        "progresno",
        "rationcard",
        "identitycard",
        "identityno",
        "subscriberid",
        "simserial",
        "deviceid",
        "imei",
    }
)
_PHONE_WORDS = frozenset(
    {
        "phone",
        "phones",
        "mobile",
        "telephone",
        "tel",
        "cell",
        "cellphone",
        "whatsapp",
        "msisdn",
        "fax",
        "phonenumber",
        "mobileno",
        "phoneno",
        "contactno",
        "contactnumber",
        "cellno",
    }
)
_MAIL_WORDS = frozenset({"email", "emails", "mail"})
# Urdu words that name a person or a way to reach one. "نام" alone is any name, a village's too.
_URDU_PERSON = ("سربراہ", "والد", "شوہر", "جواب دہندہ", "رابطہ کار")
_URDU_IDENTITY = ("شناختی",)
_URDU_PHONE = ("موبائل", "فون", "رابطہ نمبر", "واٹس ایپ")
_URDU_MAIL = ("ای میل", "ایمیل")
# What stands in a column about people that does not name them.
_CATEGORIES = frozenset(
    {
        "male",
        "female",
        "m",
        "f",
        "man",
        "woman",
        "men",
        "women",
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "other",
        "na",
        "n/a",
        "none",
        "unknown",
        "dont know",
        "both",
        "self",
        "adult",
        "child",
        "boy",
        "girl",
        "single",
        "married",
        "widow",
        "widowed",
        "divorced",
        "elderly",
        "مرد",
        "عورت",
        "خاتون",
        "ہاں",
        "نہیں",
    }
)
_CNIC = re.compile(r"\d{5}-\d{7}-\d")
_PHONE = re.compile(r"(?:\+92|0092)[ -]?\(?0?\d{2,3}\)?[ -]?\d{3,4}[ -]?\d{3,4}|03\d{2}[ -]?\d{3}[ -]?\d{4}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")


def personal_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> what kind of personal data it holds. Looks at the first 2,000 filled values a column."""
    found: dict[str, str] = {}
    for name in frame.columns:
        if name == "geometry":
            continue
        why = _by_name(str(name), frame[name]) or _by_value(frame[name])
        if why:
            found[str(name)] = why
    return found


def _by_name(name: str, column: pd.Series) -> str:
    words = _words(name)
    bare = "".join(words)
    if _says(bare, words, _IDENTITY_WORDS, _IDENTITY_NAMES) or any(w in name for w in _URDU_IDENTITY):
        return IDENTITY if _most(column, lambda t: _digits(t) >= 5) else ""
    phone = _says(bare, words, _PHONE_WORDS) or any(w in name for w in _URDU_PHONE)
    if phone and _most(column, lambda t: _digits(t) >= 7):
        return PHONES
    if _says(bare, words, _MAIL_WORDS) or any(w in name for w in _URDU_MAIL):
        return E_MAILS if _most(column, lambda t: "@" in t) else ""
    person = bare in _ALONE or _is_persons_name(words) or any(w in name for w in _URDU_PERSON)
    if person and _most(column, _could_be_a_name):
        return PEOPLE_NAMES
    if bare in ("contact", "contacts", "contactdetails", "contactinfo") and _most(
        column, lambda t: _digits(t) >= 7
    ):
        return PHONES
    return ""


def _by_value(column: pd.Series) -> str:
    if not (isinstance(column.dtype, pd.StringDtype) or column.dtype == object):
        return ""
    for pattern, why in ((_CNIC, IDENTITY), (_MAIL, E_MAILS), (_PHONE, PHONES)):
        if _most(column, partial(_matches, pattern)):
            return why
    return ""


def _says(
    bare: str, words: Sequence[str], single: frozenset[str], whole: frozenset[str] = frozenset()
) -> bool:
    return bare in whole or bare in single or any(w in single for w in words)


def _is_persons_name(words: Sequence[str]) -> bool:
    """True for a word for "name" and a word for a person, with nothing else that changes the meaning."""
    if not set(words) & _NAME_WORDS:
        return False
    rest = {w for w in words if w not in _NAME_WORDS and w not in _FILLERS}
    strong = {w for w in rest if w in _PERSONS or w.removesuffix("s") in _PERSONS}
    if strong:
        return rest <= strong | _PLACES | _WEAK_PERSONS
    return bool(rest) and rest <= _WEAK_PERSONS


def _could_be_a_name(text: str) -> bool:
    return (
        any(ch.isalpha() for ch in text)
        and text.lower().replace("\u2019", "").replace("'", "") not in _CATEGORIES
    )


def _matches(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.fullmatch(text) is not None


def _digits(text: str) -> int:
    # A whole number that went through float64 arrives as "3001234567.0".
    return sum(ch.isdigit() for ch in text.removesuffix(".0"))


def _most(column: pd.Series, fits: Callable[[str], bool]) -> bool:
    """True when more than half of the filled values fit; False for a column without values."""
    texts = [t for v in column.dropna().head(_SAMPLE) if (t := _text(v))]
    return sum(map(fits, texts)) * 2 > len(texts) if texts else False


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
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
    (_NAME_WORDS | _PERSONS | _WEAK_PERSONS | _PHONE_WORDS | _IDENTITY_WORDS) - {"tel", "nic", "son"}
) | {
    "of",
    "no",
    "number",
    "household",
    "family",
    "hh",
}
