from odoo.tests import HttpCase, tagged

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestTour(EinvoiceCase, HttpCase):
    bench = SInvoiceBench()

    def test_issue_and_read(self):
        move = self.make_invoice(series=self.series('later'))
        url = f'/odoo/action-account.action_move_out_invoice/{move.id}'
        self.start_tour(url, 'gtg_einvoice_issue', login=self.env.user.login)
        self.drain('create_invoice')
        self.bench.approve(self.sandbox, move.gtg_einvoice_id)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(move.gtg_einvoice_state, 'coded')
        self.start_tour(url, 'gtg_einvoice_read', login=self.env.user.login)

    def test_correct_in_the_browser(self):
        move = self.make_invoice(
            (109000, 3, self.included['8%']), series=self.series('later'))
        self.issue(move)
        self.bench.approve(self.sandbox, move.gtg_einvoice_id)
        self.drain('poll_code')
        self.start_tour(
            f'/odoo/action-account.action_move_out_invoice/{move.id}',
            'gtg_einvoice_correct', login=self.env.user.login)
        self.drain('create_invoice')
        adjustment = move.gtg_einvoice_id.correction_ids
        self.assertEqual((adjustment.amount_total, adjustment.agreement_ref),
                         (-109000, 'BB-01/2026'))
        self.bench.approve(self.sandbox, adjustment)
        self.drain('poll_code')
        self.assertEqual(move.gtg_einvoice_state, 'corrected')
