import json
from types import SimpleNamespace

from odoo import SUPERUSER_ID, fields, http
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_orders import WebsiteBuyerCase

COMPANY = {
    'kind': 'company', 'vat': '0101243150', 'name': 'Công ty TNHH Bưởi Năm Roi',
    'street': '12 Lê Lợi', 'city': 'Phường Sài Gòn', 'email': 'ketoan@example.com'}


@tagged('post_install', '-at_install')
class TestBuyer(WebsiteBuyerCase):
    """The buyer says whom the invoice shall name, and is told what is wrong."""

    customer_name, customer_email = 'Nguyễn Thị Bưởi', 'buoi@example.com'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.province = cls.env.ref('base.vn').state_ids[0]

    def answers(self, **changes):
        return {**COMPANY, 'state_id': str(self.province.id), **changes}

    def test_company_invoice_of_an_order(self):
        order = self.make_order(partner=self.customer)
        self.assertEqual(order._gtg_set_invoice_buyer(
            self.answers(vat=' 0101 243 150 ', email=' KeToan@Example.com')), {})
        self.assertEqual(order.partner_id, self.customer)
        contact = order.partner_invoice_id
        self.assertEqual((contact.vat, contact.email),
                         ('0101243150', 'ketoan@example.com'))
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        payload = order.invoice_ids.gtg_einvoice_id.sudo().payload
        self.assertIn('Bưởi Năm Roi', payload)
        self.assertIn('0101243150', payload)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_a_draft_takes_the_new_buyer(self):
        order = self.make_order(partner=self.customer)
        move = order._create_invoices()
        self.assertEqual(order._gtg_set_invoice_buyer(self.answers()), {})
        self.assertEqual(move.partner_id.vat, '0101243150')

    def test_a_confirmed_invoice_takes_the_new_buyer_until_it_is_issued(self):
        order = self.invoiced_only()
        move = order.invoice_ids
        name, total = move.name, move.amount_total
        self.authenticate(None, None)
        page = order.get_portal_url(suffix='/einvoice')
        answer = self.url_open(page, self.answers(csrf_token=http.Request.csrf_token(self)))
        self.env.invalidate_all()
        self.assertIn('Bưởi Năm Roi', answer.text)
        self.assertIn('name="gtg_invoice_buyer"', answer.text, 'may be changed again')
        self.assertEqual((move.state, move.name, move.amount_total, move.partner_id.vat),
                         ('posted', name, total, '0101243150'))
        self.assertEqual(move.line_ids.partner_id, move.partner_id)
        self.assertFalse(move.gtg_einvoice_id, 'issued by nobody but who may')
        self.assertEqual(order._gtg_set_invoice_buyer({'kind': 'none'}), {})
        self.assertEqual(move.partner_id, self.customer)
        order._gtg_set_invoice_buyer(self.answers())
        self.issue(move)
        self.assertIn('Bưởi Năm Roi', move.gtg_einvoice_id.sudo().payload)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)
        # from now on only a correction changes it
        self.assertIn('corrected', order._gtg_set_invoice_buyer({'kind': 'none'})['kind'])
        self.assertEqual(move.partner_id.vat, '0101243150')

    def test_an_issue_that_failed_on_the_buyer_is_tried_with_the_new_one(self):
        self.customer.write({'vat': '0101243151', 'is_company': True})
        order = self.make_order(partner=self.customer)
        move = order._create_invoices()
        move.action_post()
        self.assertIn('0101243151', order.gtg_open_hold_ids.note)
        self.assertEqual(order._gtg_set_invoice_buyer(self.answers()), {})
        self.assertFalse(order.gtg_open_hold_ids)
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [move.gtg_einvoice_number])
        self.assertIn('Bưởi Năm Roi', move.gtg_einvoice_id.sudo().payload)
        # the next one is wrong in another place: the hold says that one
        other = self.make_order(partner=self.customer)
        other._create_invoices().action_post()
        self.account.series_ids.active = False
        other._gtg_set_invoice_buyer(self.answers())
        self.assertIn('series', other.gtg_open_hold_ids.note)
        self.assertFalse(other.gtg_einvoice_state)

    def test_where_a_person_issues_he_is_told_that_the_buyer_has_changed(self):
        order = self.invoiced_only()
        order._gtg_hold('einvoice', 'The provider refuses the tax code.')
        order._gtg_set_invoice_buyer(self.answers(vat='1'))
        self.assertIn('refuses', order.gtg_open_hold_ids.note, 'nothing was changed')
        order._gtg_set_invoice_buyer(self.answers())
        self.assertIn('buyer has changed', order.gtg_open_hold_ids.note)
        self.assertEqual(order.gtg_next_action, 'invoice')
        self.assertFalse(order.gtg_einvoice_state)
        order.action_gtg_next()
        self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids)
        self.assertIn('Bưởi Năm Roi', order.invoice_ids.gtg_einvoice_id.sudo().payload)

    def test_what_hangs_on_the_name_in_the_books_keeps_it(self):
        paid, closed, credited = (self.invoiced_only() for _number in range(3))
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=paid.invoice_ids.ids
        ).create({})._create_payments()
        self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=credited.invoice_ids.ids
        ).create({'journal_id': credited.invoice_ids.journal_id.id}).refund_moves()
        for order in (paid, credited):
            self.assertFalse(order._gtg_buyer_is_open())
            self.assertIn('before it is issued',
                          order._gtg_set_invoice_buyer(self.answers())['kind'])
            self.assertEqual(order.invoice_ids.partner_id, self.customer)
            self.assertEqual(order.partner_invoice_id, self.customer)
        self.company.sale_lock_date = closed.invoice_ids.date
        self.env.invalidate_all()
        self.assertIn('before it is issued',
                      closed._gtg_set_invoice_buyer(self.answers())['kind'])
        self.assertEqual(closed.invoice_ids.state, 'posted')
        self.assertEqual(closed.invoice_ids.partner_id, self.customer)

    def test_what_the_register_may_have_issued_waits_for_a_person(self):
        self.channel.write({'gtg_invoice_who': 'asked', 'gtg_rest_elsewhere': 'yes'})
        order = self.make_order(partner=self.customer)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertTrue(order.gtg_left_to_register)
        move = order._create_invoices()
        self.assertEqual(order._gtg_set_invoice_buyer(self.answers()), {})
        move.action_post()
        self.assertEqual(move.partner_id.vat, '0101243150')
        self.assertIn('invoice_buyer', order.gtg_open_hold_ids.reason_id.mapped('code'))
        with self.assertRaisesRegex(UserError, 'register'):
            move.action_gtg_issue()
        self.drain('create_invoice')
        self.assertFalse(self.bench.created(self.sandbox))

    def test_a_common_draft_is_nobodys_alone(self):
        orders = self.make_order(partner=self.customer) | self.make_order(
            partner=self.customer)
        move = orders._create_invoices(final=True)
        self.assertEqual(len(move), 1)
        self.assertIn('kind', orders[0]._gtg_set_invoice_buyer(self.answers()))
        self.assertEqual(move.partner_id, self.customer)
        self.assertEqual(orders.partner_invoice_id, self.customer)

    def test_the_same_answer_is_the_same_contact(self):
        first, second = (self.make_order(partner=self.customer) for _number in range(2))
        first._gtg_set_invoice_buyer(self.answers())
        second._gtg_set_invoice_buyer(self.answers())
        self.assertEqual(first.partner_invoice_id, second.partner_invoice_id)
        second._gtg_set_invoice_buyer(self.answers(street='14 Lê Lợi'))
        self.assertNotEqual(first.partner_invoice_id, second.partner_invoice_id)
        self.assertEqual(first.partner_invoice_id.street, '12 Lê Lợi')
        second._gtg_set_invoice_buyer({'kind': 'none'})
        self.assertEqual(second.partner_invoice_id, self.customer)

    def test_person_with_id(self):
        order = self.make_order(partner=self.customer)
        answers = self.answers(kind='person', vat='', name='Nguyễn Thị Bưởi')
        self.assertIn('id_number', order._gtg_set_invoice_buyer(
            {**answers, 'id_number': '12345'}))
        self.assertEqual(order._gtg_set_invoice_buyer(
            {**answers, 'id_number': '001188001234'}), {})
        self.assertEqual(order.partner_invoice_id.gtg_id_number, '001188001234')
        self.assertFalse(order._gtg_invoice_buyer()['id_number'], 'links travel')

    def test_wrong_answers_change_nothing(self):
        order = self.make_order(partner=self.customer)
        for field, text in (
                ('vat', ''), ('vat', '0101243151'), ('vat', '<b>1</b>'),
                ('vat', '٠١٠١٢٤٣١٥٠'), ('vat', '0' * 5000), ('name', ' \n '),
                ('name', 'x' * 401), ('street', ''), ('city', ''),
                ('email', 'nobody'), ('state_id', ''), ('state_id', '-1'),
                ('state_id', '²'), ('state_id', '9' * 30), ('kind', 'king')):
            with self.subTest(field=field, text=text[:20]):
                self.assertIn(field, order._gtg_set_invoice_buyer(
                    self.answers(**{field: text})))
                self.assertEqual(order.partner_invoice_id, self.customer)
        self.assertFalse(self.customer.child_ids)

    def test_too_late_when_the_invoice_exists(self):
        order = self.make_order(partner=self.customer)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertTrue(order.invoice_ids)
        self.assertIn('kind', order._gtg_set_invoice_buyer(self.answers()))
        self.assertEqual(order.partner_invoice_id, self.customer)

    # === WHAT THE MARKETPLACE TELLS === #

    def wish(self, **changes):
        """As a marketplace addon hands it over."""
        return SimpleNamespace(**{
            'kind': 'company', 'name': 'Công ty TNHH Minh Phát', 'id_number': '',
            'tax_code': '0101243150', 'address': '12 Nguyễn Huệ, TP.HCM',
            'email': 'ketoan@minhphat.example', **changes})

    def test_a_marketplace_buyer_wants_a_company_invoice(self):
        self.customer.phone = '*****12'
        order = self.make_order(partner=self.customer)
        order._gtg_take_invoice_buyer(self.wish())
        self.assertEqual(order.partner_invoice_id.vat, '0101243150')
        self.assertFalse(order.partner_invoice_id.phone, 'masked')
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids.mapped('note'))
        payload = order.invoice_ids.gtg_einvoice_id.sudo().payload
        self.assertIn('Minh Phát', payload)
        # another wish comes too late: somebody is told, the invoice stays
        order._gtg_take_invoice_buyer(self.wish(name='Công ty khác'))
        self.assertEqual(order.partner_invoice_id.name, 'Công ty TNHH Minh Phát')
        self.assertIn('Công ty khác', order.message_ids[0].body)

    def invoiced_only(self):
        """An order with a confirmed invoice whose e-invoice nobody has asked for."""
        self.channel.gtg_auto_einvoice = 'no'
        order = self.make_order(partner=self.customer)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertEqual(order.invoice_ids.state, 'posted')
        return order

    def bulk(self, moves):
        bulk = self.env['gtg.einvoice.bulk'].browse(
            moves.action_gtg_issue_bulk()['res_id'])
        bulk.with_user(SUPERUSER_ID)._issue_waiting()
        self.drain('create_invoice')
        self.env.invalidate_all()
        return bulk

    def test_a_doubt_stops_every_button(self):
        order, other = self.invoiced_only(), self.invoiced_only()
        order._gtg_take_invoice_buyer(self.wish(tax_code='0101243151'))
        move = order.invoice_ids
        bulk = self.bulk(move | other.invoice_ids)
        self.assertEqual((bulk.refused, bulk.issued), (1, 1))
        self.assertIn('0101243151', bulk.trouble_line_ids.reason)
        with self.assertRaisesRegex(UserError, '0101243151'):
            move.action_gtg_issue()
        self.assertEqual(
            self.bench.created(self.sandbox), [other.gtg_einvoice_number])
        order.gtg_open_hold_ids.action_release()
        bulk.action_again()
        self.assertEqual(self.bulk(move).issued, 1)

    def test_a_wish_before_the_issue_is_not_lost(self):
        order, closed = self.invoiced_only(), self.invoiced_only()
        order._gtg_take_invoice_buyer(self.wish())
        self.assertEqual(order.invoice_ids.partner_id.name, 'Công ty TNHH Minh Phát')
        self.assertFalse(order.gtg_open_hold_ids)
        move = closed.invoice_ids
        self.company.sale_lock_date = move.date
        closed._gtg_take_invoice_buyer(self.wish())
        hold = closed.gtg_open_hold_ids
        self.assertIn(move.name, hold.note)
        self.assertEqual(self.bulk(move).refused, 1)
        self.company.sale_lock_date = False
        move.button_draft()
        move.partner_id = self.env['res.partner'].search(
            [('name', '=', 'Công ty TNHH Minh Phát')])
        move.action_post()
        hold.action_release()
        self.assertEqual(self.bulk(move).issued, 1)
        self.assertIn('Minh Phát', move.gtg_einvoice_id.sudo().payload)

    def test_a_wrong_tax_code_waits_for_a_person(self):
        order = self.make_order(partner=self.customer)
        order._gtg_take_invoice_buyer(self.wish(tax_code='0101243151'))
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.invoice_ids, 'never issued to somebody else meanwhile')
        holds = order.gtg_open_hold_ids
        self.assertEqual(set(holds.reason_id.mapped('code')),
                         {'invoice_buyer', 'einvoice'})
        self.assertEqual(order._gtg_set_invoice_buyer(self.answers()), {})
        holds.filtered(lambda h: h.reason_id.code == 'invoice_buyer').action_release()
        # the same wish again with the next change of the order: decided already
        order._gtg_take_invoice_buyer(self.wish(tax_code='0101243151'))
        order.action_gtg_next()
        self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids)
        self.assertIn('Bưởi Năm Roi', order.invoice_ids.gtg_einvoice_id.sudo().payload)

    # === WEB PAGES === #

    def test_portal(self):
        order = self.make_order(partner=self.customer)
        page = order.get_portal_url(suffix='/einvoice')
        self.authenticate(None, None)
        self.assertIn('Who is the invoice for?', self.url_open(page).text)
        token = http.Request.csrf_token(self)
        hostile = '"><script>alert(1)</script>'
        answer = self.url_open(page, self.answers(
            csrf_token=token, vat='1', name=hostile))
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn(hostile, answer.text)
        self.assertIn('is-invalid', answer.text)
        answer = self.url_open(page, self.answers(csrf_token=token))
        self.assertTrue(answer.url.startswith(self.base_url() + order.access_url))
        self.assertEqual(order.partner_invoice_id.vat, '0101243150')
        self.assertIn('Bưởi Năm Roi', answer.text)

    def test_portal_of_others(self):
        order = self.make_order(partner=self.customer)
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        for page in (f'{order.access_url}/einvoice',
                     f'{order.access_url}/einvoice?access_token=guessed'):
            self.url_open(page, self.answers(csrf_token=token))
            self.assertEqual(order.partner_invoice_id, self.customer)

    def test_checkout(self):
        self.goods.write({
            'name': 'Bán chạy', 'is_published': True, 'taxes_id': self.included['8%']})
        transfer = self.env.ref('payment.payment_provider_transfer').sudo().copy({
            'company_id': self.company.id, 'is_published': True})
        transfer.state = 'enabled'  # only a change makes its methods active
        self.start_tour('/shop', 'gtg_company_invoice')
        order = self.env['sale.order'].search(
            [('partner_id.email', '=', 'buoi@example.com')])
        self.assertEqual(order.partner_id.name, 'Nguyễn Thị Bưởi')
        company = order.partner_invoice_id
        self.assertEqual((company.name, company.vat, company.email), (
            'Công ty TNHH Bưởi Năm Roi', '0101243150', 'hoadon@buoi.example'))
        # the money comes, the parcel arrives
        if order.state != 'sale':
            order.action_confirm()
        order.write({'gtg_paid_at': fields.Datetime.now(),
                     'gtg_delivered_at': fields.Datetime.now()})
        self.assertFalse(order.gtg_open_hold_ids.mapped('note'))
        self.drain('create_invoice')
        (row,) = self.sandbox.get('/sinvoice/invoices')
        self.assertEqual(row['invoiceNo'], order.gtg_einvoice_number)
        buyer = row['body']['buyerInfo']
        self.assertEqual(
            (buyer['buyerLegalName'], buyer['buyerTaxCode'], buyer['buyerEmail']),
            ('Công ty TNHH Bưởi Năm Roi', '0101243150', 'hoadon@buoi.example'))
        for part in ('35 Nguyễn Huệ', 'Phường Bến Thành', 'TP Hồ Chí Minh'):
            self.assertIn(part, buyer['buyerAddressLine'])
        self.assertNotIn('Nguyễn Thị Bưởi', json.dumps(buyer, ensure_ascii=False))
