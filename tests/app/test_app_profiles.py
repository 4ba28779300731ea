"""Class schemes, displacement rates and needs: the built-in ones, files, faults, and writing one back."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migmap.api import (
    SCHEME_HAZARDS,
    Need,
    Needs,
    Problem,
    Profile,
    RateLine,
    Rates,
    Scheme,
    SchemeClass,
)
from migmap.app import profiles
from migmap.app.beside import in_recipe, profiles_in

BUILT_IN = profiles.listed()
SCHEMES = [one for one in BUILT_IN if isinstance(one, Scheme)]
RATES = [one for one in BUILT_IN if isinstance(one, Rates)]
NEEDS = [one for one in BUILT_IN if isinstance(one, Needs)]
FLOOD = """
title = "Depths of ours"
hazard = "flood"
quantity = "depth"
unit = "m"
by = "edges"
affected_from = "deep"
source = "The drainage department"

[[class]]
label = "wet"
from = 0.1
severity = 1

[[class]]
label = "deep"
from = 1
severity = 3
"""
LEVELS = """
title = "Levels of ours"
hazard = "flood"
quantity = "class"
unit = ""
by = "values"
source = "The drainage department"

[[class]]
label = "none"
value = 9
severity = 0
exposed = false

[[class]]
label = "some"
value = 1
severity = 1
"""
DISPLACED = """
title = "Rates of ours"
hazard = "flood"
unit = "m"
source = "Round 6"

[[rate]]
label = "wet"
from = 0.1
rate = 0.25

[[rate]]
label = "deep"
from = 1
rate = 1
source = "Round 7"
"""
WANTED = """
title = "Needs of ours"
source = "The cluster"

[[need]]
item = "water"
sector = "WASH"
per_person = 15
unit = "litres"
period = "day"
source = "The cluster, 2025"

[[need]]
item = "latrines"
title = "Latrines for all"
sector = "WASH"
people_per_unit = 20
unit = "latrines"
period = "once"
source = "The cluster, 2025"
"""


def ids(one: Profile) -> str:
    return one.name


def read(kind: str, text: str) -> Profile:
    readers: dict[str, Any] = {"schemes": profiles.scheme, "rates": profiles.rates, "needs": profiles.needs}
    found: Profile = readers[kind](text)
    return found


def lightness(colour: str) -> float:
    """Relative luminance, WCAG 2.1: how a colour prints in grey."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# -- the built-in ones ----------------------------------------------------------------------------


def test_there_are_schemes_and_rates_for_every_hazard() -> None:
    assert {one.hazard for one in SCHEMES} == set(SCHEME_HAZARDS)
    assert {one.hazard for one in RATES} == set(SCHEME_HAZARDS)
    assert NEEDS


@pytest.mark.parametrize("one", BUILT_IN, ids=ids)
def test_every_built_in_is_found_by_its_name_and_says_where_it_comes_from(one: Profile) -> None:
    assert read(profiles.kind_of(one), one.name) == one
    assert one.source
    assert one.origin == ""
    assert any(one.source in line for line in one.about())


@pytest.mark.parametrize("one", SCHEMES, ids=ids)
def test_classes_are_told_apart_by_colour_also_in_grey_and_grow_worse(one: Scheme) -> None:
    exposed = [each for each in one.classes if each.exposed]
    assert all(each.colour for each in exposed)
    # the worse the darker, by a visible step
    assert all(lightness(a.colour) - lightness(b.colour) > 0.01 for a, b in pairwise(exposed))
    assert all(a.severity <= b.severity for a, b in pairwise(one.classes))
    assert one.affected_from in [each.label for each in exposed]


@pytest.mark.parametrize("one", SCHEMES, ids=ids)
def test_edges_rise_towards_the_worse_or_fall_where_less_is_worse(one: Scheme) -> None:
    edges = [each.minimum for each in one.classes if each.minimum is not None]
    assert len(edges) == (len(one.classes) if one.by == "edges" else 0)
    assert edges == sorted(edges, reverse=one.falling)
    assert one.falling == (one.hazard == "drought")


@pytest.mark.parametrize("one", RATES, ids=ids)
def test_what_is_not_published_says_so(one: Rates) -> None:
    planning = one.name.endswith("-planning")
    assert planning == ("not published" in one.source)
    assert planning == ("planning assumption" in one.note)
    assert all(("not published" in line.source) == planning for line in one.lines)


