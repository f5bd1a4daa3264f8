import io
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .test_scan_out import ScanCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestWaves(ScanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # deliveries of other tests' data are not ours to work on
        cls.env["gtg.work.order"].search([]).picking_id.do_unreserve()
        cls._stock(100)
        now = fields.Datetime.now().replace(microsecond=0)
        cls.slow, cls.fast = cls.env["delivery.carrier"].create(
            [
                {"name": name, "product_id": cls.cup.id, "sequence": number}
                for number, name in enumerate(("Slow", "Fast"))
            ]
        )

        def order(number, lines, **vals):
            return cls.env["sale.order"].create(
                {
                    "partner_id": cls.buyer.id,
                    "date_order": now + number * DAY / 100,
                    "order_line": [
                        Command.create({"product_id": p.id, "product_uom_qty": n})
                        for p, n in lines
                    ],
                    **vals,
                }
            )

        both = [(cls.tea, 1), (cls.cup, 1)]
        cls.first = order(1, both, gtg_ship_by=now + 3 * DAY, carrier_id=cls.fast.id)
        cls.tea1 = order(2, [(cls.tea, 1)], carrier_id=cls.slow.id)
        cls.due = order(3, both[:1] + [(cls.cup, 3)], gtg_ship_by=now + DAY)
        cls.tea2 = order(4, [(cls.tea, 1)], gtg_ship_by=now + 2 * DAY)
        cls.all = cls.first | cls.tea1 | cls.due | cls.tea2
        cls.all.action_confirm()
        for number, done in enumerate(cls.all, 1):
            done.date_order = now + number * DAY / 100  # confirming sets today
        for done in cls.all:
            done.picking_ids.carrier_id = done.carrier_id

    def _wave(self, user=None, **vals):
        wave = (
            self.env["gtg.next.wave"]
            .with_user(user or self.packer)
            .create({"warehouse_id": self.warehouse.id, **vals})
        )
        return self.env["stock.picking.batch"].browse(wave.action_create()["res_id"])

    def _orders_of(self, batch):
        return batch._gtg_to_pack().sale_id.mapped("id")

    def test_each_order_of_work(self):
        ids = {
            "promised": self.due | self.tea2 | self.first | self.tea1,
            "age": self.first | self.tea1 | self.due | self.tea2,
            "simple": self.tea2 | self.tea1 | self.first | self.due,
            "same": self.tea2 | self.tea1,
            "carrier": self.tea1 | self.first,
        }
        for sort, expected in ids.items():
            with self.subTest(sort), self.env.cr.savepoint() as savepoint:
                batch = self._wave(sort=sort, count=len(expected))
                self.assertEqual(self._orders_of(batch), list(expected._ids))
                self.assertEqual(batch.state, "in_progress")
                self.assertEqual(batch.user_id, self.packer)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_urgent_goes_first(self):
        self.tea1.picking_ids.priority = "1"
        self.assertEqual(self._orders_of(self._wave(count=1)), self.tea1.ids)

    def test_batch_of_many_orders_is_in_work_order(self):
        by_date = self.due | self.tea2 | self.first | self.tea1
        for sort, expected in (
            ("promised", by_date),
            ("age", self.first | self.tea1 | self.due | self.tea2),
        ):
            self.warehouse.gtg_wave_sort = sort
            bulk = self.env["gtg.order.bulk"]._gtg_prepare("batch", self.all)
            bulk._gtg_sort_and_do(bulk.line_ids[:2])
            bulk.action_chunk()
            self.assertEqual(self._orders_of(bulk.batch_ids), list(expected._ids), sort)
            bulk.batch_ids.picking_ids.batch_id = False

    def test_the_warehouse_says_how(self):
        self.warehouse.write({"gtg_wave_sort": "age", "gtg_wave_size": 3})
        batch = self._wave()
        self.assertEqual(
            self._orders_of(batch), (self.first | self.tea1 | self.due).ids
        )

    def test_never_twice_in_a_wave(self):
        one, two = self._wave(count=3), self._wave(count=3)
        self.assertEqual((len(one.picking_ids), len(two.picking_ids)), (3, 1))
        self.assertFalse(one.picking_ids & two.picking_ids)
        with self.assertRaisesRegex(UserError, "Nothing waits for a wave"):
            self._wave(count=1)

    def test_filters_by_carrier_and_channel(self):
        wave = self._wave(carrier_id=self.fast.id)
        self.assertEqual(self._orders_of(wave), self.first.ids)
        self.tea2.gtg_channel_id = self.website_channel
        wave = self._wave(channel_id=self.website_channel.id)
        self.assertEqual(self._orders_of(wave), self.tea2.ids)

    def test_held_refunded_and_short_orders_are_never_in_a_wave(self):
        self.due._gtg_hold("address")
        self.tea2.write({"gtg_paid_at": "2026-01-01", "gtg_refunded_at": "2026-01-01"})
        self.first.order_line[0].product_uom_qty = 1000
        batch = self._wave()
        self.assertEqual(self._orders_of(batch), self.tea1.ids)
        row = self.env["gtg.work.order"].search([("order_id", "=", self.due.id)])
        self.assertTrue(row.held)

    def test_what_is_held_later_leaves_its_wave(self):
        batch = self._wave()
        self.due._gtg_hold("address")
        self.assertFalse(self.due.picking_ids.batch_id)
        self.assertEqual(len(batch.picking_ids), 3)
        self.assertIn(
            self.due.picking_ids.name, "".join(batch.message_ids.mapped("body"))
        )
        (self.all - self.due)._gtg_hold("address")
        self.assertEqual(batch.state, "cancel")

    def test_hold_that_forbids_nothing_leaves_the_wave_alone(self):
        batch = self._wave()
        self.due._gtg_hold("stock")
        self.assertEqual(self.due.picking_ids.batch_id, batch)

    def test_two_steps_make_waves_of_the_picking_step(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self._orders()
        order.action_confirm()
        batch = self._wave()
        self.assertEqual(batch.picking_type_id, self.warehouse.pick_type_id)
        self.assertEqual(batch.picking_ids.sale_id, order)

    def test_pick_list_sums_products_per_shelf(self):
        shelf = self.env["stock.location"].create(
            {"name": "Kệ A", "location_id": self.warehouse.lot_stock_id.id}
        )
        self.env["stock.quant"]._update_available_quantity(self.cup, shelf, 5)
        batch = self._wave()
        lines = batch._gtg_pick_lines()
        self.assertEqual(
            {(line["product"], line["quantity"]) for line in lines},
            {(self.tea, 4), (self.cup, 4)},
        )
        self.cup.name = "Chén đất nung <b>"
        html = self._render("gtg_order_flow.report_pick_list", batch)
        self.assertIn("Chén đất nung &lt;b&gt;", html)

    def test_pack_list_shows_order_notes_and_gifts(self):
        self.due.write({"gtg_buyer_note": "Gói quà <i>", "gtg_seller_note": "Nhẹ tay"})
        self.due.order_line[1].price_unit = 0
        batch = self._wave()
        html = self._render("gtg_order_flow.report_pack_list_batch", batch)
        for text in ("Gói quà &lt;i&gt;", "Nhẹ tay", "Gift: 3", "Nguyễn Thị Lan"):
            self.assertIn(text, html)
        for order in self.all:
            self.assertIn(order.name, html)
        alone = self._render("gtg_order_flow.report_pack_list", self.due.picking_ids)
        self.assertIn("Nhẹ tay", alone)
        self.assertNotIn(self.first.name, alone)

    def test_papers_of_several_parcels_are_one_file(self):
        """Also with Debian's wkhtmltopdf, which draws one document at a time."""
        batch = self._wave()
        pickings = batch.picking_ids
        for report, records in (
            ("gtg_order_flow.report_pack_list_batch", batch),
            ("gtg_order_flow.report_pack_list", pickings),
            ("stock.action_report_delivery", pickings),
        ):
            content, kind = (
                self.env["ir.actions.report"]
                .with_user(self.packer)
                .with_context(force_report_rendering=True)
                ._render_qweb_pdf(report, records.ids)
            )
            self.assertEqual(kind, "pdf")
            pages = [
                page.extract_text()
                for page in PdfFileReader(io.BytesIO(content), strict=False).pages
            ]
            self.assertEqual(len(pages), len(self.all), report)
            for order, page in zip(pickings.sale_id, pages, strict=True):
                self.assertIn(order.name, page)

    def _render(self, report, records):
        content, _kind = self.env["ir.actions.report"].with_user(
            self.packer
        )._render_qweb_html(report, records.ids)
        return content.decode()

    def test_list_costs_the_same_for_many(self):
        rows = self.env["gtg.work.order"].with_user(self.packer)
        fields_ = ["order_id", "ship_by", "goods", "twins", "carrier_id", "batch_id"]

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = rows.search_read([], fields_)
            return len(found), self.env.cr.sql_log_count - before

        few, cost_of_few = cost()
        self._orders(30).action_confirm()
        many, cost_of_many = cost()
        self.assertEqual(many - few, 30)
        self.assertLessEqual(cost_of_many, cost_of_few)

    def test_access(self):
        portal = self._user("portal-wave", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env["gtg.work.order"].with_user(portal).search([])
        with self.assertRaises(AccessError):
            self._wave(portal)
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertFalse(self.env["gtg.work.order"].with_user(stranger).search([]))
        with self.assertRaisesRegex(UserError, "Nothing waits for a wave"):
            self._wave(stranger)
        self.assertFalse(self.all.picking_ids.batch_id)
