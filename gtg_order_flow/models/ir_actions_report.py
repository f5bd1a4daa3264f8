import base64

from lxml import html
from reportlab.graphics.barcode import createBarcodeDrawing

from odoo import api, models

from odoo.addons.base.models.ir_actions_report import _wkhtml


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        report = self._get_report(report_ref)
        if report.model == "stock.picking" and res_ids:
            pickings = self.env["stock.picking"].browse(res_ids)
            leaving = pickings._gtg_leaving()
            (leaving - leaving._gtg_forced()).sale_id._gtg_check_blocks("print")
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    @api.model
    def _run_wkhtmltopdf(self, bodies, *args, **kwargs):
        """The wkhtmltopdf of Debian and Ubuntu (unpatched Qt) takes one document only:
        the papers of several parcels are given to it as one.
        """
        bodies = list(bodies)
        if len(bodies) > 1 and not _wkhtml().is_patched_qt:
            bodies = [_joined(bodies)]
        return super()._run_wkhtmltopdf(bodies, *args, **kwargs)

    @api.model
    def _gtg_barcode(self, text):
        """A picture that the scan-out station reads.

        SVG needs none of the graphics libraries that core's own barcodes do.

        :return: data URI of Code 128, False: the text has other letters than that has
        """
        if not text or not text.isascii():
            return False
        drawing = createBarcodeDrawing(
            "Code128", value=text, width=300, height=60, humanReadable=False, quiet=0
        )
        svg = drawing.asString("svg")
        svg = svg.encode() if isinstance(svg, str) else svg
        return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def _joined(bodies):
    """:return: one HTML document, in which each body begins a page of its own"""
    whole, *others = [html.document_fromstring(body) for body in bodies]
    for other in others:
        page = html.Element("div", style="page-break-before: always")
        page.extend(list(other.body))
        whole.body.append(page)
    return html.tostring(whole, encoding="unicode", doctype="<!DOCTYPE html>")
