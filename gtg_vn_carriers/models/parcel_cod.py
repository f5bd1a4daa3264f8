from odoo import api, models

from ..lib import tracking as T

# the cash of these can still be changed
CHANGEABLE = frozenset((
    'draft', 'requested', T.READY, T.PICKED, T.IN_TRANSIT, T.OUT_FOR_DELIVERY,
    T.FAILED_ATTEMPT))


class Parcel(models.Model):
    """The cash follows the order: what was paid meanwhile is not collected again."""

    _inherit = 'gtg.parcel'

    def _gtg_cod_target(self):
        """What this parcel shall collect as the order stands now, in dong."""
        self.ensure_one()
        targets = self.order_id._gtg_cod_targets() if self.order_id else {}
        return targets.get(self, self.cod_amount)

    def _gtg_update_cod(self):
        """Ask the carrier to collect less; the amount is read when it is sent."""
        if 'update_cod' not in self.account_id._adapter()._can:
            self._gtg_activity(self._gtg_cod_sentence())
            return
        last = self._gtg_cod_task()
        if last.state in ('queued', 'unknown', 'failed'):
            last.action_retry()
            return
        self.env['gtg.connector.task'].sudo()._enqueue(
            self.account_id.sudo(), 'update_cod', self, priority=5,
            generation=last.generation + 1)

    def _gtg_cod_task(self):
        return self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', '=', self.id),
            ('operation', '=', 'update_cod')], order='generation desc', limit=1)

    def _gtg_cod_sentence(self):
        show = self.currency_id.format
        return self.env._(
            'The waybill collects %(asked)s instead of %(due)s.',
            asked=show(self.cod_amount), due=show(self._gtg_cod_target()))

    def _gtg_done_update_cod(self, task):
        amount = (task.result or {}).get('cod')
        if amount is None:
            return
        self._gtg_set_cod(amount)
        self.order_id._gtg_follow_cod()  # it may have changed again

    def _gtg_set_cod(self, amount):
        if self.currency_id.compare_amounts(amount, self.cod_amount):
            self.order_id._gtg_log(self.env._(
                '%(parcel)s collects %(new)s instead of %(old)s.', parcel=self.name,
                new=self.currency_id.format(amount),
                old=self.currency_id.format(self.cod_amount)))
        self.write({'cod_amount': amount, 'problem': False, 'problem_code': False})

    def _gtg_cod_corrected(self, amount):
        """A person has changed it on the carrier's portal."""
        task = self._gtg_cod_task()
        if task.state == 'failed':
            task.write({'unsure': False})
            task.action_cancel()
        self._gtg_set_cod(amount)


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _gtg_cod_targets(self):
        """What the parcels shall collect: together never more than the buyer owes.

        :return: {parcel: amount in dong} of those whose cash can still be changed
        """
        self.ensure_one()
        parcels = self.sudo().gtg_parcel_ids.filtered('cod_state')
        excess = self._gtg_cod_excess(parcels)
        targets = {}
        # those that the carrier does not have yet come first
        for parcel in parcels.filtered(
                lambda p: p.status in CHANGEABLE and p.cod_state == 'to_collect').sorted(
                lambda p: (bool(p.tracking_number), p.id)):
            cut = min(max(excess, 0), parcel.cod_amount)
            targets[parcel] = parcel.cod_amount - cut
            excess -= cut
        return targets

    def _gtg_cod_excess(self, parcels):
        """:return: what is collected beyond what is owed; negative: too little"""
        if not parcels:
            return 0.0
        return sum(parcels.mapped('cod_amount')) - (
            parcels.picking_id[:1]._gtg_cod_owed(self))

    def _gtg_follow_cod(self, changed=False):
        """Lower the cash of parcels that would collect too much.

        What is being requested just now is looked at when it is sent, and again when
        the waybill is there.

        :param bool changed: the order was changed: tell also when too little is asked
        """
        for order in self.sudo():
            parcels = order.gtg_parcel_ids.filtered('cod_state')
            if not parcels or order.state != 'sale':
                continue
            # written, not only locked: an answer of the carrier that is being stored
            # at the same time has not seen the change, and must be run again
            self.env.cr.execute(
                'UPDATE gtg_parcel SET write_date = write_date WHERE id IN ('
                'SELECT id FROM gtg_parcel WHERE id = ANY(%s) ORDER BY id FOR UPDATE)',
                [parcels.ids], log_exceptions=False)
            for parcel, amount in order._gtg_cod_targets().items():
                if not parcel.currency_id.compare_amounts(amount, parcel.cod_amount):
                    continue
                if parcel.tracking_number:
                    parcel._gtg_update_cod()
                elif parcel.status == 'draft':
                    parcel._gtg_set_cod(amount)
            short = -order._gtg_cod_excess(parcels)
            asked = parcels.filtered(
                lambda p: p.cod_state == 'to_collect' and p.status != 'draft')
            if changed and short > 0 and asked and not order._gtg_to_come():
                asked[0]._gtg_activity(self.env._(
                    'The buyer owes %s more than the parcels collect.',
                    asked[0].currency_id.format(short)))

    def _gtg_cod_changed(self):
        """The lines have changed, and so perhaps the total."""
        confirmed = self.filtered(lambda order: order.state == 'sale' and order.gtg_is_cod)
        if confirmed:
            confirmed._gtg_follow_cod(changed=True)

    def write(self, vals):
        res = super().write(vals)
        if not {'gtg_paid_at', 'gtg_is_cod', 'gtg_cod_amount'}.isdisjoint(vals):
            self._gtg_follow_cod(changed=True)
        return res


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    @api.model
    def _gtg_money_fields(self):
        """:return: the fields that change what the buyer owes"""
        return {'product_id', 'product_uom_id', 'product_uom_qty', 'price_unit',
                'discount', 'tax_ids'}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._gtg_cod_changed()
        return lines

    def write(self, vals):
        res = super().write(vals)
        if not self._gtg_money_fields().isdisjoint(vals):
            self.order_id._gtg_cod_changed()
        return res

    def unlink(self):
        orders = self.order_id
        res = super().unlink()
        orders._gtg_cod_changed()
        return res
