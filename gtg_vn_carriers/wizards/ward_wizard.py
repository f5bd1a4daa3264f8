from odoo import api, fields, models


class WardWizard(models.TransientModel):
    """A person says which ward an unclear address means; then it goes on."""

    _name = 'gtg.ward.wizard'
    _description = 'Choose the ward'

    parcel_id = fields.Many2one('gtg.parcel', required=True)
    provider = fields.Selection(related='parcel_id.provider')
    problem = fields.Char(related='parcel_id.problem')
    partner_id = fields.Many2one(related='parcel_id.partner_id')
    address = fields.Char(compute='_compute_address')
    candidate_ids = fields.Many2many(
        'gtg.carrier.unit', compute='_compute_candidate_ids', string='Perhaps')
    province_id = fields.Many2one(
        'gtg.carrier.unit', compute='_compute_province_id', store=True,
        readonly=False,
        domain="[('provider', '=', provider), ('scheme', '=', 'new'), "
               "('level', '=', 'province')]")
    ward_id = fields.Many2one(
        'gtg.carrier.unit', compute='_compute_ward_id', store=True,
        readonly=False,
        domain="[('parent_id', '=', province_id), ('level', '=', 'ward')]")
    phone = fields.Char(compute='_compute_phone', store=True, readonly=False)
    remember = fields.Boolean(
        'Correct the address of the buyer', default=True,
        help='The ward is written into the city field, so that the next order of '
             'this buyer goes by itself.')

    @api.depends('parcel_id')
    def _compute_address(self):
        for wizard in self:
            partner = wizard.partner_id
            wizard.address = ', '.join(filter(None, [
                partner.street, partner.street2, partner.city, partner.state_id.name]))

    @api.depends('parcel_id')
    def _compute_phone(self):
        for wizard in self:
            wizard.phone = wizard.partner_id.phone

    def _gtg_resolved(self):
        return self.env['gtg.carrier.unit']._gtg_resolve(
            self.provider, self.partner_id)

    @api.depends('parcel_id')
    def _compute_candidate_ids(self):
        for wizard in self:
            wizard.candidate_ids = wizard._gtg_resolved()[2]

    @api.depends('parcel_id')
    def _compute_province_id(self):
        for wizard in self:
            wizard.province_id = (
                wizard.parcel_id.ward_id.parent_id or wizard._gtg_resolved()[1])

    @api.depends('province_id')
    def _compute_ward_id(self):
        for wizard in self:
            ward = wizard.parcel_id.ward_id or wizard.candidate_ids[:1]
            wizard.ward_id = ward if ward.parent_id == wizard.province_id else False

    def action_apply(self):
        """Button: keep the choice for the drafts of the order and request them."""
        self.ensure_one()
        self.parcel_id.check_access('write')
        parcel = self.parcel_id.sudo()
        drafts = (parcel.order_id.gtg_parcel_ids | parcel).filtered(
            lambda p: p.status == 'draft' and p.partner_id == parcel.partner_id
            and p.provider == parcel.provider)
        drafts.write({'ward_id': self.ward_id.id})
        vals = {}
        if self.phone and self.phone != self.partner_id.phone:
            vals['phone'] = self.phone
        if self.remember and self.ward_id:
            vals['city'] = self.ward_id.name
        if vals:
            self.partner_id.sudo().write(vals)
        return drafts.with_env(self.env).action_request()
