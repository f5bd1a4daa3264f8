from odoo import http
from odoo.http import content_disposition, request
from odoo.tools.pdf import merge_pdf


class ParcelLabels(http.Controller):

    @http.route('/gtg/parcel/labels', type='http', auth='user', readonly=True)
    def labels(self, ids):
        """The stored labels of parcels the user may read, in one PDF."""
        numbers = [int(part) for part in ids.split(',') if part.isdigit()]
        parcels = request.env['gtg.parcel'].browse(numbers).exists()
        parcels.check_access('read')
        pages = [p.label_attachment_id.raw for p in parcels.sudo()
                 if p.label_attachment_id]
        if not pages:
            return request.not_found()
        content = pages[0] if len(pages) == 1 else merge_pdf(pages)
        return request.make_response(content, [
            ('Content-Type', 'application/pdf'),
            ('Content-Length', len(content)),
            ('Content-Disposition', content_disposition('labels.pdf', 'inline'))])
