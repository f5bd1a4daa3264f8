from odoo import models


class AccountMove(models.Model):
    """How the buyer of an order pays: at the door, on the website, on the platform."""

    _inherit = 'account.move'

    def _gtg_paid_by(self):
        orders = self._gtg_sale_orders().sudo()
        if any(order._gtg_pays_at_the_door() for order in orders):
            # the carrier passes it on by transfer, yet the buyer's money was cash
            return {'TM'} | orders._gtg_paid_before()
        return super()._gtg_paid_by()

    def _gtg_expected_by(self):
        return self._gtg_sale_orders().sudo()._gtg_paid_before() or (
            super()._gtg_expected_by())


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _gtg_pays_at_the_door(self):
        self.ensure_one()
        return bool(self.gtg_cod_collected_at or self.gtg_is_cod and not self.gtg_paid_at)

    def _gtg_paid_before(self):
        """:return: ``{'CK'}`` if online, by transfer or to the platform; else empty"""
        online = self.transaction_ids.filtered(lambda tx: (
            tx.state in ('pending', 'authorized', 'done')
            and tx.operation not in ('validation', 'refund')
            # at the door and in the shop: only the money itself tells
            and tx.provider_id.custom_mode not in ('cash_on_delivery', 'on_site')))
        platform = self.filtered(lambda order: (
            order.gtg_paid_at and order.gtg_channel_id.kind == 'marketplace'))
        return {'CK'} if online or platform else set()
