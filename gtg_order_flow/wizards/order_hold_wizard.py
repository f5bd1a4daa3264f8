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

    def action_hold(self):
        self.order_ids.check_access("write")
        self.order_ids._gtg_hold(self.reason_id, note=self.note or "")
        return {"type": "ir.actions.act_window_close"}
