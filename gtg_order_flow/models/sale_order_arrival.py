from odoo import api, fields, models

CONTENT_FIELDS = {
    "partner_id",
    "partner_shipping_id",
    "carrier_id",
    "gtg_channel_id",
    "gtg_buyer_note",
    "gtg_is_cod",
    "gtg_cod_amount",
    "gtg_paid_at",
    "gtg_cod_collected_at",
}
LINE_FIELDS = {"product_id", "product_uom_qty", "price_unit", "discount", "tax_ids"}
PARTNER_FIELDS = {"phone", "street", "street2", "city", "state_id", "country_id"}


class SaleOrder(models.Model):
    """When an order counts as arrived, and when it is looked at again.

    An order typed by staff arrives with its first product, a cart when the buyer has
    checked out. Importers that have more to say after `create` pass
    ``gtg_arrives_later`` in the context and call `_gtg_arrive` themselves.
    """

    _inherit = "sale.order"

    gtg_arrived_at = fields.Datetime(
        string="Arrived on", copy=False, readonly=True, index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        # the lines of a new order are no news of their own
        later = self.with_context(gtg_arrives_later=True)
        orders = super(SaleOrder, later).create(vals_list).with_env(self.env)
        if not self.env.context.get("gtg_arrives_later"):
            orders._gtg_arrive()
        return orders

    def write(self, vals):
        res = super().write(vals)
        if vals.get("state") in ("sent", "sale"):
            carts = self.filtered("website_id")
            self._gtg_arrive()
            carts._gtg_auto_confirm_arrived()
        if vals.get("state") == "cancel":
            self._gtg_twins()._gtg_check()
        elif "state" in vals or not CONTENT_FIELDS.isdisjoint(vals):
            self._gtg_check_again()
        return res

    def unlink(self):
        twins = self._gtg_twins() - self
        res = super().unlink()
        twins._gtg_check()
        return res

    def _gtg_arrive(self):
        """Check the orders that have just arrived, then let the rules treat them.
        Once per order: what has arrived already is left alone.

        :return: the orders that arrived now
        """
        news = self.sudo().filtered(
            lambda order: (
                not order.gtg_arrived_at
                and order.state != "cancel"
                and not (order.gtg_shipped_at or order.gtg_delivered_at)
                and not (order.website_id and order.state == "draft")
                and any(line.product_id for line in order.order_line)
            )
        )
        if not news:
            return self.browse()
        # with its fractions: orders made by one action have the same time
        news.write({"gtg_arrived_at": self.env.cr.now()})
        news._gtg_check()
        return news.sudo(self.env.su)

    def _gtg_auto_confirm_arrived(self):
        """Carts that have just been checked out, where the channel confirms them.
        What staff types is confirmed by who types it.
        """
        self.filtered(lambda order: order.state == "sent").sudo()._gtg_auto_confirm()

    def _gtg_check_again(self):
        """What the checks look at has changed, here or in the order it resembles."""
        arrived = self.sudo().filtered("gtg_arrived_at")
        if arrived:
            (arrived | arrived._gtg_twins())._gtg_check()

    def _gtg_read_money(self):
        res = super()._gtg_read_money()
        self._gtg_check_again()
        return res


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.context.get("gtg_arrives_later"):
            lines._gtg_order_changed()
        return lines

    def write(self, vals):
        res = super().write(vals)
        if not LINE_FIELDS.isdisjoint(vals):
            self._gtg_order_changed()
        return res

    def unlink(self):
        orders = self.order_id
        res = super().unlink()
        orders.exists()._gtg_check_again()
        return res

    def _gtg_order_changed(self):
        arrived = self.order_id.filtered("gtg_arrived_at")
        arrived._gtg_check_again()
        if not self.env.context.get("gtg_arrives_later"):
            (self.order_id - arrived)._gtg_arrive()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        res = super().write(vals)
        if not PARTNER_FIELDS.isdisjoint(vals):
            self.env["sale.order"].sudo().search(
                [
                    ("gtg_arrived_at", "!=", False),
                    ("gtg_shipped_at", "=", False),
                    ("gtg_delivered_at", "=", False),
                    ("state", "!=", "cancel"),
                    "|",
                    ("partner_id", "in", self.ids),
                    ("partner_shipping_id", "in", self.ids),
                ]
            )._gtg_check_again()
        return res
