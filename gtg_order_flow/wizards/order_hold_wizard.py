from odoo import fields, models


class GtgOrderHoldWizard(models.TransientModel):
    _name = "gtg.order.hold.wizard"
    _description = "Put Orders on Hold"

    order_ids = fields.Many2many("sale.order", required=True)
    reason_id = fields.Many2one(
        "gtg.hold.reason",
        required=True,
        default=lambda self: self.env.ref(
            "gtg_order_flow.hold_reason_manual", raise_if_not_found=False
        ),
    )
    note = fields.Text()
    user_id = fields.Many2one(
        "res.users", string="Owner", domain=[("share", "=", False)]
    )
    deadline = fields.Datetime(string="Until")

    def action_hold(self):
        self.order_ids.check_access("write")
        holds = self.order_ids._gtg_hold(self.reason_id, note=self.note or "")
        chosen = {"user_id": self.user_id.id, "deadline": self.deadline}
        holds.write({name: value for name, value in chosen.items() if value})
        return {"type": "ir.actions.act_window_close"}
