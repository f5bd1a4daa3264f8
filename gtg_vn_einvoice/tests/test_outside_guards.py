"""Originals from elsewhere: forms, issuers, products and companies kept apart."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..lib.document import Template
from .common import EinvoiceCase
from .test_misa import MisaBench
from .test_outside import OutsideTools


@tagged('post_install', '-at_install')
class TestOutsideGuards(OutsideTools, EinvoiceCase):
    bench = MisaBench()

    def test_both_forms_may_have_one_number(self):
        vat, told = self.from_another_provider(number='7')
        self.name(vat, told)
        free = self.make_invoice((109000, 2, self.env['account.tax']))
        sales = {**told, 'series': f"2{told['series']}"}
        free.write({f'gtg_outside_{name}': sales[name]
                    for name in ('series', 'number', 'date')})
        wizard = Form(self.env['gtg.einvoice.outside'].with_context(
            **free.action_gtg_correct()['context']))
        self.assertEqual((wizard.form, wizard.series), ('2', told['series']))
        wizard.outside = 'other'
        wizard.authority_code = told['authority_code']
        wizard.save().action_confirm()
        self.assertEqual(free.gtg_outside_series, sales['series'])
        self.assertEqual(
            (free.gtg_einvoice_id.number, free.gtg_einvoice_id.series_id.form),
            (vat.gtg_einvoice_id.number, '2'))

    def test_a_symbol_of_another_provider_may_become_ours(self):
        move, told = self.from_another_provider()
        theirs = self.name(move, told).series_id
        published = Template(theirs.template, theirs.name)
        ours = self.account._add_series([published])
        self.assertTrue(ours.active and ours._issues_here())
        self.assertFalse(ours.outside or theirs.active)
        self.assertFalse(self.account._add_series([published]))
        # and the other way round
        again, told = self.from_another_provider(number='78')
        self.assertEqual(self.name(again, told).series_id, theirs)

    def test_goods_that_came_back_elsewhere(self):
        other = self.env['product.product'].create({'name': 'Quần', 'default_code': 'Q1'})
        sold, told = self.from_another_provider()
        move = self.make_invoice(
            (109000, 1, self.included['8%']), (109000, 1, self.included['8%']))
        move.button_draft()
        move.invoice_line_ids[1].write({
            'product_id': other.id, 'price_unit': 109000,
            'tax_ids': [(6, 0, self.included['8%'].ids)]})
        move.action_post()
        self.name(move, told)
        note = self.credit(move, 1, 0)
        note.write({'gtg_outside_series': told['series'], 'gtg_outside_number': '90',
                    'gtg_outside_date': told['date']})
        with self.assertRaisesRegex(UserError, 'more is taken off'):
            self.credit(move, 1, 0).action_gtg_issue()
        last = self.credit(move, 0, 1)
        self.assertFalse(last._gtg_einvoice_problems())
        # what nobody can count is not counted as nothing
        note.button_draft()
        note.invoice_line_ids.tax_ids = False
        note.action_post()
        self.assertIn(note.name, last._gtg_einvoice_problems()[0])

    def test_of_another_company(self):
        move, told = self.from_another_provider()
        company = self.env['res.company'].create({'name': 'Công ty khác'})
        stranger = new_test_user(
            self.env, 'biller of others', 'account.group_account_invoice',
            company_id=company.id, company_ids=[(6, 0, company.ids)])
        with self.assertRaises(AccessError):
            self.env['gtg.einvoice.outside'].with_user(stranger).create({
                'move_id': move.id, 'account_id': self.account.id, **{
                    name: told[name] for name in ('outside', 'series', 'number', 'date')}})
