from odoo import fields, models

CHANNEL_KINDS = [
    ("website", "Website"),
    ("phone", "Phone"),
    ("facebook", "Facebook"),
    ("zalo", "Zalo"),
    ("counter", "Counter"),
    ("marketplace", "Marketplace"),
]


class GtgSaleChannel(models.Model):
    """Where orders come from, and how orders from there are treated.

    A channel without company serves every company. A marketplace connector makes
    one channel per connected shop (kind ``marketplace``).
    """

    _name = "gtg.sale.channel"
    _description = "Sales Channel"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Short name without spaces, unique in the company.",
    )
    kind = fields.Selection(CHANNEL_KINDS, required=True, default="phone")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the channel serves every company."
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", check_company=True, ondelete="set null"
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        help="Orders of this channel leave from here.",
    )
    pricelist_id = fields.Many2one("product.pricelist", check_company=True)
    auto_confirm = fields.Boolean(
        help="Orders that nothing holds are confirmed as soon as they arrive."
    )
    cod_allowed = fields.Boolean(
        string="Cash on Delivery", default=True, help="Buyers may pay the carrier."
    )
    tell_received = fields.Boolean(string="Order received", default=True)
    tell_confirmed = fields.Boolean(string="Order confirmed", default=True)
    tell_shipped = fields.Boolean(string="Order shipped", default=True)
    tell_attempt_failed = fields.Boolean(
        string="Delivery attempt failed", default=True
    )
    tell_delivered = fields.Boolean(string="Order delivered", default=True)

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "A channel with this code exists already in the company.",
    )

    def _gtg_tells(self, event):
        """Whether buyers of this channel get the message of `event`.

        Marketplaces forbid shops to write to their buyers around the platform, so
        the switches of such a channel are not even looked at.

        :param str event: received, confirmed, shipped, attempt_failed or delivered
        """
        self.ensure_one()
        return self.kind != "marketplace" and self[f"tell_{event}"]
