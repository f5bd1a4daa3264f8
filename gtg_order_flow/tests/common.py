from odoo.fields import Command
from odoo.tests import TransactionCase


class OrderFlowCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.buyer = cls.env["res.partner"].create(
            {
                "name": "Nguyễn Thị Lan",
                "email": "lan@example.com",
                "phone": "0912345678",
            }
        )
        cls.tea, cls.cup = cls.env["product.product"].create(
            [
                {
                    "name": name,
                    "default_code": code,
                    "is_storable": True,
                    "list_price": price,
                    "taxes_id": False,
                    "invoice_policy": "order",
                }
                for name, code, price in (
                    ("Oolong tea", "TEA", 150000),
                    ("Clay cup", "CUP", 50000),
                )
            ]
        )
        cls.phone = cls.env.ref("gtg_order_flow.channel_phone")
        cls.website_channel = cls.env.ref("gtg_order_flow.channel_website")
        # most tests promise what they look at themselves
        cls.env["gtg.sale.channel"].search([]).promise_ship_date = False
        cls.staff = cls._user("shop-staff", "gtg_order_flow.group_shop_staff")

    @classmethod
    def _user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "password": login,
                "email": f"{login}@example.com",
                "group_ids": [Command.set([cls.env.ref(g).id for g in groups])],
            }
        )

    @classmethod
    def _stock(cls, quantity, products=None):
        for product in products or (cls.tea | cls.cup):
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, quantity
            )

    @classmethod
    def _orders(cls, count=1, **vals):
        return cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.buyer.id,
                    "order_line": [
                        Command.create({"product_id": p.id, "product_uom_qty": 1})
                        for p in (cls.tea, cls.cup)
                    ],
                    **vals,
                }
                for __ in range(count)
            ]
        )

    def _statements(self, call):
        """:return: number of SQL statements of a call that finds no record cached"""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _deliver(self, orders):
        pickings = orders.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        pickings.move_ids.picked = True
        pickings.button_validate()

    def _axes(self, order):
        return order.gtg_money, order.gtg_goods, order.gtg_info, order.gtg_stage

    def _mails(self, orders):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "in", orders.ids)]
        )
