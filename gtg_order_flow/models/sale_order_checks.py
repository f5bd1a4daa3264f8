import hashlib
import logging
import re
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

from ..lib import phone
from .order_hold import FOUND

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    """Checks of arrived orders. What a check finds is a hold that the check itself
    ends when the cause has ended; what a person released stays released as long as
    the same is found.
    """

    _inherit = "sale.order"

    gtg_phone_key = fields.Char(
        compute="_compute_gtg_phone_key",
        store=True,
        index="btree_not_null",
        help="Equal for orders of buyers with the same telephone.",
    )

    @api.depends("partner_shipping_id.phone", "partner_id.phone")
    def _compute_gtg_phone_key(self):
        for order in self:
            order.gtg_phone_key = phone.key(order._gtg_phone()) or False

    def _gtg_phone(self):
        return self.partner_shipping_id.phone or self.partner_id.phone or ""

    @api.model
    def _gtg_checks(self):
        """:return: {code of the hold reason: (setting of the channel, method)}

        A method gets the orders whose channel wants the check and returns
        {order: (key, sentence)}; the key is the same as long as the same is found.
        It reads for all orders at once. Extend.
        """
        return {
            "duplicate": ("duplicate_hours", "_gtg_find_duplicates"),
            "address": ("check_address", "_gtg_find_addresses"),
            "phone": ("check_phone", "_gtg_find_phones"),
            "buyer_note": ("check_note", "_gtg_find_notes"),
            "first_cod": ("first_cod_limit", "_gtg_find_first_cod"),
            "total_mismatch": ("check_total", "_gtg_find_totals"),
            "stock": ("check_stock", "_gtg_find_shortages"),
        }

    def _gtg_check(self, only=None):
        """Hold what the checks find, release what they find no more.

        :param only: codes of the checks to do, all by default
        """
        orders = self.sudo().filtered(
            lambda order: (
                order.gtg_arrived_at
                and order.state != "cancel"
                and not order.gtg_shipped_at
                and not order.gtg_delivered_at
            )
        )
        if not orders:
            return
        orders.mapped("amount_total")  # whoever may not have it so is told here
        lang = orders.company_id[:1].partner_id.lang
        orders = orders.with_context(lang=lang or self.env.lang)
        known = (
            self.env["gtg.order.hold"]
            .sudo()
            .search([("order_id", "in", orders.ids), ("cause", "=", FOUND)])
        )
        for code, (setting, method) in self._gtg_checks().items():
            if only and code not in only:
                continue
            wanted = orders.filtered(lambda o, s=setting: o.gtg_channel_id[s])
            mine = known.filtered(lambda hold, code=code: hold.reason_id.code == code)
            if not wanted and not mine:
                continue
            try:
                with self.env.cr.savepoint():
                    found = getattr(wanted, method)() if wanted else {}
                    if found or mine:
                        orders._gtg_take_findings(code, found, mine)
            except CONFLICTS:
                raise
            except Exception:  # a check that fails costs no order its arrival
                _logger.exception("check %s of orders %s", code, orders.ids)
        orders._gtg_end_told(only)

    def _gtg_take_findings(self, code, found, known):
        """:param known: holds of this reason that the check put before, open or not"""
        accepted = {
            (hold.order_id.id, hold.finding)
            for hold in known
            if hold.state == "released" and hold.finding
        }
        bad = {
            order.id: {"finding": key, "note": sentence}
            for order, (key, sentence) in found.items()
            if (order.id, key) not in accepted
        }
        over = known.filtered(
            lambda hold: hold.state == "open" and hold.order_id.id not in bad
        )
        over.finding = False  # nobody has accepted it: found again, it is held again
        over._gtg_close()
        if bad:
            self.browse(bad)._gtg_hold(code, findings=bad)

    def _gtg_twins(self):
        """:return: orders held because they resemble one of these"""
        if not self.ids:
            return self.browse()
        self.env["gtg.order.hold"].flush_model(["finding", "state", "cause"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT h.order_id
                  FROM gtg_order_hold h
                  JOIN gtg_hold_reason r ON r.id = h.reason_id
                 WHERE h.cause = %s AND h.state = 'open' AND r.code = 'duplicate'
                   AND string_to_array(h.finding, ',') && %s
                """,
                FOUND,
                [str(order_id) for order_id in self.ids],
            )
        )
        return self.browse(row[0] for row in rows)

    # === WHAT IS WRONG WITH THE ORDERS === #

    def _gtg_find_duplicates(self):
        """Same telephone or customer, same products, a short while after another.

        Orders made by one action (an import, a copy of several) have one time and
        are meant as they are.
        """
        hours = {o: timedelta(hours=o.gtg_channel_id.duplicate_hours) for o in self}
        since = min(order.gtg_arrived_at - hours[order] for order in self)
        others = self.search(
            [
                *self._gtg_same_buyer(),
                ("gtg_arrived_at", ">=", since),
                ("state", "!=", "cancel"),
            ]
        )
        goods = (self | others)._gtg_goods_ordered()
        # by time, of which an import of thousands has but one
        alike = defaultdict(lambda: defaultdict(set))
        for other in others:
            for key in other._gtg_buyer_keys():
                alike[key, frozenset(goods[other])][other.gtg_arrived_at].add(other)
        found = {}
        for order in self.filtered(lambda order: goods[order]):
            last = order.gtg_arrived_at
            twins = {
                twin
                for key in order._gtg_buyer_keys()
                for when, those in alike[key, frozenset(goods[order])].items()
                if last - hours[order] <= when < last
                for twin in those
            }
            if twins:
                twins = sorted(twins, key=lambda twin: twin.id)[-5:]
                found[order] = (
                    ",".join(str(twin.id) for twin in twins),
                    self.env._(
                        "Same buyer and products as %s.",
                        ", ".join(twin.name for twin in twins),
                    ),
                )
        return found

    def _gtg_same_buyer(self):
        customers = self.partner_id.commercial_partner_id
        phones = [key for key in self.mapped("gtg_phone_key") if key]
        return [
            ("company_id", "in", self.company_id.ids),
            "|",
            ("partner_id.commercial_partner_id", "in", customers.ids),
            ("gtg_phone_key", "in", phones),
        ]

    def _gtg_buyer_keys(self):
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id.id
        keys = {(self.company_id.id, "customer", customer)}
        if self.gtg_phone_key:
            keys.add((self.company_id.id, "phone", self.gtg_phone_key))
        return keys

    def _gtg_goods_ordered(self):
        """:return: {order: set of the products, services left out}"""
        return {
            order: {
                line.product_id.id
                for line in order.order_line
                if line.product_id.type != "service" and line.product_uom_qty > 0
            }
            - {False}
            for order in self
        }

    def _gtg_to_vietnam(self):
        """:return: the orders whose goods travel inside Vietnam to an address that
        the channel shows to us
        """
        goods = self._gtg_goods_ordered()
        return self.filtered(
            lambda order: (
                goods[order]
                and (
                    order.partner_shipping_id.country_id or order.company_id.country_id
                ).code
                == "VN"
                and order.carrier_id.delivery_type != "in_store"
                and not any(phone.MASK in text for text in order._gtg_address_texts())
            )
        )

    def _gtg_address_texts(self):
        place = self.partner_shipping_id
        texts = (place.name, self._gtg_phone(), place.street, place.street2, place.city)
        return [text or "" for text in texts]

    def _gtg_find_phones(self):
        found = {}
        for order in self._gtg_to_vietnam():
            number = order._gtg_phone()
            if phone.national(number):
                continue
            sentence = (
                self.env._("%s is no Vietnamese phone number.", number)
                if number
                else self.env._("There is no phone number.")
            )
            found[order] = (digest(number), sentence)
        return found

    def _gtg_find_addresses(self):
        orders = self._gtg_to_vietnam()
        problems = orders._gtg_address_problems()
        return {
            order: (digest("\0".join(order._gtg_address_texts())), problems[order])
            for order in orders
            if problems.get(order)
        }

    def _gtg_address_problems(self):
        """:return: {order: sentence} of addresses in Vietnam that no carrier can
        find. Extend: who has a list of places knows better.
        """
        problems = {}
        for order in self:
            place = order.partner_shipping_id
            # all of it in one line is common: "12 Lý Tự Trọng, P. Bến Thành, TP.HCM"
            parts = len([p for p in (place.street or "").split(",") if p.strip()])
            missing = []
            if len(re.findall(r"\w", place.street or "")) < 3:
                missing.append(self.env._("street and house number"))
            if not place.street2 and not place.city and parts < 3:
                missing.append(self.env._("ward or commune"))
            if not place.state_id and not place.city and parts < 3:
                missing.append(self.env._("province or city"))
            if missing:
                problems[order] = self.env._("Missing: %s.", ", ".join(missing))
        return problems

    def _gtg_find_notes(self):
        return {
            order: (digest(order.gtg_buyer_note), order.gtg_buyer_note.strip()[:500])
            for order in self
            if (order.gtg_buyer_note or "").strip()
        }

    def _gtg_find_first_cod(self):
        """Much cash to collect from a buyer to whom nothing was delivered before."""
        high = self.filtered(
            lambda order: (
                order.gtg_is_cod
                and order.gtg_money == "cod"
                and order.gtg_cod_amount / (order.currency_rate or 1)
                > order.gtg_channel_id.first_cod_limit
            )
        )
        if not high:
            return {}
        before = self.search(
            [
                *high._gtg_same_buyer(),
                ("gtg_delivered_at", "!=", False),
                ("gtg_return_state", "=", False),
            ]
        )
        known = {key for order in before for key in order._gtg_buyer_keys()}
        return {
            order: (
                f"{order.gtg_cod_amount:.2f}",
                self.env._(
                    "First order of this buyer, %s to collect.",
                    order.currency_id.format(order.gtg_cod_amount),
                ),
            )
            for order in high
            if not known & order._gtg_buyer_keys()
        }

    def _gtg_find_totals(self):
        """The buyer paid online another amount than the order says now."""
        paid, refunded = self._gtg_online_amounts()
        found = {}
        for order in self:
            net = paid.get(order.id, 0) - refunded.get(order.id, 0)
            if net <= 0:
                continue
            total = order._gtg_to_pay()
            gap = order.currency_id.compare_amounts(net, total)
            if gap == 0 or (gap < 0 and order.prepayment_percent < 1):
                continue
            found[order] = (
                f"{net:.2f}/{total:.2f}",
                self.env._(
                    "Paid online: %(paid)s. The order says %(total)s.",
                    paid=order.currency_id.format(net),
                    total=order.currency_id.format(total),
                ),
            )
        return found

    def _gtg_find_shortages(self):
        """Confirmed, nothing keeps stock from it, and there is not enough."""
        today = fields.Date.context_today(self)
        waiting = self.filtered(lambda o: o.state == "sale" and o.gtg_goods == "waiting")
        waiting -= waiting._gtg_kept_from_stock()
        found = {}
        lacking = waiting._gtg_lacking()
        for order in waiting.filtered(lambda order: order in lacking):
            if short := lacking[order] & order.sudo()._gtg_short_moves(today):
                products = short.product_id.sorted("id")
                found[order] = (
                    ",".join(map(str, products.ids)),
                    self.env._(
                        "Missing: %s.", ", ".join(products.mapped("display_name"))
                    ),
                )
        return found


def digest(text):
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]
