from odoo import api, fields, models
from odoo.exceptions import UserError


class GtgDeliverySplit(models.TransientModel):
    """Send a part of a delivery in a second one."""

    _name = "gtg.delivery.split"
    _description = "Split Delivery"

    picking_id = fields.Many2one("stock.picking", required=True, readonly=True)
    line_ids = fields.One2many("gtg.delivery.split.line", "split_id")

    @api.model
    def _gtg_open(self, picking):
        picking._gtg_check_splittable()
        split = self.create(
            {
                "picking_id": picking.id,
                "line_ids": [
                    fields.Command.create({"move_id": move.id})
                    for move in picking._gtg_moves_to_split()
                ],
            }
        )
        return split._gtg_show()

    def _gtg_show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Split delivery"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_split(self):
        """:return: the action that shows the second delivery"""
        self.ensure_one()
        self.picking_id.check_access("write")
        self.picking_id._gtg_touch_to_split()
        self.picking_id._gtg_check_splittable()
        parts = {line.move_id: line.quantity for line in self.line_ids if line.quantity}
        self._gtg_check_parts(parts)
        second = self.picking_id._gtg_split(parts)
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "res_id": second.id,
            "views": [(False, "form")],
        }

    def _gtg_check_parts(self, parts):
        moves = self.picking_id._gtg_moves_to_split()
        for move, quantity in parts.items():
            compare = move.product_uom.compare
            if move not in moves:
                self._gtg_refuse_changed()
            if quantity < 0 or compare(quantity, move.product_uom_qty) > 0:
                raise UserError(
                    self.env._(
                        "%(product)s: choose 0 to %(most)s.",
                        product=move.product_id.display_name,
                        most=f"{move.product_uom_qty:g}",
                    )
                )
        if not parts:
            raise UserError(self.env._("Say how much goes into the second delivery."))
        if self.picking_id._gtg_is_whole_part(parts):
            raise UserError(self.env._("Something must stay in the first delivery."))
        self.picking_id._gtg_check_kits(parts)

    def _gtg_refuse_changed(self):
        raise UserError(
            self.env._("The delivery has changed meanwhile: split it again.")
        )


class GtgDeliverySplitLine(models.TransientModel):
    _name = "gtg.delivery.split.line"
    _description = "Line of a Split Delivery"

    split_id = fields.Many2one("gtg.delivery.split", required=True, ondelete="cascade")
    move_id = fields.Many2one("stock.move", required=True, readonly=True)
    product_id = fields.Many2one(related="move_id.product_id")
    demand = fields.Float(
        related="move_id.product_uom_qty", string="Ordered", digits="Product Unit"
    )
    quantity = fields.Float("Into the second delivery", digits="Product Unit")


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def action_gtg_split(self):
        self.ensure_one()
        return self.env["gtg.delivery.split"]._gtg_open(self)

    def _gtg_touch_to_split(self):
        """Two people split at once: the second is run again and sees the first's."""
        self.env.cr.execute(
            "UPDATE stock_picking SET write_date = write_date WHERE id = %s",
            [self.id],
            log_exceptions=False,
        )

    def _gtg_moves_to_split(self):
        return self.move_ids.filtered(lambda m: m.state not in ("done", "cancel"))

    def _gtg_check_splittable(self):
        """:raise UserError: this delivery leaves as it is"""
        self.ensure_one()
        if self.sale_id.gtg_channel_kind == "marketplace":
            raise UserError(
                self.env._(
                    "Parcels of %s are split on the marketplace, not here.",
                    self.sale_id.name,
                )
            )
        if self not in self._gtg_leaving():
            raise UserError(
                self.env._("Only a delivery to a buyer that has not left can be split.")
            )
        if self.carrier_tracking_ref:
            raise UserError(
                self.env._(
                    "%s has a waybill: cancel that first, then split.", self.name
                )
            )
        if any(self.move_ids.mapped("picked")):
            raise UserError(self.env._("%s is being packed already.", self.name))

    def _gtg_split(self, parts):
        """Core's own split and backorder, with the parts chosen by hand.

        :param dict parts: {move: quantity for the second delivery, in its unit}
        :return: the second delivery
        """
        second = self._gtg_split_off([(parts, self.env["stock.package.type"])])
        self.sale_id._gtg_log(
            self.env._(
                "Split by hand: %(first)s and %(second)s.",
                first=self.name,
                second=second.name,
            )
        )
        return second

    def _gtg_split_boxes(self, boxes):
        """A delivery for each box; this one becomes the first.

        :param boxes: [({move: quantity}, package type)], together all of the delivery
        :return: the deliveries
        """
        (__, kind), *others = boxes
        self.gtg_package_type_id = kind
        deliveries = self | self._gtg_split_off(others)
        self.sale_id._gtg_log(
            self.env._("In boxes: %s.", ", ".join(deliveries.mapped("name")))
        )
        return deliveries

    def _gtg_split_off(self, boxes):
        """:param boxes: [({move: quantity}, package type)] of what leaves this delivery
        :return: as many new deliveries
        """
        self.ensure_one()
        # what is reserved is shared out anew among them
        self._gtg_moves_to_split()._do_unreserve()
        leaving = [(self._gtg_part_off(parts), kind) for parts, kind in boxes]
        # core reserves for parts at once: what stays comes first
        all_leaving = self.env["stock.move"].concat(*(moves for moves, __ in leaving))
        all_leaving._do_unreserve()
        (self._gtg_moves_to_split() - all_leaving)._action_assign()
        others = self.browse()
        for moves, kind in leaving:
            others |= self.with_context(gtg_package_type=kind.id)._create_backorder(
                backorder_moves=moves
            )
        others = others.with_context(gtg_package_type=False)
        (self | others).action_assign()
        return others

    def _gtg_part_off(self, parts):
        """:return: moves of exactly these quantities"""
        leaving = self.env["stock.move"]
        for move, quantity in parts.items():
            if move.product_uom.compare(quantity, move.product_uom_qty) == 0:
                leaving |= move
                continue
            product_quantity = move.product_uom._compute_quantity(
                quantity, move.product_id.uom_id, rounding_method="HALF-UP"
            )
            part = leaving.create(move._split(product_quantity))
            part._action_confirm(merge=False)
            leaving |= part
        return leaving


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_gtg_split(self):
        """Button: split the delivery of this order; where several wait, choose."""
        self.ensure_one()
        waiting = self._gtg_pickings_to_ship()
        if len(waiting) == 1:
            return waiting.action_gtg_split()
        if not waiting:
            raise UserError(
                self.env._("There is no delivery that has not left: nothing to split.")
            )
        return self.action_view_delivery()
