from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.gtg_vn_einvoice.models.einvoice import HELD


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_einvoice_problems(self):
        """Never a legal invoice of what is in doubt, whichever button asks for it."""
        problems = super()._gtg_einvoice_problems()
        if self._gtg_doubted_too_late():
            return problems
        orders = self._gtg_sale_orders()
        return problems + list(filter(None, (
            order._gtg_elsewhere_problem() for order in orders))) + [
            hold._gtg_sentence() for hold in orders._gtg_doubts()]

    def _gtg_doubted_too_late(self):
        """Whether it corrects, is issued, or is looked up before anything is sent."""
        einvoice = self.gtg_einvoice_id.sudo()
        return bool(self._gtg_kind() or einvoice and (
            einvoice.state in HELD or einvoice._outcome_unknown()))

    def _gtg_needs_unit(self, line, account):
        return super()._gtg_needs_unit(line, account) and not line.is_downpayment

    def _gtg_can_issue(self):
        return super()._gtg_can_issue() and bool(
            self._gtg_kind() or not any(
                order._gtg_is_elsewhere() for order in self._gtg_sale_orders()))

    def _gtg_issued_elsewhere(self):
        orders = self._gtg_sale_orders()[:0 if self._gtg_kind() else None]
        return super()._gtg_issued_elsewhere() or next(
            filter(None, (order._gtg_elsewhere_problem() for order in orders)), None)

    def _gtg_einvoice_issued(self, einvoice):
        result = super()._gtg_einvoice_issued(einvoice)
        orders = self._gtg_sale_orders()
        if orders:
            orders._gtg_release('einvoice')
        return result

    def _gtg_einvoice_accepted(self, einvoice):
        result = super()._gtg_einvoice_accepted(einvoice)
        self._gtg_sale_orders()._gtg_release('einvoice')
        return result

    def _gtg_einvoice_failed(self, text, task=None):
        result = super()._gtg_einvoice_failed(text, task)
        if self._gtg_kind() and not self._gtg_adjustment_due():
            return result  # the accountant is told; the order's next step is no way out
        orders = self._gtg_sale_orders()
        # one hold per order says what the newest trouble is
        orders._gtg_release('einvoice')
        orders._gtg_hold('einvoice', '' if task else text or '', task=task)
        return result


    def _gtg_orders_at_once(self):
        """:return: the orders of this invoice by one cheap statement: every e-invoice
            that is sent pays it"""
        self.env.flush_all()
        return self.env['sale.order'].browse(row[0] for row in self.env.execute_query(SQL(
            """
            SELECT DISTINCT sold.order_id
              FROM account_move_line line
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN sale_order_line sold ON sold.id = rel.order_line_id
             WHERE line.move_id = %s""", self.id)))


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    def _unchanged_payload(self):
        """Asked once more when it is sent: since then the platform may have issued, or
        the buyer is in doubt."""
        if not self.move_id._gtg_kind():
            orders = self.move_id._gtg_orders_at_once()
            ours = orders.filtered(lambda o: not o.gtg_channel_id.gtg_invoiced_elsewhere)
            for order in orders - ours:
                raise UserError(order._gtg_elsewhere_problem())
            for hold in orders._gtg_doubts():
                raise UserError(hold._gtg_sentence())
        return super()._unchanged_payload()
