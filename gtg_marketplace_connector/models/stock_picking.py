from odoo import models

from odoo.addons.gtg_order_flow.models.stock_picking_label import Box

from ..lib import orders as o


class StockPicking(models.Model):
    """Parcels of marketplaces are boxes of the station and of the bulk print."""

    _inherit = 'stock.picking'

    def _gtg_boxes(self):
        result = super()._gtg_boxes()
        for picking in self.filtered(lambda p: p.picking_type_code == 'outgoing'):
            packages = picking._gtg_packages()
            if packages is not None:
                result[picking] = [Box(
                    name=package.tracking_number or package.name,
                    code=package.tracking_number or '', record=package,
                    label=package.label_id, why=package._why_no_label())
                    for package in packages]
        return result

    def _gtg_packages(self):
        """:return: the marketplace's parcels that may leave with this delivery, as far
            as is known; None: the marketplace has no parcels for us here
        """
        order = self.sudo().sale_id
        if order.gtg_own_carrier:
            return None
        live = order.gtg_package_ids.filtered(lambda p: p.state != o.PACKAGE_CANCELLED)
        ours = live.filtered(lambda p: p.is_shippable or p.tracking_number).sorted('id')
        if not ours and (live or not order.gtg_package_ids):
            return None
        used = {number for other in order._gtg_deliveries() - self
                for number in (other.gtg_scan_used or '').split(',')}
        return ours.filtered(lambda p: p.tracking_number not in used)

    def _action_done(self):
        res = super()._action_done()
        if self.env.context.get('gtg_following'):
            return res  # the marketplace itself said that the goods have left
        for order in self.filtered(lambda p: p.state == 'done').sudo().sale_id:
            missing = order.gtg_package_ids._not_arranged()
            if missing and not order._gtg_pickings_to_ship():
                text = self.env._(
                    '%s: validated, but its shipment is not arranged at the '
                    'marketplace. Arrange it, else the order is cancelled there.',
                    ', '.join(missing.mapped('name')))
                order._gtg_log(text)
                order._gtg_warn(text)
        return res

    def _gtg_scan_blocks(self):
        sentences = super()._gtg_scan_blocks()
        packages = self._gtg_packages()
        if packages is not None and not packages:
            sentences.append(self.env._(
                '%s: its parcels at the marketplace are cancelled, or have left with '
                'another delivery.', self.name))
        return sentences

    def _gtg_scan_waybills_needed(self, codes):
        """Which parcel leaves with which delivery the marketplace does not say: of a
        delivery in parts at least one waybill must be seen."""
        needed = super()._gtg_scan_waybills_needed(codes)
        if needed and len(self.sale_id.sudo()._gtg_deliveries()) > 1 and (
                self.sudo().sale_id.gtg_package_ids):
            return 1
        return needed
