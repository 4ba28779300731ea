"""A file as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmap.api import Problem
from migmap.io.hashing import fingerprint, sha256_of
from migmap.io.reference import Reference, parse_reference


@pytest.mark.parametrize(
    ("text", "path", "part"),
    [
        ("sites.csv", "sites.csv", None),
        ("data/my sites.gpkg::the layer", "data/my sites.gpkg", "the layer"),
        ("flood.tif::2", "flood.tif", "2"),
        (r"C:\data\flood.tif", r"C:\data\flood.tif", None),
        (r"C:\data\a.gpkg::areas", r"C:\data\a.gpkg", "areas"),
        ("!test.geojson", "!test.geojson", None),
        ("اضلاع.gpkg::پشاور", "اضلاع.gpkg", "پشاور"),
        ("book.xlsx::Sheet::one", "book.xlsx", "Sheet::one"),
        ("sites.csv::", "sites.csv", None),
    ],
)
def test_the_mark_parts_file_and_layer(text: str, path: str, part: str | None) -> None:
    assert parse_reference(text) == Reference(Path(path), part)


def test_a_file_that_holds_the_mark_in_its_name_opens(tmp_path: Path) -> None:
    odd = tmp_path / "a::b.csv"
    odd.write_text("x\n1\n")
    assert parse_reference(str(odd)) == Reference(odd, None)
    assert parse_reference(f"{odd}::c") == Reference(odd, "c")


@pytest.mark.parametrize("text", ["", "  ", "::layer", "a\0b"])
def test_no_file_named_is_a_problem(text: str) -> None:
    with pytest.raises(Problem):
        parse_reference(text)


@given(st.text(alphabet=st.characters(exclude_characters=":\0/", exclude_categories=("Cs",)), min_size=1))
def test_the_text_comes_back(name: str) -> None:
    text = f"folder/{name}::layer"
    assert str(parse_reference(text)) == str(Path(f"folder/{name}")) + "::layer"


def test_name_is_the_stem_or_the_layer() -> None:
    assert parse_reference("a/Households_2017_04.shp.zip").name == "Households_2017_04"
    assert parse_reference("a.gpkg::sites").name == "sites"
    assert parse_reference("flood.tif::2").name == "flood"
    assert parse_reference("dtm.v2.csv").name == "dtm.v2"


def test_hash_follows_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"abc")
    assert sha256_of(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    file.write_bytes(b"abcd")
    assert sha256_of(file).startswith("88d4266f")
    with pytest.raises(Problem):
        sha256_of(tmp_path / "absent")


def test_fingerprint_sees_the_files_that_belong_together(tmp_path: Path) -> None:
    for ending in ("shp", "dbf"):
        (tmp_path / f"a.{ending}").write_bytes(b"1")
    (tmp_path / "ab.dbf").write_bytes(b"1")
    reference = Reference(tmp_path / "a.shp")
    before = fingerprint(reference)
    (tmp_path / "ab.dbf").write_bytes(b"22")
    assert fingerprint(reference) == before
    (tmp_path / "a.dbf").write_bytes(b"22")
    assert fingerprint(reference) != before
    assert fingerprint(Reference(tmp_path / "none.shp")) == ""