@pytest.mark.parametrize("hazard", SCHEME_HAZARDS)
def test_every_hazard_has_rates_for_all_classes_of_a_scheme(hazard: str) -> None:
    planned = next(one for one in RATES if one.hazard == hazard and one.name.endswith("-planning"))
    labels = {line.label for line in planned.lines}
    assert any({c.label for c in one.classes if c.exposed} == labels for one in SCHEMES)


def test_published_edges() -> None:
    def edges(name: str) -> list[float | None]:
        return [one.minimum for one in profiles.scheme(name).classes]

    # InaSAFE: PetaBencana, PCRAFI, wet/dry; WMO-No. 1090; NWS; NHC
    assert edges("flood-depth") == [0.1, 0.7, 1.5]
    assert edges("flood-depth-pcrafi") == [0.2, 0.4, 1.1, 3.0]
    assert edges("flood-wet-dry") == [1.0]
    assert edges("drought-spi") == [-1.0, -1.5, -2.0]
    assert edges("heat-index") == [27, 32, 41, 54]
    assert edges("heat-index-fahrenheit") == [80, 90, 103, 125]
    assert edges("cyclone-saffir-simpson") == [63, 119, 154, 178, 209, 252]


def test_published_rates_and_needs() -> None:
    inasafe = {line.label: line.rate for line in profiles.rates("flood-inasafe").lines}
    assert inasafe == {"low": 0.01, "medium": 0.03, "high": 0.05}
    assert [line.rate for line in profiles.rates("flood-inasafe-wet").lines] == [0.01]
    sphere = {line.item: line.per_person for line in profiles.needs("sphere-2018").lines}
    assert sphere["water"] == 15
    assert sphere["latrines"] == 1 / 20
    assert sphere["taps"] == 1 / 250
    assert sphere["covered_area"] == 3.5
    unhcr = {line.item: line.per_person for line in profiles.needs("unhcr-emergency").lines}
    assert unhcr["latrines"] == 1 / 50


# -- files ----------------------------------------------------------------------------------------


def test_a_file_is_read_with_its_name_path_and_contents(tmp_path: Path) -> None:
    from migmap.io.hashing import sha256_of

    path = tmp_path / "ours.toml"
    path.write_text(FLOOD, encoding="utf-8")
    found = profiles.scheme(str(path))
    assert found == Scheme(
        name="ours",
        title="Depths of ours",
        hazard="flood",
        quantity="depth",
        unit="m",
        by="edges",
        classes=(SchemeClass("wet", 0.1, None, "", 1), SchemeClass("deep", 1.0, None, "", 3)),
        affected_from="deep",
        source="The drainage department",
        origin=str(path),
        sha256=sha256_of(path),
    )


