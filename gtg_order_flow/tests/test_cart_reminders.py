import html
import re
from contextlib import closing
from datetime import timedelta

from psycopg2 import errors

from odoo import api, fields, http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase
from .two_cursors import TwoCursorsCase


class CartCase(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.write(
            {"send_abandoned_cart_email": True, "cart_abandoned_delay": 1}
        )
        long_ago = fields.Datetime.now() - timedelta(days=30)
        cls.website.send_abandoned_cart_email_activation_time = long_ago
        steps = cls.env["gtg.cart.step"].with_context(active_test=False).search([])
        steps.active = False
        cls.first, cls.second = [
            cls.env.ref(f"gtg_order_flow.cart_step_{n}") for n in (1, 2)
        ]
        (cls.first | cls.second).active = True
        (cls.first | cls.second).since = long_ago

    def _cart(self, hours=2, **vals):
        cart = self._orders(website_id=self.website.id, **vals)
        cart.date_order = fields.Datetime.now() - timedelta(hours=hours)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = date_order WHERE id IN %s",
            [tuple(cart.ids)],
        )
        cart.invalidate_recordset()
        return cart

    def _run(self):
        self.env["website"]._send_abandoned_cart_email()

    def _reminders(self, cart):
        return self.env["gtg.cart.reminder"].search([("order_id", "=", cart.id)])

    def _later(self, cart, hours):
        self.env.flush_all()
        for table, column, key in (
            ("sale_order", "date_order", "id"),
            ("gtg_cart_reminder", "sent_at", "order_id"),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = {column} - %s * interval '1 hour' "
                f"WHERE {key} = %s",
                [hours, cart.id],
            )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestCartReminders(CartCase, HttpCase):
    def test_steps_one_after_the_other_each_once(self):
        cart = self._cart(hours=0)
        self._run()
        self.assertFalse(self._reminders(cart))
        self._later(cart, 2)
        self._run()
        self._run()
        self.assertEqual(self._reminders(cart).step_id, self.first)
        mail = self._mails(cart)
        self.assertEqual(mail.recipient_ids, self.buyer)
        self.assertIn("Oolong tea", mail.body_html)
        self.assertIn(f"/shop/cart?id={cart.id}", mail.body_html)
        self._later(cart, 24)
        self._run()
        self._run()
        self.assertEqual(self._reminders(cart).step_id, self.first | self.second)
        self._later(cart, 100)
        self._run()
        self.assertEqual(len(self._mails(cart)), 2)

    def test_standstill_is_not_made_up_in_one_night(self):
        cart = self._cart(hours=60)
        self._run()
        self._run()
        self.assertEqual(self._reminders(cart).step_id, self.first)

    def test_who_is_not_reminded(self):
        now = fields.Datetime.now()
        blocked = self.buyer.copy({"email": "Blocked@Example.com"})
        self.env["mail.blacklist"]._add("blocked@example.com")
        elsewhere = self.buyer.copy({"email": "phones@example.com"})
        self._orders(partner_id=elsewhere.id).action_confirm()
        guest = self.buyer.copy({"email": "guest@example.com"})
        self._orders(partner_id=guest.copy({"email": guest.email}).id).action_confirm()
        nobody = self.buyer.copy({"email": False})
        old = self._cart(partner_id=self.buyer.copy({"email": "o@example.com"}).id)
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "s1", "kind": "marketplace"}
        )
        cases = {
            "unsubscribed": self._cart(partner_id=blocked.id),
            "bought by phone meanwhile": self._cart(partner_id=elsewhere.id),
            "bought as a guest": self._cart(partner_id=guest.id),
            "no address": self._cart(partner_id=nobody.id),
            "public visitor": self._cart(partner_id=self.website.partner_id.id),
            "marketplace order": self._cart(
                partner_id=self.buyer.copy({"email": "m@example.com"}).id,
                gtg_channel_id=shop.id,
            ),
            "mailed by hand": self._cart(
                partner_id=self.buyer.copy({"email": "h@example.com"}).id,
                cart_recovery_email_sent=True,
            ),
            "empty": self._cart(
                partner_id=self.buyer.copy({"email": "e@example.com"}).id,
                order_line=[],
            ),
            "bought": self._cart(
                partner_id=self.buyer.copy({"email": "b@example.com"}).id
            ),
        }
        cases["bought"].action_confirm()
        fine = self._cart()
        self.website.send_abandoned_cart_email_activation_time = now - timedelta(
            hours=3
        )
        old.date_order = now - timedelta(hours=5)
        cases["before it was switched on"] = old
        self._run()
        self.assertTrue(self._reminders(fine))
        for why, cart in cases.items():
            self.assertFalse(self._reminders(cart), why)

    def test_switched_on_later_leaves_old_carts_alone(self):
        self.first.active = False
        self.first.active = True
        cart = self._cart(hours=5)
        self._run()
        self.assertFalse(self._reminders(cart))

    def test_a_step_too_late_for_a_cart_does_not_stop_the_later_ones(self):
        cart = self._cart(hours=5)
        self.first.active = False
        self.first.active = True
        self._run()
        self.assertFalse(self._reminders(cart))
        self._later(cart, 20)
        self._run()
        self.assertEqual(self._reminders(cart).step_id, self.second)

    def test_off_in_the_settings(self):
        self.website.send_abandoned_cart_email = False
        cart = self._cart()
        self._run()
        self.assertFalse(self._mails(cart))

    def test_without_steps_core_sends_its_own(self):
        (self.first | self.second).active = False
        cart = self._cart()
        self._run()
        self.assertTrue(cart.cart_recovery_email_sent)
        self.assertFalse(self._reminders(cart))
        self.assertEqual(len(self._mails(cart)), 1)

    def test_broken_cart_does_not_stop_the_others(self):
        bad = self._cart()
        good = self._cart(partner_id=self.buyer.copy({"email": "g@example.com"}).id)
        self.first.template_id.body_html = (
            "<p t-out=\"1 / (object.partner_id.ref != 'BREAK')\"/>"
        )
        self.buyer.ref = "BREAK"
        with self.assertLogs("odoo.addons.gtg_order_flow", "ERROR"):
            self._run()
        self.assertFalse(self._reminders(bad))
        self.assertTrue(self._reminders(good))

    def test_result_per_step(self):
        cart = self._cart()
        self._run()
        self._later(cart, 24)
        self._run()
        cart.action_confirm()
        last = self._reminders(cart).filtered("recovered_at")
        self.assertEqual(last.step_id, self.second)
        self.assertEqual(last.revenue, 200000)
        self.assertEqual(
            (self.second.sent_count, self.second.recovered_count, self.second.revenue),
            (1, 1, 200000),
        )
        self.assertEqual((self.first.sent_count, self.first.recovered_count), (1, 0))

    def test_cart_taken_over_into_a_newer_one_counts(self):
        cart = self._cart()
        self._run()
        newer = self._cart(hours=0)
        link = f"/shop/cart?id={cart.id}&access_token={cart._portal_ensure_token()}"
        self.authenticate(None, None)
        self.session["sale_order_id"] = newer.id
        http.root.session_store.save(self.session)
        self.url_open(f"{link}&revive_method=merge")
        self.assertEqual(cart.state, "cancel")
        self.assertEqual(len(newer.order_line), 4)
        newer.action_confirm()
        self.assertEqual(
            (self.first.sent_count, self.first.recovered_count, self.first.revenue),
            (1, 1, newer.amount_total),
        )

    def test_two_carts_with_the_same_reminder_taken_over_at_once(self):
        carts = self._cart() | self._cart()
        self.env["gtg.cart.reminder"].create(
            [
                {
                    "order_id": cart.id,
                    "company_id": cart.company_id.id,
                    "step_id": self.first.id,
                    "sent_at": at,
                }
                for cart, at in zip(
                    carts, ("2026-01-02 00:00:00", "2026-01-01 00:00:00"), strict=True
                )
            ]
        )
        newer = self._cart(hours=0)
        carts.order_line.write({"order_id": newer.id})
        self.env.flush_all()
        [kept] = self._reminders(newer)
        self.assertEqual(str(kept.sent_at), "2026-01-01 00:00:00")

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        template = self.first.template_id
        template.with_context(lang="vi_VN").subject = "Giỏ hàng đang chờ bạn"
        self.buyer.lang = "vi_VN"
        cart = self._cart()
        self._run()
        self.assertEqual(self._mails(cart).subject, "Giỏ hàng đang chờ bạn")

    def test_link_unsubscribes_only_by_its_button(self):
        cart = self._cart()
        path = cart._gtg_cart_unsubscribe_url()[len(cart.get_base_url()) :]
        self.authenticate(None, None)
        self.assertIn("lan@example.com", self.url_open(path).text)
        blacklist = self.env["mail.blacklist"]
        self.assertFalse(blacklist.search([("email", "=", "lan@example.com")]))
        wrong = self.url_open(f"/shop/cart/unsubscribe/{cart.id}/wrong")
        self.assertEqual(wrong.status_code, 404)
        token = http.Request.csrf_token(self)
        self.url_open(path, data={"csrf_token": token})
        self.assertTrue(blacklist.search([("email", "=", "lan@example.com")]))
        self._run()
        self.assertFalse(self._reminders(cart))


