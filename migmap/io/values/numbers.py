"""Number columns that arrive as text: "1,234", "1.234,5", "12 km", with "-" or "NA" where nobody counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from migmap.api import AS_FOUND, Change, Finding, Reading

from .amounts import PLAIN, Amount, amount_of, gap_of, is_blank, number_of, value_of
from .colnames import (
    is_code_name,
    is_count_name,
    is_measure_name,
    is_number_name,
    is_position_name,
    is_quantity_name,
)
from .numberssaid import MOST_CHANGES, ReadColumn, findings_of, some
from .texts import Coded, arrow_text, coded, is_text, sample_of
from .units import factor, unit_of_name

__all__ = [
    "is_blank",
    "is_code_name",
    "is_text",
    "may_be_thousands",
    "number_of",
    "numbers_from_text",
    "plain_numbers",
    "whole_if_possible",
]

_CLEAR_MAJORITY = 0.8
_ENOUGH = 4
"""Numbers a column with words among them must have at least: three numbers and a word are a list of names."""
_PLAIN = re.compile(PLAIN)
_PLAIN_RE2 = f"^{PLAIN}$"
_LONG_PLUS = r"^\+[0-9]{7,}$"
_GROUPED_RE2 = r"^-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?$"
_GROUPED_OR_PLAIN = r"-?(?:0|[1-9][0-9]{0,14}|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?"
_GROUPED_OR_SMALL = re.compile(r"-?[1-9][0-9]{0,2}(?:[,.' ][0-9]{3})+|0|[1-9][0-9]{0,2}")
_UNSURE_POINT = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
_WORD_WITH_DIGITS = re.compile(r"\d")


def whole_if_possible(values: np.ndarray) -> np.ndarray:
    """int64 when every value is a whole number that float64 holds exactly, else the float64 given."""
    if (
        len(values)
        and np.isfinite(values).all()
        and (np.abs(values) < 2**53).all()
        and (values == np.floor(values)).all()
    ):
        return values.astype(np.int64)
    return values


def may_be_thousands(texts: pyarrow.Array, name: str) -> bool:
    """True for a column that counts and whose points all stand before three digits: "1.234 people"."""
    if not is_count_name(name):
        return False
    head = [t for t in texts.slice(0, 200).drop_null().to_pylist() if "." in t]
    if not head or not all(re.fullmatch(_UNSURE_POINT, t.strip()) for t in head):
        return False
    points = texts.filter(pc.match_substring(texts, "."))
    return len(points) > 1 and bool(pc.all(pc.match_substring_regex(points, _UNSURE_POINT)).as_py())


def plain_numbers(texts: pyarrow.Array) -> np.ndarray | None:
    """float64 (NaN for null) when every text is a number in plain digits without leading zeros; else None."""
    head = texts.slice(0, 50).drop_null().to_pylist()
    if texts.null_count == len(texts) or not all(_PLAIN.fullmatch(v.strip()) for v in head):
        return None
    try:
        numbers = pc.cast(texts, pyarrow.float64())
    except pyarrow.ArrowInvalid:
        # Spaces around, or a leading plus, which Arrow does not know.
        texts = pc.utf8_trim_whitespace(texts)
        if pc.any(pc.match_substring_regex(texts, _LONG_PLUS)).as_py():
            return None
        texts = pc.replace_substring_regex(texts, r"^\+", "")
        try:
            numbers = pc.cast(texts, pyarrow.float64())
        except pyarrow.ArrowInvalid:
            return None
    # Arrow reads "007", "nan" and "1e5" too.
    if not pc.all(pc.match_substring_regex(texts, _PLAIN_RE2)).as_py():
        return None
    return np.asarray(pc.fill_null(numbers, np.nan) if numbers.null_count else numbers)


@dataclass(slots=True, eq=False)
class _Candidate:
    """A text column of numbers, before it is decided how its marks are read."""

    name: str
    texts: Coded
    amounts: list[Amount | None]
    points: int
    commas: int
    unsure: int
    unsure_places: list[int]
    units: Counter[str]
    numbers: int


def numbers_from_text(
    frame: pd.DataFrame, rows: np.ndarray, reading: Reading = AS_FOUND
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """`frame` with its number columns that came as text as numbers, whole ones int64 where no row is
    blank, else float64. A column is a number column when every value is a number or a sign for "no value",
    or all but a few words are, and its name is no code's. What "-" or "NA" said becomes null, never 0.

    Findings: "text-numbers" (`count` columns), "values-not-assessed", "values-unreadable",
    "values-approximate", "values-with-units", and the fixes "nil-as-zero", "mixed-units",
    "number-marks-unsure".
    """
    candidates: list[_Candidate] = []
    read: list[ReadColumn] = []
    for name in frame.columns:
        column = frame[name]
        if (
            name == "geometry"
            or not is_text(column)
            or (is_code_name(str(name)) and not is_number_name(str(name)))
            or is_position_name(str(name))
        ):
            continue
        quick = _grouped(str(name), column)
        if quick is not None:
            read.append(quick)
            continue
        found = _candidate(str(name), column)
        if found is not None:
            candidates.append(found)
    points = sum(c.points for c in candidates) + len(read)
    commas = sum(c.commas for c in candidates)
    findings: list[Finding] = []
    for one in candidates:
        mark, unsure = _mark(one, points, commas)
        turned = "number-marks-unsure" in reading.fixes
        if unsure and not is_position_name(one.name):
            findings.append(_marks_finding(one, rows, turned))
            mark = _other(mark) if turned else mark
        column_read, more = _values(one, mark, rows, reading)
        findings += more
        if column_read is not None:
            read.append(column_read)
    if not read:
        return frame, tuple(findings)
    changed = {c.name: pd.Series(whole_if_possible(c.values), index=frame.index, name=c.name) for c in read}
    return frame.assign(**changed), (*findings_of(read, rows, reading), *findings)


# --- one column


def _candidate(name: str, column: pd.Series) -> _Candidate | None:
    texts = arrow_text(column)
    if texts is None or texts.null_count == len(texts):
        return None
    sample = [t for t in sample_of(texts) if not gap_of(t)]
    if sum(amount_of(t) is not None for t in sample) < 0.5 * len(sample):
        return None
    found = coded(texts)
    amounts = _amounts(found.uniques)
    filled = [i for i, text in enumerate(found.uniques) if amounts[i] is not None or not gap_of(text)]
    good = [i for i in filled if amounts[i] is not None]
    if is_position_name(name) and (len(good) < len(filled) or not all(_bare(amounts[i]) for i in good)):
        # "34,015" and "34°N" are read by who looks for positions.
        return None
    if not good or (len(good) < len(filled) and not _mostly_numbers(name, found, amounts, filled)):
        return None
    if is_code_name(name) and not all(_cannot_be_a_code(found.uniques[i]) for i in good):
        return None
    if _is_a_list_of_choices([found.uniques[i] for i in good], name):
        return None
    units: Counter[str] = Counter()
    points = commas = unsure = 0
    unsure_places = []
    for i in good:
        amount, rows = amounts[i], int(found.counts[i])
        if amount is None:
            continue
        if amount.other is not None:
            unsure += rows
            unsure_places.append(i)
        points += rows * (amount.decimal == ".")
        commas += rows * (amount.decimal == ",")
        if amount.unit:
            units[amount.unit] += rows
    if units and not _units_meant(name, units, int(found.counts[good].sum())):
        return None
    numbers = int(found.counts[good].sum())
    return _Candidate(name, found, amounts, points, commas, unsure, unsure_places, units, numbers)


def _cannot_be_a_code(text: str) -> bool:
    """Nobody writes the thousands of a serial number apart."""
    return _GROUPED_OR_SMALL.fullmatch(text.strip()) is not None


def _bare(amount: Amount | None) -> bool:
    return amount is not None and (amount.plain or (amount.decimal != "," and amount.other is None))


def _amounts(uniques: list[str]) -> list[Amount | None]:
    """`amount_of` of each; Arrow takes the plain and the grouped ones first where there are many."""
    if len(uniques) < 5_000:
        return [amount_of(text) for text in uniques]
    array = pyarrow.array(uniques, type=pyarrow.large_string())
    plain = _matches(array, _PLAIN_RE2) & ~_matches(array, _UNSURE_POINT) & ~_matches(array, _LONG_PLUS)
    grouped = _matches(array, _GROUPED_RE2)
    easy = plain | grouped
    chosen = array.filter(pyarrow.array(easy))
    bare = pc.replace_substring_regex(pc.replace_substring(chosen, ",", ""), r"^\+", "")
    numbers = pc.cast(bare, pyarrow.float64()).to_pylist()
    # One comma before three digits, and nothing else, may be a decimal comma too.
    unsure = grouped[easy] & ~_matches(chosen, r",.*[.,]")
    proven = _matches(chosen, r"\.") | (grouped[easy] & ~unsure)
    result: list[Amount | None] = [None] * len(uniques)
    marks = zip(plain[easy].tolist(), unsure.tolist(), proven.tolist(), strict=True)
    for place, value, (is_plain, is_unsure, is_proven) in zip(
        np.flatnonzero(easy).tolist(), numbers, marks, strict=True
    ):
        other = value / 1000 if is_unsure else None
        result[place] = Amount(value, other, "." if is_proven else "", "", "", is_plain)
    for place in np.flatnonzero(~easy).tolist():
        result[place] = amount_of(uniques[place])
    return result


def _matches(array: pyarrow.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.match_substring_regex(array, pattern), dtype=bool)


def _grouped(name: str, column: pd.Series) -> ReadColumn | None:
    """The quick way for long columns of nothing but plain numbers and numbers such as "1,234,567", where
    some of them prove that the comma stands for thousands. None for others."""
    if len(column) < 20_000:
        return None
    texts = arrow_text(column)
    if texts is None:
        return None
    head = texts.slice(0, 50).drop_null().to_pylist()
    if not head or not all(re.fullmatch(_GROUPED_OR_PLAIN, text) for text in head):
        return None
    if not pc.all(pc.match_substring_regex(texts, f"^{_GROUPED_OR_PLAIN}$")).as_py():
        return None
    proof = r",[0-9]{3},|,[0-9]{3}\.|\.(?:[0-9]{1,2}|[0-9]{4,})$"
    if not pc.any(pc.match_substring_regex(texts, proof)).as_py():
        return None
    numbers = pc.cast(pc.replace_substring(texts, ",", ""), pyarrow.float64())
    values = np.asarray(pc.fill_null(numbers, np.nan) if numbers.null_count else numbers)
    told = pc.fill_null(pc.match_substring(texts, ","), False)
    return ReadColumn(name, values, np.asarray(told, dtype=bool))


def _mostly_numbers(name: str, found: Coded, amounts: Sequence[Amount | None], filled: Sequence[int]) -> bool:
    """Whether what is no number among them are words that somebody wrote beside numbers."""
    odd = [i for i in filled if amounts[i] is None]
    numbers = int(found.counts[[i for i in filled if amounts[i] is not None]].sum())
    others = int(found.counts[odd].sum())
    if numbers < _ENOUGH or numbers < _CLEAR_MAJORITY * (numbers + others):
        return False
    with_digits = [i for i in odd if _WORD_WITH_DIGITS.search(found.uniques[i])]
    # "12A", "2-3" and "007" among numbers say that these are names of houses or blocks, unless the column
    # is called a quantity.
    return not with_digits or is_quantity_name(name)


def _is_a_list_of_choices(texts: Sequence[str], name: str) -> bool:
    """ "1,3" beside "2,4" and "3": chosen answers; "101 102" beside "101": codes."""
    if is_quantity_name(name):
        return False
    pairs = [t.strip().split(",") for t in texts if re.fullmatch(r"\s*\d{1,2},\d{1,2}\s*", t)]
    if len(pairs) >= 2 and all(a.isdigit() and b.isdigit() and int(a) < int(b) for a, b in pairs):
        return True
    spaced = [t.split() for t in texts if re.fullmatch(r"\s*\d{3}( \d{3})+\s*", t)]
    codes = {t.strip() for t in texts if re.fullmatch(r"\s*\d{3}\s*", t)}
    return len(spaced) >= 2 and bool(codes) and all(part in codes for group in spaced for part in group)


def _units_meant(name: str, units: Counter[str], numbers: int) -> bool:
    """ "12 m" is a length where most cells or the column's name say so, not among house numbers."""
    return 2 * sum(units.values()) >= numbers or is_quantity_name(name) or bool(unit_of_name(name)[1])


