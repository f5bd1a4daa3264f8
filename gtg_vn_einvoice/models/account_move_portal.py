from odoo import models

# a legal document, even if another one corrects it since
VALID = ('issued', 'coded', 'corrected', 'replaced')


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_replaced_by(self):
        """:return: number of the e-invoice that stands for this invoice's by law now,
            '' if it stands itself"""
        self.ensure_one()
        einvoice = self.gtg_einvoice_id.sudo()
        return einvoice.state == 'replaced' and (
            einvoice._gtg_corrections().filtered(
                lambda other: other.correction_kind == 'replace' and other.number
            )[:1].number) or ''

    def _gtg_buyer_files(self):
        """What the buyer may fetch: never before the document is valid, nor one that
        differs from the invoice.

        :return: {'xml' or 'pdf': attachment}
        """
        self.ensure_one()
        einvoice = self.gtg_einvoice_id.sudo()
        if einvoice.state not in VALID or einvoice.xml_state != 'ok':
            return {}
        return {file.res_field.removesuffix('_file'): file
                for file in einvoice._file_attachments()}
