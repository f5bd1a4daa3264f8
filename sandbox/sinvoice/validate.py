"""Is a createInvoice body acceptable? README 4 (fields, sums) and 7 (corrections).

``body`` is parsed JSON with Decimal for floats; ``tenant`` the tenant's dict.
Everything here raises ``envelope.Problem``.
"""

from collections import defaultdict
from decimal import Decimal

from sandbox.einvoice import tax_codes
from sandbox.einvoice.document import local

from . import fields
from .envelope import Problem
from .fields import decimal, decimals, empty

RATES = (10, 8, 5, 0, -1, -2)
LIMIT = Decimal(1)  # README 5: sums may be off by less than one dong
GOODS, NOTE, DISCOUNT = '1', '2', '3'
# README 5: what a strict tenant says, with the number of the check
SUMS = {
    43: 'Thành tiền không bằng đơn giá nhân số lượng',
    44: 'Tiền thuế không bằng thành tiền nhân thuế suất',
    49: 'Tổng tiền thuế không bằng tổng tiền thuế của các dòng',
    87: 'Tổng thành tiền không bằng tổng thành tiền của các dòng',
}


def zero(value):
    return decimal(value) or Decimal(0)


def sign(item):
    return -1 if item.get('isIncreaseItem') is False else 1


def adjustment(general):
    """('1' | '3' | '5' | '7', '' | '1' | '2')"""
    kind = str(general.get('adjustmentType') or '1')
    return kind, str(general.get('adjustmentInvoiceType') or '')


def invoice(body, tenant, settings):
    """All checks that need only the body."""
    general = shape(body)
    kind, what = adjustment(general)
    if kind == '5' and not what:
        raise Problem('BAD_REQUEST_ADJUSTMENT_INVOICE_TYPE_INVALID')
    if kind == '7':
        raise Problem(None, 'Không được lập hóa đơn hủy')
    seller(body.get('sellerInfo') or {}, tenant)
    buyer(body.get('buyerInfo') or {}, tenant, settings)
    for payment in body['payments']:
        fields.check(payment, fields.PAYMENT, 'payments.')
    metadata(body.get('metadata') or [], tenant)
    items = body.get('itemInfo') or []
    if not items and (kind, what) != ('5', '2'):
        raise Problem(None, 'Danh sách hàng hóa dịch vụ không được để trống')
    if (kind, what) == ('5', '2'):
        words_only(body)
    flips = kind == '5' and what == '1' and tenant['decrease'] == 'B'
    for number, item in enumerate(items, 1):
        line(number, item, tenant, general, flips)
    for row in body.get('taxBreakdowns') or []:
        fields.check(row, fields.TAX, 'taxBreakdowns.')
    summary = body.get('summarizeInfo') or {}
    for name in ('totalAmountWithoutTax', 'discountAmount') if summary else ():
        if decimal(summary.get(name)) is None:
            raise Problem(None, f'summarizeInfo.{name} không được để trống')
    if tenant['strict']:
        if (kind, what) == ('5', '1'):
            flagged(items)
        arithmetic(items, summary, general, flips)
        after_discount_and_tax(items)
        totals(items, summary)
        breakdowns(items, body.get('taxBreakdowns') or [], settings['breakdown_base'])


def shape(body):
    if not isinstance(body, dict) or not isinstance(
        body.get('generalInvoiceInfo'), dict
    ):
        raise Problem('BAD_REQUEST_GENERAL_INVOICE_INFO_REQUIRED')
    if not body.get('payments') or not isinstance(body['payments'], list):
        raise Problem('BAD_REQUEST_PAYMENT_INFO_REQUIRED')
    for name in ('itemInfo', 'taxBreakdowns', 'metadata'):
        if not isinstance(body.get(name) or [], list):
            raise Problem(None, f'{name} sai định dạng')
    for name in ('sellerInfo', 'buyerInfo', 'summarizeInfo'):
        if not isinstance(body.get(name) or {}, dict):
            raise Problem(None, f'{name} sai định dạng')
    fields.check(body['generalInvoiceInfo'], fields.GENERAL)
    return body['generalInvoiceInfo']


# === PARTIES === #

