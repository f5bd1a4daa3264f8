from odoo import models
from odoo.exceptions import UserError

from odoo.addons.gtg_order_flow.models.stock_picking_pieces import BoxLimits

# what more boxes cure
TOO_MUCH = ('too_heavy', 'too_long')


class StockPicking(models.Model):
    """Deliveries in boxes that the carrier takes."""

    _inherit = 'stock.picking'

    def _gtg_box_limits(self):
        if not self._gtg_for_carrier():
            return super()._gtg_box_limits()
        account = self.sudo()._gtg_account()
        limits = account._adapter()._limits(account)
        return BoxLimits(self.carrier_id.name, limits.max_weight, limits.max_side)

    def _gtg_check_splittable(self):
        res = super()._gtg_check_splittable()
        asked = self.sudo().gtg_parcel_ids._gtg_live().filtered(
            lambda parcel: parcel.status != 'draft')
        if asked:
            raise UserError(self.env._(
                'The waybill of %s is requested: cancel that first, then split.',
                self.name))
        return res

    def _gtg_touch_to_split(self):
        """A request of its waybill at this moment writes the parcel: one of the two is
        run again."""
        res = super()._gtg_touch_to_split()
        self.sudo().gtg_parcel_ids._gtg_lock()
        return res

    def _gtg_split_off(self, boxes):
        """The draft stays with what stays; a hold for its weight has ended."""
        drafts = self.sudo().gtg_parcel_ids.filtered(
            lambda parcel: parcel.status == 'draft' and not parcel.package_id)
        cured = drafts.filtered(lambda parcel: parcel.problem_code in TOO_MUCH)
        cured.write({'problem': False, 'problem_code': False})
        cured._gtg_close_holds()
        # core reserves on the way, while all is still one delivery: no waybill of that
        others = self.browse(super(
            StockPicking, self.with_context(gtg_splits=True))._gtg_split_off(boxes).ids)
        for draft in drafts:
            vals = self.sudo()._gtg_parcel_vals(draft.package_id, draft.box)
            draft.write({
                **{name: vals[name] for name in ('weight', 'length', 'width', 'height')},
                'declared_value':
                    round(draft._value()) if draft.account_id.insure else 0})
        cured.filtered(lambda parcel: parcel.carrier_id.gtg_auto_request)._gtg_request()
        (self | others)._gtg_auto_request()
        return others


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _gtg_next_action(self):
        step = super()._gtg_next_action()
        held = step == 'end_hold' and set(TOO_MUCH).intersection(
            self.sudo().gtg_parcel_ids.mapped('problem_code'))
        if (held or step == 'request_waybill') and any(
                picking.gtg_box_problem and sum(n for __, n in picking._gtg_pieces()) > 1
                for picking in self._gtg_pickings_to_ship().sudo()):
            return 'boxes'
        return step

    def _gtg_next_actions(self):
        return {
            **super()._gtg_next_actions(),
            'boxes': (self.env._('Propose boxes'), 'action_gtg_boxes')}
