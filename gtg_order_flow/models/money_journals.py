from odoo import fields, models

MONEY_JOURNAL = [("type", "in", ("bank", "cash"))]


class GtgSaleChannel(models.Model):
    _inherit = "gtg.sale.channel"

    journal_id = fields.Many2one(
        "account.journal",
        string="Payments go to",
        company_dependent=True,
        check_company=True,
        domain=MONEY_JOURNAL,
        help="When somebody says that the money of an order is in, its payment is "
        "registered here. Empty: the order is only marked.",
    )


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    gtg_cod_journal_id = fields.Many2one(
        "account.journal",
        string="COD money goes to",
        company_dependent=True,
        check_company=True,
        domain=MONEY_JOURNAL,
        help="Where the cash that this carrier hands over is registered. Empty: where "
        "the payments of the order's channel go.",
    )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _gtg_usual_journal(self, cod):
        """:param bool cod: the money is what the carrier collected
        :return: the journal in which this order's money is registered, maybe none
        """
        self.ensure_one()
        order = self.sudo().with_company(self.company_id)
        journal = order.gtg_channel_id.journal_id
        if cod:
            journal = order.carrier_id.gtg_cod_journal_id or journal
        usable = journal.active and journal.company_id in order.company_id.parent_ids
        return self.env["account.journal"].browse(journal.id if usable else [])
