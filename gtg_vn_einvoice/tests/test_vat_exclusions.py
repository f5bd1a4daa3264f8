from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestVatExclusions(EinvoiceCase):
    """Goods that the law leaves out of a rate, and what follows when it ends."""

    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rate = cls.env.ref('gtg_vn_einvoice.vat_rate_8')
        cls.rate.next_name = '10%'
        cls.metals = cls.env['product.category'].create({'name': 'Kim loại'})
        cls.pans = cls.env['product.category'].create({
            'name': 'Chảo', 'parent_id': cls.metals.id})
        cls.yesterday = cls.env['gtg.legal.deadline']._gtg_today() - timedelta(days=1)

    def test_category_with_all_below_it(self):
        move = self.make_invoice()
        self.rate.excluded_categ_ids = self.metals
        self.assertFalse(move._gtg_einvoice_problems(), 'another category')
        self.goods.categ_id = self.pans
        with self.assertRaisesRegex(UserError, 'Áo 1.*leaves.*8%'):
            move.action_gtg_issue()
        self.assertFalse(move.gtg_einvoice_id)
        right = self.make_invoice((110000, 1, self.included['10%']))
        self.assertEqual(self.issue(right).state, 'waiting_code')

    def test_single_product(self):
        move = self.make_invoice()
        self.rate.excluded_tmpl_ids = self.goods.product_tmpl_id
        self.assertIn('8%', move._gtg_einvoice_problems()[0])
        self.rate.excluded_tmpl_ids = False
        self.assertFalse(move._gtg_einvoice_problems())

    def test_exclusion_of_its_time(self):
        self.goods.categ_id = self.metals
        self.rate.write({
            'excluded_categ_ids': [(6, 0, self.metals.ids)],
            'valid_until': self.yesterday})
        self.rate.copy({
            'valid_from': self.yesterday + timedelta(days=1), 'valid_until': False,
            'excluded_categ_ids': False})
        today = self.yesterday + timedelta(days=1)  # in Vietnam
        move = self.make_invoice(invoice_date=today)
        self.assertFalse(move._gtg_einvoice_problems())

    def test_products_change_when_the_rate_has_ended(self):
        other = self.env['res.company'].create({'name': 'Khác'})
        foreign = self.env['account.tax'].sudo().create({
            'name': 'Foreign', 'amount': 8, 'company_id': other.id,
            'country_id': self.company.country_id.id,
            'tax_group_id': self.env['account.tax.group'].sudo().create({
                'name': 'G', 'company_id': other.id,
                'country_id': self.company.country_id.id}).id})
        self.goods.taxes_id = self.included['8%'] | foreign
        plain, five = self.env['product.product'].create([
            {'name': name, 'taxes_id': [(6, 0, self.rates[name].ids)]}
            for name in ('8%', '5%')])
        with self.assertRaisesRegex(UserError, 'still holds'):
            self.rate.action_change_products()
        self.rate.valid_until = self.yesterday
        clerk = new_test_user(
            self.env, 'vat_clerk', 'account.group_account_invoice',
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            self.rate.with_user(clerk).action_change_products()
        self.rate.action_change_products()
        self.assertIn(foreign, self.goods.sudo().taxes_id, 'another company')
        for product, tax in (
            (self.goods, self.included['10%']), (plain, self.rates['10%']),
            (five, self.rates['5%']),
        ):
            self.assertEqual(product.sudo().taxes_id.filtered(
                lambda one: one.company_id == self.company), tax)

    def test_a_tax_that_is_missing_is_named(self):
        self.rate.valid_until = self.yesterday
        (self.included['10%'] | self.rates['10%']).active = False
        self.goods.taxes_id = self.included['8%']
        with self.assertRaisesRegex(UserError, '10%'):
            self.rate.action_change_products()
        self.assertEqual(self.goods.taxes_id, self.included['8%'])
