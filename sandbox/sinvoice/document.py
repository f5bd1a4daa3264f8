"""An invoice's dict as the shared paper and XML want it (README 9)."""

from sandbox.einvoice import words
from sandbox.einvoice.document import (
    DISCOUNT,
    GOODS,
    NOTE,
    Document,
    Line,
    Party,
    Related,
    local,
)

from .fields import decimal, text
from .invoice import sign, totals
from .validate import zero

VIETTEL = '0100109106'
KINDS = {'1': GOODS, '2': NOTE, '3': DISCOUNT}  # our selection -> TChat


def local_day(ms):
    return local(ms / 1000)


def rate_name(rate):
    return {-2: 'KCT', -1: 'KKKNT', None: ''}.get(rate, f'{rate}%')


def document(invoice, tenant, original=None):
    """The Document of an invoice; ``original`` is the invoice it corrects."""
    body = invoice['body']
    general = body['generalInvoiceInfo']
    sums = totals(body)
    rates = sorted(sums['rates'].items(), key=lambda pair: -(pair[0] or 0))
    return Document(
        form=invoice['template'][0], series=invoice['series'],
        number=str(invoice['number']), day=local_day(invoice['issued_ms']),
        signed=local_day(invoice['created_ms']), seller=_seller(body, tenant),
        buyer=_buyer(body),
        lines=[_line(n, item) for n, item in enumerate(body.get('itemInfo') or [], 1)],
        rates=[(rate_name(rate), *pair) for rate, pair in rates if rate is not None],
        net=sums['net'], tax=sums['tax'], total=sums['total'],
        discount=sums['discount'], words=words.amount(sums['total']),
        currency=invoice['currency'],
        exchange_rate=decimal(general.get('exchangeRate')) or 1,
        payment=text(body['payments'][0].get('paymentMethodName')),
        transmitter=VIETTEL, code=invoice['code'] or '',
        lookup=invoice['reservationCode'], note=text(general.get('invoiceNote')),
        accepted=invoice['exchange'] == 'APPROVED',
        related=original and Related(
            replaces=invoice['adjustment'] == '3', form=original['template'][0],
            series=original['series'], number=str(original['number']),
            day=local_day(original['issued_ms']).strftime('%Y-%m-%d'),
            note=text(general.get('invoiceNote'))),
    )


def _seller(body, tenant):
    given = body.get('sellerInfo') or {}
    return Party(
        name=given.get('sellerLegalName') or tenant['name'],
        tax_code=tenant['tax_code'],
        address=given.get('sellerAddressLine') or tenant['address'],
        phone=given.get('sellerPhoneNumber') or tenant['phone'],
        email=text(given.get('sellerEmail')),
        bank_account=text(given.get('sellerBankAccount')),
        bank=text(given.get('sellerBankName')),
    )


def _buyer(body):
    buyer = body.get('buyerInfo') or {}
    id_type, id_no = text(buyer.get('buyerIdType')), text(buyer.get('buyerIdNo'))
    return Party(
        name=text(buyer.get('buyerLegalName')), person=text(buyer.get('buyerName')),
        tax_code=text(buyer.get('buyerTaxCode')),
        address=text(buyer.get('buyerAddressLine')),
        code=text(buyer.get('buyerCode')), phone=text(buyer.get('buyerPhoneNumber')),
        email=text(buyer.get('buyerEmail')),
        bank_account=text(buyer.get('buyerBankAccount')),
        bank=text(buyer.get('buyerBankName')),
        citizen_id=id_no if id_type == '1' else '',
        passport=id_no if id_type == '2' else '',
        budget_code=text(buyer.get('buyerBudgetCode')),
    )


def _line(position, item):
    rate = decimal(item.get('taxPercentage'))
    after = decimal(item.get('itemTotalAmountAfterDiscount'))
    if after is None:
        after = zero(item.get('itemTotalAmountWithoutTax')) - zero(
            item.get('itemDiscount'))
    return Line(
        kind=KINDS.get(str(item.get('selection') or '1'), GOODS),
        position=item.get('lineNumber') or position, code=text(item.get('itemCode')),
        name=text(item.get('itemName')) or 'Chiết khấu', unit=text(item.get('unitName')),
        quantity=decimal(item.get('quantity')), price=decimal(item.get('unitPrice')),
        discount_rate=decimal(item.get('discount')),
        discount=decimal(item.get('itemDiscount')), amount=sign(item) * abs(after),
        rate=rate_name(None if rate is None else int(rate)),
    )
