from odoo import api, fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    gtg_channel_id = fields.Many2one(related="sale_id.gtg_channel_id")
    gtg_ship_by = fields.Datetime(related="sale_id.gtg_ship_by")
    gtg_buyer_note = fields.Text(related="sale_id.gtg_buyer_note")
    gtg_seller_note = fields.Text(
        related="sale_id.gtg_seller_note", groups="base.group_user"
    )
    gtg_is_cod = fields.Boolean(related="sale_id.gtg_is_cod")
    gtg_cod_amount = fields.Monetary(
        string="COD Amount",
        compute="_compute_gtg_cod_amount",
        currency_field="gtg_currency_id",
        help="What the carrier collects with this delivery. The first delivery of an "
        "order carries it whole, later ones nothing, so that it is never asked twice.",
    )
    gtg_currency_id = fields.Many2one(related="sale_id.currency_id")

    gtg_handed_at = fields.Datetime(
        "Handed over",
        compute="_compute_gtg_handed_at",
        compute_sudo=True,
        help="When the buyer got the goods of this delivery, as far as it is known.",
    )
    gtg_hold_text = fields.Text(
        compute="_compute_gtg_hold_text", groups="base.group_user"
    )

    @api.depends(
        "state",
        "picking_type_id.code",
        "sale_id.gtg_is_cod",
        "sale_id.gtg_cod_amount",
        "sale_id.gtg_paid_at",
        "sale_id.picking_ids.state",
    )
    def _compute_gtg_cod_amount(self):
        for picking in self:
            order = picking.sale_id
            first = order.picking_ids.filtered(
                lambda p: p.picking_type_code == "outgoing" and p.state != "cancel"
            ).sorted("id")[:1]
            due = order.gtg_is_cod and not order.gtg_paid_at and picking == first
            picking.gtg_cod_amount = order.gtg_cod_amount if due else 0

    @api.depends("state", "date_done", "sale_id.gtg_channel_id")
    def _compute_gtg_handed_at(self):
        """Extend where the carrier tells it. A marketplace tells it of the order."""
        for picking in self:
            told = picking.sale_id.gtg_channel_id.kind == "marketplace"
            picking.gtg_handed_at = (
                picking.state == "done" and not told and picking.date_done
            )

    # === HOLDS === #

    def _compute_gtg_hold_text(self):
        leaving = self._gtg_leaving()
        holds = leaving.sale_id._gtg_open_holds().grouped("order_id")
        for picking in self:
            of_order = (
                holds.get(picking.sale_id.sudo(), []) if picking in leaving else []
            )
            picking.gtg_hold_text = "\n".join(h._gtg_sentence() for h in of_order)

    def _gtg_leaving(self):
        """:return: deliveries of orders to their buyers that have not left yet"""
        return self.filtered(
            lambda picking: (
                picking.sale_id
                and picking.picking_type_code == "outgoing"
                and picking.state not in ("done", "cancel")
            )
        )

    def button_validate(self):
        # before any wizard asks something
        self._gtg_leaving().sale_id._gtg_check_blocks("ship")
        return super().button_validate()

    def _action_done(self):
        self._gtg_leaving().sale_id._gtg_check_blocks("ship")
        res = super()._action_done()
        self.sale_id._gtg_read_deliveries()
        return res

    def _add_delivery_cost_to_so(self):
        """What the carrier took is written on orders that have left, too."""
        return super(StockPicking, self.sudo())._add_delivery_cost_to_so()

    def do_print_picking(self):
        self._gtg_leaving().sale_id._gtg_check_blocks("print")
        return super().do_print_picking()

    # === MESSAGES TO THE BUYER === #

    def _send_confirmation_email(self):
        """Core mails "shipped" too, when the company wants it. Not to marketplace
        buyers, and not beside our own message; what else happens here (core hands
        the parcel to its carriers) stays.
        """
        quiet = self.filtered(
            lambda picking: (
                picking.sale_id.gtg_channel_id.kind == "marketplace"
                or picking.sale_id.gtg_channel_id.tell_shipped
            )
        )
        if quiet:
            super(
                StockPicking, quiet.with_context(gtg_quiet_buyer=True)
            )._send_confirmation_email()
        if self - quiet:
            return super(StockPicking, self - quiet)._send_confirmation_email()
        return None

    def message_post_with_source(self, source_ref, **kwargs):
        if (
            self.env.context.get("gtg_quiet_buyer")
            and source_ref == self.company_id.stock_mail_confirmation_template_id
        ):
            return self.env["mail.message"]
        return super().message_post_with_source(source_ref, **kwargs)
