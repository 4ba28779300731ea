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
        "label",
        "title",
    ),
    ("#loc+name", "#geo+name"),
)
NAME_UR = Role(
    "name_ur",
    "Name in Urdu",
    (
        "name_ur",
        "name_urdu",
        "urdu_name",
        "site_name_ur",
        "site_name_urdu",
        "facility_name_ur",
        "name_ps",
        "name_sd",
    ),
    ("#loc+name+i_ur",),
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
    ),
    ("#loc+code", "#loc+id"),
)
PCODE = Role("pcode", "P-code (finest level)", ("pcode", "p_code", "placecode"), ("#adm3+code", "#adm2+code"))
ADMIN = (
    Role("adm1_name", "Province", ("adm1_en", "admin1_name", "province", "adm1_name"), ("#adm1+name",)),
    Role("adm1_pcode", "Province P-code", ("adm1_pcode", "admin1pcode"), ("#adm1+code",)),
    Role("adm2_name", "District", ("adm2_en", "admin2_name", "district", "adm2_name"), ("#adm2+name",)),
    Role("adm2_pcode", "District P-code", ("adm2_pcode", "admin2pcode"), ("#adm2+code",)),
    Role("adm3_name", "Tehsil", ("adm3_en", "admin3_name", "tehsil", "taluka", "adm3_name"), ("#adm3+name",)),
    Role("adm3_pcode", "Tehsil P-code", ("adm3_pcode", "admin3pcode"), ("#adm3+code",)),
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
    ),
    ("#affected+hh", "#affected+households", "#population+hh"),
    unit="households",
)
TYPE = Role(
    "type", "Type", ("type", "site_type", "settlement_type", "location_type", "category"), ("#loc+type",)
)
STATUS = Role(
    "status",
    "Status",
    ("status", "functional", "functional_status", "operational_status", "functionality", "site_status"),
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
        "year",
    ),
    ("#date", "#date+reported"),
)
SENSITIVITY = Role("sensitivity", "Sensitivity", ("sensitivity", "data_sensitivity", "classification"))
