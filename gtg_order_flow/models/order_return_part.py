from odoo import api, fields, models
from odoo.exceptions import UserError


class GtgOrderReturn(models.Model):
    """Kits on a return: asked and paid for as kits, counted by their components."""

    _inherit = "gtg.order.return"

    part_ids = fields.One2many("gtg.order.return.part", "return_id")

    def _gtg_expect_goods(self):
        self.line_ids._gtg_make_parts()
        return super()._gtg_expect_goods()

    def _gtg_arrival_rows(self):
        rows = super()._gtg_arrival_rows()
        for line in self.line_ids.filtered("missing"):
            if line.part_ids:
                rows.append(
                    self.env._(
                        "%(kit)s: came in part and counts as %(came)s of %(asked)s, by "
                        "the sales prices of its components.",
                        kit=line.product_id.display_name,
                        came=f"{line.good + line.damaged:g}",
                        asked=f"{line.quantity:g}",
                    )
                )
        return rows


class GtgOrderReturnLine(models.Model):
    _inherit = "gtg.order.return.line"

    part_ids = fields.One2many("gtg.order.return.part", "line_id", copy=False)
    is_kit = fields.Boolean(compute="_compute_is_kit")
    good = fields.Float(compute="_compute_of_parts", store=True, readonly=False)
    damaged = fields.Float(compute="_compute_of_parts", store=True, readonly=False)

    @api.depends("part_ids")
    def _compute_is_kit(self):
        for line in self:
            line.is_kit = bool(line.part_ids)

    @api.depends("part_ids.good", "part_ids.damaged")
    def _compute_of_parts(self):
        """A kit that came in part is that part of a kit which its components are worth."""
        for line in self:
            parts = line.part_ids
            if not parts:
                line.good = line.good
                line.damaged = line.damaged
                continue
            unit = line.product_uom_id
            good = unit.round(sum(part._gtg_kits(part.good) for part in parts))
            came = sum(part._gtg_kits(part.good + part.damaged) for part in parts)
            line.good = min(good, line.quantity)
            line.damaged = max(min(unit.round(came), line.quantity) - line.good, 0)

    @api.depends("part_ids.missing")
    def _compute_missing(self):
        res = super()._compute_missing()
        for line in self.filtered("part_ids"):
            missing = sum(part._gtg_kits(part.missing) for part in line.part_ids)
            line.missing = line.product_uom_id.round(missing)
        return res

    def write(self, vals):
        if {"good", "damaged"} & vals.keys() and not self.env.su and self.part_ids:
            raise UserError(
                self.env._(
                    "%s: count the components, below.",
                    ", ".join(self.filtered("part_ids").mapped("product_id.display_name")),
                )
            )
        return super().write(vals)

    def _gtg_goods(self):
        return self.part_ids or super()._gtg_goods()

    def _gtg_make_parts(self):
        """The components that shall come back of the kits among these lines."""
        vals_list = []
        for line in self:
            sold = line.order_line_id
            kit = sold._gtg_kit()
            if not kit:
                continue
            shares = sold._gtg_kit_shares(kit)
            free = sold._gtg_parts_with_buyer(kit, announced=True)
            wanted = {
                component: min(quantity * line.quantity, free[component])
                for component, quantity in kit.items()
            }
            parts = [
                {
                    "line_id": line.id,
                    "product_id": component.id,
                    "quantity": quantity,
                    "per_kit": kit[component],
                    "share": shares[component],
                }
                for component, quantity in wanted.items()
                if component.uom_id.compare(quantity, 0) > 0
            ]
            if not parts:
                line._gtg_raise_too_few()
            vals_list += parts
        self.env["gtg.order.return.part"].create(vals_list)

    def _gtg_replacement_rows(self):
        """What came of a kit goes out again: the kit, or else those components."""
        whole = self.product_uom_id.compare(self.good + self.damaged, self.quantity) == 0
        if whole or not self.part_ids:
            return super()._gtg_replacement_rows()
        return [
            {
                "product_id": part.product_id.id,
                "product_uom_id": part.product_uom_id.id,
                "product_uom_qty": part.good + part.damaged,
                "price_unit": 0,
                "discount": 0,
            }
            for part in self.part_ids
            if part.good or part.damaged
        ]


class GtgOrderReturnPart(models.Model):
    """One component of a kit that comes back. Its share in the kit's price is kept as
    it was when the return was accepted.
    """

    _name = "gtg.order.return.part"
    _description = "Component of a Returned Kit"
    _inherit = ["gtg.order.return.counted", "gtg.own.fields"]

    line_id = fields.Many2one(
        "gtg.order.return.line",
        string="Kit",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    return_id = fields.Many2one(related="line_id.return_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    state = fields.Selection(related="line_id.state")
    kit_id = fields.Many2one(related="line_id.product_id", string="Kit sold")
    product_id = fields.Many2one(
        "product.product", string="Component", required=True, ondelete="restrict"
    )
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    per_kit = fields.Float(readonly=True)
    share = fields.Float(
        string="Share in the Price",
        readonly=True,
        help="What all of this component in one kit is worth, by the sales prices. A kit "
        "that comes in part is paid back in part.",
    )

    _component_unique = models.Constraint(
        "UNIQUE(line_id, product_id)", "This component is on the return already."
    )

    def _gtg_own_fields(self):
        return super()._gtg_own_fields() | {
            "line_id",
            "product_id",
            "quantity",
            "per_kit",
            "share",
            "surplus",
        }

    def _gtg_kits(self, quantity):
        """:return: how much of a kit so much of the component is"""
        return self.share * quantity / self.per_kit

    def _gtg_delivered_moves(self):
        return self.line_id.order_line_id._gtg_delivered_moves(self.product_id)

    def _gtg_own_moves(self, moves):
        return self.line_id._gtg_own_moves(moves).filtered(
            lambda move: move.product_id == self.product_id
        )
