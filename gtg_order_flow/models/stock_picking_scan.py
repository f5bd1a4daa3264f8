import math

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class StockPicking(models.Model):
    """The scan-out station: find a parcel, tell what must be in it, let it leave.

    The screen counts the scanned items by itself, from what `gtg_scan_open` told;
    `gtg_scan_finish` believes none of it and checks everything again.
    """

    _inherit = "stock.picking"

    # === RPC === #

    @api.model
    @api.readonly
    def gtg_scan_open(self, code):
        """:param str code: waybill, order, channel's order number or delivery
        :return: dict of what the station shows; `blocks` says what forbids shipping.
            Of what this user has just shipped: dict(left, label), to print it again
        :raise UserError: nothing (or not one thing) to ship: the sentence says why
        """
        self.browse().check_access("write")
        picking = self._gtg_scan_find(str(code or "").strip())
        if left := picking._gtg_scan_left():
            return left
        picking._gtg_scan_refuse()
        return picking._gtg_scan_data()

    def gtg_scan_finish(
        self, scanned, weight=0, reason="", print_label=True, waybills=None, token=""
    ):
        """Everything is in the box: pack and ship. Its label comes with the answer.

        :param list scanned: [[product id, lot id or False, quantity], ...]
        :param weight: of the parcel, in the unit of the system; 0: not weighed
        :param str reason: why a manager ships what is blocked
        :param bool print_label: else the label stays to be printed
        :param list waybills: scanned ones; each box of several needs its own
        :param str token: of this attempt; once more with the same one (the answer was
            lost) changes nothing and gives the answer again
        :return: dict(order, picking, label: action or False, action: or False)
        :raise UserError: it must not leave; nothing has been changed
        """
        self.ensure_one()
        self.check_access("write")
        weight = self._gtg_scan_number(weight or 0, 1000)
        self._gtg_scan_lock()
        self = self.with_company(self.company_id)
        if self._gtg_scan_is_repeated(token):
            return self._gtg_scan_answer(print_label)
        self._gtg_scan_refuse()
        if blocks := self._gtg_scan_blocks():
            self._gtg_scan_force(blocks, str(reason or "").strip())
            self._gtg_scan_refuse()  # the end of a hold may have cancelled the order
        self._gtg_scan_compare(scanned)
        self._gtg_scan_compare_waybills(waybills)
        self._gtg_scan_pack()
        # core (stock_sms) asks once whether buyers get paid text messages: until a
        # person has answered that in a delivery, none is sent from here
        sms_agreed = getattr(self.company_id, "has_received_warning_stock_sms", True)
        result = self.with_context(skip_sms=not sms_agreed).button_validate()
        if self.state != "done":
            raise UserError(
                self.env._(
                    "%s cannot leave by scanner: Odoo asks a question first. Open "
                    "the delivery and validate it there.",
                    self.name,
                )
            )
        self.sudo().write(
            {
                "gtg_scanned_by_id": self.env.uid,
                "gtg_scan_token": str(token or "")[:64],
                "gtg_scan_used": self._gtg_scan_leaves_with(waybills),
                **({"shipping_weight": weight} if weight else {}),
            }
        )
        return self._gtg_scan_answer(print_label, result)

    def gtg_scan_force(self, reason):
        """A manager ships what is blocked and needs its labels before it leaves: they
        may be printed now. The holds end when it leaves; put aside, they still stand.

        :return: what the station shows, as `gtg_scan_open`
        """
        self.ensure_one()
        self.check_access("write")
        self._gtg_scan_lock()
        self = self.with_company(self.company_id)
        self._gtg_scan_refuse()
        if blocks := self._gtg_scan_blocks():
            reason = str(reason or "").strip()
            self._gtg_scan_may_force(blocks, reason)
            self._gtg_scan_log_force(
                self.env._(
                    "Labels printed although blocked, decides %(user)s: %(reason)s",
                    user=self.env.user.name,
                    reason=reason[:500],
                ),
                blocks,
            )
            # the cursor's time: to be compared with that of holds
            self.sudo().write(
                {"gtg_forced_by_id": self.env.uid, "gtg_forced_at": self.env.cr.now()}
            )
        return self._gtg_scan_data()

    def gtg_scan_printed(self):
        """The browser has the labels of these deliveries on their way to the printer."""
        self.check_access("write")
        self._gtg_labels_printed()
        return True

    # === WHAT FORBIDS IT === #

    def _gtg_scan_refuse(self):
        """:raise UserError: nobody can ship this now, whatever the reason"""
        self.ensure_one()
        order = self.sale_id.sudo()
        name = order.name or self.name
        if self.picking_type_code != "outgoing":
            raise UserError(self.env._("%s is no delivery to a buyer.", self.name))
        if self.state == "done":
            raise UserError(self._gtg_scan_gone())
        if self.state == "cancel" or order.state == "cancel":
            raise UserError(
                self.env._("%s is cancelled. Put the goods back on the shelf.", name)
            )
        moves = self._gtg_scan_moves()
        if not moves or self.state == "draft":
            raise UserError(
                self.env._("%s is not ready: confirm the delivery first.", self.name)
            )
        if moves.filtered(lambda move: move.state == "waiting"):
            first = moves.move_orig_ids.picking_id.filtered(
                lambda p: p.state not in ("done", "cancel")
            )
            raise UserError(
                self.env._(
                    "%(name)s is not picked yet. First: %(first)s.",
                    name=name,
                    first=", ".join(first.mapped("name")) or self.name,
                )
            )
        self._gtg_scan_refuse_lots(moves)

    def _gtg_scan_refuse_lots(self, moves):
        unknown = moves.filtered(
            lambda move: (
                move._gtg_scan_by_lot()
                and (
                    any(not line.lot_id for line in move.move_line_ids)
                    or move.product_uom.compare(move.quantity, move.product_uom_qty) < 0
                )
            )
        )
        if unknown:
            raise UserError(
                self.env._(
                    "No lot or serial number is reserved for %s. Choose it in the "
                    "delivery, then scan again.",
                    ", ".join(unknown.product_id.mapped("display_name")),
                )
            )

    def _gtg_scan_blocks(self):
        """Why this must not leave, though a manager may decide otherwise. Extend.

        :return: list of sentences
        """
        self.ensure_one()
        order = self.sale_id.sudo()
        sentences = [hold._gtg_sentence() for hold in order._gtg_blocks("ship")]
        if order.gtg_money in ("refunding", "refunded"):
            sentences.append(
                self.env._("%s: the buyer gets the money back.", order.name)
            )
        short = self._gtg_scan_moves().filtered(
            lambda m: m.product_uom.compare(m.quantity, m.product_uom_qty) < 0
        )
        if short:
            missing = ", ".join(
                f"{move.product_uom_qty - move.quantity:g} × "
                f"{move.product_id.display_name}"
                for move in short
            )
            sentences.append(
                self.env._("Not everything is reserved. Missing: %s", missing)
            )
        return sentences

    def _gtg_scan_may_force(self, blocks, reason):
        """:raise UserError: it is blocked, and not for this user to decide"""
        if not reason:
            raise UserError(
                "\n".join([self.env._("%s must not leave.", self.name), *blocks])
            )
        if not self.env.user.has_group("gtg_order_flow.group_shop_manager"):
            raise UserError(self.env._("Only a shop manager may ship a blocked order."))

    def _gtg_scan_force(self, blocks, reason):
        """A manager ships it all the same, with a reason; both are kept."""
        self._gtg_scan_may_force(blocks, reason)
        self._gtg_scan_log_force(
            self.env._(
                "Shipped although blocked, decides %(user)s: %(reason)s",
                user=self.env.user.name,
                reason=reason[:500],
            ),
            blocks,
        )
        self.sale_id.sudo()._gtg_blocks("ship")._gtg_close()

    def _gtg_scan_log_force(self, sentence, blocks):
        body = Markup("<br/>").join([sentence, *blocks])
        if self.sale_id:
            self.sale_id.sudo()._gtg_log(body)
        else:
            self._message_log(body=body)

    # === WHAT MUST BE IN IT === #

    def _gtg_scan_moves(self):
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and not move.product_uom.is_zero(move.product_uom_qty)
            )
        )

    def _gtg_scan_needs(self):
        """:return: {(product, lot): quantity in the product's unit}

        Moves, not order lines: of a kit its components are scanned.
        """
        needs = {}
        for move in self._gtg_scan_moves():
            parts = [(self.env["stock.lot"], move.product_qty)]
            if move._gtg_scan_by_lot():
                parts = [
                    (line.lot_id, line.quantity_product_uom)
                    for line in move.move_line_ids
                ]
            for lot, quantity in parts:
                key = (move.product_id, lot)
                needs[key] = needs.get(key, 0) + quantity
        return needs

    def _gtg_scan_compare(self, scanned):
        """:raise UserError: what was scanned is not what must be in the parcel"""
        counted = {}
        for row in scanned if isinstance(scanned, list) else []:
            if not isinstance(row, list) or len(row) != 3:
                raise UserError(self.env._("Scan the parcel again."))
            key = (row[0], row[1] or False)
            counted[key] = counted.get(key, 0) + self._gtg_scan_number(row[2], 1e6)
        needs = self._gtg_scan_needs()
        for (product, lot), quantity in needs.items():
            got = counted.pop((product.id, lot.id), 0)
            if product.uom_id.compare(got, quantity):
                raise UserError(
                    self.env._(
                        "%(product)s: %(got)g scanned, %(needed)g ordered. The order "
                        "has changed, or the scan is not complete: scan it again.",
                        product=product.display_name,
                        got=got,
                        needed=quantity,
                    )
                )
        if any(counted.values()):
            raise UserError(
                self.env._(
                    "Something scanned is not in %s (any more). Scan it again.",
                    self.name,
                )
            )

    def _gtg_scan_number(self, value, most):
        """:raise UserError: the screen (or whoever plays it) sent no sane number"""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number <= most:  # also what is not a number
            raise UserError(self.env._("This is no weight or quantity."))
        return number

    # === LEAVE === #

    def _gtg_scan_lock(self):
        """One station ships a parcel. The other waits here, is run again by Odoo in a
        new snapshot, and then sees that the parcel has left. So does a hold that comes
        at the same moment: it writes the order's row.
        """
        self.sudo().sale_id._gtg_touch(wait=True)
        self.env.cr.execute(
            SQL(
                "SELECT id FROM stock_picking WHERE id = ANY(%s) FOR NO KEY UPDATE",
                self.ids,
            ),
            log_exceptions=False,
        )

    def _gtg_scan_pack(self):
        moves = self._gtg_scan_moves()
        for move in moves:
            if move.product_uom.compare(move.quantity, move.product_uom_qty):
                move.quantity = move.product_uom_qty  # forced: it is in the box
        moves.picked = True
        order = self.sale_id.sudo()
        others = order.picking_ids.filtered(
            lambda p: (
                p.picking_type_code == "outgoing" and p.state not in ("done", "cancel")
            )
        )
        if order and not (others - self) and not order.gtg_packed_at:
            order.gtg_packed_at = fields.Datetime.now()

    # === WHAT THE STATION SHOWS === #

    def _gtg_scan_data(self):
        order = self.sale_id.sudo()
        blocks = self._gtg_scan_blocks()
        return {
            "id": self.id,
            "name": self.name,
            "order": order.name or self.origin or self.name,
            "codes": [self.name, order.name, order.gtg_channel_ref]
            + [ref.strip() for ref in (self.carrier_tracking_ref or "").split(",")],
            "channel": order.gtg_channel_id.name or "",
            "channel_ref": order.gtg_channel_ref or "",
            "buyer": self.partner_id.sudo().display_name or "",
            "carrier": self.carrier_id.sudo().name or "",
            "tracking": self.carrier_tracking_ref or "",
            "cod": self.gtg_cod_amount
            and self.gtg_currency_id.format(self.gtg_cod_amount),
            "ship_by": fields.Datetime.to_string(order.gtg_ship_by) or "",
            "buyer_note": order.gtg_buyer_note or "",
            "seller_note": order.gtg_seller_note or "",
            "weight_unit": self.weight_uom_name,
            **self._gtg_scan_boxes(),
            "blocks": blocks,
            "can_force": bool(blocks)
            and self.env.user.has_group("gtg_order_flow.group_shop_manager"),
            "lines": self._gtg_scan_lines(),
        }

    def _gtg_scan_lines(self):
        gifts = {}
        for move in self._gtg_scan_moves():
            line = move.sale_line_id.sudo()
            if line and line.currency_id.is_zero(line.price_subtotal):
                product = move.product_id.id
                gifts[product] = gifts.get(product, 0) + move.product_qty
        lines = []
        for (product, lot), quantity in self.sudo()._gtg_scan_needs().items():
            codes = [(product.barcode, 1), (product.default_code, 1)] + [
                (pack.barcode, pack.uom_id._compute_quantity(1, product.uom_id))
                for pack in product.product_uom_ids
            ]
            codes = [[code, count] for code, count in codes if code]
            lines.append(
                {
                    "key": f"{product.id}-{lot.id or 0}",
                    "product_id": product.id,
                    "lot_id": lot.id,
                    "name": product.with_context(
                        display_default_code=False
                    ).display_name,
                    "code": product.default_code or product.barcode or "",
                    "lot": lot.name or "",
                    "unit": product.uom_id.name,
                    "quantity": quantity,
                    "gift": gifts.get(product.id, 0),
                    "codes": [[lot.name, 1]] if lot else codes,
                    "product_codes": [code for code, _count in codes] if lot else [],
                    "image": f"/web/image/product.product/{product.id}/image_256",
                }
            )
        return lines
