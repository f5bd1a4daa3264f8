from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..lib.document import Template
from .common import DocumentCase


@tagged('post_install', '-at_install')
class TestSeriesFetched(DocumentCase):
    """What the provider has published is taken over, or it is said what is not."""

    def fetch(self, *symbols):
        self.patch(
            type(self.env['gtg.einvoice.sinvoice']), '_fetch_series',
            lambda adapter, account: [Template('1/001', name) for name in symbols])
        return self.account.action_fetch_series()

    def test_digits_at_the_end(self):
        year = date.today().year
        name = f'C{year % 100}TA1'
        self.assertEqual(self.fetch(name)['tag'], 'soft_reload')
        series = self.account.series_ids.filtered(lambda s: s.name == name)
        self.assertEqual((series.year, series.code_kind), (year, 'later'))
        self.assertIn(name, series.display_name)
        with self.assertRaisesRegex(ValidationError, 'letters or digits'):
            series.name = f'C{year % 100}TA'

    def test_what_is_not_taken_over_is_told(self):
        before = self.account.series_ids
        action = self.fetch(self.vat_series.name, 'AA/20E')
        self.assertEqual(self.account.series_ids, before)
        self.assertIn('AA/20E', action['params']['message'])
        self.assertNotIn(self.vat_series.name, action['params']['message'])
        self.assertIn('AA/20E', str(self.account.message_ids[:1].body))
