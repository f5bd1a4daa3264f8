"""The legal XML of an invoice (README 9): the format of Decision 1450/QD-TCT."""

import base64
import hashlib
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from lxml import etree

from . import words
from .fields import decimal, text
from .invoice import sign, totals, with_code
from .validate import zero

VIETNAM = timezone(timedelta(hours=7))
SIGN = 'http://www.w3.org/2000/09/xmldsig#'
FORBIDDEN = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')
KINDS = {'1': '1', '2': '4', '3': '3'}  # our selection -> TChat


def local_day(ms):
    return datetime.fromtimestamp(ms / 1000, VIETNAM)


def number(value):
    """Plain digits without an exponent."""
    value = Decimal(value).normalize()
    return format(value.quantize(1) if value == value.to_integral_value() else value, 'f')


def rate_name(rate):
    return {-2: 'KCT', -1: 'KKKNT', None: ''}.get(rate, f'{rate}%')


def _add(parent, **values):
    """Children in the order given; empty ones are left out."""
    for name, value in values.items():
        if value not in (None, ''):
            etree.SubElement(parent, name).text = FORBIDDEN.sub('', str(value))


def render(invoice, tenant, original=None):
    """The XML as bytes, with MCCQT once the tax office gave its code."""
    root = etree.Element('HDon')
    data = etree.SubElement(root, 'DLHDon', Id='data')
    _general(etree.SubElement(data, 'TTChung'), invoice, tenant, original)
    content = etree.SubElement(data, 'NDHDon')
    _parties(content, invoice, tenant)
    lines = etree.SubElement(content, 'DSHHDVu')
    for position, item in enumerate(invoice['body'].get('itemInfo') or [], 1):
        _line(etree.SubElement(lines, 'HHDVu'), position, item)
    _totals(etree.SubElement(content, 'TToan'), invoice)
    _add(root, DLQRCode=f'{tenant["tax_code"]}|{invoice["invoiceNo"]}|{invoice["total"]}')
    if with_code(invoice['series']) and invoice['code']:
        _add(root, MCCQT=invoice['code'])
    signatures = etree.SubElement(root, 'DSCKS')
    _signature(etree.SubElement(signatures, 'NBan'), data, 'seller', invoice)
    if invoice['exchange'] == 'APPROVED' and invoice['code']:
        _signature(etree.SubElement(signatures, 'CQT'), data, 'tax-office', invoice)
    return etree.tostring(root, xml_declaration=True, encoding='UTF-8')


def _general(parent, invoice, tenant, original):
    general = invoice['body']['generalInvoiceInfo']
    payment = invoice['body']['payments'][0]
    form = invoice['template'][0]
    _add(
        parent, PBan='2.1.0',
        THDon='Hóa đơn giá trị gia tăng' if form == '1' else 'Hóa đơn bán hàng',
        KHMSHDon=form, KHHDon=invoice['series'], SHDon=invoice['number'],
        NLap=local_day(invoice['issued_ms']).strftime('%Y-%m-%d'),
        DVTTe=invoice['currency'],
        TGia=number(decimal(general.get('exchangeRate')) or 1),
        HTTToan=payment.get('paymentMethodName'), MSTTCGP='0100109106',
    )
    if original:
        related = etree.SubElement(parent, 'TTHDLQuan')
        _add(
            related, TCHDon='1' if invoice['adjustment'] == '3' else '2', LHDCLQuan='1',
            KHMSHDCLQuan=original['template'][0], KHHDCLQuan=original['series'],
            SHDCLQuan=original['number'],
            NLHDCLQuan=local_day(original['issued_ms']).strftime('%Y-%m-%d'),
            GChu=text(general.get('invoiceNote'))[:255],
        )
    extra = etree.SubElement(parent, 'TTKhac')
    for name, value in (
        ('Mã tra cứu', invoice['reservationCode']),
        ('Ghi chú', general.get('invoiceNote')),
    ):
        if value:
            _add(etree.SubElement(extra, 'TTin'), TTruong=name, KDLieu='string',
                 DLieu=value)


