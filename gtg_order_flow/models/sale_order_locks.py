from odoo import api, models
from odoo.exceptions import UserError

LOCKED = {
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
}
WHERE_TO = {"partner_id", "partner_shipping_id"}
CASH = {"gtg_is_cod", "gtg_cod_amount"}


class SaleOrder(models.Model):
    """What people may not change by hand, above all when the parcel has left. Imports
    and follow-ups run as superuser."""

    _inherit = "sale.order"

    def write(self, vals):
        if not self.env.su and not WHERE_TO.isdisjoint(vals):
            for order in self.filtered("gtg_shipped_at"):
                if any(
                    name in vals and order[name].id != vals[name] for name in WHERE_TO
                ):
                    raise UserError(
                        self.env._(
                            "%s has left: its buyer and address stay. Ask the carrier "
                            "to redirect the parcel, or take it back as a return.",
                            order.name,
                        )
                    )
        if not self.env.su and not CASH.isdisjoint(vals):
            for order in self:
                if any(name in vals and order[name] != vals[name] for name in CASH):
                    order._gtg_check_not_left()
        if not self.env.su and "gtg_own_carrier" in vals:
            for order in self.filtered(
                lambda order: (
                    order.gtg_own_carrier != vals["gtg_own_carrier"]
                    and (order.gtg_label_ready_at or order._gtg_waybills())
                )
            ):
                raise UserError(
                    self.env._("%s has a waybill: cancel that first.", order.name)
                )
        return super().write(vals)

    def _gtg_waybills(self):
        """:return: the waybills of what has not left"""
        waiting = self.sudo()._gtg_pickings_to_ship()
        return list(filter(None, waiting.mapped("carrier_tracking_ref")))

    def _gtg_has_left(self):
        """:return: those of which all goods are out of our hands"""
        return self.filtered(
            lambda order: (
                order._gtg_handed_over() and not order.sudo()._gtg_pickings_to_ship()
            )
        )

    def _gtg_check_not_left(self):
        self._gtg_has_left()._gtg_refuse_left()

    def _gtg_refuse_left(self):
        """:raise UserError: the courier collects what was written on the parcel"""
        if self:
            raise UserError(
                self.env._(
                    "%s has been handed over: its products, prices and cash on delivery "
                    "stay. Make a return, or a new order for what is added.",
                    self[0].name,
                )
            )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _gtg_check_lines_open(self):
        """:raise UserError: a person changes what a marketplace has sold"""
        locked = self.filtered(
            lambda line: (
                line.order_id.gtg_channel_kind == "marketplace"
                and not line.display_type
            )
        )
        if not self.env.su and locked:
            raise UserError(
                self.env._(
                    "%(order)s was sold on %(channel)s: its products, quantities and "
                    "prices follow the marketplace. Change or cancel it there.",
                    order=locked.order_id[0].name,
                    channel=locked.order_id[0].gtg_channel_id.sudo().name,
                )
            )

    def _gtg_sold_in(self):
        """:return: orders of which these lines are what was handed over, or change the
        cash that is collected for it; not hours or repairs sold on top
        """
        return self.filtered(
            lambda line: (
                not (line.display_type or line.is_downpayment or line.is_expense)
                and (
                    line.product_id.type != "service"
                    or line.is_delivery
                    or line.order_id.gtg_is_cod
                )
            )
        ).order_id

    @api.model_create_multi
    def create(self, vals_list):
        left = self.env["sale.order"]
        if not self.env.su:  # before a new line makes a delivery of its own
            left = left.browse(
                {vals["order_id"] for vals in vals_list if vals.get("order_id")}
            )._gtg_has_left()
        lines = super().create(vals_list)
        # a gift beside it changes nothing of what was sold
        sold = lines.filtered(lambda line: line.price_total)
        sold._gtg_check_lines_open()
        (sold._gtg_sold_in() & left)._gtg_refuse_left()
        return lines

    def write(self, vals):
        if changed := LOCKED.intersection(vals):
            lines = self.filtered(lambda line: line._gtg_differs(vals))
            lines._gtg_check_lines_open()
            # the accountant still finds a wrong tax when the parcel has left
            if changed != {"tax_ids"} and not self.env.su:
                lines._gtg_sold_in()._gtg_check_not_left()
        return super().write(vals)

    def _gtg_differs(self, vals):
        self.ensure_one()
        values = self._convert_to_write({name: self[name] for name in LOCKED})
        if "tax_ids" in vals:
            # the same taxes, in whichever commands
            taxes = self._fields["tax_ids"].convert_to_cache(vals["tax_ids"], self)
            if set(taxes) != set(self.tax_ids.ids):
                return True
        return any(
            name in vals and vals[name] != values[name] for name in LOCKED - {"tax_ids"}
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_marketplace(self):
        sold = self.filtered("price_total")
        sold._gtg_check_lines_open()
        if not self.env.su:
            sold._gtg_sold_in()._gtg_check_not_left()
