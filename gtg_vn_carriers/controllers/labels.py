from odoo import http
from odoo.http import request

from odoo.addons.gtg_order_flow.controllers.labels import asked_ids, pdf_answer


class ParcelLabels(http.Controller):

    @http.route('/gtg/parcel/labels', type='http', auth='user', readonly=True)
    def labels(self, ids):
        """The stored labels of parcels the user may read, in one PDF."""
        parcels = request.env['gtg.parcel'].browse(asked_ids(ids)).exists()
        parcels.check_access('read')
        parcels.order_id._gtg_check_blocks('print')
        pages = [(p.name, p.label_attachment_id.raw) for p in parcels.sudo()
                 if p.label_attachment_id]
        if not pages:
            raise request.not_found()
        return pdf_answer(pages, 'labels.pdf')
