from odoo import fields, models


class GtgOrderBulk(models.Model):
    """The step Invoice: the invoice of each order, and its e-invoice asked for."""

    _inherit = 'gtg.order.bulk'

    operation = fields.Selection(
        selection_add=[('invoice', 'Invoice and issue')],
        ondelete={'invoice': 'cascade'})

    def _gtg_check_invoice(self, orders):
        return {}  # each order says itself what is missing

    def _gtg_do(self, lines):
        """An invoice is made order by order anyway: looking for the culprit by halves
        would only make the good ones several times."""
        if self.operation != 'invoice':
            return super()._gtg_do(lines)
        for line in lines:
            super()._gtg_do(line)

    def _gtg_do_invoice(self, orders):
        orders.action_gtg_invoice()
