from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_rule_ids = fields.Many2many(
        "gtg.order.rule",
        string="Rules Applied",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Each rule treats an order once.",
    )
    gtg_urgent = fields.Boolean(
        string="Urgent",
        copy=False,
        help="Before others where orders are reserved and packed.",
    )

    def web_save(self, vals, specification, next_id=None):
        # what staff types in the form may be half done: they confirm it themselves
        typed = self.with_context(gtg_typed=True)
        return super(SaleOrder, typed).web_save(vals, specification, next_id=next_id)

    def _gtg_arrive(self):
        news = super()._gtg_arrive()
        if news:
            rules = (
                self.env["gtg.order.rule"]
                .with_context(active_test=True)
                .sudo()
                .search([("company_id", "in", news.sudo().company_id.ids)])
            )
            to_confirm = rules._gtg_treat(news.sudo())
            to_confirm._gtg_confirm_arrived()
        return news

    def _gtg_confirm_arrived(self):
        """Confirm what a rule approves and nothing holds."""
        if self.env.context.get("gtg_typed"):
            return
        self.filtered(
            lambda order: (
                order.state in ("draft", "sent")
                and order.gtg_info != "on_hold"
                and order.gtg_channel_id.kind != "marketplace"
                and not order._gtg_waits_for_money()
            )
        )._gtg_confirm_each()

    def write(self, vals):
        res = super().write(vals)
        if "gtg_urgent" in vals:
            self.sudo().picking_ids.filtered(
                lambda picking: picking.state not in ("done", "cancel")
            ).priority = "1" if vals["gtg_urgent"] else "0"
        return res


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_new_picking_values(self):
        vals = super()._get_new_picking_values()
        if any(self.sale_line_id.order_id.mapped("gtg_urgent")):
            vals["priority"] = "1"
        return vals
