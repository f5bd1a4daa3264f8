from odoo.tests import HttpCase, new_test_user, tagged

import sandbox

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench
from .test_vnpt import VnptBench


@tagged('post_install', '-at_install')
class TestTour(EinvoiceCase, HttpCase):
    bench = SInvoiceBench()

    def open_invoice(self, move, tour):
        self.start_tour(f'/odoo/action-account.action_move_out_invoice/{move.id}', tour,
                        login=self.env.user.login)

    def test_preview_issue_and_read(self):
        move = self.make_invoice(series=self.series('later'))
        self.open_invoice(move, 'gtg_einvoice_issue')
        # the preview that was read is the provider's, and nothing was issued by it
        self.assertEqual(len(self.sandbox.calls('sinvoice', 'preview')), 1)
        self.assertFalse(self.sandbox.calls('sinvoice', 'create_invoice'))
        self.assertFalse(self.sandbox.get('/sinvoice/invoices'))
        self.assertFalse(move.gtg_einvoice_number)
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [move.gtg_einvoice_number])
        self.bench.approve(self.sandbox, move.gtg_einvoice_id)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(move.gtg_einvoice_state, 'coded')
        self.open_invoice(move, 'gtg_einvoice_read')

    def test_preview_of_our_own_and_issue(self):
        vnpt, bench = sandbox.start(base_port=0, providers=['vnpt']), VnptBench()
        self.addCleanup(vnpt.stop)
        bench.prepare(vnpt)
        account = self.make_account(provider='vnpt', **bench.account_values(vnpt))
        series = account.series_ids.search([
            ('account_id', '=', account.id), ('code_kind', '=', 'later'),
            ('form', '=', '1')], limit=1)
        self.person.write({
            'name': 'Nguyễn Thị Bưởi', 'gtg_id_number': '001188001234',
            'street': '12 Lê Lợi', 'city': 'TP. Hồ Chí Minh'})
        move = self.make_invoice(series=series, partner=self.person)
        self.open_invoice(move, 'gtg_einvoice_issue')
        self.assertEqual(bench.created(vnpt), [])
        report = 'gtg_vn_einvoice.einvoice_preview'
        content, kind = self.env['ir.actions.report'].with_context(
            force_report_rendering=True)._render_qweb_pdf(report, move.ids)
        self.assertEqual((kind, content[:4]), ('pdf', b'%PDF'))
        self.drain('create_invoice')
        self.assertEqual(bench.created(vnpt), [move.gtg_einvoice_number])
        self.assertFalse(self.bench.created(self.sandbox))
        self.preview_is_not_for(report, move)

    def preview_is_not_for(self, report, move):
        """The page's address says nothing to the buyer, nor to who only reads."""
        new_test_user(self.env, 'buyer', 'base.group_portal',
                      partner_id=self.person.id)
        new_test_user(self.env, 'reader', 'account.group_account_readonly',
                      company_id=self.company.id, company_ids=[self.company.id])
        for login in ('buyer', 'reader'):
            self.authenticate(login, login)
            for kind in ('html', 'pdf'):
                answer = self.url_open(f'/report/{kind}/{report}/{move.id}')
                self.assertIn(answer.status_code, (403, 404), login)
                self.assertNotIn('001188001234', answer.text)

    def test_correct_in_the_browser(self):
        move = self.make_invoice(
            (109000, 3, self.included['8%']), series=self.series('later'))
        self.issue(move)
        self.bench.approve(self.sandbox, move.gtg_einvoice_id)
        self.drain('poll_code')
        self.open_invoice(move, 'gtg_einvoice_correct')
        self.drain('create_invoice')
        adjustment = move.gtg_einvoice_id.correction_ids
        self.assertEqual((adjustment.amount_total, adjustment.agreement_ref),
                         (-109000, 'BB-01/2026'))
        self.bench.approve(self.sandbox, adjustment)
        self.drain('poll_code')
        self.assertEqual(move.gtg_einvoice_state, 'corrected')
