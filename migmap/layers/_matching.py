"""From the names people give columns to the roles columns play.

Names are compared without case and without anything that is not a letter or digit, so `ADM2_PCODE`,
`adm2 pcode` and `Adm2.PCode` are one. HXL tags decide first, then exact aliases, then, cautiously, an
alias at the beginning or end of a longer name. Each column plays at most one role.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath

from migmap.api import ColumnInfo, Probe, Role

_LEVEL_WORDS = {
    "country": 0,
    "province": 1,
    "prov": 1,
    "governorate": 1,
    "region": 1,
    "state": 1,
    "district": 2,
    "districts": 2,
    "dist": 2,
    "zila": 2,
    "tehsil": 3,
    "taluka": 3,
    "taluk": 3,
    "subdistrict": 3,
    "unioncouncil": 4,
    "uc": 4,
}
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


def squeezed(name: str) -> str:
    """Letters and digits only, lower-case."""
    return re.sub(r"[\W_]+", "", name.lower())


def words_of(name: str) -> list[str]:
    """The words of a name: `numPresentIdpInd` gives num, present, idp, ind."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [w for w in re.split(r"[\W_]+", spaced.lower()) if w]


def match_roles(
    probe: Probe, roles: Sequence[Role], taken: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Role -> column, for the roles a column was found for. `taken`: already decided. A role with a unit
    takes number columns only."""
    found: dict[str, str] = dict(taken or {})
    used = set(found.values())

    def free(role: Role) -> list[ColumnInfo]:
        return [c for c in probe.columns if c.name not in used and _fits(role, c)]

    def take(role: Role, column: ColumnInfo) -> None:
        found[role.name] = column.name
        used.add(column.name)

    # P-codes are told by their values too (`pcode_levels`), never by name alone.
    open_roles = [r for r in roles if r.name not in found and not re.fullmatch(r"(adm\d_)?pcode", r.name)]
    for role in open_roles:
        tagged = next(
            (c for tag in role.hxl for c in free(role) if same_tag(probe.hxl.get(c.name, ""), tag)), None
        )
        if tagged is not None:
            take(role, tagged)
    for role in open_roles:
        if role.name in found:
            continue
        columns = {squeezed(c.name): c for c in reversed(free(role))}
        exact = next((columns[a] for alias in role.aliases if (a := squeezed(alias)) in columns), None)
        if exact is not None:
            take(role, exact)
    for role in open_roles:
        if role.name not in found:
            near = next((c for alias in role.aliases for c in free(role) if _contains(c.name, alias)), None)
            if near is not None:
                take(role, near)
    return found


def _fits(role: Role, column: ColumnInfo) -> bool:
    if role.unit:
        return column.dtype in ("int", "float")
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
        if level is not None and _looks_like_pcodes(column, level):
            found.setdefault(level, column.name)
    return found


def _pcode_level(name: str, tag: str) -> int | None:
    parts = tag.split("+")
    tagged = re.fullmatch(r"#adm([0-5])", parts[0])
    if "origin" in parts or "parent" in parts:
        return None
    if ("code" in parts or "pcode" in parts) and (tagged or parts[0] == "#adm"):
        return int(tagged.group(1)) if tagged else _OWN
    if (parts[0] == "#country" and "code" in parts) or squeezed(name) in ("admin0pcode", "adm0pcode"):
        return 0
    bare = squeezed(name)
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


def name_levels(
    probe: Probe, suffixes: Iterable[str] = ("en", "name", "nameen", "eng", "")
) -> dict[int, str]:
    """Admin level -> the column with its name in English; text columns only."""
    found: dict[int, str] = {}
    wanted = tuple(suffixes)
    for column in probe.columns:
        if column.dtype != "text":
            continue
        level = _name_level(squeezed(column.name), probe.hxl.get(column.name, ""), wanted)
        if level is not None:
            found.setdefault(level, column.name)
    return found


def _name_level(bare: str, tag: str, suffixes: tuple[str, ...]) -> int | None:
    parts = tag.split("+")
    tagged = re.fullmatch(r"#adm([0-5])", parts[0])
    if tagged and "name" in parts and not {"origin", "alt", "i_ur"} & set(parts):
        return int(tagged.group(1))
    for suffix in suffixes:
        numbered = re.fullmatch(rf"(?:adm|admin)([0-5]){suffix}", bare)
        if numbered and suffix:
            return int(numbered.group(1))
        word = bare.removesuffix(suffix) if suffix else bare
        if bare.endswith(suffix) and word in _LEVEL_WORDS:
            return _LEVEL_WORDS[word]
    gadm = re.fullmatch(r"name([0-5])", bare)
    return int(gadm.group(1)) if gadm else None


def admin_roles(probe: Probe) -> dict[str, str]:
    """The roles every kind shares: "pcode" (the P-code of the finest level below the country),
    "adm1_pcode", "adm1_name" and so on for the coarser ones and for the names."""
    codes, names = pcode_levels(probe), name_levels(probe)
    roles: dict[str, str] = {}
    finest = max(codes, default=0)
    if finest > 0:
        roles["pcode"] = codes.pop(finest)
    for level, column in codes.items():
        roles[f"adm{level}_pcode"] = column
    for level, column in names.items():
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
    bare = {squeezed(c.name) for c in probe.columns}
    return any(squeezed(name) in bare for name in names)
