import math

from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.errors import Rejected
from odoo.addons.gtg_connector_base.lib.money import dec

from ..lib import shipping
from .carrier_account import INSPECTIONS, PAYERS


class DeliveryCarrier(models.Model):
    """The method that customers choose; the carrier account does the work.

    A provider adds its ``delivery_type`` and the four methods that core looks for,
    each handing over to a ``_gtg_…`` method here.
    """

    _inherit = 'delivery.carrier'

    gtg_account_id = fields.Many2one(
        'gtg.carrier.account', 'Carrier account', ondelete='restrict',
        help='Goods of a warehouse that has an account of its own at this carrier '
             'go by that one.')
    gtg_service = fields.Selection(
        selection='_selection_gtg_service', string='Service', help='Empty: automatic')
    gtg_auto_request = fields.Boolean(
        'Request by itself', default=True,
        help='The waybill is requested as soon as the goods are reserved.')
    gtg_payer = fields.Selection(
        PAYERS, 'Shipping fee', help='Empty: as the carrier account says.')
    gtg_inspection = fields.Selection(
        INSPECTIONS, 'Buyer may open it', help='Empty: as the carrier account says.')

    gtg_uses_account = fields.Boolean(compute='_compute_gtg_uses_account')

    @api.depends('delivery_type')
    def _compute_gtg_uses_account(self):
        for carrier in self:
            carrier.gtg_uses_account = (carrier.delivery_type or '').startswith('gtg_')

    @api.model
    def _selection_gtg_service(self):
        return self.env['gtg.parcel']._selection_service()

    def _gtg_account(self, company, warehouse):
        """The carrier account that takes the goods of a warehouse (sudo)."""
        self.ensure_one()
        account = self.sudo().gtg_account_id
        if not account or account.warehouse_id == warehouse:
            return account
        fitting = account.search([
            ('provider', '=', account.provider), ('company_id', '=', company.id),
            ('environment', '=', account.environment),
            ('warehouse_id', 'in', (warehouse.id, False))])
        return fitting.filtered('warehouse_id')[:1] or (
            account & fitting) or fitting[:1]

    # === QUOTE === #

    def _gtg_rate_shipment(self, order):
        """Live price for a cart or order; a person waits for it.

        :return: dict as core's ``rate_shipment``
        """
        self.ensure_one()
        account = self._gtg_account(order.company_id, order.warehouse_id)
        if not account or account.state != 'connected' or account.is_copy:
            return self._gtg_no_rate(self.env._(
                'This delivery method is not connected to its carrier.'))
        try:
            shipment = self._gtg_order_shipment(order, account)
        except Rejected as error:
            return self._gtg_no_rate(str(account._user_error(error)))
        quote, sentence = account._adapter()._try_quote(account, shipment)
        if quote is None:
            return self._gtg_no_rate(sentence)
        price = self.env.ref('base.VND')._convert(
            float(quote.fee), (self.company_id or order.company_id).currency_id,
            order.company_id, fields.Date.context_today(self), round=False)
        return {'success': True, 'price': price, 'error_message': False,
                'warning_message': False}

    def _gtg_no_rate(self, message):
        return {'success': False, 'price': 0.0, 'error_message': message,
                'warning_message': False}

    def _gtg_order_shipment(self, order, account):
        """What the order would be as one parcel.

        :raise Rejected: the address or a weight is missing
        """
        partner = order.partner_shipping_id
        ward, province, found = self.env['gtg.carrier.unit']._gtg_resolve(
            account.provider, partner)
        if not ward:
            raise Rejected(self.env._(
                'Enter province and ward of the delivery address to see the price.'),
                code='address')
        lines = order.order_line.filtered(
            lambda line: not line.is_delivery and not line.display_type
            and line.product_id.type == 'consu')
        box = account.package_type_id
        grams = box._gtg_grams
        weight = order._get_estimated_weight() + box.base_weight
        dong = self.env.ref('base.VND')
        rate = order.currency_id._get_conversion_rate(
            order.currency_id, dong, order.company_id, fields.Date.context_today(self))
        value = dong.round(sum(lines.mapped('price_total')) * rate)
        return shipping.Shipment(
            reference='', box=shipping.Box(
                grams(self.env.context.get('order_weight') or weight),
                *box._gtg_sides()),
            to=shipping.Party(
                name=partner.name or order.partner_id.name or '',
                phone=partner.phone or order.partner_id.phone or '',
                street=partner.street or '', ward=ward.name, province=province.name),
            items=tuple(shipping.Item(
                name=line.product_id.with_context(
                    display_default_code=False).display_name,
                code=line.product_id.default_code or '',
                quantity=math.ceil(line.product_uom_qty),
                price=dec(round(line.price_reduce_taxinc * rate)),
                weight=grams(line.product_id.weight)) for line in lines),
            cod=dec(int(value)) if order.gtg_is_cod else dec(0),
            payer='shop', inspection=self.gtg_inspection or account.inspection,
            value=dec(int(value)) if account.insure else dec(0),
            service=(self.gtg_service or '').partition(':')[2])

    # === WHAT CORE ASKS WHEN A DELIVERY IS VALIDATED === #

    def _gtg_send_shipping(self, pickings):
        """What is known already: no carrier is called inside a validation."""
        return [{
            'exact_price': sum(p.gtg_parcel_ids._gtg_live().mapped('fee_expected')),
            'tracking_number': p.carrier_tracking_ref or False} for p in pickings]

    def _gtg_tracking_link(self, picking):
        parcels = picking.sudo().gtg_parcel_ids._gtg_live().filtered('tracking_url')
        return parcels[:1].tracking_url or False

    def _gtg_cancel_shipment(self, pickings):
        pickings.gtg_parcel_ids.sudo()._gtg_cancel()
