from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase

CRON = "gtg_order_flow.cron_give_out"


@tagged("post_install", "-at_install")
class TestGiveOut(OrderFlowCase):
    """Goods came in: who waits is looked for again when all is written."""

    def _receipt(self, *products):
        kind = self.warehouse.in_type_id
        places = {
            "location_id": self.env.ref("stock.stock_location_suppliers").id,
            "location_dest_id": self.warehouse.lot_stock_id.id,
        }
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "move_ids": [
                    Command.create(
                        {"product_id": p.id, "product_uom_qty": 5, **places}
                    )
                    for p in products
                ],
                **places,
            }
        )
        receipt.action_confirm()
        receipt.move_ids.picked = True
        return receipt

    def _looks(self):
        """:return: the new times at which the cron is asked to look"""
        self.env.cr.precommit.run()
        looks = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref(CRON).id)]
        )
        times = sorted(looks.mapped("call_at"))
        looks.unlink()
        return times

    def test_asked_once_per_transaction_and_once_more_later(self):
        self._looks()
        for __ in range(3):
            self._receipt(self.tea, self.cup).button_validate()
        first, second = self._looks()
        now = fields.Datetime.now()
        self.assertLessEqual(first, now)
        # others were in the middle of writing that they wait
        self.assertGreater(second, now)
        self.assertLessEqual(second, now + timedelta(seconds=60))
        # the next transaction's goods are looked at, too
        self._receipt(self.tea).button_validate()
        self.assertEqual(len(self._looks()), 2)

    def test_neither_poison_nor_a_conflict_stops_the_others(self):
        bad = self.env["product.product"].create({"name": "Bad", "is_storable": True})
        self._receipt(bad, self.tea, self.cup).button_validate()
        # they began to wait meanwhile: the receipt did not see them
        with patch.object(type(self.env["stock.move"]), "_action_assign"):
            order = self._orders()[0]
            order.action_confirm()
        self.assertEqual(order.gtg_goods, "waiting")
        self._looks()
        moves = type(self.env["stock.move"])
        assign, trouble = moves._trigger_assign, {bad: "poison", self.tea: "taken"}

        def trigger(records):
            what = trouble.get(records.product_id)
            if what == "poison":
                raise ValueError(what)
            if what == "taken":
                self.env.cr.execute(
                    "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"
                )
            return assign(records)

        with (
            patch.object(moves, "_trigger_assign", trigger),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.gtg_order_flow", "ERROR") as logs,
        ):
            moves._gtg_cron_give_out(self.env["stock.move"])
        self.assertEqual(len(logs.records), 1)
        by_product = {m.product_id: m.state for m in order.picking_ids.move_ids}
        self.assertEqual(
            by_product, {self.tea: "confirmed", self.cup: "assigned"}
        )
        self.assertEqual(len(self._looks()), 1, "what was taken comes again at once")
        self.env["stock.move"]._gtg_cron_give_out()
        self.assertEqual(order.gtg_goods, "allocated")
