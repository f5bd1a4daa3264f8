from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.gtg_connector_base.lib.errors import ConnectorError

from ..lib import sentences, symbol
from ..lib.amounts import PRICE_DECIMALS

# by which provider, for which seller: another answer makes it another account
IDENTITY = ('provider', 'environment', 'custom_url', 'company_id', 'supplier_tax_code')


class EinvoiceAccount(models.Model):
    """A seller's access to one provider of e-invoices."""

    _name = 'gtg.einvoice.account'
    _inherit = ['gtg.connector.account', 'mail.thread']
    _description = 'E-invoice account'
    _order = 'company_id, sequence, id'
    _check_company_auto = True
    _adapter_family = 'gtg.einvoice'

    sequence = fields.Integer(default=10)
    username = fields.Char('User', groups='base.group_system', copy=False)
    password = fields.Char(groups='base.group_system', copy=False)
    supplier_tax_code = fields.Char(
        'Seller tax code', help='As registered at the provider. Empty: the tax code of '
        'the company.')
    series_ids = fields.One2many('gtg.einvoice.series', 'account_id')
    price_decimals = fields.Integer(
        'Decimals of unit prices', default=PRICE_DECIMALS)
    discount_style = fields.Selection([
        ('item_discount', 'In the line'),
        ('discount_line', 'As a discount line per VAT rate'),
    ], default='item_discount', required=True, string='Discounts',
        help='How discounts are printed. Compare the preview with your provider.')
    payment_method = fields.Char(
        default='TM/CK', help='Printed where neither the invoice nor its payments nor '
        'the order say how it is paid. TM is cash, CK bank transfer.')
    person_style = fields.Selection([
        ('name', 'Name and address'),
        ('consumer', 'The words for consumers'),
    ], default='name', required=True, string='Persons without ID number')
    services_without_product = fields.Boolean(
        'Lines without product are services', help='Services need no unit; goods do.')
    consumer_words = fields.Char(
        'Words for consumers', default=sentences.CONSUMER, required=True,
        help='Printed as the buyer who gave no data, as the law wants it.')
    zero_tens = fields.Selection([
        ('linh', 'linh (north)'), ('lẻ', 'lẻ (south)'),
    ], 'Zero tens in words', default='linh', required=True,
        help='1.005 is read "Một nghìn không trăm linh năm" or "... lẻ năm".')
    send_mail = fields.Boolean(
        'Mail to the buyer', default=True,
        help='Once the tax-authority code is there, the buyer gets XML and PDF.')
    time_scale = fields.Float(
        'Time scale', default=1.0, groups='base.group_system',
        help='Test environments only: shortens waiting times, 0.1 is ten times faster.')

    @api.constrains('price_decimals')
    def _check_price_decimals(self):
        if self.filtered(lambda account: not 0 <= account.price_decimals <= 6):
            raise ValidationError(self.env._(
                'Decimals of unit prices must be between 0 and 6.'))

    def write(self, vals):
        self.filtered(lambda account: any(
            name in vals and (vals[name] or False) != account._fields[name].convert_to_write(
                account[name], account) and not account._is_moved(name, vals[name])
            for name in self._identity()))._check_unused()
        if {'username', 'password', 'environment', 'custom_url'} & set(vals):
            # or a test of the new password would prove the old one
            self.sudo()._drop_tokens()
        return super().write(vals)

    @api.model
    def _identity(self):
        """:return: names of the fields that say who issues for whom. Providers extend
        it."""
        return IDENTITY

    def _is_moved(self, name, value):
        """Whether only the provider's server has another address now: the same
        documents are there. Providers extend it."""
        return False

    def _check_unused(self):
        """Numbers of a test would be taken for those of the real provider."""
        if self._is_used():
            raise UserError(self.env._(
                'E-invoices were issued with this account, so provider, environment, '
                'address, company and tax code stay. Archive it and make a new one.'))

    def _is_used(self):
        return bool(self.env['gtg.einvoice'].sudo().search_count(
            [('account_id', 'in', self.ids), ('state', '!=', 'draft')], limit=1))

    @api.onchange('username')
    def _onchange_username(self):
        if self._origin.sudo().username and self._origin._is_used():
            return {'warning': {'title': self.env._('Another user'), 'message': self.env._(
                'E-invoices were issued with this account. Only change the user if the '
                'new one belongs to the same seller and is no test user; else archive '
                'the account and make a new one.')}}
        return None

    def _adapter(self):
        return super()._adapter().with_context(gtg_time_scale=self._time_scale())

    def _time_scale(self):
        """Factor of legal waiting times; 1 in production whatever the field says."""
        self.ensure_one()
        if self.environment == 'production':
            return 1.0
        return min(max(self.sudo().time_scale, 0.0), 1.0)

    def _seller_tax_code(self):
        self.ensure_one()
        return self.supplier_tax_code or self.company_id.vat or ''

    @api.model
    def _of_company(self, company):
        """The account that issues for a company, empty if none. One that lost its
        connection stays it: another provider is a person's choice."""
        return self.sudo().search(
            [('company_id', '=', company.id), ('state', '!=', 'draft')], limit=1)

    def _instead(self):
        """:return: another account that would issue if this one were archived"""
        self.ensure_one()
        return self.sudo().search([
            ('company_id', '=', self.company_id.id), ('id', '!=', self.id),
            ('state', '=', 'connected')], limit=1)

    def action_fetch_series(self):
        """Button: take over the series that the provider has published."""
        self.ensure_one()
        self.check_access('write')
        try:
            published = self._adapter()._fetch_series(self.sudo())
        except ConnectorError as error:
            raise self._user_error(error) from None
        self._add_series(published)
        reload = {'type': 'ir.actions.client', 'tag': 'soft_reload'}
        dropped = sorted({row.series for row in published if not _is_symbol(row.series)})
        if not dropped:
            return reload
        told = self.env._(
            'Not taken over, as they are no symbols of the present law: %s',
            ', '.join(dropped))
        self.message_post(body=told)
        return {'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
            'message': told, 'type': 'warning', 'sticky': True, 'next': reload}}

    def _add_series(self, published):
        """Create the series that are not known yet.

        :param published: list of ``lib.document.Template``
        """
        self.ensure_one()
        Series = self.env['gtg.einvoice.series'].with_context(active_test=False)
        known = {(series.template, series.name) for series in Series.search(
            [('account_id', '=', self.id), ('outside', '=', False)])}
        rows = []
        for row in published:
            if _is_symbol(row.series) and (row.template, row.series) not in known:
                rows.append({'account_id': self.id, 'template': row.template,
                             'name': row.series, 'in_summary': row.in_summary})
        return Series.create(rows)


def _is_symbol(text):
    """Symbols of the old law cannot be issued any more."""
    try:
        symbol.parse_symbol(text)
    except ValueError:
        return False
    return True
