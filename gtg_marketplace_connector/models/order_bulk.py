from odoo import fields, models

from ..lib import orders as o


class GtgOrderBulk(models.Model):
    """The step Arrange shipment: the marketplaces are asked through the outbox."""

    _inherit = 'gtg.order.bulk'

    operation = fields.Selection(
        selection_add=[('arrange', 'Arrange shipment')],
        ondelete={'arrange': 'cascade'})

    def _gtg_check_arrange(self, orders):
        known = self._gtg_held(orders, 'ship')
        for order in orders - orders.browse(known):
            if order.gtg_can_arrange:
                continue
            live = order.gtg_package_ids.filtered(
                lambda package: package.is_arranged
                and package.state != o.PACKAGE_CANCELLED)
            if live or order.gtg_shipped_at:
                known[order.id] = 'done', self.env._('Is arranged already.')
            elif order.gtg_own_carrier:
                known[order.id] = 'failed', self.env._(
                    'You ship it yourselves: nothing is arranged at the marketplace.')
            else:
                known[order.id] = 'failed', self.env._(
                    'It cannot be arranged now: the order must be confirmed, and the '
                    'marketplace must have it ready to ship.')
        return known

    def _gtg_do_arrange(self, orders):
        orders.action_gtg_arrange_shipment()
