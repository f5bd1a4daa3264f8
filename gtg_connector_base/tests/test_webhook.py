from odoo.tests import HttpCase, tagged


@tagged('post_install', '-at_install')
class TestWebhook(HttpCase):

    def test_an_unknown_address_is_just_not_there(self):
        for path in ('/gtg/webhook/ghn/guess', '/gtg/webhook/nobody/guess'):
            answer = self.url_open(path, data=b'{"a": 1}')
            self.assertEqual(answer.status_code, 404)
            self.assertNotIn(b'Traceback', answer.content)

    def test_reading_it_is_not_allowed(self):
        self.assertEqual(self.url_open('/gtg/webhook/ghn/guess').status_code, 405)
