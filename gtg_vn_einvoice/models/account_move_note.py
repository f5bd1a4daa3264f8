from odoo import fields, models

from ..lib.text import one_line


class AccountMove(models.Model):
    _inherit = 'account.move'

    gtg_invoice_note = fields.Char(
        'Note on the e-invoice', copy=False,
        help='Printed on the e-invoice, for example the tax relief of a sales invoice '
             'in the words of your accountant.')

    def _gtg_note(self):
        """What the document prints beside its lines. Others extend it."""
        self.ensure_one()
        return one_line(self.gtg_invoice_note or '')