def seller(data, tenant):
    fields.check(data, fields.SELLER, 'sellerInfo.')
    if empty(data.get('sellerTaxCode')):
        return
    if data['sellerTaxCode'] != tenant['tax_code']:
        raise Problem('TAX_CODE_INVALID')
    for name in ('sellerLegalName', 'sellerAddressLine'):
        if empty(data.get(name)):
            raise Problem(None, f'sellerInfo.{name} không được để trống')


def buyer(data, tenant, settings):
    fields.check(data, fields.BUYER, 'buyerInfo.')
    if not empty(data.get('buyerIdType')) and empty(data.get('buyerIdNo')):
        raise Problem('BAD_REQUEST_BUYER_ID_NO_INVALID')
    if not tenant['strict']:
        return
    code = data.get('buyerTaxCode')
    if not empty(code) and not tax_codes.valid(str(code)):
        raise Problem('INVOICE_VALID_INPUT_INVALID_BUYER_TAX_CODE')
    takes = str(data.get('buyerNotGetInvoice')) == '0'
    if takes and empty(data.get('buyerName')) and empty(data.get('buyerLegalName')):
        raise Problem(None, 'Tên người mua không được để trống')
    if takes and settings['buyer_address_required'] and empty(
        data.get('buyerAddressLine')
    ):
        raise Problem(None, 'Địa chỉ người mua không được để trống')


def metadata(rows, tenant):
    """Only the tenant's custom fields, all that are required (README 4)."""
    known = {field['keyTag']: field for field in tenant['custom_fields']}
    given = set()
    for row in rows:
        tag = row.get('keyTag') if isinstance(row, dict) else None
        if tenant['strict'] and tag not in known:
            raise Problem(None, f'Trường động {tag} không tồn tại')
        given.add(tag)
    for tag, field in known.items():
        if field['isRequired'] and tag not in given:
            raise Problem(None, f'Trường động {tag} là bắt buộc')


# === LINES === #

def line(number, item, tenant, general, flips):
    fields.check(item, fields.ITEM, f'Dòng {number}: ')
    selection = str(item.get('selection') or GOODS)
    if selection == NOTE:
        return
    name = item.get('itemName')
    if empty(name) and selection == GOODS:
        raise Problem('ITEM_NAME_NULL')
    if tenant['strict'] and any(c in str(name) for c in '\r\n'):
        raise Problem('ITEM_NAME_INVALID')
    if decimal(item.get('itemTotalAmountWithoutTax')) is None:
        raise Problem('BAD_REQUEST_ITEM_TOTAL_AMOUNT_WITHOUT_TAX_INVALID')
    if tenant['strict']:
        signs(number, item, flips)
    discount = decimal(item.get('discount'))
    if discount is not None and not 0 <= discount <= 100:
        raise Problem('DISCOUNT_INVALID')
    if discount is not None and decimals(discount) > 2:
        raise Problem('BAD_REQUEST_INVALID_DECIMAL_POINT_DISCOUNT')
    price = decimal(item.get('unitPrice'))
    if price is not None and decimals(price) > tenant['price_decimals']:
        raise Problem('INVALID_DECIMAL_POINT_PRICE')
    if general['currencyCode'] == 'VND' and decimals(zero(item.get('taxAmount'))):
        raise Problem('INVALID_DECIMAL_POINT_TAX_MONEY')
    rate = decimal(item.get('taxPercentage'))
    sales_invoice = str(general['templateCode']).startswith('2')
    if (rate is None and not sales_invoice) or (rate is not None and rate not in RATES):
        raise Problem(None, f'Dòng {number}: thuế suất không hợp lệ')


def signs(number, item, flips):
    """No negative numbers; a tenant that flips takes a negative unit price."""
    amounts = ['itemTotalAmountWithoutTax', 'itemDiscount', 'taxAmount',
               'itemTotalAmountAfterDiscount', 'itemTotalAmountWithTax']
    if not flips:
        amounts.append('unitPrice')
    for name in amounts:
        if zero(item.get(name)) < 0:
            raise Problem(None, f'Dòng {number}: {name} không được âm')
    quantity = decimal(item.get('quantity'))
    if quantity is not None and quantity <= 0:
        raise Problem(None, f'Dòng {number}: số lượng phải lớn hơn 0')


def flagged(items):
    for number, item in enumerate(items, 1):
        if str(item.get('selection') or GOODS) != NOTE and not isinstance(
            item.get('isIncreaseItem'), bool
        ):
            raise Problem(None, f'Dòng {number}: isIncreaseItem không được để trống')


