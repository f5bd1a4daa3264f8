from odoo import models

from ..lib import sentences


class EinvoiceAdapter(models.AbstractModel):
    """What would not be on the e-invoice as it is: it is told, never cut or rounded."""

    _inherit = 'gtg.einvoice.adapter'

    # most characters of a line's name and unit, decimals of its quantity
    _longest_item, _longest_unit, _quantity_decimals = 500, 50, 6

    def _longest_person(self, buyer):
        """:return: most characters of the name of a person, or at a company"""
        return 400

    def _printed_name(self, document, line):
        """:return: a line's name with the words that the provider's format puts before
            it"""
        return (sentences.GIFT if line.is_gift else '') + line.name

    def _long_texts(self, document):
        """Texts beside names and lines that have an end.

        :return: list of (field, text, most characters)
        """
        return [(self.env._('Note on the e-invoice'), document.note, self._longest_item)]

    def _content_problems(self, document):
        """:return: list of texts, each with field and fix"""
        buyer, problems = document.buyer, []
        longest = self._longest_person(buyer)
        # an adjustment names the buyer as its original does
        if len(buyer.name) > longest and not document.is_adjustment:
            problems.append(self.env._(
                'Words for consumers: e-invoices take %(count)s characters at most. '
                'Shorten them on the account of the provider.', count=longest,
            ) if buyer.kind == 'consumer' else self.env._(
                '%(field)s of %(buyer)s: e-invoices take %(count)s characters at most. '
                'Shorten it on the contact, as it is registered.',
                field=self.env._('Name'), buyer=f'{buyer.name[:40]}...', count=longest))
        for field, text, most in self._long_texts(document):
            if len(text or '') > most:
                problems.append(self.env._(
                    '%(field)s: it has %(length)s characters with the words of the law '
                    'and the provider takes %(count)s. Shorten it.', field=field,
                    length=len(text), count=most))
        for line in document.lines:
            problems += self._line_problems(document, line)
        return problems

    def _line_problems(self, document, line):
        short = line.name if len(line.name) <= 60 else f'{line.name[:60]}...'
        printed = self._printed_name(document, line)
        problems = [self.env._(
            'Line "%(line)s": its %(what)s has more than the %(count)s characters that '
            'e-invoices take. Shorten it.', line=short, what=what, count=most)
            for what, text, most in (
                (self.env._('description'), printed, self._longest_item),
                (self.env._('unit'), line.unit, self._longest_unit))
            if len(text) > most]
        if -line.amounts.quantity.normalize().as_tuple().exponent > (
                self._quantity_decimals):
            problems.append(self.env._(
                'Line "%(line)s": the provider takes quantities of at most %(count)s '
                'decimals. Round it.', line=short, count=self._quantity_decimals))
        return problems
