from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        report = self._get_report(report_ref)
        if report.model == "stock.picking" and res_ids:
            pickings = self.env["stock.picking"].browse(res_ids)
            pickings._gtg_leaving().sale_id._gtg_check_blocks("print")
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
