from odoo import api, fields, models
from odoo.exceptions import UserError


class GtgHoldReason(models.Model):
    """Why an order stands still, what that forbids, and how it ends."""

    _name = "gtg.hold.reason"
    _description = "Hold Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    blocks_reservation = fields.Boolean(
        help="Stock is not reserved for the order while it is held."
    )
    blocks_print = fields.Boolean(
        help="Labels and delivery papers are not printed while the order is held."
    )
    blocks_ship = fields.Boolean(
        default=True, help="The delivery cannot be validated while the order is held."
    )
    ends = fields.Selection(
        [("itself", "By itself when its cause ends"), ("person", "By a person")],
        required=True,
        default="person",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Usual Owner",
        domain=[("share", "=", False)],
        help="Who looks after such holds, unless the order has a salesperson.",
    )
    deadline_hours = fields.Integer(
        string="Deadline (hours)",
        help="Hours after which the hold counts as late. 0: no deadline.",
    )
    what_to_do = fields.Char(
        translate=True, help="Shown on the order: how to end this hold."
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "A hold reason with this code exists already."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ours(self):
        self._gtg_refuse_ours(self.env._("archive it instead of deleting it"))

    def write(self, vals):
        if "code" in vals:
            self.filtered(lambda r: r.code != vals["code"])._gtg_refuse_ours(
                self.env._("its code stays as it is")
            )
        return super().write(vals)

    def _gtg_refuse_ours(self, way_out):
        """Checks and connectors find their reasons by their codes."""
        for reason in self:
            if not self.env.context.get("install_mode") and reason.get_external_id()[
                reason.id
            ].startswith("gtg_"):
                raise UserError(
                    self.env._(
                        "Hold reason %(reason)s is used by the program: %(way_out)s.",
                        reason=reason.name,
                        way_out=way_out,
                    )
                )

    @api.model
    def _gtg_get(self, code):
        """:return: the reason with this code, archived or not
        :raise ValueError: there is none: a programming error, not a user's
        """
        reason = (
            self.sudo().with_context(active_test=False).search([("code", "=", code)])
        )
        if not reason:
            raise ValueError(f"unknown hold reason {code!r}")
        return reason.sudo(self.env.su)
