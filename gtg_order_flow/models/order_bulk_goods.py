from odoo import fields, models
from odoo.exceptions import UserError

from .order_bulk_steps import DONE, FAILED


class GtgOrderBulk(models.Model):
    """The steps Hold, Split and Ship."""

    _inherit = "gtg.order.bulk"

    operation = fields.Selection(
        selection_add=[
            ("hold", "Put on hold"),
            ("split", "Split: send what is here"),
            ("ship", "Ship"),
        ],
        ondelete={"hold": "cascade", "split": "cascade", "ship": "cascade"},
    )
    hold_reason_id = fields.Many2one("gtg.hold.reason", string="Reason")
    hold_note = fields.Text(string="Note")
    hold_user_id = fields.Many2one(
        "res.users", string="Owner", domain=[("share", "=", False)]
    )
    hold_deadline = fields.Datetime(string="Until")

    def _gtg_asks(self):
        view = "gtg_order_flow.view_order_bulk_start"
        return {**super()._gtg_asks(), "hold": ("hold_reason_id", view)}

    # === HOLD === #

    def _gtg_check_hold(self, orders):
        return self._gtg_ended(orders)

    def _gtg_do_hold(self, orders):
        orders.check_access("write")
        holds = orders._gtg_hold(self.hold_reason_id, note=self.hold_note or "")
        chosen = {"user_id": self.hold_user_id.id, "deadline": self.hold_deadline}
        holds.write({name: value for name, value in chosen.items() if value})

    # === SPLIT === #

    def _gtg_check_split(self, orders):
        known = {}
        for order in orders:
            waiting = order._gtg_pickings_to_ship()
            if not waiting:
                known[order.id] = FAILED, self.env._("There is no delivery to split.")
            elif len(waiting) > 1:
                known[order.id] = DONE, self.env._("Has several deliveries already.")
            elif not (parts := waiting._gtg_parts_not_here()):
                known[order.id] = DONE, self.env._("Everything is here.")
            elif waiting._gtg_is_whole_part(parts):
                known[order.id] = FAILED, self.env._("Nothing of it is here.")
        return known

    def _gtg_do_split(self, orders):
        for order in orders:
            picking = order._gtg_pickings_to_ship()
            picking._gtg_touch_to_split()
            picking._gtg_check_splittable()
            picking._gtg_split(picking._gtg_parts_not_here())

    # === SHIP === #

    def _gtg_check_ship(self, orders):
        """What the station refuses is not shipped from here either."""
        known = {}
        for order in orders:
            waiting = order._gtg_pickings_to_ship()
            if order.gtg_shipped_at or (order.picking_ids and not waiting):
                known[order.id] = DONE, self.env._("The goods have left already.")
            elif not waiting:
                known[order.id] = FAILED, self.env._("There is no delivery to ship.")
            elif why := waiting._gtg_why_not_shipped():
                known[order.id] = FAILED, why
        return known

    def _gtg_do_ship(self, orders):
        pickings = orders._gtg_pickings_to_ship()
        pickings._gtg_scan_lock()  # a change at this moment: checked and done again
        # one by one: a question of core about one stops that one
        for at, picking in enumerate(pickings):
            picking = picking.with_company(picking.company_id)
            if picking.sale_id & pickings[:at].sale_id:
                # its waybill may have left with the delivery before
                if why := picking._gtg_why_not_shipped():
                    raise UserError(why)
            used = picking._gtg_scan_leaves_with(None)
            picking._gtg_scan_pack()
            picking.with_context(skip_sms=True).button_validate()
            picking.sudo().gtg_scan_used = used
            if picking.state != "done":
                raise UserError(
                    self.env._(
                        "%s: Odoo asks a question first. Open the delivery and "
                        "validate it there.",
                        picking.name,
                    )
                )


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _gtg_parts_not_here(self):
        """:return: {move: quantity that is not reserved}, of one delivery; of a kit that
        is not whole all components
        """
        self.ensure_one()
        parts = {}
        for move in self._gtg_moves_to_split():
            short = move.product_uom_qty - move.quantity
            if move.product_uom.compare(short, 0) > 0:
                parts[move] = short
        for kit in self._gtg_kits():
            if not kit & self.env["stock.move"].concat(*parts):
                continue
            piece, __ = kit._gtg_kit_piece()
            here = min(move.quantity / each for move, each in piece.items() if each)
            for move, each in piece.items():
                rest = move.product_uom_qty - int(here + 1e-6) * each
                if move.product_uom.compare(rest, 0) > 0:
                    parts[move] = move.product_uom.round(rest)
        return parts

    def _gtg_is_whole_part(self, parts):
        return all(
            move.product_uom.compare(parts.get(move, 0), move.product_uom_qty) == 0
            for move in self._gtg_moves_to_split()
        )

    def _gtg_why_not_shipped(self):
        """:return: why these deliveries cannot leave without a person, or ''"""
        reasons = []
        for picking in self:
            try:
                picking._gtg_scan_refuse()
            except UserError as error:
                reasons.append(str(error))
                continue
            reasons += picking._gtg_scan_blocks()
            if picking._gtg_scan_waybills_needed(picking._gtg_scan_waybills()):
                reasons.append(
                    self.env._("%s leaves in several boxes: scan each.", picking.name)
                )
        return "\n".join(reasons)
