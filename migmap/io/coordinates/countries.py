"""Where a country is, roughly: boxes from the installed PROJ database, and which country a row names.

No outline of any border is used or copied: a box says that a point is certainly elsewhere, nothing more.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj

# EPSG extent code, ISO 3166-1 alpha-2 and alpha-3, name. The codes are those of PROJ's table of extents.
_TABLE = """
1024 AF AFG Afghanistan|3211 AX ALA Åland|1025 AL ALB Albania|1026 DZ DZA Algeria|1027 AS ASM American Samoa
1028 AD AND Andorra|1029 AO AGO Angola|1030 AI AIA Anguilla|1032 AG ATG Antigua and Barbuda
1033 AR ARG Argentina|1034 AM ARM Armenia|1035 AW ABW Aruba|4174 AU AUS Australia|1037 AT AUT Austria
1038 AZ AZE Azerbaijan|1039 BS BHS Bahamas|1040 BH BHR Bahrain|1041 BD BGD Bangladesh|1042 BB BRB Barbados
1043 BY BLR Belarus|1044 BE BEL Belgium|1045 BZ BLZ Belize|1046 BJ BEN Benin|1047 BM BMU Bermuda
1048 BT BTN Bhutan|1049 BO BOL Bolivia|1050 BA BIH Bosnia and Herzegovina|1051 BW BWA Botswana
1053 BR BRA Brazil|1055 BN BRN Brunei|1056 BG BGR Bulgaria|1057 BF BFA Burkina Faso|1058 BI BDI Burundi
1059 KH KHM Cambodia|1060 CM CMR Cameroon|1061 CA CAN Canada|1062 CV CPV Cabo Verde|1063 KY CYM Cayman Islands
1064 CF CAF Central African Republic|1065 TD TCD Chad|1066 CL CHL Chile|1067 CN CHN China|1070 CO COL Colombia
1071 KM COM Comoros|1072 CG COG Congo|1259 CD COD Democratic Republic of the Congo|1073 CK COK Cook Islands
1074 CR CRI Costa Rica|1075 CI CIV Côte d’Ivoire|1076 HR HRV Croatia|1077 CU CUB Cuba|3807 CW CUW Curaçao
1078 CY CYP Cyprus|1079 CZ CZE Czechia|1080 DK DNK Denmark|1081 DJ DJI Djibouti|1082 DM DMA Dominica
1083 DO DOM Dominican Republic|1084 TL TLS Timor-Leste|1085 EC ECU Ecuador|1086 EG EGY Egypt
1087 SV SLV El Salvador|1088 GQ GNQ Equatorial Guinea|1089 ER ERI Eritrea|1090 EE EST Estonia
1224 SZ SWZ Eswatini|1091 ET ETH Ethiopia|1093 FO FRO Faroe Islands|3999 FJ FJI Fiji|1095 FI FIN Finland
1096 FR FRA France|1097 GF GUF French Guiana|1098 PF PYF French Polynesia|1100 GA GAB Gabon|1101 GM GMB Gambia
1102 GE GEO Georgia|1103 DE DEU Germany|1104 GH GHA Ghana|1105 GI GIB Gibraltar|1106 GR GRC Greece
1107 GL GRL Greenland|1108 GD GRD Grenada|1109 GP GLP Guadeloupe|1110 GU GUM Guam|1111 GT GTM Guatemala
1112 GN GIN Guinea|1113 GW GNB Guinea-Bissau|1114 GY GUY Guyana|1115 HT HTI Haiti|1117 HN HND Honduras
1119 HU HUN Hungary|1120 IS ISL Iceland|1121 IN IND India|1122 ID IDN Indonesia|1123 IR IRN Iran
1124 IQ IRQ Iraq|1125 IE IRL Ireland|1126 IL ISR Israel|1127 IT ITA Italy|1128 JM JAM Jamaica
1129 JP JPN Japan
1130 JO JOR Jordan|1131 KZ KAZ Kazakhstan|1132 KE KEN Kenya|1133 KI KIR Kiribati|1134 KP PRK North Korea
1135 KR KOR South Korea|4542 XK XKX Kosovo|1136 KW KWT Kuwait|1137 KG KGZ Kyrgyzstan|1138 LA LAO Laos
1139 LV LVA Latvia|1140 LB LBN Lebanon|1141 LS LSO Lesotho|1142 LR LBR Liberia|1143 LY LBY Libya
1144 LI LIE Liechtenstein|1145 LT LTU Lithuania|1146 LU LUX Luxembourg|3994 MG MDG Madagascar
1150 MW MWI Malawi
1151 MY MYS Malaysia|1152 MV MDV Maldives|1153 ML MLI Mali|1154 MT MLT Malta|1155 MH MHL Marshall Islands
1156 MQ MTQ Martinique|1157 MR MRT Mauritania|1158 MU MUS Mauritius|1159 YT MYT Mayotte|1160 MX MEX Mexico
1161 FM FSM Micronesia|1162 MD MDA Moldova|1163 MC MCO Monaco|1164 MN MNG Mongolia|3535 ME MNE Montenegro
1165 MS MSR Montserrat|1166 MA MAR Morocco|1167 MZ MOZ Mozambique|1168 MM MMR Myanmar|1169 NA NAM Namibia
1170 NR NRU Nauru|1171 NP NPL Nepal|1172 NL NLD Netherlands|1174 NC NCL New Caledonia|1175 NZ NZL New Zealand
1176 NI NIC Nicaragua|1177 NE NER Niger|1178 NG NGA Nigeria|1179 NU NIU Niue|1148 MK MKD North Macedonia
1181 MP MNP Northern Mariana Islands|1182 NO NOR Norway|1183 OM OMN Oman|1184 PK PAK Pakistan
1185 PW PLW Palau
2602 PS PSE Palestine|1186 PA PAN Panama|1187 PG PNG Papua New Guinea|1188 PY PRY Paraguay|1189 PE PER Peru
1190 PH PHL Philippines|1192 PL POL Poland|1193 PT PRT Portugal|1194 PR PRI Puerto Rico|1195 QA QAT Qatar
3902 RE REU Réunion|1197 RO ROU Romania|1198 RU RUS Russia|1199 RW RWA Rwanda|1203 WS WSM Samoa
1204 SM SMR San Marino|1205 ST STP Sao Tome and Principe|1206 SA SAU Saudi Arabia|1207 SN SEN Senegal
4543 RS SRB Serbia|1208 SC SYC Seychelles|1209 SL SLE Sierra Leone|1210 SG SGP Singapore|1211 SK SVK Slovakia
1212 SI SVN Slovenia|4010 SB SLB Solomon Islands|1214 SO SOM Somalia|1215 ZA ZAF South Africa
3942 SS SSD South Sudan|1217 ES ESP Spain|1218 LK LKA Sri Lanka|3809 SX SXM Sint Maarten
1200 KN KNA Saint Kitts and Nevis|1201 LC LCA Saint Lucia|1202 VC VCT Saint Vincent and the Grenadines
1221 SD SDN Sudan|1222 SR SUR Suriname|1225 SE SWE Sweden|1226 CH CHE Switzerland|1227 SY SYR Syria
1228 TW TWN Taiwan|1229 TJ TJK Tajikistan|1230 TZ TZA Tanzania|1231 TH THA Thailand|1232 TG TGO Togo
1233 TK TKL Tokelau|1234 TO TON Tonga|1235 TT TTO Trinidad and Tobago|1236 TN TUN Tunisia|1237 TR TUR Türkiye
1238 TM TKM Turkmenistan|1239 TC TCA Turks and Caicos Islands|1240 TV TUV Tuvalu|1241 UG UGA Uganda
1242 UA UKR Ukraine|1243 AE ARE United Arab Emirates|1244 GB GBR United Kingdom|1245 US USA United States
1247 UY URY Uruguay|1248 UZ UZB Uzbekistan|1249 VU VUT Vanuatu|1251 VE VEN Venezuela|1252 VN VNM Viet Nam
1253 VG VGB British Virgin Islands|1254 VI VIR US Virgin Islands|1255 WF WLF Wallis and Futuna
1256 EH ESH Western Sahara|1257 YE YEM Yemen|1260 ZM ZMB Zambia|1261 ZW ZWE Zimbabwe
"""
# Other names in lists of UN agencies, as `_squeezed` leaves them.
_ALSO = {
    "syrianarab": "SYR",
    "vietnam": "VNM",
    "turkey": "TUR",
    "turkiye": "TUR",
    "burma": "MMR",
    "ivorycoast": "CIV",
    "drc": "COD",
    "drcongo": "COD",
    "congodr": "COD",
    "congokinshasa": "COD",
    "congodemocratic": "COD",
    "democraticcongo": "COD",
    "congobrazzaville": "COG",
    "swaziland": "SWZ",
    "easttimor": "TLS",
    "capeverde": "CPV",
    "laopeoplesdemocratic": "LAO",
    "laopdr": "LAO",
    "koreasouth": "KOR",
    "korea": "KOR",
    "koreademocraticpeoples": "PRK",
    "democraticpeopleskorea": "PRK",
    "czech": "CZE",
    "russianfederation": "RUS",
    "occupiedpalestinianterritory": "PSE",
    "occupiedpalestinianterritories": "PSE",
    "occupiedpalestinian": "PSE",
    "opt": "PSE",
    "palestinian": "PSE",
    "palestinianterritories": "PSE",
    "uae": "ARE",
    "uk": "GBR",
    "unitedkingdomofgreatbritainandnorthernireland": "GBR",
    "usa": "USA",
    "unitedstatesofamerica": "USA",
    "macedonia": "MKD",
    "bruneidarussalam": "BRN",
    "unitedtanzania": "TZA",
    "demrepcongo": "COD",
    "moldova": "MDA",
    "unitedrepublictanzania": "TZA",
    "car": "CAF",
    "ksa": "SAU",
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_COUNTRY_NAMES = _set(
    "country countryname countrycode countryiso countryiso2 countryiso3 iso iso2 iso3 isocode iso2code "
    "iso3code isocountry admin0 admin0name admin0pcode admin0code admin0en adm0 adm0name adm0pcode adm0code "
    "adm0en adm0iso adm0a3 pays pais paisname countryofasylum asylumcountry coa coaiso coaname admin0iso3 "
    "countryen locationcode hasc0 isocc cntry cntryname ctry nationiso3 adm0ref admin0nameen"
)
_PCODE_NAME = re.compile(r"(?:admin?|adm)?[1-5]?_?(?:name)?_?p_?codes?|.*p_?codes?(?:[1-5])?", re.IGNORECASE)
_NOT_WHERE = re.compile(r"origin|nationalit|citizen|destin|birth|return|donor|registr", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Country:
    """A name and a box in degrees; west is larger than east across the date line."""

    iso3: str
    name: str
    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """In which country the rows of a table should lie, by their own columns.

    countries: those named. of_row: int16, an index into countries, -1 where the row names none; None
    where no row does. column: the column that says so. hint: what only the file's name says.
    """

    countries: tuple[Country, ...] = ()
    of_row: np.ndarray | None = None
    column: str = ""
    hint: Country | None = None

    def one(self) -> Country | None:
        """The country that every row names."""
        if self.of_row is None or len(self.countries) != 1 or (self.of_row < 0).any():
            return None
        return self.countries[0]


NOWHERE = Expected()


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """ISO 3166-1 alpha-3 -> Country, from the PROJ database that pyproj brings. Land where the database
    tells land from sea. Empty where there is no database."""
    path = Path(pyproj.datadir.get_data_dir()) / "proj.db"
    if not path.is_file():
        return {}
    wanted = {code: (iso3, name) for code, _, iso3, name in _rows()}
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            found = base.execute(
                "SELECT CAST(code AS INTEGER), name, west_lon, south_lat, east_lon, north_lat FROM extent "
                "WHERE auth_name = 'EPSG' AND west_lon IS NOT NULL AND south_lat IS NOT NULL"
            ).fetchall()
    except sqlite3.Error:
        return {}
    land = {name.removesuffix(" - onshore"): box for _, name, *box in found if name.endswith(" - onshore")}
    out: dict[str, Country] = {}
    for code, name, *box in found:
        if code in wanted:
            iso3, shown = wanted[code]
            out[iso3] = Country(iso3, shown, *(float(v) for v in land.get(name, box)))
    return out


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[int, str, str, str], ...]:
    out = []
    for entry in _TABLE.replace("\n", "|").split("|"):
        if entry.strip():
            code, iso2, iso3, name = entry.split(maxsplit=3)
            out.append((int(code), iso2, iso3, name))
    return tuple(out)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, str]:
    """Code or name -> ISO alpha-3."""
    out: dict[str, str] = dict(_ALSO)
    for _, iso2, iso3, name in _rows():
        out[_squeezed(name)] = iso3
        out[iso2.lower()] = iso3
        out[iso3.lower()] = iso3
    return out


def _squeezed(name: str) -> str:
    """A name without accents, brackets, and the words that come and go in lists of countries."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\([^)]*\)", " ", plain)
    plain = re.sub(r"\b(?:islamic|plurinational|bolivarian|kingdom|republic|state|the|of)\b", " ", plain)
    return re.sub(r"[^a-z0-9]", "", plain) or re.sub(r"[^a-z0-9]", "", name.lower())