def _mark(one: _Candidate, points: int, commas: int) -> tuple[str, bool]:
    """(decimal mark of the column, whether nothing proves it).

    What the column's own numbers prove comes first, then those of the other columns. Without proof a comma
    stands for thousands and a point for decimals; that is said where it matters.
    """
    if not one.unsure:
        return ".", False
    if bool(one.points) != bool(one.commas):
        return ("." if one.points else ","), False
    if one.points:
        return ("." if one.points >= one.commas else ","), True
    unsure = [one.texts.uniques[i] for i in one.unsure_places]
    if bool(points) != bool(commas):
        if commas and is_count_name(one.name) and any("," in text for text in unsure):
            # "1,5" elsewhere makes no 1.234 people of "1,234": nobody counts in thousandths.
            return ".", True
        return ("." if points else ","), False
    with_points = sum("." in text for text in unsure)
    if with_points and with_points < len(unsure):
        return ".", True  # both: "1,234" and "1.234" in one column
    # "1,234" is thousands for nearly everybody here, most of all for what is counted. "1.234" is not.
    if with_points:
        return ".", is_count_name(one.name) and len(unsure) > 1
    # Where every figure that is measured has three digits behind its comma, they may be decimals.
    return ".", one.unsure == one.numbers and len(unsure) > 1 and is_measure_name(one.name)


