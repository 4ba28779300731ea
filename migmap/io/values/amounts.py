"""One cell's text as a number: grouped, in other digits, with a unit, hedged, or a sign for "no value"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from .units import unit_of_word

Gap = Literal["", "blank", "nil", "not assessed", "unknown"]
"""Why a cell holds no number; "" where it holds something. They are three different things: nothing was
written, nobody looked, nobody knows. "nil" is apart because it may mean 0."""

PLAIN = (
    r"[+-]?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?)?|\.[0-9]+|[1-9][eE][+-][0-9]{1,3})"
)
"""A number any program reads. An exponent stands after a point or has a sign: "1E5" may be a house."""
_BLANK = (
    "- -- --- – — − _ . .. ... … * / \\ nan null <null> (null) (blank) blank empty #n/a #value! #ref! "
    "#div/0! #name? #null! #num! #na خالی"
)
_NIL = "nil none nill nul"
_NOT_ASSESSED = (
    "na;n/a;n.a.;n.a;n\\a;n-a;not assessed;not collected;not surveyed;not asked;not applicable;not available;"
    "not measured;not recorded;not reported;not visited;not counted;not provided;not yet assessed;unassessed;"
    "no assessment;not done;n/c;n/s;n/r;nr;skipped;pending;tbc;tbd;to be confirmed;not covered;no access;"
    "inaccessible;جائزہ نہیں لیا گیا;دستیاب نہیں"
)
_UNKNOWN = (
    "?;??;???;unknown;unk;unkn;unknow;un-known;not known;not sure;don't know;dont know;do not know;dk;d/k;"
    "dnk;n.d.;n.d;nd;n/d;no data;no info;no information;no answer;no response;refused;unclear;not clear;"
    "undetermined;not determined;prefer not to say;معلوم نہیں;نامعلوم;نا معلوم;غير معروف;inconnu;desconocido"
)
_GAPS: dict[str, Gap] = {
    "": "blank",
    **dict.fromkeys(_BLANK.split(), "blank"),
    **dict.fromkeys(_NIL.split(), "nil"),
    **dict.fromkeys(_NOT_ASSESSED.split(";"), "not assessed"),
    **dict.fromkeys(_UNKNOWN.split(";"), "unknown"),
}

# Zero of every script whose digits are written in the countries this program is used in, and around them.
_ZEROS = "٠۰०০੦૦୦௦౦೦൦෦๐໐༠၀០᠐０߀"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t"
_TRANSLATED: dict[int, str] = {ord(zero) + i: str(i) for zero in _ZEROS for i in range(10)}
_TRANSLATED |= {
    ord("٫"): "\ue000",  # decimal mark of Arabic and Persian: never anything else
    ord("٬"): " ",
    ord("،"): ",",
    ord("٪"): "%",
    ord("−"): "-",
    ord("﹣"): "-",
    ord("＋"): "+",
    ord("’"): "'",
}
_TRANSLATED |= dict.fromkeys(map(ord, _SPACES), " ")
# Marks of direction, and joiners that show nothing.
_INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_DROPPED: dict[int, None] = dict.fromkeys(map(ord, _INVISIBLE))
_CORE = re.compile(r"([+-]?)([0-9.,' \ue000]*[0-9])(?:e([+-]?[0-9]{1,3}))?", re.IGNORECASE)
_SPACED = re.compile(r"[1-9][0-9]{0,2}(?:[ '][0-9]{3})+(?:([.,\ue000])([0-9]+))?")
_ABOUT = re.compile(
    r"(?:~|≈|≃|∼|±|\+/-|about|approximately|approximate|approx\b\.?|aprox\b\.?|appx\b\.?|around|roughly|circa"
    r"|ca\.|c\.|est\b\.?|estimated|estimate|nearly|almost|environ|تقریباً|تقریبا|حدود|حوالي|لگ بھگ)\s*:?\s*"
)
_MORE = re.compile(r"(?:>=|≥|>|more than|over|above|at least|min\b\.?|minimum|greater than)\s*")
_LESS = re.compile(r"(?:<=|≤|<|less than|fewer than|under|below|up to|upto|at most|max\b\.?|maximum)\s*")
_AFTER_ABOUT = re.compile(
    r"\s*(?:\(?\b(?:approx|approximately|aprox|appx|est|estimated|estimate|about)\b\.?\)?|\(\?\))$"
)
_AFTER_MORE = re.compile(r"\s*(?:\+|and above|and more|or more|and over)$")
_CURRENCY = re.compile(r"(rs\.?|pkr|usd|us\$|\$|€|eur|afn|jod)\s*(?=[0-9.,])")
_MANY = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "thsd": 1e3, "ہزار": 1e3, "هزار": 1e3, "ألف": 1e3,
    "hundred": 1e2, "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "lacs": 1e5, "لاکھ": 1e5, "crore": 1e7,
    "crores": 1e7, "کروڑ": 1e7, "million": 1e6, "millions": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6,
    "میلیون": 1e6, "مليون": 1e6,
    "billion": 1e9, "bn": 1e9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """value: the number. other: what it is where comma and point are the other way round, None where only one
    reading is possible. decimal: the mark this text proves to be the decimal one, "" where it proves none.
    unit: symbol after it, "%" too. hedge: "about", "more than", "less than" or "". plain: digits as any
    program reads them, nothing around them."""

    value: float
    other: float | None = None
    decimal: str = ""
    unit: str = ""
    hedge: str = ""
    plain: bool = False
    scaled: bool = False


def clean_text(text: str) -> str:
    """Digits of other scripts as 0-9, every sort of space as one, marks of direction gone."""
    if text.isascii():
        return text.strip().replace("\t", " ")
    return text.translate(_TRANSLATED).translate(_DROPPED).strip()


def gap_of(text: str) -> Gap:
    """Why this text holds no value; "" where it may hold one."""
    # Remarks are not worth remembering.
    return _gap_of_short(text) if len(text) <= 40 else _gap_of(text)


def _gap_of(text: str) -> Gap:
    found = _GAPS.get(text.strip().lower())
    if found is not None:
        return found
    return _GAPS.get(" ".join(clean_text(text).strip("()[]\"'* ").lower().split()), "")


_gap_of_short = lru_cache(maxsize=65_536)(_gap_of)


def is_blank(text: str) -> bool:
    """True for what people write where there is no value."""
    return gap_of(text) != ""


def number_of(text: str, decimal: str = ".") -> float | None:
    """The number a cell holds, or None: "1,234", "1.234,5", "12,34,567" (lakhs), "1 234", Arabic-Indic and
    other digits, "(123)" for -123. Where "1,234" or "1.234" could be either, `decimal` decides. None for
    hedged numbers, for numbers with a unit, and for what is an id ("007", "+923001234567", "2-3")."""
    found = amount_of(text)
    if found is None or found.unit or found.hedge or found.scaled:
        return None
    return value_of(found, decimal)


def value_of(amount: Amount, decimal: str = ".") -> float:
    """The number, where `decimal` is the decimal mark of its column."""
    if amount.other is None:
        return amount.value
    return amount.other if decimal == "," else amount.value


@lru_cache(maxsize=65_536)
def amount_of(text: str) -> Amount | None:
    """The number a cell holds with all that stands around it, or None. `value` of an ambiguous one is as with
    a decimal point ("1,234" is 1234, "1.234" is 1.234)."""
    if len(text) > 60:
        return None
    clean = clean_text(text).lower()
    if not clean:
        return None
    core = _core(clean)
    if core is not None:
        return core if text.isascii() else replace(core, plain=False)
    if clean[0] == "(" and clean[-1] == ")":
        inside = _core(clean[1:-1].strip())
        if inside is None or clean[1:-1].strip()[0] in "+-":
            return None
        return replace(
            inside, value=-inside.value, other=None if inside.other is None else -inside.other, plain=False
        )
    if clean == "zero":
        return Amount(0.0)
    return _dressed(clean)


def _dressed(clean: str) -> Amount | None:
    """A number with words around it."""
    if not any(ch.isdigit() for ch in clean):
        return None
    hedge = ""
    for pattern, word in ((_ABOUT, "about"), (_MORE, "more than"), (_LESS, "less than")):
        found = pattern.match(clean)
        if found:
            hedge, clean = word, clean[found.end() :]
            break
    for pattern, word in ((_AFTER_ABOUT, "about"), (_AFTER_MORE, "more than")):
        found = pattern.search(clean)
        if found and not hedge:
            hedge, clean = word, clean[: found.start()]
    unit = ""
    money = _CURRENCY.match(clean)
    if money:
        named = unit_of_word(money.group(1))
        unit, clean = (named.symbol if named else ""), clean[money.end() :].removesuffix("/-")
    end = max((i for i, ch in enumerate(clean) if ch in "0123456789"), default=-1) + 1
    # "m2" and "km2" end in a digit that belongs to the unit.
    tail_at = next((i for i, ch in enumerate(clean) if ch.isalpha() or ch in "%‰°²³$€"), end)
    number, tail = clean[:tail_at].strip(), clean[tail_at:].strip()
    if tail[:1] == "e" and re.match(r"e[+-]?\d", tail):
        return None
    core = _core(number)
    if core is None:
        return None
    times = 1.0
    if tail:
        first, _, rest = tail.partition(" ")
        if first.rstrip(".") in _MANY:
            times, tail = _MANY[first.rstrip(".")], rest.strip()
        if tail:
            named = unit_of_word(tail)
            if named is None or (unit and named.symbol != unit):
                return None
            unit = named.symbol
    if times != 1.0:
        # "1.234 million" is a decimal: nobody groups what he then multiplies.
        value = core.other if core.other is not None and core.other < core.value else core.value
        return Amount(_exact(value * times), unit=unit, hedge=hedge, scaled=True)
    return replace(core, unit=unit, hedge=hedge, plain=False)


def _exact(value: float) -> float:
    """1.1 million is 1,100,000, not 1,100,000.0000000001."""
    return float(round(value)) if abs(value - round(value)) < 1e-6 * max(abs(value), 1.0) else value


def _core(clean: str) -> Amount | None:
    found = _CORE.fullmatch(clean)
    if not found:
        return None
    sign, body, exponent = found.groups()
    if sum(ch.isdigit() for ch in body) > 17 or (sign == "+" and len(body) > 6 and body.isdigit()):
        return None  # an identity or phone number
    amount = _unsigned(body)
    if amount is None:
        return None
    if exponent:
        return _with_exponent(f"{sign}{body}e{exponent}")
    if sign == "-":
        other = None if amount.other is None else -amount.other
        return replace(amount, value=-amount.value, other=other)
    return amount


def _with_exponent(text: str) -> Amount | None:
    if not re.fullmatch(PLAIN, text):
        return None
    value = float(text)
    return Amount(value, plain=True) if abs(value) < 1e300 else None


def _unsigned(body: str) -> Amount | None:
    if body.isdigit():
        if len(body) > 15 or (len(body) > 1 and body[0] == "0"):
            return None
        return Amount(float(body), plain=True)
    spaced = _SPACED.fullmatch(body)
    if spaced:
        mark, places = spaced.groups()
        whole = re.sub(r"[ ']", "", body[: spaced.start(1)] if mark else body)
        value = float(f"{whole}.{places}" if places else whole)
        return Amount(value, decimal="" if mark in (None, "\ue000") else str(mark))
    if " " in body or "'" in body:
        return None
    arabic = "\ue000" in body
    if arabic:
        if body.count("\ue000") > 1 or "." in body:
            return None
        whole, _, places = body.partition("\ue000")
        return _decimal(whole.replace(",", "") if _is_grouped(whole, ",") else whole, places, "")
    dots, commas = body.count("."), body.count(",")
    if dots and commas:
        mark = max(".,", key=body.rfind)
        group = "," if mark == "." else "."
        whole, _, places = body.rpartition(mark)
        if mark in whole or not _is_grouped(whole, group):
            return None
        joined = _decimal(whole.replace(group, ""), places, mark)
        return None if joined is None else replace(joined, plain=False)
    mark = "." if dots else ","
    if dots + commas > 1:
        if not _is_grouped(body, mark):
            return None
        return Amount(float(body.replace(mark, "")), decimal="," if mark == "." else ".")
    whole, _, places = body.partition(mark)
    if len(places) == 3 and _is_grouped(body, mark):
        together, parted = float(whole + places), float(f"{whole}.{places}")
        if mark == ".":
            return Amount(parted, other=together, plain=True)
        return Amount(together, other=parted)
    return _decimal(whole, places, mark)


def _decimal(whole: str, places: str, mark: str) -> Amount | None:
    if (whole and not whole.isdigit()) or not places.isdigit() or (len(whole) > 1 and whole[0] == "0"):
        return None
    return Amount(float(f"{whole or 0}.{places}"), decimal=mark, plain=mark == ".")


def _is_grouped(whole: str, mark: str) -> bool:
    """1,234,567 and, with commas, 12,34,567 as South Asia writes it."""
    groups = whole.split(mark)
    if not all(g.isdigit() for g in groups) or groups[0][0] == "0" or len(groups[0]) > 3:
        return False
    if len(groups) == 1:
        return True
    if len(groups[-1]) != 3:
        return False
    middle = {len(g) for g in groups[1:-1]}
    return middle <= {3} or (mark == "," and middle == {2} and len(groups[0]) <= 2)
