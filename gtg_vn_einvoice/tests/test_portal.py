from odoo.tests import HttpCase, new_test_user, tagged

from ..models.einvoice import GATE
from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestPortal(EinvoiceCase, HttpCase):
    """The buyer fetches XML and PDF; nobody else does, and never too early."""

    bench = SInvoiceBench()

    def setUp(self):
        super().setUp()
        self.move = self.make_invoice(series=self.series('later'))
        self.move._portal_ensure_token()
        self.einvoice = self.issue(self.move)

    def complete(self):
        self.drain('poll_code')
        self.bench.approve(self.sandbox, self.einvoice)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(self.einvoice.xml_state, 'ok')

    def url(self, kind, token=True):
        return f'/my/invoices/{self.move.id}/einvoice/{kind}' + (
            f'?access_token={self.move.access_token}' if token else '')

    def get(self, kind, token=True):
        """The file, or None where there is none for this person."""
        answer = self.url_open(self.url(kind, token), allow_redirects=False)
        return answer if answer.status_code == 200 else None

    def test_with_the_link_of_the_invoice(self):
        self.authenticate(None, None)
        self.assertIsNone(self.get('xml'), 'it has no code yet')
        page = self.move.get_portal_url()
        self.account.lookup_url = 'https://tracuu.example'
        text = self.url_open(page).text
        self.assertNotIn('/einvoice/', text)
        self.assertNotIn(self.einvoice.lookup_code, text)
        self.complete()
        xml, pdf = self.get('xml'), self.get('pdf')
        self.assertEqual(xml.content, self.einvoice.xml_file and (
            self.einvoice._file_attachments().filtered(
                lambda file: file.res_field == 'xml_file').raw))
        self.assertIn(f'{self.einvoice.number}.xml', xml.headers['Content-Disposition'])
        self.assertEqual(xml.headers['Content-Type'], 'application/xml')
        self.assertTrue(pdf.content.startswith(b'%PDF'))
        text = self.url_open(page).text
        for shown in (self.einvoice.number, self.einvoice.lookup_code,
                      'https://tracuu.example'):
            self.assertIn(shown, text)
        for kind in ('xml', 'pdf'):
            self.assertIn(f'/my/invoices/{self.move.id}/einvoice/{kind}?', text)
        for kind in ('exe', 'payload', '..', 'xml_file'):
            self.assertIsNone(self.get(kind))

    def test_what_was_replaced_says_so(self):
        self.complete()
        other = self.issue(self.make_invoice(series=self.series('later')))
        self.einvoice.with_context(gtg_state_gate=GATE).state = 'replaced'
        other.with_context(gtg_state_gate=GATE).write({
            'original_id': self.einvoice.id, 'correction_kind': 'replace'})
        self.authenticate(None, None)
        text = self.url_open(self.move.get_portal_url()).text
        self.assertIn('No longer valid', text)
        self.assertIn(other.number, text)

    def test_of_others(self):
        self.complete()
        self.authenticate(None, None)
        self.assertIsNone(self.get('xml', token=False))
        self.move.access_token = 'known'
        guessed = self.url('xml', token=False) + '?access_token=guessed'
        self.assertNotEqual(
            self.url_open(guessed, allow_redirects=False).status_code, 200)
        new_test_user(self.env, 'neighbour', 'base.group_portal')
        self.authenticate('neighbour', 'neighbour')
        self.assertIsNone(self.get('xml', token=False))
        self.assertNotEqual(self.url_open(
            f'/my/invoices/{2 ** 40}/einvoice/xml', allow_redirects=False
        ).status_code, 500)

    def test_the_buyers_own_login(self):
        self.complete()
        user = new_test_user(self.env, 'saomai', 'base.group_portal')
        user.partner_id.parent_id = self.buyer
        self.move.message_subscribe(user.partner_id.ids)
        self.authenticate('saomai', 'saomai')
        self.assertTrue(self.get('pdf', token=False).content.startswith(b'%PDF'))

    def test_a_file_that_differs_is_kept_back(self):
        self.einvoice.with_context(gtg_state_gate=GATE).amount_total = 1
        self.drain('poll_code')
        self.bench.approve(self.sandbox, self.einvoice)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(self.einvoice.xml_state, 'mismatch')
        self.authenticate(None, None)
        self.assertIsNone(self.get('xml'))
        self.assertNotIn('/einvoice/', self.url_open(self.move.get_portal_url()).text)
