from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderFlowCase

OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
GROUPS = {
    "employee": "base.group_user",
    "packer": "stock.group_stock_user",
    "purchaser": "purchase.group_purchase_user",
    "staff": "gtg_order_flow.group_shop_staff",
    "manager": "gtg_order_flow.group_shop_manager",
}
# who may what; portal and public users may nothing at all
READ = dict.fromkeys(GROUPS, "r")
SETTING = {**READ, "manager": "rwcd"}
WORK = {**READ, "staff": "rwc", "manager": "rwc"}
STAFF = {"staff": "rwcd", "manager": "rwcd"}
RIGHTS = {
    "gtg.buyer.message": READ,
    "gtg.cancel.request": WORK,
    "gtg.cart.reminder": READ,
    "gtg.cart.step": SETTING,
    "gtg.delivery.split": STAFF,
    "gtg.delivery.split.box": STAFF,
    "gtg.delivery.split.content": STAFF,
    "gtg.delivery.split.line": STAFF,
    "gtg.demand.forecast": {"manager": "rwcd"},
    "gtg.demand.line": {"manager": "rwcd"},
    "gtg.hold.reason": SETTING,
    "gtg.next.wave": {"packer": "rwcd", **STAFF},
    "gtg.order.bulk": {"staff": "rwc", "manager": "rwc"},
    "gtg.order.bulk.line": {"staff": "rwc", "manager": "rwc"},
    "gtg.order.clock": SETTING,
    "gtg.order.exchange": {**READ, **STAFF},
    "gtg.order.hold": WORK,
    "gtg.order.hold.wizard": STAFF,
    "gtg.order.reminder": READ,
    "gtg.order.report": {"staff": "r", "manager": "r"},
    "gtg.order.return": {**READ, "packer": "rw", **STAFF},
    "gtg.order.return.line": {**READ, "packer": "rw", **STAFF},
    "gtg.order.return.part": {**READ, **dict.fromkeys(["packer", *STAFF], "rw")},
    "gtg.order.rule": SETTING,
    "gtg.product.brand": {**READ, "staff": "rwc", "manager": "rwcd"},
    "gtg.return.reason": SETTING,
    "gtg.return.report": {"staff": "r", "manager": "r"},
    "gtg.sale.channel": SETTING,
    "gtg.ship.date": STAFF,
    "gtg.shortage": {"purchaser": "rwcd", **STAFF},
    "gtg.shortage.line": {"purchaser": "rwcd", **STAFF},
    "gtg.work.order": {"packer": "r", "staff": "r", "manager": "r"},
}
# the same words for every company
SHARED = {"gtg.hold.reason", "gtg.product.brand", "gtg.return.reason"}


