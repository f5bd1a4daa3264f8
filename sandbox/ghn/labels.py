"""Label tokens and the three printable pages (README, "Labels")."""

import unicodedata
import uuid
from html import escape

from ..frame import Response
from .barcode import bars
from .binding import INTS, TEXTS, parameters
from .catalogue import unaccented
from .envelope import success, user_error

SIZES = {'printA5': (148, 210), 'print80x80': (80, 80), 'print52x70': (52, 70)}
MAX_CODES = 10000


class Labels:
    """gen-token and the print pages.

    :param provider: the running GHN provider
    """

    def __init__(self, provider):
        self.provider = provider
        self.tokens = {}        # token -> {codes, boxes, until}

    # === CALLS === #

    def gen_token(self, request):
        values = parameters(request, {'order_codes': TEXTS, 'item_index': INTS})
        codes = values.get('order_codes')
        if not codes or len(codes) > MAX_CODES:
            raise user_error('order_codes không hợp lệ')
        for code in codes:
            self.provider.orders.find(code, request.client_id)
        token = str(uuid.uuid4())
        until = self.provider.time() + 60 * self.provider.settings['print_minutes']
        self.tokens[token] = {
            'codes': codes, 'boxes': values.get('item_index') or [], 'until': until}
        request.reference = ','.join(codes[:5])
        return success({'token': token})

    def page(self, request):
        ticket = self.tokens.get(request.query.get('token', ''))
        if not ticket or ticket['until'] < self.provider.time():
            return Response(
                400, body='<html><body><h1>Token is expired or not valid</h1></body>'
                '</html>', content_type='text/html;charset=UTF-8', refused='token')
        size = SIZES[request.path.rsplit('/', 1)[1]]
        labels = [label for code in ticket['codes'] for label in self.boxes(
            self.provider.orders.find(code), ticket['boxes'])]
        if self.provider.settings['print_format'] == 'pdf':
            return Response(200, body=pdf(labels, size), content_type='application/pdf')
        return Response(
            200, body=html(labels, size), content_type='text/html;charset=UTF-8')

    def boxes(self, record, wanted):
        """One label per box: heavy orders have a box per item."""
        document = record['doc']
        count = len(document['items']) if document['service_type_id'] == 5 else 1
        for index in wanted or range(count):
            if index < count:
                suffix = f'_{index + 1}' if count > 1 else ''
                yield _lines(record, suffix, f'{index + 1}/{count}')


def _lines(record, suffix, box):
    document = record['doc']
    receiver = record['receiver']
    collect = document['cod_amount']
    if document['payment_type_id'] == 2:
        collect += sum(record['fees'].values())
    return {
        'code': document['order_code'], 'shown': document['order_code'] + suffix,
        'sort': document['sort_code'], 'rows': [
            f'Từ: {document["from_name"]} - {document["from_phone"]}',
            document['from_address'],
            f'Đến: {document["to_name"]} - {document["to_phone"]}',
            f'{document["to_address"]}, {receiver["ward"]}, {receiver["province"]}',
            f'Nội dung: {document["content"] or _content(document)}',
            f'Khối lượng: {document["calculate_weight"]} g, kiện {box}',
            f'Ghi chú: {document["required_note"]}. {document["note"]}',
            f'Mã khách hàng: {document["client_order_code"]}',
            f'Thu người nhận: {collect:,} đ'.replace(',', '.'),
        ]}


def _content(document):
    return ', '.join(f'{item["name"]} x{item["quantity"]}' for item in document['items'])


# === HTML === #

def html(labels, size):
    """The page that a browser prints."""
    width, height = size
    sheets = ''.join(
        f'<section><h2>GHN</h2>{_svg(label["code"])}<h1>{escape(label["shown"])}</h1>'
        f'<h3>{escape(label["sort"])}</h3>'
        + ''.join(f'<p>{escape(row)}</p>' for row in label['rows']) + '</section>'
        for label in labels)
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>GHN</title>'
        f'<style>@page{{size:{width}mm {height}mm;margin:2mm}}'
        'section{page-break-after:always;font:9pt sans-serif}'
        'h1,h2,h3,p{margin:1mm 0}svg{width:90%;height:12mm}</style></head>'
        f'<body>{sheets}</body></html>')


def _svg(code):
    drawn, width = bars(code)
    return (
        f'<svg viewBox="0 0 {width} 40" preserveAspectRatio="none">'
        + ''.join(f'<rect x="{x}" y="0" width="{w}" height="40"/>' for x, w in drawn)
        + '</svg>')


# === PDF (switch print_format) === #

def pdf(labels, size):
    """A PDF with one page per label. Texts lose their accents: no font is embedded."""
    width, height = (side * 72 / 25.4 for side in size)
    objects = {1: b'<< /Type /Catalog /Pages 2 0 R >>',
               3: b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'}
    kids = []
    for number, label in enumerate(labels):
        page = 4 + 2 * number
        stream = _drawing(label, width, height)
        objects[page] = (
            f'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.1f} {height:.1f}] '
            f'/Resources << /Font << /F1 3 0 R >> >> /Contents {page + 1} 0 R >>'
        ).encode()
        objects[page + 1] = (
            f'<< /Length {len(stream)} >>\nstream\n'.encode() + stream + b'\nendstream')
        kids.append(f'{page} 0 R')
    objects[2] = (
        f'<< /Type /Pages /Count {len(kids)} /Kids [{" ".join(kids)}] >>'.encode())
    return _file(objects)


def _drawing(label, width, height):
    drawn, units = bars(label['code'])
    scale = (width - 20) / units
    parts = [f'{10 + x * scale:.2f} {height - 50:.1f} {w * scale:.2f} 38 re f'
             for x, w in drawn]
    small = max(4.5, min(9, width / 34))
    rows = [f'GHN {label["shown"]}   {label["sort"]}', *label['rows']]
    parts += [
        f'BT /F1 {small:.1f} Tf 10 {height - 64 - n * small * 1.4:.1f} Td '
        f'({_plain(row)}) Tj ET' for n, row in enumerate(rows)]
    return '\n'.join(parts).encode('latin-1')


def _plain(text):
    text = unaccented(unicodedata.normalize('NFC', text))[:90]
    text = text.encode('latin-1', 'replace').decode('latin-1')
    text = ''.join(char if char.isprintable() else ' ' for char in text)
    return text.replace('\\', '\\\\').replace('(', '\\(').replace(')', '\\)')


def _file(objects):
    out, places = b'%PDF-1.4\n', []
    for number in sorted(objects):
        places.append(len(out))
        out += f'{number} 0 obj\n'.encode() + objects[number] + b'\nendobj\n'
    table = ''.join(f'{place:010d} 00000 n \n' for place in places)
    return out + (
        f'xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}'
        f'trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n'
        f'startxref\n{len(out)}\n%%EOF\n').encode()
