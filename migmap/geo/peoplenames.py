"""What a column of people counts, told from its name and HXL tag, in the languages field offices write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from migmap.api import PeopleColumn, Sex

from . import peoplewords as words

_CHILD_AGE, _INFANT_AGE, _ADULT_AGE, _ELDER_AGE = "0-17", "0-1", "18+", "60+"
_MONTHS = re.compile(r"(?:months?|mois|meses|mths?|mo)\b")
_BETWEEN = re.compile(r"(?<!\d)(\d{1,3})\s*(?:-|–|_|\s|to|a|à|and)+\s*(\d{1,3})(?!\d)")
_AND_MORE = re.compile(
    r"(?<!\d)(\d{1,3})\s*[_ -]*\s*(?:\+|plus|up\b|above|over|older|and[_ ](?:over|above|more|older)"
    r"|et[_ ]plus|y[_ ]mas|e[_ ]mais|ans[_ ]et[_ ]plus|years?[_ ]and[_ ](?:over|above))"
)
_MORE_THAN = re.compile(
    r"(?:over|above|older[_ ]than|more[_ ]than|plus[_ ]de|mas[_ ]de|>=?)[_ ]*(\d{1,3})(?!\d)"
)
_LESS_THAN = re.compile(
    r"(?:\bu|under|below|less[_ ]than|moins[_ ]de|menores?[_ ]de|lt|<)[_ ]*(\d{1,3})(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(19[5-9]\d|20[0-4]\d)(?!\d)")
_SHORT = re.compile(r"(?<![A-Za-z])P[oi][RCN](?![a-z])")
"""PoR, PoC, PiN: one word, whatever their capitals."""
_HXL_HEADS = {
    "#affected": "",
    "#population": "",
    "#inneed": "in need",
    "#targeted": "targeted",
    "#reached": "reached",
}
_HXL_CATEGORY = {
    "refugees": "refugee",
    "refugee": "refugee",
    "idps": "idp",
    "idp": "idp",
    "displaced": "idp",
    "returnees": "returnee",
    "returned": "returnee",
    "migrants": "migrant",
    "migrant": "migrant",
    "stateless": "stateless",
    "asylum_seekers": "asylum-seeker",
    "asylumseekers": "asylum-seeker",
    "host": "host",
    "hosts": "host",
    "hostcommunity": "host",
    "nondisplaced": "host",
}
_HXL_AGE = {"children": _CHILD_AGE, "infants": _INFANT_AGE, "adults": _ADULT_AGE, "elderly": _ELDER_AGE}


def _upper(match: re.Match[str]) -> str:
    return match.group().upper()


def name_words(name: str) -> list[str]:
    """The words of a name, without accents: "numPresentIdpInd" gives num, present, idp, ind."""
    spaced = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])", " ", _SHORT.sub(_upper, name))
    spaced = re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", spaced)
    return [_without_article(word) for word in re.split(r"[\W_]+", words.plain(spaced)) if word]


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


@lru_cache(maxsize=4096)
def people_of_name(name: str) -> PeopleColumn | None:
    """What a column of this name counts; None where the name says no number of people.

    A bare "f" or "m" is a sex only beside an age, a total or people. Words nobody knows are the status of
    a count of people ("people using"), and make any other name something else ("women committee").
    """
    # A survey's groups, and the upper of two headers, stand before the question, which is what counts.
    upper, _, lower = name.rpartition(" / ")
    short = re.split(r"/|::", lower)[-1] if re.search(r"\w(?:/|::)\w{3,}", lower) else lower
    told, _ = _of_text(name, short)
    if not upper or not (told or is_bare_total(short)):
        return told
    # "IDPs / HH" and "Female / 0-4": what the upper header says holds for the lower, where it is understood.
    both, understood = _of_text(name, f"{upper} {short}")
    return both if both and understood else told


def is_bare_total(name: str) -> bool:
    """True for "Total" and "Grand total", which say nothing of what they add up."""
    left = [word for word in name_words(name) if not word.isdigit()]
    # "T_TL" of the population tables beside boundaries, and the "T" beside "F" and "M".
    if name_words(name) == ["t"]:
        return True
    return bool(set(left) & words.TOTAL) and all(
        word in words.TOTAL | words.NOISE or word == "t" for word in left
    )


def _of_text(name: str, short: str) -> tuple[PeopleColumn | None, bool]:
    """(what a column called `short` counts, whether every word of it is known)."""
    parts = name_words(short)
    if not parts or set(parts) & words.OTHER:
        return None, False
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", _SHORT.sub(_upper, short))
    age, rest_text = _age(words.plain(spaced))
    year = _YEAR.search(rest_text)
    rest = name_words(rest_text)
    left = [word for word in rest if not word.isdigit()]
    if set(left) & words.LEVELS and not set(left) & (words.INDIVIDUALS | words.HOUSEHOLDS):
        return None, False
    found = _Found(age=age, date=year.group(1) if year else "")
    for word in left:
        found.take(word)
    asked = set(left)
    if found.unknown and asked & {"sex", "gender", "age", "sexe", "sexo"}:
        left_over = [word for word in found.strange if word not in ("sex", "gender", "sexe", "sexo")]
        sex: Sex = "unknown" if asked & {"sex", "gender", "sexe", "sexo"} else "all"
        known_age = "unknown" if "age" in asked else "all"
        return (None if left_over else PeopleColumn(name, sex=sex, age=known_age)), not left_over
    if (
        age
        and not found.strange
        and (asked <= {"age", "ages", "aged", "y", "yr", "yrs", "years", "ans", "anos", "t"})
    ):
        return PeopleColumn(name, age=age), True
    if "affected" in found.status and not found.strange and asked & {"number", "num", "no", "nb", "total"}:
        found.individuals = True
    letters = [word for word in left if word in ("f", "m", "h")]
    return found.column(name, letters), not found.strange


class _Found:
    """What the words of one name add up to."""

    def __init__(self, age: str, date: str) -> None:
        self.age, self.date = age, date
        self.sexes: set[Sex] = set()
        self.age_words: list[str] = []
        self.categories: list[str] = []
        self.status: list[str] = []
        self.strange: list[str] = []
        self.households = self.individuals = self.flow = self.flow_noun = self.total = False
        self.registered = self.estimated = self.unknown = False
        self.both = False

    def take(self, word: str) -> None:
        known = True
        self.both |= word in ("and", "or", "et", "ou", "y", "e", "plus", "و", "اور")
        if word in words.FEMALE:
            self.sexes.add("female")
        elif word in words.MALE:
            self.sexes.add("male")
        elif word in words.CATEGORIES:
            self.categories.append(words.CATEGORIES[word])
        elif word in words.HOUSEHOLDS:
            self.households = True
        elif word in words.INDIVIDUALS:
            self.individuals = True
        elif word in words.CHILDREN or word in words.INFANTS or word in words.ADULTS or word in words.ELDERLY:
            known = True
        elif word in words.FLOW:
            self.flow = True
            self.flow_noun |= word in words.FLOW_NOUNS
        elif word in words.REGISTERED:
            self.registered = True
        elif word in words.ESTIMATED:
            self.estimated = True
        elif word in words.UNKNOWN:
            self.unknown = True
        elif word in words.TOTAL:
            self.total = True
        elif word in words.STATUS:
            self.status.append(words.STATUS[word])
        elif word not in words.NOISE and word not in (
            "f",
            "m",
            "h",
            "t",
            "seeker",
            "seekers",
            "community",
            "families",
        ):
            known = False
        if not known:
            self.strange.append(word)
        if word in words.CHILD_SEXED or word in words.CHILDREN:
            self.age_words.append(_CHILD_AGE)
        elif word in words.INFANTS:
            self.age_words.append(_INFANT_AGE)
        elif word in words.ADULTS:
            self.age_words.append(_ADULT_AGE)
        elif word in words.ELDERLY:
            self.age_words.append(_ELDER_AGE)

    def column(self, name: str, letters: Sequence[str]) -> PeopleColumn | None:
        of_people = bool(self.individuals or self.categories)
        if letters and not self.sexes and (self.age or self.total or of_people or self.age_words):
            if "f" in letters:
                self.sexes.add("female")
            elif "m" in letters or ("h" in letters and self.age):
                self.sexes.add("male")
        if not (of_people or self.households or self.sexes or self.age_words or self.flow_noun):
            return None
        if self.strange and (not of_people or len(self.strange) > 2):
            return None
        sex: Sex = "all" if len(self.sexes) != 1 else next(iter(self.sexes))
        age = self.age or (self.age_words[0] if len(set(self.age_words)) == 1 else "") or "all"
        category = self._category()
        if self.unknown:
            if self.age or not self.sexes:
                age = "unknown"
            sex = sex if sex != "all" else "unknown"
        if self.households and self.individuals:
            # "people in households", "hh members".
            self.households = False
        basis: Literal["registered", "estimated", "unknown"] = (
            "estimated" if self.estimated else "registered" if self.registered else "unknown"
        )
        status = list(dict.fromkeys(self.status))
        if category in ("idp-conflict", "idp-disaster"):
            status = [one for one in status if one not in ("conflict", "disaster")]
        if category == "idp" and status == ["affected"]:
            status = []
        return PeopleColumn(
            column=name,
            category=category,
            sex=sex,
            age=age,
            status=" ".join([*status, *self.strange]),
            date=self.date,
            counts="households" if self.households else "individuals",
            nature="flow" if self.flow else "stock",
            basis=basis,
        )

    def _category(self) -> str:
        found = list(dict.fromkeys(self.categories))
        if found == ["idp", "host"] or found == ["host", "idp"]:
            # "IDPs in host families" are displaced people.
            self.status.append("hosted")
            return "idp"
        if "idp" in found and "conflict" in self.status:
            return "idp-conflict"
        if "idp" in found and "disaster" in self.status:
            return "idp-disaster"
        if {"por", "acc", "und"} & set(found):
            found = [one for one in found if one != "refugee"]
        if "returnee" in found and not self.both:
            # "IDP returnees" and "refugee returnees" have come back.
            return "returnee"
        if len(found) > 1:
            # "refugees and migrants" is one count of both.
            return "all"
        return found[0] if found else "all"


def _age(text: str) -> tuple[str, str]:
    """(the age interval a name holds, "" for none; the name without it)."""
    months = bool(_MONTHS.search(text.replace("_", " ")))

    def years(value: int) -> int:
        return value // 12 if months else value

    for pattern, made in (
        (_BETWEEN, lambda m: (int(m.group(1)), int(m.group(2)))),
        (_LESS_THAN, lambda m: (0, int(m.group(1)) - 1)),
        (_AND_MORE, lambda m: (int(m.group(1)), None)),
        (_MORE_THAN, lambda m: (int(m.group(1)), None)),
    ):
        match = pattern.search(text)
        if match is None:
            continue
        low, high = made(match)
        if low > 110 or (high is not None and (high > 120 or high < low)):
            continue
        rest = text[: match.start()] + " " + text[match.end() :]
        if high is None:
            return f"{years(low)}+", rest
        return f"{years(low)}-{years(high)}", rest
    return "", text


def people_of_tag(tag: str) -> PeopleColumn | None:
    """What an HXL tag says a column counts; None for a tag that is about something else."""
    head, *attributes = tag.strip().lower().split("+")
    if head not in _HXL_HEADS or {"pct", "percentage", "rate", "ratio", "code", "name", "text"} & set(
        attributes
    ):
        return None
    sex: Sex = "all"
    age, category, status = "all", "all", [_HXL_HEADS[head]] if _HXL_HEADS[head] else []
    counts: Literal["individuals", "households"] = "individuals"
    nature: Literal["stock", "flow"] = "stock"
    for word in attributes:
        aged = re.fullmatch(r"age_?(\d+)_(\d+)|age_?(\d+)_?(?:plus|up)?", word)
        if word in ("f", "female"):
            sex = "female"
        elif word in ("m", "male"):
            sex = "male"
        elif word in _HXL_AGE:
            age = _HXL_AGE[word]
        elif aged:
            age = f"{aged.group(1)}-{aged.group(2)}" if aged.group(1) else f"{aged.group(3)}+"
        elif word in ("hh", "households", "hhs", "families"):
            counts = "households"
        elif word in _HXL_CATEGORY:
            category = _HXL_CATEGORY[word]
        elif word in ("newdisp", "arrivals", "departures", "new"):
            nature = "flow"
        elif word in ("injured", "killed", "missing", "disabled", "pregnant"):
            status.append(words.STATUS.get(word, word))
    if category == "idp" and {"conflict", "disaster"} & set(attributes):
        category = "idp-conflict" if "conflict" in attributes else "idp-disaster"
    return PeopleColumn("", category, sex, age, " ".join(status), "", counts, nature)


def people_columns(
    names: Iterable[str], hxl: Mapping[str, str] | None = None, roles: Mapping[str, str] | None = None
) -> tuple[PeopleColumn, ...]:
    """Those of the named number columns that count people, broken down, in their order.

    hxl: column -> tag; a tag says more than a name. roles: role -> column: the columns that play "people",
    "households", "female", "male" and "children" count that, whatever they are called.
    """
    tags, by_role = hxl or {}, {column: role for role, column in (roles or {}).items()}
    listed = list(names)
    # Beside the dead and the injured of an event, "displaced" is what the event did: no stock.
    of_events = any(set(name_words(name)) & words.CASUALTIES for name in listed)
    found = []
    for name in listed:
        column = _merged(name, people_of_name(name), people_of_tag(tags.get(name, "")))
        column = _as_role(name, column, by_role.get(name, ""))
        if column is not None and of_events and "displaced" in name_words(name):
            column = replace(column, nature="flow")
        if column is not None:
            found.append(column)
    found = _women_beside_girls([*found, *_bare_letters(listed, found)])
    return _with_totals(_with_bare_totals(listed, found))


def _bare_letters(listed: Sequence[str], found: Sequence[PeopleColumn]) -> list[PeopleColumn]:
    """Columns that are called "F" and "M", or "H" and "F", and stand side by side: women and men."""
    known = {c.column for c in found}
    for one, two in pairwise(listed):
        pair = {_letter(one): one, _letter(two): two}
        men = pair.get("m") or pair.get("h")
        women = pair.get("f")
        if men and women and not {one, two} & known:
            return [PeopleColumn(women, sex="female"), PeopleColumn(men, sex="male")]
    return []


def _letter(name: str) -> str:
    """The last header of a column, lower-case."""
    return words.plain(name.rsplit(" / ", 1)[-1].strip())


def _with_bare_totals(listed: Sequence[str], found: Sequence[PeopleColumn]) -> list[PeopleColumn]:
    """The columns with those only called "Total" that stand beside counts of people, whose total they are
    where nothing else counts everybody."""
    known = {c.column: c for c in found}
    for place, name in enumerate(listed):
        if name in known or not is_bare_total(name.rsplit(" / ", 1)[-1]):
            continue
        run: list[PeopleColumn] = []
        for step in (-1, 1):
            at = place + step
            while 0 <= at < len(listed) and listed[at] in known and not run[1:]:
                one = known[listed[at]]
                if run and (one.counts, one.nature) != (run[0].counts, run[0].nature):
                    break
                run.append(one)
                at += step
            if run:
                break
        if len(run) < 2:
            continue
        first = run[0]
        beside = [c for c in found if (c.counts, c.nature) == (first.counts, first.nature)]
        if any(c.sex == "all" and c.age == "all" and c.category == "all" for c in beside):
            continue
        groups = {c.category for c in beside}
        known[name] = PeopleColumn(
            name,
            category=first.category if len(groups) == 1 else "all",
            status=first.status if len({c.status for c in beside}) == 1 else "",
            date=first.date if len({c.date for c in beside}) == 1 else "",
            counts=first.counts,
            nature=first.nature,
        )
    return [known[name] for name in listed if name in known]


def _merged(name: str, named: PeopleColumn | None, tagged: PeopleColumn | None) -> PeopleColumn | None:
    if tagged is None:
        return named
    if named is None:
        return replace(tagged, column=name)
    sex = tagged.sex if tagged.sex != "all" else named.sex
    if "all" not in (tagged.sex, named.sex) and tagged.sex != named.sex:
        sex = "unknown"
    return PeopleColumn(
        column=name,
        category=tagged.category if tagged.category != "all" else named.category,
        sex=sex,
        age=tagged.age if tagged.age != "all" and named.age == "all" else named.age,
        status=tagged.status or named.status,
        date=named.date,
        counts=tagged.counts if tagged.counts == "households" else named.counts,
        nature=tagged.nature if tagged.nature == "flow" else named.nature,
        basis=named.basis,
    )


_ROLE_PEOPLE: Mapping[str, PeopleColumn] = {
    "people": PeopleColumn(""),
    "households": PeopleColumn("", counts="households"),
    "female": PeopleColumn("", sex="female"),
    "male": PeopleColumn("", sex="male"),
    "children": PeopleColumn("", age=_CHILD_AGE),
    "elderly": PeopleColumn("", age=_ELDER_AGE),
    "por": PeopleColumn("", category="por"),
    "acc": PeopleColumn("", category="acc"),
    "und": PeopleColumn("", category="und"),
    "arrivals": PeopleColumn("", nature="flow", status="in"),
    "departures": PeopleColumn("", nature="flow", status="out"),
}


def _as_role(name: str, column: PeopleColumn | None, role: str) -> PeopleColumn | None:
    """A column as its role says it is: what the user mapped counts more than what it is called."""
    wanted = _ROLE_PEOPLE.get(role)
    if wanted is None:
        return column
    if column is None:
        return replace(wanted, column=name)
    sex = wanted.sex if wanted.sex != "all" else column.sex
    return replace(column, counts=wanted.counts, sex=sex)


def _women_beside_girls(columns: Sequence[PeopleColumn]) -> list[PeopleColumn]:
    """Where girls are counted apart, "women" are the grown ones; likewise men beside boys."""
    apart = {(c.sex, c.counts, c.nature, c.status) for c in columns if c.age == _CHILD_AGE}
    grown = words.GROWN_SEXED
    return [
        replace(c, age=_ADULT_AGE)
        if c.age == "all"
        and (c.sex, c.counts, c.nature, c.status) in apart
        and set(name_words(c.column)) & grown
        else c
        for c in columns
    ]


def _with_totals(columns: Sequence[PeopleColumn]) -> tuple[PeopleColumn, ...]:
    return tuple(
        replace(c, total=any(holds(c, other) for other in columns if other is not c)) for c in columns
    )


NEVER_OVERLAP = ("por", "acc", "und")
_PARENTS = {"idp-conflict": ("idp",), "idp-disaster": ("idp",)}


def holds(whole: PeopleColumn, part: PeopleColumn) -> bool:
    """True when the people of `part` are among those of `whole` and only some of them by what they are."""
    if (whole.counts, whole.nature, whole.date) != (part.counts, part.nature, part.date):
        return False
    if whole.status and whole.status != part.status:
        return False
    if whole.basis != part.basis and part.basis != "unknown" and whole.basis != "unknown":
        return False
    same = (whole.category, whole.sex, whole.age, whole.status) == (
        part.category,
        part.sex,
        part.age,
        part.status,
    )
    wider = (
        whole.category in ("all", part.category, *_PARENTS.get(part.category, ()))
        and whole.sex in ("all", part.sex)
        and age_holds(whole.age, part.age)
    )
    return wider and not same


def ages(text: str) -> tuple[int, int] | None:
    """(first, last) full year of an interval, 200 for open ends; None for "all" and "unknown"."""
    if text.endswith("+"):
        return int(text[:-1]), 200
    low, dash, high = text.partition("-")
    return (int(low), int(high)) if dash and low.isdigit() and high.isdigit() else None


def age_holds(whole: str, part: str) -> bool:
    if whole == "all":
        return True
    outer, inner = ages(whole), ages(part)
    if outer is None or inner is None:
        return whole == part
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def people_first(
    columns: Sequence[PeopleColumn], counts: str = "individuals", prefer: Sequence[str] = ()
) -> list[PeopleColumn]:
    """The columns that could be *the* number of people (or households) of a row, best first: everyone, of
    all ages, counted at a date; then those of one category. Parts by sex or age are none, nor are flows.

    prefer: categories the layer is about; a count of theirs comes before one of everybody.
    """
    stock = [c for c in columns if c.counts == counts and c.nature == "stock"]
    whole = [c for c in stock if c.sex == "all" and c.age == "all"]
    whole = [c for c in whole if not c.status] or whole
    apart = [c for c in whole if c.category in NEVER_OVERLAP]
    if len({c.category for c in apart}) > 1:
        # None of them is everybody, and no two hold the same person.
        whole = [c for c in whole if c not in apart]
    newest = max((c.date for c in whole), default="")
    order = {c.column: place for place, c in enumerate(columns)}

    def rank(c: PeopleColumn) -> tuple[bool, int, bool, bool, bool, int]:
        named_total = bool(set(name_words(c.column)) & words.TOTAL)
        wished = prefer.index(c.category) if c.category in prefer else len(prefer)
        by_category = c.category != "all" and wished == len(prefer)
        return (c.date != newest, wished, by_category, not c.total, not named_total, order[c.column])

    return sorted(whole, key=rank)
