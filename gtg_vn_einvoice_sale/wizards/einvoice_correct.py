from odoo import models
from odoo.fields import Command


class EinvoiceCorrectLine(models.TransientModel):
    _inherit = 'gtg.einvoice.correct.line'

    def _line_values(self):
        values = super()._line_values()
        line = self.move_line_id
        if line.sale_line_ids and line.currency_id.compare_amounts(
                self.price_unit, line.price_unit):
            # another price takes no goods back: the order stays invoiced
            values['sale_line_ids'] = [Command.clear()]
        return values
