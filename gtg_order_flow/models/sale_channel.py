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

# What a new channel checks on arrival. A marketplace checks its buyers itself and
# masks their data; at the counter the buyer stands in front of us.
_TYPED = {
    "duplicate_hours": 24,
    "check_address": True,
    "check_phone": True,
    "first_cod_limit": 3000000,
}
DEFAULT_CHECKS = {
    "website": {**_TYPED, "check_note": True, "check_total": True},
    "phone": _TYPED,
    "facebook": {**_TYPED, "check_note": True},
    "zalo": {**_TYPED, "check_note": True},
}


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
    user_id = fields.Many2one(
        "res.users",
        string="Person in Charge",
        domain=[("share", "=", False)],
        help="Reminded of the orders of this channel that have no salesperson.",
    )
    duplicate_hours = fields.Integer(
        string="Duplicates within (hours)",
        compute="_compute_checks",
        store=True,
        readonly=False,
        precompute=True,
        help="Hold an order when the same buyer ordered the same products less than so "
        "many hours before. 0: not checked.",
    )
    check_address = fields.Boolean(
        string="Incomplete address",
        compute="_compute_checks",
        store=True,
        readonly=False,
        precompute=True,
        help="Deliveries inside Vietnam only.",
    )
    check_phone = fields.Boolean(
        string="Wrong phone number",
        compute="_compute_checks",
        store=True,
        readonly=False,
        precompute=True,
        help="Deliveries inside Vietnam only.",
    )
    check_note = fields.Boolean(
        string="Buyer's message",
        compute="_compute_checks",
        store=True,
        readonly=False,
        precompute=True,
        help="Hold an order until somebody has read what the buyer wrote.",
    )
    check_total = fields.Boolean(
        string="Paid amount",
        compute="_compute_checks",
        store=True,
        readonly=False,
        precompute=True,
        help="Hold an order when the buyer paid online another amount than its total.",
    )
    check_stock = fields.Boolean(
        string="Out of stock",
        help="Put confirmed orders that wait for stock into the review queue.",
    )
    first_cod_limit = fields.Float(
        string="First COD above",
        digits=(16, 0),
        compute="_compute_checks",
        store=True,
        readonly=False,
        precompute=True,
        help="Hold the first order of a buyer when more than this amount (in the "
        "company's currency) is to be collected. 0: not checked.",
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

    @api.depends("kind")
    def _compute_checks(self):
        for channel in self:
            checks = DEFAULT_CHECKS.get(channel.kind, {})
            channel.duplicate_hours = checks.get("duplicate_hours", 0)
            channel.first_cod_limit = checks.get("first_cod_limit", 0)
            for name in ("address", "phone", "note", "total"):
                channel[f"check_{name}"] = checks.get(f"check_{name}", False)

    _duplicate_hours = models.Constraint(
        "CHECK (duplicate_hours BETWEEN 0 AND 8760)",
        "Duplicates are looked for within a year at most: enter 0 to 8760 hours.",
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
