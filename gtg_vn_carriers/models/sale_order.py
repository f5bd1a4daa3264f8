from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.errors import Rejected
from odoo.addons.gtg_order_flow.models.sale_order_profit import Fee

from ..lib import tracking as T


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    gtg_parcel_ids = fields.One2many('gtg.parcel', 'order_id', 'Parcels')
    gtg_parcel_count = fields.Integer(
        compute='_compute_gtg_parcel_count', compute_sudo=True)
    gtg_can_request = fields.Boolean(
        compute='_compute_gtg_parcel_count', compute_sudo=True)

    @api.depends('gtg_parcel_ids', 'picking_ids.gtg_can_request')
    def _compute_gtg_parcel_count(self):
        for order in self:
            order.gtg_parcel_count = len(order.gtg_parcel_ids)
            order.gtg_can_request = any(order.picking_ids.mapped('gtg_can_request'))

    def action_gtg_request(self):
        """Button: request the waybills of these orders, one or hundreds."""
        pickings = self.picking_ids._gtg_by_carrier()
        if not pickings and self._gtg_shipped_by_channel():
            return self.picking_ids.action_gtg_request()  # says why not
        if not pickings:
            raise UserError(self.env._(
                'There is no delivery by a connected carrier: confirm the order and '
                'choose a delivery method first.'))
        return pickings.action_gtg_request()

    def action_gtg_parcels(self):
        return self.gtg_parcel_ids._gtg_action()

    def _action_cancel(self):
        res = super()._action_cancel()
        # also those of deliveries that were validated before the courier came; what is
        # too late is told
        self.filtered(lambda o: o.state == 'cancel').sudo().gtg_parcel_ids._gtg_cancel()
        return res

    def _gtg_cause_address(self):
        """Wrong as long as our carrier does not find it either."""
        causes = super()._gtg_cause_address()
        unclear = self.sudo().gtg_parcel_ids.filtered(
            lambda p: p.status == 'draft' and p.problem_code == 'address')
        for parcel in unclear:
            try:
                parcel._party()
            except Rejected:
                order = self.browse(parcel.order_id.id)
                causes[order] = (causes[order][0], False)
        return causes

    def _gtg_waybills(self):
        """Also those that are asked for: the carrier may have made them."""
        asked = self.sudo().gtg_parcel_ids._gtg_live().filtered(
            lambda parcel: parcel.status != 'draft')
        return super()._gtg_waybills() + asked.mapped('name')

    def _gtg_tracking_links(self):
        parcels = self.sudo().gtg_parcel_ids._gtg_live().filtered('tracking_number')
        known = [(p.tracking_number, p.tracking_url) for p in parcels.sorted('box')]
        mine = {number for number, _url in known}
        return known + [
            link for link in super()._gtg_tracking_links()
            if not mine.intersection(link[0].split(','))]

    def _gtg_known_fees(self):
        fees = super()._gtg_known_fees()
        for order in self.filtered('gtg_parcel_ids'):
            ours = order.gtg_parcel_ids._gtg_live().filtered(lambda p: p.payer == 'shop')
            amounts = [parcel.fee_billed or parcel.fee_expected for parcel in ours]
            if ours:
                amount = ours.currency_id._convert(
                    sum(amounts), order.currency_id, order.company_id,
                    order.date_order) if all(amounts) else None
                fees[order].append(Fee(self.env._('Carrier'), amount))
        return fees

    @api.depends('gtg_parcel_ids.status', 'gtg_parcel_ids.payer',
                 'gtg_parcel_ids.fee_expected', 'gtg_parcel_ids.fee_billed')
    def _compute_gtg_profit(self):
        return super()._compute_gtg_profit()

    def _gtg_next_action(self):
        step = super()._gtg_next_action()
        if step == 'end_hold' and 'address' in self.sudo().gtg_parcel_ids.mapped(
                'problem_code'):
            return 'choose_ward'
        if step == 'ship' and self.gtg_can_request:
            return 'request_waybill'
        if step == 'ship' and self.gtg_goods == 'to_print':
            return 'print_labels'
        return step

    @api.model
    def _gtg_next_actions(self):
        return {
            **super()._gtg_next_actions(),
            'choose_ward': (self.env._('Choose ward'), 'action_gtg_choose_ward'),
            'request_waybill': (self.env._('Request waybill'), 'action_gtg_request')}

    def action_gtg_choose_ward(self):
        return self.gtg_parcel_ids.filtered(
            lambda p: p.problem_code == 'address')[:1].action_choose_ward()


class OrderHold(models.Model):
    _inherit = 'gtg.order.hold'

    def _gtg_close(self):
        """What a hold kept from being requested is requested now."""
        held = self.filtered(lambda hold: hold.state == 'open').order_id
        partly = self.filtered(
            lambda hold: hold.state == 'open' and hold.reason_id.code == 'partly').order_id
        res = super()._gtg_close()
        for order in partly.sudo().filtered(
                lambda o: o.state != 'cancel' and not o.gtg_delivered_at):
            # a person has decided about the rest
            order.gtg_delivered_at = max(
                p.delivered_at or p.status_at for p in order.gtg_parcel_ids
                if p.status == T.DELIVERED)
        free = held.filtered(lambda o: o.state == 'sale' and not o._gtg_blocks('print'))
        free.gtg_parcel_ids.filtered(
            lambda p: p.status == 'draft' and p.problem_code in ('held', 'address')
        ).sudo()._gtg_request()
        return res
