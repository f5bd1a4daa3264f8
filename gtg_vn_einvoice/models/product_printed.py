from odoo import models


class ProductProduct(models.Model):
    _inherit = 'product.product'

    def _gtg_printed_text(self, text):
        """A line's text as the law wants it: goods are named in Vietnamese.

        Orders and invoices take the product's words in the language of the contact,
        and contacts made by imports or an English screen have English. Words that a
        person typed stay as they are.

        :param str text: without the product's code
        """
        printed = self.env['res.lang']._gtg_printed()
        if not self or text.startswith(self.with_context(lang=printed).name or ''):
            return text
        mine = self._gtg_words(printed)
        for lang, _name in self.env['res.lang'].get_installed():
            theirs = self._gtg_words(lang) if lang != printed else ()
            begins = [place for place, words in enumerate(theirs)
                      if words and text.startswith(words)
                      and not text[len(words):][:1].isalnum()]
            if begins:
                place = begins[0]
                rest = text[len(theirs[place]):]
                own, other = (
                    self.with_context(lang=code).description_sale
                    for code in (printed, lang))
                return mine[place] + (
                    rest.replace(other, own or other, 1) if other else rest)
        return text

    def _gtg_words(self, lang):
        """:return: name with and without the words of the variant, in a language"""
        product = self.with_context(lang=lang, display_default_code=False)
        return product.display_name or '', product.name or ''
