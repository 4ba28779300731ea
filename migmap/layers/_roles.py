"""Roles that several kinds share, with the names real files give them."""

from __future__ import annotations

from migmap.api import Role

NAME = Role(
    "name",
    "Name",
    (
        "name",
        "name_en",
        "site_name",
        "facility_name",
        "settlement_name",
        "location_name",
        "camp_name",
        "village_name",
        "name_of_site",
        "name_english",
        "english_name",
        "place_name",
        "gis_name",
        "geomaster_name",
        "nom",
        "nom_du_site",
        "nom_site",
        "nombre",
        "nombre_del_sitio",
        "nome",
        "nome_do_sitio",
        "الاسم",
        "اسم_الموقع",
        "نام",
        "label",
        "title",
    ),
    ("#loc+name", "#geo+name"),
)
NAME_UR = Role(
    "name_ur",
    "Name in Urdu or another script",
    (
        "name_ur",
        "name_urdu",
        "urdu_name",
        "site_name_ur",
        "site_name_urdu",
        "facility_name_ur",
        "name_ps",
        "name_sd",
        "name_ar",
        "ar_name",
        "arabic_name",
        "name_arabic",
        "name_fa",
        "name_local",
        "local_name",
    ),
    ("#loc+name+i_ur", "#loc+name+i_ar"),
)
CODE = Role(
    "code",
    "Code",
    (
        "code",
        "site_id",
        "site_code",
        "settlement_code",
        "location_code",
        "location_id",
        "facility_code",
        "facility_id",
        "site_uid",
        "ssid",
        "osm_id",
        "gid",
        "code_site",
        "id_site",
        "codigo",
    ),
    ("#loc+code", "#loc+id"),
)
PCODE = Role("pcode", "P-code (finest level)", ("pcode", "p_code", "placecode"), ("#adm3+code", "#adm2+code"))
COUNTRY = (
    Role(
        "adm0_name",
        "Country",
        ("country", "adm0_en", "admin0_name", "adm0_name", "pays", "pais", "country_name"),
        ("#country+name", "#country"),
    ),
    Role(
        "adm0_pcode",
        "Country code",
        (
            "adm0_pcode",
            "admin0pcode",
            "iso3",
            "country_code",
            "country_iso3",
            "countrycodeiso3",
            "location_code",
        ),
        ("#country+code",),
    ),
)
ADMIN = (
    Role(
        "adm1_name",
        "Province",
        ("adm1_en", "admin1_name", "province", "adm1_name", "region", "governorate", "departement", "estado"),
        ("#adm1+name", "#adm1"),
    ),
    Role("adm1_pcode", "Province P-code", ("adm1_pcode", "admin1pcode"), ("#adm1+code",)),
    Role(
        "adm2_name",
        "District",
        ("adm2_en", "admin2_name", "district", "adm2_name", "municipio", "zila", "cercle"),
        ("#adm2+name", "#adm2"),
    ),
    Role("adm2_pcode", "District P-code", ("adm2_pcode", "admin2pcode"), ("#adm2+code",)),
    Role(
        "adm3_name",
        "Tehsil",
        ("adm3_en", "admin3_name", "tehsil", "taluka", "adm3_name", "commune", "subdistrict"),
        ("#adm3+name", "#adm3"),
    ),
    Role("adm3_pcode", "Tehsil P-code", ("adm3_pcode", "admin3pcode"), ("#adm3+code",)),
    Role(
        "adm4_name",
        "Union council",
        ("adm4_en", "admin4_name", "union_council", "adm4_name", "uc"),
        ("#adm4+name", "#adm4"),
    ),
    Role("adm4_pcode", "Union council P-code", ("adm4_pcode", "admin4pcode"), ("#adm4+code",)),
)
LEVEL = Role(
    "level",
    "Admin level of the row",
    ("admin_level", "adminlevel", "adm_level", "admlevel", "admin_lvl", "niveau_admin", "nivel_admin"),
    ("#adm+level", "#geo+admin_level", "#geo+level"),
)
PEOPLE = Role(
    "people",
    "People",
    (
        "population",
        "people",
        "individuals",
        "persons",
        "total_population",
        "population_total",
        "pop_total",
        "total_pop",
        "pop",
        "total_individuals",
        "individuals_total",
        "no_of_individuals",
        "number_of_people",
        "refugee_pop",
        "refugee_population",
        "refugees",
        "idps",
        "idp_individuals",
        "num_present_idp_ind",
        "total_idps",
        "inhabitants",
        "residents",
        "individus",
        "personnes",
        "personas",
        "pessoas",
        "عدد_الأفراد",
        "آبادی",
    ),
    ("#affected+ind", "#affected+idps", "#affected+refugees", "#population", "#inneed+ind", "#affected"),
    unit="people",
)
HOUSEHOLDS = Role(
    "households",
    "Households",
    (
        "households",
        "hh",
        "hhs",
        "total_households",
        "households_total",
        "no_of_households",
        "number_of_households",
        "families",
        "idp_households",
        "house_count",
        "hh_total",
        "total_hh",
        "menages",
        "nombre_de_menages",
        "hogares",
        "familias",
        "عدد_الأسر",
        "خاندان",
    ),
    ("#affected+hh", "#affected+households", "#population+hh"),
    unit="households",
)
FEMALE = Role(
    "female",
    "Women and girls",
    ("female", "females", "number_females", "women", "femmes", "mujeres", "mulheres", "إناث", "خواتین"),
    ("#affected+f", "#affected+idps+f", "#population+f"),
    unit="people",
)
MALE = Role(
    "male",
    "Men and boys",
    ("male", "males", "number_males", "men", "hommes", "hombres", "homens", "ذكور", "مرد"),
    ("#affected+m", "#affected+idps+m", "#population+m"),
    unit="people",
)
CHILDREN = Role(
    "children",
    "Children",
    ("children", "minors", "enfants", "total_children", "under_18"),
    ("#affected+children",),
    unit="people",
)
HOUSEHOLD_SIZE = Role(
    "household_size",
    "Household size",
    ("household_size", "hh_size", "avg_hh_size", "average_household_size", "taille_menage", "family_size"),
    ("#indicator+hh_size",),
    unit="people per household",
)
TYPE = Role(
    "type",
    "Type",
    ("type", "site_type", "settlement_type", "location_type", "category", "type_de_site", "tipo"),
    ("#loc+type",),
)
STATUS = Role(
    "status",
    "Status",
    (
        "status",
        "functional",
        "functional_status",
        "operational_status",
        "functionality",
        "site_status",
        "statut",
        "estado_operativo",
    ),
    ("#status",),
)
DATE = Role(
    "date",
    "Date",
    (
        "date",
        "as_of",
        "reporting_date",
        "survey_date",
        "date_of_survey",
        "assessment_date",
        "start_date",
        "submitted_on",
        "reference_period_start",
        "data_date",
        "date_collecte",
        "fecha",
        "تاريخ",
        "تاریخ",
        "_submission_time",
        "year",
    ),
    ("#date+reported", "#date+start", "#date"),
)
DATE_OR_MONTH = Role(
    "date", "Date", (*DATE.aliases, "month", "reporting_month", "month_year", "mois", "mes"), DATE.hxl
)
"""For tables of people that come every month; in others a month stands beside its year."""
END_DATE = Role(
    "end_date",
    "End",
    (
        "end_date",
        "end",
        "date_end",
        "finish_date",
        "project_end_date",
        "date_fin",
        "fecha_fin",
        "actual_end_date",
    ),
    ("#date+end",),
)
OPERATION = Role(
    "operation",
    "Operation",
    ("operation", "operation_name", "crisis", "emergency", "response"),
    ("#operation+name", "#event+name", "#crisis+name"),
)
ROUND = Role(
    "round",
    "Round",
    (
        "round",
        "round_number",
        "reporting_round",
        "dtm_round",
        "survey_round",
        "assessment_round",
        "ronda",
        "cycle",
    ),
    ("#meta+round", "#round+code", "#round"),
)
REASON = Role(
    "reason",
    "Reason of displacement",
    (
        "reason",
        "displacement_reason",
        "cause",
        "reason_for_displacement",
        "cause_of_displacement",
        "displacement_cause",
        "cause_de_deplacement",
        "motivo",
    ),
    ("#cause", "#cause+type", "#crisis+type"),
)
ORIGIN = Role(
    "origin",
    "Origin",
    (
        "origin",
        "origin_district",
        "idp_origin_admin1_name",
        "district_of_origin",
        "province_of_origin",
        "place_of_origin",
        "origin_admin2",
        "country_of_origin",
        "provenance",
    ),
    ("#adm1+name+origin", "#adm2+name+origin", "#country+origin"),
)
INDICATOR = Role(
    "indicator",
    "Indicator (what the value of the row is)",
    ("indicator", "indicator_name", "indicateur", "indicador"),
    ("#indicator+name", "#indicator+code"),
)
GROUP = Role(
    "category",
    "Category of people",
    (
        "category",
        "population_group",
        "population_type",
        "pop_group",
        "refugee_status",
        "displacement_status",
        "legal_status",
        "groupe_de_population",
    ),
    ("#population+type", "#affected+type"),
)
SENSITIVITY = Role("sensitivity", "Sensitivity", ("sensitivity", "data_sensitivity", "classification"))
