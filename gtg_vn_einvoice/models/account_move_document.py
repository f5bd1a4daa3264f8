from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from odoo import fields, models
from odoo.tools import format_date

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date
from odoo.addons.gtg_connector_base.lib.money import dec, round_half_up

from ..lib import amounts, document
from ..lib.text import one_line
from .einvoice import HELD


@dataclass
class Draft:
    """A line on its way from the books to the document."""

    line: object
    rate: str | None
    amounts: amounts.Amounts
    after: Decimal
    tax: Decimal


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_document(self, series, reference):
        """The invoice as a neutral legal document, and what forbids to issue it.

        :param series: ``gtg.einvoice.series``
        :param str reference: our reference, for life
        :return: (Document or None, list of problems, each with field and fix)
        """
        self.ensure_one()
        account = series.account_id
        buyer, problems = self.partner_id._gtg_einvoice_buyer(account.person_style)
        if buyer.kind == 'consumer':
            buyer = replace(buyer, name=account.consumer_words)
        right = self._gtg_right_buyer()
        if right:
            buyer, problems = right, []
        correction, correction_problems = self._gtg_correction(series, buyer)
        original = self.gtg_original_id.sudo() if correction else None
        adjusts = bool(correction and correction.kind == 'adjust')
        if adjusts and not self._gtg_names_new_buyer():
            # what corrects texts may be read as the buyer's new name and address
            buyer = original._gtg_buyer_of_adjustments(buyer, exactly=correction.text)
        # what is taken back is worth what it was worth
        rate, currency_problems = (
            original.move_id if adjusts else self)._gtg_exchange_rate()
        drafts, line_problems = self._gtg_lines(series)
        problems += correction_problems + currency_problems + line_problems
        if problems:
            return None, problems
        lines = tuple(self._gtg_document_line(draft) for draft in drafts)
        slack = Decimal(0)
        if adjusts:
            lines, slack, problems = self._gtg_signed_lines(
                lines, original, self.currency_id.decimal_places,
                account.price_decimals)
        doc = document.Document(
            reference=reference, form=series.form, series=series.name,
            template=series.template, buyer=buyer, lines=lines, correction=correction,
            currency=self.currency_id.name, exchange_rate=rate,
            # an adjustment of mere texts is over nothing, which the books call paid
            paid=(original.move_id if correction and correction.text else self
                  ).payment_state in ('paid', 'in_payment'),
            payment_method=self._gtg_payment_text(account),
            digits=self.currency_id.decimal_places, in_summary=series.in_summary,
            note='' if correction and correction.text else self._gtg_note(),
            zero_tens=account.zero_tens)
        adapter = account._adapter()
        return doc, (problems + self._gtg_sum_problems(doc, slack)
                     + adapter._content_problems(doc)
                     + adapter._document_problems(account, doc))

    # === LINES === #

    def _gtg_lines(self, series):
        """Lines with the books' own sums per rate.

        The books may round per document; single dongs then move between the lines of
        a rate, never the sums.
        """
        digits = self.currency_id.decimal_places
        decimals = series.account_id.price_decimals
        drafts, problems, day = [], [], self._gtg_law_day()
        base_lines, _tax_lines = self._get_rounded_base_and_tax_lines()
        for base in base_lines:
            line = base['record']
            problem = self._gtg_line_problem(line, series, day)
            if problem:
                problems.append(problem)
                continue
            rate = line.tax_ids._gtg_legal_rate() if line.tax_ids else None
            details = base['tax_details']
            drafts.append(Draft(
                line, rate if series.form != '2' else None,
                _line_amounts(line, rate or 'KCT', digits, decimals),
                _rounded(details['total_excluded_currency']
                         + details['delta_total_excluded_currency'], digits),
                _rounded(sum(tax['tax_amount_currency']
                             for tax in details['taxes_data']), digits)))
        groups = defaultdict(list)
        for draft in drafts:
            groups[draft.rate].append(draft)
        for rate, group in groups.items():
            fitted = amounts.fit(
                [draft.amounts for draft in group], rate or 'KCT',
                sum(draft.after for draft in group), sum(draft.tax for draft in group),
                digits, decimals)
            for draft, result in zip(group, fitted, strict=True):
                draft.amounts = result
        if not drafts and not problems:
            problems.append(self.env._('Invoice lines: there is nothing to invoice.'))
        return drafts, problems

    def _gtg_law_day(self):
        """The Vietnamese day whose rates are law: of the sale, also where the invoice
        is dated later; corrections keep the day of their original."""
        self.ensure_one()
        original = self._gtg_kind() and self.gtg_original_id.sudo()
        if original and original.issued_at:
            return min(original.move_id._gtg_law_day(), vietnam_date(original.issued_at))
        return self._gtg_sale_day() or vietnam_date(fields.Datetime.now())

    def _gtg_line_problem(self, line, series, day):
        """
        :param date day: whose law counts, see `_gtg_law_day`
        :return: what forbids the line, or None
        """
        name = (line.name or line.product_id.display_name or '').split('\n')[0]
        if line.display_type != 'product':
            return self.env._(
                'Line "%s": rounding and early payment lines cannot be on an e-invoice. '
                'Remove the cash rounding or payment discount.', name)
        if not (line.name or line.product_id.name):
            return self.env._('A line has no description. Enter what was sold.')
        if not line.quantity:
            return self.env._('Line "%s": enter a quantity.', name)
        if not line.product_uom_id and self._gtg_needs_unit(line, series.account_id):
            return self.env._(
                'Line "%s": goods need a unit. Choose a product; of a service, one of the '
                'type Service, or tick "Lines without product are services" on the '
                'e-invoice account.', name)
        if series.form == '2':
            if any(tax.amount for tax in line.tax_ids):
                return self.env._(
                    'Line "%s": a sales invoice (form 2) shows no VAT. Remove the tax or '
                    'choose a series of form 1.', name)
            return None
        if len(line.tax_ids) != 1:
            return self.env._(
                'Line "%s": choose exactly one VAT rate (0 %%, not subject and not '
                'declared are rates too).', name)
        rate = line.tax_ids._gtg_legal_rate()
        if rate and not self.env['gtg.vat.rate']._is_law(rate, day):
            return self.env._(
                'Line "%(line)s": VAT of %(rate)s is not law on %(day)s. Choose another '
                'tax; if the law was changed, enter it under VAT rates of the law.',
                line=name, rate=rate, day=format_date(self.env, day))
        if rate and self.env['gtg.vat.rate']._is_excluded(rate, day, line.product_id):
            return self.env._(
                'Line "%(line)s": the law leaves this product out of the VAT of %(rate)s. '
                'Choose another tax; the table is under VAT rates of the law.',
                line=name, rate=rate)
        if not rate:
            return self.env._(
                'Line "%(line)s": tax "%(tax)s" is no VAT rate of Vietnam. Set "VAT on '
                'e-invoices" on the tax or choose another tax.',
                line=name, tax=line.tax_ids.name)
        return None

    def _gtg_needs_unit(self, line, account):
        """Whether a line without unit may be goods, which by law have one."""
        return line.product_id.type != 'service' and line.price_subtotal > 0 and (
            bool(line.product_id) or not account.services_without_product
        ) and self._gtg_kind() != 'adjust'  # those repeat what was sold

    def _gtg_document_line(self, draft):
        line, product = draft.line, draft.line.product_id
        code = product.default_code or ''
        name = line.name or product.name
        # the sales description begins with the code, which has its own column
        name = name.removeprefix(f'[{code}] ') if code else name
        unit = line.product_uom_id.with_context(
            lang=self.env['res.lang']._gtg_printed()).name or ''
        return document.Line(
            one_line(product._gtg_printed_text(name)), draft.amounts, draft.rate,
            one_line(code), one_line(unit))

    # === SUMS AND CURRENCY === #

    def _gtg_sum_problems(self, doc, slack=0):
        """:param Decimal slack: what may lie between document and books"""
        sign = -1 if self.move_type == 'out_refund' else 1
        books = [sign * _rounded(value, doc.digits) for value in (
            self.amount_untaxed, self.amount_tax, self.amount_total)]
        problems = []
        if any(abs(own - told) > slack for own, told in zip(
                (doc.net, doc.tax, doc.total), books, strict=True)):
            problems.append(self.env._(
                'Totals: the lines make %(lines)s and the invoice says %(books)s. Remove '
                'rounding lines and taxes changed by hand.',
                lines=doc.total, books=books[2]))
        if not doc.is_adjustment and (doc.total < 0 or any(net < 0 for _rate, net, _tax in doc.rates)):
            problems.append(self.env._(
                'Totals: a VAT rate or the whole invoice is negative. An e-invoice cannot '
                'be; use a credit note.'))
        if doc.lines and not doc.is_adjustment and not any(
                line.amounts.net or line.amounts.tax for line in doc.lines) and any(
                    line.price_unit and line.discount < 100
                    for line in self.invoice_line_ids):
            problems.append(self.env._(
                'Totals: the prices are so small that the invoice is over 0. Correct '
                'them.'))
        for line in doc.lines:
            values = line.amounts
            if values.quantity <= 0 and not doc.is_adjustment or line.rate and amounts.failing_checks(
                    values.net, values.unit_price, values.quantity, values.discount,
                    values.tax, line.rate):
                problems.append(self.env._(
                    'Line "%s": quantity, price and VAT do not fit together to the dong. '
                    'Undo taxes changed by hand.', line.name))
        return problems

    def _gtg_exchange_rate(self):
        """:return: (VND per unit or None, list of problems)"""
        if self.company_currency_id.name != 'VND':
            return None, [self.env._(
                'Currency of the company: e-invoices need books in VND.')]
        if self.currency_id == self.company_currency_id:
            return None, []
        # core takes 1 where no rate was ever entered; what is issued keeps its rate
        if self.invoice_currency_rate in (0, 1) and (
                self.gtg_einvoice_state not in HELD):
            return None, [self.env._(
                'Currency %s: enter its exchange rate.', self.currency_id.name)]
        return round_half_up(1 / dec(self.invoice_currency_rate), 2), []


def _rounded(value, digits):
    return round_half_up(value, digits)


def _line_amounts(line, rate, digits, decimals):
    """Amounts of one line by the law's arithmetic, before they meet the books."""
    price, quantity = dec(line.price_unit), dec(line.quantity)
    if quantity < 0:  # a negative quantity is a discount of a positive one
        price, quantity = -price, -quantity
    percent = dec(line.discount)
    if line.tax_ids.price_include:
        return amounts.included_line(
            price, quantity, rate, price * quantity * percent / 100, digits, decimals)
    return amounts.excluded_line(price, quantity, rate, percent, digits, decimals)
