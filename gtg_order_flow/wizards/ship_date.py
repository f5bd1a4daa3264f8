from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_datetime

from ..models.order_clock import HOME


class GtgShipDate(models.TransientModel):
    """Another promised ship date for orders that take longer, told to the buyers."""

    _name = "gtg.ship.date"
    _description = "Change the Ship Date"

    order_ids = fields.Many2many("sale.order", required=True)
    ship_by = fields.Datetime(required=True)
    reason = fields.Char(required=True)
    tell_buyer = fields.Boolean(
        string="Tell the buyers",
        default=True,
        help="The message “Order delayed”, where the channel sends it. Nobody is told "
        "twice.",
    )

    @api.constrains("ship_by")
    def _check_ship_by(self):
        for wizard in self:
            if wizard.ship_by <= fields.Datetime.now():
                raise UserError(self.env._("Choose a date that is still to come."))

    def action_change(self):
        """Set the date, log why, tell the buyers.

        No marketplace lets us change its date from outside: managers note what they
        agreed there. It stands until the marketplace names another date.

        :raise UserError: an order that has left, or whose marketplace sets the date
        """
        self.ensure_one()
        self.order_ids.check_access("write")
        open_orders = self.order_ids.filtered(
            lambda order: (
                order.state == "sale"
                and not (order.gtg_shipped_at or order.gtg_delivered_at)
            )
        )
        if not self.env.user.has_group("gtg_order_flow.group_shop_manager"):
            open_orders = open_orders._gtg_ships_itself()
        others = self.order_ids - open_orders
        if others:
            raise UserError(
                self.env._(
                    "%(orders)s: only confirmed orders that have not left get another "
                    "ship date; those of a marketplace get it on the marketplace, and "
                    "a shop manager notes it here.",
                    orders=", ".join(others[:10].mapped("name")),
                )
            )
        later = self.order_ids.filtered(
            lambda order: not order.gtg_ship_by or order.gtg_ship_by < self.ship_by
        )
        self.order_ids.gtg_ship_by = self.ship_by
        self.order_ids._gtg_log(
            self.env._(
                "New ship date %(date)s: %(reason)s",
                date=format_datetime(
                    self.env, self.ship_by, tz=self.env.user.tz or HOME
                ),
                reason=self.reason,
            )
        )
        if self.tell_buyer:
            later._gtg_buyer_waits()._gtg_tell_buyer("delayed")
        return {"type": "ir.actions.act_window_close"}
