from odoo import fields, models
from odoo.tools import SQL


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_reminder_ids = fields.One2many(
        "gtg.cart.reminder", "order_id", copy=False, groups="base.group_user"
    )

    def _gtg_still_wanted(self):
        """:return: the carts whose buyers may still be reminded

        Not: whose customer bought something since (on whichever channel), who does not
        want mail, and what core leaves out (failed payment, nothing but free goods).
        """
        if not self:
            return self
        carts = self._filter_can_send_abandoned_cart_mail()
        blocked = set(
            self.env["mail.blacklist"]
            .sudo()
            .search(
                [("email", "in", carts.partner_id.mapped("email_normalized"))],
            )
            .mapped("email")
        )
        last = carts._gtg_last_bought()
        return carts.filtered(
            lambda cart: (
                cart.partner_id.email_normalized
                and cart.partner_id.email_normalized not in blocked
                and not any(
                    last.get(key) and last[key] >= cart.date_order
                    for key in cart.partner_id._gtg_customer_keys()
                )
            )
        )

    def _gtg_last_bought(self):
        """:return: {customer or e-mail address of these carts: last order bought}"""
        last = {}
        if not self:
            return last
        for partner, when in self.env["sale.order"]._read_group(
            [
                ("state", "=", "sale"),
                ("date_order", ">=", min(self.mapped("date_order"))),
                "|",
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.ids),
                # who checks out as a guest is a new contact with the same address
                (
                    "partner_id.email_normalized",
                    "in",
                    [e for e in self.partner_id.mapped("email_normalized") if e],
                ),
            ],
            ["partner_id"],
            ["date_order:max"],
        ):
            for key in partner._gtg_customer_keys():
                last[key] = max(when, last.get(key, when))
        return last

    def _gtg_cart_url(self):
        self.ensure_one()
        token = self._portal_ensure_token()
        return f"{self.get_base_url()}/shop/cart?id={self.id}&access_token={token}"

    def _gtg_cart_unsubscribe_url(self):
        self.ensure_one()
        token = self._portal_ensure_token()
        return f"{self.get_base_url()}/shop/cart/unsubscribe/{self.id}/{token}"

    def _gtg_send_reminder(self, step):
        """Claim (cart, step) and queue its mail, both in this transaction."""
        self.ensure_one()
        if not self._gtg_claim_reminder(step):
            return False
        template = step.template_id.sudo()
        values = {}
        if not (template.email_to or template.partner_to or template.use_default_to):
            values["email_to"] = self.partner_id.email_formatted
        template.send_mail(self.id, email_values=values)
        self.cart_recovery_email_sent = True
        return True

    def _gtg_claim_reminder(self, step):
        """:return: whether this transaction alone may send the reminder

        The cart's row is locked first: who buys it at this moment goes first, and of
        two workers one gets it. A worker that waited for nothing but looks at an old
        snapshot is refused by the unique key.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM sale_order WHERE id = %s AND state = 'draft' "
                "FOR NO KEY UPDATE SKIP LOCKED",
                self.id,
            )
        )
        if not rows:
            return False
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO gtg_cart_reminder
                       (order_id, step_id, company_id, website_id, email, sent_at,
                        create_uid, create_date, write_uid, write_date)
                VALUES (%(order)s, %(step)s, %(company)s, %(website)s, %(email)s,
                        %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s)
                ON CONFLICT (order_id, step_id) DO NOTHING
                RETURNING id
                """,
                order=self.id,
                step=step.id,
                company=self.company_id.id,
                website=self.website_id.id,
                email=self.partner_id.email_normalized,
                now=now,
                uid=self.env.uid,
            )
        )
        self.env["gtg.cart.reminder"].invalidate_model()
        return bool(rows)

    def _action_confirm(self):
        res = super()._action_confirm()
        self._gtg_credit_reminders()
        return res

    def _gtg_credit_reminders(self):
        """The cart was bought: the last reminder before gets the credit."""
        for order in self.sudo().filtered("gtg_reminder_ids"):
            last = order.gtg_reminder_ids.sorted("sent_at")[-1]
            if not last.recovered_at:
                last.write(
                    {
                        "recovered_at": fields.Datetime.now(),
                        "revenue": order.currency_id._convert(
                            order.amount_total,
                            order.company_id.currency_id,
                            order.company_id,
                        ),
                    }
                )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def write(self, vals):
        carts = self.order_id if vals.get("order_id") else self.order_id.browse()
        res = super().write(vals)
        if reminders := carts.sudo().gtg_reminder_ids:
            # the buyer took reminded carts over into a newer one: so did the
            # reminders, of each step one
            cart = carts.sudo().browse(vals["order_id"])
            by_step = reminders.sorted("sent_at").grouped("step_id")
            for step in by_step.keys() - set(cart.gtg_reminder_ids.step_id):
                by_step[step][0].order_id = cart
        return res


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _gtg_customer_keys(self):
        """:return: what tells that two contacts are one customer"""
        self.ensure_one()
        return {self.commercial_partner_id, self.email_normalized} - {False}
