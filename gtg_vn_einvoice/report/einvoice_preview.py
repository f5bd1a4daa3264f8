from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib import sentences
from ..lib.rows import rows, signed_rows
from ..models.account_move import NO_REFERENCE


class EinvoicePreview(models.AbstractModel):
    """What the e-invoice will say, where the provider shows nothing before the issue."""

    _name = 'report.gtg_vn_einvoice.einvoice_preview'
    _description = 'Preview of an e-invoice'

    def _get_report_values(self, docids, data=None):
        moves = self.env['account.move'].browse(docids)
        moves.check_access('write')  # as the button: it shows the buyer's ID number
        return {'pages': [self._page(move) for move in moves], 'money': money}

    def _page(self, move):
        series = move._gtg_series()
        document, problems = move._gtg_document(series, NO_REFERENCE)
        if problems:
            raise UserError('\n'.join(problems))
        account = series.account_id
        return {
            'document': document, 'buyer': document.buyer,
            'lines': [] if document.is_information else signed_rows(document)
            if document.is_adjustment else rows(document, account.discount_style),
            'seller': account.company_id.partner_id,
            'seller_tax_code': account._seller_tax_code(),
            'seller_address': account.company_id.partner_id._gtg_address(),
            'gift': sentences.GIFT,
            'day': vietnam_date(fields.Datetime.now())}


def money(value, digits):
    """``1234567.5`` -> ``1.234.567,5``, as invoices print it.

    :param Decimal value: amount, price or quantity
    :param int digits: most decimals; zeros at the end are left out
    """
    text = f'{value:,.{digits}f}'
    if digits:
        text = text.rstrip('0').rstrip('.')
    return text.translate(str.maketrans('.,', ',.'))
