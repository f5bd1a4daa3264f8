from odoo import models
from odoo.exceptions import UserError


class Einvoice(models.Model):
    """The tax office accepts what was given up, after its invoice was cancelled and the
    order invoiced anew: one sale never gets two e-invoices."""

    _inherit = 'gtg.einvoice'

    def _sold_anew(self):
        result = super()._sold_anew()
        if self.original_id or self.move_id.state != 'cancel':
            return result
        return result | self._sales_moves().gtg_einvoice_ids.filtered(
            lambda e: not e.original_id and e.id > self.id)

    def _sales_moves(self):
        """:return: the other invoices of the orders, without corrections"""
        return self.move_id._gtg_sale_orders().invoice_ids.filtered(
            lambda move: move.move_type == 'out_invoice' and not move._gtg_kind()
            ) - self.move_id

    def _check_books(self):
        result = super()._check_books()
        if self.original_id:
            return result
        for move in self._sales_moves():
            if move.state == 'posted' and not move.gtg_einvoice_id.number:
                raise UserError(self.env._(
                    '%s invoices the same order and has no e-invoice yet. Cancel it if it '
                    'is the same sale, else reset it to draft. Then press again.',
                    move.display_name))
        return result


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_accepted_late_of_sale(self):
        late = super()._gtg_accepted_late_of_sale()
        orders = self._gtg_sale_orders()
        if not orders or self._gtg_kind():
            return late
        return late | self.env['gtg.einvoice'].sudo().search([
            ('accepted_late', '=', True), ('original_id', '=', False),
            ('move_id.line_ids.sale_line_ids.order_id', 'in', orders.ids)])