def words_only(body):
    """README 7: an adjustment of information has no lines and no sums, and says in its
    note what changes."""
    for name in ('itemInfo', 'taxBreakdowns', 'summarizeInfo'):
        if body.get(name):
            raise Problem(None, f'Điều chỉnh thông tin: {name} phải để trống')
    if empty(body['generalInvoiceInfo'].get('invoiceNote')):
        raise Problem(None, 'Điều chỉnh thông tin: ghi chú không được để trống')


# === SUMS === #

def failing_checks(item, flips=False):
    """Numbers of the line checks that fail (43, 44).

    README 7: a flipping tenant turns every amount of a decrease but the unit price
    negative and only then multiplies.
    """
    failed = []
    flip = sign(item) if flips else 1
    total = zero(item.get('itemTotalAmountWithoutTax')) * flip
    price, quantity = decimal(item.get('unitPrice')), decimal(item.get('quantity'))
    if price is not None and quantity is not None and (
        abs(quantity * price - total) >= LIMIT
    ):
        failed.append(43)
    rate = zero(item.get('taxPercentage'))
    base = total - zero(item.get('itemDiscount')) * flip
    if rate > 0 and abs(base * rate / 100 - zero(item.get('taxAmount')) * flip) >= LIMIT:
        failed.append(44)
    return failed


def arithmetic(items, summary, general, flips):
    def broken(number, where=''):
        raise Problem(None, f'{where}{SUMS[number]} (mã {number})')

    counted = counted_items(items)
    for number, item in enumerate(items, 1):
        if item in counted:
            for check in failing_checks(item, flips):
                broken(check, f'Dòng {number} - {item.get("itemName") or ""}: ')
    tax = sum((sign(i) * zero(i.get('taxAmount')) for i in counted), Decimal(0))
    given = decimal(summary.get('totalTaxAmount'))
    if given is not None:
        given = -abs(given) if summary.get('isTotalTaxAmountPos') is False else given
        if abs(given - tax) >= LIMIT:
            broken(49)
    lines = decimal(summary.get('sumOfTotalLineAmountWithoutTax'))
    if lines is not None:
        # README 5: with or without discount lines, unsure
        amounts = [
            (i, sign(i) * zero(i.get('itemTotalAmountWithoutTax'))) for i in counted
        ]
        total = sum((a for _, a in amounts), Decimal(0))
        goods = sum(
            (a for i, a in amounts if str(i.get('selection')) != DISCOUNT), Decimal(0)
        )
        if min(abs(abs(lines) - abs(total)), abs(abs(lines) - abs(goods))) >= LIMIT:
            broken(87)


def counted_items(items):
    return [i for i in items if str(i.get('selection') or GOODS) != NOTE]


def after_discount_and_tax(items):
    """README 5: what a line says of itself after its discount and with its tax."""
    for number, item in enumerate(items, 1):
        total, taken = zero(item.get('itemTotalAmountWithoutTax')), item.get(
            'itemDiscount')
        if decimal(taken) is None:
            taken = total * zero(item.get('discount')) / 100
        after = total - decimal(taken)
        for name, right in (
            ('itemTotalAmountAfterDiscount', after),
            ('itemTotalAmountWithTax', after + zero(item.get('taxAmount'))),
        ):
            given = decimal(item.get(name))
            if given is not None and abs(given - right) >= LIMIT:
                raise Problem(None, f'Dòng {number}: {name} không khớp')


def totals(items, summary):
    """README 5: the block follows from the lines; its amounts have no sign of their
    own, the flags tell it."""
    before = after = tax = taken = off = Decimal(0)
    for item in counted_items(items):
        total = zero(item.get('itemTotalAmountWithoutTax'))
        before += sign(item) * total
        taken += sign(item) * zero(item.get('itemDiscount'))
        tax += sign(item) * zero(item.get('taxAmount'))
        off += total if str(item.get('selection')) == DISCOUNT else 0
    after = before - taken
    for name, flag, allowed in (
        # with or without the discounts, unsure
        ('totalAmountWithoutTax', 'isTotalAmtWithoutTaxPos', (after, before)),
        ('totalTaxAmount', 'isTotalTaxAmountPos', (tax,)),
        ('totalAmountWithTax', 'isTotalAmountPos', (after + tax,)),
        ('totalAmountAfterDiscount', 'isTotalAmtWithoutTaxPos', (after,)),
        # with or without the discount lines, unsure
        ('discountAmount', None, (abs(taken), abs(taken + off))),
    ):
        given = decimal(summary.get(name))
        if given is None:
            continue
        if given < 0:
            raise Problem(None, f'summarizeInfo.{name} không được âm')
        signed = -given if summary.get(flag) is False else given
        if all(abs(signed - right) >= LIMIT for right in allowed):
            raise Problem(None, f'summarizeInfo.{name} không khớp với các dòng')


