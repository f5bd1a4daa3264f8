"""The invoice XML that clients send: is it acceptable, and what does it say
(README 4)? Everything wrong is ERR:3."""

import re
from datetime import date
from decimal import Decimal

from lxml import etree

from .errors import Err
from .soap import parser

GENERAL = ('SHDon', 'MHSo', 'SBKe', 'NBKe', 'NLap', 'DVTTe', 'TGia', 'HTTToan',
           'HDDThu', 'GiamThueGTGT')
SELLER = ('Ten', 'MST', 'DChi', 'SDThoai', 'DCTDTu', 'STKNHang', 'TNHang', 'Fax',
          'Website', 'MCHang', 'TCHang')
BUYER = ('Ten', 'MST', 'DChi', 'MKHang', 'SDThoai', 'DCTDTu', 'HVTNMHang', 'STKNHang',
         'TNHang', 'HVTNNHang', 'CCCDan')
LINE = ('TChat', 'STT', 'MHHDVu', 'THHDVu', 'DVTinh', 'SLuong', 'DGia', 'TLCKhau',
        'STCKhau', 'ThTien', 'TSuat', 'TThue', 'TSThue', 'TTKhac')
TOTALS = ('THTTLTSuat', 'TgTCThue', 'TgTThue', 'TTCKTMai', 'TgTTTBSo', 'TgTTTBChu')
CONTENT = ('NBan', 'NMua', 'DSHHDVu', 'TToan')
NUMBERS = ('SLuong', 'DGia', 'TLCKhau', 'STCKhau', 'ThTien', 'TThue', 'TSThue')
NUMBER = re.compile(r'-?\d{1,21}(\.\d{1,6})?', re.ASCII)
NUMERIC_RATES = {'0': '0%', '5': '5%', '8': '8%', '10': '10%', '-1': 'KCT',
                 '-2': 'KKKNT', '-4': ''}
SCHEMA_RATES = re.compile(r'(0|5|8|10)%|KCT|KKKNT|KHAC:\d{1,2}(\.\d{1,2})?%')


def bad(text):
    return Err(3, text)


def root_of(text, name):
    """The root element, which must be ``name``."""
    if not text or '<!DOCTYPE' in text or text.lstrip().startswith('<?xml'):
        raise bad('XML không hợp lệ')
    try:
        root = etree.fromstring(text.strip().encode(), parser())
    except (etree.XMLSyntaxError, ValueError):
        raise bad('XML không hợp lệ') from None
    if root.tag != name:
        raise bad(f'không phải {name}')
    return root


def text_of(node, name, required=False):
    child = node.find(name) if node is not None else None
    value = (child.text or '').strip() if child is not None else ''
    if required and not value:
        raise bad(f'thiếu {name}')
    return value


def number_of(node, name, required=False):
    """The number as text, '' if there is none: plain digits, a dot."""
    value = text_of(node, name, required)
    if value and not NUMBER.fullmatch(value):
        raise bad(f'{name} không phải số: {value}')
    return value


def texts(node, names):
    return {} if node is None else {
        name: text_of(node, name) for name in names if text_of(node, name)}


class Reader:
    """Reads what lies below HDon/DLHDon, DieuChinhHD or ThayTheHD.

    :param settings: of the provider
    :param form: first character of the pattern
    """

    def __init__(self, settings, form):
        self.settings, self.form = settings, form

    def ordered(self, node, names):
        """Elements that are known come in the order of the list, each once."""
        places = [names.index(c.tag) for c in node if c.tag in names]
        once = [p for p in places if names[p] not in ('LTSuat',)]
        if self.settings['order_checked'] and once != sorted(set(once)):
            raise bad(f'thứ tự thẻ trong {node.tag}')

    def key(self, node):
        key = text_of(node, 'key', required=True)
        if len(key) > self.settings['fkey_length'] or re.search(r'\s', key):
            raise bad('key')
        return key

    def invoice(self, node, lines_required=True):
        """The content as a JSON-able dict; numbers stay texts.

        :param node: the parent of TTChung and NDHDon
        """
        general, content = node.find('TTChung'), node.find('NDHDon')
        if general is None or content is None:
            raise bad('thiếu TTChung hoặc NDHDon')
        self.ordered(general, GENERAL)
        self.ordered(content, CONTENT)
        read = {
            'general': self.general(general),
            'seller': texts(content.find('NBan'), SELLER),
            'buyer': self.buyer(content.find('NMua')),
            'lines': [self.line(one) for one in content.iterfind('DSHHDVu/HHDVu')],
            'totals': None, 'rates': [],
        }
        if self.settings['seller_required'] and not read['seller'].get('MST'):
            raise bad('thiếu NBan')
        totals = content.find('TToan')
        if lines_required and (totals is None or not read['lines']):
            raise bad('thiếu DSHHDVu hoặc TToan')
        if totals is not None:
            read['totals'], read['rates'] = self.totals(totals)
        return read

    def general(self, node):
        read = texts(node, GENERAL)
        currency = text_of(node, 'DVTTe', required=True)
        if not re.fullmatch('[A-Z]{3}', currency):
            raise bad('DVTTe')
        if currency != 'VND' and not Decimal(number_of(node, 'TGia') or 0) > 0:
            raise bad('thiếu TGia')
        number_of(node, 'TGia')
        if 'NLap' in read:
            try:
                date.fromisoformat(read['NLap'])
            except ValueError:
                raise bad('NLap') from None
            if len(read['NLap']) != 10:
                raise bad('NLap')
        return read

    def buyer(self, node):
        if node is None:
            raise bad('thiếu NMua')
        self.ordered(node, BUYER)
        text_of(node, 'Ten', required=True)
        text_of(node, 'DChi', required=self.settings['address_required'])
        return texts(node, BUYER)

    # === LINES === #

    def line(self, node):
        self.ordered(node, LINE)
        read = texts(node, LINE)
        if text_of(node, 'TChat', required=True) not in ('1', '2', '3', '4', '5'):
            raise bad('TChat')
        text_of(node, 'THHDVu', required=True)
        for name in NUMBERS:
            number_of(node, name)
        if read['TChat'] in ('1', '3', '5') and 'ThTien' not in read:
            raise bad('thiếu ThTien')
        read['rate'] = self.rate(read.get('TSuat', ''), read['TChat'] == '4')
        return read

    def rate(self, text, note=False):
        """The name of the tax schema for what the customer's build takes."""
        style = self.settings['rate_style']
        if style in ('numeric', 'any') and text in NUMERIC_RATES:
            name = NUMERIC_RATES[text]
        elif style in ('schema', 'any') and SCHEMA_RATES.fullmatch(text):
            name = text
        elif not text and (note or self.form == '2'):
            name = ''
        else:
            raise bad(f'TSuat {text}')
        if self.form == '2' and name:
            raise bad('hóa đơn bán hàng không có thuế suất')
        return name

    def totals(self, node):
        self.ordered(node, TOTALS)
        for name in ('TgTTTBSo', 'TgTTTBChu'):
            text_of(node, name, required=True)
        read = {name: number_of(node, name) for name in (
            'TgTCThue', 'TgTThue', 'TTCKTMai', 'TgTTTBSo')}
        read['TgTTTBChu'] = text_of(node, 'TgTTTBChu')
        rates = [{
            'rate': self.rate(text_of(row, 'TSuat', required=True)),
            'net': number_of(row, 'ThTien') or '0',
            'tax': number_of(row, 'TThue') or '0',
        } for row in node.iterfind('THTTLTSuat/LTSuat')]
        return read, rates