def _other(mark: str) -> str:
    return "," if mark == "." else "."


def _marks_finding(one: _Candidate, rows: np.ndarray, turned: bool) -> Finding:
    first = one.texts.uniques[one.unsure_places[0]].strip()
    amount = one.amounts[one.unsure_places[0]]
    as_read = value_of(amount, ".") if amount else 0.0
    turned_value = value_of(amount, ",") if amount else 0.0
    told = one.texts.rows_of(one.unsure_places)
    changes = _changes(
        one,
        rows,
        told,
        {i: (value_of(a, "."), value_of(a, ",")) for i in one.unsure_places if (a := one.amounts[i])},
        "the other mark is the decimal one",
    )
    used = turned_value if turned else as_read
    return Finding(
        "number-marks-unsure",
        "info" if turned else "warning",
        f"Nothing in “{one.name}” proves whether “{first}” means {as_read:,.15g} or {turned_value:,.15g}; it "
        f"was read as {used:,.15g}.",
        count=int(told.sum()),
        rows=some(rows[told]),
        fix=f"Reads such numbers in “{one.name}” the other way: “{first}” as {turned_value:,.15g}.",
        applied=turned,
        changes=changes,
    )


def _changes(
    one: _Candidate, rows: np.ndarray, told: np.ndarray, news: dict[int, tuple[float | None, float]], why: str
) -> tuple[Change, ...]:
    found = []
    for place in np.flatnonzero(told)[:MOST_CHANGES].tolist():
        pair = news.get(int(one.texts.codes[place]))
        if pair is not None:
            old = one.texts.uniques[one.texts.codes[place]] if pair[0] is None else f"{pair[0]:.15g}"
            found.append(Change(int(rows[place]), one.name, old, f"{pair[1]:.15g}", why))
    return tuple(found)


