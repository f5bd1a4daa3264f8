import base64
import math

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.mimetypes import guess_mimetype

MAX_PHOTOS = 5
MAX_PHOTO_BYTES = 5 * 1024 * 1024
MAX_NOTE = 2000
PHOTO_TYPES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class SaleOrder(models.Model):
    """What the buyer sees of an order, and asks about it, on the portal."""

    _inherit = "sale.order"

    def _gtg_portal_steps(self):
        """:return: [(name, when or False, whether reached)]; reads as superuser"""
        self.ensure_one()
        if self.state == "cancel":
            return [
                (self.env._("Received"), self.date_order, True),
                (self.env._("Cancelled"), False, True),
            ]
        delivered = bool(self.gtg_delivered_at)
        steps = [
            (self.env._("Received"), self.date_order, True),
            (self.env._("Confirmed"), False, self.state == "sale"),
            (
                self.env._("Shipped"),
                self.gtg_shipped_at,
                bool(self.gtg_shipped_at) or delivered,
            ),
            (self.env._("Delivered"), self.gtg_delivered_at, delivered),
        ]
        if self.gtg_return_state in ("returning", "returned"):
            back = self.env._("Returned"), False, self.gtg_return_state == "returned"
            steps.append(back)
        return steps

    # === WHAT THE BUYER SENDS === #

    def _gtg_ask_return(self, form, photos):
        """Make a return from what the buyer sent.

        :param dict form: raw text: `qty_<order line id>`, reason_id, wish, note
        :param photos: uploaded files
        :raise UserError: what is wrong, in words for the buyer
        """
        self.ensure_one()
        if refusal := self._gtg_why_no_return():
            raise UserError(refusal)
        lines = self._gtg_read_quantities(form)
        reasons = self.env["gtg.return.reason"].sudo().search([])
        reason = reasons.filtered(lambda r: str(r.id) == form.get("reason_id"))
        if not reason:
            raise UserError(self.env._("Please choose why you return the goods."))
        swaps = self._gtg_read_swaps(form, lines)
        images = self._gtg_read_photos(photos)
        if reason.photo_required and not images:
            raise UserError(self.env._("Please add a photo of the goods."))
        one = (
            self.env["gtg.order.return"]
            .sudo()
            .create(
                {
                    "order_id": self.id,
                    "by_buyer": True,
                    "reason_id": reason.id,
                    "wish": "exchange" if form.get("wish") == "exchange" else "refund",
                    "note": _clean(form.get("note")),
                    "line_ids": [
                        Command.create({"order_line_id": line.id, "quantity": quantity})
                        for line, quantity in lines.items()
                    ],
                }
            )
        )
        if swaps:
            one.wish = "other"
            one.exchange_ids = [
                Command.create(line._gtg_exchange_vals(swaps.get(line.order_line_id)))
                for line in one.line_ids
            ]
        one.photo_ids = self.env["ir.attachment"].create(
            [
                {
                    "name": f"{one.name}-{number}.{PHOTO_TYPES[mimetype]}",
                    "datas": base64.b64encode(content),
                    "mimetype": mimetype,
                    "res_model": one._name,
                    "res_id": one.id,
                }
                for number, (mimetype, content) in enumerate(images, 1)
            ]
        )
        return one

    def _gtg_read_quantities(self, form):
        """:return: {order line: quantity} of what the buyer may and wants to return"""
        allowed = self._gtg_portal_returnable()
        lines = {}
        by_name = {f"qty_{line.id}": line for line in allowed}
        for name, text in form.items():
            if not name.startswith("qty_") or not (text or "").strip():
                continue
            line = by_name.get(name)
            quantity = _number(text)
            if quantity == 0:
                continue
            if not line:
                raise UserError(self.env._("This product cannot be returned."))
            left = allowed[line]
            if (
                not quantity
                or quantity < 0
                or line.product_uom_id.compare(quantity, left) > 0
                or line.product_uom_id.is_zero(quantity)
            ):
                raise UserError(
                    self.env._(
                        "%(product)s: enter a quantity from 0 to %(left)s.",
                        product=line.product_id.name,
                        left=f"{left:g}",
                    )
                )
            lines[line] = quantity
        if not lines:
            raise UserError(self.env._("Please enter how many you return."))
        return lines

    def _gtg_read_swaps(self, form, lines):
        """:return: {order line: what the buyer wants instead} of a replacement"""
        if form.get("wish") != "exchange":
            return {}
        swaps = {}
        for line in lines:
            wanted = form.get(f"swap_{line.id}") or ""
            if wanted:
                others = dict((str(other.id), other) for other in line._gtg_swaps())
                if wanted not in others:
                    raise UserError(self.env._("This cannot be sent instead."))
                swaps[line] = others[wanted]
        return swaps

    def _gtg_read_photos(self, photos):
        """:return: [(type, bytes)] of the uploaded photos, judged by their content"""
        photos = [photo for photo in photos if photo and photo.filename]
        if len(photos) > MAX_PHOTOS:
            raise UserError(self.env._("Please send %s photos at most.", MAX_PHOTOS))
        images = []
        for photo in photos:
            content = photo.read(MAX_PHOTO_BYTES + 1)
            if len(content) > MAX_PHOTO_BYTES:
                raise UserError(self.env._("A photo may have 5 MB at most."))
            mimetype = guess_mimetype(content)
            if mimetype not in PHOTO_TYPES:
                raise UserError(
                    self.env._("Please send photos as JPEG, PNG or WebP files.")
                )
            images.append((mimetype, content))
        return images

    def _gtg_ask_cancel(self, form):
        self.ensure_one()
        return (
            self.env["gtg.cancel.request"]
            .sudo()
            .create(
                {
                    "order_id": self.id,
                    "by_buyer": True,
                    "note": _clean(form.get("note")),
                }
            )
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _gtg_swaps(self):
        """:return: other sizes or colours of the product that are for sale"""
        self.ensure_one()
        variants = self.sudo().product_id.product_tmpl_id.product_variant_ids
        return variants.filtered("sale_ok") - self.sudo().product_id


def _clean(text):
    """What a stranger typed: no control characters, not endless."""
    kept = (c for c in text or "" if c in "\n\t" or c.isprintable())
    return "".join(kept)[:MAX_NOTE].strip() or False


def _number(text):
    """:return: the number in `text`, None when it is none"""
    try:
        number = float(text.strip()[:20].replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
