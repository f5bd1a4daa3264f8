import random

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_misa import MisaBench
from .test_sinvoice import SInvoiceBench
from .test_vnpt import VnptBench

INVOICES = 12
RETURNED = 4


class RandomInvoices(CorrectionTools):
    """Whatever Odoo's books say, the provider's own arithmetic agrees to the dong."""

    allow_inherited_tests_method = True  # or Odoo's own runner leaves these out

    most_lines = None  # where the provider's sheet has a limit

    def random_invoice(self, rng, currency, most=25, form='1'):
        dong = currency.name == 'VND'
        price = (lambda top: rng.randint(1, top)) if dong else (
            lambda top: round(rng.uniform(0.01, top / 25000), 2))
        taxes = [*self.rates.values(), *self.included.values()] if form == '1' else [
            self.env['account.tax']]
        lines = [(
            # promotion goods, too: no price, or all of it discounted
            price(rng.choice([999, 200_000, 20_000_000])) if rng.random() > 0.1 else 0,
            rng.choice([1, 2, 3, 7, 1.5, 0.35, 120]), rng.choice(taxes),
            rng.choice([0, 0, 0, 5, 12.5, 33.33, 100]))
            for _line in range(rng.randint(1, most))]
        # a voucher: a line below zero, of a rate that has more than that
        amount, quantity, tax, _discount = max(
            (line for line in [*lines, (50_000, 1, taxes[0], 0)] if line[3] < 50),
            key=lambda line: line[0] * line[1])
        lines += [(amount, quantity, tax), (-price(999), 1, tax)]
        return self.make_invoice(
            *lines, series=self.series('later', form), currency_id=currency.id)

    def styles(self, rng):
        self.company.tax_calculation_rounding_method = rng.choice(
            ['round_globally', 'round_per_line'])
        self.account.discount_style = rng.choice(['item_discount', 'discount_line'])

    def told(self, move):
        return [(line.price_unit, line.quantity, line.tax_ids.name, line.discount)
                for line in move.invoice_line_ids]

    def issued(self, move):
        """Its e-invoice; the legal original is written by the sandbox from its own
        sums."""
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'waiting_code', move.gtg_einvoice_message)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        return einvoice

    def assert_books(self, move, einvoice):
        self.assertEqual(
            (einvoice.amount_untaxed, einvoice.amount_tax, einvoice.amount_total),
            (move.amount_untaxed, move.amount_tax, move.amount_total))

    def test_random_invoices(self):
        dollar = self.env.ref('base.USD')
        dollar.active = True
        self.env['res.currency.rate'].create({
            'currency_id': dollar.id, 'company_id': self.company.id,
            'name': '2026-01-01', 'inverse_company_rate': 25432.5})
        rng = random.Random(f'{self.bench.provider}-20261122')
        for number in range(INVOICES):
            self.styles(rng)
            currency = dollar if number % 4 == 3 else self.company.currency_id
            move = self.random_invoice(
                rng, currency, form='2' if number % 4 == 2 else '1')
            with self.subTest(number=number, lines=self.told(move)):
                self.assert_books(move, self.issued(move))

    def test_random_returns(self):
        """In parts, until nothing is left: never more, and to the dong."""
        rng = random.Random(f'{self.bench.provider}-returns-20261122')
        for number in range(RETURNED):
            self.styles(rng)
            move = self.random_invoice(
                rng, self.company.currency_id, 8, '2' if number == 2 else '1')
            sold = move.invoice_line_ids.mapped('quantity')
            # the voucher goes back with what it was given for
            first = [rng.randint(0, int(quantity)) if quantity % 1 == 0 else 0
                     for quantity in sold[:-2]] + sold[-2:]
            last = [whole - part for whole, part in zip(sold, first, strict=True)]
            with self.subTest(number=number, lines=self.told(move), first=first):
                original = self.issued(move)
                for part in (first, last):
                    if any(part):
                        self.issued(self.credit(move, *part))
                left, _count = original._gtg_left()
                self.assertEqual(set(left.values()), {(0, 0)})

    def test_a_thousand_lines(self):
        move = self.make_invoice(*(
            (1000 + 7 * number, 1 + number % 3, self.included['8%'])
            for number in range(1000)), series=self.series('later'))
        if self.most_lines:
            with self.assertRaisesRegex(UserError, f'fewer than {self.most_lines}'):
                move.action_gtg_issue()
            self.assertEqual(self.created(), [])
        else:
            self.assert_books(move, self.issued(move))


@tagged('post_install', '-at_install')
class TestRandomSInvoice(RandomInvoices, EinvoiceCase):
    bench = SInvoiceBench()


@tagged('post_install', '-at_install')
class TestRandomMisa(RandomInvoices, EinvoiceCase):
    bench, most_lines = MisaBench(), 200


@tagged('post_install', '-at_install')
class TestRandomVnpt(RandomInvoices, EinvoiceCase):
    bench = VnptBench()

    def setUp(self):
        super().setUp()
        self.sandbox.post('/vnpt/settings', {'second_adjustment': True})
