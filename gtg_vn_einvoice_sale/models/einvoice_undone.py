from odoo import fields, models


class Einvoice(models.Model):
    """E-invoices that still stand although their sale was undone."""

    _inherit = 'gtg.einvoice'

    sale_undone = fields.Boolean(
        'Sale undone', copy=False, tracking=True,
        help='The sale was cancelled, returned or refunded and this e-invoice stands. '
             'Untick it if it is right as it stands.')

    _sale_undone_index = models.Index('(company_id) WHERE sale_undone')

    def _gtg_says_sold(self):
        """Whether the tax office is told of a sale by it, now or soon."""
        self.ensure_one()
        return self.correction_kind != 'adjust' and (
            self.state in ('queued', 'to_sign', 'issued', 'waiting_code', 'coded')
            or self.state == 'corrected' and any(
                net for net, _tax in self._gtg_left()[0].values()))

    def _gtg_corrected_by(self, correction):
        result = super()._gtg_corrected_by(correction)
        if self.sale_undone and not self._gtg_says_sold():
            self.sale_undone = False
        return result

    def _gtg_given_back(self, correction):
        result = super()._gtg_given_back(correction)
        self.move_id._gtg_sale_orders().filtered(lambda order: (
            order.state == 'cancel' or order.gtg_refunded_at
            or order.gtg_return_state in ('returned', 'lost')))._gtg_tell_accountant()
        return result
