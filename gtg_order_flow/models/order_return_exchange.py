from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .order_entry_total import NOT_OF_A_LIST


class GtgOrderReturn(models.Model):
    """Other goods instead of the returned ones: another size, colour, product, number.

    Accounting sees a return and a sale: the returned goods are credited, the others
    invoiced, and the credit note pays the new invoice. Only the difference is money.
    """

    _inherit = "gtg.order.return"

    exchange_ids = fields.One2many(
        "gtg.order.exchange", "return_id", string="Sent instead", copy=False
    )
    exchange_total = fields.Monetary(
        string="Worth of the goods sent", compute="_compute_exchange"
    )
    exchange_rest = fields.Monetary(
        string="Buyer still pays",
        compute="_compute_exchange",
        help="Below zero: goes back to the buyer.",
    )

    @api.depends("exchange_ids.price_unit", "exchange_ids.quantity", "amount", "wish")
    def _compute_exchange(self):
        for one in self:
            if new := one.sudo().replacement_id:
                one.exchange_total = new.amount_total
                one.exchange_rest = new._gtg_to_pay() - one.amount
                continue
            order = one.order_id
            if not order or not one.exchange_ids:
                one.exchange_total = one.exchange_rest = 0
                continue
            lines = [line._gtg_order_line() for line in one.exchange_ids]
            draft = self.env["sale.order"].new(
                {
                    "company_id": order.company_id.id,
                    "partner_id": order.partner_id.id,
                    "pricelist_id": order.pricelist_id.id,
                    "fiscal_position_id": order.fiscal_position_id.id,
                    "order_line": [Command.create(line) for line in lines],
                }
            )
            one.exchange_total = draft.amount_total
            one.exchange_rest = one.exchange_total - one._gtg_credit()

    @api.onchange("wish")
    def _onchange_wish(self):
        if self.wish == "other" and not self.exchange_ids:
            self.exchange_ids = [
                Command.create(line._gtg_exchange_vals()) for line in self.line_ids
            ]

    @api.constrains("wish", "order_id")
    def _check_wish(self):
        for one in self:
            if one.wish == "other" and one.order_id.gtg_channel_kind == "marketplace":
                raise ValidationError(
                    self.env._(
                        "The marketplace settles the money: take Money back or "
                        "Replacement."
                    )
                )

    def _gtg_credit(self):
        """:return: what the returned goods pay of the others: nothing if unpaid"""
        order = self.sudo().order_id
        paid = self._gtg_was_paid() or (order.gtg_is_cod and order.gtg_delivered_at)
        return self.amount if paid else 0

    def _gtg_bills_settled(self):
        bills = self.sudo().replacement_id.invoice_ids
        return bills.filtered(lambda move: move.move_type == "out_invoice")

    # === MONEY === #

    def _gtg_how_by_note(self):
        """The credit note is over all that came: only the rest of it is money."""
        worth = sum(self.credit_note_ids.mapped("amount_total"))
        if not self.set_against or self.currency_id.compare_amounts(worth, self.amount) <= 0:
            return super()._gtg_how_by_note()
        text = self.env._(
            "Post the credit note %(note)s and pay only %(amount)s of it: the rest is "
            "for %(order)s",
            note=", ".join(self.credit_note_ids.mapped("display_name")),
            amount=self.currency_id.format(self.amount),
            order=self.replacement_id.name,
        )
        self._gtg_ask_to_pay(text)
        return text

    def _gtg_tell_too_much(self, more):
        res = super()._gtg_tell_too_much(more)
        new = self.replacement_id
        if (
            self.set_against
            and new.state != "cancel"
            and self.currency_id.compare_amounts(more, 0) > 0
        ):
            text = self.env._(
                "%(amount)s of the credit note were to pay %(order)s, but went to the "
                "buyer: ask for them",
                amount=self.currency_id.format(more),
                order=new.name,
            )
            self.refund_text = text
            self._message_log(body=text)
            self._gtg_ask_to_pay(text, more)
        return res

    def _gtg_paid_of_others(self):
        """:return: money out of these credit notes that was to pay the goods sent"""
        more = 0
        for one in self.sudo().filtered("set_against"):
            notes = one.credit_note_ids.filtered(lambda move: move.state == "posted")
            went = notes._gtg_by_money() - one.amount
            more += max(min(went, one.set_against), 0)
        return more

    def action_refund(self):
        res = super().action_refund()
        # the provider gives the rest; the goods sent wait for the note all the same
        for one in self.sudo().filtered("set_against"):
            if one.refund_state == "queued" and (text := one._gtg_try_credit()):
                one._message_log(body=text)
        return res

    # === SENDING === #

    def _gtg_send_other(self):
        """Make the order of the other goods; the returned ones pay as far as they go.

        :raise UserError: nothing chosen, or the money is on its way back already
        """
        self.ensure_one()
        if self.replacement_id:
            return
        if not self.exchange_ids:
            raise UserError(self.env._("Enter what is sent instead first."))
        if self.refund_state not in ("none", "due", "failed"):
            raise UserError(self.env._("The money is on its way back: finish that first."))
        if self.sudo()._gtg_take_off():
            return  # a person reads the new amount first
        if self._gtg_credit():
            self.sudo()._gtg_check_left()
        later = self.order_id.with_context(gtg_arrives_later=True)
        new = later.copy(
            self._gtg_new_order_vals(line._gtg_order_line() for line in self.exchange_ids)
        ).with_env(self.env)
        used = min(self._gtg_credit(), new.amount_total)
        rest = new.currency_id.compare_amounts(new.amount_total, used) > 0
        cod = rest and new.gtg_channel_id.cod_allowed
        new.sudo().write(
            {
                "gtg_exchange_credit": used,
                "gtg_is_cod": cod,
                "gtg_pays_first": rest and not cod,
                "gtg_paid_at": not rest and fields.Datetime.now(),
            }
        )
        self.sudo()._gtg_set_against_order(new.sudo(), used)
        new._gtg_arrive()
        if new.state in ("draft", "sent") and not new._gtg_waits_for_money():
            new.action_confirm()

    def _gtg_set_against_order(self, new, used):
        """What the returned goods paid is not given back; what is left of it is."""
        left = self.amount - used
        text = self.env._(
            "%(amount)s set against %(order)s.",
            amount=self.currency_id.format(used),
            order=new.name,
        )
        self.write(
            {
                "replacement_id": new.id,
                "set_against": used,
                "taken_off": self.taken_off + used,
                "amount": left,
            }
        )
        if not used:
            if self.refund_state == "none":
                self.state = "closed"
        elif self.currency_id.compare_amounts(left, 0) > 0:
            self.write({"refund_state": "due", "refund_text": text})
            if self._gtg_was_paid() and not self.order_id.gtg_refund_requested_at:
                self.order_id.gtg_refund_requested_at = fields.Datetime.now()
        else:
            text = " ".join(filter(None, (text, self._gtg_try_credit())))
            self.write({"refund_state": "due", "refund_text": text})
            self._gtg_refund_done()
        self._message_log(body=text)


