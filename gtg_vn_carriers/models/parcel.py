import math

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.errors import Rejected
from odoo.addons.gtg_connector_base.lib.money import dec

from ..lib import shipping
from ..lib import tracking as T
from .carrier_account import INSPECTIONS, PAYERS

STATUSES = [
    ('draft', 'Draft'), ('requested', 'Requested'), (T.READY, 'Ready for pickup'),
    (T.PICKED, 'Picked up'), (T.IN_TRANSIT, 'In transit'),
    (T.OUT_FOR_DELIVERY, 'Out for delivery'), (T.DELIVERED, 'Delivered'),
    (T.FAILED_ATTEMPT, 'Attempt failed'), (T.RETURNING, 'Coming back'),
    (T.RETURNED, 'Returned'), (T.LOST, 'Lost'), (T.DAMAGED, 'Damaged'),
    (T.CANCELLED, 'Cancelled')]
COD_STATES = [
    ('to_collect', 'To collect'), ('collected', 'With the carrier'),
    ('remitted', 'Remitted')]


class Parcel(models.Model):
    """One waybill of one box. A cancelled one stays; the box then gets another parcel
    with the next generation, and therefore another reference."""

    _name = 'gtg.parcel'
    _inherit = ['gtg.connector.subject']
    _description = 'Parcel'
    _order = 'id desc'
    _check_company_auto = True

    name = fields.Char(compute='_compute_name', search='_search_name')
    picking_id = fields.Many2one(
        'stock.picking', 'Delivery', required=True, readonly=True, index=True,
        ondelete='restrict', check_company=True)
    order_id = fields.Many2one(
        'sale.order', compute='_compute_order_id', store=True, index=True)
    company_id = fields.Many2one(
        related='picking_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(
        'res.currency', required=True, readonly=True,
        default=lambda self: self.env.ref('base.VND'))
    partner_id = fields.Many2one(related='picking_id.partner_id', string='Buyer')
    carrier_id = fields.Many2one('delivery.carrier', 'Delivery method', readonly=True)
    account_id = fields.Many2one(
        'gtg.carrier.account', 'Carrier account', required=True, readonly=True,
        ondelete='restrict', check_company=True, index=True)
    provider = fields.Selection(related='account_id.provider', store=True)

    # the box
    box = fields.Integer('Box no.', default=1, readonly=True)
    package_id = fields.Many2one('stock.package', readonly=True)
    weight = fields.Integer('Weight (g)')
    length = fields.Integer('Length (cm)')  # pylint: disable=attribute-deprecated
    width = fields.Integer('Width (cm)')
    height = fields.Integer('Height (cm)')
    volumetric_weight = fields.Integer(
        'Volumetric weight (g)', compute='_compute_volumetric_weight',
        help='L x W x H / 5: carriers charge the larger of the two weights.')
    billed_weight = fields.Integer('Weighed by the carrier (g)', readonly=True)

    # the request
    generation = fields.Integer(default=1, readonly=True, copy=False)
    reference = fields.Char('Our reference', readonly=True, copy=False)
    service = fields.Selection(selection='_selection_service', help='Empty: automatic')
    cod_amount = fields.Monetary('Cash on delivery')
    payer = fields.Selection(PAYERS, 'Shipping fee', default='shop', required=True)
    inspection = fields.Selection(
        INSPECTIONS, 'Buyer may open it', default='look', required=True)
    declared_value = fields.Monetary()
    note = fields.Char('Note for the courier')
    ward_id = fields.Many2one(
        'gtg.carrier.unit', domain="[('provider', '=', provider), "
        "('level', '=', 'ward'), ('scheme', '=', 'new')]",
        help="The carrier's own name of the ward, chosen by a person.")
    problem = fields.Char(readonly=True, copy=False)
    problem_code = fields.Char(readonly=True, copy=False)
    waits_for_places = fields.Boolean(readonly=True, copy=False)
    requested_at = fields.Datetime('Requested on', readonly=True, copy=False)
    cancel_wanted = fields.Boolean(readonly=True, copy=False)

    # the answer
    tracking_number = fields.Char('Waybill', readonly=True, copy=False)
    tracking_url = fields.Char(compute='_compute_tracking_url')
    sort_code = fields.Char(readonly=True, copy=False)
    expected_at = fields.Datetime('Expected on', readonly=True, copy=False)
    fee_expected = fields.Monetary('Fee expected', readonly=True, copy=False)
    fee_billed = fields.Monetary('Fee billed', readonly=True, copy=False)
    label_attachment_id = fields.Many2one(
        'ir.attachment', 'Label', readonly=True, copy=False)
    label_printed_at = fields.Datetime('Label printed on', readonly=True, copy=False)

    # the journey
    status = fields.Selection(
        STATUSES, default='draft', required=True, readonly=True, copy=False, index=True)
    status_at = fields.Datetime('Since', readonly=True, copy=False)
    picked_at = fields.Datetime('Picked up on', readonly=True, copy=False)
    delivered_at = fields.Datetime('Delivered on', readonly=True, copy=False)
    failed_attempts = fields.Integer(readonly=True, copy=False)
    reason = fields.Char(readonly=True, copy=False)
    attention = fields.Char('Needs you', readonly=True, copy=False)
    event_ids = fields.One2many('gtg.parcel.event', 'parcel_id', 'Journey')
    heard_at = fields.Datetime('Last heard', readonly=True, copy=False)
    polled_at = fields.Datetime(readonly=True, copy=False)

    cod_state = fields.Selection(
        COD_STATES, 'COD', compute='_compute_cod_state', store=True)
    cod_collected_at = fields.Datetime('COD collected on', readonly=True, copy=False)
    cod_remitted_at = fields.Datetime('COD remitted on', readonly=True, copy=False)

    # never two waybills for one box, whatever runs at the same time
    _one_live = models.UniqueIndex(
        "(picking_id, box) WHERE status != 'cancelled'",
        'This box has a parcel already. Cancel it first.')
    _reference_unique = models.Constraint(
        'UNIQUE (reference)', 'This reference has been used.')
    _tracking_unique = models.UniqueIndex(
        '(account_id, tracking_number) WHERE tracking_number IS NOT NULL',
        'Another parcel has this waybill.')
    _silent_index = models.Index(
        "(account_id, heard_at) WHERE status NOT IN "
        "('draft', 'delivered', 'returned', 'lost', 'damaged', "
        "'cancelled') OR cod_state = 'collected'")
    _sizes = models.Constraint(
        'CHECK (weight >= 0 AND length >= 0 AND width >= 0 AND height >= 0 '
        'AND cod_amount >= 0)', 'Sizes and amounts cannot be negative.')

    # === COMPUTES === #

    @api.model
    def _selection_service(self):
        account = self.env['gtg.carrier.account']
        return [
            service for name in account._fields['provider'].get_values(self.env)
            for service in self.env[f'{account._adapter_family}.{name}']._services]

    @api.depends('tracking_number', 'reference')
    def _compute_name(self):
        for parcel in self:
            parcel.name = parcel.tracking_number or parcel.reference or self.env._(
                'New parcel')

    def _search_name(self, operator, value):
        return ['|', ('tracking_number', operator, value),
                ('reference', operator, value)]

    @api.depends('picking_id.sale_id')
    def _compute_order_id(self):
        for parcel in self:
            parcel.order_id = parcel.picking_id.sale_id

    @api.depends('length', 'width', 'height')
    def _compute_volumetric_weight(self):
        for parcel in self:
            parcel.volumetric_weight = (
                parcel.length * parcel.width * parcel.height // 5)

    @api.depends('tracking_number')
    def _compute_tracking_url(self):
        for parcel in self:
            account = parcel.account_id.sudo()
            parcel.tracking_url = parcel.tracking_number and (
                account._adapter()._tracking_url(account, parcel.tracking_number))

    @api.depends('cod_amount', 'status', 'cod_collected_at', 'cod_remitted_at')
    def _compute_cod_state(self):
        none = (T.CANCELLED, T.RETURNED, T.LOST, T.DAMAGED)
        for parcel in self:
            if parcel.cod_remitted_at:
                parcel.cod_state = 'remitted'
            elif not parcel.cod_amount or parcel.status in none:
                parcel.cod_state = False
            elif parcel.status == T.DELIVERED or parcel.cod_collected_at:
                parcel.cod_state = 'collected'
            else:
                parcel.cod_state = 'to_collect'

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        parcels = super().create(vals_list)
        salt = self._gtg_salt()
        for parcel in parcels.sudo():
            # two companies may share one account at the carrier, and have deliveries
            # of the same name
            parcel.reference = shipping.reference(
                parcel.picking_id.name, parcel.box, parcel.generation,
                f'{salt}{parcel.picking_id.id}')
        return parcels

    @api.model
    def _gtg_salt(self):
        """Tells two databases apart that share one account at a carrier."""
        uuid = self.env['ir.config_parameter'].sudo().get_param('database.uuid')
        return uuid.replace('-', '')[:4].upper()

    def write(self, vals):
        frozen = {'weight', 'length', 'width', 'height', 'service', 'cod_amount',
                  'payer', 'inspection', 'declared_value', 'note', 'ward_id',
                  'picking_id', 'account_id'} & set(vals)
        if frozen and not self.env.su and any(p.status != 'draft' for p in self):
            raise UserError(self.env._(
                'The waybill has been requested with these values. Cancel it, then '
                'request another one.'))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(parcel.status != 'draft' for parcel in self):
            raise UserError(self.env._('Cancel the parcel instead of deleting it.'))

    # === LOOKING UP === #

    @api.model
    def _gtg_find(self, account, tracking, reference):
        """The parcel a carrier speaks of, by its number or by ours."""
        parcel = self.search([
            ('account_id', '=', account.id), ('tracking_number', '=', tracking)],
            limit=1) if tracking else self.browse()
        return parcel or (self.search([
            ('account_id', '=', account.id), ('reference', '=', reference)], limit=1)
            if reference else parcel)

    @api.model
    def _gtg_silent(self, account, hours, limit):
        """Parcels on their way, or with cash to come, that nobody spoke of lately; and
        those that were requested and never answered."""
        before = fields.Datetime.subtract(fields.Datetime.now(), hours=hours)
        final = [*T.FINAL, 'draft', 'requested']
        return self.search([
            ('account_id', '=', account.id),
            '|', '&', ('status', '=', 'requested'), ('requested_at', '<', before),
            '&', ('tracking_number', '!=', False),
            '|', ('status', 'not in', final), ('cod_state', '=', 'collected'),
            '|', ('heard_at', '=', False), ('heard_at', '<', before),
            '|', ('polled_at', '=', False), ('polled_at', '<', before),
        ], order='polled_at nulls first, id', limit=limit)

    def _gtg_live(self):
        return self.filtered(lambda parcel: parcel.status != T.CANCELLED)

    # === WHAT THE CARRIER NEEDS === #

    def _party(self):
        """The receiver in the carrier's words.

        :raise Rejected: a person must choose the ward
        :rtype: lib.shipping.Party
        """
        self.ensure_one()
        partner = self.partner_id
        ward = self.ward_id
        if not ward:
            ward, province, found = self.env['gtg.carrier.unit']._gtg_resolve(
                self.provider, partner)
            if not ward:
                raise self._address_unclear(province, found)
        return shipping.Party(
            name=partner.name or partner.commercial_partner_id.name or '',
            phone=partner.phone or partner.commercial_partner_id.phone or '',
            street=partner.street or '', ward=ward.name, province=ward.parent_id.name)

    def _address_unclear(self, province, found):
        text = ', '.join(filter(None, [
            self.partner_id.street2, self.partner_id.city,
            self.partner_id.state_id.name]))
        if not self.env['gtg.carrier.unit'].sudo().search_count(
                [('provider', '=', self.provider)], limit=1):
            return Rejected(
                self.env._("The carrier's list of places is not here yet."),
                code='no_catalogue', hint=self.env._(
                    'Press “Load places” on the carrier account.'))
        if not province:
            text = self.env._('“%s” names no province that the carrier knows.', text)
        else:
            text = self.env._('“%s” names no ward that the carrier knows.', text)
        if found:
            text += ' ' + self.env._('Perhaps: %s.', ', '.join(
                found[:3].mapped('name')))
        return Rejected(text, code='address', hint=self.env._(
            'Press “Choose ward”.'))

    def _contents(self):
        """:return: [(product, quantity, price of one in dong, tax included)]"""
        self.ensure_one()
        lines = self.picking_id.move_line_ids
        if self.package_id:
            lines = lines.filtered(lambda line: line.result_package_id == self.package_id)
        elif lines.result_package_id:
            lines = lines.filtered(lambda line: not line.result_package_id)
        if lines:
            rows = [(line.move_id, line.product_uom_id._compute_quantity(
                line.quantity, line.product_id.uom_id)) for line in lines]
        else:
            rows = [(m, m.product_qty) for m in self.picking_id.move_ids
                    if m.state != 'cancel']
        result = []
        kits = {sale: sale._gtg_kit_price_parts()
                for move, _quantity in rows if (sale := move.sale_line_id)}
        for move, quantity in rows:
            sale = move.sale_line_id
            price = sale.price_reduce_taxinc if sale else move.product_id.list_price
            currency = self.company_id.currency_id
            if sale and kits[sale]:
                price *= kits[sale].get(move.product_id, 0)
                currency = sale.currency_id
            elif sale:
                # the price of the sale unit, by product unit
                price /= sale.product_uom_id._compute_quantity(
                    1, move.product_id.uom_id) or 1
                currency = sale.currency_id
            price = currency._convert(
                price, self.currency_id, self.company_id,
                fields.Date.context_today(self))
            result.append((move.product_id, quantity, price))
        return result

    def _items(self):
        grams = self.env['stock.package.type']._gtg_grams
        return tuple(shipping.Item(
            name=product.with_context(display_default_code=False).display_name,
            code=product.default_code or '', quantity=math.ceil(quantity),
            price=dec(round(price)), weight=grams(product.weight))
            for product, quantity, price in self._contents())

    def _value(self):
        return sum(quantity * price for _product, quantity, price in self._contents())

    def _gtg_action(self):
        """Open these parcels."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'gtg_vn_carriers.action_parcels')
        if len(self) == 1:
            return {**action, 'res_id': self.id, 'views': [(False, 'form')],
                    'context': {}}
        return {**action, 'domain': [('id', 'in', self.ids)], 'context': {}}
