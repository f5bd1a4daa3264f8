"""Both address catalogues of GHN: 34 provinces with wards, and the older three levels.

The rows lie in ``data/*.txt`` in a format of our own (its first lines explain it).
"""
import functools
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parent / 'data'
USABLE = 1
LOCKED, PICKUP_ONLY, DELIVERY_ONLY, BOTH = range(4)


@dataclass(frozen=True)
class Place:
    """What prices and routes need to know of a sender or receiver."""
    province_id: int            # of the new model, whatever model was given
    region: str                 # north, central, south
    province: str
    ward: str
    ward_id: int = 0            # new model
    district_id: int = 0        # legacy model
    ward_code: str = ''


@dataclass
class Catalogue:
    provinces: dict = field(default_factory=dict)           # v3 id -> row
    wards: dict = field(default_factory=dict)               # v3 id -> row
    old_provinces: dict = field(default_factory=dict)
    districts: dict = field(default_factory=dict)
    old_wards: dict = field(default_factory=dict)           # ward code -> row

    # === LOOK-UPS OF THE NEW MODEL === #

    def province_named(self, name):
        return self._province_names.get(name)

    def ward_named(self, province_id, name):
        return self._ward_names.get((province_id, name))

    def new_place(self, ward):
        province = self.provinces[ward['parent_id']]
        return Place(
            province['_id'], province['region'], province['name'], ward['name'],
            ward_id=ward['_id'])

    # === LOOK-UPS OF THE LEGACY MODEL === #

    def old_place(self, ward):
        district = self.districts[ward['DistrictID']]
        old = self.old_provinces[district['ProvinceID']]
        new = self.provinces[old['new_id']]
        return Place(
            new['_id'], new['region'], old['ProvinceName'], ward['WardName'],
            district_id=ward['DistrictID'], ward_code=ward['WardCode'])

    def old_province_named(self, name):
        return next((row for row in self.old_provinces.values()
                     if name in (row['ProvinceName'], *row['NameExtension'])), None)

    def district_named(self, province_id, name):
        return next((row for row in self.districts.values()
                     if row['ProvinceID'] == province_id
                     and name in (row['DistrictName'], *row['NameExtension'])), None)

    def old_ward_named(self, district_id, name):
        return next((row for row in self.old_wards.values()
                     if row['DistrictID'] == district_id
                     and name in (row['WardName'], *row['NameExtension'])), None)

    # === LOADING === #

    def index(self):
        self._province_names = {
            row['name']: row for row in self.provinces.values()
            if row['status'] == USABLE}
        self._ward_names = {
            (row['parent_id'], row['name']): row for row in self.wards.values()
            if row['status'] == USABLE}
        return self


def unaccented(text):
    """'Đà Nẵng' -> 'Da Nang'."""
    text = unicodedata.normalize('NFD', text.replace('Đ', 'D').replace('đ', 'd'))
    return ''.join(char for char in text if not unicodedata.combining(char))


def _extensions(name, *more):
    bare = name.split(' ', 1)[1] if name.startswith(
        ('Phường ', 'Xã ', 'Quận ', 'Huyện ')) else name
    return list(dict.fromkeys(
        [name, unaccented(name), bare, unaccented(bare), *filter(None, more)]))


def _lines(name):
    for line in (DATA / name).read_text('utf-8').splitlines():
        if line and not line.startswith('#'):
            yield line.split('|')


def _load_new(catalogue):
    province_id = None
    for fields in _lines('new_model.txt'):
        if len(fields) == 4:
            province_id = int(fields[0])
            catalogue.provinces[province_id] = {
                '_id': province_id, 'name': fields[1], 'region': fields[2],
                'extension_names': _extensions(fields[1], *fields[3].split(',')),
                'type': 'province', 'parent_id': 0, 'status': USABLE}
            continue
        for ward_id, text in enumerate(fields[1].split(';'), int(fields[0])):
            name, _, status = text.partition('!')
            catalogue.wards[ward_id] = {
                '_id': ward_id, 'name': name, 'extension_names': _extensions(name),
                'type': 'ward', 'parent_id': province_id,
                'status': int(status or USABLE)}


def _load_legacy(catalogue):
    province_id = district_id = None
    for kind, *fields in _lines('legacy_model.txt'):
        if kind == 'P':
            province_id = int(fields[0])
            catalogue.old_provinces[province_id] = {
                'ProvinceID': province_id, 'ProvinceName': fields[1], 'CountryID': 1,
                'Code': str(province_id % 100), 'NameExtension': _extensions(fields[1]),
                'IsEnable': 1, 'RegionID': 1, 'CanUpdateCOD': True, 'Status': 1,
                'new_id': int(fields[2])}
        elif kind == 'D':
            district_id, support = int(fields[0]), int(fields[3])
            catalogue.districts[district_id] = {
                'DistrictID': district_id, 'ProvinceID': province_id,
                'DistrictName': fields[1], 'Code': str(district_id),
                'Type': int(fields[2]), 'SupportType': support,
                'NameExtension': _extensions(fields[1]),
                'PickType': 1, 'DeliverType': 1, 'CanUpdateCOD': support == BOTH,
                'Status': 1 if support else 2}
        else:
            support = catalogue.districts[district_id]['SupportType']
            for number, name in enumerate(fields[1].split(';'), 1):
                code = f'{fields[0]}{number:02d}'
                catalogue.old_wards[code] = {
                    'WardCode': code, 'DistrictID': district_id, 'WardName': name,
                    'NameExtension': _extensions(name), 'SupportType': support,
                    'PickType': 1, 'DeliverType': 1, 'CanUpdateCOD': support == BOTH,
                    'OnDates': None, 'Status': 1 if support else 2}


@functools.cache
def load():
    """The catalogue, read once; callers never write into it."""
    catalogue = Catalogue()
    _load_new(catalogue)
    _load_legacy(catalogue)
    return catalogue.index()
