"""What names of hazard files say: return period, date, scenario, quantity, unit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.io.rasters.hazardnames import HazardName, date_of, hazard_of_name, return_period


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("1in100", 100), ("FD_1in1000", 1000), ("rp_100", 100), ("RP100", 100), ("floodMapGL_rp100y", 100),
        ("fl_hazard_100_yrp", 100), ("flood_100yr", 100), ("2-year flood", 2), ("T100", 100), ("HQ_100", 100),
        ("Q100", 100), ("AEP 1%", 100), ("0.2pctAEP", 500), ("AEP0.01", 100), ("Inondation 100 ans", 100),
        ("inunriver_rcp4p5_0000GFDL-ESM2M_2030_rp00050", 50), ("RP_0002", 2),
        ("flood_2022", None), ("T2m_max", None), ("5-year mean rainfall", None), ("flood_2000yr", None),
        ("depth", None), ("AEP 0.5", None), ("map 1:50000", None),
    ],
)  # fmt: skip
def test_return_periods(name: str, years: float | None) -> None:
    assert return_period(name) == years


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("flood_20220825", "2022-08-25"), ("flood_2022-08", "2022-08"), ("flood 25.08.2022", "2022-08-25"),
        ("VIIRS_20220825_20220831_Flood", "2022-08-25/2022-08-31"), ("201208140700_x", "2012-08-14"),
        ("20220825T120000Z", "2022-08-25"), ("depth 25 Aug 2022", "2022-08-25"), ("august_2022", "2022-08"),
        ("pak_ppp_2020_UNadj", "2020"), ("spei_2041-2060", "2041/2060"), ("20221345", None), ("x_4326", None),
    ],
)  # fmt: skip
def test_dates(name: str, date: str | None) -> None:
    assert date_of(name) == date


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Flood_depth_cm_1in100", HazardName("flood", "depth", "cm", 100.0)),
        ("spei_SSP5-8.5_2050", HazardName("drought", "index", None, None, "2050", "ssp585")),
        ("inuncoast_rcp8p5_2050_rp0100", HazardName("storm-surge", "depth", None, 100.0, "2050", "rcp85")),
        ("Flood_Design_Depth_Jakarta", HazardName("flood", "depth", None, None, None, "design")),
        ("lembang_6.8_shakemap", HazardName("earthquake", "intensity")),
        ("flood depth (m)", HazardName("flood", "depth", "m")),
        ("slope", HazardName()),
        ("m", HazardName()),
    ],
)  # fmt: skip
def test_hazard_quantity_unit_and_scenario(name: str, said: HazardName) -> None:
    assert hazard_of_name(name) == said


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[a-zA-Z_ 0-9%.\-]{0,40}", fullmatch=True))
def test_no_name_is_too_odd(name: str) -> None:
    said = hazard_of_name(name)
    assert said.return_period is None or said.return_period >= 1