def _values(
    one: _Candidate, mark: str, rows: np.ndarray, reading: Reading
) -> tuple[ReadColumn | None, list[Finding]]:
    findings: list[Finding] = []
    texts, amounts = one.texts, one.amounts
    numbers = [np.nan if a is None else value_of(a, mark) for a in amounts]
    unit = ""
    if one.units:
        header = unit_of_name(one.name)[1]
        wanted = header or one.units.most_common(1)[0][0]
        strange = [u for u in one.units if u != wanted]
        if strange:
            finding, scaled = _mixed(one, numbers, wanted, header, rows, reading)
            findings.append(finding)
            if scaled is None:
                return None, findings
            numbers = scaled
        unit = wanted
    spread = texts.spread([*numbers, np.nan])
    odd = [i for i, a in enumerate(amounts) if a is not None and not a.plain]
    gaps = [gap_of(t) if a is None else "" for t, a in zip(texts.uniques, amounts, strict=True)]
    nil = texts.rows_of(i for i, gap in enumerate(gaps) if gap == "nil")
    if nil.any() and "nil-as-zero" in reading.fixes:
        spread = np.where(nil, 0.0, spread)
    said = [i for i, gap in enumerate(gaps) if gap in ("not assessed", "unknown")]
    empty = [i for i, gap in enumerate(gaps) if gap == "blank" and texts.uniques[i].strip()]
    words = [i for i, (a, gap) in enumerate(zip(amounts, gaps, strict=True)) if a is None and not gap]
    hedged = [i for i, a in enumerate(amounts) if a is not None and a.hedge]
    column = ReadColumn(one.name, spread, texts.rows_of([*odd, *said, *empty]) | nil, unit=unit, texts=texts)
    column.blanks = int(texts.counts[[*empty, *said]].sum()) + int(nil.sum())
    column.nil = nil
    column.gaps = Counter({texts.uniques[i].strip(): int(texts.counts[i]) for i in said})
    column.gap_rows = texts.rows_of(said)
    column.words = Counter({texts.uniques[i].strip(): int(texts.counts[i]) for i in words})
    column.word_rows = texts.rows_of(words)
    for i in hedged:
        column.hedges[a.hedge if (a := amounts[i]) else ""] += int(texts.counts[i])
    column.hedge_rows = texts.rows_of(hedged)
    if unit and not unit_of_name(one.name)[1]:
        column.without_unit = texts.rows_of(i for i, a in enumerate(amounts) if a is not None and not a.unit)
    return column, findings


