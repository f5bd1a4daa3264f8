import math
import unicodedata

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..lib import phone

PAYMENTS = ("cod", "paid", "transfer")
LONGEST = {"name": 120, "street": 250, "ward": 120, "note": 2000}
MOST_LINES = 100
MOST_UNITS = 1_000_000
SUGGESTED = 8


class ResPartner(models.Model):
    _inherit = "res.partner"

    # the same telephone, however it is written
    _gtg_phone_end_idx = models.Index(
        r"(RIGHT(REGEXP_REPLACE(phone, '\D', '', 'g'), 9)) WHERE phone IS NOT NULL"
    )


class GtgOrderEntry(models.AbstractModel):
    """Orders by phone, Facebook, Zalo, typed by keyboard: what the form asks for."""

    _name = "gtg.order.entry"
    _description = "Fast Order Entry"

    @api.model
    def _check_staff(self):
        if not self.env.user.has_group("gtg_order_flow.group_shop_staff"):
            raise AccessError(self.env._("Only shop staff may enter orders."))

    @api.model
    def start(self):
        """:return: what the empty form needs"""
        self._check_staff()
        country = self._country()
        return {
            "channels": self._channels().read(["name", "cod_allowed"], load=False),
            "provinces": country.state_ids.mapped("name"),
            "currency_id": self.env.company.currency_id.id,
        }

    @api.model
    def _channels(self):
        return self.env["gtg.sale.channel"].search(
            [
                ("kind", "not in", ("website", "marketplace")),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )

    @api.model
    def _country(self):
        return self.env.company.country_id or self.env.ref("base.vn")

    # === LOOKING UP === #

    @api.model
    def find_customer(self, number):
        """:return: {phone, error, customer}: customer is False when nobody has it"""
        self._check_staff()
        key = phone.national(_text(number, 60))
        if not key:
            return {"phone": "", "customer": False, "error": self._phone_error()}
        partner, order = self._customer_of(key)
        if not partner:
            return {"phone": key, "customer": False, "error": False}
        place = order.partner_shipping_id or partner
        return {
            "phone": key,
            "error": False,
            "customer": {
                "id": partner.id,
                "name": partner.name or "",
                "street": place.street or "",
                "ward": place.street2 or "",
                "province": place.state_id.name or "",
                "channel_id": order.gtg_channel_id.id or False,
                "orders": self.env["sale.order"].search_count(
                    [("partner_id", "=", partner.id), ("state", "=", "sale")]
                ),
                "last": order.name or "",
            },
        }

    @api.model
    def _phone_error(self):
        return self.env._("Type a Vietnamese number, for instance 0912 345 678.")

    @api.model
    def _customer_of(self, key):
        """:return: (customer with this telephone or none, their last order or none)"""
        # what is typed and not yet written counts too
        self.env["res.partner"].flush_model(["phone", "company_id", "active"])
        rows = self.env.execute_query(
            SQL(
                r"""SELECT id FROM res_partner
                     WHERE RIGHT(REGEXP_REPLACE(phone, '\D', '', 'g'), 9) = %s
                       AND phone IS NOT NULL AND active""",
                key[-9:],
            )
        )
        partners = self.env["res.partner"].search(
            [
                ("id", "in", [row[0] for row in rows]),
                ("company_id", "in", (False, self.env.company.id)),
            ],
            order="id desc",
        )
        partners = partners.filtered(lambda p: phone.national(p.phone) == key)
        people = partners.commercial_partner_id | partners
        order = self.env["sale.order"].search(
            [
                ("partner_id", "in", people.ids),
                ("company_id", "=", self.env.company.id),
                ("gtg_channel_id", "in", self._channels().ids),
            ],
            order="date_order desc, id desc",
            limit=1,
        )
        return order.partner_id or (partners.commercial_partner_id or partners)[:1], order

    @api.model
    def find_products(self, text, channel_id=False, partner_id=False):
        """:return: products by SKU or barcode (exactly: only these), else by name"""
        self._check_staff()
        text = _text(text, 100)
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
            [*domain, "|", ("default_code", "=ilike", _literal(text)),
             ("barcode", "=", text)],
            limit=2,
        )
        if exact:
            return exact
        return product.search(
            [*domain, "|", ("name", "ilike", _literal(text)),
             ("default_code", "ilike", _literal(text))],
            limit=SUGGESTED,
        )

    @api.model
    def _pricelist(self, channel_id, partner_id):
        partner = self.env["res.partner"].browse(_whole(partner_id)).exists()
        order = self.env["sale.order"].new({"company_id": self.env.company.id})
        channel = self._channels().filtered(lambda c: c.id == _whole(channel_id))
        return (
            channel._gtg_gives("pricelist_id", order)
            or partner.property_product_pricelist
        )

    # === SAVING === #

    @api.model
    def save(self, values):
        """Make the order, all of it or nothing.

        :param dict values: what was typed: phone, name, street, ward, province,
            channel_id, payment, lines [{product_id, quantity}], buyer_note,
            seller_note, confirm, key (random, one per form: pressed twice is once)
        :return: {errors: {field: sentence}} or {order: {id, name, total, told}}
        """
        self._check_staff()
        values = values if isinstance(values, dict) else {}
        typed, errors = self._read(values)
        if errors:
            return {"errors": errors}
        known = self.env["sale.order"].search([("gtg_entry_key", "=", typed["key"])])
        if typed["key"] and known:
            return {"order": self._answer(known)}
        try:
            with self.env.cr.savepoint():
                order = self._make(typed)
        except UserError as error:
            return {"errors": {"form": str(error)}}
        return {"order": self._answer(order)}

    @api.model
    def _answer(self, order):
        holds = order._gtg_open_holds()
        if holds:
            told = "\n".join(hold._gtg_sentence() for hold in holds)
        elif order.gtg_pays_first and not order.gtg_paid_at:
            told = self.env._("Waits for the money; nothing is reserved yet.")
        elif order.state == "sale" and order.gtg_goods == "waiting":
            told = self.env._("Confirmed, but stock is missing.")
        else:
            told = ""
        return {
            "id": order.id,
            "name": order.name,
            "customer": order.partner_id.name,
            "total": order.amount_total,
            "told": told,
        }

    @api.model
    def _read(self, values):
        """:return: (clean values, {field: what is wrong with it})"""
        errors = {}
        typed = {
            "key": _text(values.get("key"), 64),
            "phone": phone.national(_text(values.get("phone"), 60)),
            "payment": values.get("payment"),
            "confirm": values.get("confirm") is not False,
        }
        for name in ("name", "street", "ward", "province"):
            typed[name] = _text(values.get(name), LONGEST.get(name, 120))
        for name in ("buyer_note", "seller_note"):
            typed[name] = _text(values.get(name), LONGEST["note"])
        if not typed["phone"]:
            errors["phone"] = self._phone_error()
        if not typed["name"]:
            errors["name"] = self.env._("Who is the buyer?")
        typed["channel"] = self._channels().filtered(
            lambda channel: channel.id == _whole(values.get("channel_id"))
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
        return typed, errors

    @api.model
    def _state_of(self, province):
        states = self._country().state_ids
        wanted = _plain(province)
        if not wanted:
            return states.browse()
        same = states.filtered(lambda state: wanted in _names_of(state))
        near = same or states.filtered(lambda state: wanted in _plain(state.name))
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
                    ("id", "in", [_whole(line.get("product_id")) for line in lines]),
                    ("sale_ok", "=", True),
                    ("company_id", "in", (False, self.env.company.id)),
                ]
            )
        }
        clean = []
        for index, line in enumerate(lines):
            product = products.get(_whole(line.get("product_id")))
            quantity = _number(line.get("quantity"))
            if not product:
                errors[f"line_{index}"] = self.env._(
                    "Unknown product: type its SKU, barcode or name again."
                )
            elif quantity is None or not 0 < quantity <= MOST_UNITS:
                errors[f"line_{index}"] = self.env._("How many? At least 1.")
            else:
                clean.append((product, quantity))
        return clean

    @api.model
    def _make(self, typed):
        partner, place = self._buyer(typed)
        channel, pays = typed["channel"], typed["payment"]
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "partner_shipping_id": place.id,
                "company_id": self.env.company.id,
                "user_id": self.env.uid,
                "gtg_channel_id": channel.id,
                "gtg_entry_key": typed["key"] or False,
                "gtg_buyer_note": typed["buyer_note"] or False,
                "gtg_seller_note": typed["seller_note"] or False,
                "gtg_is_cod": pays == "cod",
                "gtg_pays_first": pays == "transfer",
                "order_line": [
                    fields.Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity}
                    )
                    for product, quantity in typed["lines"]
                ],
            }
        )
        if pays == "paid":
            order.action_gtg_paid()
        if typed["confirm"] and pays != "transfer" and order.gtg_info != "on_hold":
            if order.state in ("draft", "sent"):
                order.action_confirm()
        return order

    @api.model
    def _buyer(self, typed):
        """:return: (customer, delivery address), made where missing; what is known of
        a customer is never overwritten, another address becomes one of its own
        """
        address = {
            "street": typed["street"] or False,
            "street2": typed["ward"] or False,
            "state_id": typed["state"].id,
            "country_id": self._country().id,
        }
        partner, order = self._customer_of(typed["phone"])
        if not partner:
            partner = (
                self.env["res.partner"]
                .sudo()
                .create(
                    {
                        **address,
                        "name": typed["name"],
                        "phone": typed["phone"],
                        "company_id": self.env.company.id,
                        "lang": self.env.lang,
                    }
                )
                .sudo(self.env.su)
            )
            return partner, partner
        wanted = {**address, "name": typed["name"]}
        places = order.partner_shipping_id | partner | partner.child_ids
        for place in places:
            if all(
                (place[name].id if name.endswith("_id") else place[name] or False)
                == (value or False)
                for name, value in wanted.items()
            ):
                return partner, place
        if not (partner.street or partner.street2 or partner.state_id):
            partner.sudo().write(address)
            if partner.name == typed["name"]:
                return partner, partner
        if not (address["street"] or address["street2"]):
            return partner, order.partner_shipping_id or partner
        place = (
            self.env["res.partner"]
            .sudo()
            .create(
                {
                    **wanted,
                    "type": "delivery",
                    "parent_id": partner.id,
                    "phone": typed["phone"],
                    "company_id": partner.company_id.id,
                }
            )
        )
        return partner, place.sudo(self.env.su)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_entry_key = fields.Char(copy=False, readonly=True)

    _gtg_entry_key_unique = models.UniqueIndex(
        "(gtg_entry_key) WHERE gtg_entry_key IS NOT NULL", "Saved already."
    )


def _literal(text):
    """For `ilike`: what the person typed, not a pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _plain(text):
    """For comparing: no accents, spaces or case."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    return "".join(c for c in bare if c.isalnum() and not unicodedata.combining(c))


def _names_of(state):
    """What people type for a province: its name, its code, its initials."""
    words = [_plain(word) for word in state.name.split()]
    initials = "".join(word[:1] for word in words if word != "tp")
    code = _plain(state.code)
    return {"".join(words), code, code.removeprefix("vn"), initials, f"tp{initials}"}


def _text(value, longest):
    """Text as typed, without what PostgreSQL cannot store; '' for anything else."""
    if not isinstance(value, str):
        return ""
    clean = "".join(c for c in value if c == "\n" or c.isprintable())
    return clean.strip()[:longest]


def _whole(value):
    """An id, 0 for anything that is none."""
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return value if is_id and 0 < value < 2**31 else 0


def _number(value):
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
