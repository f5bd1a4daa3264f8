"""The legal XML of an invoice: the format of Decision 1450/QD-TCT."""

import base64
import hashlib
import re

from lxml import etree

from .document import NOTE, number

SIGN = 'http://www.w3.org/2000/09/xmldsig#'
C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
FORBIDDEN = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')


def _add(parent, **values):
    """Children in the order given; empty ones are left out."""
    for name, value in values.items():
        if value not in (None, ''):
            etree.SubElement(parent, name).text = FORBIDDEN.sub('', str(value))


def _number(value):
    return None if value is None else number(value)


def render(doc, signed=True):
    """The XML as bytes, with MCCQT once the tax office gave its code."""
    root = etree.Element('HDon')
    data = etree.SubElement(root, 'DLHDon', Id=doc.id)
    _general(etree.SubElement(data, 'TTChung'), doc)
    content = etree.SubElement(data, 'NDHDon')
    _seller(etree.SubElement(content, 'NBan'), doc.seller)
    _buyer(etree.SubElement(content, 'NMua'), doc.buyer)
    lines = etree.SubElement(content, 'DSHHDVu')
    for line in doc.lines:
        _line(etree.SubElement(lines, 'HHDVu'), line)
    _totals(etree.SubElement(content, 'TToan'), doc)
    _add(root, DLQRCode=f'{doc.seller.tax_code}|{doc.series}{doc.number}|{doc.total}')
    if doc.with_code and doc.code:
        _add(root, MCCQT=doc.code)
    signatures = etree.SubElement(root, 'DSCKS')
    seller = etree.SubElement(signatures, 'NBan')
    if signed:
        _signature(seller, data, 'seller', doc)
    if doc.accepted and doc.code:
        _signature(etree.SubElement(signatures, 'CQT'), data, 'tax-office', doc)
    return etree.tostring(root, xml_declaration=True, encoding='UTF-8')


def _general(parent, doc):
    _add(
        parent, PBan='2.1.0', THDon=doc.title, KHMSHDon=doc.form, KHHDon=doc.series,
        SHDon=doc.number, NLap=doc.day.strftime('%Y-%m-%d'), DVTTe=doc.currency,
        TGia=number(doc.exchange_rate), HTTToan=doc.payment, MSTTCGP=doc.transmitter,
    )
    if doc.related:
        related = doc.related
        _add(
            etree.SubElement(parent, 'TTHDLQuan'),
            TCHDon='1' if related.replaces else '2', LHDCLQuan=related.kind,
            KHMSHDCLQuan=related.form, KHHDCLQuan=related.series,
            SHDCLQuan=related.number, NLHDCLQuan=related.day, GChu=related.note[:255],
        )
    extra = etree.SubElement(parent, 'TTKhac')
    for name, value in (
        ('Mã tra cứu', doc.lookup), ('Ghi chú', doc.note), *doc.extra.items(),
    ):
        if value:
            _add(etree.SubElement(extra, 'TTin'), TTruong=name, KDLieu='string',
                 DLieu=value)


def _seller(parent, seller):
    _add(
        parent, Ten=seller.name, MST=seller.tax_code, DChi=seller.address,
        SDThoai=seller.phone, DCTDTu=seller.email, STKNHang=seller.bank_account,
        TNHang=seller.bank,
    )


def _buyer(parent, buyer):
    _add(
        parent, Ten=buyer.name, MST=buyer.tax_code, MDVQHNSach=buyer.budget_code,
        DChi=buyer.address[:400], MKHang=buyer.code, SDThoai=buyer.phone[:20],
        CCCDan=buyer.citizen_id, SHChieu=buyer.passport, DCTDTu=buyer.email[:50],
        HVTNMHang=buyer.person, STKNHang=buyer.bank_account, TNHang=buyer.bank,
    )


def _line(parent, line):
    _add(parent, TChat=line.kind, STT=line.position, MHHDVu=line.code,
         THHDVu=line.name, DVTinh=line.unit[:50])
    if line.kind == NOTE:
        return
    _add(
        parent, SLuong=_number(line.quantity), DGia=_number(line.price),
        TLCKhau=_number(line.discount_rate), STCKhau=_number(line.discount),
        ThTien=number(line.amount), TSuat=line.rate,
    )


def _totals(parent, doc):
    rates = etree.SubElement(parent, 'THTTLTSuat')
    for rate, net, tax in doc.rates:
        if rate:
            _add(etree.SubElement(rates, 'LTSuat'), TSuat=rate, ThTien=number(net),
                 TThue=number(tax))
    _add(
        parent, TgTCThue=number(doc.net), TgTThue=number(doc.tax),
        TTCKTMai=number(doc.discount), TgTTTBSo=number(doc.total), TgTTTBChu=doc.words,
    )


def digest(data):
    """What a signature over this element must hold, base64 of SHA-256."""
    canonical = etree.tostring(data, method='c14n')
    return base64.b64encode(hashlib.sha256(canonical).digest()).decode()


def _signature(parent, data, who, doc):
    """Looks like XML-DSig over DLHDon: the digest is right, the signature is not one."""
    canonical = etree.tostring(data, method='c14n')
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
    add(info, 'CanonicalizationMethod', Algorithm=C14N)
    add(info, 'SignatureMethod',
        Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    reference = add(info, 'Reference', URI=f'#{doc.id}')
    add(reference, 'DigestMethod', Algorithm='http://www.w3.org/2001/04/xmlenc#sha256')
    add(reference, 'DigestValue', digest(data))
    add(signature, 'SignatureValue', value)
    key = add(signature, 'KeyInfo')
    add(add(key, 'X509Data'), 'X509SubjectName', f'CN=SANDBOX {who}')
    signed = add(signature, 'Object', Id=f'time-{who}')
    properties = add(signed, 'SignatureProperties')
    moment = add(properties, 'SignatureProperty', Target=f'#{who}')
    add(moment, 'SigningTime', doc.signed.strftime('%Y-%m-%dT%H:%M:%S'))
