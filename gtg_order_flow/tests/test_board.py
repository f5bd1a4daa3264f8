from lxml import etree

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import OrderFlowCase

NO_CART = ["|", ("website_id", "=", False), ("state", "!=", "draft")]


def specification(model, arch):
    """What the web client asks of each record of a view."""
    found = {}
    for node in etree.fromstring(arch).iter("field"):
        if any(parent.tag == "searchpanel" for parent in node.iterancestors()):
            continue
        field = model._fields[node.get("name")]
        found[field.name] = (
            {"fields": {"display_name": {}}} if field.type == "many2one" else {}
        )
    return found


@tagged("post_install", "-at_install")
class TestBoard(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(10000)
        self.model = self.env["sale.order"].with_user(self.staff)
        action = self.env.ref("gtg_order_flow.action_order_board")
        views = self.model.get_views(
            [
                (self.env.ref("gtg_order_flow.view_order_board").id, "kanban"),
                (self.env.ref("gtg_order_flow.view_order_board_list").id, "list"),
                (action.search_view_id.id, "search"),
            ]
        )["views"]
        self.card = specification(self.model, views["kanban"]["arch"])
        self.row = specification(self.model, views["list"]["arch"])
        self.panel = [
            (node.get("name"), node.get("select", "one"))
            for node in etree.fromstring(views["search"]["arch"]).find(".//searchpanel")
        ]

    def _count(self, ask):
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        ask()
        return self.env.cr.sql_log_count - before

    def _open_board(self, group="gtg_stage"):
        self.model.web_read_group(
            NO_CART,
            [group],
            ["amount_total:sum", "__count"],
            auto_unfold=True,
            unfold_read_specification=self.card,
            unfold_read_default_limit=40,
        )
        self.model.read_progress_bar(
            NO_CART, group, {"field": "gtg_info", "colors": {"approved": "success"}}
        )
        self._open_panel()

    def _open_list(self):
        self.model.web_search_read(NO_CART, self.row, limit=80, count_limit=10001)
        self._open_panel()

    def _open_panel(self):
        for name, select in self.panel:
            wanted = {"search_domain": NO_CART, "enable_counters": True}
            if select == "one":
                self.model.search_panel_select_range(name, **wanted)
            else:
                self.model.search_panel_select_multi_range(name, **wanted)

    def _mixed(self, count):
        orders = self._orders(count)
        confirmed = orders[: count // 4]
        confirmed.action_confirm()
        confirmed[: count // 8]._gtg_hold("address")
        orders[count // 2 :]._gtg_hold("stock")
        orders.gtg_ship_by = fields.Datetime.now()

    def test_statements_do_not_grow_with_the_orders(self):
        self._mixed(20)
        asked = (
            ("board by stage", self._open_board),
            ("board by step", lambda: self._open_board("gtg_substage")),
            ("list", self._open_list),
        )
        few = {}
        for name, ask in asked:
            ask()  # what is cached per registry
            few[name] = self._count(ask)
        self._mixed(200)
        for name, ask in asked:
            many = self._count(ask)
            self.assertLessEqual(many, few[name] + 1, name)
            self.assertLessEqual(many, 25, name)

    def test_first_reason_of_the_holds(self):
        order = self._orders()
        self.assertFalse(order.gtg_hold_reason_id)
        order._gtg_hold("duplicate")
        order._gtg_hold("address")
        first = min(order.gtg_open_hold_ids.reason_id, key=lambda r: r.sequence)
        self.assertEqual(order.gtg_hold_reason_id, first)
        order._gtg_release(first)
        self.assertEqual(order.gtg_hold_reason_id, order.gtg_open_hold_ids.reason_id)
        order.action_gtg_release()
        self.assertFalse(order.gtg_hold_reason_id)

    def test_steps_of_the_work_are_columns_also_when_empty(self):
        self._orders()
        groups = self.model.with_context(read_group_expand=True).web_read_group(
            NO_CART, ["gtg_substage"], ["amount_total:sum"], auto_unfold=True,
            unfold_read_specification=self.card,
        )["groups"]
        shown = [group["gtg_substage"] for group in groups]
        for step in ("to_review", "to_allocate", "to_print", "to_pack", "to_ship"):
            self.assertIn(step, shown)


@tagged("post_install", "-at_install")
class TestBoardTour(OrderFlowCase, HttpCase):
    def test_today_to_board(self):
        self._stock(10)
        orders = self._orders(2, gtg_ship_by=fields.Datetime.now())
        orders[0]._gtg_hold("address", note="Which ward?")
        self.start_tour("/odoo", "gtg_order_flow_today", login="shop-staff")
