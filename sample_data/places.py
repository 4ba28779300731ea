"""Real city positions (public knowledge, rounded to about a kilometre) and rough river courses.

Everything the generator builds on them is made up; the districts are cells around these points and
no boundary of anything.
"""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """name, Urdu name, schematic province, longitude, latitude, weight (size against the others)."""

    name: str
    name_ur: str
    province: str
    lon: float
    lat: float
    weight: float


PROVINCES = {
    "Khyber Pakhtunkhwa": "خیبر پختونخوا",
    "Balochistan": "بلوچستان",
    "Punjab": "پنجاب",
    "Sindh": "سندھ",
    "Islamabad": "اسلام آباد",
}

CITIES = (
    City("Peshawar", "پشاور", "Khyber Pakhtunkhwa", 71.58, 34.01, 20.0),
    City("Nowshera", "نوشہرہ", "Khyber Pakhtunkhwa", 71.98, 34.01, 5.0),
    City("Haripur", "ہری پور", "Khyber Pakhtunkhwa", 72.93, 33.99, 4.0),
    City("Kohat", "کوہاٹ", "Khyber Pakhtunkhwa", 71.44, 33.59, 5.0),
    City("Hangu", "ہنگو", "Khyber Pakhtunkhwa", 71.06, 33.53, 3.0),
    City("Mansehra", "مانسہرہ", "Khyber Pakhtunkhwa", 73.20, 34.33, 5.0),
    City("Swabi", "صوابی", "Khyber Pakhtunkhwa", 72.47, 34.12, 5.0),
    City("Lower Dir", "دیر زیریں", "Khyber Pakhtunkhwa", 71.84, 34.83, 4.0),
    City("Chitral", "چترال", "Khyber Pakhtunkhwa", 71.79, 35.85, 1.5),
    City("Bannu", "بنوں", "Khyber Pakhtunkhwa", 70.60, 32.99, 4.0),
    City("Dera Ismail Khan", "ڈیرہ اسماعیل خان", "Khyber Pakhtunkhwa", 70.90, 31.83, 5.0),
    City("Islamabad", "اسلام آباد", "Islamabad", 73.05, 33.69, 15.0),
    City("Rawalpindi", "راولپنڈی", "Punjab", 73.05, 33.57, 28.0),
    City("Gujrat", "گجرات", "Punjab", 74.08, 32.57, 10.0),
    City("Gujranwala", "گوجرانوالہ", "Punjab", 74.19, 32.16, 24.0),
    City("Lahore", "لاہور", "Punjab", 74.35, 31.55, 90.0),
    City("Faisalabad", "فیصل آباد", "Punjab", 73.09, 31.42, 40.0),
    City("Mianwali", "میانوالی", "Punjab", 71.53, 32.58, 5.0),
    City("Multan", "ملتان", "Punjab", 71.47, 30.20, 25.0),
    City("Dera Ghazi Khan", "ڈیرہ غازی خان", "Punjab", 70.64, 30.05, 8.0),
    City("Bahawalpur", "بہاولپور", "Punjab", 71.68, 29.40, 9.0),
    City("Rahim Yar Khan", "رحیم یار خان", "Punjab", 70.30, 28.42, 8.0),
    City("Quetta", "کوئٹہ", "Balochistan", 67.01, 30.18, 20.0),
    City("Pishin", "پشین", "Balochistan", 67.00, 30.58, 4.0),
    City("Loralai", "لورالائی", "Balochistan", 68.60, 30.37, 2.5),
    City("Chagai", "چاغی", "Balochistan", 64.70, 29.40, 1.2),
    City("Jaffarabad", "جعفرآباد", "Balochistan", 68.30, 28.30, 4.0),
    City("Dera Bugti", "ڈیرہ بگٹی", "Balochistan", 69.16, 29.04, 2.0),
    City("Khuzdar", "خضدار", "Balochistan", 66.61, 27.80, 3.0),
    City("Kech", "کیچ", "Balochistan", 63.05, 26.00, 2.5),
    City("Sukkur", "سکھر", "Sindh", 68.86, 27.71, 9.0),
    City("Larkana", "لاڑکانہ", "Sindh", 68.21, 27.56, 8.0),
    City("Dadu", "دادو", "Sindh", 67.78, 26.73, 5.0),
    City("Hyderabad", "حیدرآباد", "Sindh", 68.37, 25.39, 20.0),
    City("Mirpur Khas", "میرپور خاص", "Sindh", 69.01, 25.53, 5.0),
    City("Thatta", "ٹھٹہ", "Sindh", 67.92, 24.75, 4.0),
    City("Karachi", "کراچی", "Sindh", 67.01, 24.86, 120.0),
)

# Rough courses, a vertex every fifty kilometres or so: enough for a schematic flood plain.
RIVERS = {
    "Indus": (
        (72.90, 34.60), (72.65, 34.02), (72.25, 33.90), (71.75, 33.10), (71.50, 32.70),
        (71.20, 32.10), (70.95, 31.40), (70.80, 30.60), (70.60, 29.90), (70.55, 29.20),
        (70.10, 28.60), (69.60, 28.25), (68.90, 27.75), (68.30, 27.45), (67.85, 26.80),
        (67.95, 26.10), (68.30, 25.45), (68.15, 24.95), (67.75, 24.40), (67.50, 24.00),
    ),
    "Kabul": ((71.20, 34.15), (71.55, 34.10), (71.98, 34.03), (72.25, 33.90)),
    "Swat": ((72.35, 34.80), (71.90, 34.60), (71.70, 34.30), (71.85, 34.08)),
    "Chenab": ((74.55, 32.55), (74.05, 32.45), (73.40, 31.85), (72.60, 31.40), (72.00, 30.70),
               (71.50, 30.10), (71.05, 29.35), (70.55, 29.20)),
    "Jhelum": ((73.65, 33.00), (73.10, 32.55), (72.40, 32.10), (72.15, 31.30)),
    "Ravi": ((74.65, 31.95), (74.30, 31.62), (73.60, 31.10), (72.80, 30.70), (71.85, 30.55)),
    "Sutlej": ((74.30, 30.80), (73.40, 30.10), (72.40, 29.70), (71.65, 29.35), (71.05, 29.25)),
    "Kachhi": ((68.40, 29.20), (68.20, 28.60), (68.10, 28.00), (67.85, 27.20), (67.75, 26.60)),
}  # fmt: skip
