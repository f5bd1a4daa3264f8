import json

from odoo import fields, http
from odoo.tests import tagged

from .test_orders import WebsiteBuyerCase

PASSPORT = 'C01X00T47'


@tagged('post_install', '-at_install')
class TestForeignBuyer(WebsiteBuyerCase):
    """The law wants passport and nationality of a foreigner instead of an address."""

    customer_name, customer_email = 'Erika Mustermann', 'erika@example.com'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany = cls.env.ref('base.de')

    def answers(self, **changes):
        return {'kind': 'foreigner', 'name': 'Erika Mustermann', 'passport': PASSPORT,
                'nationality_id': str(self.germany.id), 'email': 'erika@example.com',
                **changes}

    def test_the_invoice_names_passport_and_nationality(self):
        order = self.make_order(partner=self.customer)
        with self.assertLogs('odoo', 'DEBUG') as logs:
            self.assertEqual(order._gtg_set_invoice_buyer(
                self.answers(passport=' c01x 00t47 ')), {})
            contact = order.partner_invoice_id
            self.assertEqual((contact.gtg_id_number, contact.gtg_nationality_id),
                             (PASSPORT, self.germany))
            order.gtg_delivered_at = fields.Datetime.now()
            self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids.mapped('note'))
        einvoice = order.invoice_ids.gtg_einvoice_id.sudo()
        self.assertTrue(einvoice.number)
        buyer = json.loads(einvoice.payload)['buyerInfo']
        self.assertEqual(
            (buyer['buyerName'], buyer['buyerIdType'], buyer['buyerIdNo'],
             buyer['buyerCountryCode']), ('Erika Mustermann', '2', PASSPORT, 'DE'))
        # statements of the ORM show what they store; everything else must not
        told = [line for line in logs.output if not line.startswith('DEBUG:odoo.sql_db')]
        self.assertNotIn(PASSPORT, '\n'.join(told))
        self.assertFalse([text for text in order.message_ids.mapped('body')
                          if PASSPORT in text])

    def test_the_same_passport_is_the_same_contact(self):
        first, second = (self.make_order(partner=self.customer) for _number in range(2))
        first._gtg_set_invoice_buyer(self.answers())
        second._gtg_set_invoice_buyer(self.answers())
        self.assertEqual(first.partner_invoice_id, second.partner_invoice_id)
        second._gtg_set_invoice_buyer(self.answers(
            nationality_id=str(self.env.ref('base.fr').id)))
        self.assertNotEqual(first.partner_invoice_id, second.partner_invoice_id)
        self.assertEqual(first.partner_invoice_id.gtg_nationality_id, self.germany)

    def test_wrong_answers_change_nothing(self):
        order = self.make_order(partner=self.customer)
        vietnam = str(self.env.ref('base.vn').id)
        for field, text in (
                ('passport', ''), ('passport', 'PASSPORT'), ('passport', 'C1'),
                ('passport', '<b>1</b>'), ('passport', 'C' * 20 + '1'),
                ('passport', 'C١٢٣٤٥٦٧'), ('passport', "C1234';--"),
                ('nationality_id', ''), ('nationality_id', vietnam),
                ('nationality_id', '-1'), ('nationality_id', '²'),
                ('nationality_id', '9' * 30), ('name', ''), ('email', 'nobody')):
            with self.subTest(field=field, text=text[:20]):
                self.assertIn(field, order._gtg_set_invoice_buyer(
                    self.answers(**{field: text})))
                self.assertEqual(order.partner_invoice_id, self.customer)
        self.assertFalse(self.customer.child_ids)

    def test_portal(self):
        order = self.make_order(partner=self.customer)
        page = order.get_portal_url(suffix='/einvoice')
        self.authenticate(None, None)
        self.assertIn('Nationality', self.url_open(page).text)
        token = http.Request.csrf_token(self)
        answer = self.url_open(page, self.answers(csrf_token=token, nationality_id=''))
        self.assertIn('Choose the nationality', answer.text)
        self.assertEqual(order.partner_invoice_id, self.customer)
        self.url_open(page, self.answers(csrf_token=token))
        self.assertEqual(order.partner_invoice_id.gtg_nationality_id, self.germany)
        # the link may be passed on: it never shows the number again
        again = self.url_open(page).text
        self.assertNotIn(PASSPORT, again)
        self.assertRegex(again, r'(?s)value="foreigner"[^>]*checked')
