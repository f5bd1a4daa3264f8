"""Vietnamese place names: from what a buyer wrote to one row of a carrier's
catalogue, or to a short list for a person. Never a guess.

Since 1 July 2025 there are two levels: 34 provinces, 3,321 communes. Old ward names
live on for years, and many new communes carry the name of another old place; a
text that names a district belongs to the old model and is not translated.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TYPES = {
    'thành phố': 'thanh pho', 'tp': 'thanh pho', 'thị xã': 'thi xa', 'tx': 'thi xa',
    'thị trấn': 'thi tran', 'tt': 'thi tran', 'đặc khu': 'dac khu', 'dk': 'dac khu',
    'phường': 'phuong', 'p': 'phuong', 'f': 'phuong', 'quận': 'quan', 'q': 'quan',
    'huyện': 'huyen', 'h': 'huyen', 'tỉnh': 'tinh', 'xã': 'xa', 'x': 'xa',
}
_NUMBERED = re.compile(r'^(phuong|quan|p|q|f) ?0*(\d+)$')
_WORDS = {**_TYPES, **{word: word for word in _TYPES.values()}}
_DISTRICTS = ('quan', 'huyen', 'thi xa', 'thanh pho')
_ALIASES = {
    'hcm': 'ho chi minh', 'tphcm': 'ho chi minh', 'sai gon': 'ho chi minh',
    'ho chi minh city': 'ho chi minh', 'sg': 'ho chi minh', 'hn': 'ha noi',
    'thu do ha noi': 'ha noi', 'hanoi': 'ha noi', 'thua thien hue': 'hue',
    'dac lac': 'dak lak', 'daklak': 'dak lak',
}


@dataclass(frozen=True)
class Unit:
    """One row of a catalogue."""

    id: int
    name: str
    names: tuple = ()  # other spellings the carrier lists


@dataclass(frozen=True)
class Match:
    """``unit`` when it is certain, else ``candidates`` for a person."""

    unit: Unit | None = None
    candidates: tuple = ()


def fold(text):
    """Comparison key: no accents, no case, no punctuation, single spaces."""
    text = unicodedata.normalize('NFKC', text or '').lower().replace('đ', 'd')
    text = unicodedata.normalize('NFD', text)
    text = ''.join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"['’`]", '', text)
    return re.sub(r'[\W_]+', ' ', text).strip()


def short(text):
    """Folded name without its type word, numbers without leading zeros."""
    return _split(text)[1]


def kind(text):
    """Folded type word in its long form, '' if there is none."""
    return _split(text)[0]


@lru_cache(20000)
def _split(text):
    key = fold(text)
    number = _NUMBERED.match(key)
    if number:
        return _WORDS[number[1]], number[2]
    plain = unicodedata.normalize('NFC', text or '').lower()
    plain = re.sub(r'[\W_]+', ' ', re.sub(r"['’`]", '', plain))
    # "Phương Liệt" starts with no type word, though it does without its accents
    known = _WORDS if plain.isascii() else _TYPES
    words = plain.split()
    for count in (2, 1):
        head = ' '.join(words[:count])
        if head in known and len(words) > count:
            return known[head], fold(' '.join(words[count:]))
    return '', key


def accented(text):
    """Key that keeps the accents but not where the tone mark stands (Hòa, Hoà)."""
    text = unicodedata.normalize('NFD', (text or '').lower())
    words = []
    for word in re.sub(r"[^\w\s̀-ͯ]+", ' ', text).split():
        tones = ''.join(c for c in word if c in '\u0300\u0301\u0303\u0309\u0323')
        words.append(''.join(c for c in word if c not in tones) + tones)
    return ' '.join(words)


def _alias(text):
    if kind(text) not in ('', 'tinh', 'thanh pho'):
        return fold(text)  # "Phường Sài Gòn" is no other name of the city
    key = short(text)
    return _ALIASES.get(key, key)


def province(text, units):
    """The province a text names.

    :param str text: name of an Odoo state or of a buyer's address
    :param units: `Unit` of level province
    """
    key = _alias(text)
    found = [u for u in units if key in {_alias(n) for n in (u.name, *u.names)}]
    return Match(found[0]) if key and len(found) == 1 else Match(None, tuple(found))


def commune(text, units, province_name=''):
    """The commune a text names, within the units of one province.

    An exact name wins, then the carrier's other spellings, then the name without
    its type word (22 communes changed from xã to phường in 2026). What fits several
    rows is told apart by its accents or left to a person.

    :param str province_name: may be repeated behind the commune
    """
    where = {_alias(province_name), ''}
    parts = [part.strip() for part in re.split(r'[,;]', text or '')]
    parts = [part for part in parts[:1] + [
        part for part in parts[1:] if _alias(part) not in where] if part]
    if not parts:
        return Match()
    name = parts[0]
    old_model = any(kind(part) in _DISTRICTS for part in parts) or len(parts) > 1
    hits = _hits(name, units)
    if len(hits) > 1:
        # who types no accents at all may mean either ("Thanh An", "Thạnh An")
        exact = [] if name.isascii() else [
            u for u in hits if accented(name) in _spellings(u)]
        hits = exact or hits
    if len(hits) == 1 and not old_model:
        return Match(hits[0])
    return Match(None, tuple(hits) or similar(name, units))


def _hits(name, units):
    key, word, core = fold(name), kind(name), short(name)
    same = [u for u in units if kind(u.name) == word and short(u.name) == core]
    if same:
        return same
    listed = [u for u in units if key in {fold(n) for n in u.names}]
    if listed:
        return listed
    if core.isdigit():  # "Phường 12" is the name, not a number of something else
        return []
    return [u for u in units if short(u.name) == core] or [
        u for u in units if short(u.name) == key]  # "phuong liet" may be all name


def _spellings(unit):
    """The name with and without its type word, accents kept."""
    words = accented(unit.name).split()
    bare = len(fold(unit.name).split()) - len(short(unit.name).split())
    return {' '.join(words), ' '.join(words[bare:])}


def similar(text, units, limit=10):
    """Rows that share words with the text, best first: a short list to choose from."""
    words = set(short(text).split())
    scored = [(len(words & set(short(u.name).split())), u.name, u) for u in units]
    scored = sorted((s for s in scored if s[0]), key=lambda s: (-s[0], s[1]))
    return tuple(s[2] for s in scored[:limit])
