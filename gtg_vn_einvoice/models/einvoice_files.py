import base64
import hashlib
from decimal import Decimal

from odoo import models

from odoo.addons.gtg_connector_base.lib.money import dec

from ..lib import legal_xml
from ..lib.symbol import split_number


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    def _files_fetched(self, task):
        """Archive the legal original and its picture, compare, tell the buyer."""
        xml = base64.b64decode(task.result.get('xml') or '')
        pdf = base64.b64decode(task.result.get('pdf') or '')
        state, message = self._check_xml(xml)
        self._set_state(
            self.state, xml_file=base64.b64encode(xml),
            xml_sha256=hashlib.sha256(xml).hexdigest(),
            pdf_file=base64.b64encode(pdf) if pdf else False,
            xml_state=state, xml_message=message if state != 'ok' else False)
        for file in self._file_attachments():
            file.name = self.xml_name if file.res_field == 'xml_file' else self.pdf_name
        # the files are ours now; the outbox need not keep them too
        task.sudo().result = {'xml_sha256': self.xml_sha256}
        if state == 'ok':
            if message:
                self.message_post(body=message)
            self._mail_buyer()
        else:
            self._alarm(self.env._(
                'The XML of e-invoice %(number)s differs from the invoice: %(what)s. Do '
                'not pass it on; compare both and ask the provider.',
                number=self.number, what=message))

    def _check_xml(self, content):
        """Compare the legal original with what was to be issued.

        :return: (xml_state, text of the differences)
        """
        try:
            found = legal_xml.parse(content)
        except legal_xml.BadXml as error:
            return 'mismatch', str(error)
        series, number = split_number(self.number)
        digits = self.currency_id.decimal_places
        total = dec(self.amount_total).quantize(Decimal(1).scaleb(-digits))
        tax = dec(self.amount_tax).quantize(Decimal(1).scaleb(-digits))
        # VNPT's kind of adjustment carries the sign: its XML may do without (README 7)
        unsigned = self.correction_kind == 'adjust' and total < 0 and (
            found.tax, found.total) == (-tax, -total)
        if unsigned:
            tax, total = -tax, -total
        labels = {
            'seller_tax_code': self.env._('tax code of the seller'),
            'form': self.env._('form'), 'tax': self.env._('VAT'),
            'series': self.env._('series'), 'number': self.env._('number'),
            'buyer_tax_code': self.env._('tax code of the buyer'),
            'total': self.env._('total'),
            'authority_code': self.env._('tax-authority code'),
            'related': self.env._('corrected invoice'),
        }
        texts = [
            self.env._('%(field)s should be "%(expected)s" and is "%(found)s"',
                       field=labels[field], expected=expected, found=value)
            for field, expected, value in legal_xml.differences(
                found, self.account_id._seller_tax_code(), self.series_id.form, series,
                number, self.buyer_tax_code, tax, total, self.authority_code,
                self._gtg_related())
        ]
        if texts:
            return 'mismatch', '; '.join(texts)
        return 'ok', unsigned and self.env._(
            'The XML writes the amounts of this decrease without minus. Check once with '
            'your accountant that its text says that it lowers the invoice.')

    def _file_attachments(self):
        """The stored files as attachments (of the fields)."""
        return self.env['ir.attachment'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            ('res_field', 'in', ('xml_file', 'pdf_file'))])
