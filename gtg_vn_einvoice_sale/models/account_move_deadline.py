from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date


class AccountMove(models.Model):
    _inherit = 'account.move'

    @api.depends('invoice_line_ids.sale_line_ids.order_id.gtg_sale_day',
                 'invoice_line_ids.sale_line_ids.order_id.gtg_invoice_asked',
                 'invoice_line_ids.sale_line_ids.order_id.gtg_left_to_register')
    def _compute_gtg_legal_deadline(self):
        return super()._compute_gtg_legal_deadline()

    def _gtg_sale_day(self):
        if self.move_type != 'out_invoice':
            return super()._gtg_sale_day()
        # an invoice dated later than the hand-over is late from the hand-over on
        days = self.invoice_line_ids.sale_line_ids.order_id.mapped('gtg_sale_day')
        return min(filter(None, [super()._gtg_sale_day(), *days]), default=False)

    def _gtg_line_problem(self, line, series, day):
        return super()._gtg_line_problem(line, series, self._gtg_rate_day(line, day))

    def _gtg_rate_day(self, line, day):
        """The rate is that of the day on which the goods are handed over, however early
        their invoice is dated."""
        sold = line.sale_line_ids
        if not sold or self.move_type != 'out_invoice' or self._gtg_kind():
            return day
        days = sold.order_id.mapped('gtg_sale_day')
        if all(days):
            return max(days)
        if line.product_id.type == 'service' or any(sold.mapped('qty_delivered')):
            return day
        return vietnam_date(fields.Datetime.now())

    def _gtg_to_issue(self):
        orders = self.invoice_line_ids.sale_line_ids.order_id
        return super()._gtg_to_issue() and not (orders and not self._gtg_kind() and all(
            order._gtg_is_elsewhere() for order in orders))