def test_rates_take_the_source_of_the_file_where_a_line_has_none(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(DISPLACED, encoding="utf-8")
    assert profiles.rates(str(path)).lines == (
        RateLine("wet", 0.1, 0.25, "Round 6"),
        RateLine("deep", 1.0, 1.0, "Round 7"),
    )


def test_needs_are_given_a_person_or_as_people_who_share_one(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(WANTED, encoding="utf-8")
    assert [line.per_person for line in profiles.needs(str(path)).lines] == [15.0, 0.05]


def test_classes_by_value_need_no_order_of_values(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(LEVELS, encoding="utf-8")
    assert [(one.label, one.value) for one in profiles.scheme(str(path)).classes] == [
        ("none", 9.0),
        ("some", 1.0),
    ]


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(b"\xef\xbb\xbf" + FLOOD.replace("\n", "\r\n").encode())
    assert profiles.scheme(str(path)).labels == ("wet", "deep")


@pytest.mark.parametrize("one", BUILT_IN, ids=ids)
def test_a_profile_written_is_read_back_as_it_was(one: Profile, tmp_path: Path) -> None:
    path = tmp_path / "copy.toml"
    profiles.write_profile(one, path)
    back = read(profiles.kind_of(one), str(path))
    assert replace(back, origin="", sha256="") == one


WORDS = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)
LABELS = WORDS.filter(lambda text: text.casefold() not in ("unknown", "not_exposed"))
ITEMS = st.text(string.ascii_lowercase + "_", min_size=1, max_size=10).filter(lambda w: w[0] != "_")
NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False)


@given(
    labels=st.lists(LABELS, min_size=1, max_size=5, unique_by=str.casefold),
    data=st.data(),
    note=st.text(max_size=30),
    falling=st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_profile_survives_a_file_and_a_recipe(
    labels: list[str], data: st.DataObject, note: str, falling: bool, tmp_path: Path
) -> None:
    count = len(labels)
    edges = sorted(data.draw(st.lists(NUMBERS, min_size=count, max_size=count, unique=True)), reverse=falling)
    title, source = data.draw(WORDS), data.draw(WORDS)
    made: list[Profile] = [
        Scheme(
            "mine", title, "flood", note, "m", "edges",
            tuple(SchemeClass(a, b, None, "#012abc", 2) for a, b in zip(labels, edges, strict=True)),
            data.draw(st.sampled_from([None, *labels])), source, note=note, falling=falling,
        ),
        Rates(
            "mine", title, "drought", note,
            tuple(
                RateLine(a, b, data.draw(st.floats(0, 1, allow_subnormal=False)), source)
                for a, b in zip(labels, edges, strict=True)
            ),
            source, note=note, falling=falling,
        ),
        Needs(
            "mine", title,
            tuple(
                Need(item, "WASH", abs(edges[0]), "l", "day", source, note)
                for item in data.draw(st.lists(ITEMS, min_size=1, max_size=3, unique=True))
            ),
            source, edition=note,
        ),
    ]  # fmt: skip
    for one in made:
        path = tmp_path / "mine.toml"
        profiles.write_profile(one, path)
        assert replace(read(profiles.kind_of(one), str(path)), origin="", sha256="") == one
        said = json.loads(json.dumps(in_recipe({}, {"field": (one,)})))
        assert profiles_in(said, "recipe") == {"field": (one,)}


# -- faults ---------------------------------------------------------------------------------------


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(Problem) as caught:
        profiles.scheme("flood-dept")
    assert "“flood-dept”" in caught.value.title
    assert "earthquake-mmi" in caught.value.detail
    assert "Did you mean flood-depth?" in caught.value.fix


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"no\.toml does not exist"):
        profiles.rates(str(tmp_path / "no.toml"))


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is not a file"):
        profiles.needs(str(tmp_path))


@pytest.mark.parametrize("text", ["title = \n", "[[class]\n", "not toml at all"])
def test_what_is_not_toml_says_where(text: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match="is not TOML") as caught:
        profiles.scheme(str(path))
    assert "line 1" in caught.value.detail


def test_what_is_not_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(FLOOD.encode("utf-16"))
    with pytest.raises(Problem, match="not text in UTF-8"):
        profiles.scheme(str(path))


def test_a_profile_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(DISPLACED, encoding="utf-8")
    with pytest.raises(Problem, match="is a profile of displacement rates, not a class scheme"):
        profiles.scheme(str(path))


@pytest.mark.parametrize(
    ("kind", "text", "old", "new", "said"),
    [
        ("schemes", FLOOD, "from = 1\n", "from = 0.05\n", "do not rise: “deep” begins at 0.05"),
        ("schemes", FLOOD, "from = 1\n", "from = 0.1\n", "do not rise"),
        ("schemes", FLOOD, 'label = "deep"', 'label = "Wet"', "the label “Wet” is there twice"),
        ("schemes", FLOOD, 'label = "wet"', 'label = "unknown"', "called “unknown”"),
        ("schemes", FLOOD, 'label = "wet"', 'label = "not_exposed"', "called “not_exposed”"),
        ("schemes", FLOOD, 'source = "The drainage department"\n', "", "does not say “source”"),
        ("schemes", FLOOD, '"The drainage department"', '" "', "no source"),
        ("schemes", FLOOD, "quantity", "qantity", "the key “qantity”"),
        ("schemes", FLOOD, "severity = 3", "severity = 5", "the severity of “deep” is 5"),
        ("schemes", FLOOD, "severity = 3", "severity = 0", "the severity falls"),
        ("schemes", FLOOD, "severity = 3\n", "", "number 2, “deep”, does not say “severity”"),
        ("schemes", FLOOD, "severity = 3", "severity = 3\ncolour = 'red'", "the colour of “deep” is “red”"),
        ("schemes", FLOOD, "severity = 3", "severity = 3\nvalue = 3", "go by edges"),
        ("schemes", FLOOD, "severity = 3", "severity = 3\nexposed = false", "class “deep”"),
        ("schemes", FLOOD, "severity = 3", "severity = 3\nexposed = 'no'", "not true or false"),
        ("schemes", FLOOD, "from = 1\n", "from = '1 m'\n", "which is not a number"),
        ("schemes", FLOOD, "from = 1\n", "from = nan\n", "not a number"),
        ("schemes", FLOOD, "from = 1\n", "", "class “deep”"),
        ("schemes", FLOOD, 'from = "deep"', 'from = "high"', "names “high”"),
        ("schemes", FLOOD, 'hazard = "flood"', 'hazard = "floods"', "the hazard is “floods”"),
        ("schemes", FLOOD, 'by = "edges"', 'by = "value"', "“by” is “value”"),
        ("schemes", LEVELS, "value = 9", "value = 1", "the value “1” is there twice"),
        ("schemes", LEVELS, "value = 1\n", "from = 1\n", "class “some” needs a value"),
        ("schemes", LEVELS, "severity = 1", "severity = 1\nexposed = false", "no class is an exposure"),
        ("rates", DISPLACED, "rate = 0.25", "rate = 25", "shares from 0 to 1 (5 % is 0.05)"),
        ("rates", DISPLACED, "rate = 0.25", "rate = -0.1", "the rate of “wet” is -0.1"),
        ("rates", DISPLACED, "rate = 0.25", "rate = true", "which is not a number"),
        ("rates", DISPLACED, 'source = "Round 7"', 'source = ""', "the rate of “deep” has no source"),
        ("rates", DISPLACED, "from = 1\n", "from = 0\n", "do not rise"),
        ("needs", WANTED, "per_person = 15", "per_person = -15", "is -15 a person, below 0"),
        ("needs", WANTED, "people_per_unit = 20", "people_per_unit = 0", "not above 0"),
        ("needs", WANTED, "people_per_unit = 20", "", "one of per_person and people_per_unit"),
        ("needs", WANTED, '"latrines"\ntitle', '"water"\ntitle', "the item “water” is there twice"),
        ("needs", WANTED, '"latrines"\ntitle', '"La trines"\ntitle', "the item “La trines”"),
        ("needs", WANTED, 'period = "day"\n', "", "does not say “period”"),
        ("needs", WANTED, 'unit = "litres"', 'unit = ""', "has no unit"),
    ],
)
def test_a_fault_says_what_is_wrong_and_where(
    kind: str, text: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    assert old in text
    path = tmp_path / "ours.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        read(kind, str(path))
    assert said.casefold() in str(caught.value).casefold()
    assert "ours.toml" in caught.value.title
    assert caught.value.fix


def test_a_damaged_profile_in_a_recipe_is_a_problem() -> None:
    said = in_recipe({}, {"rates": (profiles.rates("flood-inasafe"),)})
    said["profiles"]["rates"][0]["lines"][0]["rate"] = 7
    with pytest.raises(Problem, match="a profile it carries is damaged"):
        profiles_in(said, "run.json")


def test_the_files_shown_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "class-schemes.md"
    blocks = [b for b in page.read_text(encoding="utf-8").split("```")[1::2] if "[[" in b]
    kinds = ["schemes", "rates", "needs"]
    for kind, block in zip(kinds, blocks, strict=True):
        path = tmp_path / f"{kind}.toml"
        path.write_text(block, encoding="utf-8")
        assert profiles.kind_of(read(kind, str(path))) == kind


def test_every_built_in_is_in_the_documentation() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "class-schemes.md"
    text = page.read_text(encoding="utf-8")
    assert not [one.name for one in BUILT_IN if f"`{one.name}`" not in text]


@pytest.mark.parametrize(
    ("read", "short", "full"),
    [
        (profiles.scheme, "flood", "flood-depth"),
        (profiles.scheme, "earthquake", "earthquake-mmi"),
        (profiles.rates, "flood", "flood-inasafe"),
        (profiles.needs, "sphere", "sphere-2018"),
    ],
)
def test_the_name_of_a_hazard_is_the_first_profile_made_for_it(read: Any, short: str, full: str) -> None:
    assert read(short).name == full
    with pytest.raises(Problem, match="There is no"):
        read("floo")
