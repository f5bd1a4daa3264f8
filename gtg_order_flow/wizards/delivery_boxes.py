from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.stock_picking_pieces import BoxLimits


class GtgDeliverySplit(models.TransientModel):
    """The delivery in as many boxes as its weight and size ask for: proposed, changed by
    a person, one delivery each.
    """

    _inherit = "gtg.delivery.split"

    package_type_ids = fields.Many2many(
        "stock.package.type",
        string="Boxes we have",
        compute="_compute_from_carrier",
        store=True,
        readonly=False,
        help="Empty: only the weight counts.",
    )
    max_weight = fields.Float(
        "Most weight of a box",
        digits="Stock Weight",
        compute="_compute_from_carrier",
        store=True,
        readonly=False,
        help="With its packing. What the carrier takes, or less. 0: no limit.",
    )
    weight_uom_name = fields.Char(related="picking_id.weight_uom_name")
    box_ids = fields.One2many("gtg.delivery.split.box", "split_id")
    note = fields.Text(compute="_compute_note")

    @api.depends("picking_id")
    def _compute_from_carrier(self):
        for split in self:
            limits = split.picking_id._gtg_box_limits()
            company = split.picking_id.company_id
            boxes = self.env["stock.package.type"].search(
                [
                    ("package_use", "=", "disposable"),
                    ("package_carrier_type", "in", (False, "none")),
                    ("company_id", "in", (False, company.id)),
                ]
            )
            split.package_type_ids = boxes.filtered(
                lambda box: box.max_weight or all(box._gtg_sides())
            )
            split.max_weight, __ = boxes._gtg_from_grams(limits.weight)

    @api.depends("picking_id", "box_ids")
    def _compute_note(self):
        for split in self:
            products = split.picking_id._gtg_moves_to_split().product_id
            notes = []
            for sentence, names in (
                (
                    self.env._("Without weight, counted as nothing: %s."),
                    products.filtered(lambda product: not product.weight),
                ),
                (
                    self.env._("Without volume, counted as nothing: %s."),
                    products.filtered(lambda product: not product.volume)
                    if any(all(b._gtg_sides()) for b in split.package_type_ids)
                    else products.browse(),
                ),
            ):
                if names:
                    notes.append(sentence % ", ".join(names.mapped("display_name")))
            if len(split.box_ids) == 1:
                notes.insert(0, self.env._("Everything goes into one box."))
            split.note = "\n".join(notes)

    def _gtg_limits(self):
        limits = self.picking_id._gtg_box_limits()
        grams = self.env["stock.package.type"]._gtg_grams(self.max_weight)
        return BoxLimits(limits.carrier, grams, limits.side)

    # === PROPOSAL === #

    def action_propose(self):
        """Button: which goods go into which box."""
        self.ensure_one()
        self.picking_id._gtg_check_splittable()
        limits = self._gtg_limits()
        if not limits.weight and not self.package_type_ids:
            raise UserError(
                self.env._("Say the most weight of a box, or choose the boxes you have.")
            )
        proposed = self.picking_id._gtg_boxes_proposed(self.package_type_ids, limits)
        self.box_ids.unlink()
        self._gtg_add_boxes(proposed)
        return self._gtg_show()

    def action_add_box(self):
        """Button: one more box, still empty."""
        self._gtg_add_boxes([({}, self.env["stock.package.type"])])
        return self._gtg_show()

    def _gtg_add_boxes(self, boxes):
        moves = self.picking_id._gtg_moves_to_split()
        first = max(self.box_ids.mapped("number"), default=0) + 1
        self.env["gtg.delivery.split.box"].create(
            [
                {
                    "split_id": self.id,
                    "number": number,
                    "package_type_id": kind.id,
                    "line_ids": [
                        Command.create(
                            {"move_id": move.id, "quantity": content.get(move, 0)}
                        )
                        for move in moves
                    ],
                }
                for number, (content, kind) in enumerate(boxes, first)
            ]
        )

    # === DELIVERIES === #

    def action_make(self):
        """Button: one delivery for each box.

        :return: the action that shows them
        """
        self.ensure_one()
        picking = self.picking_id
        picking.check_access("write")
        picking._gtg_touch_to_split()
        picking._gtg_check_splittable()
        boxes = []
        for box in self.box_ids:
            parts = {line.move_id: line.quantity for line in box.line_ids if line.quantity}
            if parts:
                boxes.append((parts, box.package_type_id))
        self._gtg_check_boxes(boxes)
        deliveries = picking._gtg_split_boxes(boxes)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deliveries"),
            "res_model": "stock.picking",
            "domain": [("id", "in", deliveries.ids)],
            "views": [(False, "list"), (False, "form")],
        }

    def _gtg_check_boxes(self, boxes):
        """:raise UserError: goods are missing, doubled, or a kit would come apart"""
        moves = self.picking_id._gtg_moves_to_split()
        placed = dict.fromkeys(moves, 0)
        for parts, __ in boxes:
            for move, quantity in parts.items():
                if move not in moves:
                    self._gtg_refuse_changed()
                if quantity < 0:
                    raise UserError(
                        self.env._(
                            "%s: a quantity is below zero.",
                            move.product_id.display_name,
                        )
                    )
                placed[move] += quantity
            self.picking_id._gtg_check_kits(parts)
        for move, quantity in placed.items():
            if move.product_uom.compare(quantity, move.product_uom_qty):
                raise UserError(
                    self.env._(
                        "%(product)s: %(placed)s of %(ordered)s are in boxes.",
                        product=move.product_id.display_name,
                        placed=f"{quantity:g}",
                        ordered=f"{move.product_uom_qty:g}",
                    )
                )


