"""Shopee's labels: ask, wait, download (README 4)."""

import base64
import io
import zipfile

from odoo import models
from odoo.tools import pdf

from odoo.addons.gtg_connector_base.lib.errors import Rejected, Retryable

from . import mapping

_ = str  # marks texts for the translators; they are translated when shown
TYPES = {'normal': 'NORMAL_AIR_WAYBILL', 'thermal': 'THERMAL_AIR_WAYBILL'}
MAX_FILES, MAX_BYTES = 50, 32 * 1024 * 1024  # of a ZIP


class ShopeeAdapter(models.AbstractModel):
    _inherit = 'gtg.marketplace.shopee'

    def _send_fetch_label(self, account, task):
        package, ref, number = self._parcel_of(task)
        parcel = {'order_sn': ref, **({'package_number': number} if number else {})}
        with self._client(account) as client:
            kind = self._label_type(client, account, parcel)
            parcel['shipping_document_type'] = kind
            row = self._document(client.document_result([parcel]))
            if row.get('status') not in ('READY', 'PROCESSING'):
                self._create_document(client, parcel, package.tracking_number)
                row = self._document(client.document_result([parcel]))
            if row.get('status') == 'FAILED' or mapping.text(row.get('fail_error')):
                raise self._refusal(row)
            if row.get('status') != 'READY':
                raise Retryable(self.env._('Shopee is still making the label.'),
                                after=3 if task.attempt < 5 else 60)
            parcel.pop('shipping_document_type')
            content = client.download_document([parcel], kind)
        return {'file': base64.b64encode(_as_pdf(content)).decode()}

    def _label_type(self, client, shop, parcel):
        if shop.label_format in TYPES:
            return TYPES[shop.label_format]
        row = self._document(client.document_parameter([parcel]))
        return mapping.text(row.get('suggest_shipping_document_type')) or (
            TYPES['normal'])

    def _create_document(self, client, parcel, tracking_number):
        row = self._document(client.create_document([
            {**parcel, 'tracking_number': tracking_number}]))
        if mapping.text(row.get('fail_error')):
            raise self._refusal(row)

    def _document(self, rows):
        if not rows:
            raise Retryable(self.env._('Shopee answered nothing about the label.'))
        return rows[0]

    def _refusal(self, row):
        code = mapping.text(row.get('fail_error'))
        sentence = mapping.text(row.get('fail_message')) or code or self.env._(
            'Shopee could not make the label.')
        if code.endswith(('download_later', 'should_print_first', 'can_not_print')):
            # README 4: also said while the number is on its way to the printer
            return Retryable(sentence, code=code, after=30)
        return Rejected(sentence, code=code, hint=self.env._(
            'Print this label in Seller Centre, or choose another label format.'))


def _as_pdf(content):
    """README 4: the content type lies, the first bytes do not.

    :raise Rejected: neither PDF nor a ZIP of PDFs
    """
    if content[:4] == b'%PDF':
        return content
    if content[:2] == b'PK':
        files = _unpacked(content)
        if files:
            return files[0] if len(files) == 1 else pdf.merge_pdf(files)
    raise Rejected(
        _('The label is neither a PDF nor a ZIP of PDFs'), code='label_format',
        hint=_('Choose another label format on the shop.'))


def _unpacked(content):
    """PDF files of a ZIP that is no bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_FILES or sum(
                    member.file_size for member in members) > MAX_BYTES:
                raise Rejected(
                    _('The label archive is too large'), code='label_format')
            files = [archive.read(member) for member in members]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return []
    return [data for data in files if data[:4] == b'%PDF']
