"""Draws the air waybill: one page of 100 x 150 mm per package, with real data.

Labels are never masked (README 6), so name, phone and address stand here in clear.
"""

import io
from functools import cache
from pathlib import Path

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .order_view import chargeable_grams
from .orders import total_amount
from .seed import ADDRESSES

WIDTH, HEIGHT = 100 * mm, 150 * mm
EDGE = 4 * mm
MOST_LINES = 10
FONTS = (
    '/usr/share/fonts/truetype/dejavu/DejaVuSans{}.ttf',
    '/usr/share/fonts/truetype/noto/NotoSans{}.ttf',
    '/usr/share/fonts/truetype/liberation/LiberationSans{}.ttf',
)


@cache
def fonts():
    """Return (plain, bold) names of fonts that know Vietnamese, or Helvetica."""
    for pattern in FONTS:
        for plain, bold in (('', '-Bold'), ('-Regular', '-Bold')):
            files = [Path(pattern.format(style)) for style in (plain, bold)]
            if all(file.exists() for file in files):
                pdfmetrics.registerFont(TTFont('Label', str(files[0])))
                pdfmetrics.registerFont(TTFont('Label-Bold', str(files[1])))
                return 'Label', 'Label-Bold'
    return 'Helvetica', 'Helvetica-Bold'


class _Pen:
    """Writes downwards on a page."""

    def __init__(self, canvas):
        self.canvas = canvas
        self.plain, self.bold = fonts()
        self.y = HEIGHT - EDGE

    def text(self, text, size=8, bold=False, lines=3):
        font = self.bold if bold else self.plain
        for part in simpleSplit(text, font, size, WIDTH - 2 * EDGE)[:lines]:
            self.y -= size * 1.25
            self.canvas.setFont(font, size)
            self.canvas.drawString(EDGE, self.y, part)

    def rule(self):
        self.y -= 2 * mm
        self.canvas.line(EDGE, self.y, WIDTH - EDGE, self.y)


def dong(amount):
    """Return '274.500 ₫'."""
    return f'{amount:,}'.replace(',', '.') + ' ₫'


def labels(found, shop_names):
    """Return a PDF with one page per (order, package).

    :param shop_names: shop names by text id
    """
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle('Shopee air waybill')
    for order, package in found:
        _page(canvas, order, package, shop_names[str(order['shop_id'])])
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _page(canvas, order, package, shop_name):
    pen = _Pen(canvas)
    pen.text(f'Shopee · {package["carrier"]}', 12, True)
    pen.y -= 15 * mm
    code = Code128(package['tracking_number'], barHeight=13 * mm, barWidth=0.33 * mm)
    code.drawOn(canvas, (WIDTH - code.width) / 2, pen.y)
    pen.text(f'Mã vận đơn: {package["tracking_number"]}', 11, True)
    pen.text(f'Mã đơn hàng: {order["order_sn"]}', 9)
    pen.text(f'Kiện: {package["package_number"]}', 7)
    pen.rule()
    sender = ADDRESSES[0]
    pen.text(f'Từ: {shop_name}', 8, True)
    pen.text(
        f'{sender["address"]}, {sender["district"]}, {sender["city"]}, '
        f'{sender["state"]}',
        7,
    )
    pen.rule()
    buyer = order['recipient']
    pen.text(f'Đến: {buyer["name"]} · {buyer["phone"]}', 10, True)
    pen.text(buyer['full_address'], 9)
    pen.rule()
    _contents(pen, order, package)
    pen.rule()
    if order['cod']:
        pen.text(f'Tiền thu người nhận: {dong(total_amount(order))}', 13, True)
    else:
        pen.text('Tiền thu người nhận: 0 ₫ (đã thanh toán)', 11, True)
    if order['message']:
        pen.text(f'Người mua nhắn: {order["message"]}', 8)
    _qr(canvas, package['tracking_number'])


def _contents(pen, order, package):
    for index, qty in package['lines'][:MOST_LINES]:
        line = order['lines'][index]
        variant = f' ({line["model_name"]})' if line['model_name'] else ''
        sku = line['model_sku'] or line['item_sku']
        pen.text(f'{qty} × {line["item_name"]}{variant} · {sku}', 8, lines=2)
    if len(package['lines']) > MOST_LINES:
        pen.text(f'… và {len(package["lines"]) - MOST_LINES} dòng khác', 8)
    pen.text(f'Khối lượng: {chargeable_grams(order, package)} g', 8)


def _qr(canvas, text):
    size = 24 * mm
    code = QrCodeWidget(text)
    left, bottom, right, top = code.getBounds()
    scale = size / (right - left)
    drawing = Drawing(size, size, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(code)
    drawing.drawOn(canvas, WIDTH - EDGE - size, EDGE)