def _parties(content, invoice, tenant):
    given = invoice['body'].get('sellerInfo') or {}
    _add(
        etree.SubElement(content, 'NBan'),
        Ten=given.get('sellerLegalName') or tenant['name'], MST=tenant['tax_code'],
        DChi=given.get('sellerAddressLine') or tenant['address'],
        SDThoai=given.get('sellerPhoneNumber') or tenant['phone'],
        DCTDTu=given.get('sellerEmail'), STKNHang=given.get('sellerBankAccount'),
        TNHang=given.get('sellerBankName'),
    )
    buyer = invoice['body'].get('buyerInfo') or {}
    id_type, id_no = str(buyer.get('buyerIdType') or ''), buyer.get('buyerIdNo')
    _add(
        etree.SubElement(content, 'NMua'),
        Ten=buyer.get('buyerLegalName'), MST=buyer.get('buyerTaxCode'),
        MDVQHNSach=buyer.get('buyerBudgetCode'),
        DChi=text(buyer.get('buyerAddressLine'))[:400], MKHang=buyer.get('buyerCode'),
        SDThoai=text(buyer.get('buyerPhoneNumber'))[:20],
        CCCDan=id_no if id_type == '1' else None,
        SHChieu=id_no if id_type == '2' else None,
        DCTDTu=text(buyer.get('buyerEmail'))[:50], HVTNMHang=buyer.get('buyerName'),
        STKNHang=buyer.get('buyerBankAccount'), TNHang=buyer.get('buyerBankName'),
    )


def _line(parent, position, item):
    rate = decimal(item.get('taxPercentage'))
    after = decimal(item.get('itemTotalAmountAfterDiscount'))
    if after is None:
        after = zero(item.get('itemTotalAmountWithoutTax')) - zero(
            item.get('itemDiscount'))
    selection = str(item.get('selection') or '1')
    _add(
        parent, TChat=KINDS.get(selection, '1'), STT=item.get('lineNumber') or position,
        MHHDVu=item.get('itemCode'), THHDVu=item.get('itemName') or 'Chiết khấu',
        DVTinh=text(item.get('unitName'))[:50],
    )
    if selection == '2':
        return
    for name, value in (('SLuong', 'quantity'), ('DGia', 'unitPrice'),
                        ('TLCKhau', 'discount'), ('STCKhau', 'itemDiscount')):
        if decimal(item.get(value)) is not None:
            _add(parent, **{name: number(zero(item[value]))})
    _add(parent, ThTien=number(sign(item) * abs(after)),
         TSuat=rate_name(None if rate is None else int(rate)))


def _totals(parent, invoice):
    sums = totals(invoice['body'])
    rates = etree.SubElement(parent, 'THTTLTSuat')
    for rate, (taxable, tax) in sorted(
        sums['rates'].items(), key=lambda pair: -(pair[0] or 0)
    ):
        if rate is not None:
            _add(etree.SubElement(rates, 'LTSuat'), TSuat=rate_name(rate),
                 ThTien=number(taxable), TThue=number(tax))
    _add(
        parent, TgTCThue=number(sums['net']), TgTThue=number(sums['tax']),
        TTCKTMai=number(sums['discount']), TgTTTBSo=number(sums['total']),
        TgTTTBChu=words.amount(sums['total']),
    )


def _signature(parent, data, who, invoice):
    """Looks like XML-DSig over DLHDon: the digest is right, the signature is not one."""
    canonical = etree.tostring(data, method='c14n')
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    value = base64.b64encode(
        b''.join(
            hashlib.sha512(f'{who}{part}'.encode() + canonical).digest()
            for part in range(4)
        )
    ).decode()
    signature = etree.SubElement(parent, f'{{{SIGN}}}Signature', nsmap={None: SIGN},
                                 Id=who)

    def add(node, name, text=None, **attributes):
        child = etree.SubElement(node, f'{{{SIGN}}}{name}', **attributes)
        child.text = text
        return child

    info = add(signature, 'SignedInfo')
    add(info, 'CanonicalizationMethod',
        Algorithm='http://www.w3.org/TR/2001/REC-xml-c14n-20010315')
    add(info, 'SignatureMethod',
        Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    reference = add(info, 'Reference', URI='#data')
    add(reference, 'DigestMethod', Algorithm='http://www.w3.org/2001/04/xmlenc#sha256')
    add(reference, 'DigestValue', digest)
    add(signature, 'SignatureValue', value)
    key = add(signature, 'KeyInfo')
    add(add(key, 'X509Data'), 'X509SubjectName', f'CN=SANDBOX {who}')
    signed = add(signature, 'Object', Id=f'time-{who}')
    properties = add(signed, 'SignatureProperties')
    moment = add(properties, 'SignatureProperty', Target=f'#{who}')
    add(moment, 'SigningTime',
        local_day(invoice['created_ms']).strftime('%Y-%m-%dT%H:%M:%S'))
