from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

TRACKING_KEYS = SQL("string_to_array(upper(replace(carrier_tracking_ref, ' ', '')), ',')")


class StockPicking(models.Model):
    """Which parcel a scanned code means."""

    _inherit = "stock.picking"

    # a delivery of several boxes carries all their numbers, with commas
    _gtg_tracking_numbers = models.Index(
        "USING gin (string_to_array("
        "upper(replace(carrier_tracking_ref, ' ', '')), ','))"
    )

    # === FIND === #

    @api.model
    def _gtg_scan_find(self, code):
        """:return: the one delivery to a buyer that `code` names, best one first"""
        found = self._gtg_scan_search(code) if code else self.browse()
        waiting = found.filtered(lambda p: p.state not in ("done", "cancel"))
        leaving = found.filtered(lambda p: p.picking_type_code == "outgoing")
        first = waiting - leaving
        waiting &= leaving
        candidates = waiting or leaving
        if first and not waiting:
            # of several steps: the delivery is made when the goods have been picked
            raise UserError(
                self.env._(
                    "%(name)s is not picked yet. First: %(first)s.",
                    name=first[0].sale_id.sudo().name or code,
                    first=", ".join(first.mapped("name")),
                )
            )
        if not candidates:
            raise UserError(
                self.env._("%s is no waybill, order or delivery of ours.", code[:60])
            )
        if len(candidates.sale_id or candidates) > 1:
            names = ", ".join(candidates.mapped(lambda p: p.sale_id.name or p.name))
            raise UserError(
                self.env._(
                    "%(code)s is found more than once: %(names)s. Scan the waybill.",
                    code=code,
                    names=names,
                )
            )
        if not waiting:
            return candidates.sorted("date_done", reverse=True)[:1]
        ready = waiting.filtered(lambda p: p.state == "assigned")
        return (ready or waiting).sorted(lambda p: (p.priority != "1", p.id))[:1]

    @api.model
    def _gtg_scan_search(self, code):
        """Each way of asking has its own index: a warehouse has years of deliveries."""
        self.flush_model(["carrier_tracking_ref"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM stock_picking WHERE %s @> ARRAY[%s]",
                TRACKING_KEYS,
                code.upper().replace(" ", ""),
            )
        )
        if found := self.search([("id", "in", [row[0] for row in rows])]):
            return found
        exactly = code.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        named = self.search([("name", "=ilike", exactly)])
        orders = named.sudo().sale_id
        if named and not orders:
            return named
        if named.filtered(lambda p: p.picking_type_code == "outgoing"):
            return named
        if not orders:
            orders = (
                self.env["sale.order"]
                .sudo()
                .search(
                    Domain("name", "=ilike", exactly)
                    | Domain("gtg_channel_ref", "=ilike", exactly)
                )
            )
        return self.search([("sale_id", "in", orders.ids)])
