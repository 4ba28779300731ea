"""How alike two names of places are, across spellings, scripts' transliterations and word order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

_LEVELS = (
    "district districts dist distt disst zila zilla tehsil tahsil taluka taluk tehsils subdistrict province "
    "prov provinces agency division div region state governorate departement department commune municipality "
    "county canton wilaya wilayat muhafazat admin territory "
    "ضلع تحصیل صوبہ تعلقہ ولسوالی ولایت محافظه محافظة مدیریه"
)
_LEVEL_WORDS = frozenset(_LEVELS.split())
_FILLERS = frozenset(["of", "the", "and", "de", "du", "des", "la", "le", "el", "al"])
APART = {
    "upper": "upper",
    "bala": "upper",
    "lower": "lower",
    "payan": "lower",
    "north": "north",
    "northern": "north",
    "south": "south",
    "southern": "south",
    "east": "east",
    "eastern": "east",
    "west": "west",
    "western": "west",
    "central": "central",
    "fr": "fr",
    "frontier": "fr",
    "rural": "rural",
    "urban": "urban",
    "new": "new",
    "old": "old",
    "nord": "north",
    "sud": "south",
    "est": "east",
    "ouest": "west",
    "norte": "north",
    "sul": "south",
    "oeste": "west",
    "centre": "central",
    "center": "central",
    "centro": "central",
}
"""Words that make two places of one name, by what they mean: such names are never taken for one another."""
_ARABIC = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ئ": "ی",
        "ك": "ک",
        "ة": "ہ",
        "ه": "ہ",
        "ۀ": "ہ",
        "ھ": "ہ",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ؤ": "و",
        "ۃ": "ہ",
        "\u200c": " ",
        "ـ": "",
    }
)
# Ways to write one sound of Urdu, Sindhi, Pashto, Balochi and Arabic in Latin letters.
_SOUNDS = (
    (r"ph", "f"),
    (r"kh|ch|gh|jh|bh|dh|th|sh|rh", lambda m: m.group()[0]),
    (r"q|ck", "k"),
    (r"w", "v"),
    (r"z", "j"),
    (r"x", "ks"),
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name taken apart. words: folded, without words for the level; apart: what must agree ("upper");
    skeleton: its consonants as sounds, by which transliterations agree."""

    words: tuple[str, ...]
    apart: frozenset[str]
    skeleton: str

    @property
    def joined(self) -> str:
        return "".join(self.words)

    @property
    def whole(self) -> str:
        """Equal for names that differ in accents, case, punctuation, level words and order of "upper"."""
        return " ".join((*self.words, *sorted(self.apart)))


@lru_cache(maxsize=65_536)
def spelling(name: str) -> Spelling:
    """The name taken apart. "Distt. Dir (Lower)" and "lower dir" give the same words."""
    text = unicodedata.normalize("NFKD", name.translate(_ARABIC)).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    found = re.findall(r"[^\W_]+", text)
    apart = frozenset(APART[word] for word in found if word in APART)
    words = [word for word in found if word not in APART and word not in _LEVEL_WORDS]
    kept = [word for word in words if word not in _FILLERS] or words
    if not kept:
        # A place that is called "Central" and nothing else, or "Ouest", which others call "West".
        kept, apart = [APART.get(word, word) for word in found], frozenset()
    return Spelling(tuple(kept), apart, _skeleton("".join(kept)))


def _skeleton(joined: str) -> str:
    text = joined
    for pattern, sound in _SOUNDS:
        text = re.sub(pattern, sound, text)
    first, rest = text[:1], re.sub(r"[aeiouyhاویعہ]", "", text[1:])
    return re.sub(r"(.)\1+", r"\1", (first if first not in "eiou" else "a") + rest)


def alike(a: str, b: str) -> tuple[float, str]:
    """(likeness from 0 to 1, how they agree): 1 "spelling" for names that differ in accents, case,
    punctuation or word order only; 0.95 "initials" (D. I. Khan); from 0.8 "transliteration" where the
    consonants are the same sounds; else what letters have in common, "similar". 0 where one is upper and
    the other lower."""
    one, two = spelling(a), spelling(b)
    if not one.words or not two.words:
        return 0.0, ""
    if one.apart != two.apart:
        return 0.0, ""
    if sorted(one.words) == sorted(two.words) or one.joined == two.joined:
        return 1.0, "spelling"
    if _initials(one.words, two.words) or _initials(two.words, one.words):
        return 0.95, "initials"
    letters = max(
        JaroWinkler.similarity(one.joined, two.joined),
        fuzz.token_sort_ratio(" ".join(one.words), " ".join(two.words)) / 100,
    )
    # Jaro-Winkler is generous to unlike names that begin alike; the plain ratio keeps it honest.
    plain = fuzz.ratio(one.joined, two.joined) / 100
    score = (letters + plain) / 2
    if one.skeleton == two.skeleton and len(one.skeleton) >= 3 and plain >= 0.6:
        return max(0.8 + 0.19 * plain, score), "transliteration"
    return min(score, 0.94), "similar"


def _initials(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """d i khan, di khan: dera ismail khan. At least one word must be the same in full."""
    letters = [word for word in short if len(word) == 1]
    if not letters and len(short) >= 2 and len(short[0]) == len(full) - len(short) + 1:
        # "DI Khan": the first word is the initials of as many words.
        short = (*short[0], *short[1:])
        letters = [word for word in short if len(word) == 1]
    if not letters or len(short) != len(full) or len(letters) == len(short):
        return False
    return all(s == f or (len(s) == 1 and f.startswith(s)) for s, f in zip(short, full, strict=True))


def pieces_of(name: str, other: str) -> bool:
    """True where `other` is a part of the place called `name` by its name: "Chitral" and "Lower Chitral",
    "Hunza Nagar" and "Nagar"."""
    one, two = spelling(name), spelling(other)
    if not one.apart and two.apart and (one.joined == two.joined or set(two.words) >= set(one.words)):
        return True
    return len(one.words) > len(two.words) and set(two.words) < set(one.words) and one.apart == two.apart
