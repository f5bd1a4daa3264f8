from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

RETURN_STATES = [
    ("requested", "Requested"),
    ("accepted", "Accepted, goods arriving"),
    ("received", "Goods received"),
    ("closed", "Closed"),
    ("refused", "Refused"),
    ("cancelled", "Withdrawn"),
]
OPEN_STATES = ("requested", "accepted")


class GtgOrderReturn(models.Model):
    """A buyer gives goods back: from the question to the money or the replacement.

    Extend, call super; each runs once per return, with superuser rights, and must
    not talk to a provider, only enqueue:

    - `_gtg_after_answered()`: accepted or refused (see `state`, `answer`)
    - `_gtg_after_received()`: the goods are here; see the lines' good, damaged, missing
    - `_gtg_after_refunded()`: the money (`amount`) has been given back
    """

    _name = "gtg.order.return"
    _description = "Return"
    _inherit = "gtg.order.refund"

    name = fields.Char(default="/", required=True, readonly=True, copy=False)
    state = fields.Selection(
        RETURN_STATES,
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    reason_id = fields.Many2one(
        "gtg.return.reason", required=True, ondelete="restrict", tracking=True
    )
    wish = fields.Selection(
        [("refund", "Money back"), ("exchange", "Replacement")],
        default="refund",
        required=True,
        tracking=True,
    )
    line_ids = fields.One2many("gtg.order.return.line", "return_id", copy=False)
    photo_ids = fields.Many2many("ir.attachment", string="Photos", copy=False)

    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "The amount to give back cannot be negative."
    )

    def _gtg_own_fields(self):
        return super()._gtg_own_fields() | {
            "received_at",
            "sets_returning",
            "amount_agreed",
            "replacement_id",
        }

    def _gtg_fixed_fields(self):
        fixed = super()._gtg_fixed_fields()
        if self.state != "requested":
            fixed |= {"wish"}
        return fixed

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = (
                    self.env["ir.sequence"].sudo().next_by_code("gtg.order.return")
                    or "/"
                )
        returns = super().create(vals_list)
        for one in returns:
            if not one.line_ids:
                raise UserError(self.env._("Say which goods shall be returned."))
        return returns

    @api.ondelete(at_uninstall=False)
    def _unlink_except_worked(self):
        if any(one.state not in ("refused", "cancelled") for one in self):
            raise UserError(
                self.env._("Only refused or withdrawn returns can be deleted.")
            )

    @api.onchange("order_id")
    def _onchange_order_id(self):
        self.line_ids = [Command.clear()] + [
            Command.create({"order_line_id": line.id, "quantity": quantity})
            for line, quantity in self.order_id._gtg_returnable().items()
        ]

    # === ANSWER === #

    def action_accept(self):
        """The goods may come: their receipt is prepared, the buyer is told."""
        for one in self._gtg_claim("requested"):
            one._gtg_set_answered("accepted")
            one.sudo()._gtg_expect_goods()
            one.sudo()._gtg_mark_returning()
            one._gtg_tell("return_accepted")
            one.sudo()._gtg_after_answered()
        return True

    def action_refuse(self):
        for one in self._gtg_claim("requested"):
            one._gtg_check_answer()
            one._gtg_set_answered("refused")
            one._gtg_tell("return_refused")
            one.sudo()._gtg_after_answered()
        return True

    def action_withdraw(self):
        """The buyer keeps the goods after all."""
        for one in self._gtg_claim(*OPEN_STATES):
            one._gtg_set_answered("cancelled")
            one.sudo()._gtg_open_moves().picking_id.action_cancel()
            one.sudo()._gtg_unmark_returning()
        return True

    # === HOOKS === #

    def _gtg_after_answered(self):
        """Once per return: accepted or refused. Extend; call super."""

    def _gtg_after_received(self):
        """Once per return: the goods are here. Extend; call super."""


class GtgOrderReturnLine(models.Model):
    _name = "gtg.order.return.line"
    _description = "Return Line"

    return_id = fields.Many2one(
        "gtg.order.return", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="return_id.company_id", store=True)
    state = fields.Selection(related="return_id.state")
    order_line_id = fields.Many2one(
        "sale.order.line",
        string="Ordered",
        required=True,
        index=True,
        ondelete="restrict",
    )
    product_id = fields.Many2one(related="order_line_id.product_id", store=True)
    product_uom_id = fields.Many2one(related="order_line_id.product_uom_id")
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

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "The quantity to return must be more than zero."
    )
    _arrived_positive = models.Constraint(
        "CHECK(good >= 0 AND damaged >= 0)", "Quantities cannot be negative."
    )
    _line_unique = models.Constraint(
        "UNIQUE(return_id, order_line_id)", "This product is on the return already."
    )

    surplus = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Came, but was not announced. Nothing is given back for it: ask the buyer.",
    )

    def write(self, vals):
        if (
            not self.env.su
            and {"return_id", "order_line_id", "quantity", "good", "damaged", "surplus"}
            & vals.keys()
            and any(line.state not in OPEN_STATES for line in self)
        ):
            raise UserError(
                self.env._("What has come is booked already: make another return.")
            )
        return super().write(vals)

    @api.depends("quantity", "good", "damaged", "return_id.state")
    def _compute_missing(self):
        for line in self:
            arrived = line.return_id.state in ("received", "closed")
            missing = line.quantity - line.good - line.damaged
            line.missing = max(missing, 0) if arrived else 0

    @api.constrains("quantity", "order_line_id")
    def _check_quantity(self):
        for order, lines in self.grouped(lambda ln: ln.return_id.order_id).items():
            claims = order._gtg_open_returns() - lines.return_id
            allowed = order._gtg_returnable(claims)
            if lines.order_line_id.order_id - order:
                raise ValidationError(
                    self.env._("The goods belong to another order than the return.")
                )
            for line in lines:
                left = allowed.get(line.order_line_id, 0)
                if line.product_uom_id.compare(line.quantity, left) > 0:
                    raise ValidationError(
                        self.env._(
                            "%(product)s: %(left)s can still be returned, not "
                            "%(quantity)s.",
                            product=line.product_id.display_name,
                            left=f"{left:g}",
                            quantity=f"{line.quantity:g}",
                        )
                    )

    @api.constrains("good", "damaged", "quantity")
    def _check_arrived(self):
        for line in self:
            arrived = line.good + line.damaged
            if line.product_uom_id.compare(arrived, line.quantity) > 0:
                raise ValidationError(
                    self.env._(
                        "%(product)s: more good and damaged than announced. Correct "
                        "the quantities.",
                        product=line.product_id.display_name,
                    )
                )
