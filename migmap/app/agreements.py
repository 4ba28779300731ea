"""Sharing agreements: an export outside one is stopped, and the person is told why."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

from migmap.api import ExportDocument, Meta, Problem

Bound = tuple[str, tuple[str, str, str]]
"""(title of the layer, (reference, expires, audience))."""

_ANYONE = frozenset({"public", "anyone", "everyone", "all", "the public", "general public"})


def checked(document: ExportDocument, today: datetime.date | None = None) -> None:
    """Problem unless every agreement of the document's layers, and of the run it shows, allows it to leave
    now and for `document.audience`."""
    bound: list[Bound] = [
        (layer.title, one) for layer in document.layers for one in layer.data.meta.agreements
    ]
    recipe = document.run.get("recipe") or {}
    bound += [(document.title, one) for one in agreements_in(recipe.get("agreements"))]
    allowed(bound, document.audience, today)


def allowed(bound: Iterable[Bound], audience: Sequence[str], today: datetime.date | None = None) -> None:
    """Problem for the first agreement that has ended, or whose audience is not named, or is another.

    audience: who the file is for; of several each must be allowed. An end that cannot be read as a date
    stops nothing: `migmap check` says so.
    """
    day = today or datetime.date.today()
    seen: set[tuple[str, str, str]] = set()
    for title, one in bound:
        if one in seen:
            continue
        seen.add(one)
        reference, expires, who = one
        named = f"the agreement “{reference}”" if reference else "the agreement"
        ends = end_of(expires)
        if ends is not None and ends < day:
            raise Problem(
                f"{title} may not leave migmap: {named} under which it was shared ended on "
                f"{ends.isoformat()}.",
                detail="Nothing was written.",
                fix="Ask whoever shared it. If it was prolonged, state the new end in the layer's properties "
                "or in the .meta.json file beside the data.",
            )
        if not who.strip() or _plain(who) in _ANYONE:
            continue
        if not audience:
            raise Problem(
                f"{title} was shared for {who} only, so say who the file is for.",
                detail=f"That is what {named} says. Nothing was written.",
                fix=f'Add --audience "{names_in(who)[0]}" if that is who gets it (in the window: the field '
                "“For” of the export dialog).",
            )
        others = [each for each in audience if not may_see(each, who)]
        if others:
            raise Problem(
                f"{title} may not leave migmap for {', '.join(others)}: it was shared for {who} only.",
                detail=f"That is what {named} says. Nothing was written.",
                fix="Ask whoever shared it, or leave that layer out.",
            )


def may_see(asked: str, audience: str) -> bool:
    """Whether `asked` is the audience of an agreement, or one of those it lists."""
    wanted = _plain(asked)
    return bool(wanted) and wanted in {_plain(audience), *map(_plain, names_in(audience))}


def names_in(audience: str) -> list[str]:
    """ "CCCM cluster, UNHCR and PDMA" is three names."""
    parts = [part.strip() for part in re.split(r"[,;|/\n]|\band\b|&", audience)]
    return [part for part in parts if part] or [audience]


def end_of(text: str) -> datetime.date | None:
    """The last day of an agreement, in any usual way to write a day; None where it cannot be read."""
    from .doctor.dates import date_of

    found = date_of(text.strip())
    if found is None and text.strip():
        from migmap.io.values.datetexts import date_of as read

        said = read(text.strip(), called_date=True)
        found = said.day() if said is not None else None
    return found


def agreements_in(listed: object) -> tuple[tuple[str, str, str], ...]:
    """Agreements as a recipe keeps them."""
    found = []
    for one in listed if isinstance(listed, list | tuple) else ():
        if isinstance(one, list | tuple) and len(one) == 3:
            found.append((str(one[0]), str(one[1]), str(one[2])))
    return tuple(found)


def of_all(metas: Iterable[Meta]) -> tuple[tuple[str, str, str], ...]:
    """Every agreement that binds what is made of all of these, each once."""
    return tuple(dict.fromkeys(one for meta in metas for one in meta.agreements))


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold().removeprefix("the ")).strip()
