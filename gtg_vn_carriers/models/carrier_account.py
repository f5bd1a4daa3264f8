import secrets

from odoo import api, fields, models

INSPECTIONS = [
    ('no', 'Not to be opened'), ('look', 'May look, not try'),
    ('try', 'May look and try')]
PAYERS = [('shop', 'We pay the carrier'), ('buyer', 'The buyer pays, beside the COD')]


class CarrierAccount(models.Model):
    """Our account at a carrier, for one warehouse."""

    _name = 'gtg.carrier.account'
    _inherit = ['gtg.connector.account', 'gtg.connector.subject']
    _description = 'Carrier account'
    _order = 'company_id, name, id'
    _check_company_auto = True
    _adapter_family = 'gtg.carrier'

    currency_id = fields.Many2one(
        'res.currency', required=True, readonly=True,
        default=lambda self: self.env.ref('base.VND'))
    warehouse_id = fields.Many2one(
        'stock.warehouse', check_company=True,
        help='Parcels are picked up here. Empty: any warehouse of the company.')
    payer = fields.Selection(
        PAYERS, 'Shipping fee', default='shop', required=True,
        help='When the order already contains shipping, we must pay the carrier: '
             'else the buyer pays twice.')
    inspection = fields.Selection(
        INSPECTIONS, 'Buyer may open it', default='look', required=True)
    insure = fields.Boolean(
        'Declare the value', default=True,
        help='Base of compensation for lost or damaged parcels; may cost a fee.')
    max_weight = fields.Integer('Largest weight (g)', default=50000)
    max_side = fields.Integer('Longest side (cm)', default=150)
    max_cod = fields.Monetary('Largest COD', default=50000000)
    package_type_id = fields.Many2one(
        'stock.package.type', 'Usual box', help='For goods that were not packed.')
    label_page = fields.Selection(
        selection='_selection_label_page', string='Label size',
        help='Empty: the first of the carrier.')
    webhook_header = fields.Char(
        default='X-GTG-Secret', copy=False,
        help="Name of the header that the carrier sends with its messages.")
    webhook_secret = fields.Char(
        groups='base.group_system', copy=False,
        default=lambda self: secrets.token_urlsafe(24),
        help='Without it no message of the carrier is accepted.')
    catalogue_count = fields.Integer(
        'Places known', compute='_compute_catalogue_count')

    @api.model
    def _selection_label_page(self):
        pages = {}
        for name in self._fields['provider'].get_values(self.env):
            for code, label in self.env[f'{self._adapter_family}.{name}']._label_pages:
                pages.setdefault(code, label)
        return list(pages.items())

    @api.depends('provider')
    def _compute_catalogue_count(self):
        counts = dict(self.env['gtg.carrier.unit']._read_group(
            [('provider', 'in', self.mapped('provider')), ('level', '=', 'ward')],
            ['provider'], ['__count']))
        for account in self:
            account.catalogue_count = counts.get(account.provider, 0)

    # === CATALOGUE === #

    def _gtg_connected(self, expires_at=None):
        res = super()._gtg_connected(expires_at)
        self.filtered(lambda account: not account.catalogue_count)._gtg_load_places()
        return res

    def action_load_catalogue(self):
        """Button and weekly cron: fetch the carrier's names of places."""
        self.check_access('read')
        self._gtg_load_places()

    @api.model
    def _cron_load_catalogue(self):
        accounts = self.search([('state', '=', 'connected')])
        for _provider, mine in accounts.grouped('provider').items():
            mine[:1]._gtg_load_places()

    def _gtg_load_places(self):
        task_model = self.env['gtg.connector.task'].sudo()
        for account in self:
            if 'catalogue' not in account._adapter()._can:
                continue
            mine = [('account_model', '=', self._name),
                    ('operation', '=', 'load_catalogue')]
            if task_model.search_count([
                    *mine, ('provider', '=', account.provider),
                    ('account_id', '!=', account.id),
                    ('state', 'in', ('queued', 'sending'))], limit=1):
                continue  # the places are the carrier's: one account fetches them
            last = task_model.search([*mine, ('account_id', '=', account.id)],
                                     order='generation desc', limit=1)
            if last and last.state != 'done':
                last.action_retry()
                continue
            task_model._enqueue(account, 'load_catalogue', account, priority=50,
                                generation=last.generation + 1)

    def _gtg_task_done(self, task):
        result = super()._gtg_task_done(task)
        task = task.sudo()
        if task.operation == 'load_catalogue' and task.result.get('rows'):
            count = self.env['gtg.carrier.unit'].sudo()._gtg_load(
                self.provider, task.result['scheme'], task.result['rows'])
            # thousands of names are not worth keeping twice
            task.result = {'scheme': task.result['scheme'], 'count': count}
            self._gtg_places_changed()
        return result

    def _gtg_places_changed(self):
        """The catalogue is here: go on with what waited for it."""
        self.env['gtg.parcel'].search([
            ('account_id.provider', '=', self.provider), ('waits_for_places', '=', True),
            ('status', '=', 'draft')])._gtg_request()
