from odoo import api, fields, models

from ..lib import clean, phone
from .order_clock import HOME

PAYMENTS = ("cod", "paid", "transfer")
LONGEST = {"name": 120, "street": 250, "ward": 120, "note": 2000}
MOST_LINES = 100
MOST_UNITS = 1_000_000
MOST_MONEY = 10**12
MOST_DAYS = 366
SUGGESTED = 8


class GtgOrderEntry(models.AbstractModel):
    """What was typed: products found by it, and all of it read with care."""

    _inherit = "gtg.order.entry"

    @api.model
    def find_products(self, text, channel_id=False, partner_id=False):
        """:return: products by SKU or barcode (exactly: only these), else by name"""
        self._check_staff()
        text = clean.text(text, 100)
        if not text:
            return []
        products = self._products(text)
        prices = self._pricelist(channel_id, partner_id)._get_products_price(
            products, 1.0
        )
        return [
            {
                "id": product.id,
                "name": product.with_context(display_default_code=False).display_name,
                "sku": product.default_code or "",
                "price": prices[product.id],
                "free": product.free_qty if product.is_storable else None,
            }
            for product in products
        ]

    @api.model
    def _products(self, text):
        product = self.env["product.product"]
        domain = [
            ("sale_ok", "=", True),
            ("company_id", "in", (False, self.env.company.id)),
        ]
        exact = product.search(
            [*domain, "|", ("default_code", "=ilike", clean.literal(text)),
             ("barcode", "=", text)],
            limit=2,
        )
        if exact:
            return exact
        return product.search(
            [*domain, "|", ("name", "ilike", clean.literal(text)),
             ("default_code", "ilike", clean.literal(text))],
            limit=SUGGESTED,
        )

    @api.model
    def _pricelist(self, channel_id, partner_id):
        partner = self.env["res.partner"].browse(clean.whole(partner_id)).exists()
        channel = self._channels().filtered(lambda c: c.id == clean.whole(channel_id))
        return self._pricelist_of(channel, partner)

    @api.model
    def _pricelist_of(self, channel, partner):
        """:return: the pricelist the order will have; an unknown buyer gets the one
        of the country
        """
        order = self.env["sale.order"].new({"company_id": self.env.company.id})
        lists = self.env["product.pricelist"]
        given = channel._gtg_gives("pricelist_id", order) if channel else lists
        if given or partner:
            return given or partner.property_product_pricelist
        if not self.env["res.groups"]._is_feature_enabled(
            "product.group_product_pricelist"
        ):
            return lists
        country = self._country()
        return lists._get_country_pricelist_multi(country.ids)[country.id]

    @api.model
    def _read(self, values):
        """:return: (clean values, {field: what is wrong with it})"""
        errors = {}
        typed = {
            "key": clean.text(values.get("key"), 64),
            "phone": phone.national(clean.text(values.get("phone"), 60)),
            "payment": values.get("payment"),
            "confirm": values.get("confirm") is not False,
        }
        for name in ("name", "street", "ward", "province"):
            typed[name] = clean.text(values.get(name), LONGEST.get(name, 120))
        for name in ("buyer_note", "seller_note"):
            typed[name] = clean.text(values.get(name), LONGEST["note"])
        if not typed["phone"]:
            errors["phone"] = self._phone_error()
        if not typed["name"]:
            errors["name"] = self.env._("Who is the buyer?")
        typed["channel"] = self._channels().filtered(
            lambda channel: channel.id == clean.whole(values.get("channel_id"))
        )
        if not typed["channel"]:
            errors["channel_id"] = self.env._("Choose where the order came from.")
        if typed["payment"] not in PAYMENTS:
            errors["payment"] = self.env._("Choose how the buyer pays.")
        elif typed["payment"] == "cod" and not typed["channel"].cod_allowed:
            errors["payment"] = self.env._("This channel takes no cash on delivery.")
        typed["state"] = self._state_of(typed["province"])
        if typed["province"] and not typed["state"]:
            errors["province"] = self.env._("No such province: choose one of the list.")
        typed["lines"] = self._read_lines(values.get("lines"), errors)
        self._read_terms(values, typed, errors)
        return typed, errors

    @api.model
    def _state_of(self, province):
        states = self._country().state_ids
        wanted = clean.plain(province)
        if not wanted:
            return states.browse()
        same = states.filtered(lambda state: wanted in clean.names_of(state))
        near = same or states.filtered(lambda state: wanted in clean.plain(state.name))
        return near if len(near) == 1 else states.browse()

    @api.model
    def _read_lines(self, lines, errors):
        lines = lines if isinstance(lines, list) else []
        if not lines:
            errors["lines"] = self.env._("Add a product: SKU, barcode or name.")
        if len(lines) > MOST_LINES:
            errors["lines"] = self.env._("At most %s products.", MOST_LINES)
            return []
        lines = [line if isinstance(line, dict) else {} for line in lines]
        products = {
            product.id: product
            for product in self.env["product.product"].search(
                [
                    ("id", "in", [clean.whole(line.get("product_id")) for line in lines]),
                    ("sale_ok", "=", True),
                    ("company_id", "in", (False, self.env.company.id)),
                ]
            )
        }
        rows = []
        for index, line in enumerate(lines):
            product = products.get(clean.whole(line.get("product_id")))
            quantity = clean.number(line.get("quantity"))
            price, wrong = self._read_money(line.get("price"))
            if not product:
                errors[f"line_{index}"] = self.env._(
                    "Unknown product: type its SKU, barcode or name again."
                )
            elif product._gtg_is_chosen():
                errors[f"line_{index}"] = self.env._(
                    "The buyer chooses what is in it: sell it on a quotation."
                )
            elif quantity is None or not 0 < quantity <= MOST_UNITS:
                errors[f"line_{index}"] = self.env._("How many? At least 1.")
            elif wrong or (price is not None and not self._may_price()):
                errors[f"line_{index}"] = self.env._("This price cannot be taken.")
            else:
                rows.append(
                    {
                        "index": index,
                        "product": product,
                        "quantity": quantity,
                        "price": price,
                    }
                )
        return rows

    # === MONEY AND DATE === #

    @api.model
    def _may_price(self):
        """Whether this person may give prices and fees that no list knows."""
        line = self.env["sale.order.line"]
        return line._has_field_access(line._fields["price_unit"], "write")

    @api.model
    def _read_money(self, value):
        """:return: (amount or None where nothing was typed, whether it is none)"""
        if value is None or value == "":
            return None, False
        amount = clean.money(value, self.env.company.currency_id.decimal_places)
        if amount is None or not 0 <= amount <= MOST_MONEY:
            return None, True
        return amount, False

    @api.model
    def _read_terms(self, values, typed, errors):
        """Carrier, its fee, the discount, the ship date."""
        typed["carrier"] = self._carriers().filtered(
            lambda carrier: carrier.id == clean.whole(values.get("carrier_id"))
        )
        if values.get("carrier_id") and not typed["carrier"]:
            errors["carrier_id"] = self.env._("Choose a delivery method of the list.")
        typed["fee"], wrong = self._read_money(values.get("fee"))
        if wrong or (typed["fee"] is not None and not self._may_price()):
            errors["fee"] = self.env._("This fee cannot be taken.")
        typed["shown"], _wrong = self._read_money(values.get("shown"))
        self._read_discount(values.get("discount"), typed, errors)
        self._read_ship_date(values.get("ship_date"), typed, errors)

    @api.model
    def _read_discount(self, value, typed, errors):
        """10% of all goods, or an amount off the whole."""
        value = clean.text(value, 20) if isinstance(value, str) else value
        typed["percent"] = typed["off"] = 0
        if isinstance(value, str) and value.endswith("%"):
            typed["percent"] = clean.number(value[:-1])
            wrong = typed["percent"] is None or not 0 <= typed["percent"] <= 100
        else:
            off, wrong = self._read_money(value)
            typed["off"] = off or 0
        if wrong or ((typed["percent"] or typed["off"]) and not self._may_price()):
            errors["discount"] = self.env._("Type 10% or an amount.")
            typed["percent"] = typed["off"] = 0

    @api.model
    def _read_ship_date(self, value, typed, errors):
        typed["ship_by"] = False
        if not value:
            return
        try:
            day = fields.Date.to_date(clean.text(value, 10))
        except ValueError:
            day = False
        today = fields.Date.context_today(self.with_context(tz=self._zone()))
        if not day or not 0 <= (day - today).days <= MOST_DAYS:
            errors["ship_date"] = self.env._("Choose a date that is still to come.")
            return
        typed["ship_by"] = typed["channel"]._gtg_end_of_work(self.env.company, day)

    @api.model
    def _zone(self):
        return self.env.company.partner_id.tz or HOME
