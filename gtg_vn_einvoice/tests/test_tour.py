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
