from odoo import models


class SaleOrderLine(models.Model):
    """Kits of Manufacturing: sold as one product, they leave and come back as their
    components. That addon is no dependency; without it no line is a kit.
    """

    _inherit = "sale.order.line"

    def _gtg_kit(self):
        """What one sold unit of the line holds, by the bill of materials that its
        deliveries were made of: the one core counts delivered kits by.

        :return: {component: quantity in its unit}; empty when the line is no kit
        """
        self.ensure_one()
        if "bom_line_id" not in self.env["stock.move"]._fields:
            return {}
        moves = self.sudo().move_ids.filtered(lambda move: move.state != "cancel")
        if not moves.bom_line_id:
            return {}
        product = self.product_id
        bom = moves.bom_line_id.bom_id.filtered(
            lambda bom: (
                bom.type == "phantom"
                and bom.product_tmpl_id == product.product_tmpl_id
                and bom.product_id in (product, product.browse())
            )
        )[:1]
        if not bom:  # made of nothing but other kits
            bom = bom._bom_find(
                product, company_id=self.company_id.id, bom_type="phantom"
            )[product]
        if not bom:
            return {}
        ordered = self.product_uom_qty or 1
        times = self.product_uom_id._compute_quantity(
            ordered, bom.product_uom_id, round=False
        )
        kit = {}
        for bom_line, values in bom.explode(product, times / bom.product_qty)[1]:
            component = bom_line.product_id
            quantity = bom_line.product_uom_id._compute_quantity(
                values["qty"] / ordered, component.uom_id, round=False
            )
            if component.type == "consu" and quantity > 0:
                kit[component] = kit.get(component, 0) + quantity
        return kit

    def _gtg_kit_shares(self, kit):
        """:return: {component: its share in the kit's price}, by the sales prices; all
        components alike where none has one
        """
        worth = {
            component: component.with_company(self.company_id).lst_price * quantity
            for component, quantity in kit.items()
        }
        total = sum(worth.values())
        if total <= 0:
            return dict.fromkeys(kit, 1 / len(kit))
        return {component: part / total for component, part in worth.items()}

    def _gtg_kit_price_parts(self):
        """:return: {component: which part of one sold unit's price one of it is worth};
        empty when the line is no kit
        """
        kit = self._gtg_kit()
        if not kit:
            return {}
        shares = self._gtg_kit_shares(kit)
        return {component: shares[component] / kit[component] for component in kit}

    def _gtg_parts_with_buyer(self, kit, announced=False):
        """:return: {component of the kit: quantity in its unit that did not come back}"""
        left = dict.fromkeys(kit, 0)
        for component in kit:
            for move in self._gtg_delivered_moves(component):
                left[component] += move.product_uom._compute_quantity(
                    move._gtg_with_buyer(announced), component.uom_id
                )
        return left

    def _gtg_kits_with_buyer(self):
        """:return: how many kits the components with the buyer belong to; None when the
        line is no kit. Of a kit that has come back in part, the part is left.
        """
        kit = self._gtg_kit()
        if not kit:
            return None
        left = self._gtg_parts_with_buyer(kit)
        most = max(left[component] / quantity for component, quantity in kit.items())
        most = min(most, max(self.product_uom_qty, self.qty_delivered))
        return self.product_uom_id.round(most, rounding_method="UP")
