"""Months as they are called in the languages of the files, and the solar calendar of Iran and Afghanistan."""

from __future__ import annotations

import datetime
import unicodedata

# January to December, one line a language.
_GREGORIAN = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
jan. feb. mar. apr. may. jun. jul. aug. sept. oct. nov. dec.
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
جنوري فبروري مارچ اپریل می جون جولای اګست سپتمبر اکتوبر نومبر دسمبر
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janv févr mars avr mai juin juil août sept oct nov déc
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene feb mar abr may jun jul ago sep oct nov dic
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
"""
# The first month begins at the March equinox: Iran, Afghanistan in Dari, in Latin letters.
_SOLAR = """
فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند
حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت
hamal sawr jawza saratan asad sunbula mizan aqrab qaws jadi dalw hoot
وری غویی غبرګولی چنګاښ زمری وږی تله لړم لیندۍ مرغومی سلواغه کب
"""


def _plain(word: str) -> str:
    """Without accents, and with one letter for what Arabic, Persian and Urdu keyboards write in two ways."""
    # Combining marks of Indian scripts are letters; only those of Latin, Cyrillic and Arabic go.
    parts = unicodedata.normalize("NFKD", word.lower().replace("ي", "ی").replace("ك", "ک").replace("ى", "ی"))
    return "".join(ch for ch in parts if not ("\u0300" <= ch <= "\u036f" or "\u064b" <= ch <= "\u0655"))


def _months(table: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in table.split("\n"):
        for number, word in enumerate(line.split(), start=1):
            found.setdefault(_plain(word.replace("_", " ")), number)
    return found


_MONTHS = _months(_GREGORIAN)
_SOLAR_MONTHS = _months(_SOLAR)


def month_of(word: str) -> tuple[int, bool] | None:
    """(month, whether it is one of the solar calendar); None for other words. "Sept.", "MARS", "مارچ"."""
    clean = _plain(word.strip(" .,'"))
    if clean in _MONTHS:
        return _MONTHS[clean], False
    # The Dari month names are words of Arabic too; no Gregorian month is called so.
    if clean in _SOLAR_MONTHS:
        return _SOLAR_MONTHS[clean], True
    return None


# Cycle lengths of the solar calendar between its breaks, after Borkowski 1996, "The Persian calendar for
# 3000 years", Earth, Moon and Planets 74, exact for the years used here.
_BREAKS = (-61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394)


def from_solar(year: int, month: int, day: int) -> datetime.date | None:
    """The Gregorian date of a date of the solar Hijri calendar; None where there is no such date.

    >>> from_solar(1401, 1, 1)
    datetime.date(2022, 3, 21)
    """
    if not (1210 <= year < 1635 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    leaps, jump_from = -14, _BREAKS[0]
    jump = 0
    for nxt in _BREAKS[1:]:
        jump = nxt - jump_from
        if year < nxt:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        jump_from = nxt
    passed = year - jump_from
    leaps += passed // 33 * 8 + (passed % 33 + 3) // 4
    if jump % 33 == 4 and jump - passed == 4:
        leaps += 1
    gregorian_leaps = (year + 621) // 4 - ((year + 621) // 100 + 1) * 3 // 4 - 150
    march = 20 + leaps - gregorian_leaps
    first = datetime.date(year + 621, 3, march)
    length = 31 if month <= 6 else 30
    if day > length:
        return None
    before = (month - 1) * 31 - (month // 7) * (month - 7)
    found = first + datetime.timedelta(days=before + day - 1)
    if month == 12 and day == 30:
        following = from_solar(year + 1, 1, 1)
        if following is not None and found >= following:
            return None
    return found
