from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .order_return_counted import OPEN_STATES

RETURN_STATES = [
    ("requested", "Requested"),
    ("accepted", "Accepted, goods arriving"),
    ("received", "Goods received"),
    ("closed", "Closed"),
    ("refused", "Refused"),
    ("cancelled", "Withdrawn"),
]


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
        [
            ("refund", "Money back"),
            ("exchange", "Replacement"),
            ("other", "Other goods"),
        ],
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
            "set_against",
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
    _inherit = "gtg.order.return.counted"

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

    _line_unique = models.Constraint(
        "UNIQUE(return_id, order_line_id)", "This product is on the return already."
    )

    def _gtg_booked_fields(self):
        return super()._gtg_booked_fields() | {"order_line_id"}

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
