"""The words for people in names of columns, in the languages field offices write."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Lower-case without accents, so that "Réfugiés" and "refugies" are one."""
    loose = unicodedata.normalize("NFKD", text)
    return "".join(c for c in loose if not unicodedata.combining(c)).lower()


def _table(words: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words.split())


def _meanings(words: dict[str, str]) -> dict[str, str]:
    return {word: name for name, text in words.items() for word in _table(text)}


FEMALE = _table(
    """female females women woman girls girl femme femmes feminin fille filles mujer mujeres femenino nina
ninas mulher mulheres menina meninas feminino khawateen aurat auratein larkian اناث انثي انثى نساء
بنات خواتين خواتین عورتيں عورتیں لڑكياں لڑکیاں perempuan wanita"""
)
MALE = _table(
    """male males men man boys boy homme hommes masculin garcon garcons hombre hombres masculino nino homem
homens menino meninos mard larke ذكور ذكر رجال اولاد مرد لڑكے لڑکے laki"""
)
CHILD_SEXED = _table(
    """girls girl boys boy fille filles garcon garcons nina ninas nino menina meninas menino meninos larke
larkian بنات اولاد لڑكے لڑکے لڑكياں لڑکیاں"""
)
"""Girls and boys."""
GROWN_SEXED = _table(
    """women woman men man femme femmes homme hommes mujer mujeres hombre hombres mulher mulheres homem
homens نساء رجال خواتین عورتیں"""
)
"""Women and men, who are grown up where girls and boys are counted apart."""
CHILDREN = _table(
    "children child minors minor kids enfant enfants ninos crianca criancas bachay bachey اطفال بچے anak"
)
INFANTS = _table("infant infants baby babies nourrisson nourrissons lactantes")
ADULTS = _table("adult adults adulte adultes adulto adultos بالغين")
ELDERLY = _table(
    "elderly elder elders senior seniors aged âgées agees ancianos mayores idosos كبار بزرگ lansia"
)
HOUSEHOLDS = _table(
    """hh hhs household households family families familiy fam menage menages famille familles hogar
hogares familia familias agregado agregados خانه خانوار اسر اسره اسرة عائله عائلات عائلة گھرانے
خاندان khandan gharane kk keluarga"""
)
INDIVIDUALS = _table(
    """individual individuals ind inds indv people peop person persons population populations pop popul
personnes personne individus individu personas persona poblacion pessoas populacao habitants
habitantes inhabitants residents members membres afrad abadi نسمه نسمة سكان افراد آبادي آبادی ابادی
ابادي اشخاص penduduk jiwa beneficiaries beneficiaires beneficiarios caseload poc"""
)
FLOW = _table(
    """arrival arrivals arrived arrivees departure departures departed inflow inflows outflow outflows
incoming outgoing movements crossings entries exits entered entrees sorties llegadas salidas
entradas saidas births deaths returns newly new nouveaux nouvelles nuevos nuevas newdisp
displacements during وافدين"""
)
"""Words of a count over a period."""
FLOW_NOUNS = _table(
    """arrival arrivals departure departures inflow inflows outflow outflows entries exits births deaths
returns displacements arrivees sorties llegadas salidas entradas saidas newdisp وافدين"""
)
"""Those that are a number of people by themselves."""
REGISTERED = _table("registered registration enregistre enregistres registrado registrados verified مسجلين")
ESTIMATED = _table(
    "estimated estimate estimates est estimation estime estimes estimado estimados projected projection"
)
UNKNOWN = _table("unknown unspecified inconnu desconocido undisclosed notspecified")
TOTAL = _table(
    """total totals tot tl overall grand general all gesamt sum totale totaux totales
مجموع اجمالي إجمالي كل کل
majmooi jumlah"""
)
NOISE = _table(
    """num number no of nb nbr nbre nombre numero cantidad the in de des du la le les del los las d n count
counts nos qty currently current present et y and e do da dos das year years yr yrs yo ans anos old
age ages aged months month mois meses عدد تعداد سنة reported figure figures value disaggregated by
effectif"""
)
"""Words that change nothing."""
OTHER = _table(
    """density densit share pct percent percentage rate ratio growth change per avg average mean median
size id ids code codes type date source score index level rank name names origin head heads headed
hoh with without toilet toilets latrine latrines tap taps water school schools distance time cost
price income area sqmi km km2 sqkm per1000 capacity bed beds room rooms shelter shelters building
buildings house houses tent tents committee staff member_id phone contact representative respondent
enumerator language comments comment remark remarks status note notes specify other_specify
pourcentage taux densite porcentaje tasa consent photo interviewed interview order latitude
longitude lat lon link uuid url version question answer main priority why how when where which does
do is are have has any most least first second third"""
)
"""With one of these words a name is another quantity, or no number of people at all."""
CATEGORIES = _meanings(
    {
        "por": "por",
        "acc": "acc",
        "und": "und undocumented",
        "refugee": """refugee refugees refugie refugies refugiado refugiados ref muhajireen
لاجئين لاجيين لاجئون مهاجرين مہاجرین""",
        "asylum-seeker": "asylumseeker asylumseekers asylum asile asilo",
        "idp": "idp idps pdi pdis displaced deplace deplaces desplazado desplazados deslocados نازحين نازحون",
        "returnee": "returnee returnees retourne retournes retornado retornados عائدين عائدون",
        "migrant": "migrant migrants migrante migrantes مهاجر",
        "stateless": "stateless apatride apatrides apatridas",
        "host": "host hosts hote acogida acolhedora",
    }
)
STATUS = _meanings(
    {
        "hosted": "hosted host_families",
        "in camps": "camp camps incamp incamps",
        "in sites": "site sites",
        "in settlements": "settlement settlements",
        "renting": "rent rented renting rental",
        "with disability": "disability disabilities disabled pwd pwds handicap handicapes discapacidad",
        "pregnant": "pregnant enceintes embarazadas",
        "lactating": "lactating allaitantes",
        "unaccompanied": "unaccompanied uasc",
        "separated": "separated",
        "affected": "affected affectees afectadas aff",
        "in need": "need needs inneed pin",
        "targeted": "targeted target ciblees",
        "reached": "reached assisted served atteintes alcanzadas",
        "urban": "urban",
        "rural": "rural",
        "conflict": "conflict conflit conflicto",
        "disaster": "disaster disasters catastrophe desastre natural",
        "abroad": "abroad",
        "injured": "injured",
        "missing": "missing",
    }
)
LEVELS = _table("adm admin province district region pcode country location")
"""Words of places: with them a name is no number of people unless it also says people."""
CASUALTIES = _table("killed dead deaths injured casualties fatalities lives blesses morts heridos muertos")
"""Words of columns that only tables of events have."""
