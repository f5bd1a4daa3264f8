from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


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
            "carriers": self._carriers().read(["name"], load=False),
            "may_price": self._may_price(),
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

    @api.model
    def _carriers(self):
        return self.env["delivery.carrier"].search(
            [
                ("company_id", "in", (False, self.env.company.id)),
                ("delivery_type", "!=", "in_store"),
            ]
        )

    # === SAVING === #

    @api.model
    def save(self, values):
        """Make the order, all of it or nothing.

        :param dict values: what was typed: phone, name, street, ward, province,
            channel_id, payment, lines [{product_id, quantity, price}], buyer_note,
            seller_note, confirm, key (random, one per form: pressed twice is once),
            carrier_id, fee (none: what the carrier asks), discount ("10%" or an
            amount), ship_date, shown (the total that the buyer was told)
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
    def _make(self, typed):
        partner, place = self._buyer(typed)
        pays = typed["payment"]
        orders = self.env["sale.order"].with_context(gtg_arrives_later=True)
        order = orders.create(self._vals(typed, partner, place)).with_env(self.env)
        self._take_off(order, typed["off"])
        order._gtg_arrive()
        self._check_told(order, typed["shown"])
        if pays == "paid":
            order.action_gtg_paid()
        if typed["confirm"] and pays != "transfer" and order.gtg_info != "on_hold":
            if order.state in ("draft", "sent"):
                order.action_confirm()
        return order

    @api.model
    def _check_told(self, order, shown):
        """:raise UserError: the buyer was told another total than the order has"""
        if shown is not None and order.currency_id.compare_amounts(
            shown, order.amount_total
        ):
            raise UserError(
                self.env._(
                    "The total is %s now. Tell the buyer, then save again.",
                    order.currency_id.format(order.amount_total),
                )
            )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_entry_key = fields.Char(copy=False, readonly=True)

    _gtg_entry_key_unique = models.UniqueIndex(
        "(gtg_entry_key) WHERE gtg_entry_key IS NOT NULL", "Saved already."
    )
