from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestCod(OrderFlowCase):
    def test_amount_follows_the_total(self):
        order = self._orders(gtg_is_cod=True)
        order.order_line[0].product_uom_qty = 2
        self.assertEqual(order.gtg_cod_amount, 350000)
        order.gtg_is_cod = False
        self.assertEqual(order.gtg_cod_amount, 0)

    def test_negative_amount_is_refused(self):
        order = self._orders(gtg_is_cod=True)
        with self.assertRaises(ValidationError):
            order.gtg_cod_amount = -1

    def test_counter_takes_no_cod(self):
        with self.assertRaisesRegex(ValidationError, "Counter"):
            self._orders(
                gtg_is_cod=True,
                gtg_channel_id=self.env.ref("gtg_order_flow.channel_counter").id,
            )

    def test_backorder_does_not_ask_twice(self):
        self._stock(10)
        order = self._orders(gtg_is_cod=True)
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        first = order.picking_ids
        for move in first.move_ids:
            move.write({"quantity": 1, "picked": True})
        first.with_context(skip_backorder=True).button_validate()
        self.assertEqual(first.gtg_cod_amount, 400000)
        self.assertEqual((order.picking_ids - first).gtg_cod_amount, 0)

    def test_what_is_on_the_parcel_stays(self):
        self._stock(10)
        order, here = self._orders(2, gtg_is_cod=True)
        (order | here).action_confirm()
        self._deliver(order)
        theirs = order.with_user(self.staff)
        for change in (
            lambda: theirs.order_line[0].write({"price_unit": 1}),
            lambda: theirs.order_line[0].write({"product_uom_qty": 5}),
            lambda: theirs.write({"gtg_cod_amount": 1}),
            lambda: theirs.write({"gtg_is_cod": False}),
            lambda: theirs.order_line.create(
                {"order_id": order.id, "product_id": self.cup.id}
            ),
        ):
            refused = self.assertRaisesRegex(UserError, "has been handed over")
            with refused, self.cr.savepoint():
                change()
        order.order_line[0].price_unit = 1  # what a carrier or an import tells
        self.assertEqual((order.amount_total, order.gtg_cod_amount), (50001, 200000))
        theirs.order_line[0].name = "Oolong tea, spring"
        tax = self.env["account.tax"].create({"name": "Right one", "amount": 10})
        theirs.order_line[0].tax_ids = tax  # found out when it is invoiced
        self.assertEqual(order.gtg_cod_amount, 200000)
        here.with_user(self.staff).order_line[0].price_unit = 1
        self.assertEqual(here.gtg_cod_amount, 50001)

    def test_website_buyer_chose_cod_at_checkout(self):
        website = self.env["website"].search([], limit=1)
        order = self._orders(website_id=website.id)
        provider = self.env["payment.provider"].search(
            [("custom_mode", "=", "cash_on_delivery")], limit=1
        )
        self.assertTrue(provider)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": order.name,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        tx._set_pending()
        tx._post_process()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.gtg_money, "cod")
        self.assertEqual(order.gtg_cod_amount, order.amount_total)
