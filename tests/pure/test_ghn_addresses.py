"""From what buyers write to one row of a catalogue, or to a person."""

import unicodedata

import pytest

from odoo.addons.gtg_vn_carriers.lib import addresses as A

WARDS = [A.Unit(number, name) for number, name in enumerate((
    "Phường Sài Gòn", "Phường Bến Thành", "Phường Tân Phú", "Xã Thanh An",
    "Xã Thạnh An", "Phường Phương Liệt", "Xã Ea H'Drai", "Phường Hòa Bình",
    "Phường Long Thành", "Xã Quan Sơn", "Phường Mỹ Tho", "Xã Mỹ Thọ",
    "Đặc khu Côn Đảo", "Phường Thủ Đức"), 1)]
PROVINCES = [A.Unit(1, "Hồ Chí Minh", ("HCM", "TPHCM")), A.Unit(2, "Hà Nội"),
             A.Unit(3, "Huế"), A.Unit(4, "Đắk Lắk"), A.Unit(5, "Đồng Nai"),
             A.Unit(6, "Đà Nẵng")]


@pytest.mark.parametrize("text,expected", [
    ("Phường Sài Gòn", "Phường Sài Gòn"), ("P. Sài Gòn", "Phường Sài Gòn"),
    ("p.sài gòn", "Phường Sài Gòn"), ("Sài Gòn", "Phường Sài Gòn"),
    ("PHUONG SAI GON", "Phường Sài Gòn"),
    (unicodedata.normalize("NFD", "Phường Sài Gòn"), "Phường Sài Gòn"),
    ("Phương Liệt", "Phường Phương Liệt"), ("phuong liet", "Phường Phương Liệt"),
    ("Xã Ea H’Drai", "Xã Ea H'Drai"), ("Ea HDrai", "Xã Ea H'Drai"),
    ("Phường Hoà Bình", "Phường Hòa Bình"),  # where the tone mark stands
    ("Xã Long Thành", "Phường Long Thành"),  # promoted in 2026
    ("Quan Sơn", "Xã Quan Sơn"), ("Xã Thanh An", "Xã Thanh An"),
    ("Xã Thạnh An", "Xã Thạnh An"), ("phường Mỹ Tho", "Phường Mỹ Tho"),
    ("xã My Tho", "Xã Mỹ Thọ"), ("Côn Đảo", "Đặc khu Côn Đảo"),
    ("Phường Sài Gòn, TP. Hồ Chí Minh", "Phường Sài Gòn"),
])
def test_one_row(text, expected):
    match = A.commune(text, WARDS, "TP Hồ Chí Minh")
    assert match.unit and match.unit.name == expected


@pytest.mark.parametrize("text", [
    "", "   ", "Phường 10", "P.10", "Quận 1", "Q1", "thanh an", "xa thanh an",
    "Phường Tân Phú, Quận 7", "TP Thủ Đức", "Phường Sài Gòn, Thủ Đức",
    "Phường Bến Nghé",
])
def test_a_person_decides(text):
    assert A.commune(text, WARDS, "Hồ Chí Minh").unit is None


def test_candidates_are_offered():
    names = [u.name for u in A.commune("Phường Bến Nghé", WARDS).candidates]
    assert names == ["Phường Bến Thành"]
    assert {u.name for u in A.commune("thanh an", WARDS).candidates} == {
        "Xã Thanh An", "Xã Thạnh An"}


@pytest.mark.parametrize("text,expected", [
    ("TP Hồ Chí Minh", 1), ("TP.HCM", 1), ("Sài Gòn", 1), ("Ho Chi Minh City", 1),
    ("Thành phố Hà Nội", 2), ("hanoi", 2), ("Thừa Thiên - Huế", 3), ("Dak Lak", 4),
    ("Tỉnh Đồng Nai", 5), ("TP Đà Nẵng", 6),
])
def test_provinces(text, expected):
    assert A.province(text, PROVINCES).unit.id == expected


@pytest.mark.parametrize("text", ["", "đn", "Bình Dương", "Phường Sài Gòn"])
def test_no_province(text):
    assert A.province(text, PROVINCES).unit is None