def breakdowns(items, rows, base):
    """One row per rate whose amounts follow from the lines (README 4)."""
    if not rows:
        return
    before, after, taxes = (defaultdict(Decimal) for _ in range(3))
    for item in counted_items(items):
        rate = decimal(item.get('taxPercentage'))
        total = zero(item.get('itemTotalAmountWithoutTax'))
        before[rate] += sign(item) * total
        after[rate] += sign(item) * (total - zero(item.get('itemDiscount')))
        taxes[rate] += sign(item) * zero(item.get('taxAmount'))
    seen = set()
    for row in rows:
        rate = decimal(row.get('taxPercentage'))
        if rate in seen or rate not in before:
            raise Problem(None, f'Bảng thuế: thuế suất {rate} trùng hoặc không có dòng')
        seen.add(rate)
        if zero(row.get('taxableAmount')) < 0 or zero(row.get('taxAmount')) < 0:
            raise Problem(None, 'Bảng thuế: số tiền không được âm')
        flags = [row.get(n) is not False for n in ('taxableAmountPos', 'taxAmountPos')]
        if flags[0] != flags[1]:
            raise Problem(None, 'Bảng thuế: dấu của tiền chịu thuế và thuế khác nhau')
        plus = 1 if flags[0] else -1
        taxable = plus * zero(row.get('taxableAmount'))
        allowed = {'before': [before], 'after': [after]}.get(base, [before, after])
        if all(abs(taxable - sums[rate]) >= LIMIT for sums in allowed):
            raise Problem(None, f'Bảng thuế: tiền chịu thuế {rate}% không khớp')
        if abs(plus * zero(row.get('taxAmount')) - taxes[rate]) >= LIMIT:
            raise Problem(None, f'Bảng thuế: tiền thuế {rate}% không khớp')
    if seen != set(before):
        raise Problem(None, 'Bảng thuế: thiếu thuế suất')


# === CORRECTIONS === #

def correction(general, original, now_ms, strict):
    """README 7. ``original`` is the invoice dict that the body names, or None."""
    kind, _ = adjustment(general)
    if kind not in ('3', '5'):
        return
    for name, key in (
        ('originalInvoiceId', 'BAD_REQUEST_ORIGIN_INVOICE_NO_INVALID'),
        ('originalInvoiceIssueDate', 'BAD_REQUEST_ORIGIN_INVOICE_ISSUE_DATE_INVALID'),
        ('originalTemplateCode', None),
        ('additionalReferenceDesc', 'BAD_REQUEST_ADDITIONAL_REFER_DESC_REQUIRED'),
        ('additionalReferenceDate', 'BAD_REQUEST_ADDITIONAL_REFER_DATE_REQUIRED'),
    ):
        if empty(general.get(name)):
            raise Problem(key, None if key else f'{name} không được để trống')
    if fields.moment(general['additionalReferenceDate']) > now_ms:
        raise Problem(None, 'Ngày văn bản thỏa thuận không được lớn hơn hiện tại')
    if not original or original['template'] != general['originalTemplateCode']:
        raise Problem(None, 'Không tìm thấy hóa đơn gốc')
    named = fields.moment(general['originalInvoiceIssueDate'])
    if strict and local(named / 1000).date() != local(
        original['issued_ms'] / 1000
    ).date():
        raise Problem('BAD_REQUEST_ORIGIN_INVOICE_ISSUE_DATE_INVALID')
    if original['status'] == 'replaced':
        raise Problem(None, 'Hóa đơn gốc đã bị thay thế')
    if original['series'].startswith('C') and not original['code']:
        raise Problem(None, 'Hóa đơn gốc chưa được cơ quan thuế cấp mã')