class GtgDeliverySplitBox(models.TransientModel):
    _name = "gtg.delivery.split.box"
    _description = "Box of a Split Delivery"
    _order = "number, id"

    split_id = fields.Many2one("gtg.delivery.split", required=True, ondelete="cascade")
    number = fields.Integer("Box", readonly=True)
    package_type_id = fields.Many2one("stock.package.type", string="Kind of Box")
    line_ids = fields.One2many("gtg.delivery.split.content", "box_id")
    goods = fields.Char(compute="_compute_goods")
    weight = fields.Char(compute="_compute_goods")
    problem = fields.Char(compute="_compute_goods")

    @api.depends("line_ids.quantity", "package_type_id", "split_id.max_weight")
    def _compute_goods(self):
        kinds = self.env["stock.package.type"]
        for box in self:
            lines = box.line_ids.filtered("quantity")
            box.goods = ", ".join(
                f"{line.quantity:g} × {line.product_id.display_name}" for line in lines
            )
            kind, limits = box.package_type_id, box.split_id._gtg_limits()
            grams = sum(line.move_id._gtg_grams(line.quantity) for line in lines)
            grams += kinds._gtg_grams(kind.base_weight) if lines else 0
            volume = sum(line.move_id._gtg_volume(line.quantity) for line in lines)
            box.weight = kinds._gtg_weight_text(grams)
            most = kind._gtg_most(limits)
            sides = kind._gtg_sides() if kind else (0, 0, 0)
            problems = []
            if most and grams > most:
                text = kinds._gtg_weight_text(most)
                problems.append(self.env._("Too heavy: at most %s.", text))
            if all(sides) and volume > sides[0] * sides[1] * sides[2]:
                problems.append(self.env._("More than goes into this box."))
            if limits.side and max(sides) > limits.side:
                problems.append(self.env._("Too long: at most %s cm.", limits.side))
            box.problem = " ".join(problems)


class GtgDeliverySplitContent(models.TransientModel):
    _name = "gtg.delivery.split.content"
    _description = "Content of a Box of a Split Delivery"

    box_id = fields.Many2one("gtg.delivery.split.box", required=True, ondelete="cascade")
    move_id = fields.Many2one("stock.move", required=True, readonly=True)
    product_id = fields.Many2one(related="move_id.product_id")
    demand = fields.Float(
        related="move_id.product_uom_qty", string="Ordered", digits="Product Unit"
    )
    quantity = fields.Float("In this Box", digits="Product Unit")


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def action_gtg_boxes(self):
        """Button: the proposal of boxes."""
        self.ensure_one()
        action = self.action_gtg_split()
        return self.env["gtg.delivery.split"].browse(action["res_id"]).action_propose()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_box_problem = fields.Char(
        compute="_compute_gtg_box_problem", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("picking_ids.gtg_box_problem")
    def _compute_gtg_box_problem(self):
        for order in self:
            problems = order.picking_ids.mapped("gtg_box_problem")
            order.gtg_box_problem = "\n".join(filter(None, problems))

    def action_gtg_boxes(self):
        """Button: boxes for the delivery that is too heavy for one, or the only one."""
        self.ensure_one()
        waiting = self._gtg_pickings_to_ship()
        chosen = waiting.filtered("gtg_box_problem")[:1] or waiting
        return chosen.action_gtg_boxes() if len(chosen) == 1 else self.action_gtg_split()
