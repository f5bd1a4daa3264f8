from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date


class SaleOrder(models.Model):
    """Orders that go out in several deliveries: by law each has its own invoice."""

    _inherit = 'sale.order'

    gtg_part_day = fields.Date(
        'Part handed over', compute='_compute_gtg_part_day', store=True,
        help='Vietnamese day of the first delivery that no invoice names yet, while '
             'other deliveries of the order wait.')

    @api.depends('state', 'gtg_sale_day', 'gtg_channel_id', 'order_line.qty_delivered',
                 'picking_ids.gtg_handed_at', 'picking_ids.state',
                 'order_line.invoice_lines.move_id.state',
                 'order_line.invoice_lines.move_id.gtg_einvoice_state')
    def _compute_gtg_part_day(self):
        for order in self:
            if order.gtg_sale_day:  # a part that was late stays so until it is invoiced
                order.gtg_part_day = order.gtg_part_day if (
                    order.state == 'sale' and order._gtg_lines_unnamed()) else False
            else:
                order.gtg_part_day = order.state == 'sale' and (
                    order._gtg_part_handed_over())

    def _gtg_part_handed_over(self):
        """:return: day from which the law waits for the invoice of a part, or False"""
        self.ensure_one()
        unnamed = self._gtg_lines_unnamed()
        if not unnamed:
            return False
        leaves = self._gtg_invoice_setting('invoice_trigger') == 'shipped'
        out = self.picking_ids.filtered(
            lambda p: p.picking_type_code == 'outgoing' and p.state != 'cancel')
        left = out.filtered(lambda p: p.state == 'done')
        handed = {picking: at for picking in left if (
            at := picking.date_done if leaves else picking.gtg_handed_at)}
        if left == out or len(handed) < len(left):
            # the order tells when all was handed over; what is under way would be
            # invoiced together with what is not
            return False
        days = [line._gtg_unnamed_since(handed) for line in unnamed]
        at = min(filter(None, days), default=False)
        return at and vietnam_date(at)

    def _gtg_lines_unnamed(self):
        """:return: lines of which more was delivered than invoices have named"""
        return self.order_line.filtered(lambda line: (
            not line.display_type and line.qty_delivered
            and line.product_id.type == 'consu'
            and line.product_uom_id.compare(
                line._gtg_quantity_sent(), line._gtg_quantity_named()) > 0))

    def _gtg_left_in_part(self):
        """Whether what has left can be invoiced before the rest: it waits for a
        delivery of its own, or will not come.

        What the carrier has delivered and the stock in Odoo still holds is no part.
        """
        self.ensure_one()
        waiting = self.picking_ids.filtered(
            lambda p: p.picking_type_code == 'outgoing'
            and p.state not in ('done', 'cancel'))
        return bool(self._gtg_lines_unnamed()) and not (waiting and self.gtg_sale_day)

    def _gtg_check_made(self, moves):
        """:raise UserError: core has set against each other what law keeps apart"""
        if 'out_refund' in moves.mapped('move_type'):
            raise UserError(self.env._(
                '%s: discounts and down payments of the order are more than the goods '
                'that have left. Invoice it when the rest has left, or make the invoice '
                'by hand.', self.name))
        back = moves.invoice_line_ids.filtered(lambda row: (
            row.quantity < 0 and row.product_id.type == 'consu' and not row.is_downpayment))
        if back:
            raise UserError(self.env._(
                '%(order)s: less of %(product)s was kept than invoiced. Credit that first, '
                'then make a further invoice by hand.', order=self.name,
                product=back[0].product_id.display_name))


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _gtg_check_kept(self):
        """What came back after an invoice belongs to that one, not to the next.

        :raise UserError: it is not credited there
        """
        for line in self:
            if line._gtg_back_since_invoiced():
                raise UserError(self.env._(
                    '%(order)s: %(product)s came back after it was invoiced. Credit that '
                    'first, then make a further invoice by hand.',
                    order=line.order_id.name, product=line.product_id.display_name))

    def _gtg_back_since_invoiced(self):
        """:return: moves of what came back, and is paid back, after an invoice"""
        self.ensure_one()
        invoiced = self.invoice_lines.move_id.filtered(lambda move: (
            move.state == 'posted' and move.move_type == 'out_invoice'))
        since = min(invoiced.mapped('create_date'), default=None)
        return self.move_ids.filtered(lambda move: (
            since and move.state == 'done' and move.location_usage == 'customer'
            and move.to_refund and move.date >= since))

    def _gtg_unnamed_since(self, handed):
        """When the first piece was handed over that no invoice names.

        :param dict handed: {delivery: datetime}
        :return: datetime, False if none was
        """
        self.ensure_one()
        moves = self.move_ids.filtered(
            lambda move: move.state == 'done' and move.picking_id in handed
        ).sorted(lambda move: handed[move.picking_id])
        named = self._gtg_quantity_named()
        if not named or moves.product_id != self.product_id:  # a kit goes in its pieces
            first = moves[:1] if not named else moves[-1:]
            return handed.get(first.picking_id, False)
        for move in moves:
            named -= move.product_uom._compute_quantity(
                move.quantity, self.product_uom_id)
            if self.product_uom_id.compare(named, 0) < 0:
                return handed[move.picking_id]
        return False
