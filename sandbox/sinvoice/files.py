"""PDF and ZIP of an invoice, as getInvoiceRepresentationFile gives them (README 9)."""

import io
import zipfile
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from . import words
from .fields import decimal, text
from .invoice import sign, totals, with_code
from .validate import zero
from .xml import local_day, number, rate_name, render

FONTS = (
    ('/usr/share/fonts/truetype/dejavu', 'DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'),
    ('/usr/share/fonts/truetype/liberation', 'LiberationSans-Regular.ttf',
     'LiberationSans-Bold.ttf'),
)
XSL = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<xsl:stylesheet version="1.0" '
    b'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">'
    b'<html><body><pre><xsl:value-of select="."/></pre></body></html>'
    b'</xsl:template></xsl:stylesheet>\n'
)
RED = colors.HexColor('#c8102e')
GREY = colors.HexColor('#64748b')


def zipped(invoice, tenant, original=None, flat=False):
    """A ZIP with XML and XSL, within another one unless ``flat``."""
    name = f'{tenant["tax_code"]}-{invoice["invoiceNo"]}'
    inner = _zip({f'{name}.xml': render(invoice, tenant, original), 'invoice.xsl': XSL})
    return inner if flat else _zip({f'{name}.zip': inner})


def _zip(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _fonts():
    """Names of a regular and a bold font that know Vietnamese, if there is one."""
    if 'Invoice' in pdfmetrics.getRegisteredFontNames():
        return 'Invoice', 'Invoice-Bold'
    for folder, regular, bold in FONTS:
        if (Path(folder) / regular).exists() and (Path(folder) / bold).exists():
            pdfmetrics.registerFont(TTFont('Invoice', str(Path(folder) / regular)))
            pdfmetrics.registerFont(TTFont('Invoice-Bold', str(Path(folder) / bold)))
            return 'Invoice', 'Invoice-Bold'
    return 'Helvetica', 'Helvetica-Bold'


def money(value):
    text = f'{value:,.2f}'.rstrip('0').rstrip('.')
    return text.replace(',', ' ').replace('.', ',').replace(' ', '.')


class _Page:
    """Writes lines downwards on A4."""

    def __init__(self):
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=A4, pageCompression=1)
        self.regular, self.bold = _fonts()
        self.y = 282 * mm

    def text(self, text, x=15, size=9, bold=False, align='left', color=colors.black,
             down=5.2):
        canvas = self.canvas
        canvas.setFont(self.bold if bold else self.regular, size)
        canvas.setFillColor(color)
        draw = {'left': canvas.drawString, 'right': canvas.drawRightString,
                'center': canvas.drawCentredString}[align]
        draw(x * mm, self.y, str(text))
        self.y -= down * mm
        if self.y < 18 * mm:
            canvas.showPage()
            self.y = 282 * mm

    def rule(self):
        self.canvas.setStrokeColor(colors.HexColor('#cbd5e1'))
        self.canvas.line(15 * mm, self.y + 3.5 * mm, 195 * mm, self.y + 3.5 * mm)

    def finish(self):
        self.canvas.save()
        return self.out.getvalue()


def pdf(invoice, tenant, draft=False):
    """The printed form; a draft has no number."""
    page = _Page()
    general = invoice['body']['generalInvoiceInfo']
    form = invoice['template'][0]
    title = 'HÓA ĐƠN GIÁ TRỊ GIA TĂNG' if form == '1' else 'HÓA ĐƠN BÁN HÀNG'
    page.text(title, 105, 15, True, 'center', RED, 7)
    day = local_day(invoice['issued_ms'])
    page.text(f'Ngày {day:%d} tháng {day:%m} năm {day:%Y}', 105, 9, align='center')
    number_text = 'BẢN NHÁP' if draft else f'Số: {invoice["number"]}'
    page.text(f'Ký hiệu: {form}{invoice["series"]}     {number_text}', 105, 10, True,
              'center')
    if with_code(invoice['series']) and not draft:
        page.text(f'Mã CQT: {invoice["code"] or "(chưa cấp)"}', 105, 9, align='center',
                  color=GREY)
    page.y -= 3 * mm
    _parties(page, invoice, tenant)
    _lines(page, invoice)
    sums = totals(invoice['body'])
    for label, value in (('Cộng tiền hàng', sums['net']), ('Tiền thuế GTGT', sums['tax']),
                         ('Tổng cộng tiền thanh toán', sums['total'])):
        bold = label.startswith('Tổng')
        page.text(label, 120, 9, bold, down=0)
        page.text(money(value), 195, 9, bold, 'right')
    page.text('Bằng chữ: ' + words.amount(sums['total']) + '.', bold=True, down=7)
    if general.get('invoiceNote'):
        page.text('Ghi chú: ' + text(general['invoiceNote'])[:110])
    if not draft:
        page.text(f'Mã tra cứu: {invoice["reservationCode"]}', color=GREY)
        page.text(f'Đã ký điện tử bởi: {tenant["name"]}', 195, 8, align='right',
                  color=RED)
    page.text('SANDBOX - không có giá trị pháp lý', 105, 8, align='center', color=GREY)
    return page.finish()


def _parties(page, invoice, tenant):
    buyer = invoice['body'].get('buyerInfo') or {}
    payment = invoice['body']['payments'][0]
    for label, value in (
        ('Đơn vị bán hàng', tenant['name']), ('Mã số thuế', tenant['tax_code']),
        ('Địa chỉ', tenant['address']), (None, None),
        ('Người mua hàng', buyer.get('buyerName')),
        ('Đơn vị', buyer.get('buyerLegalName')),
        ('Mã số thuế', buyer.get('buyerTaxCode')),
        ('Địa chỉ', buyer.get('buyerAddressLine')),
        ('Hình thức thanh toán', payment.get('paymentMethodName')),
    ):
        if label is None:
            page.rule()
        elif value:
            page.text(f'{label}: {value}'[:115])
    page.y -= 3 * mm


def _lines(page, invoice):
    columns = ((15, 'left'), (112, 'left'), (135, 'right'), (160, 'right'),
               (173, 'right'), (195, 'right'))
    heads = ('Tên hàng hóa, dịch vụ', 'ĐVT', 'Số lượng', 'Đơn giá', 'Thuế', 'Thành tiền')
    rows = [heads]
    for item in invoice['body'].get('itemInfo') or []:
        rate = decimal(item.get('taxPercentage'))
        after = decimal(item.get('itemTotalAmountAfterDiscount'))
        if after is None:
            after = zero(item.get('itemTotalAmountWithoutTax')) - zero(
                item.get('itemDiscount'))
        quantity, price = decimal(item.get('quantity')), decimal(item.get('unitPrice'))
        rows.append((
            text(item.get('itemName'))[:58], text(item.get('unitName'))[:12],
            number(quantity) if quantity is not None else '',
            money(price) if price is not None else '',
            rate_name(None if rate is None else int(rate)),
            money(sign(item) * abs(after)),
        ))
    for index, row in enumerate(rows):
        page.rule()
        for (x, align), cell in zip(columns, row, strict=True):
            page.text(cell, x, 8, index == 0, align, down=0)
        page.text('', down=5.5)
    page.rule()
