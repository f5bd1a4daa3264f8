import base64
import json

from odoo.tests import HttpCase, tagged

TOKEN = 'not-a-real-token'


@tagged('post_install', '-at_install')
class TestGhnWebhook(HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env['gtg.carrier.account'].create({
            'name': 'GHN', 'provider': 'ghn', 'environment': 'test',
            'ghn_token': TOKEN, 'ghn_shop_id': '200123',
            'webhook_secret': 'canary-secret'})
        cls.path = cls.account.webhook_url.partition('/gtg/webhook')[2]

    def send(self, headers, **changes):
        payload = {
            'ShopID': 200123, 'Time': '2026-11-20T03:10:00.000Z', 'OrderCode': 'LQ7T4W',
            'ClientOrderCode': '', 'Type': 'switch_status', 'Status': 'picked',
            'CODAmount': 0, 'Fee': {}, 'TotalFee': 0, **changes}
        return self.url_open(
            f'/gtg/webhook{self.path}', data=json.dumps(payload).encode(),
            headers={'Content-Type': 'application/json', **headers})

    def stored(self):
        return self.env['gtg.connector.event'].sudo().search_count(
            [('account_id', '=', self.account.id)])

    def test_secret_by_header_or_authorization(self):
        basic = base64.b64encode(b'ghn:canary-secret').decode()
        for number, headers in enumerate((
                {'X-GTG-Secret': 'canary-secret'}, {'Authorization': 'canary-secret'},
                {'Authorization': 'Bearer canary-secret'},
                {'Authorization': f'Basic {basic}'}), 1):
            answer = self.send(headers, Time=f'2026-11-20T03:10:0{number}.000Z')
            self.assertEqual(answer.status_code, 200, headers)
            self.assertEqual(answer.json()['code'], 200)
        self.assertEqual(self.stored(), 4)

    def test_wrong_secret(self):
        for headers in ({}, {'X-GTG-Secret': 'guess'}, {'Authorization': 'Basic !!'},
                        {'X-GTG-Secret': ''}):
            self.assertEqual(self.send(headers).status_code, 401)
        self.assertFalse(self.stored())

    def test_closed_without_a_secret(self):
        self.account.webhook_secret = False
        for value in ('', 'False', 'None'):
            answer = self.send({'X-GTG-Secret': value})
            self.assertEqual(answer.status_code, 401)

    def test_the_same_fact_once(self):
        good = {'X-GTG-Secret': 'canary-secret'}
        for _time in range(5):
            self.assertEqual(self.send(good).status_code, 200)
        self.assertEqual(self.stored(), 1)
        self.send(good, Time='2026-11-20T03:10:00.001Z')
        self.send(good, Status='storing')
        self.assertEqual(self.stored(), 3)

    def test_a_foreign_shop_is_answered_and_forgotten(self):
        answer = self.send({'X-GTG-Secret': 'canary-secret'}, ShopID=999)
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(self.stored())

    def test_nonsense_is_refused_without_a_trace(self):
        good = {'X-GTG-Secret': 'canary-secret'}
        for changes in ({'Time': 'soon'}, {'OrderCode': ''}, {'OrderCode': "'; DROP"}):
            answer = self.send(good, **changes)
            self.assertEqual(answer.status_code, 400, changes)
            self.assertNotIn(b'Traceback', answer.content)
        self.assertFalse(self.stored())

    def test_an_odd_amount_does_not_lose_the_report(self):
        good = {'X-GTG-Secret': 'canary-secret'}
        for number, changes in enumerate((
                {'CODAmount': 'NaN'}, {'Weight': {}}, {'TotalFee': []}), 1):
            answer = self.send(good, Time=f'2026-11-20T03:10:0{number}.000Z', **changes)
            self.assertEqual(answer.status_code, 200, changes)
            self.assertEqual(self.stored(), number)
