from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .return_cases import ReturnCase


@tagged("post_install", "-at_install")
class TestWarehouseWorker(ReturnCase, HttpCase):
    """Packers have Inventory rights only: no sales, no money."""

    def setUp(self):
        super().setUp()
        self.worker = self._user("worker", "stock.group_stock_user")

    def _accepted(self, **kwargs):
        one = self._ask(self._delivered(3), **kwargs)
        one.action_accept()
        return one.with_user(self.worker)

    def test_receives_per_condition(self):
        one = self._accepted()
        with Form(one, view="gtg_order_flow.view_return_arrival_form") as form:
            with form.line_ids.edit(0) as line:
                line.good = 1
                line.damaged = 1
                line.damage_note = "lid broken"
            with form.line_ids.edit(1) as line:
                line.good = 3
        one.action_receive()
        done = one.sudo()
        self.assertEqual((done.state, done.refund_state), ("received", "due"))
        self.assertEqual(done.line_ids.mapped("missing"), [1, 0])
        self.assertEqual(done.amount, 2 * 150000 + 3 * 50000)
        with self.assertRaises(AccessError):
            one.line_ids.good = 0

    def test_all_good(self):
        one = self._accepted()
        one.action_all_good()
        one.action_receive()
        self.assertEqual(one.line_ids.mapped("good"), [3, 3])

    def test_no_money_and_no_answers(self):
        asked = self._ask(self._delivered()).with_user(self.worker)
        one = self._accepted()
        for refused in (
            asked.action_accept,
            asked.action_refuse,
            lambda: asked.write({"answer": "Yes"}),
            one.action_withdraw,
            one.action_refund,
            one.action_refund_done,
            one.action_replace,
            lambda: one.write({"amount": 1}),
            lambda: one.write({"wish": "exchange"}),
            lambda: one.line_ids.write({"quantity": 1}),
            lambda: asked.line_ids.write({"good": 1}),
            lambda: one.write(
                {"line_ids": [Command.update(one.line_ids[0].id, {"quantity": 1})]}
            ),
            lambda: one.write({"line_ids": [Command.delete(one.line_ids[0].id)]}),
            lambda: one.copy(),
            one.unlink,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                refused()
        self.assertEqual((asked.state, one.state), ("requested", "accepted"))
        asked.action_receive()
        self.assertEqual(asked.state, "requested")

    def test_others_receive_nothing(self):
        one = self._accepted()
        clerk = self._user("clerk", "base.group_user")
        with self.assertRaises(AccessError):
            one.with_user(clerk).action_receive()
        other = self.env["res.company"].create({"name": "Other shop"})
        self.worker.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            one.action_receive()

    def test_menus_below_inventory(self):
        menus = self.env["ir.ui.menu"].with_user(self.worker).load_menus(False)
        names = {menu["name"] for menu in menus.values()}
        self.assertLessEqual(
            {"Work order", "Scan out", "Waves", "Returns arriving"}, names
        )
        self.assertNotIn("New order", names)
        self._orders().action_confirm()
        lists = (
            ("gtg.work.order", "view_work_order_list"),
            ("gtg.order.return", "view_return_arrival_list"),
        )
        self._accepted()
        for model, view in lists:
            records = self.env[model].with_user(self.worker)
            arch = records.get_view(self.env.ref(f"gtg_order_flow.{view}").id, "list")
            fields = arch["models"][model]
            spec = {name: {} for name in fields if name in records._fields}
            self.assertTrue(records.web_search_read([], spec)["records"])
