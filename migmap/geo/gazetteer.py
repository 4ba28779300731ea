"""Which area a row means: by code, else by name with its spelling repaired; what is doubtful stays so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from .placenames import alike, pieces_of, spelling

Status = Literal["matched", "doubtful", "unmatched"]

LARGER = "larger area"
"""Rows about an area above these: their people cannot be put onto any one of them."""
ZEROS = "code, zeros lost"
_PREFIX = re.compile(r"[A-Z]{2,}\d+")
SURE = frozenset(
    ["accepted", "code", "code, finer", ZEROS, "spelling", "initials", "transliteration", "renamed"]
)
DOUBTFUL_FROM = 0.8
SHOWN_FROM = 0.6
_MARGIN = 0.03
_CANDIDATES = 6
_SAME_NAME = 0.7
"""Two names of one place in two sources are at least so much alike; below, a code and a name disagree."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """One area under an older name. year: 0 where both are in use."""

    old: str
    new: str
    year: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """New areas that were taken out of an old one."""

    old: str
    new: tuple[str, ...]
    year: int


@dataclass(frozen=True, slots=True)
class Place:
    """An area as others may name it. parents: P-codes and names of the areas it lies in."""

    code: str
    name: str
    others: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row says of where it is; "" where it says nothing. parents: codes and names of the areas
    above."""

    code: str = ""
    name: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """place: index into the gazetteer. score: 0 to 1. how: in a word, as the lists show it."""

    place: int
    score: float
    how: str


@dataclass(frozen=True, slots=True)
class Match:
    """place: the area for "matched", the likeliest for "doubtful", -1 for "unmatched". why: what makes
    it doubtful. candidates: the likeliest first. disagree: the code is that of one area, the name that of
    another."""

    status: Status
    place: int = -1
    score: float = 0.0
    how: str = ""
    why: str = ""
    candidates: tuple[Candidate, ...] = ()
    disagree: bool = False


