import re
from dataclasses import replace

from odoo import models

from odoo.addons.gtg_vn_einvoice.models.einvoice import STANDING
from odoo.addons.gtg_vn_einvoice.models.einvoice_correction import EFFECTIVE

PAID_BEFORE = 'Tiền trả trước của đơn hàng {order}'
TAKEN_OFF = 'Trừ tiền trả trước đã lập hóa đơn {invoices}'
_CORE_TEXT = re.compile('down payment', re.IGNORECASE)


class AccountMove(models.Model):
    """The invoice after a down payment names the rest, in the law's language."""

    _inherit = 'account.move'

    def _gtg_einvoice_problems(self):
        """What a down payment named in the books only would be on no e-invoice."""
        problems = super()._gtg_einvoice_problems()
        lines = self.move_type == 'out_invoice' and self.invoice_line_ids.filtered(
            lambda line: line.is_downpayment and line.price_subtotal < 0)
        if not lines or self._gtg_doubted_too_late():
            return problems
        return problems + [
            problem for move in lines._gtg_paid_before()
            if (problem := move._gtg_paid_before_problem())]

    def _gtg_paid_before_problem(self):
        """:return: why what takes this down payment off cannot name it, or None"""
        einvoice = self._gtg_paid_before_einvoice()
        replacement = einvoice._gtg_corrections().filtered(
            lambda e: e.correction_kind == 'replace')
        if replacement:
            return einvoice._gtg_replaced_text(replacement)
        if self._gtg_paid_before_named():
            return None
        if einvoice.state == 'refused':
            return einvoice.refusal
        if self._gtg_may_be_issued_elsewhere() or self._gtg_core_problem():
            return self.env._(
                'Another program may have issued the e-invoice of the down payment '
                '%(paid)s. If so, enter its symbol, number and date elsewhere on '
                '%(paid)s. Only if there is none, issue it there.',
                paid=self.display_name)
        return self.env._(
            'The down payment %(paid)s has no e-invoice yet, and this invoice names only '
            'the rest. Issue that of %(paid)s first. Or credit it in full, then make '
            'this invoice anew: it names everything.', paid=self.display_name)

    def _gtg_paid_before_einvoice(self):
        """:return: the e-invoice of this down payment, as superuser; of one that was
        replaced, that which has its place now"""
        einvoice = self.sudo().gtg_einvoice_id
        while new := einvoice.correction_ids.filtered(lambda e: (
                e.correction_kind == 'replace' and not e.given_up
                and e.state in ('waiting_code', *EFFECTIVE))):
            einvoice = new[:1]
        return einvoice

    def _gtg_paid_before_named(self):
        """:return: (number, Vietnamese date) of the e-invoice of this down payment"""
        einvoice = self._gtg_paid_before_einvoice()
        if einvoice.number and einvoice.state in ('waiting_code', *STANDING):
            return einvoice.number, einvoice._gtg_issue_day()
        if self.gtg_outside_key:
            return self.gtg_outside_key, self.gtg_outside_date
        return None

    def _gtg_einvoice_issued(self, einvoice):
        """The rest that waited for this one goes on."""
        result = super()._gtg_einvoice_issued(einvoice)
        if self._is_downpayment():
            orders = self._gtg_sale_orders()
            for order in orders:
                trigger = order._gtg_invoice_setting('invoice_trigger')
                if order[f'gtg_{trigger}_at']:
                    order._gtg_invoice_due(trigger)
            orders.sudo().invoice_ids.filtered(lambda move: (
                not move.gtg_einvoice_ids and move._gtg_is_due_by_rule()
                and move._gtg_can_issue()))._gtg_issue_by_rule()
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
        """:return: confirmed down payments that these lines take off. What was credited
        and made anew is taken off once."""
        found = self.env['account.move']
        for line in self:
            moves = line.sale_line_ids.filtered('is_downpayment').invoice_lines.move_id
            paid = (moves - line.move_id).filtered(lambda move: (
                move.move_type == 'out_invoice' and move.state == 'posted'
                and move._is_downpayment() and not move._gtg_kind()))
            found |= paid.filtered(lambda move: not move._gtg_is_credited() or (
                move._gtg_paid_before_einvoice() != move.sudo().gtg_einvoice_id)) or paid
        return found
