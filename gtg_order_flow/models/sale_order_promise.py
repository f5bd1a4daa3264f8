from odoo import api, fields, models
from odoo.tools import groupby

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

PROMISED_BY = {"state", "gtg_paid_at", "gtg_is_cod"}


class SaleOrder(models.Model):
    """“Ship by” of own channels: from the delivery date agreed with the buyer, else
    from the handling time of the channel. A date that stands is not moved by itself.
    """

    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._gtg_take_agreed_date()
        orders._gtg_promise()
        return orders

    def write(self, vals):
        res = super().write(vals)
        if vals.get("commitment_date"):
            self._gtg_take_agreed_date()
        if not PROMISED_BY.isdisjoint(vals):
            self._gtg_promise()
        return res

    def _gtg_ships_itself(self):
        """:return: what has not left yet and whose ship date is ours to set"""
        return self.filtered(
            lambda order: (
                order.gtg_channel_kind != "marketplace"
                and not (order.gtg_shipped_at or order.gtg_delivered_at)
            )
        )

    def _gtg_take_agreed_date(self):
        agreed = self.filtered("commitment_date")._gtg_ships_itself()
        for date, orders in agreed.grouped("commitment_date").items():
            orders.gtg_ship_by = date

    def _gtg_promise(self):
        """Promise a ship date where none is and the goods can be prepared now."""
        orders = self.sudo().filtered(
            lambda order: (
                order.state == "sale"
                and order.gtg_arrived_at
                and not order.gtg_ship_by
                and order.gtg_channel_id.promise_ship_date
            )
        )
        dates = {}
        for (channel, company), group in groupby(
            orders._gtg_ships_itself(), lambda o: (o.gtg_channel_id, o.company_id)
        ):
            starts = {order: order._gtg_handling_start() for order in group}
            starts = {order: start for order, start in starts.items() if start}
            if starts:
                promised = channel._gtg_promised(company, set(starts.values()))
                dates.update({o: promised[start] for o, start in starts.items()})
        for ship_by, group in groupby(dates, dates.get):
            orders.browse().concat(*group).gtg_ship_by = ship_by

    def _gtg_ship_day(self):
        """:return: the day by which it leaves, as buyers here count; False: none is
        promised, or it is over
        """
        self.ensure_one()
        if self.gtg_shipped_at or self.gtg_delivered_at or not self.gtg_ship_by:
            return False
        still = self.gtg_ship_by > fields.Datetime.now()
        return still and vietnam_date(self.gtg_ship_by)

    def _gtg_handling_start(self):
        """:return: since when the order can be prepared, False when it cannot"""
        self.ensure_one()
        start = self._gtg_clock_start("to_ship")
        if not start and self.gtg_money == "unpaid" and self._gtg_pays_later():
            start = self._gtg_has_goods() and self.date_order
        # paid long before somebody approved it: the promise begins with the approval
        return start and max(start, self.date_order).replace(microsecond=0)
