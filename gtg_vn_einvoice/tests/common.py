import time
from datetime import date

from odoo import SUPERUSER_ID

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.gtg_connector_base.tests.common import ProviderCase


class EinvoiceCase(ProviderCase, AccountTestInvoicingCommon):
    """A Vietnamese company with a buyer, the rates of the law and one account.

    A provider's test class adds ``bench``: what differs between sandboxes.
    """

    bench = None
    drain_rounds = 1

    @classmethod
    @AccountTestInvoicingCommon.setup_country('vn')
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        Tax = cls.env['account.tax'].with_context(active_test=False)
        cls.rates = {}
        for percent in (10, 8, 5, 0):
            cls.rates[f'{percent}%'] = Tax.search([
                ('company_id', '=', cls.company.id), ('type_tax_use', '=', 'sale'),
                ('amount', '=', percent),
                ('tax_group_id.name', '=', f'VAT {percent}%')], limit=1)
        cls.rates['KCT'] = Tax.search([
            ('company_id', '=', cls.company.id), ('type_tax_use', '=', 'sale'),
            ('tax_group_id.name', '=', 'VAT EXEMPTION')], limit=1)
        cls.rates['KKKNT'] = cls.rates['0%'].copy({
            'name': 'KKKNT', 'gtg_vat_kind': 'not_declared'})
        cls.included = {name: tax.copy({
            'name': f'{name} incl', 'price_include_override': 'tax_included',
            'gtg_vat_kind': tax.gtg_vat_kind}) for name, tax in cls.rates.items()}
        cls.buyer = cls.env['res.partner'].create({
            'name': 'Công ty TNHH Sao Mai', 'is_company': True, 'vat': '0101243150',
            'street': '12 Lê Lợi, P. Bến Nghé', 'city': 'TP. Hồ Chí Minh',
            'country_id': cls.env.ref('base.vn').id, 'email': 'ketoan@saomai.example',
            'phone': '+84 28 3829 0000'})
        cls.person = cls.env['res.partner'].create({'name': 'N***g', 'email': False})
        cls.goods = cls.env['product.product'].create({
            'name': 'Áo thun cổ tròn', 'default_code': 'AT01', 'list_price': 109000})
        # the tests hold in any year
        cls.env.ref('gtg_vn_einvoice.vat_rate_8').valid_until = False
        if cls.bench:
            # invoices are of the server's day, which may be Vietnam's day before
            cls.company.gtg_einvoice_watch_from = '2026-01-01'
            cls.start_sandbox(cls.bench.provider)
            cls.account = cls.make_account()

    @classmethod
    def make_account(cls, **values):
        account = cls.env['gtg.einvoice.account'].create({
            'name': 'Test', 'provider': cls.bench.provider, 'environment': 'custom',
            'custom_url': cls.sandbox.url(cls.bench.provider), 'rate_limit': 0,
            'company_id': cls.company.id, 'time_scale': 0.0,
            **cls.bench.account_values(cls.sandbox), **values})
        account.action_test_connection()
        account.action_fetch_series()
        return account

    def setUp(self):
        super().setUp()
        if self.bench:
            self.sandbox.reset()
            self.bench.prepare(self.sandbox)
            self.account._drop_tokens()  # the sandbox has forgotten them
            self.reset_pace()
            self.account.action_test_connection()
            self.reset_pace()

    # === INVOICES === #

    def dollars(self):
        """The currency, with the rate of this year."""
        usd = self.env.ref('base.USD')
        usd.active = True
        self.env['res.currency.rate'].create({
            'currency_id': usd.id, 'company_id': self.company.id,
            'name': '2026-01-01', 'rate': 1 / 25450.0})
        return usd

    def make_invoice(self, *lines, partner=None, series=None, **values):
        """A posted invoice.

        :param lines: (price, quantity, tax) or (price, quantity, tax, discount)
        """
        lines = lines or ((109000, 1, self.included['8%']),)
        move = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': (partner or self.buyer).id,
            'company_id': self.company.id, 'invoice_date': False,
            'gtg_series_id': series and series.id, 'invoice_line_ids': [
                (0, 0, {
                    'product_id': self.goods.id, 'name': f'[AT01] Áo {number}',
                    'price_unit': price, 'quantity': quantity,
                    'tax_ids': [(6, 0, tax.ids)],
                    'discount': discount[0] if discount else 0})
                for number, (price, quantity, tax, *discount) in enumerate(lines, 1)
            ], **values})
        move.action_post()
        return move

    def series(self, code_kind, form='1'):
        return self.account.series_ids.filtered(
            lambda s: s.code_kind == code_kind and s.form == form)[:1]

    def unknown_series(self):
        """A series of this year that the provider has never published."""
        series = self.series('later')
        return series.copy({'name': series.name[:4] + 'QQ'})

    def issue(self, move):
        """Issue by button and by one run of the drain."""
        move.action_gtg_issue()
        self.drain('create_invoice')
        return move.gtg_einvoice_id

    def compare_listed(self, rounds=20):
        """Let the provider's list come, then compare it, as the drain and the cron do."""
        self.drain('list_invoices', rounds=rounds)
        self.env['gtg.einvoice.comparison'].with_user(SUPERUSER_ID)._compare_listed(
            time.monotonic() + 60)
        self.env.flush_all()
        self.env.invalidate_all()

    def pay(self, move, journal, amount):
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=move.ids,
        ).create({'journal_id': journal.id, 'amount': amount})._create_payments()

    def mails_to_buyer(self, einvoice):
        return self.env['mail.mail'].search([
            ('model', '=', 'gtg.einvoice'), ('res_id', '=', einvoice.id),
            ('recipient_ids', 'in', einvoice.partner_id.ids)])


class DocumentCase(EinvoiceCase):
    """What would be sent: nothing is."""

    provider = 'sinvoice'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env['gtg.einvoice.account'].create({
            'name': 'Test', 'provider': cls.provider, 'company_id': cls.company.id,
            'environment': 'test'})
        cls.account._gtg_connected()
        year = date.today().year % 100
        cls.vat_series, cls.sales_series = cls.env['gtg.einvoice.series'].create([
            {'account_id': cls.account.id, 'name': f'C{year}TAA', 'template': '1/001'},
            {'account_id': cls.account.id, 'name': f'C{year}TSA', 'template': '2/001'}])

    def document(self, move):
        doc, problems = move._gtg_document(self.vat_series, 'r' * 36)
        self.assertFalse(problems)
        return doc

    def problems(self, move, series=None):
        return ' '.join(move._gtg_document(series or self.vat_series, 'r' * 36)[1])
