"""From the marketplace's state to what happens here. Runs again without harm, and from
the order's own fields alone, so that a released hold continues where it stopped."""

import logging

from odoo import fields, models

from odoo.addons.gtg_connector_base.models.task_drain import CONFLICTS

from ..lib import orders as o

_logger = logging.getLogger(__name__)

CONFIRMS = (o.TO_SHIP, o.ARRANGED, o.RETRY_SHIP, o.SHIPPED, o.DELIVERED, o.COMPLETED,
            o.RETURNING)
GONE = (o.SHIPPED, o.DELIVERED, o.COMPLETED)
ARRIVED = (o.DELIVERED, o.COMPLETED)


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _gtg_follow_platform(self):
        """Take the steps that the marketplace's state asks for, in batches."""
        orders = self.with_context(gtg_following=True)
        orders._gtg_follow_holds()
        orders._gtg_arrive()
        cancelled = orders._gtg_in(o.CANCELLED)
        cancelled._gtg_follow_cancel()
        (orders - cancelled)._gtg_follow_confirm()
        orders._gtg_in(*GONE)._gtg_follow_shipped()
        orders._gtg_in(*ARRIVED)._gtg_follow_arrived()
        for order in orders._gtg_in(o.RETURNING):
            order.gtg_return_state = order.gtg_return_state or 'returning'
        orders.filtered(
            lambda order: order.gtg_shop_id.auto_arrange and order.state == 'sale'
            and order.gtg_platform_state == o.TO_SHIP and not order._gtg_blocks('ship')
        ).gtg_package_ids._arrange_ready()

    def _gtg_in(self, *states):
        return self.filtered(lambda order: order.gtg_platform_state in states)

    def _gtg_follow_holds(self):
        """The holds whose cause is the marketplace's own state."""
        for state, reason in ((o.CANCEL_REQUESTED, 'buyer_cancel'),
                              (o.PENDING, 'risk_check')):
            held = self._gtg_in(state)
            for order in held:
                order._gtg_hold(reason, order.gtg_cancel_reason or '')
            over = (self - held).filtered(
                lambda order, reason=reason: order._gtg_is_held_for(reason))
            if over:
                over._gtg_release(reason)
        for order in self._gtg_in(o.RETRY_SHIP):
            order._gtg_hold('provider', self.env._(
                'The carrier could not pick the parcel up. Arrange a new pickup at the '
                'marketplace.'))
        for order in self._gtg_in(o.UNKNOWN):
            order._gtg_hold('provider', self.env._(
                'The marketplace has the new state %s. Nothing was done.',
                order.gtg_platform_status))

    def _gtg_is_held_for(self, code):
        return any(hold.state == 'open' and hold.reason_id.code == code
                   for hold in self.gtg_hold_ids)

    def _gtg_follow_confirm(self):
        ready = self.filtered(
            lambda order: order.state in ('draft', 'sent')
            and order.gtg_platform_state in CONFIRMS and order.gtg_shop_id.auto_confirm
            and all(hold.state != 'open' for hold in order.gtg_hold_ids))
        ready._gtg_together('action_confirm', self.env._('confirm the order'))

    def _gtg_follow_cancel(self):
        """Cancelled before the goods left: cancel; afterwards they come back."""
        now = fields.Datetime.now()
        for order in self:
            if order.gtg_paid_at and not order.gtg_refunded_at:
                order.gtg_refunded_at = order.gtg_platform_update_time or now
        states = {package.state for package in self.gtg_package_ids}
        gone = self.filtered(
            lambda order: order.gtg_shipped_at or (
                order._gtg_deliveries() and not order._gtg_pickings_to_ship()
            ) or states.intersection(
                ('returning', 'lost')) and order.gtg_package_ids.filtered(
                    lambda package: package.state in ('returning', 'lost')))
        for order in gone:
            lost = order.gtg_package_ids.filtered(
                lambda package: package.state == 'lost')
            if not order.gtg_return_state:
                order.gtg_return_state = 'lost' if lost else 'returning'
        (self - gone).filtered(lambda order: order.state != 'cancel')._gtg_together(
            '_action_cancel', self.env._('cancel the order'))

    def _gtg_follow_shipped(self):
        """With the carrier, whatever our stock says: the goods have left."""
        orders = self.filtered(lambda order: order.state == 'sale')
        for reason in ('provider', 'buyer_cancel'):
            held = orders.filtered(
                lambda order, reason=reason: order._gtg_is_held_for(reason))
            if held:
                held._gtg_release(reason)
        orders.filtered(lambda order: order.gtg_platform_fulfilled is False)._gtg_together(
            '_gtg_validate_deliveries', self.env._('validate the delivery'))
        for order in orders.filtered(lambda order: not order.gtg_shipped_at):
            order.gtg_shipped_at = order.gtg_platform_update_time or (
                fields.Datetime.now())

    def _gtg_follow_arrived(self):
        for order in self.filtered(lambda order: order.state == 'sale'):
            at = order.gtg_platform_update_time or fields.Datetime.now()
            vals = {}
            if not order.gtg_delivered_at:
                vals['gtg_delivered_at'] = at
            if order.gtg_is_cod and not order.gtg_cod_collected_at:
                vals['gtg_cod_collected_at'] = at
            if vals:
                order.write(vals)

    def _gtg_validate_deliveries(self):
        """Everything still waiting to leave leaves now, in full."""
        pickings = self.picking_ids.filtered(
            lambda picking: picking.state not in ('done', 'cancel')
            and picking.picking_type_code != 'incoming')
        # inner steps of the warehouse first
        for group in (pickings.filtered(lambda p: p.picking_type_code != 'outgoing'),
                      pickings.filtered(lambda p: p.picking_type_code == 'outgoing')):
            moves = group.move_ids.filtered(
                lambda move: move.state not in ('done', 'cancel'))
            for move in moves:
                move.quantity = move.product_uom_qty
            moves.picked = True
            group.filtered('move_ids')._action_done()

    def _gtg_together(self, method, what):
        """Call a method for all; where that fails, for each, and tell whose failed."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
                self.env.flush_all()
            return
        except CONFLICTS:
            raise  # the whole transaction runs again
        except Exception as error:
            if len(self) == 1:
                _logger.exception('%s of order %s', method, self.id)
                self.invalidate_recordset()
                self._gtg_hold('provider', self.env._(
                    'Could not %(what)s: %(why)s', what=what, why=error))
                return
        for order in self:
            order._gtg_together(method, what)