class GtgOrderReturnLine(models.Model):
    _inherit = "gtg.order.return.line"

    def _gtg_exchange_vals(self, product=None):
        """:param product: sent instead, without: the same
        :return: values of what is sent for this line
        """
        self.ensure_one()
        vals = {
            "product_id": (product or self.product_id).id,
            "quantity": self.product_uom_id._compute_quantity(
                self.quantity, self.product_id.uom_id
            ),
        }
        sold = self.order_line_id
        if not product or product == self.product_id:
            vals["price_unit"] = sold.product_uom_id._compute_price(
                sold.price_unit * (1 - sold.discount / 100), self.product_id.uom_id
            )
        return vals


class GtgOrderExchange(models.Model):
    _name = "gtg.order.exchange"
    _description = "Sent instead of Returned Goods"

    return_id = fields.Many2one(
        "gtg.order.return", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="return_id.company_id", store=True)
    currency_id = fields.Many2one(related="return_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        required=True,
        ondelete="restrict",
        domain="[('sale_ok', '=', True), ('company_id', 'in', (company_id, False))]",
        check_company=True,
    )
    quantity = fields.Float(digits="Product Unit", required=True, default=1)
    price_unit = fields.Monetary(
        string="Price", compute="_compute_price_unit", store=True, readonly=False
    )

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "The quantity to send must be more than zero."
    )
    _price_positive = models.Constraint(
        "CHECK(price_unit >= 0)", "A price cannot be negative."
    )

    @api.depends("product_id")
    def _compute_price_unit(self):
        for line in self.filtered("product_id"):
            pricelist = line.return_id.order_id.pricelist_id
            line.price_unit = pricelist._get_product_price(
                line.product_id, line.quantity or 1, currency=line.currency_id
            )

    def _gtg_order_line(self):
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "product_uom_id": self.product_id.uom_id.id,
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
            "technical_price_unit": NOT_OF_A_LIST,
            "discount": 0,
        }

    # === WHAT HAS BEEN SENT STAYS === #

    def _gtg_check_open(self):
        if not self.env.su and self.return_id.filtered("replacement_id"):
            raise UserError(
                self.env._("It has been sent already: change the new order instead.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._gtg_check_open()
        return lines

    def write(self, vals):
        self._gtg_check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self._gtg_check_open()
