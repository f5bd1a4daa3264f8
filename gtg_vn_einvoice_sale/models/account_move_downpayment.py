import re
from dataclasses import replace

from odoo import models

from odoo.addons.gtg_vn_einvoice.models.einvoice import STANDING

PAID_BEFORE = 'Tiền trả trước của đơn hàng {order}'
TAKEN_OFF = 'Trừ tiền trả trước đã lập hóa đơn {invoices}'
_CORE_TEXT = re.compile('down payment', re.IGNORECASE)


class AccountMove(models.Model):
    """The invoice after a down payment names the rest, in the law's language."""

    _inherit = 'account.move'

    def _gtg_einvoice_problems(self):
        """What a down payment named in the books only would be on no e-invoice."""
        problems = super()._gtg_einvoice_problems()
        if self.move_type != 'out_invoice' or self._gtg_kind():
            return problems
        lines = self.invoice_line_ids.filtered(
            lambda line: line.is_downpayment and line.price_subtotal < 0)
        return problems + [self.env._(
            'The down payment %(paid)s has no e-invoice yet, and this invoice names only '
            'the rest. Issue that of %(paid)s first. Or credit it in full, then make '
            'this invoice anew: it names everything.', paid=move.display_name)
            for move in lines._gtg_paid_before() if not move._gtg_paid_before_named()]

    def _gtg_paid_before_named(self):
        """:return: (number, Vietnamese date) of the e-invoice of this down payment"""
        einvoice = self.sudo().gtg_einvoice_id
        if einvoice.number and einvoice.state in ('waiting_code', *STANDING):
            return einvoice.number, einvoice._gtg_issue_day()
        if self.gtg_outside_key:
            return self.gtg_outside_key, self.gtg_outside_date
        return None

    def _gtg_einvoice_issued(self, einvoice):
        """The rest that waited for this one goes on."""
        result = super()._gtg_einvoice_issued(einvoice)
        if self._is_downpayment():
            for order in self._gtg_sale_orders():
                trigger = order._gtg_invoice_setting('invoice_trigger')
                if order[f'gtg_{trigger}_at']:
                    order._gtg_invoice_due(trigger)
        return result

    def _gtg_document_line(self, draft):
        result = super()._gtg_document_line(draft)
        line = draft.line
        if not line.is_downpayment:
            return result
        named = [move._gtg_paid_before_named() for move in line._gtg_paid_before()]
        if any(named):
            name = TAKEN_OFF.format(invoices=', '.join(
                f'{number} ngày {day:%d/%m/%Y}' for number, day in filter(None, named)))
        elif _CORE_TEXT.match(result.name):
            name = PAID_BEFORE.format(
                order=', '.join(line.sale_line_ids.order_id.mapped('name')))
        else:
            return result
        return replace(result, name=name)


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def _gtg_paid_before(self):
        """:return: confirmed down payments that these lines take off"""
        moves = self.sale_line_ids.filtered('is_downpayment').invoice_lines.move_id
        return (moves - self.move_id).filtered(lambda move: (
            move.move_type == 'out_invoice' and move.state == 'posted'
            and move._is_downpayment() and not move._gtg_kind()))
