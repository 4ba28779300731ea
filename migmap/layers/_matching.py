"""From the names people give columns to the roles columns play.

Names are compared without case and without anything that is not a letter or digit, so `ADM2_PCODE`,
`adm2 pcode` and `Adm2.PCode` are one. HXL tags decide first, then exact aliases, then, cautiously, an
alias at the beginning or end of a longer name. Each column plays at most one role.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePath

from migmap.api import ColumnInfo, PeopleColumn, Probe, Role

_LEVELS = (
    "country pays pais",
    """province provinces prov governorate governorates region regions state states division wilaya
    departement departamento provincia estado oblast muhafazah محافظة المحافظة صوبہ ولاية""",
    """district districts dist zila zilla municipio municipality prefecture kabupaten kab county
    cercle
    مديرية المديرية قضاء القضاء ضلع woreda distrito""",
    """tehsil tehsils taluka taluk subdistrict subdistricts commune communes kecamatan kec canton upazila
    township ناحية تحصیل""",
    "unioncouncil unioncouncils uc ward kelurahan kel",
)
_OWN_CODE = frozenset(
    ["pcode", "pcodes", "placecode", "adminpcode", "admpcode", "ochapcode", "hrpcode", "locationpcode"]
)
_OWN = 9
"""Level of a P-code column that names no level: it is the row's own."""
_PCODE = re.compile(r"[A-Za-z]{2,4}[-_]?\d[\w-]*")
_COUNTRY = re.compile(r"[A-Za-z]{2,3}")
# A longer name with one of these words is another quantity than the alias it contains.
_OTHER_QUANTITY = frozenset(
    [
        "density",
        "densit",
        "share",
        "pct",
        "percent",
        "percentage",
        "rate",
        "ratio",
        "growth",
        "change",
        "male",
        "males",
        "female",
        "females",
        "men",
        "women",
        "boys",
        "girls",
        "children",
        "child",
        "under",
        "over",
        "per",
        "avg",
        "average",
        "mean",
        "median",
        "size",
        "type",
        "date",
        "year",
        "source",
        "id",
        "code",
        "origin",
        "owner",
        "head",
        "with",
        "without",
        "no_of_rooms",
        "old",
        "alt",
        "ref",
    ]
)


def plain(text: str) -> str:
    """Lower-case, without accents."""
    loose = unicodedata.normalize("NFKD", text)
    return "".join(c for c in loose if not unicodedata.combining(c)).lower()


@lru_cache(maxsize=16_384)
def squeezed(name: str) -> str:
    """Letters and digits only, lower-case, without accents: "Nom du Département" is one word."""
    return re.sub(r"[\W_]+", "", plain(name))


_LEVEL_WORDS = {squeezed(word): level for level, text in enumerate(_LEVELS) for word in text.split()}


def words_of(name: str) -> list[str]:
    """The words of a name: `numPresentIdpInd` gives num, present, idp, ind."""
    return list(_words_of(name))


@lru_cache(maxsize=16_384)
def _words_of(name: str) -> tuple[str, ...]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return tuple(w for w in re.split(r"[\W_]+", spaced.lower()) if w)


