"""What a column's name says of its values: a code, a quantity, a date."""

from __future__ import annotations

import re
from functools import lru_cache


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that say: these digits are a name, not a quantity.
_CODE_WORDS = _set(
    """id ids code codes pcode pcodes zip postcode postal phone mobile cnic uuid guid ref fid gid objectid
    osm key iso version date year time timestamp serial sn srno sno index barcode admin adm ssid rowid
    plot"""
)
# "No. of people" counts, "house no" names, "No" alone is a serial number.
_NUMBER_WORDS = frozenset({"no", "nr", "num", "number", "nb", "numero"})
_QUANTITIES = _set(
    """people persons person population pop individuals individual inds ind hh hhs household households
    family families total totals sum count counts area distance dist depth height length width elevation
    altitude male males female females men women boys girls children infants elderly adults age size
    capacity amount quantity qty percent pct percentage share rate ratio value density rooms beds
    latrines toilets taps students pupils teachers patients litres liters price cost budget income
    salary score refugees idps returnees migrants houses shelters tents افراد آبادی تعداد خاندان جمعیت
    رقبہ نفوس"""
)
_DATE_WORDS = _set(
    """date dates day datum fecha deadline timestamp time datetime start end starttime endtime today dob
    birthday opened closed created updated modified surveyed assessed تاریخ"""
)


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a name: ("site", "id") for "Site ID", "siteId" and "site_id"."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", str(name)).lower()
    return tuple(w for w in re.split(r"[\W_]+", spaced) if w)


@lru_cache(maxsize=8192)
def is_code_name(column: str) -> bool:
    """True when the column's name says its digits are a code, a version or a date."""
    words = words_of(str(column))
    if any(w in _CODE_WORDS or re.fullmatch(r"\w*(p_?code|_id)|iso\d+", w) for w in words):
        return not is_count(words)
    # "sites_number" counts as little as "number": but "number_of_people" does.
    if words and words[-1] in ("name", "names", "label", "title"):
        return True
    return bool(words) and any(w in _NUMBER_WORDS for w in words) and not is_count(words)


def is_count(words: tuple[str, ...]) -> bool:
    """True for "number of people", "no_hh", "num latrines": a word for number before what is counted."""
    for place, word in enumerate(words[:-1]):
        if word in _NUMBER_WORDS and (words[place + 1] == "of" or words[place + 1] in _QUANTITIES):
            return True
    return len(words) > 1 and words[0] in ("no", "num", "nb") and words[1] not in _CODE_WORDS | {"of"}


@lru_cache(maxsize=8192)
def is_quantity_name(column: str) -> bool:
    """True when the name says that something is counted or measured."""
    words = words_of(str(column))
    return not is_code_name(column) and (is_count(words) or any(w in _QUANTITIES for w in words))


_MEASURED = _set(
    """area distance dist depth height length width elevation altitude rainfall km ha m2 km2 sqkm hectares
    superficie surface distancia profundidad altura رقبہ share rate ratio percent pct percentage density
    index"""
)


@lru_cache(maxsize=8192)
def is_measure_name(column: str) -> bool:
    """True when the name says that something is measured, which is seldom a whole number of thousands."""
    words = set(words_of(str(column)))
    return not is_code_name(column) and bool(words & _MEASURED) and not words & _COUNTED


@lru_cache(maxsize=8192)
def is_number_name(column: str) -> bool:
    """True where nothing but a word such as "number" or "name" says that the digits are a code:
    "reported number", "text_number"."""
    words = words_of(str(column))
    return is_code_name(column) and not any(
        w in _CODE_WORDS or re.fullmatch(r"\w*(p_?code|_id)|iso\d+", w) for w in words
    )


_COUNTED = _set(
    """people persons population pop individuals individual inds hh hhs households families male males
    female females men women boys girls children infants elderly adults students pupils teachers patients
    refugees idps returnees migrants houses shelters tents latrines toilets taps rooms beds caseload
    personas personne personnes pessoas habitants habitantes habitant menages ménages menage ménage
    hogares hogar familias familia familles famille individus individuos hommes femmes enfants hombres mujeres
    niños niñas homens mulheres deplaces déplacés desplazados refugies réfugiés refugiados retornados
    viviendas casas maisons abris effectif افراد آبادی تعداد خاندان نفوس عدد أفراد الأفراد أسر الأسر عائلات
    السكان نازحين"""
)
_SHARES = _set("avg average mean median rate ratio share percent pct per density index score size")


@lru_cache(maxsize=8192)
def is_count_name(column: str) -> bool:
    """True when the name says that whole things are counted: a decimal there would be odd."""
    words = words_of(str(column))
    return not is_code_name(column) and bool(set(words) & _COUNTED) and not set(words) & _SHARES


@lru_cache(maxsize=8192)
def is_date_name(column: str) -> bool:
    """True when the name says date or time."""
    words = words_of(str(column))
    return any(
        w in _DATE_WORDS or w.endswith("date") or w.startswith("date") or w.endswith("timestamp")
        for w in words
    )


_AXES = _set(
    """lat latitude latitud lon long lng longitude longitud x y xcoord ycoord easting northing east north
    coord coords coordinate coordinates gps geopoint geolocation wkt geometry geom utm position location"""
)


@lru_cache(maxsize=8192)
def is_position_name(column: str) -> bool:
    """True for the columns that say where something is: their text is read by who reads positions."""
    words = words_of(str(column))
    squeezed = "".join(words)
    return any(w in _AXES for w in words) or squeezed.endswith(("latitude", "longitude", "coordx", "coordy"))