class Gazetteer:
    """The areas of one boundary layer, to be asked by code and name.

    places: in the order of the layer's rows. renamed, split: what is known of older names. level: the admin
    level of the areas, None where the layer does not say.
    """

    def __init__(
        self,
        places: Sequence[Place],
        renamed: Sequence[Renamed] = (),
        split: Sequence[Split] = (),
        level: int | None = None,
    ) -> None:
        self.places = tuple(places)
        self.level = level
        self._renamed: dict[str, list[str]] = defaultdict(list)
        for one in renamed:
            self._renamed[spelling(one.old).whole].append(one.new)
        self._split = {spelling(one.old).whole: one for one in split}
        self._found: dict[tuple[Asked, bool, bool, bool], Match] = {}

    @cached_property
    def _codes(self) -> dict[str, list[int]]:
        return _index((bare_code(one.code), i) for i, one in enumerate(self.places) if one.code)

    @cached_property
    def _without_zeros(self) -> dict[str, list[int]]:
        """Numeric codes without the zeros they begin with -> places; none where two become one."""
        zeroed = [bare for bare in self._codes if bare.isdigit()]
        if not any(bare.startswith("0") for bare in zeroed):
            return {}
        short: dict[str, list[str]] = defaultdict(list)
        for bare in zeroed:
            short[bare.lstrip("0")].append(bare)
        return {key: self._codes[many[0]] for key, many in short.items() if key and len(many) == 1}

    @cached_property
    def _names(self) -> dict[str, list[int]]:
        pairs = []
        for i, one in enumerate(self.places):
            pairs += [(spelling(name).whole, i) for name in dict.fromkeys((one.name, *one.others)) if name]
        return _index(pairs)

    @cached_property
    def _above(self) -> dict[str, set[int]]:
        """Codes and names of the areas above -> the areas in them."""
        found: dict[str, set[int]] = defaultdict(set)
        for i, one in enumerate(self.places):
            for text in one.parents:
                if any(c.isdigit() for c in text):
                    found[f"code:{bare_code(text)}"].add(i)
                else:
                    found[f"name:{spelling(text).whole}"].add(i)
        return found

    def within(self, text: str, *, code: bool) -> frozenset[int]:
        """The areas that lie in the larger one of this code (or name); empty where it is none."""
        if not code:
            whole = spelling(text).whole
            inside = self._above.get(f"name:{whole}", set())
            # A layer may hold its names twice, and a district may be one tehsil of its name: the only area
            # within what is called like it is that area itself.
            if len(inside) == 1 and all(spelling(self.places[i].name).whole == whole for i in inside):
                return frozenset()
            return frozenset(inside)
        bare = bare_code(text)
        if not bare or bare in self._codes:
            return frozenset()
        known = self._above.get(f"code:{bare}", set())
        if not known and _PREFIX.fullmatch(bare):
            # P-codes are built by appending: PK606 holds PK60601 and PK60602.
            known = {i for other, many in self._codes.items() if other.startswith(bare) for i in many}
        return frozenset(known)

    def has_code(self, code: str) -> bool:
        return bare_code(code) in self._codes

    def chosen(self, text: str) -> int | None:
        """The one area with this code, else of this name; None for none or several."""
        for places in (self._codes.get(bare_code(text)), self._names.get(spelling(text).whole)):
            if places and len(places) == 1:
                return places[0]
        return None

    def has_name(self, name: str) -> bool:
        """Whether an area is called so, or was."""
        whole = spelling(name).whole
        return whole in self._names or whole in self._renamed or whole in self._split

    def share_of_codes(self, codes: Sequence[str]) -> float:
        """Share of the codes that are codes of areas here, or of areas within one."""
        known = [code for code in codes if code]
        return sum(bool(self._by_code(code)) for code in known) / len(known) if known else 0.0

    def match(
        self,
        asked: Asked,
        *,
        by_code: bool = True,
        by_name: bool = True,
        accepted: Mapping[str, str] | None = None,
        larger: bool = False,
    ) -> Match:
        """The area `asked` means. accepted: code or name as the row has it -> code of the area somebody
        decided it is; it comes before all else. larger: the names asked for are those of the areas above,
        so that a district is not taken for the tehsil of its name."""
        for text in (asked.code, asked.name):
            chosen = (accepted or {}).get(text) if text else None
            place = None if chosen is None else self.chosen(chosen)
            if place is not None:
                return Match("matched", place, 1.0, "accepted")
        key = (asked, by_code, by_name, larger)
        if key not in self._found:
            self._found[key] = self._match(asked, by_code, by_name, larger)
        return self._found[key]

    def _match(self, asked: Asked, by_code: bool, by_name: bool, larger: bool) -> Match:
        coded = self._by_code(asked.code) if by_code and asked.code else []
        if coded:
            return self._checked_code(asked, coded)
        if by_code and asked.code and (inside := self.within(asked.code, code=True)):
            return _larger(asked.code, len(inside))
        if larger and by_name and asked.name and (inside := self.within(asked.name, code=False)):
            return _larger(asked.name, len(inside))
        if not (by_name and asked.name):
            why = f"no area has the code “{asked.code}”" if asked.code and by_code else "no name and no code"
            return Match("unmatched", why=why)
        found = self._named(asked)
        if asked.code and by_code and found.status == "matched":
            # A code that no area has, beside a name that one has: of another edition, as a rule.
            return replace(found, how=f"{found.how}; its code is unknown here")
        return found

    def _by_code(self, code: str) -> list[Candidate]:
        bare = bare_code(code)
        if not bare:
            return []
        if bare in self._codes:
            return [Candidate(i, 1.0, "code") for i in self._codes[bare]]
        if bare.isdigit() and bare.lstrip("0") in self._without_zeros:
            # Spreadsheets make 5001 of 05001.
            return [Candidate(i, 1.0, ZEROS) for i in self._without_zeros[bare.lstrip("0")]]
        # P-codes are built by appending: PK10103 lies in PK101. Only where the layer's codes are of one
        # length is a beginning proof of that.
        shorter = [
            i
            for known, many in self._codes.items()
            if (len(known) >= 4 or _PREFIX.fullmatch(known)) and bare.startswith(known)
            for i in many
        ]
        return [Candidate(i, 1.0, "code, finer") for i in shorter] if len(shorter) == 1 else []

    def _checked_code(self, asked: Asked, coded: list[Candidate]) -> Match:
        """A code is trusted unless the name beside it is that of another area."""
        if len(coded) > 1:
            named = self._named(asked) if asked.name else Match("unmatched")
            if named.status == "matched" and named.place in {one.place for one in coded}:
                return Match("matched", named.place, 1.0, "code and name")
            return _doubt(coded, f"{len(coded)} areas have the code “{asked.code}”")
        code = coded[0]
        if code.how == "code, finer" or not asked.name:
            return Match("matched", code.place, 1.0, code.how)
        here = self._likeness(asked.name, code.place)
        if here.score >= _SAME_NAME:
            return Match("matched", code.place, 1.0, code.how)
        named = self._named(asked)
        if named.status == "matched" and named.place != code.place:
            place, other = self.places[code.place], self.places[named.place]
            why = f"the code is that of {place.name}, the name that of {other.name}"
            both = [code, Candidate(named.place, named.score, named.how)]
            return replace(_doubt(both, why), disagree=True)
        return Match("matched", code.place, 1.0, "code; the name is spelled otherwise")

    def _named(self, asked: Asked) -> Match:
        whole = spelling(asked.name).whole
        exact = [Candidate(i, 1.0, "spelling") for i in self._names.get(whole, [])]
        if not exact:
            for new in self._renamed.get(whole, []):
                exact += [
                    Candidate(i, 0.97, "renamed") for i in self._alike(new, "spelling", "transliteration")
                ]
        found = exact or self._near(asked.name)
        if not found:
            return Match("unmatched", why=f"no area is called anything like “{asked.name}”")
        fits = [(self._in_parents(asked, one.place), one) for one in found]
        within = [one for fit, one in fits if fit is not False]
        if max((_rank(one) for one in within), default=0.0) < DOUBTFUL_FROM:
            # Only elsewhere is anything called like it: the name or what is above it is wrong.
            within = [one for one in within if max(found, key=_rank).score < DOUBTFUL_FROM]
        if not within:
            listed = sorted(found, key=lambda one: -one.score)
            place = self.places[listed[0].place]
            if listed[0].score < DOUBTFUL_FROM:
                return Match(
                    "unmatched", why="nothing alike in the area it is said to be in", candidates=tuple(listed)
                )
            above = " and ".join(text for text in asked.parents if text)
            return _doubt(listed, f"{place.name} does not lie in {above}")
        sure = [one for one in within if one.how in SURE]
        best = max(sure or within, key=_rank)
        rivals = [one for one in sure if one.place != best.place and one.score > best.score - _MARGIN]
        confirmed = [one for fit, one in fits if fit and one in (best, *rivals)]
        if rivals and len({one.place for one in confirmed}) == 1:
            best, rivals = confirmed[0], []
        rest = tuple(sorted(found, key=lambda one: (one != best, -_rank(one))))[:_CANDIDATES]
        if rivals:
            return _doubt(rest, f"{len(rivals) + 1} areas are called so")
        if best.how in SURE:
            return Match("matched", best.place, best.score, best.how, candidates=rest)
        if best.how == "part of it":
            return _doubt(rest, "several areas are called as parts of it; it may have been split")
        if best.how == "holds it":
            return _doubt(rest, f"{self.places[best.place].name} is called so but for a word")
        if best.score >= DOUBTFUL_FROM:
            return _doubt(rest, "the spelling is only similar")
        return Match("unmatched", why=f"no area is called “{asked.name}”", candidates=rest)

    def _alike(self, name: str, *hows: str) -> list[int]:
        return [i for i in range(len(self.places)) if self._likeness(name, i).how in hows]

    def _near(self, name: str) -> list[Candidate]:
        """Areas whose name is like it, or is a part or the whole of it."""
        found: list[Candidate] = []
        split = self._split.get(spelling(name).whole)
        for index, place in enumerate(self.places):
            best = self._likeness(name, index)
            if split is not None and any(
                alike(new, place.name)[1] in ("spelling", "transliteration") for new in split.new
            ):
                best = max(best, Candidate(index, 0.75, "part of it"), key=_rank)
            elif pieces_of(name, place.name):
                best = max(best, Candidate(index, 0.7, "part of it"), key=_rank)
            elif pieces_of(place.name, name):
                best = max(best, Candidate(index, 0.75, "holds it"), key=_rank)
            if best.score >= SHOWN_FROM:
                found.append(best)
        return sorted(found, key=lambda one: -_rank(one))[:_CANDIDATES]

    def _likeness(self, name: str, index: int) -> Candidate:
        place = self.places[index]
        scores = [alike(name, other) for other in dict.fromkeys((place.name, *place.others)) if other]
        score, how = max(scores, default=(0.0, ""))
        return Candidate(index, score, how)

    def _in_parents(self, asked: Asked, index: int) -> bool | None:
        """Whether the area lies in what the row names above it; None where one of the two says nothing."""
        above = self.places[index].parents
        named = [text for text in asked.parents if text]
        if not above or not named:
            return None
        for text in named:
            other = [text, *self._renamed.get(spelling(text).whole, [])]
            if any(bare_code(text) == bare_code(one) for one in above):
                return True
            if any(alike(each, one)[0] >= DOUBTFUL_FROM for each in other for one in above):
                return True
        return False


def _rank(one: Candidate) -> float:
    """What was a part or a whole of it by its name comes before what is only spelled alike."""
    return one.score + (0.15 if one.how in ("part of it", "holds it") else 0.0)


def _larger(text: str, count: int) -> Match:
    areas = "1 of these areas lies" if count == 1 else f"{count:,} of these areas lie"
    return Match("unmatched", how=LARGER, why=f"“{text}” is a larger area, in which {areas}")


def _doubt(candidates: Sequence[Candidate], why: str) -> Match:
    best = candidates[0]
    return Match("doubtful", best.place, best.score, best.how, why, tuple(candidates))


def bare_code(code: str) -> str:
    """A code as it is compared: letters and digits, upper-case."""
    return re.sub(r"[\W_]+", "", code).upper()


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for key, index in pairs:
        if index not in found[key]:
            found[key].append(index)
    return dict(found)
