from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

NOT_OF_A_LIST = -1  # a price that differs from this one is kept when quantities change


class GtgOrderEntry(models.AbstractModel):
    """What the order costs: reckoned by core on an order that is not stored, so that
    the total told on the telephone is the one of the order.
    """

    _inherit = "gtg.order.entry"

    @api.model
    def total(self, values):
        """:return: {total, tax, fee, amounts: {index of the line: amount}, errors} of
        what is right so far
        """
        self._check_staff()
        typed, errors = self._read(values if isinstance(values, dict) else {})
        buyer = self._buyer_in_sight(typed)
        told = {name: errors[name] for name in ("fee", "discount") if name in errors}
        try:
            vals = self._vals(typed, *buyer)
        except UserError as error:
            told["fee"] = str(error)
            vals = self._vals({**typed, "carrier": typed["carrier"].browse()}, *buyer)
        order = self.env["sale.order"].new(vals)
        rows = order.order_line.filtered(lambda line: not line.is_delivery)
        off = typed["off"]
        try:
            self._check_off(order, off)
        except UserError as error:
            told["discount"], off = str(error), 0
        amounts = {}
        for line, index in zip(rows, self._line_indexes(typed), strict=True):
            amounts[index] = amounts.get(index, 0) + line.price_total
        return {
            "total": order.amount_total - off,
            "tax": 0 if off else order.amount_tax,  # which taxes it lessens, core says
            "fee": sum(order.order_line.filtered("is_delivery").mapped("price_unit")),
            "amounts": amounts,
            "errors": told,
        }

    @api.model
    def _fee(self, order, typed):
        if typed["fee"] is not None:
            return typed["fee"]
        rate = typed["carrier"].rate_shipment(order)
        if not rate["success"]:
            raise UserError(rate["error_message"])
        return rate["price"]

    @api.model
    def _vals(self, typed, partner, place):
        """:return: values of the order, all but a discount in money

        :raise UserError: the carrier does not go there, or says no price
        """
        lines = [
            self._line_vals(part)
            for row in typed["lines"]
            for part in self._parts(row, typed["channel"], partner)
        ]
        vals = {
            "partner_id": partner.id,
            "partner_shipping_id": place.id,
            "company_id": self.env.company.id,
            "user_id": self.env.uid,
            "carrier_id": typed["carrier"].id,
            "gtg_channel_id": typed["channel"].id,
            "gtg_entry_key": typed["key"] or False,
            "gtg_buyer_note": typed["buyer_note"] or False,
            "gtg_seller_note": typed["seller_note"] or False,
            "gtg_is_cod": typed["payment"] == "cod",
            "gtg_pays_first": typed["payment"] == "transfer",
            "gtg_ship_by": typed["ship_by"],
            "order_line": [Command.create(line) for line in lines],
        }
        if not partner.id:  # not stored: no pricelist of its own yet
            vals["pricelist_id"] = self._pricelist_of(typed["channel"], partner.browse()).id
        if typed["percent"]:
            self._add_percent(vals, typed["percent"])
        if typed["carrier"] and lines:
            goods = self.env["sale.order"].new(vals)
            line = goods._prepare_delivery_line_vals(
                typed["carrier"], self._fee(goods, typed)
            )
            line.pop("order_id")
            vals["order_line"].append(Command.create(line))
        return vals

    @api.model
    def _parts(self, row, channel, partner):
        """:return: rows of the products in a combo; any other row as it is"""
        combo = row["product"]
        if combo.type != "combo":
            return [row]
        price = row["price"]
        if price is None:
            prices = self._pricelist_of(channel, partner.browse(partner.id or ()))
            price = prices._get_product_price(combo, row["quantity"])
        digits = self.env.company.currency_id.decimal_places
        return [
            {**row, "product": product, "price": float(part)}
            for product, part in combo._gtg_combo_prices(price, digits)
        ]

    @api.model
    def _line_indexes(self, typed):
        """:return: for each line of goods the number of the typed one it belongs to"""
        return [
            row["index"]
            for row in typed["lines"]
            for __ in row["product"]._gtg_combo_items() or [row["product"]]
        ]

    @api.model
    def _add_percent(self, vals, percent):
        """A typed discount comes on top of the pricelist's."""
        of_list = self.env["sale.order"].new(vals).order_line.mapped("discount")
        for (__, __, line), list_percent in zip(vals["order_line"], of_list, strict=True):
            line["discount"] = 100 - (100 - list_percent) * (100 - percent) / 100

    @api.model
    def _line_vals(self, row):
        vals = {"product_id": row["product"].id, "product_uom_qty": row["quantity"]}
        if row["price"] is not None:
            # the pricelist takes nothing off a price that was typed or shared out
            vals.update(
                price_unit=row["price"],
                technical_price_unit=NOT_OF_A_LIST,
                discount=0,
            )
        return vals

    @api.model
    def _check_off(self, order, amount):
        """:raise UserError: a discount of more than the order costs"""
        if amount and order.currency_id.compare_amounts(amount, order.amount_total) > 0:
            raise UserError(self.env._("The discount is more than the order costs."))

    @api.model
    def _take_off(self, order, amount):
        """Take an amount off the total, as core's Discount button does."""
        self._check_off(order, amount)
        if amount:
            self.env["sale.order.discount"].sudo().create(
                {
                    "sale_order_id": order.id,
                    "discount_type": "amount",
                    "discount_amount": amount,
                }
            ).action_apply_discount()
