"""Which lines of the migration frameworks a metric speaks to: codes to print beside a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

REFUGEE_KINDS = ("refugee_village", "unhcr_location")
"""Kinds of layers about refugees. The Global Compact for Migration does not cover them, so that its codes are
only themes that agree with it."""
SUDDEN = ("flood", "landslide", "glacial-lake-outburst", "earthquake", "cyclone")
SLOW = ("drought", "heat")


@dataclass(frozen=True, slots=True)
class Tags:
    """Codes of four frameworks; empty where a framework has no line for the metric.

    migof: of IOM's Migration Governance Framework in the edition of Bangladesh. mcof: sectors of IOM's
    Migration Crisis Operational Framework, each with its phase where one is named ("8 before"). gcm:
    objectives of the Global Compact for Migration. sdg: goals for sustainable development. aligned: the
    metric is about refugees.
    """

    migof: tuple[str, ...] = ()
    mcof: tuple[str, ...] = ()
    gcm: tuple[str, ...] = ()
    sdg: tuple[str, ...] = ()
    aligned: bool = False

    @property
    def text(self) -> str:
        """One line: "MiGOF (Bangladesh edition) 5.1.3; MCOF 8 before, 1 and 2 during; GCM 2(h); SDG 11";
        "" without tags."""
        parts = []
        if self.migof:
            parts.append(f"MiGOF (Bangladesh edition) {', '.join(self.migof)}")
        if self.mcof:
            parts.append(f"MCOF {_phased(self.mcof)}")
        if self.gcm:
            parts.append(f"{'GCM-aligned theme' if self.aligned else 'GCM'} {', '.join(self.gcm)}")
        if self.sdg:
            parts.append(f"SDG {', '.join(self.sdg)}")
        return "; ".join(parts)


# The rows of the table of metrics and frameworks that this program's analyses can make.
_SUDDEN_SITES = Tags(("5.1.2", "5.1.3"), ("8 before", "1 during", "2 during"), ("2(h)", "2(j)"), ("11", "13"))
_SLOW_PEOPLE = Tags(("5.1.3",), ("8 before (slow onset)", "9 before (slow onset)"), ("2(i)", "5(h)"), ("13",))
_KATCHI_ABADI = Tags(("5.1.2",), ("8",), ("2(h)",), ("11", "13"))
_CASELOAD = Tags(("5.1.4", "5.2.3"), ("1", "2", "3", "4", "15"), ("2(j)", "7(j)"), ("11", "13"))
_GAPS = {
    "health": Tags(("1.1.1",), ("4",), ("15(e)",), ("3",)),
    "education": Tags(("1.1.2",), ("6",), ("15(f)",), ("4",)),
    "water": Tags(("1.1",), ("2", "4"), ("15(c)",), ("3",)),
}
_SECTOR_WORDS = {
    "health": "health bhu rhc hospital hospitals clinic clinics dispensary doctor doctors medical pharmacy",
    "education": "education school schools college university kindergarten",
    "water": "water wash sanitation latrine latrines toilet toilets tap taps handpump handpumps well wells",
}
_OF_PEOPLE = ("people", "sites")


def tags_of(
    metric: str, analysis: str, hazard_types: Sequence[str], exposed_kind: str, *, sector: str = ""
) -> Tags:
    """The tags of a metric.

    metric: as in results ("people", "affected", "need:water"). analysis: "exposure" or "service-gap".
    hazard_types: as names of files are read ("flood", "glacial-lake-outburst"); several add up. exposed_kind:
    kind of the layer whose people or sites are counted. sector: of the services, for a service gap (see
    `sector_of`). No tags for what the frameworks have no line for: ground, lengths, distances, hazards
    that nobody named.
    """
    aligned = exposed_kind in REFUGEE_KINDS
    rows: list[Tags] = []
    if analysis == "service-gap":
        if _bare(metric) in _OF_PEOPLE and sector in _GAPS:
            rows.append(_GAPS[sector])
    elif analysis == "exposure":
        sudden = any(one in SUDDEN for one in hazard_types)
        slow = any(one in SLOW for one in hazard_types)
        if (metric == "displaced" or metric.startswith("need:")) and (sudden or slow):
            rows.append(_CASELOAD)
        elif _bare(metric) in _OF_PEOPLE:
            if exposed_kind == "katchi_abadi":
                rows += [_KATCHI_ABADI] if sudden or slow else []
            elif sudden:
                rows.append(_SUDDEN_SITES)
            if slow:
                rows.append(_SLOW_PEOPLE)
    return _together(rows, aligned)


def sector_of(text: str) -> str:
    """The sector of services that a name or a condition says ("sector=health", "Basic health units"):
    health, education, water, or "" where it says none or several."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    found = [sector for sector, marks in _SECTOR_WORDS.items() if words & set(marks.split())]
    return found[0] if len(found) == 1 else ""


def _bare(metric: str) -> str:
    """ "people" for everything counted in people, "sites" for everything counted in sites."""
    if metric in ("affected", "people_min", "people_max", "joint_people", "expected_people_per_year"):
        return "people"
    return "sites" if metric in ("joint_sites", "expected_sites_per_year") else metric


def _together(rows: Iterable[Tags], aligned: bool) -> Tags:
    listed = list(rows)
    migof, mcof, gcm, sdg = (
        tuple(dict.fromkeys(code for row in listed for code in getattr(row, name)))
        for name in ("migof", "mcof", "gcm", "sdg")
    )
    # A goal is a number and sorts as one; the others keep the order of the table.
    return Tags(migof, mcof, gcm, tuple(sorted(sdg, key=float)), aligned)


def _phased(codes: Iterable[str]) -> str:
    """ "8 before, 1 and 2 during"."""
    phases: dict[str, list[str]] = {}
    for code in codes:
        number, _, phase = code.partition(" ")
        phases.setdefault(phase, []).append(number)
    said = []
    for phase, numbers in phases.items():
        listed = numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
        said.append(f"{listed} {phase}".strip())
    return ", ".join(said)
