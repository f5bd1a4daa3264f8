import random

from odoo.tests import tagged

from .common import EinvoiceCase
from .test_misa import MisaBench
from .test_sinvoice import SInvoiceBench
from .test_vnpt import VnptBench

INVOICES = 12


class RandomInvoices:
    """Whatever Odoo's books say, the provider's own arithmetic agrees to the dong."""

    allow_inherited_tests_method = True  # or Odoo's own runner leaves these out

    def random_invoice(self, rng, currency):
        dong = currency.name == 'VND'
        price = (lambda top: rng.randint(1, top)) if dong else (
            lambda top: round(rng.uniform(0.01, top / 25000), 2))
        taxes = [*self.rates.values(), *self.included.values()]
        lines = [(
            price(rng.choice([999, 200_000, 20_000_000])),
            rng.choice([1, 2, 3, 7, 1.5, 0.35, 120]), rng.choice(taxes),
            rng.choice([0, 0, 0, 5, 12.5, 33.33, 100]))
            for _line in range(rng.randint(1, 25))]
        # a voucher: a line below zero, of a rate that has more than that
        amount, quantity, tax, _discount = max(
            (line for line in [*lines, (50_000, 1, taxes[0], 0)] if line[3] < 50),
            key=lambda line: line[0] * line[1])
        lines += [(amount, quantity, tax), (-price(999), 1, tax)]
        return self.make_invoice(
            *lines, series=self.series('later'), currency_id=currency.id)

    def test_random_invoices(self):
        dollar = self.env.ref('base.USD')
        dollar.active = True
        self.env['res.currency.rate'].create({
            'currency_id': dollar.id, 'company_id': self.company.id,
            'name': '2026-01-01', 'inverse_company_rate': 25432.5})
        rng = random.Random(f'{self.bench.provider}-20261122')
        for number in range(INVOICES):
            self.company.tax_calculation_rounding_method = rng.choice(
                ['round_globally', 'round_per_line'])
            self.account.discount_style = rng.choice(['item_discount', 'discount_line'])
            currency = dollar if number % 4 == 3 else self.company.currency_id
            move = self.random_invoice(rng, currency)
            with self.subTest(number=number, lines=[
                    (line.price_unit, line.quantity, line.tax_ids.name, line.discount)
                    for line in move.invoice_line_ids]):
                einvoice = self.issue(move)
                self.assertEqual(
                    einvoice.state, 'waiting_code', move.gtg_einvoice_message)
                self.drain('poll_code')
                self.bench.approve(self.sandbox, einvoice)
                self.drain('poll_code')
                self.drain('fetch_files')
                # the legal original is written by the sandbox from its own sums
                self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
                self.assertEqual(
                    (einvoice.amount_untaxed, einvoice.amount_tax, einvoice.amount_total),
                    (move.amount_untaxed, move.amount_tax, move.amount_total))


@tagged('post_install', '-at_install')
class TestRandomSInvoice(RandomInvoices, EinvoiceCase):
    bench = SInvoiceBench()


@tagged('post_install', '-at_install')
class TestRandomMisa(RandomInvoices, EinvoiceCase):
    bench = MisaBench()


@tagged('post_install', '-at_install')
class TestRandomVnpt(RandomInvoices, EinvoiceCase):
    bench = VnptBench()