@tagged("post_install", "-at_install")
class TestAccessTable(OrderFlowCase):
    """Every model of the addon: who may what, and that companies stay apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = {
            name: model
            for name, model in cls.env.registry.items()
            if model._original_module == "gtg_order_flow" and not model._abstract
        }
        cls.other = cls.env["res.company"].create({"name": "Other shop"})
        cls.stranger = cls._user("stranger", GROUPS["manager"])
        cls.stranger.write(
            {"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id}
        )

    def test_who_may_what(self):
        self.assertEqual(set(self.models), set(RIGHTS), "Say who may what.")
        users = {name: self._user(f"a-{name}", group) for name, group in GROUPS.items()}
        users["portal"] = self._user("a-portal", "base.group_portal")
        users["public"] = self.env.ref("base.public_user")
        for model, rights in RIGHTS.items():
            for name, user in users.items():
                record = self.env[model].with_user(user)
                may = [
                    letter
                    for letter, operation in OPERATIONS.items()
                    if record.has_access(operation)
                ]
                self.assertEqual("".join(may), rights.get(name, ""), (model, name))

    def test_other_company_finds_and_changes_nothing(self):
        records = self._one_of_each()
        stored = {n for n, model in self.models.items() if not model._transient}
        self.assertEqual(set(records), stored - SHARED, "Make one to look for.")
        self.env.flush_all()
        for model, record in records.items():
            self.assertTrue(
                record.with_user(self.staff).search([("id", "=", record.id)])
            )
            strange = record.with_user(self.stranger)
            self.assertFalse(strange.search([("id", "=", record.id)]), model)
            with self.assertRaises(AccessError, msg=model):
                strange.read(["display_name"])
            for operation in OPERATIONS.values():
                self.assertFalse(strange.has_access(operation), (model, operation))

    def test_what_no_company_owns_is_everybodys(self):
        for model in ("gtg.sale.channel", "gtg.order.clock", "gtg.cart.step"):
            record = self.env[model].with_context(active_test=False)
            record = record.search(
                [("website_id" if "step" in model else "company_id", "=", False)]
            )
            self.assertTrue(record, model)
            self.assertTrue(record.with_user(self.stranger).has_access("read"), model)

    def test_what_a_check_found_is_hidden_from_the_buyer(self):
        portal = self._user("a-portal", "base.group_portal")
        order = self._orders(partner_id=portal.partner_id.id, state="sent")
        order._gtg_hold("fake_order", note="False name")
        for name in ("gtg_hold_ids", "gtg_open_hold_ids", "gtg_held_at"):
            with self.assertRaises(AccessError):
                order.with_user(portal).read([name])
        with self.assertRaises(AccessError):
            order.with_user(portal).write({"gtg_phone_key": "0900000000"})
        self.assertTrue(order.with_user(self.staff).gtg_open_hold_ids)

    def test_shortage_is_seen_by_who_asked(self):
        self._orders().action_confirm()
        mine = self.env["gtg.shortage"].with_user(self.staff).create({})
        other = self._user("a-colleague", GROUPS["staff"])
        with self.assertRaises(AccessError):
            mine.with_user(other).read(["display_name"])

    def _one_of_each(self):
        """:return: {model: a record of our company}"""
        self._stock(10)
        order, held, packed = self._orders(3)
        (order | packed).action_confirm()
        self.env.flush_all()
        work = self.env["gtg.work.order"].search([("order_id", "=", packed.id)])
        clock = self.env["gtg.order.clock"].create(
            {"name": "Ours", "starts": "unpaid", "company_id": self.env.company.id}
        )
        website = self.env["website"].search([], limit=1)
        step = self.env["gtg.cart.step"].create(
            {
                "name": "Ours",
                "website_id": website.id,
                "template_id": self.env.ref("gtg_order_flow.mail_buyer_unpaid").id,
            }
        )
        hold = held._gtg_hold("address")
        bulk = self.env["gtg.order.bulk"].create(
            {
                "operation": "confirm",
                "line_ids": [Command.create({"order_id": held.id})],
            }
        )
        self._deliver(order)
        back = self._return_of(order)
        now = fields.Datetime.now()
        made = [
            self.env["gtg.buyer.message"].search(
                [("order_id", "=", order.id)], limit=1
            ),
            self.env["gtg.cancel.request"].create({"order_id": held.id}),
            self.env["gtg.cart.reminder"].create(
                {
                    "order_id": held.id,
                    "step_id": step.id,
                    "company_id": self.env.company.id,
                    "sent_at": now,
                }
            ),
            step,
            bulk,
            bulk.line_ids,
            clock,
            hold,
            self.env["gtg.order.reminder"].create(
                {"order_id": held.id, "clock_id": clock.id, "started_at": now}
            ),
            self.env["gtg.order.report"].search([("order_id", "=", held.id)]),
            back,
            back.line_ids[:1],
            self.env["gtg.return.report"].search([("order_id", "=", order.id)])[:1],
            self.env["gtg.order.exchange"].create(
                {"return_id": back.id, "product_id": self.cup.id}
            ),
            self.env["gtg.order.return.part"].create(
                {
                    "line_id": back.line_ids[:1].id,
                    "product_id": self.cup.id,
                    "per_kit": 1,
                    "share": 1,
                }
            ),
            self.env["gtg.order.rule"].create(
                {"name": "Ours", "domain": "[]", "urgent": True}
            ),
            self.env["gtg.sale.channel"].create(
                {"name": "Ours", "code": "ours", "company_id": self.env.company.id}
            ),
            work,
        ]
        return {record._name: record for record in made}

    def _return_of(self, order):
        return self.env["gtg.order.return"].create(
            {
                "order_id": order.id,
                "reason_id": self.env.ref("gtg_order_flow.return_reason_size").id,
                "line_ids": [
                    Command.create({"order_line_id": line.id, "quantity": 1})
                    for line in order.order_line
                ],
            }
        )
