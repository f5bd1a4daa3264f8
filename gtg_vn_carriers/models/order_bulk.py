from odoo import fields, models


class GtgOrderBulk(models.Model):
    """The step Request waybills: asked for in the outbox, each order with its answer."""

    _inherit = 'gtg.order.bulk'

    operation = fields.Selection(
        selection_add=[('waybill', 'Request waybills')],
        ondelete={'waybill': 'cascade'})

    def _gtg_check_waybill(self, orders):
        known = {
            order.id: ('failed', self.env._(
                'The marketplace ships it. If you ship it yourself, tick that on the '
                'order first.'))
            for order in orders._gtg_shipped_by_channel()}
        for order in orders - orders.browse(known):
            if order.gtg_can_request:
                continue
            if live := order.sudo().gtg_parcel_ids._gtg_live():
                known[order.id] = 'done', (
                    self.env._('Has its waybill already.')
                    if all(live.mapped('tracking_number')) else
                    self.env._('Its waybill is requested, the carrier has not answered '
                               'yet.'))
            else:
                known[order.id] = 'failed', self.env._(
                    'There is no delivery by a connected carrier: confirm the order and '
                    'choose a delivery method first.')
        return known

    def _gtg_do_waybill(self, orders):
        orders.action_gtg_request()

    def _gtg_do(self, lines):
        super()._gtg_do(lines)
        if self.operation != 'waybill':
            return
        # what a parcel lacks is kept on it, so its order is not undone, but told
        for line in lines.filtered(lambda line: line.state == 'done'):
            parcels = line.order_id.sudo().gtg_parcel_ids
            problems = [p.problem for p in parcels if p.status == 'draft' and p.problem]
            if problems:
                line.write({'state': 'failed', 'message': '\n'.join(problems)})