def match_roles(
    probe: Probe, roles: Sequence[Role], taken: Mapping[str, str] | None = None, prefer: Sequence[str] = ()
) -> dict[str, str]:
    """Role -> column, for the roles a column was found for. `taken`: already decided. A role with a unit
    takes number columns only. prefer: categories of people this kind is about, the first most."""
    found: dict[str, str] = dict(taken or {})
    used = set(found.values())
    open_roles = [r for r in roles if r.name not in found and not re.fullmatch(r"(adm[1-4]_)?pcode", r.name)]
    # What counts everyone is told before what counts some of them: "total female" is not "total".
    for name, counts in (("people", "individuals"), ("households", "households")):
        if any(role.name == name for role in open_roles):
            best = _counting(probe, counts, prefer)
            if best and best[0] not in used:
                found[name] = best[0]
                used.add(best[0])
    open_roles = [role for role in open_roles if role.name not in found]

    told = {column.column for column in _people(probe)}

    def free(role: Role, *, sure: bool = False) -> list[ColumnInfo]:
        found = [c for c in probe.columns if c.name not in used and _fits(role, c, sure)]
        # What its name says to be some of the people, or people over a period, is not the people.
        return [c for c in found if role.name not in ("people", "households") or c.name not in told]

    def take(role: Role, column: ColumnInfo) -> None:
        found[role.name] = column.name
        used.add(column.name)

    # P-codes are told by their values too (`pcode_levels`), never by name alone.
    for role in open_roles:
        tagged = next(
            (
                c
                for tag in role.hxl
                for c in free(role, sure=True)
                if same_tag(probe.hxl.get(c.name, ""), tag)
            ),
            None,
        )
        if tagged is not None:
            take(role, tagged)
    for role in open_roles:
        if role.name in found:
            continue
        columns = {key: c for c in reversed(free(role, sure=True)) for key in spellings(c.name)}
        exact = next((columns[a] for alias in role.aliases if (a := squeezed(alias)) in columns), None)
        if exact is not None:
            take(role, exact)
    for role in open_roles:
        # "lives_female" counts deaths: parts of people are told by their whole name only.
        if role.name not in found and role.unit != "people":
            near = next((c for alias in role.aliases for c in free(role) if _contains(c.name, alias)), None)
            if near is not None:
                take(role, near)
    return found


def last_group(name: str) -> str:
    """The question of a survey's column, or the lower of two joined headers: "group_site/site_name" and
    "Where? / site_name" ask for site_name."""
    lower = name.rsplit(" / ", 1)[-1]
    return re.split(r"/|::", lower)[-1] if re.search(r"\w(?:/|::)\w{2,}", lower) else lower


@lru_cache(maxsize=4096)
def spellings(name: str) -> tuple[str, ...]:
    """A name as it is compared: whole, as the lower of two headers, and as the last of a survey's groups."""
    return tuple(dict.fromkeys(squeezed(n) for n in (name, name.rsplit(" / ", 1)[-1], last_group(name))))


def _counting(probe: Probe, counts: str, prefer: Sequence[str]) -> list[str]:
    """The columns that could be the number of people (households) of a row, best first."""
    from migmap.geo.peoplenames import people_first

    return [column.column for column in people_first(_people(probe), counts, prefer)]


def _people(probe: Probe) -> tuple[PeopleColumn, ...]:
    """The columns of numbers that count people or households, broken down."""
    from migmap.geo.peoplenames import people_columns

    return people_columns([c.name for c in probe.columns if is_number(c) and not _is_share(c)], probe.hxl)


