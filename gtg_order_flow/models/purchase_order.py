from odoo import api, fields, models
from odoo.tools import float_round


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    gtg_for_shortage = fields.Boolean(
        string="For Waiting Orders", copy=False, readonly=True
    )

    @api.model
    def _gtg_buy_shortage(self, company, warehouse, vendor, currency, products):
        """Put products on the vendor's open draft of ours, or on a new one.

        :param products: list of (product, quantity in its unit, vendor line)
        :return: the draft
        """
        draft = self.search(
            [
                ("gtg_for_shortage", "=", True),
                ("state", "=", "draft"),
                ("company_id", "=", company.id),
                ("partner_id", "=", vendor.id),
                ("currency_id", "=", currency.id),
                ("picking_type_id", "=", warehouse.in_type_id.id),
            ],
            limit=1,
        )
        if not draft:
            draft = self._gtg_new_draft(company, warehouse, vendor, currency)
        new = []
        for product, quantity, seller in products:
            unit = seller.product_uom_id
            if unit != product.uom_id:
                # nobody sells a part of a dozen
                exact = product.uom_id._compute_quantity(quantity, unit, round=False)
                quantity = float_round(exact, precision_digits=0, rounding_method="UP")
            line = draft.order_line.filtered(
                lambda line, product=product, unit=unit: (
                    line.product_id == product and line.product_uom_id == unit
                )
            )[:1]
            if line:
                line.product_qty += quantity
                continue
            vals = line._prepare_purchase_order_line(
                product, quantity, unit, company, vendor, draft
            )
            # computed by core, so that they follow when more is added
            new.append(
                {
                    key: value
                    for key, value in vals.items()
                    if key not in ("price_unit", "discount", "date_planned")
                }
            )
        draft.order_line.create(new)
        return draft

    def _gtg_new_draft(self, company, warehouse, vendor, currency):
        vendor = vendor.with_company(company)
        position = self.env["account.fiscal.position"].with_company(company)
        return self.with_company(company).create(
            {
                "gtg_for_shortage": True,
                "partner_id": vendor.id,
                "company_id": company.id,
                "currency_id": currency.id,
                "picking_type_id": warehouse.in_type_id.id,
                "payment_term_id": vendor.property_supplier_payment_term_id.id,
                "fiscal_position_id": position._get_fiscal_position(vendor).id,
                "origin": self.env._("Shortage"),
                "user_id": vendor.buyer_id.id,
            }
        )
