"""The printed form of an invoice as PDF."""

import io
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .document import number

FONTS = (
    ('/usr/share/fonts/truetype/dejavu', 'DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'),
    ('/usr/share/fonts/truetype/liberation', 'LiberationSans-Regular.ttf',
     'LiberationSans-Bold.ttf'),
)
RED = colors.HexColor('#c8102e')
GREY = colors.HexColor('#64748b')


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


def pdf(doc, draft=False):
    """The printed form; a draft has no number."""
    page = _Page()
    page.text(doc.title.upper(), 105, 15, True, 'center', RED, 7)
    day = doc.day
    page.text(f'Ngày {day:%d} tháng {day:%m} năm {day:%Y}', 105, 9, align='center')
    number_text = 'BẢN NHÁP' if draft else f'Số: {doc.number}'
    page.text(f'Ký hiệu: {doc.form}{doc.series}     {number_text}', 105, 10, True,
              'center')
    if doc.with_code and not draft:
        page.text(f'Mã CQT: {doc.code or "(chưa cấp)"}', 105, 9, align='center',
                  color=GREY)
    page.y -= 3 * mm
    _parties(page, doc)
    _lines(page, doc)
    for label, value in (('Cộng tiền hàng', doc.net), ('Tiền thuế GTGT', doc.tax),
                         ('Tổng cộng tiền thanh toán', doc.total)):
        bold = label.startswith('Tổng')
        page.text(label, 120, 9, bold, down=0)
        page.text(money(value), 195, 9, bold, 'right')
    page.text(f'Bằng chữ: {doc.words}.', bold=True, down=7)
    if doc.note:
        page.text('Ghi chú: ' + doc.note[:110])
    if not draft:
        page.text(f'Mã tra cứu: {doc.lookup}', color=GREY)
        page.text(f'Đã ký điện tử bởi: {doc.seller.name}', 195, 8, align='right',
                  color=RED)
    page.text('SANDBOX - không có giá trị pháp lý', 105, 8, align='center', color=GREY)
    return page.finish()


def _parties(page, doc):
    seller, buyer = doc.seller, doc.buyer
    for label, value in (
        ('Đơn vị bán hàng', seller.name), ('Mã số thuế', seller.tax_code),
        ('Địa chỉ', seller.address), (None, None),
        ('Người mua hàng', buyer.person), ('Đơn vị', buyer.name),
        ('Mã số thuế', buyer.tax_code), ('Địa chỉ', buyer.address),
        ('Hình thức thanh toán', doc.payment),
    ):
        if label is None:
            page.rule()
        elif value:
            page.text(f'{label}: {value}'[:115])
    page.y -= 3 * mm


def _lines(page, doc):
    columns = ((15, 'left'), (112, 'left'), (135, 'right'), (160, 'right'),
               (173, 'right'), (195, 'right'))
    rows = [('Tên hàng hóa, dịch vụ', 'ĐVT', 'Số lượng', 'Đơn giá', 'Thuế',
             'Thành tiền')]
    for line in doc.lines:
        rows.append((
            line.name[:58], line.unit[:12],
            number(line.quantity) if line.quantity is not None else '',
            money(line.price) if line.price is not None else '',
            line.rate, money(line.amount),
        ))
    for index, row in enumerate(rows):
        page.rule()
        for (x, align), cell in zip(columns, row, strict=True):
            page.text(cell, x, 8, index == 0, align, down=0)
        page.text('', down=5.5)
    page.rule()
