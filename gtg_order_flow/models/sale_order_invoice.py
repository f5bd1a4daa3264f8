from odoo import models


class SaleOrder(models.Model):
    """Where channels tell, and e-invoice addons learn, whom the invoice shall name."""

    _inherit = "sale.order"

    # channels ask nobody for personal data that no addon uses: that one sets True
    _gtg_takes_invoice_buyer = False

    def _gtg_take_invoice_buyer(self, buyer):
        """The buyer told the channel whom the invoice shall name; maybe again.

        Extend; must not fail, for the order is true whatever the buyer typed.

        :param buyer: object with the texts ``kind`` (company, household or person),
            ``name``, ``tax_code``, ``id_number``, ``address`` and ``email``
        """
        self.ensure_one()
