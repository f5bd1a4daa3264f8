from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.money import split
from odoo.addons.gtg_order_flow.models.stock_picking_label import Box

from ..lib import tracking as T


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    gtg_parcel_ids = fields.One2many('gtg.parcel', 'picking_id', 'Parcels')
    gtg_parcel_count = fields.Integer(
        compute='_compute_gtg_parcel_count', compute_sudo=True)
    gtg_can_request = fields.Boolean(
        compute='_compute_gtg_parcel_count', compute_sudo=True)

    @api.depends('gtg_parcel_ids.status', 'carrier_id.gtg_account_id', 'state')
    def _compute_gtg_parcel_count(self):
        for picking in self:
            live = picking.gtg_parcel_ids._gtg_live()
            picking.gtg_parcel_count = len(picking.gtg_parcel_ids)
            picking.gtg_can_request = bool(
                picking._gtg_by_carrier() and (
                    not live or live.filtered(lambda p: p.status == 'draft')
                    or picking._gtg_still_here()))

    @api.depends('sale_id.gtg_parcel_ids.status')
    def _compute_gtg_cod_amount(self):
        """When all that was sent before came back or is lost, the delivery that follows
        collects the cash."""
        result = super()._compute_gtg_cod_amount()
        for picking in self:
            order = picking.sale_id
            if picking.gtg_cod_amount or not order.gtg_is_cod or order.gtg_paid_at or (
                    picking.picking_type_code != 'outgoing'):
                continue
            earlier = order.picking_ids.filtered(
                lambda p, picking=picking: p.picking_type_code == 'outgoing'
                and p.state != 'cancel' and p.id < picking.id)
            parcels = earlier.sudo().gtg_parcel_ids._gtg_live()
            if earlier and parcels.picking_id == earlier and set(
                    parcels.mapped('status')) <= T.BACK:
                picking.gtg_cod_amount = order.gtg_cod_amount
        return result

    @api.depends('gtg_parcel_ids.status', 'gtg_parcel_ids.delivered_at')
    def _compute_gtg_handed_at(self):
        result = super()._compute_gtg_handed_at()
        for picking in self:
            parcels = picking.gtg_parcel_ids._gtg_live()
            if parcels and picking.state == 'done':
                days = parcels.mapped(lambda p: p.delivered_at or p.status_at)
                picking.gtg_handed_at = set(parcels.mapped('status')) == {
                    T.DELIVERED} and max(filter(None, days), default=False)
        return result

    def _gtg_by_carrier(self):
        """:return: deliveries to buyers that one of our carriers takes"""
        return self._gtg_for_carrier().filtered(
            lambda p: p.state not in ('done', 'cancel') or p._gtg_still_here())

    def _gtg_for_carrier(self):
        """Not those whose waybill the marketplace makes: a second would be paid."""
        return self.filtered(
            lambda p: p.carrier_id.sudo().gtg_account_id and p._gtg_account()
            and p.picking_type_code == 'outgoing' and p.partner_id
            and not p.sudo().sale_id._gtg_shipped_by_channel())

    def _gtg_left_behind(self):
        """The delivery was validated for a courier who did not come.

        :return: its parcels without a waybill: never requested, or cancelled after
            that; unless a person put them aside, the goods were taken back, or they
            have left all the same
        """
        self.ensure_one()
        order = self.sale_id
        if self.state != 'done' or order.state == 'cancel' or (
                order.gtg_shipped_at or order.gtg_delivered_at) or any(
                move.state != 'cancel' for move in self.move_ids.returned_move_ids):
            return self.env['gtg.parcel']
        return self.sudo().gtg_parcel_ids.filtered(
            lambda p: p.status == 'draft' or p.status == T.CANCELLED and p.requested_at
            and p.status_at and self.date_done and p.status_at >= self.date_done)

    def _gtg_still_here(self):
        """Whether a box of the validated delivery waits for another waybill."""
        gone = self._gtg_left_behind()
        served = self.sudo().gtg_parcel_ids._gtg_live() - gone
        return bool({parcel.package_id.id for parcel in gone}
                    - {parcel.package_id.id for parcel in served})

    def _gtg_account(self):
        return self.carrier_id._gtg_account(
            self.company_id, self.picking_type_id.warehouse_id)

    # === REQUEST === #

    def action_gtg_request(self):
        """Button: request the waybills of these deliveries, one or hundreds."""
        self.check_access('write')
        mine = self._gtg_by_carrier()
        if not mine and (theirs := self.sudo().sale_id._gtg_shipped_by_channel()):
            raise UserError(self.env._(
                'The marketplace ships %s. If you ship it yourself, tick that on the '
                'order first.', ', '.join(theirs.mapped('name'))))
        if not mine:
            raise UserError(self.env._(
                'Choose a delivery method with a carrier account, and an address.'))
        # two people click: the second one's request is run again by Odoo, in a
        # snapshot that has the first one's parcels
        self.env.cr.execute(
            'UPDATE stock_picking SET write_date = write_date WHERE id = ANY(%s)',
            [mine.ids], log_exceptions=False)
        parcels = mine.sudo()._gtg_make_parcels()
        return parcels.filtered(lambda p: p.status == 'draft').action_request()

    def _gtg_auto_request(self):
        """The goods are reserved: request what the delivery method says."""
        ready = self._gtg_by_carrier().filtered(
            lambda p: p.state == 'assigned' and p.carrier_id.gtg_auto_request
            and not p.gtg_parcel_ids._gtg_live()
            and not any(m.origin_returned_move_id for m in p.move_ids))
        if ready:
            ready.sudo()._gtg_make_parcels()._gtg_request()

    def _gtg_make_parcels(self):
        """One draft per box that has no parcel yet.

        :return: the live parcels of these deliveries
        """
        result = self.env['gtg.parcel']
        for picking in self:
            live = picking.gtg_parcel_ids._gtg_live()
            if live.filtered(lambda p: not p.package_id and p.status != 'draft'):
                result |= live  # a waybill for all goods exists: a second would be paid
                continue
            lines = picking.move_line_ids
            boxes = list(lines.result_package_id) or [None]
            if boxes != [None] and lines.filtered(lambda line: not line.result_package_id):
                boxes.append(None)
            packages = [box.id if box else False for box in boxes]
            stale = live.filtered(
                lambda p, packages=packages: p.status == 'draft'
                and p.package_id.id not in packages)
            live -= stale
            stale.unlink()
            missing = [box for box in boxes if (box.id if box else False) not in
                       live.mapped(lambda p: p.package_id.id)]
            result |= live | picking._gtg_new_parcels(missing, live)
        return result

    def _gtg_new_parcels(self, packages, live):
        """:param packages: list of stock.package or None for what is not packed"""
        self.ensure_one()
        # a cancellation of this very transaction frees the number of its box
        self.gtg_parcel_ids.flush_recordset(['status'])
        used = set(live.mapped('box'))
        numbers = [n for n in range(1, len(used) + len(packages) + 1) if n not in used]
        parcels = self.env['gtg.parcel'].create([
            self._gtg_parcel_vals(package, number)
            for package, number in zip(packages, numbers, strict=False)])
        values = [parcel._value() for parcel in parcels]
        owed = self._gtg_cod_due() - sum(live.filtered('cod_state').mapped('cod_amount'))
        shares = split(round(max(owed, 0)), values)
        for parcel, value, cod in zip(parcels, values, shares, strict=True):
            parcel.write({
                'cod_amount': float(cod),
                'declared_value': round(value) if parcel.account_id.insure else 0})
        return parcels

    def _gtg_parcel_vals(self, package, number):
        carrier = self.carrier_id
        account = self._gtg_account()
        kind = (package.package_type_id if package else self.gtg_package_type_id) or (
            account.package_type_id)
        if package:
            weight = package.shipping_weight or (
                package.with_context(picking_id=self.id).weight)
        else:
            loose = self.move_line_ids.filtered(lambda line: not line.result_package_id)
            packed = len(loose) < len(self.move_line_ids)
            weight = (sum(line.quantity_product_uom * line.product_id.weight for line in loose)
                      if packed else self.weight) + kind.base_weight
        sides = kind._gtg_sides()
        earlier = self.gtg_parcel_ids.filtered(lambda p: p.box == number)
        payer = carrier.gtg_payer or account.payer
        if payer == 'buyer' and any(
                line.is_delivery and line.price_total > 0
                for line in self.sale_id.order_line):
            payer = 'shop'  # shipping is in the order's total: else it is paid twice
        return {
            'picking_id': self.id, 'carrier_id': carrier.id, 'account_id': account.id,
            'box': number, 'package_id': package.id if package else False,
            'generation': max(earlier.mapped('generation'), default=0) + 1,
            'weight': kind._gtg_grams(weight), 'length': sides[0], 'width': sides[1],
            'height': sides[2], 'service': carrier.gtg_service, 'payer': payer,
            'inspection': carrier.gtg_inspection or account.inspection,
            'note': self.sale_id.gtg_buyer_note or False,
            'ward_id': (earlier[:1] or self._gtg_parcels_there()[:1]).ward_id.id}

    def _gtg_parcels_there(self):
        """:return: parcels of the order to the same door, whose ward is known"""
        return self.sudo().sale_id.gtg_parcel_ids.filtered(
            lambda p: p.ward_id and p.partner_id == self.partner_id
            and p.provider == self._gtg_account().provider)

    def _gtg_cod_due(self):
        """What this delivery collects, in dong."""
        self.ensure_one()
        order = self.sale_id
        if not order:
            return 0.0
        return self._gtg_in_dong(min(
            self.gtg_cod_amount, max(order.amount_total - order.amount_paid, 0)))

    def _gtg_cod_owed(self, order):
        """What all parcels of the order together may collect, in dong."""
        if not order.gtg_is_cod or order.gtg_paid_at:
            return 0.0
        return self._gtg_in_dong(
            max(min(order.gtg_cod_amount, order.amount_total - order.amount_paid), 0))

    def _gtg_in_dong(self, amount):
        return self.sale_id.currency_id._convert(
            amount, self.env.ref('base.VND'), self.company_id,
            fields.Date.context_today(self))

    # === WHAT CHANGES THE DELIVERY === #

    def _gtg_sync_tracking(self):
        """Core's own tracking number and price follow the parcels."""
        for picking in self:
            live = picking.gtg_parcel_ids._gtg_live().filtered('tracking_number')
            ref = ','.join(live.sorted('box').mapped('tracking_number')) or False
            if (picking.carrier_tracking_ref or False) == ref:
                continue
            price = self.env.ref('base.VND')._convert(
                sum(live.mapped('fee_expected')),
                picking.company_id.currency_id, picking.company_id,
                fields.Date.context_today(self))
            picking.carrier_tracking_ref = ref
            picking.carrier_price = picking.carrier_id._apply_margins(
                price, picking.sale_id) if picking.carrier_id else price

    def action_cancel(self):
        res = super().action_cancel()
        self.filtered(lambda p: p.state == 'cancel').gtg_parcel_ids.sudo()._gtg_cancel()
        return res

    def _action_done(self):
        # before core sets the delivery cost of real-cost methods
        for picking in self._gtg_by_carrier():
            if picking.gtg_parcel_ids._gtg_live():
                picking.sudo()._add_delivery_cost_to_so()
        res = super()._action_done()
        self.filtered(lambda p: p.state == 'done').sale_id._gtg_release('left')
        return res

    def send_to_shipper(self):
        """Nothing to send at validation: parcels are requested before goods leave."""
        self.ensure_one()
        if self.carrier_id.sudo().gtg_account_id:
            return None
        return super().send_to_shipper()

    def _send_confirmation_email(self):
        # core's place for what a carrier does at validation; `send_to_shipper` is not
        # called for a delivery of which one box has a number and another has none
        self.filtered('sale_id')._gtg_for_carrier().sudo()._gtg_tell_no_waybill()
        return super()._send_confirmation_email()

    def _gtg_tell_no_waybill(self):
        """Validated without the station, which asks for waybills: each box without one
        is a draft that a person requests, or puts aside."""
        for picking in self:
            parcels = picking.gtg_parcel_ids._gtg_live()
            if parcels or not picking.carrier_tracking_ref:
                parcels = picking._gtg_make_parcels()
            parcels.filtered(lambda p: p.status == 'draft')._gtg_left_without()

    def action_gtg_parcels(self):
        return self.gtg_parcel_ids._gtg_action()

    # === BOXES AND LABELS === #

    def _gtg_boxes(self):
        result = super()._gtg_boxes()
        for picking in self:
            parcels = picking.sudo().gtg_parcel_ids._gtg_live().sorted('box')
            if parcels:
                result[picking] = [Box(
                    name=parcel._gtg_box_name(), code=parcel.tracking_number or '',
                    record=parcel, label=parcel.label_attachment_id,
                    why=parcel._gtg_why_no_label()) for parcel in parcels]
        return result

    def _gtg_scan_lock(self):
        """A cancellation of a waybill at this moment writes the parcel's row only: one
        of the two waits, and is run again in a snapshot that has the other."""
        res = super()._gtg_scan_lock()
        self.sudo().gtg_parcel_ids._gtg_lock()
        return res

    def _gtg_scan_blocks(self):
        sentences = super()._gtg_scan_blocks()
        parcels = self.sudo().gtg_parcel_ids
        sentences += [
            self.env._('Waybill %s is being cancelled: the courier must not get it.',
                       parcel.tracking_number or parcel.reference)
            for parcel in parcels if parcel.cancel_wanted]
        # a number without parcel is of a waybill that a person made at the carrier
        if self.carrier_id.sudo().gtg_account_id and not parcels._gtg_live() and (
                not self.carrier_tracking_ref):
            sentences.append(
                self.env._('The waybill of %s was cancelled. Request a new one first.',
                           self.name) if parcels else
                self.env._('%s has no waybill. Request one first.', self.name))
        return sentences
