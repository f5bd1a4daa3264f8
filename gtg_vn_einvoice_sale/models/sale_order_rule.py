from odoo import SUPERUSER_ID, fields, models


class SaleOrder(models.Model):
    """Which orders get their invoice by themselves, and what becomes of the others."""

    _inherit = 'sale.order'

    gtg_invoice_asked = fields.Boolean(
        'Buyer wants an invoice', copy=False,
        help='Ticked when the buyer has said for whom the invoice shall be. Where only '
             'those who ask get one by itself, it is made at once.')

    gtg_left_to_register = fields.Boolean(
        'Left to the cash register', copy=False, readonly=True)

    def _gtg_is_chosen(self):
        """Whether channel or company wants an invoice of this order by itself."""
        self.ensure_one()
        channel = self.gtg_channel_id
        rule = channel if channel.gtg_invoice_who else self.company_id
        who = rule.gtg_invoice_who
        if who == 'every':
            return True
        buyer = self.partner_invoice_id.commercial_partner_id
        if buyer.is_company or buyer.gtg_budget_code or buyer.vat not in (False, '', '/'):
            return True  # whoever gives a tax code has asked
        if who == 'business':
            return False
        worth = self.amount_total / (self.currency_rate or 1)
        return self.gtg_invoice_asked or (
            who == 'above' and worth >= rule.gtg_invoice_above)

    def _gtg_is_left_to_others(self):
        """Whether the cash register outside Odoo issues the e-invoice."""
        self.ensure_one()
        if self.gtg_left_to_register:  # it has; who asks since is a person's question
            return not self.gtg_invoice_asked
        return bool(self._gtg_invoice_setting('rest_elsewhere')
                    and not self._gtg_is_chosen())

    def _gtg_is_elsewhere(self):
        """Whether platform or cash register issue the invoice of this order."""
        self.ensure_one()
        return bool(self.gtg_channel_id.gtg_invoiced_elsewhere
                    or self._gtg_is_left_to_others())

    def _gtg_keep_left(self):
        """What was handed over as the register's stays so, whatever changes later."""
        for order in self.sudo():
            event = order._gtg_invoice_setting('invoice_trigger')
            if order[f'gtg_{event}_at'] and not order.gtg_left_to_register and (
                    order._gtg_is_left_to_others()):
                order.gtg_left_to_register = True

    def _gtg_may_have_invoice(self):
        """Whether somebody else may have issued one when the goods left."""
        first, day = self.company_id.gtg_einvoice_watch_from, self.gtg_sale_day
        return self.gtg_left_to_register or not first or bool(day and day < first)

    def write(self, vals):
        if vals.get('gtg_invoice_asked'):
            self._gtg_keep_left()
        result = super().write(vals)
        if vals.get('gtg_invoice_asked'):
            self._gtg_asked()
        return result

    def _gtg_asked(self):
        """Who asks after the moment gets the invoice now: the law's day has passed."""
        for order in self.with_user(SUPERUSER_ID):
            event = order._gtg_invoice_setting('invoice_trigger')
            if order.state == 'sale' and order[f'gtg_{event}_at'] and (
                    not order._gtg_asked_einvoices()):
                made = 'out_invoice' in order._gtg_named_moves().mapped('move_type')
                if order.gtg_left_to_register if made else order._gtg_may_have_invoice():
                    order._gtg_hold('invoice_buyer', order.env._(
                        'The buyer wants an invoice, but our cash register or the '
                        'program before this one may have issued it. If so, correct it '
                        'there. If not, release the hold and issue the e-invoice.'))
                elif not made:
                    order._gtg_invoice_due(event)
