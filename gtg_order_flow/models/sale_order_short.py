from datetime import datetime, time

import pytz

from odoo import fields, models

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .order_clock import HOME


class SaleOrder(models.Model):
    """Orders that are out of stock, which is more than not reserved."""

    _inherit = "sale.order"

    def _gtg_short_moves(self, by=None):
        """:param by: day; what is to be reserved later is left out
        :return: moves that are tried to be reserved and are not: those that people
            reserve by hand wait for these people, not for stock
        """
        return self.order_line.move_ids.filtered(
            lambda move: (
                move.state in ("confirmed", "partially_available")
                and move.picking_code != "incoming"
                and move.picking_type_id.reservation_method != "manual"
                and (not by or not move.reservation_date or move.reservation_date <= by)
            )
        )

    def _gtg_short_start(self):
        """:return: since when stock is missing; what is reserved on a certain day is
        not missed before
        """
        self.ensure_one()
        moves = self._gtg_short_moves()
        if not moves or not self.gtg_short_since:
            return False
        day = min(move.reservation_date or datetime.min.date() for move in moves)
        if day <= self.gtg_short_since.date():
            return self.gtg_short_since
        zone = pytz.timezone(self.company_id.partner_id.tz or HOME)
        morning = zone.localize(datetime.combine(day, time())).astimezone(pytz.utc)
        return max(self.gtg_short_since, morning.replace(tzinfo=None))

    def _gtg_lacking(self):
        """:return: {order: moves for which there is no free stock either}"""
        lacking = {}
        moves = self.sudo()._gtg_short_moves()
        for location, here in moves.grouped("location_id").items():
            here.product_id.with_context(location=location.id).mapped("free_qty")
            for move in here:
                product = move.product_id.with_context(location=location.id)
                missing = move.product_uom._compute_quantity(
                    move.product_uom_qty - move.quantity, product.uom_id, round=False
                )
                if product.uom_id.compare(missing, product.free_qty) > 0:
                    order = move.sale_line_id.order_id
                    lacking[order] = lacking.get(order, here.browse()) | move
        return lacking

    def _gtg_missing_goods(self):
        """:return: [(product as it was ordered, day on which all of it is expected or
        False)] for the buyer
        """
        self.ensure_one()
        now = fields.Datetime.now()
        moves = self._gtg_lacking().get(self.sudo(), self.env["stock.move"])
        rows = []
        for line, short in moves.grouped("sale_line_id").items():
            days = [move.forecast_expected_date for move in short]
            sure = all(day and day > now for day in days)
            rows.append((line.product_id.name, sure and vietnam_date(max(days))))
        return rows
