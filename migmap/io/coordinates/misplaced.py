"""Positions that cannot be right: which mend would put them where they belong, and what else is odd.

Evidence for a mend is always a place: the country a row names, or where the other points are. A row gets a
mend only where it lies clearly outside as it stands, and exactly one mend puts it inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from migmap.api import Change, Finding

from ..wording import counted
from .countries import NOWHERE, Country, Expected, holding_most, in_boxes, inside
from .gridref import lonlat_of, utm_possible
from .oddplaces import in_range, sampled, tallied

SWAPPED = "coordinates-swapped"
FLIPPED = "sign-flipped"
PROJECTED = "coordinates-projected"
NO_POINT = "decimal-point-lost"
MINUTES = "minutes-as-decimals"
MENDS = (SWAPPED, FLIPPED, PROJECTED, NO_POINT, MINUTES)
MAX_CHANGES = 100_000
_WEB_MERCATOR = 3857
_SURE_BLANK = (-1.0, 1.0, -9.0, -99.0, 99.0, 999.0, -999.0, 9999.0, -9999.0, 99999.0, -99999.0, 999999.0)
_ODD_BLANK = (9.0,)


@dataclass(frozen=True, slots=True, eq=False)
class Mend:
    """One kind of mend. at: int64 indexes of rows. lon, lat: float64, where they would be in degrees of
    WGS 84. kind: "swap", "lat", "lon" or "both" (signs), "point", "minutes", or the EPSG code the metres
    are in, negative where the northing comes first. where: of the evidence, for a sentence ("in Pakistan").
    doubt: nothing is offered, only said."""

    code: str
    at: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    kind: np.ndarray
    where: str
    doubt: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Region:
    """Where points should be. Boxes (west, south, east, north) by row, from the row's country or from the
    other points; NaN where nothing is known. inferred: the one country that holds nearly all points."""

    expected: Expected
    cluster: tuple[float, float, float, float] | None
    spread: tuple[float, float]
    inferred: Country | None

    def boxes(self, at: np.ndarray, wide: bool) -> list[np.ndarray]:
        """[4] float64 arrays, one value for each row of `at`."""
        box = np.full((len(at), 4), np.nan)
        if self.cluster is not None:
            more_x, more_y = self.spread if wide else (0.0, 0.0)
            west, south, east, north = self.cluster
            box[:] = west - more_x, south - more_y, east + more_x, north + more_y
        of_row = self.expected.of_row
        if of_row is not None:
            margin = 0.5 if wide else 0.05
            table = np.array(
                [
                    (c.west - margin, c.south - margin, c.east + margin, c.north + margin)
                    for c in self.expected.countries
                ]
            )
            stated = of_row[at] >= 0
            box[stated] = table[of_row[at][stated]]
        return [box[:, i] for i in range(4)]

    def holds(self, at: np.ndarray, lon: np.ndarray, lat: np.ndarray, wide: bool) -> np.ndarray:
        """bool for each row of `at`: the place is where it should be; also where nothing is known."""
        if self.expected.of_row is None and self.cluster is None:
            return np.ones(len(at), dtype=bool)
        one = self.expected.one()
        if one is not None:
            return inside(one, lon, lat, 0.5 if wide else 0.05)
        west, south, east, north = self.boxes(at, wide)
        within: np.ndarray = in_boxes(lon, lat, west, south, east, north)
        within |= np.isnan(west) & in_range(lon, lat)
        if self.inferred is not None:
            free = self._free(at)
            within |= free & inside(self.inferred, lon, lat, 0.5 if wide else 0.05)
        return within

    def near(self) -> _Region:
        """The same, told by the other points alone."""
        return _Region(NOWHERE, self.cluster, self.spread, self.inferred)

    def known(self, at: np.ndarray) -> np.ndarray:
        """bool: something is known of where the row should be."""
        known: np.ndarray = np.full(len(at), self.cluster is not None) | ~self._free(at)
        return known

    def _free(self, at: np.ndarray) -> np.ndarray:
        of_row = self.expected.of_row
        free: np.ndarray = np.ones(len(at), dtype=bool) if of_row is None else of_row[at] < 0
        return free

    def words(self, at: np.ndarray) -> str:
        """ "in Pakistan", for a sentence."""
        free = self._free(at)
        if not free.any() and self.expected.of_row is not None:
            named = np.unique(self.expected.of_row[at])
            if len(named) == 1:
                return f"in {self.expected.countries[int(named[0])].name}"
            return "in the country their row names"
        return "among the other points"


def placeholders(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """bool: the same number twice that stands for "no position": -1, 99, 999, -9999 and their like. At the
    first three there is only sea, the rest is no place on earth."""
    same = lon == lat
    found = np.zeros(len(lon), dtype=bool)
    at = np.flatnonzero(same)
    found[at] = np.isin(lon[at], _SURE_BLANK)
    return found


def _present(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    there: np.ndarray = np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0))
    there &= ~placeholders(lon, lat)
    return there


def _region(lon: np.ndarray, lat: np.ndarray, present: np.ndarray, expected: Expected) -> _Region:
    """From the middle and the usual distance from it, which half of the points could be wrong about."""
    at = sampled(np.flatnonzero(present & in_range(lon, lat)))
    if len(at) < 5 or len(at) * 2 < len(sampled(np.flatnonzero(present))):
        return _Region(expected, None, (0.0, 0.0), None)
    x, y = lon[at], lat[at]
    mid_x, mid_y = float(np.median(x)), float(np.median(y))
    half_x = 5 * float(np.median(np.abs(x - mid_x))) + 0.25
    half_y = 5 * float(np.median(np.abs(y - mid_y))) + 0.25
    cluster = (mid_x - half_x, mid_y - half_y, mid_x + half_x, mid_y + half_y)
    if expected.of_row is not None:
        return _Region(expected, cluster, (half_x, half_y), None)
    fits = holding_most(x, y)
    return _Region(expected, cluster, (half_x, half_y), fits[0] if len(fits) == 1 else None)


# --- mends


def mends_of(
    lon: np.ndarray, lat: np.ndarray, expected: Expected, codes: Sequence[str] = MENDS
) -> list[Mend]:
    """What would put rows where they belong. lon, lat: float64 [n] as they stand, degrees or not, NaN where
    the row has none. Of `codes` only. Rows that two mends would put right get none."""
    present = _present(lon, lat)
    if not present.any():
        return []
    expected = _with_hint(lon, lat, present, expected, codes)
    whole = _all_swapped(lon, lat, present, expected) if SWAPPED in codes else None
    if whole is not None:
        return [whole]
    size = len(lon)
    now_lon, now_lat = lon.copy(), lat.copy()
    taken = np.zeros(size, dtype=bool)
    found: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]] = {}
    doubts: list[Mend] = []
    region = _region(lon, lat, present, expected)
    for _ in range(4):
        at = np.flatnonzero(present & ~taken)
        at = at[~region.holds(at, lon[at], lat[at], wide=True) & region.known(at)]
        if not len(at):
            break
        tried, doubts = _candidates(region, at, lon[at], lat[at], codes)
        votes = np.zeros(len(at), dtype=np.int8)
        for _, _, _, _, good in tried:
            votes += good
        fresh = False
        for code, kind, x, y, good in tried:
            take = good & (votes == 1)
            if take.any():
                fresh = True
                rows = at[take]
                taken[rows] = True
                now_lon[rows], now_lat[rows] = x[take], y[take]
                kinds = np.full(len(rows), kind, dtype=object)
                found.setdefault(code, []).append((rows, x[take], y[take], kinds))
        if not fresh:
            break
        if PROJECTED in found:
            # In a file with metres, what no zone explains is no lost point.
            codes = [code for code in codes if code != NO_POINT]
        # With mended rows in place the middle is better known: others may now be seen to be off.
        region = _region(now_lon, now_lat, present, expected)
    out: list[Mend] = []
    for code in MENDS:
        if code in found:
            rows, x, y, kinds = (np.concatenate(parts) for parts in zip(*found[code], strict=True))
            order = np.argsort(rows, kind="stable")
            out.append(Mend(code, rows[order], x[order], y[order], kinds[order], region.words(rows)))
    if MINUTES in codes:
        out += _minutes(lon, lat, present & ~taken)
    return out + [doubt for doubt in doubts if not taken[doubt.at].any()]


def _minutes(lon: np.ndarray, lat: np.ndarray, rows: np.ndarray) -> list[Mend]:
    """30°11'22" written as 30.1122: four decimals at most, and never a minute or second above 59. By chance
    thirty points do not look like that."""
    at = np.flatnonzero(rows & in_range(lon, lat))
    if len(at) < 30:
        return []
    out = []
    for value in (lon[at], lat[at]):
        size = np.abs(value)
        scaled = size * 10_000
        whole = np.round(scaled)
        if (np.abs(scaled - whole) > 1e-5).any():
            return []
        degrees, minutes, seconds = whole // 10_000, whole // 100 % 100, whole % 100
        if minutes.max() > 59 or seconds.max() > 59 or len(np.unique(whole % 10_000)) < 25:
            return []
        # Values that stop at few decimals, or close together, prove nothing.
        if np.ptp(minutes) < 40:
            return []
        out.append(np.sign(value) * (degrees + minutes / 60 + seconds / 3600))
    kinds = np.full(len(at), "minutes", dtype=object)
    return [Mend(MINUTES, at, out[0], out[1], kinds, "")]


_Tried = tuple[str, object, np.ndarray, np.ndarray, np.ndarray]


def _candidates(
    region: _Region, at: np.ndarray, lon: np.ndarray, lat: np.ndarray, codes: Sequence[str]
) -> tuple[list[_Tried], list[Mend]]:
    """(code, kind, longitude, latitude, rows it puts inside) of every mend; mends that are in doubt."""
    tried: list[_Tried] = []
    doubts: list[Mend] = []

    def attempt(code: str, kind: object, x: np.ndarray, y: np.ndarray, possible: np.ndarray) -> None:
        good = possible & in_range(x, y) & region.holds(at, x, y, wide=False)
        tried.append((code, kind, x, y, good))

    everywhere = np.ones(len(at), dtype=bool)
    if SWAPPED in codes:
        attempt(SWAPPED, "swap", lat, lon, everywhere)
    if FLIPPED in codes:
        # A point just over the equator is no proof of a wrong sign.
        attempt(FLIPPED, "lat", lon, -lat, np.abs(lat) > 0.5)
        attempt(FLIPPED, "lon", -lon, lat, np.abs(lon) > 0.5)
        attempt(FLIPPED, "both", -lon, -lat, (np.abs(lat) > 0.5) & (np.abs(lon) > 0.5))
    if PROJECTED in codes:
        for kind, x, y, possible, doubt in _from_metres(region, at, lon, lat):
            if doubt:
                kinds = np.full(int(possible.sum()), kind, dtype=object)
                where = region.words(at[possible])
                doubts.append(Mend(PROJECTED, at[possible], x[possible], y[possible], kinds, where, doubt))
            else:
                attempt(PROJECTED, kind, x, y, possible)
    if NO_POINT in codes:
        x, y, possible = _with_points(region, at, lon, lat)
        metres = [good for code, _, _, _, good in tried if code == PROJECTED]
        if metres and np.logical_or.reduce(metres).sum() * 2 >= possible.sum():
            # Where half of them are metres of one system, so are the rest.
            possible &= ~((np.abs(lon) > 1000) & (np.abs(lat) > 1000))
        attempt(NO_POINT, "point", x, y, possible)
    return tried, doubts


def _with_points(
    region: _Region, at: np.ndarray, lon: np.ndarray, lat: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """3012345 as 30.12345: the one power of ten that puts each number into its box, where it is only one."""
    west, south, east, north = region.boxes(at, wide=False)

    def scaled(value: np.ndarray, low: np.ndarray, high: np.ndarray, limit: float) -> np.ndarray:
        out = np.where(np.abs(value) <= limit, value, np.nan)
        # What has a point has not lost it.
        far = (np.abs(value) > limit) & (value == np.floor(value))
        fits = np.zeros(len(value), dtype=np.int8)
        for power in range(1, 16):
            less = value / 10.0**power
            with np.errstate(invalid="ignore"):
                good = far & (less >= low) & (less <= high)
            out[good] = less[good]
            fits += good
        out[far & (fits != 1)] = np.nan
        return out

    x = scaled(lon, west, east, 180.0)
    y = scaled(lat, south, north, 90.0)
    return x, y, (np.abs(lon) > 180) | (np.abs(lat) > 90)


def _from_metres(
    region: _Region, at: np.ndarray, lon: np.ndarray, lat: np.ndarray
) -> Iterator[tuple[object, np.ndarray, np.ndarray, np.ndarray, str]]:
    """(EPSG code, longitude, latitude, rows, doubt) for rows in metres: the zone that puts them inside."""
    metres = (np.abs(lon) > 1000) & (np.abs(lat) > 1000)
    if not metres.any():
        return
    if region.cluster is not None and region.expected.of_row is not None:
        # Where the others are tells the zone better than the whole of a country does.
        near = list(_from_metres(region.near(), at, lon, lat))
        if near and not any(option[4] for option in near):
            yield from near
            return
    west, south, east, north = region.boxes(at[metres], wide=False)
    low, high = float(np.nanmin(west)), float(np.nanmax(east))
    zones = range(_zone(low), _zone(high) + 1)
    if not 1 <= len(zones) <= 12:
        return
    halves = [32600] if float(np.nanmax(north)) > 0 else []
    halves += [32700] if float(np.nanmin(south)) < 0 else []
    options: list[tuple[int, bool, np.ndarray, np.ndarray, np.ndarray]] = []
    for turned, (x, y) in ((False, (lon, lat)), (True, (lat, lon))):
        possible = metres & utm_possible(x, y)
        systems = [half + zone for half in halves for zone in zones] if possible.any() else []
        for epsg in (*systems, _WEB_MERCATOR):
            used = possible if epsg != _WEB_MERCATOR else metres & ((np.abs(x) > 1e6) | (np.abs(y) > 1e6))
            if not used.any():
                continue
            new_x, new_y = np.full(len(at), np.nan), np.full(len(at), np.nan)
            new_x[used], new_y[used] = lonlat_of(x[used], y[used], np.full(int(used.sum()), epsg))
            good = used & region.holds(at, new_x, new_y, wide=False)
            if good.any():
                options.append((epsg, turned, new_x, new_y, good))
    if not options:
        return
    options.sort(key=lambda option: -int(option[4].sum()))
    best = options[0]
    rivals = [o for o in options[1:] if (o[4] & best[4]).sum() > 0.2 * best[4].sum()]
    if rivals:
        named = list(dict.fromkeys(_system_name(o[0]) for o in (best, *rivals)))
        yield (-best[0] if best[1] else best[0]), best[2], best[3], best[4], ", ".join(named)
        return
    # Several zones in one file: each row as the one zone that fits it.
    claimed = np.zeros(len(at), dtype=bool)
    for epsg, turned, new_x, new_y, good in options:
        yield (-epsg if turned else epsg), new_x, new_y, good & ~claimed, ""
        claimed |= good


def _zone(longitude: float) -> int:
    return min(60, max(1, int((longitude + 180) // 6) + 1))


def _system_name(epsg: int) -> str:
    if epsg == _WEB_MERCATOR:
        return "Web Mercator (EPSG:3857)"
    return f"UTM zone {epsg % 100}{'N' if epsg < 32700 else 'S'} (EPSG:{epsg})"


def _all_swapped(lon: np.ndarray, lat: np.ndarray, present: np.ndarray, expected: Expected) -> Mend | None:
    """Columns the wrong way round: as they stand most points lie beyond 80 degrees, where nobody lives."""
    if expected.of_row is not None:
        return None
    at = np.flatnonzero(present)
    x, y = lon[at], lat[at]
    with np.errstate(invalid="ignore"):
        straight = (np.abs(x) <= 180) & (np.abs(y) <= 80)
        turned = (np.abs(y) <= 180) & (np.abs(x) <= 80)
    if straight.mean() >= 0.5 or turned.mean() < 0.9:
        return None
    region = _region(lat, lon, present, expected)
    # A row that already stands right among the others, turned as they will be, stays.
    right = region.known(at) & region.holds(at, x, y, wide=False) & ~region.holds(at, y, x, wide=True)
    at = at[turned & ~right]
    kinds = np.full(len(at), "swap", dtype=object)
    return Mend(SWAPPED, at, lat[at], lon[at], kinds, "where people live")


def _with_hint(
    lon: np.ndarray, lat: np.ndarray, present: np.ndarray, expected: Expected, codes: Sequence[str]
) -> Expected:
    """Where only the file's name tells the country, it counts if no point lies there and one mend of all
    rows would put them there."""
    if expected.hint is None or expected.of_row is not None:
        return expected
    at = sampled(np.flatnonzero(present))
    x, y = lon[at], lat[at]
    if inside(expected.hint, x, y, 0.5).mean() >= 0.1:
        return expected
    assumed = Expected((expected.hint,), np.zeros(len(lon), dtype=np.int16), "")
    region = _Region(assumed, None, (0.0, 0.0), None)
    tried, doubts = _candidates(region, at, x, y, codes)
    shares = [good.mean() for *_, good in tried] + [len(d.at) / len(at) for d in doubts]
    return assumed if shares and max(shares) >= 0.9 else expected


# --- findings


def mend_finding(mend: Mend, rows: np.ndarray, applied: bool, changes: tuple[Change, ...]) -> Finding:
    """The finding that offers a mend, or says that it was applied."""
    numbers = rows[mend.at]
    size = len(mend.at)
    have = counted(size, "row has", "rows have")
    it = "it lies" if size == 1 else "they lie"
    if mend.code == SWAPPED:
        what = f"{have} latitude and longitude exchanged: the other way round {it} {mend.where}."
        fix = "Exchange latitude and longitude in these rows."
        done = "They were exchanged."
    elif mend.code == FLIPPED:
        which = {"lat": "latitude", "lon": "longitude", "both": "latitude and longitude"}
        named = " or ".join(which[k] for k in which if (mend.kind == k).any())
        what = f"{have} the wrong sign in the {named}: with the other sign {it} {mend.where}."
        fix = f"Change the sign of the {named} in these rows."
        done = "The signs were changed."
    elif mend.code == NO_POINT:
        what = f"{have} coordinates without their decimal point: with it {it} {mend.where}."
        fix = "Put the decimal point back in these rows (3012345 becomes 30.12345)."
        done = "The points were put back."
    elif mend.code == MINUTES:
        what = (
            "The decimals of all coordinates look like minutes and seconds: none is above 59, as if "
            "30°11'22\" had been written as 30.1122. Read as decimals they are up to 40 km off."
        )
        fix = "Read the decimals as minutes and seconds."
        done = "They were read so."
    elif mend.doubt:
        what = (
            f"{have} coordinates in metres where degrees should be; several systems would put them "
            f"{mend.where}: {mend.doubt}. State the right one as the CRS, or in a column “zone”."
        )
        return Finding("coordinates-projected", "warning", what, *tallied(numbers))
    else:
        systems = ", ".join(
            _system_name(code) for code in dict.fromkeys(abs(int(k)) for k in mend.kind.tolist())
        )
        what = f"{have} coordinates in metres where degrees should be: as {systems} {it} {mend.where}."
        fix = f"Turn them into longitude and latitude from {systems}."
        done = "They were turned into degrees."
    if size > MAX_CHANGES:
        fix += f" The first {MAX_CHANGES:,} changes are listed."
    count, numbers_said = tallied(numbers)
    return Finding(
        "coordinates-swapped"
        if mend.code == SWAPPED
        else "sign-flipped"
        if mend.code == FLIPPED
        else "decimal-point-lost"
        if mend.code == NO_POINT
        else "minutes-as-decimals"
        if mend.code == MINUTES
        else "coordinates-projected",
        "info" if applied else "warning",
        f"{what} {done if applied else 'Nothing was changed.'}",
        count=count,
        rows=numbers_said,
        fix=fix,
        applied=applied,
        changes=changes,
    )


def changes_of(
    mend: Mend, rows: np.ndarray, replaced: Callable[[int, int], Sequence[tuple[str, str, str]]]
) -> tuple[Change, ...]:
    """The first 100,000 changes. replaced(index in the mend, index of the row): (column, old, new)."""
    out: list[Change] = []
    reason = {
        SWAPPED: "latitude and longitude exchanged",
        FLIPPED: "sign changed",
        NO_POINT: "decimal point put back",
        PROJECTED: "metres turned into degrees",
        MINUTES: "minutes and seconds read as such",
    }[mend.code]
    for place, index in enumerate(mend.at.tolist()):
        for column, old, new in replaced(place, index):
            if len(out) == MAX_CHANGES:
                return tuple(out)
            out.append(Change(int(rows[index]), column, old, new, reason))
    return tuple(out)


def degrees_text(value: float) -> str:
    """Seven decimals, a centimetre, without trailing zeros."""
    text = f"{value:.7f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
