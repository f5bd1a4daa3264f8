from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .res_company import PARTLY, UNISSUED


class SaleOrder(models.Model):
    """Until when an order must have its invoice: the law counts from the hand-over."""

    _name = 'sale.order'
    _inherit = ['sale.order', 'gtg.legal.deadline']

    gtg_sale_day = fields.Date(
        'Day of the sale', compute='_compute_gtg_sale_day', store=True,
        help='Vietnamese day on which the law wants the invoice: when the goods left or '
             'when the buyer got them, as the settings say.')

    @api.depends('gtg_shipped_at', 'gtg_delivered_at', 'gtg_completed_at')
    def _compute_gtg_sale_day(self):
        for order in self:
            # "when completed" is often late in law: the buyer has the goods before
            at = order.gtg_delivered_at or order.gtg_completed_at
            left = order.gtg_shipped_at
            if left and order._gtg_invoice_setting('invoice_trigger') == 'shipped':
                at = min(left, at or left)
            order.gtg_sale_day = at and vietnam_date(at)

    @api.depends('gtg_sale_day', 'gtg_part_day', 'state', 'invoice_status', 'amount_total',
                 'gtg_return_state', 'gtg_invoice_asked', 'gtg_left_to_register',
                 'gtg_replaces_ids',
                 'partner_invoice_id.commercial_partner_id.is_company',
                 'partner_invoice_id.commercial_partner_id.vat', 'order_line.invoice_lines.move_id.state',
                 'order_line.invoice_lines.move_id.move_type',
                 'order_line.invoice_lines.move_id.gtg_correction_kind',
                 'order_line.invoice_lines.move_id.gtg_einvoice_state',
                 'order_line.qty_delivered')
    def _compute_gtg_legal_deadline(self):
        working = self.env['gtg.holiday']._working_days()
        for order in self:
            day = min(filter(None, [order.gtg_sale_day, order.gtg_part_day]),
                      default=False)
            first = order.company_id.gtg_einvoice_watch_from
            order.gtg_legal_deadline = working.next(day) if (
                day and first and day >= first and order._gtg_to_invoice()) else False

    def _gtg_is_empty(self):
        """Over nothing. Gifts and samples have an invoice by law, what is sent in
        exchange has that of the order before."""
        return self.currency_id.is_zero(self.amount_total) and (
            self.invoice_status != 'to invoice' or bool(self.sudo().gtg_replaces_ids))

    def _gtg_rule_changed(self, whose):
        """What says when orders are invoiced was changed.

        :param SQL whose: condition on columns of the orders
        """
        for waiting, name in ((UNISSUED, 'gtg_sale_day'), (PARTLY, 'gtg_part_day')):
            self._gtg_recompute(SQL('%s AND %s', whose, waiting), name)

    def _gtg_to_invoice(self):
        """Whether the order itself is still without invoice; a confirmed invoice has
        a deadline of its own."""
        self.ensure_one()
        if self.state != 'sale' or self.gtg_return_state in ('returned', 'lost') or (
                self._gtg_is_empty() or self._gtg_is_elsewhere()):
            return False
        if self._gtg_corrections():  # what core says is left is not true then
            return self._gtg_never_invoiced() or bool(self.invoice_ids.filtered(
                lambda move: move.state == 'draft' and not move._gtg_kind()))
        return self.invoice_status in ('no', 'to invoice') or 'draft' in (
            self.order_line.invoice_lines.move_id.mapped('state'))