def country_of(text: str) -> Country | None:
    """The country that a name or an ISO code names."""
    if not 2 <= len(text) <= 80:
        return None
    iso3 = _words().get(_squeezed(text))
    return countries().get(iso3) if iso3 else None


def country_of_pcode(text: str) -> Country | None:
    """The country whose ISO code a P-code begins with: PK101, MWI01."""
    match = re.fullmatch(r"([A-Za-z]{2,3})[-_ ]?\d[\w-]*", text.strip())
    return country_of(match[1]) if match else None


def expected(frame: pd.DataFrame, hxl: Mapping[str, str], called: str = "") -> Expected:
    """The countries that the rows of `frame` name: by an HXL tag, a country column or P-codes. Columns of
    origin, nationality or destination say nothing of where the row is."""
    hint = _hint(called)
    names = [str(name) for name in frame.columns]
    choices = [
        (n, country_of) for n in names if hxl.get(n, "").startswith("#country") and not _elsewhere(n, hxl)
    ]
    squeezed = {n: re.sub(r"[^a-z0-9]", "", n.lower()) for n in names}
    choices += [(n, country_of) for n in names if squeezed[n] in _COUNTRY_NAMES and not _elsewhere(n, hxl)]
    choices += [
        (n, country_of_pcode)
        for n in names
        if not _elsewhere(n, hxl)
        and (_PCODE_NAME.fullmatch(n.strip()) or re.match(r"#(adm|geo|loc).*\+(p?code)", hxl.get(n, "")))
    ]
    for name, reader in choices:
        column = frame[name]
        if column.dtype.kind in "ifbM":
            continue
        codes, texts = pd.factorize(column)
        if len(texts) > 200_000:
            continue
        read = [reader(text) if isinstance(text, str) else None for text in texts]
        found = [country for country in dict.fromkeys(read) if country is not None]
        if not found or len(found) > 300:
            continue
        place = {country: index for index, country in enumerate(found)}
        index = np.array([*(place.get(c, -1) if c else -1 for c in read), -1], dtype=np.int16)
        of_row = index[codes]
        if (of_row >= 0).sum() * 2 >= (codes >= 0).sum():
            return Expected(tuple(found), of_row, name, hint)
    return Expected(hint=hint)