@tagged("post_install", "-at_install")
class TestCartTour(CartCase, HttpCase):
    def test_left_reminded_bought_counted(self):
        self._stock(10)
        self.tea.write({"name": "Trà ô long Mộc Châu", "is_published": True})
        self.env["delivery.carrier"].search([]).website_published = False
        freight = self.env["product.product"].create(
            {"name": "Freight", "type": "service", "taxes_id": False, "list_price": 0}
        )
        self.env["delivery.carrier"].create(
            {
                "name": "Own driver",
                "product_id": freight.id,
                "website_published": True,
                "allow_cash_on_delivery": True,
            }
        )
        self.env.ref("delivery.payment_provider_cod").sudo().copy(
            {
                "company_id": self.website.company_id.id,
                "state": "enabled",
                "is_published": True,
            }
        )
        self.start_tour("/shop", "gtg_order_flow_cart_left")
        cart = self.env["sale.order"].search(
            [("partner_id.email", "=", "buoi@example.com")]
        )
        self.assertEqual((len(cart), cart.state), (1, "draft"))
        self._run()
        self.assertFalse(self._mails(cart), "still shopping")
        self._later(cart, 2)
        self._run()
        mail = self._mails(cart)
        self.assertEqual(mail.recipient_ids, cart.partner_id)
        [link] = re.findall(r'href="[^"]*(/shop/cart\?id=[^"]*)"', mail.body_html)
        self.start_tour(html.unescape(link), "gtg_order_flow_cart_recovered")
        cart.invalidate_recordset()
        self.assertEqual((cart.state, cart.gtg_money), ("sale", "cod"))
        self.assertTrue(self._reminders(cart).recovered_at)
        self.assertEqual(
            (self.first.sent_count, self.first.recovered_count, self.first.revenue),
            (1, 1, cart.amount_total),
        )
        self._later(cart, 48)
        self._run()
        self.assertEqual(len(self._reminders(cart)), 1, "who has bought is left alone")


