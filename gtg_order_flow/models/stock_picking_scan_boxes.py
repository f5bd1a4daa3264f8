from odoo import fields, models
from odoo.exceptions import UserError

REPEATED_MINUTES = 15
FORCED_MINUTES = 30


class StockPicking(models.Model):
    """The scan-out station: several boxes of one delivery, and lost answers.

    The label is fetched after the parcel has left, and counts as printed when the
    browser says that it has it. Whoever shipped a parcel may print it again.
    """

    _inherit = "stock.picking"

    gtg_scanned_by_id = fields.Many2one(
        "res.users", string="Scanned Out by", readonly=True, copy=False
    )
    gtg_scan_token = fields.Char(readonly=True, copy=False, groups="base.group_system")
    gtg_scan_used = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Numbers of the waybills that left with this delivery, with commas.",
    )
    gtg_forced_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, groups="base.group_system"
    )
    gtg_forced_at = fields.Datetime(
        readonly=True, copy=False, groups="base.group_system"
    )

    # === SEVERAL BOXES === #

    def _gtg_scan_boxes(self):
        """What the station needs to know of boxes and labels."""
        codes = self._gtg_scan_waybills()
        return {
            "boxes": codes,
            "boxes_needed": self._gtg_scan_waybills_needed(codes),
            "label": self._gtg_scan_label(),
        }

    def _gtg_scan_waybills(self):
        return list(dict.fromkeys(box.code for box in self._gtg_boxes()[self] if box.code))

    def _gtg_scan_waybills_needed(self, codes):
        """:return: how many waybills must be scanned. Extend where a box may belong to
        another delivery of the order. One alone need not be scanned.
        """
        return len(codes) if len(codes) > 1 else 0

    def _gtg_scan_compare_waybills(self, waybills):
        """:raise UserError: not every box has been seen"""
        codes = self._gtg_scan_waybills()
        seen = self._gtg_scan_seen(codes, waybills)
        missing = [code for code in codes if code not in seen]
        if len(codes) - len(missing) < self._gtg_scan_waybills_needed(codes):
            raise UserError(
                self.env._(
                    "%(order)s leaves in several boxes. Scan the waybill of each; "
                    "still missing: %(missing)s",
                    order=self.sale_id.sudo().name or self.name,
                    missing=", ".join(missing),
                )
            )

    def _gtg_scan_seen(self, codes, waybills):
        """:return: those of `codes` that the station has scanned"""
        scanned = {
            str(code).upper().replace(" ", "")
            for code in (waybills if isinstance(waybills, list) else [])
        }
        return [code for code in codes if code.upper().replace(" ", "") in scanned]

    def _gtg_scan_leaves_with(self, waybills):
        """:return: numbers of the waybills that are used now, with commas"""
        codes = self._gtg_scan_waybills()
        if self._gtg_scan_waybills_needed(codes):
            codes = self._gtg_scan_seen(codes, waybills)
        return ",".join(codes)

    def _gtg_scan_blocks(self):
        sentences = super()._gtg_scan_blocks()
        sentences += [
            self.env._("%s has no waybill yet.", box.name)
            for box in self._gtg_boxes()[self]
            if not box.code
        ]
        return sentences

    # === THE LABEL, AND WHAT GOT LOST ON THE WAY === #

    def _gtg_forced(self):
        """:return: those of the deliveries whose labels this user has just decided to
        print although a hold forbids it; not, when another reason has come since
        """
        since = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=FORCED_MINUTES
        )
        return self.filtered(
            lambda picking: (
                (own := picking.sudo()).gtg_forced_by_id == self.env.user
                and own.gtg_forced_at > since
                and all(
                    hold.write_date <= own.gtg_forced_at
                    for hold in own.sale_id._gtg_blocks("print")
                )
            )
        )

    def _gtg_scan_label(self):
        """:return: action that opens the labels, False: none, or printed before"""
        boxes = self._gtg_boxes()[self]
        return any(box.to_print for box in boxes) and self._gtg_labels_action()

    def _gtg_scan_answer(self, print_label, result=False):
        return {
            "order": self.sale_id.sudo().name or self.name,
            "picking": self.name,
            "label": bool(print_label) and self._gtg_scan_label(),
            "action": result if isinstance(result, dict) else False,
        }

    def _gtg_scan_is_repeated(self, token):
        """Whether this very attempt has shipped the parcel already."""
        own = self.sudo().gtg_scan_token
        return (
            self.state == "done"
            and bool(own)
            and own == str(token or "")[:64]
            and self.gtg_scanned_by_id == self.env.user
        )

    def _gtg_scan_gone(self):
        when = fields.Datetime.context_timestamp(self, self.date_done)
        return self.env._(
            "%(name)s has left already: shipped %(when)s (%(picking)s).",
            name=self.sale_id.sudo().name or self.name,
            when=f"{when:%d/%m %H:%M}",
            picking=self.name,
        )

    def _gtg_scan_left(self):
        """:return: what to show of a parcel that this user shipped a moment ago and
        that has a label, else None
        """
        self.ensure_one()
        since = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=REPEATED_MINUTES
        )
        if (
            self.state != "done"
            or self.gtg_scanned_by_id != self.env.user
            or self.date_done < since
            or not any(box.label for box in self._gtg_boxes()[self])
        ):
            return None
        return {
            "id": self.id,
            "left": self._gtg_scan_gone(),
            "label": self._gtg_labels_action(),
        }
