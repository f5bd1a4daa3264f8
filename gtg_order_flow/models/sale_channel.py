from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
    team_id = fields.Many2one("crm.team", string="Sales Team", ondelete="set null")
    warehouse_id = fields.Many2one(
        "stock.warehouse", help="Orders of this channel leave from here."
    )
    pricelist_id = fields.Many2one("product.pricelist")
    auto_confirm = fields.Boolean(
        help="Orders that nothing holds are confirmed as soon as they arrive."
    )
    cod_allowed = fields.Boolean(
        string="Cash on Delivery", default=True, help="Buyers may pay the carrier."
    )
    tell_received = fields.Boolean(string="Order received", default=True)
    tell_confirmed = fields.Boolean(string="Order confirmed", default=True)
    tell_shipped = fields.Boolean(string="Order shipped", default=True)
    tell_attempt_failed = fields.Boolean(string="Delivery attempt failed", default=True)
    tell_delivered = fields.Boolean(string="Order delivered", default=True)

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "A channel with this code exists already in the company.",
    )

    @api.constrains("company_id", "team_id", "warehouse_id", "pricelist_id")
    def _check_companies(self):
        """A channel of one company gives nothing of another; a shared one may, then
        only the orders of that company get it.
        """
        for channel in self.filtered("company_id"):
            for given in (channel.team_id, channel.warehouse_id, channel.pricelist_id):
                if given.company_id - channel.company_id:
                    raise ValidationError(
                        self.env._(
                            "%(given)s belongs to another company than the channel "
                            "%(channel)s. Choose one of %(company)s.",
                            given=given.display_name,
                            channel=channel.name,
                            company=channel.company_id.name,
                        )
                    )

    def _gtg_gives(self, field, order):
        """:return: what this channel gives to `order`, empty: core decides"""
        given = self.sudo()[field]
        return given if not given.company_id - order.company_id else given.browse()

    def _gtg_tells(self, event):
        """Whether buyers of this channel get the message of `event`.

        Marketplaces forbid shops to write to their buyers around the platform, so
        the switches of such a channel are not even looked at.

        :param str event: received, confirmed, shipped, attempt_failed or delivered
        """
        self.ensure_one()
        return self.kind != "marketplace" and self[f"tell_{event}"]