def _mixed(
    one: _Candidate, numbers: list[float], wanted: str, header: str, rows: np.ndarray, reading: Reading
) -> tuple[Finding, list[float] | None]:
    """Cells in several units: (what to say, the numbers converted where that is asked for)."""
    told = one.texts.rows_of(
        i for i, a in enumerate(one.amounts) if a is not None and a.unit and a.unit != wanted
    )
    listed = ", ".join(f"{u} ({n:,})" for u, n in one.units.most_common(6))
    factors = {u: factor(u, wanted) for u in one.units}
    where = f"its name says {header}, its cells say {listed}" if header else f"its cells say {listed}"
    if any(f is None for f in factors.values()):
        return (
            Finding(
                "mixed-units",
                "warning",
                f"“{one.name}” holds numbers in units that do not measure the same ({where}); it stays text.",
                count=int(told.sum()),
                rows=some(rows[told]),
            ),
            None,
        )
    scaled = [
        number * (factors[a.unit] or 1.0) if a is not None and a.unit else number
        for number, a in zip(numbers, one.amounts, strict=True)
    ]
    applied = "mixed-units" in reading.fixes
    news: dict[int, tuple[float | None, float]] = {
        i: (None, scaled[i]) for i, a in enumerate(one.amounts) if a is not None and a.unit
    }
    done = f"all were converted to {wanted}" if applied else "it stays text until they are converted"
    return (
        Finding(
            "mixed-units",
            "info" if applied else "warning",
            f"“{one.name}” holds numbers in several units ({where}); {done}.",
            count=int(told.sum()),
            rows=some(rows[told]),
            fix=f"Converts every number of “{one.name}” to {wanted} and reads the column as numbers.",
            applied=applied,
            changes=_changes(one, rows, told, news, f"converted to {wanted}"),
        ),
        scaled if applied else None,
    )
