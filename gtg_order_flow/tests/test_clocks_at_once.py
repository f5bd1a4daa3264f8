import threading
from contextlib import contextmanager

import pytz
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

HOME = pytz.timezone("Asia/Ho_Chi_Minh")


@tagged("post_install", "-at_install")
class TestTwoWorkers(BaseCase):
    """Real transactions: what is told is committed, so it is deleted afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self._env() as env:
            buyer = env["res.partner"].create({"name": "Twice", "email": "t@x.example"})
            product = env["product.product"].create({"name": "Tea", "is_storable": True})
            clock = env["gtg.order.clock"].create(
                {
                    "name": "Twice?",
                    "starts": "unpaid",
                    "delay": 0,
                    "template_id": env.ref("gtg_order_flow.mail_buyer_unpaid").id,
                    "channel_ids": [
                        Command.link(env.ref("gtg_order_flow.channel_phone").id)
                    ],
                }
            )
            order = env["sale.order"].create(
                {
                    "partner_id": buyer.id,
                    "user_id": SUPERUSER_ID,
                    "order_line": [Command.create({"product_id": product.id})],
                }
            )
            order.action_confirm()
            self.made = [order, clock, product.product_tmpl_id, buyer]
            self.made = [(r._name, r.ids) for r in self.made]
            self.order_id = order.id
        self.addCleanup(self._delete)

    @contextmanager
    def _env(self):
        """An environment of its own transaction, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _delete(self):
        with self._env() as env:
            order = env["sale.order"].browse(self.order_id)
            env["mail.mail"].search(self._of_order()).unlink()
            order._action_cancel()
            order.picking_ids.unlink()
            order.unlink()
            for model, ids in self.made[1:]:
                env[model].browse(ids).unlink()

    def _of_order(self):
        return [
            ("model", "=", "sale.order"),
            ("res_id", "=", self.order_id),
            ("subject", "ilike", "payment"),
        ]

    def _workers(self, count):
        """:return: environments of transactions that all see the order due"""
        envs = []
        for __ in range(count):
            cr = self.registry.cursor()
            self.addCleanup(cr.close)
            # here: only this thread may ask for the registry while tests run
            envs.append(api.Environment(cr, SUPERUSER_ID, {}))
        for env in envs:
            order = env["sale.order"].browse(self.order_id)
            self.assertTrue(order._gtg_running_clocks())
        return envs

    def test_both_see_it_due_and_one_tells(self):
        first, second = self._workers(2)
        now = fields.Datetime.now()
        first["sale.order"].browse(self.order_id)._gtg_tell_due(now)
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
            second["sale.order"].browse(self.order_id)._gtg_tell_due(now)
        second.cr.rollback()
        second["sale.order"].browse(self.order_id)._gtg_tell_due(now)
        second.cr.commit()
        self._assert_told_once()

    def test_three_at_once(self):
        told, refused = [], []
        start = threading.Barrier(3)

        def work(env):
            start.wait(30)
            try:
                env["sale.order"].browse(self.order_id)._gtg_tell_due(now)
                env.cr.commit()
                told.append(env)
            except SerializationFailure:
                env.cr.rollback()
                refused.append(env)

        now = fields.Datetime.now()
        with mute_logger("odoo.sql_db"):
            workers = [
                threading.Thread(target=work, args=[env]) for env in self._workers(3)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(60)
        self.assertEqual((len(told), len(refused)), (1, 2))
        self._assert_told_once()

    def _assert_told_once(self):
        with self._env() as env:
            mails = env["mail.mail"].search_count(self._of_order())
            activities = env["sale.order"].browse(self.order_id).activity_ids
            self.assertEqual((mails, len(activities)), (1, 1))
