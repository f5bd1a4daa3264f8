from odoo import api, fields, models


class SaleOrder(models.Model):
    """What the board groups and filters by."""

    _inherit = "sale.order"

    gtg_hold_reason_id = fields.Many2one(
        "gtg.hold.reason",
        string="Held for",
        compute="_compute_gtg_hold_reason_id",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The first of the open holds, in the order of their reasons.",
    )
    # the steps of the work stay in sight when nothing stands there
    gtg_substage = fields.Selection(group_expand="_gtg_expand_substage")

    @api.depends("gtg_hold_ids.state", "gtg_hold_ids.reason_id")
    def _compute_gtg_hold_reason_id(self):
        for order in self:
            held = order.gtg_hold_ids.filtered(lambda hold: hold.state == "open")
            order.gtg_hold_reason_id = held.reason_id.sorted("sequence")[:1]

    @api.model
    def _gtg_expand_substage(self, values, domain):
        work = ["to_review", "to_allocate", "to_print", "to_pack", "to_ship"]
        labels = [key for key, _label in self._fields["gtg_substage"].selection]
        return [key for key in labels if key in work or key in values]
