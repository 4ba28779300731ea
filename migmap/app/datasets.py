"""What is loaded: read, recognised and repaired once, kept within a memory budget."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from migmap.api import (
    AS_FOUND,
    Data,
    Finding,
    Guess,
    Meta,
    Probe,
    Problem,
    Progress,
    RasterData,
    Reading,
    VectorData,
    no_progress,
    part,
)

from .registry import Registry

if TYPE_CHECKING:
    from migmap.io.reference import Reference

BUDGET_BYTES = 1_500_000_000
RESULT_PREFIX = "run:"
_log = logging.getLogger(__name__)

_Key = tuple[str, str | None, str, str]


class Datasets:
    """Loaded data by reference. A file that changed on disk is read again. Results of runs are
    registered under "run:RUN/NAME" and stay until forgotten: no file could give them back.

    Safe to use from several threads; two that ask for the same file wait for one reading of it.
    """

    def __init__(self, registry: Registry, budget_bytes: int = BUDGET_BYTES) -> None:
        self._registry = registry
        self._budget = budget_bytes
        self._kept: OrderedDict[_Key, tuple[Data, int]] = OrderedDict()
        self._results: dict[str, Data] = {}
        self._lock = threading.Lock()
        self._turns: dict[_Key, threading.Lock] = {}

    def load(
        self,
        text: str,
        *,
        crs: str | None = None,
        reading: Reading = AS_FOUND,
        progress: Progress = no_progress,
    ) -> Data:
        """The data `text` names: read, its kind and roles recognised, its geometry repaired.

        reading: what the user decided about it; crs, which applies only where the file has none, may be
        given apart. Raises Problem for what cannot be read.
        """
        if text.startswith(RESULT_PREFIX):
            return self.result(text)
        reading = with_crs(reading, crs)
        key = self._key(text, reading)
        found = self._cached(key)
        if found is not None:
            return found
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            found = self._cached(key)
            if found is None:
                found = self._read(text, reading, progress)
                self._keep(key, found)
        with self._lock:
            self._turns.pop(key, None)
        return found

    def load_described(
        self, text: str, probe: Probe, *, reading: Reading = AS_FOUND, progress: Progress = no_progress
    ) -> tuple[Data, str]:
        """The data, and "" ; of a file with several layers, none of them named, the one that `probe`
        describes, and its name. Problem for what cannot be read."""
        from migmap.io.reference import parse_reference

        try:
            return self.load(text, reading=reading, progress=progress), ""
        except Problem:
            if parse_reference(text).part is not None or len(probe.layers) < 2:
                raise
            shown = probe.name if probe.name in probe.layers else probe.layers[0]
            return self.load(f"{text}::{shown}", reading=reading, progress=progress), shown

    def load_unplaced(
        self, text: str, probe: Probe, *, reading: Reading = AS_FOUND, progress: Progress = no_progress
    ) -> Data:
        """The rows of a layer whose coordinate system nobody stated, in one that is not theirs: any system
        in metres lets them be read, and nothing that hangs on it may be told."""
        unplaced = reading.changed(crs="EPSG:3857")
        return self.load_described(text, probe, reading=unplaced, progress=progress)[0]

    def peek(self, text: str, *, crs: str | None = None, reading: Reading = AS_FOUND) -> Data | None:
        """The data if it is loaded and the file has not changed; never reads."""
        if text.startswith(RESULT_PREFIX):
            return self._results.get(text)
        try:
            return self._cached(self._key(text, with_crs(reading, crs)))
        except Problem:
            return None

    def probe(self, text: str, crs: str | None = None, reading: Reading = AS_FOUND) -> tuple[Probe, Guess]:
        """The header, and the kind that fits it best, or is stated, with its column mapping; what is in
        doubt about them is among the findings."""
        from migmap.io.probe import probe
        from migmap.io.reference import parse_reference

        reading = with_crs(reading, crs)
        seen = probe(parse_reference(text), reading=reading)
        used, doubts = self._recognised(seen, reading)
        return dataclasses.replace(seen, findings=(*seen.findings, *doubts)), used

    def guesses(self, probe: Probe) -> list[Guess]:
        """What every kind makes of it, the best first; equals in order of registration."""
        found = []
        for kind in self._registry.kinds().values():
            try:
                guess = kind.guess(probe)
            except Exception:  # the boundary to code that may not be ours: one bad kind must not stop a file
                if type(kind).__module__.startswith("migmap."):
                    raise
                _log.exception("layer kind %r failed to look at %s", kind.name, probe.name)
                continue
            found.append(guess)
        return sorted(found, key=lambda guess: -guess.score)

    def recognise(self, probe: Probe, reading: Reading = AS_FOUND) -> Guess:
        """The kind and roles that are used: what the user stated, else what the file states, else the
        best guess. Problem for a kind that does not exist, or a role or column that does not."""
        return self._recognised(probe, reading)[0]

    def _recognised(self, probe: Probe, reading: Reading) -> tuple[Guess, tuple[Finding, ...]]:
        """Kind and roles as they are used, and what is in doubt about them."""
        from . import mapping

        guesses = self.guesses(probe)
        used = mapping.decided(self._registry, probe, guesses, reading)
        return used, mapping.doubts(self._registry, probe, guesses, used, reading)

    def register(self, text: str, data: Data) -> None:
        """Keep a result layer under "run:RUN/NAME"."""
        with self._lock:
            self._results[text] = data

    def result(self, text: str) -> Data:
        """A registered result; a Problem where the run is not at hand."""
        try:
            return self._results[text]
        except KeyError:
            raise Problem(
                f"The result layer “{text}” is not loaded.",
                fix="Open the project it belongs to, or run the analysis again.",
            ) from None

    def _key(self, text: str, reading: Reading) -> _Key:
        from migmap.io.hashing import fingerprint
        from migmap.io.reference import parse_reference

        reference = parse_reference(text)
        return (str(reference.path.absolute()), reference.part, reading.key, fingerprint(reference))

    def _cached(self, key: _Key) -> Data | None:
        with self._lock:
            entry = self._kept.get(key)
            if entry is None:
                return None
            self._kept.move_to_end(key)
            return entry[0]

    def _keep(self, key: _Key, data: Data) -> None:
        size = _bytes(data)
        with self._lock:
            for old in [k for k in self._kept if k[:3] == key[:3]]:
                del self._kept[old]
            self._kept[key] = (data, size)
            while len(self._kept) > 1 and sum(s for _, s in self._kept.values()) > self._budget:
                self._kept.popitem(last=False)

    def head(self, text: str, reading: Reading = AS_FOUND, rows: int = 200) -> Data:
        """The first rows of a file, recognised and repaired like the whole; not kept."""
        return self._read(text, reading, no_progress, limit=rows)

    def _read(self, text: str, reading: Reading, progress: Progress, limit: int | None = None) -> Data:
        from migmap.geo.households import with_household_care
        from migmap.geo.matrix import with_matrix_said
        from migmap.geo.people import structured
        from migmap.geo.peoplesum import with_people_summed
        from migmap.geo.repair import repaired
        from migmap.geo.stacks import unstacked
        from migmap.io.probe import probe
        from migmap.io.read import read
        from migmap.io.reference import parse_reference

        reference = parse_reference(text)
        progress(0.0, f"Reading {reference.path.name}")
        seen = probe(reference, reading=reading)
        guess, doubts = self._recognised(seen, reading)
        data = read(reference, reading=reading, progress=part(progress, 0.05, 0.7), limit=limit)
        if isinstance(data, VectorData):
            roles = {role: column for role, column in guess.roles.items() if column in data.frame.columns}
            data = dataclasses.replace(data, kind=guess.kind, roles=roles)
            data = repaired(data, part(progress, 0.7, 0.9))
            if reading.fixes:
                from migmap.geo.checks import mended

                data = mended(data)
            data = with_matrix_said(with_people_summed(data, seen.hxl))
            data = unstacked(data, part(progress, 0.9, 0.95))
            data = structured(data, part(progress, 0.95, 1.0), seen.hxl)
            data = with_household_care(data)
        else:
            data = dataclasses.replace(data, kind=guess.kind, roles=dict(guess.roles))
        data = dataclasses.replace(data, findings=(*data.findings, *doubts))
        progress(1.0, f"Read {reference.path.name}")
        return dataclasses.replace(data, meta=_boundary_meta(data, reference))


def with_crs(reading: Reading, crs: str | None) -> Reading:
    """The reading with a CRS that was given apart."""
    return reading if crs is None else reading.changed(crs=crs)


def _boundary_meta(data: Data, reference: Reference) -> Meta:
    if data.kind != "boundary" or data.meta.boundary_note:
        return data.meta
    source = data.meta.attribution or reference.path.name
    return dataclasses.replace(data.meta, boundary_note=f"Boundaries: {source}.")


def _bytes(data: Data) -> int:
    """A rough size in memory; a raster's cells stay on disk."""
    if isinstance(data, RasterData):
        return 10_000
    import shapely

    frame = data.frame
    corners = int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()) if len(frame) else 0
    attributes = frame.drop(columns=frame.geometry.name).memory_usage(deep=True).sum()
    return int(attributes) + corners * 24 + len(frame) * 200
