from odoo import fields
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestBuyerMessages(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(100)

    def test_confirmed_shipped_delivered_each_once(self):
        order = self._orders(gtg_is_cod=True)
        order.action_confirm()
        mails = self._mails(order)
        self.assertEqual(len(mails), 1)
        self.assertIn("confirmed", mails.subject)
        self.assertEqual(mails.recipient_ids, self.buyer)
        self.assertIn("Oolong tea", mails.body_html)
        self.assertIn("200,000", mails.body_html)
        order.picking_ids.carrier_tracking_ref = "GHN123"
        self._deliver(order)
        self.assertEqual(len(self._mails(order)), 2)
        self.assertIn("GHN123", self._mails(order).sorted("id")[-1].body_html)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertEqual(len(self._mails(order)), 3)
        for event in ("confirmed", "shipped", "delivered"):
            self.assertFalse(order._gtg_tell_buyer(event))
        self.assertEqual(len(self._mails(order)), 3)

    def test_delivery_news_overtakes_shipment_news(self):
        now = fields.Datetime.now()
        order = self._orders()
        order.write({"gtg_shipped_at": now, "gtg_delivered_at": now})
        self.assertEqual(
            self.env["gtg.buyer.message"]
            .search([("order_id", "=", order.id)])
            .mapped("event"),
            ["delivered"],
        )

    def test_channel_switch(self):
        self.phone.tell_confirmed = False
        order = self._orders()
        order.action_confirm()
        self.assertFalse(self._mails(order))
        self.assertEqual(order._gtg_tell_buyer("received"), order)

    def test_marketplace_buyers_are_never_mailed(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "s1", "kind": "marketplace"}
        )
        self.env.company.stock_move_email_validation = True
        order = self._orders(gtg_channel_id=shop.id)
        before = self._outgoing(order)
        order.with_context(send_email=True).action_confirm()
        self._deliver(order)
        order.write({"gtg_delivered_at": fields.Datetime.now()})
        for event in ("received", "confirmed", "shipped", "attempt_failed"):
            self.assertFalse(order._gtg_tell_buyer(event))
        self.assertEqual(self._outgoing(order), before)

    def _outgoing(self, order):
        self.env.flush_all()
        return (
            self.env["mail.notification"].search_count(
                [
                    ("res_partner_id", "=", order.partner_id.id),
                    ("notification_type", "=", "email"),
                ]
            ),
            self.env["mail.mail"].search_count(
                [("recipient_ids", "in", order.partner_id.ids)]
            ),
        )

    def test_core_shipping_mail_is_not_sent_beside_ours(self):
        self.env.company.stock_move_email_validation = True
        order = self._orders()
        order.action_confirm()
        before = self._outgoing(order)
        self._deliver(order)
        after = self._outgoing(order)
        self.assertEqual(after[1] - before[1], 1)

    def test_core_confirmation_mail_is_not_sent_beside_ours(self):
        order = self._orders()
        order.with_context(send_email=True).action_confirm()
        self.assertFalse(order._gtg_tell_buyer("confirmed"))
        template = self.env.ref("gtg_order_flow.mail_buyer_confirmed")
        subject = template._render_field("subject", order.ids)[order.id]
        self.assertNotIn(subject, self._mails(order).mapped("subject"))

    def test_no_address_no_message(self):
        self.buyer.email = False
        order = self._orders()
        order.action_confirm()
        self.assertFalse(self._mails(order))

    def _break_template_for(self, partner):
        # it renders for others: Odoo tries a template when it is saved
        self.env.ref(
            "gtg_order_flow.mail_buyer_confirmed"
        ).body_html = "<p t-out=\"1 / (object.partner_id.ref != 'BREAK')\"/>"
        partner.ref = "BREAK"

    def test_broken_template_does_not_stop_the_order(self):
        self._break_template_for(self.buyer)
        order = self._orders()
        with self.assertLogs("odoo.addons.gtg_order_flow", "WARNING"):
            order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._mails(order))
        self.assertIn("Repair the e-mail template", order.message_ids[0].body)

    def test_one_that_cannot_be_told_does_not_silence_the_others(self):
        orders = self._orders(3)
        orders[1].partner_id = self.buyer.copy({"email": "minh@example.com"})
        self._break_template_for(orders[1].partner_id)
        with self.assertLogs("odoo.addons.gtg_order_flow", "WARNING"):
            orders.action_confirm()
        told = self.env["gtg.buyer.message"].search([("order_id", "in", orders.ids)])
        self.assertEqual(told.order_id, orders[0] | orders[2])
        self.assertEqual(len(self._mails(orders)), 2)

    def test_vietnamese_buyer_reads_vietnamese(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env["ir.module.module"].search(
            [("name", "=", "gtg_order_flow")]
        )._update_translations(["vi_VN"])
        self.buyer.lang = "vi_VN"
        order = self._orders()
        order.action_confirm()
        mail = self._mails(order)
        self.assertIn("Đơn hàng", mail.subject)
        self.assertIn("đã được xác nhận", mail.body_html)

    def _told(self, orders):
        return (
            self.env["gtg.buyer.message"]
            .search([("order_id", "in", orders.ids)])
            .mapped("event")
        )

    def _age(self, orders, minutes):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = now() AT TIME ZONE 'UTC' "
            "- %s * interval '1 minute' WHERE id IN %s",
            [minutes, tuple(orders.ids)],
        )
        orders.invalidate_recordset(["create_date"])

    def test_received_is_told_by_itself_once(self):
        fresh, arrived, confirmed, empty, old = orders = self._orders(5)
        empty.order_line = False
        confirmed.action_confirm()
        self._age(orders - fresh - old, 10)
        self._age(old, 3000)
        self.env["sale.order"]._cron_tell_received()
        self.env["sale.order"]._cron_tell_received()
        self.assertEqual(self._told(arrived), ["received"])
        self.assertEqual(len(self._mails(arrived)), 1)
        self.assertEqual(self._told(confirmed), ["confirmed"])
        self.assertFalse(self._told(fresh | empty | old))

    def test_received_is_not_told_to_marketplaces_nor_when_switched_off(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "s1", "kind": "marketplace"}
        )
        market = self._orders(gtg_channel_id=shop.id)
        self.phone.tell_received = False
        orders = self._orders() | market
        self._age(orders, 10)
        self.env["sale.order"]._cron_tell_received()
        self.assertFalse(self._told(orders))

    def test_delayed_once(self):
        order, shipped = self._orders(2)
        (order | shipped).action_confirm()
        self._deliver(shipped)
        (order | shipped).action_gtg_tell_delayed()
        (order | shipped).action_gtg_tell_delayed()
        self.assertEqual(self._told(order).count("delayed"), 1)
        self.assertNotIn("delayed", self._told(shipped))
