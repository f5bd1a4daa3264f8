import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

_logger = logging.getLogger(__name__)


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
    gtg_own_carrier = fields.Boolean(
        string="We ship it ourselves",
        copy=False,
        help="Of marketplace orders: the parcel goes with a carrier of ours, so a "
        "waybill of our own is made. Else the marketplace ships.",
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

    def _gtg_shipped_by_channel(self):
        """:return: those whose waybill the marketplace makes: a second would be paid"""
        return self.filtered(
            lambda o: o.gtg_channel_kind == "marketplace" and not o.gtg_own_carrier
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
                lambda channel, order=order, kind=kind: (
                    channel.kind == kind and not channel.company_id - order.company_id
                )
            )
            if order.gtg_channel_id and (
                order.gtg_channel_id.kind not in ("website", "phone")
                or order.gtg_channel_id in fitting
            ):
                continue
            # a channel of the order's own company goes before one shared by all
            order.gtg_channel_id = fitting.sorted(lambda c: not c.company_id)[:1]

    # === WHAT THE CHANNEL GIVES === #

    # No dependency on the channel: whoever changes it later keeps the warehouse,
    # team and prices that somebody chose.

    def _compute_warehouse_id(self):
        res = super()._compute_warehouse_id()
        for order in self.filtered(lambda o: o.state in ("draft", "sent")):
            if given := order.gtg_channel_id._gtg_gives("warehouse_id", order):
                order.warehouse_id = given
        return res

    def _compute_team_id(self):
        res = super()._compute_team_id()
        for order in self:
            if given := order.gtg_channel_id._gtg_gives("team_id", order):
                order.team_id = given
        return res

    def _compute_pricelist_id(self):
        res = super()._compute_pricelist_id()
        for order in self.filtered(lambda o: o.state in ("draft",)):
            if given := order.gtg_channel_id._gtg_gives("pricelist_id", order):
                order.pricelist_id = given
        return res

    @api.onchange("gtg_channel_id")
    def _onchange_gtg_channel_id(self):
        for field in ("warehouse_id", "team_id", "pricelist_id"):
            given = self.gtg_channel_id._gtg_gives(field, self)
            if given and self.state in ("draft", "sent"):
                self[field] = given

    # === ARRIVAL === #

    def _gtg_auto_confirm(self):
        """Confirm arrived orders whose channel says so and that nothing holds.

        One that cannot be confirmed does not stop the others: it is held, with the
        reason.

        :return: the orders confirmed now
        """
        orders = self.filtered(
            lambda order: (
                order.state in ("draft", "sent")
                and order.gtg_channel_id.auto_confirm
                and order.gtg_info != "on_hold"
            )
        )
        return orders._gtg_confirm_each()

    def _gtg_confirm_each(self):
        """Confirm together, or one by one where one cannot be: that one is held.

        :return: the orders confirmed now
        """
        if not self:
            return self
        try:
            with self.env.cr.savepoint():
                self.action_confirm()
            return self
        except CONFLICTS:
            raise
        except Exception as error:  # whatever an addon says: the order is kept
            if len(self) == 1:
                _logger.info(
                    "order %s not confirmed",
                    self.name,
                    exc_info=not isinstance(error, UserError),
                )
                self._gtg_hold("manual", note=str(error))
                return self.browse()
        confirmed = self.browse()
        for order in self:
            confirmed |= order._gtg_confirm_each()
        return confirmed