def _elsewhere(name: str, hxl: Mapping[str, str]) -> bool:
    return bool(_NOT_WHERE.search(name)) or bool(
        re.search(r"\+(origin|dest|f_origin|nationality)", hxl.get(name, ""))
    )


def _hint(called: str) -> Country | None:
    """The one country in a file's name: "health_sites_MWI.csv", "pakistan_camps.xlsx"."""
    words = [w for w in re.split(r"[^A-Za-z]+", called) if w]
    found = {
        country
        for word in words
        if (len(word) >= 4 or (len(word) == 3 and (word.isupper() or word.islower())))
        and word.lower() not in ("can", "and", "per", "car", "opt", "col", "esp", "est", "bel", "map")
        and (country := country_of(word)) is not None
    }
    return found.pop() if len(found) == 1 else None


def inside(country: Country, lon: np.ndarray, lat: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """bool: within the country's box, `margin` degrees around it included; False for NaN."""
    return in_boxes(
        lon, lat, country.west - margin, country.south - margin, country.east + margin, country.north + margin
    )


def holding_most(lon: np.ndarray, lat: np.ndarray, margin: float = 0.0) -> list[Country]:
    """The countries, none that crosses the date line, whose boxes with `margin` degrees around them hold nine
    in ten of the points."""
    if not len(lon):
        return []
    # Where so many lie inside, the middle one does, too: which leaves a few countries to be tried.
    x, y = float(np.nanmedian(lon)), float(np.nanmedian(lat))
    return [
        c
        for c in countries().values()
        if c.west < c.east
        and c.west - margin <= x <= c.east + margin
        and c.south - margin <= y <= c.north + margin
        and inside(c, lon, lat, margin).mean() >= 0.9
    ]


def in_boxes(
    lon: np.ndarray,
    lat: np.ndarray,
    west: float | np.ndarray,
    south: float | np.ndarray,
    east: float | np.ndarray,
    north: float | np.ndarray,
) -> np.ndarray:
    """bool: within a box, or each within its own; a box with west beyond east crosses the date line."""
    with np.errstate(invalid="ignore"):
        across = np.where(
            np.asarray(west) > east, (lon >= west) | (lon <= east), (lon >= west) & (lon <= east)
        )
        within: np.ndarray = across & (lat >= south) & (lat <= north)
    return within
