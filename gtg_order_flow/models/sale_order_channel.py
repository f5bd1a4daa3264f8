from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_channel_id = fields.Many2one(
        "gtg.sale.channel",
        string="Channel",
        compute="_compute_gtg_channel_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    gtg_channel_kind = fields.Selection(related="gtg_channel_id.kind")
    gtg_channel_ref = fields.Char(
        string="Channel Order",
        copy=False,
        index="trigram",
        help="The channel's own number of the order.",
    )
    gtg_buyer_note = fields.Text(string="Buyer's Message", copy=False)
    gtg_seller_note = fields.Text(
        string="Note to Ourselves", copy=False, groups="base.group_user"
    )
    gtg_ship_by = fields.Datetime(
        string="Ship by",
        copy=False,
        index=True,
        help="Promised to the buyer or demanded by the marketplace.",
    )

    _gtg_channel_ref_unique = models.UniqueIndex(
        "(gtg_channel_id, gtg_channel_ref) "
        "WHERE gtg_channel_ref IS NOT NULL AND gtg_channel_ref != ''",
        "This order of the channel is here already.",
    )

    @api.depends("website_id", "company_id")
    def _compute_gtg_channel_id(self):
        """Carts and shop orders come from the website, everything typed by phone."""
        channels = (
            self.env["gtg.sale.channel"]
            .sudo()
            .search([("kind", "in", ("website", "phone"))])
        )
        for order in self:
            kind = "website" if order.website_id else "phone"
            fitting = channels.filtered(
                lambda channel, order=order, kind=kind: channel.kind == kind
                and channel.company_id in (order.company_id, channel.browse())
            )
            if order.gtg_channel_id and (
                order.gtg_channel_id.kind not in ("website", "phone")
                or order.gtg_channel_id in fitting
            ):
                continue
            # a channel of the order's own company goes before one shared by all
            order.gtg_channel_id = fitting.sorted(lambda c: not c.company_id)[:1]

    @api.depends("gtg_channel_id")
    def _compute_warehouse_id(self):
        res = super()._compute_warehouse_id()
        for order in self:
            if order.state in ("draft", "sent") and order.gtg_channel_id.warehouse_id:
                order.warehouse_id = order.gtg_channel_id.warehouse_id
        return res

    @api.depends("gtg_channel_id")
    def _compute_team_id(self):
        res = super()._compute_team_id()
        for order in self:
            if order.gtg_channel_id.team_id:
                order.team_id = order.gtg_channel_id.team_id
        return res

    @api.depends("gtg_channel_id")
    def _compute_pricelist_id(self):
        res = super()._compute_pricelist_id()
        for order in self:
            if order.state == "draft" and order.gtg_channel_id.pricelist_id:
                order.pricelist_id = order.gtg_channel_id.pricelist_id
        return res
