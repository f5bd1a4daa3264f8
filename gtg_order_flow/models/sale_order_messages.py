import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

RECEIVED_MINUTES = 5


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _gtg_tell_buyer(self, event, about=None):
        """Send the buyers the message of `event`, at most once per order.

        Nothing is sent where the channel switched the event off, for marketplace
        channels, and to buyers without an e-mail address.

        :param str event: a key of `BUYER_EVENTS`
        :param about: the one return or request (of one order) that the message is
            about: at most once for it, its template shows it
        :return: the orders whose buyer was told now
        """
        orders = self.sudo().filtered(
            lambda order: (
                order.partner_id.email
                and order.gtg_channel_id
                and order.gtg_channel_id._gtg_tells(event)
            )
        )
        template = self.env.ref(
            f"gtg_order_flow.mail_buyer_{event}", raise_if_not_found=False
        )
        if not orders or not template:
            return self.browse()
        try:
            # a template that somebody broke must not stop a delivery
            with self.env.cr.savepoint():
                told = orders._gtg_claim_message(event, about.id if about else 0)
                template.sudo().send_mail_batch(
                    about.ids if about and told else told.ids,
                    email_layout_xmlid="mail.mail_notification_light",
                )
        except (UserError, ValueError) as error:
            if len(orders) > 1:
                told = orders.browse().concat(
                    *(order._gtg_tell_buyer(event) for order in orders)
                )
            else:
                orders._gtg_log_untold(event, error)
                return self.browse()
        # the queue runs hourly by itself: a buyer should not wait so long
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return told.sudo(self.env.su)

    def _gtg_log_untold(self, event, error):
        _logger.warning("message %s for %s not sent: %s", event, self.name, error)
        self._gtg_log(
            self.env._(
                "The buyer was not told (%(event)s). Repair the e-mail template: "
                "%(error)s",
                event=event,
                error=error,
            )
        )

    def _gtg_claim_message(self, event, about_id=0):
        """:return: the orders whose buyer has not been told `event` before

        Claimed in one statement: of two transactions that tell at once, PostgreSQL
        refuses the later, which Odoo runs again and which then finds it told.
        """
        if not self:
            return self
        self.flush_recordset(["company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO gtg_buyer_message
                       (order_id, company_id, event, about_id, create_uid,
                        create_date, write_uid, write_date)
                SELECT id, company_id, %(event)s, %(about_id)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM sale_order WHERE id IN %(ids)s
                ON CONFLICT (order_id, event, about_id) DO NOTHING
                RETURNING order_id
                """,
                event=event,
                about_id=about_id,
                uid=self.env.uid,
                ids=tuple(self.ids),
            )
        )
        self.env["gtg.buyer.message"].invalidate_model()
        return self.browse([order_id for (order_id,) in rows])

    @api.model
    def _cron_tell_received(self):
        """Tell buyers that their order is here, a few minutes after it came: who
        types it may still be at it, and what is confirmed by then gets better news.

        The web shop itself mails its buyers.
        """
        now = fields.Datetime.now()
        arrived = self.search(
            [
                ("state", "in", ("draft", "sent")),
                ("create_date", ">", now - timedelta(days=1)),
                ("create_date", "<=", now - timedelta(minutes=RECEIVED_MINUTES)),
                ("website_id", "=", False),
                ("gtg_channel_id.tell_received", "=", True),
                ("gtg_channel_id.kind", "!=", "marketplace"),
                ("order_line.product_id", "!=", False),
            ]
        )
        told = self.env["gtg.buyer.message"].search([("order_id", "in", arrived.ids)])
        (arrived - told.order_id)._gtg_tell_buyer("received")

    def action_gtg_tell_delayed(self):
        """Button on many orders: tell the buyers that it takes longer, once each."""
        self.check_access("write")
        told = self.filtered(
            lambda order: order.state == "sale" and not order.gtg_shipped_at
        )._gtg_tell_buyer("delayed")
        left_out = (self - told).mapped("name")
        text = self.env._("%s buyers were told.", len(told))
        if left_out:
            text += " " + self.env._(
                "Not told (has left, told before, no e-mail address, or the channel "
                "does not tell): %s",
                ", ".join(left_out[:20]) + (" …" if len(left_out) > 20 else ""),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "warning" if left_out else "success", "message": text},
        }

    def _gtg_buyer_waits(self):
        """:return: those whose goods the buyers wait for: nothing is left to pay, they
        do not want to cancel, and the parcel is not packed for the courier yet
        """
        leaving = self._gtg_open_holds().filtered(
            lambda hold: hold.reason_id.code == "buyer_cancel"
        )
        return (self - self.browse(leaving.order_id.ids)).filtered(
            lambda order: (
                order.state == "sale"
                and not (order.gtg_packed_at or order.gtg_shipped_at)
                and (
                    order.gtg_money in ("paid", "cod")
                    or (order.gtg_money == "unpaid" and order._gtg_pays_later())
                )
                and order._gtg_has_goods()
            )
        )

    def _gtg_tracking_links(self):
        """:return: [(tracking number, address or False)] of what was sent. Extend."""
        self.ensure_one()
        links = []
        for picking in self.picking_ids:
            if picking.carrier_tracking_ref and picking.picking_type_code == "outgoing":
                # carriers with several parcels give core a JSON list of links
                links += picking.get_multiple_carrier_tracking() or [
                    (picking.carrier_tracking_ref, picking.carrier_tracking_url)
                ]
        return links

    def _gtg_log(self, body):
        """Internal note in the chatter of each order, all in one go.

        :param body: text (escaped) or Markup, or {order id: either}
        """
        bodies = body if isinstance(body, dict) else dict.fromkeys(self.ids, body)
        if bodies:
            self._message_log_batch(bodies)

    def _action_confirm(self):
        res = super()._action_confirm()
        if self.env.context.get("send_email"):
            # core itself mails the confirmation (paid or signed online): not twice
            self.sudo()._gtg_claim_message("confirmed")
        else:
            self._gtg_tell_buyer("confirmed")
        return res

    def _send_order_notification_mail(self, mail_template, **kwargs):
        """Core's own mails: never to buyers of a marketplace."""
        if self.gtg_channel_id.kind == "marketplace":
            return None
        return super()._send_order_notification_mail(mail_template, **kwargs)
