from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

OPEN_STATES = ("requested", "accepted")


class GtgOrderReturnCounted(models.AbstractModel):
    """Goods that shall come back, counted when they arrive: a line of a return, or one
    component of a kit on it. Has `return_id`, `state`, `product_id`, `product_uom_id`.
    """

    _name = "gtg.order.return.counted"
    _description = "Goods to Count"

    quantity = fields.Float(digits="Product Unit", required=True, default=1)
    good = fields.Float(
        digits="Product Unit", copy=False, help="Can be sold again: goes to stock."
    )
    damaged = fields.Float(
        digits="Product Unit",
        copy=False,
        help="Cannot be sold again: goes to the damage location of the warehouse.",
    )
    damage_note = fields.Char(string="Damage", copy=False)
    missing = fields.Float(
        digits="Product Unit",
        compute="_compute_missing",
        store=True,
        help="Did not come. Nothing is given back for it.",
    )
    surplus = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Came, but was not announced. Nothing is given back for it: ask the buyer.",
    )

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "The quantity to return must be more than zero."
    )
    _arrived_positive = models.Constraint(
        "CHECK(good >= 0 AND damaged >= 0)", "Quantities cannot be negative."
    )

    def _gtg_booked_fields(self):
        """:return: names of the fields that are settled once the goods are here"""
        return {"return_id", "quantity", "good", "damaged", "surplus"}

    def write(self, vals):
        if (
            not self.env.su
            and self._gtg_booked_fields() & vals.keys()
            and any(goods.state not in OPEN_STATES for goods in self)
        ):
            raise UserError(
                self.env._("What has come is booked already: make another return.")
            )
        return super().write(vals)

    @api.depends("quantity", "good", "damaged", "return_id.state")
    def _compute_missing(self):
        for goods in self:
            arrived = goods.return_id.state in ("received", "closed")
            missing = goods.quantity - goods.good - goods.damaged
            goods.missing = max(missing, 0) if arrived else 0

    @api.constrains("good", "damaged", "quantity")
    def _check_arrived(self):
        for goods in self:
            arrived = goods.good + goods.damaged
            if goods.product_uom_id.compare(arrived, goods.quantity) > 0:
                raise ValidationError(
                    self.env._(
                        "%(product)s: more good and damaged than announced. Correct "
                        "the quantities.",
                        product=goods.product_id.display_name,
                    )
                )

    # === THEIR MOVES === #

    def _gtg_delivered_moves(self):
        """:return: the moves that brought these goods to the buyer"""
        raise NotImplementedError

    def _gtg_own_moves(self, moves):
        """:return: those of the return's `moves` that bring these goods"""
        raise NotImplementedError

    def _gtg_spread(self):
        """:return: {delivered move: quantity to take back of it, in its unit}"""
        self.ensure_one()
        left = self.quantity
        spread = {}
        for move in self._gtg_delivered_moves():
            free = move.product_uom._compute_quantity(
                move._gtg_with_buyer(announced=True), self.product_uom_id
            )
            take = min(left, free)
            if self.product_uom_id.compare(take, 0) > 0:
                spread[move] = self.product_uom_id._compute_quantity(
                    take, move.product_uom
                )
                left -= take
        if self.product_uom_id.compare(left, 0) > 0:
            self._gtg_raise_too_few()
        return spread

    def _gtg_raise_too_few(self):
        raise UserError(
            self.env._(
                "%(product)s: not enough delivered goods are left to return.",
                product=self.product_id.display_name,
            )
        )

    def _gtg_book(self, moves):
        """Write the good and damaged quantities on the return `moves` of these goods."""
        good, damaged = self.good, self.damaged
        for move in moves:
            asked = move.product_uom._compute_quantity(
                move.product_uom_qty, self.product_uom_id
            )
            here_good = min(good, asked)
            here_damaged = min(damaged, asked - here_good)
            good -= here_good
            damaged -= here_damaged
            self._gtg_book_move(move, here_good, here_damaged)

    def _gtg_book_move(self, move, good, damaged):
        to_move = self.product_uom_id._compute_quantity
        if self.product_uom_id.compare(damaged, 0) > 0:
            aside = move.picking_id.picking_type_id.warehouse_id._gtg_damage_location()
            broken = move
            if self.product_uom_id.compare(good, 0) > 0:
                move.quantity = to_move(good, move.product_uom)
                broken = self.env["stock.move"].create(
                    move._split(to_move(damaged, move.product_id.uom_id))
                )
                broken.location_dest_id = aside
                broken._action_confirm(merge=False)
            broken.location_dest_id = aside
            broken.move_line_ids.location_dest_id = aside
            broken.quantity = to_move(damaged, broken.product_uom)
            broken.move_line_ids.location_dest_id = aside
        else:
            move.quantity = to_move(good, move.product_uom)

    def _gtg_read_moves(self, moves):
        """Take what came from the done `moves` of these goods."""
        good = damaged = 0
        for move in moves:
            aside = move.warehouse_id.gtg_damage_location_id or (
                move.picking_type_id.warehouse_id.gtg_damage_location_id
            )
            for line in move.move_line_ids:
                quantity = line.product_uom_id._compute_quantity(
                    line.quantity, self.product_uom_id
                )
                if aside and line.location_dest_id == aside:
                    damaged += quantity
                else:
                    good += quantity
        # more than announced: noted, but worth no money and no replacement
        damaged_asked = min(damaged, self.quantity)
        good_asked = min(good, self.quantity - damaged_asked)
        self.write(
            {
                "good": good_asked,
                "damaged": damaged_asked,
                "surplus": good + damaged - good_asked - damaged_asked,
            }
        )


class StockMove(models.Model):
    _inherit = "stock.move"

    def _gtg_with_buyer(self, announced=False):
        """:return: how much of this delivery has not come back, in the move's unit

        :param announced: what is announced counts as come back
        """
        self.ensure_one()
        back = 0
        for move in self.returned_move_ids:
            if move.state == "done":
                back += move.product_uom._compute_quantity(
                    move.quantity, self.product_uom
                )
            elif announced and move.state != "cancel":
                back += move.product_uom._compute_quantity(
                    move.product_uom_qty, self.product_uom
                )
        return self.quantity - back