@tagged("post_install", "-at_install")
class TestTwoWorkers(TwoCursorsCase):
    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            self.step_id = env.ref("gtg_order_flow.cart_step_1").id

    def _mails(self, env):
        return env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", self.order_id)]
        )

    def _send(self, cr):
        env = api.Environment(cr, 1, {})
        step = env["gtg.cart.step"].browse(self.step_id)
        return env["sale.order"].browse(self.order_id)._gtg_send_reminder(step)

    def _count(self):
        with self.registry.cursor() as cr:
            return len(self._mails(api.Environment(cr, 1, {})))

    def test_at_the_same_moment(self):
        with closing(self.registry.cursor()) as one:
            with closing(self.registry.cursor()) as two:
                self.assertTrue(self._send(one))
                self.assertFalse(self._send(two), "the other has the cart")
                two.commit()
            one.commit()
        self.assertEqual(self._count(), 1)

    def test_looking_at_an_old_snapshot(self):
        with closing(self.registry.cursor()) as one:
            with closing(self.registry.cursor()) as two:
                two.execute("SELECT 1 FROM sale_order LIMIT 1")
                self.assertTrue(self._send(one))
                one.commit()
                with (
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(errors.SerializationFailure),
                ):
                    self._send(two)
                two.rollback()
                self.assertFalse(self._send(two))
        self.assertEqual(self._count(), 1)
