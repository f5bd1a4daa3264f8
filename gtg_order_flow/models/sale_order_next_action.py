from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_next_action = fields.Char(
        string="Next Step Code", compute="_compute_gtg_next_action"
    )
    gtg_next_action_label = fields.Char(
        string="Next Step", compute="_compute_gtg_next_action"
    )

    # === WHAT IS NEXT === #

    def _gtg_next_action(self):
        """:return: code of the order's next step, or '' when nobody has to act

        Extend: take the code of super, give another one where the addon knows better.
        One order; read fields only, so that a list of orders stays cheap.
        """
        self.ensure_one()
        if self.gtg_money == "refunding":
            return "refund"
        if self.gtg_stage in ("completed", "cancelled"):
            return ""
        if self.gtg_info != "approved":
            if self.gtg_info == "on_hold":
                return "end_hold"
            return "payment" if self._gtg_waits_for_money() else "confirm"
        if self.gtg_goods == "delivered":
            return "cod_in" if self.gtg_money == "cod" else "payment"
        if self.gtg_goods in ("returning", "returned", "lost"):
            return ""
        if self.gtg_goods == "shipped":
            tracked = any(self.picking_ids.mapped("carrier_tracking_ref"))
            return "" if tracked else "delivered"
        if self.gtg_money == "unpaid" and not self._gtg_pays_later():
            return "payment"
        if not self.picking_ids:
            return "delivered"  # services, or what somebody else ships
        return "allocate" if self.gtg_goods == "waiting" else "ship"

    def _gtg_pays_later(self):
        """Whether the agreed payment term lets the buyer pay after the delivery."""
        self.ensure_one()
        return any(line.nb_days > 0 for line in self.payment_term_id.line_ids)

    @api.model
    def _gtg_next_actions(self):
        """:return: {code: (label, name of the method that does it)}. Extend."""
        return {
            "confirm": (self.env._("Confirm"), "action_confirm"),
            "end_hold": (self.env._("Look at the hold"), "action_gtg_show_holds"),
            "payment": (self.env._("Payment arrived"), "action_gtg_paid"),
            "allocate": (self.env._("Reserve stock"), "action_gtg_allocate"),
            "ship": (self.env._("Pack and ship"), "action_view_delivery"),
            "delivered": (self.env._("Buyer has it"), "action_gtg_delivered"),
            "cod_in": (self.env._("COD money is in"), "action_gtg_cod_in"),
            "refund": (self.env._("Give money back"), "action_gtg_refunded"),
        }

    def _compute_gtg_next_action(self):
        steps = self._gtg_next_actions()
        for order in self:
            code = order._gtg_next_action()
            order.gtg_next_action = code
            order.gtg_next_action_label = steps[code][0] if code else False

    def action_gtg_next(self):
        """The button: do the order's next step."""
        self.ensure_one()
        code = self._gtg_next_action()
        if not code:
            return False  # somebody else was faster: the form just reloads
        return getattr(self, self._gtg_next_actions()[code][1])()

    # === BUTTONS: FACTS THAT PEOPLE TELL === #

    def action_gtg_paid(self):
        return self._gtg_tell_fact(
            "gtg_paid_at", self.env._("Payment arrived, says %s.", self.env.user.name)
        )

    def action_gtg_cod_in(self):
        return self._gtg_tell_fact(
            "gtg_cod_collected_at",
            self.env._("COD money is in, says %s.", self.env.user.name),
        )

    def action_gtg_delivered(self):
        return self._gtg_tell_fact(
            "gtg_delivered_at",
            self.env._("The buyer has the goods, says %s.", self.env.user.name),
        )

    def action_gtg_refunded(self):
        return self._gtg_tell_fact(
            "gtg_refunded_at",
            self.env._("The money was given back, says %s.", self.env.user.name),
        )

    def _gtg_tell_fact(self, field, sentence):
        """A person tells a fact: set it once and note who said so."""
        orders = self.filtered(lambda order: not order[field])
        told_at = self.env.context.get("gtg_told_at") or fields.Datetime.now()
        orders.write({field: told_at})
        orders._gtg_log(sentence)
        return True

    def action_gtg_allocate(self):
        """Reserve what is there; say what is still missing."""
        self._gtg_check_blocks("reservation")
        self._gtg_reserve()
        missing = self.picking_ids.move_ids.filtered(
            lambda move: (
                move.state in ("confirmed", "partially_available")
                and move.picking_code != "incoming"
            )
        )
        if not missing:
            return True
        products = ", ".join(missing.product_id.mapped("display_name"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Not enough stock"),
                "message": self.env._(
                    "Missing: %(products)s. Buy or move stock, then try again.",
                    products=products,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