def other_columns(
    probe: Probe, roles: Mapping[str, str], prefer: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Role -> further columns that could be it: of people and households, those that are no part of the
    one proposed."""
    from migmap.geo.peoplenames import holds

    known = {column.column: column for column in _people(probe)}
    found: dict[str, tuple[str, ...]] = {}
    for role, counts in (("people", "individuals"), ("households", "households")):
        first = known.get(roles.get(role, ""))
        if first is None:
            continue
        rest = [
            name
            for name in _counting(probe, counts, prefer)
            if name != first.column
            and name not in roles.values()
            and not holds(first, known[name])
            and known[name].date == first.date
            and known[name].status == first.status
        ]
        if rest:
            found[role] = tuple(rest)
    return found


def is_number(column: ColumnInfo) -> bool:
    """True for a column of numbers, also one whose numbers are written as text."""
    if column.dtype in ("int", "float"):
        return True
    if column.dtype != "text" or not column.samples:
        return False
    plain_ones = [s for s in column.samples if s.strip().lower() not in _NO_VALUE]
    return bool(plain_ones) and all(_NUMBER.fullmatch(s.strip()) for s in plain_ones)


_NO_VALUE = ("", "-", "–", "na", "n/a", "nan", "null", "none", "*", ".", "..")
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[ ,'\u00a0\u202f]\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?")


def _is_share(column: ColumnInfo) -> bool:
    """True where the values seen are all parts of one: a share of women is no number of women."""
    if column.dtype != "float" or not column.samples:
        return False
    try:
        values = [float(s) for s in column.samples]
    except ValueError:
        return False
    return all(0 <= v <= 1 for v in values) and any(0 < v < 1 for v in values)


def _fits(role: Role, column: ColumnInfo, sure: bool = False) -> bool:
    """Whether a role can be played by such values. sure: the name or tag is exactly the role's, so that a
    column without a single value so far may be it."""
    if role.unit:
        return (is_number(column) and not (role.unit == "people" and _is_share(column))) or (
            sure and not column.samples and role.name not in ("people", "households")
        )
    if not sure and not column.samples:
        return False
    return column.dtype == "text" or not role.name.endswith(("name", "name_ur"))


def same_tag(tag: str, wanted: str) -> bool:
    """True when an HXL tag has the wanted one's hashtag and all its attributes, and is not narrower by
    sex, age or origin than what was asked for."""
    have, want = tag.split("+"), wanted.split("+")
    if have[0] != want[0] or not set(want[1:]) <= set(have[1:]):
        return False
    narrower = {"f", "m", "children", "adults", "elderly", "infants", "origin", "i_ur", "i_en", "reported"}
    return not (set(have[1:]) - set(want[1:])) & narrower


def _contains(name: str, alias: str) -> bool:
    """True when a long enough alias begins or ends the words of the name, and no word makes it another
    quantity."""
    words, wanted = words_of(name), words_of(alias)
    if len("".join(wanted)) < 6 or len(words) <= len(wanted) or len(words) > len(wanted) + 3:
        return False
    rest = words[len(wanted) :] if words[: len(wanted)] == wanted else None
    if rest is None and words[-len(wanted) :] == wanted:
        rest = words[: -len(wanted)]
    return rest is not None and not _OTHER_QUANTITY & set(rest)


def pcode_levels(probe: Probe) -> dict[int, str]:
    """Admin level -> its P-code column; level 9 for a P-code that names no level. A column of plain
    numbers is no P-code, whatever its name."""
    found: dict[int, str] = {}
    for column in probe.columns:
        level = _pcode_level(column.name, probe.hxl.get(column.name, ""))
        if level is None and column.samples:
            # "Admin 1" over codes.
            bare = re.fullmatch(r"(?:adm|admin|adminlevel)([1-5])", squeezed(last_group(column.name)))
            level = int(bare.group(1)) if bare else None
        if level is not None and _looks_like_pcodes(column, level):
            found.setdefault(level, column.name)
    return found


def _pcode_level(name: str, tag: str) -> int | None:
    parts = tag.split("+")
    tagged = re.fullmatch(r"#adm([0-5])", parts[0])
    if "origin" in parts or "dest" in parts or "parent" in parts:
        return None
    if ("code" in parts or "pcode" in parts) and (tagged or parts[0] == "#adm"):
        return int(tagged.group(1)) if tagged else _OWN
    if (parts[0] == "#country" and "code" in parts) or squeezed(name) in ("admin0pcode", "adm0pcode"):
        return 0
    bare = squeezed(last_group(name))
    if bare in _OWN_CODE:
        return _OWN
    numbered = re.fullmatch(r"(?:adm|admin|adminlevel|level)([0-5])(?:p?codes?|pcod)", bare) or re.fullmatch(
        r"pcode(?:s)?(?:adm|admin|level)?([0-5])", bare
    )
    if numbered:
        return int(numbered.group(1))
    worded = re.fullmatch(r"([a-z]+?)(?:p?code|pcod)", bare)
    level = _LEVEL_WORDS.get(worded.group(1)) if worded else None
    # "country_code" is as a rule the ISO code beside the data, not the code of what a row is.
    return None if level == 0 and "pcode" not in bare else level


def _looks_like_pcodes(column: ColumnInfo, level: int) -> bool:
    if column.dtype not in ("text", "object", "str", "string"):
        return False
    if not column.samples:
        return True
    shape = _COUNTRY if level == 0 else _PCODE
    return sum(bool(shape.fullmatch(s.strip())) for s in column.samples) * 2 > len(column.samples)


_LANGUAGES = (
    "en",
    "nameen",
    "eng",
    "name",
    "namefr",
    "fr",
    "namees",
    "es",
    "namept",
    "pt",
    "nameid",
    "id",
    "",
)
"""Endings of a column with names of a level, English first, then what can be read in Latin letters."""


def name_levels(probe: Probe, suffixes: Iterable[str] = _LANGUAGES) -> dict[int, str]:
    """Admin level -> the column with its name, in English where there is one; text columns only."""
    found: dict[int, tuple[int, str]] = {}
    wanted = tuple(suffixes)
    for column in probe.columns:
        if column.dtype != "text":
            continue
        told = _name_level(squeezed(last_group(column.name)), probe.hxl.get(column.name, ""), wanted)
        if told is None:
            told = _bare_level(column)
        if told is not None and (told[0] not in found or told[1] < found[told[0]][0]):
            found[told[0]] = (told[1], column.name)
    return {level: name for level, (_, name) in found.items()}


def _bare_level(column: ColumnInfo) -> tuple[int, int] | None:
    """ "Admin 1" over words is the name, as long as no column says so better; over codes it is none."""
    bare = re.fullmatch(r"(?:adm|admin|adminlevel|level)([0-5])", squeezed(last_group(column.name)))
    if bare is None or (column.samples and _looks_like_pcodes(column, int(bare.group(1)))):
        return None
    return int(bare.group(1)), 40


def _name_level(bare: str, tag: str, suffixes: tuple[str, ...]) -> tuple[int, int] | None:
    """(level, rank): the lower the rank, the better the column."""
    parts = tag.split("+")
    tagged = re.fullmatch(r"#adm([0-5])", parts[0])
    if "origin" in parts or "dest" in parts:
        return None
    if tagged and ("name" in parts or len(parts) == 1) and not {"alt", "i_ur", "i_ar"} & set(parts):
        return int(tagged.group(1)), -1
    if parts[0] == "#country" and ("name" in parts or len(parts) == 1):
        return 0, -1
    for rank, suffix in enumerate(suffixes):
        numbered = re.fullmatch(rf"(?:adm|admin|adminlevel)([0-5]){suffix}", bare)
        if numbered and suffix:
            return int(numbered.group(1)), rank
        word = bare.removesuffix(suffix) if suffix else bare
        if bare.endswith(suffix) and word in _LEVEL_WORDS:
            return _LEVEL_WORDS[word], 20 + rank
    gadm = re.fullmatch(r"name([0-5])", bare)
    return (int(gadm.group(1)), 20) if gadm else None


def admin_roles(probe: Probe) -> dict[str, str]:
    """The roles every kind shares: "pcode" (the P-code of the finest level below the country),
    "adm1_pcode", "adm1_name" and so on for the coarser ones and for the names."""
    codes, names = pcode_levels(probe), name_levels(probe)
    roles: dict[str, str] = {}
    finest = max(codes, default=0)
    if finest > 0:
        roles["pcode"] = codes.pop(finest)
    for level, column in codes.items():
        if level <= 4:
            roles[f"adm{level}_pcode"] = column
    for level, column in names.items():
        if level <= 4:
            roles[f"adm{level}_name"] = column
    return roles


def words_in_name(probe: Probe) -> set[str]:
    """The words of the file's and layer's name, with neighbouring pairs joined."""
    words = words_of(PurePath(probe.source.path.replace("\\", "/")).name) + words_of(probe.name)
    return set(words) | {a + b for a, b in pairwise(words)}


def named_like(probe: Probe, *stems: str) -> bool:
    """True when a word of the file's name begins with one of `stems`."""
    return any(word.startswith(stems) for word in words_in_name(probe))


def has_column(probe: Probe, *names: str) -> bool:
    """True when a column has one of the names."""
    bare = {key for c in probe.columns for key in spellings(c.name)}
    return any(squeezed(name) in bare for name in names)


def column_like(probe: Probe, *aliases: str) -> str | None:
    """The first column with one of the names; None without."""
    by_name = {key: c.name for c in reversed(probe.columns) for key in spellings(c.name)}
    return next((by_name[squeezed(a)] for a in aliases if squeezed(a) in by_name), None)


def tagged(probe: Probe, *heads: str) -> bool:
    """True when a column's HXL tag begins with one of `heads`, followed by nothing or attributes."""
    return any(tag == head or tag.startswith(head + "+") for tag in probe.hxl.values() for head in heads)


def samples_of(probe: Probe, column: str | None) -> tuple[str, ...]:
    """A few values of a column; () without the column."""
    return next((c.samples for c in probe.columns if column is not None and c.name == column), ())


def values_of(probe: Probe, column: str | None) -> tuple[str, ...]:
    """A few values of a column, lower-case, without accents; () without the column."""
    return tuple(plain(sample) for sample in samples_of(probe, column))
