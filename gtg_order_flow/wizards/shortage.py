from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL


class GtgShortage(models.TransientModel):
    """What all waiting orders lack, and how much of it to buy from whom."""

    _name = "gtg.shortage"
    _description = "Shortage to Purchase"

    line_ids = fields.One2many("gtg.shortage.line", "shortage_id")

    @api.depends("create_date")
    def _compute_display_name(self):
        for shortage in self:
            shortage.display_name = self.env._("Shortage")

    @api.model
    def action_open(self):
        """Menu: look at the shortage of now."""
        lacks = self.env["product.product"]._gtg_lacks(self.env.companies)
        shortage = self.create(
            {"line_ids": [Command.create(vals) for vals in self._gtg_lines(lacks)]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Shortage"),
            "res_model": self._name,
            "res_id": shortage.id,
            "views": [(self.env.ref("gtg_order_flow.view_shortage_form").id, "form")],
        }

    @api.model
    def _gtg_lines(self, lacks):
        # one record set: vendors and prices of all products are read together
        products = self.env["product.product"].browse(
            {lack.product_id for lack in lacks.values()}
        )
        products = {product.id: product for product in products}
        companies = {company.id: company for company in self.env.companies}
        lines = []
        for lack in lacks.values():
            lacking = lack.missing - lack.free - lack.on_order
            vals = {
                "product_id": lack.product_id,
                "warehouse_id": lack.warehouse_id,
                "order_count": lack.orders,
                "missing": lack.missing,
                "free": lack.free,
                "on_order": lack.on_order,
                "lacking": lacking,
                "due": lack.due,
            }
            product = products[lack.product_id]
            if product.uom_id.compare(lacking, 0) > 0:
                vals.update(
                    self._gtg_offer(product, lacking, companies[lack.company_id])
                )
            lines.append(vals)
        return lines

    @api.model
    def _gtg_offer(self, product, lacking, company, vendor=None):
        seller, quantity = product._gtg_to_buy(lacking, company, vendor)
        if not product.purchase_ok:
            return {"problem": self.env._("Not for purchase: tick that on the product.")}
        if not seller:
            return {
                "problem": self.env._("No vendor: add one on the product, tab Purchase.")
            }
        return {
            "to_buy": quantity,
            "vendor_id": seller.partner_id.id,
            "price": seller.price_discounted,
            "currency_id": seller.currency_id.id,
            "delay": seller.delay,
        }

    # === BUY === #

    def action_buy(self):
        """Draft purchase orders, one per vendor and warehouse; what somebody has bought
        since this list was made is not bought again.
        """
        self.ensure_one()
        self.check_access("write")
        self._gtg_lock()
        lacks = self.env["product.product"]._gtg_lacks(self.env.companies)
        wanted = {}
        for line in self.line_ids.filtered(lambda line: line.to_buy > 0):
            lack = lacks.get((line.warehouse_id.id, line.product_id.id))
            lacking = lack.missing - lack.free - lack.on_order if lack else 0
            quantity = line.to_buy + lacking - line.lacking
            uom = line.product_id.uom_id
            if uom.compare(lacking, 0) <= 0 or uom.compare(quantity, 0) <= 0:
                continue
            company = line.warehouse_id.company_id
            line._gtg_check_vendor()
            seller, __ = line.product_id._gtg_to_buy(
                quantity, company, line.vendor_id.sudo()
            )
            if seller:
                key = (company, line.warehouse_id, seller.partner_id, seller.currency_id)
                wanted.setdefault(key, []).append((line.product_id, quantity, seller))
        if not wanted:
            raise UserError(
                self.env._(
                    "Nothing to buy: it is on order already, or no vendor is known."
                )
            )
        purchases = self.env["purchase.order"].sudo()
        for key, products in wanted.items():
            purchases |= purchases._gtg_buy_shortage(*key, products)
        return self._gtg_show(purchases)

    def _gtg_lock(self):
        """Who presses at the same moment is run again and sees what we bought."""
        self.env.cr.execute(
            SQL(
                "UPDATE stock_warehouse SET write_date = write_date WHERE id = ANY(%s)",
                self.line_ids.warehouse_id.sorted("id").ids,
            ),
            log_exceptions=False,
        )

    def _gtg_show(self, purchases):
        if not self.env["purchase.order"].has_access("read"):
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._(
                        "Drafts for the buyer: %s",
                        ", ".join(purchases.mapped("name")),
                    ),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Purchase of the shortage"),
            "res_model": "purchase.order",
            "domain": [("id", "in", purchases.ids)],
            "views": [(False, "list"), (False, "form")],
        }


class GtgShortageLine(models.TransientModel):
    _name = "gtg.shortage.line"
    _description = "Shortage of a Product"

    shortage_id = fields.Many2one("gtg.shortage", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, readonly=True)
    uom_id = fields.Many2one(related="product_id.uom_id")
    warehouse_id = fields.Many2one("stock.warehouse", required=True, readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    missing = fields.Float(digits="Product Unit", readonly=True)
    free = fields.Float(string="Free Stock", digits="Product Unit", readonly=True)
    on_order = fields.Float(digits="Product Unit", readonly=True)
    lacking = fields.Float(digits="Product Unit", readonly=True)
    due = fields.Datetime(string="First Due", readonly=True)
    vendor_id = fields.Many2one("res.partner")
    vendor_ids = fields.Many2many(
        "res.partner", string="Vendors", compute="_compute_vendor_ids"
    )
    to_buy = fields.Float(
        digits="Product Unit", compute="_compute_to_buy", store=True, readonly=False
    )
    price = fields.Monetary(compute="_compute_offer", store=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_offer", store=True)
    delay = fields.Integer("Lead Days", compute="_compute_offer", store=True)
    problem = fields.Char(readonly=True)

    @api.depends("product_id", "warehouse_id")
    def _compute_vendor_ids(self):
        for line in self:
            company = line.warehouse_id.company_id
            line.vendor_ids = line.product_id._gtg_vendors(company)

    @api.depends("vendor_id")
    def _compute_to_buy(self):
        """How much another vendor sells at least."""
        for line in self:
            line.to_buy = line._gtg_offer_of_vendor().get("to_buy", 0)

    @api.depends("vendor_id")
    def _compute_offer(self):
        for line in self:
            offer = line._gtg_offer_of_vendor()
            for name in ("price", "currency_id", "delay"):
                line[name] = offer.get(name, False)

    def _gtg_offer_of_vendor(self):
        if not self.vendor_id:
            return {}
        return self.shortage_id._gtg_offer(
            self.product_id,
            self.lacking,
            self.warehouse_id.company_id,
            self.vendor_id.sudo(),
        )

    def _gtg_check_vendor(self):
        """:raise UserError: the vendor does not sell it (any more)"""
        if self.vendor_id not in self.sudo().vendor_ids:
            raise UserError(
                self.env._(
                    "Choose who sells %s: it needs a vendor on the product, tab "
                    "Purchase.",
                    self.product_id.display_name,
                )
            )
