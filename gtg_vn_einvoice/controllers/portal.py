from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request

from odoo.addons.account.controllers.portal import PortalAccount


class EinvoicePortal(PortalAccount):
    """The buyer fetches the legal original and its picture."""

    @http.route('/my/invoices/<int:invoice_id>/einvoice/<string:kind>', type='http',
                auth='public', methods=['GET'], website=True, sitemap=False)
    def portal_einvoice(self, invoice_id, kind, access_token=None, **values):
        if invoice_id >= 2 ** 31:  # no number of a record
            return request.redirect('/my')
        try:
            invoice = self._document_check_access(
                'account.move', invoice_id, access_token)
        except (AccessError, MissingError):
            return request.redirect('/my')
        file = invoice._gtg_buyer_files().get(kind)
        if not file:
            return request.redirect(invoice.get_portal_url())
        return request.make_response(file.raw, [
            ('Content-Type', f'application/{kind}'),
            ('Content-Disposition', content_disposition(file.name)),
            ('X-Content-Type-Options', 'nosniff')])
