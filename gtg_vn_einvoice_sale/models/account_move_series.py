from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_series(self):
        """The series of the shop that sold; a correction follows its original."""
        if not self.gtg_series_id and not self.gtg_original_id:
            channels = self._gtg_sale_orders().sudo().gtg_channel_id
            series = channels.with_company(self.company_id).gtg_series_id
            if len(channels) == 1 and series.company_id == self.company_id:
                return series._of_this_year() or super()._gtg_series()
        return super()._gtg_series()
