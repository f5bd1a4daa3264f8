from dataclasses import replace

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import naive_utc

from ..lib import tracking as T


class Parcel(models.Model):
    """What the carrier reports, and what it means for delivery, order and buyer."""

    _inherit = 'gtg.parcel'

    # === REPORTS === #

    def _gtg_apply(self, snapshot, reports):
        """Take in what the carrier says about this parcel.

        The same in any order and however often: the status is folded anew from all
        events, and every fact is written only when it is news.

        :param snapshot: `lib.shipping.Snapshot`, just read
        :param reports: what webhooks said (see the adapter's ``_report``)
        :return: False when a report of an end is not (yet) in the carrier's record
        """
        self.ensure_one()
        # a message and the poll may bring the same report: one of them waits, and is
        # run again when it finds the row changed
        self._gtg_lock()
        believed = [report for report in reports if self._gtg_believes(
            report.event, snapshot)]
        self._gtg_keep([r.event for r in believed if r.event], snapshot.events)
        before = self.status
        vals = self._gtg_status_vals()
        vals.update(self._gtg_measured(snapshot, believed))
        if not self.tracking_number and snapshot.reference == self.reference:
            # the answer to our own request is still on its way
            vals['tracking_number'] = snapshot.tracking
            self._gtg_enqueue('fetch_label', priority=20)
        vals['heard_at'] = fields.Datetime.now()
        self.write({name: value for name, value in vals.items()
                    if self[name] != value})
        self._gtg_after_report(before)
        return len(believed) == len(reports)

    def _gtg_believes(self, event, snapshot):
        """A message that moves money or ends the journey counts when the carrier's
        own record agrees."""
        if event is None or event.status not in T.FINAL:
            return True
        return event.code == snapshot.status or any(
            event.code == known.code for known in snapshot.events)

    def _gtg_keep(self, pushed, pulled):
        """Store new events; a richer message replaces the bare entry of the record."""
        rows = self.event_ids._gtg_events()
        for event in sorted(set(pushed), key=lambda e: e.at):
            stored = [known for known in rows if known.key == event.key]
            bare = [known for known in rows
                    if not known.pushed and known.code == event.code
                    and abs(known.at - event.at) <= T.SAME]
            if stored and not stored[0].pushed or not stored and bare:
                twin = stored[0] if stored else min(
                    bare, key=lambda known: abs(known.at - event.at))
                row = rows.pop(twin)
                row.write(row._gtg_vals(event))
                rows[event] = row
            elif not stored:
                rows[event] = self._gtg_new_event(event)
        for event in T.unknown_of(pulled, rows):
            rows[event] = self._gtg_new_event(event)

    def _gtg_new_event(self, event):
        account = self.account_id.sudo()
        event = replace(event, attention=account._said(event.attention))
        events = self.env['gtg.parcel.event']
        return events.create({'parcel_id': self.id, **events._gtg_vals(event)})

    def _gtg_status_vals(self):
        outcome = T.fold(self.event_ids._gtg_events(), self.status)
        if not any(event.status for event in self.event_ids):
            return {'attention': outcome.attention or False}
        return {
            'status': outcome.status,
            'status_at': naive_utc(outcome.changed_at) or self.status_at,
            'picked_at': naive_utc(outcome.picked_at) or self.picked_at,
            'delivered_at': naive_utc(outcome.delivered_at) or self.delivered_at,
            'failed_attempts': outcome.failed_attempts,
            'reason': outcome.reason or False,
            'attention': outcome.attention or False}

    def _gtg_measured(self, snapshot, reports):
        """Weight, fee and cash as the carrier says now."""
        vals = {}
        last = max(reports, key=lambda r: r.at, default=None)
        weight = max(snapshot.weight, snapshot.converted_weight)
        if weight:
            vals['billed_weight'] = weight
        if last and last.fee:
            vals['fee_billed'] = float(last.fee)
        if snapshot.cod_collected_at:
            vals['cod_collected_at'] = naive_utc(snapshot.cod_collected_at)
        if snapshot.cod_transferred_at and self.cod_amount:
            vals['cod_remitted_at'] = naive_utc(snapshot.cod_transferred_at)
        if snapshot.cod is not None and self.status != 'draft' and (
                self.currency_id.compare_amounts(float(snapshot.cod),
                                                 self.cod_amount)):
            if not self.currency_id.compare_amounts(
                    float(snapshot.cod), self._gtg_cod_target()):
                self._gtg_cod_corrected(float(snapshot.cod))
            else:
                vals['attention'] = self.env._(
                    'The carrier collects %(theirs)s instead of %(ours)s.',
                    theirs=self.currency_id.format(float(snapshot.cod)),
                    ours=self.currency_id.format(self.cod_amount))
        if snapshot.extra.get('partial_return'):
            vals['attention'] = self.env._('The buyer kept only a part of it.')
        return vals

    # === WHAT FOLLOWS === #

    def _gtg_after_report(self, before):
        """Tell delivery, order and buyer; every step is safe to repeat."""
        self.picking_id._gtg_sync_tracking()
        if self.status == T.CANCELLED:
            if before != T.CANCELLED:
                wanted = self.cancel_wanted
                self._gtg_cancelled()
                if not wanted:
                    self._gtg_cancelled_there()
            return
        if self.status in T.HANDED_OVER:
            self._gtg_goods_left()
        if self.failed_attempts:
            self.order_id._gtg_tell_buyer('attempt_failed')
        self.order_id._gtg_read_parcels()
        if self.status != before:
            self._gtg_tell_staff()
        elif self.attention:
            self._gtg_activity(self.attention)

    def _gtg_tell_staff(self):
        labels = dict(self._fields['status']._description_selection(self.env))
        self.order_id._gtg_log(' - '.join(filter(None, [
            self.name, labels[self.status], self.reason, self.attention])))
        alarming = (T.FAILED_ATTEMPT, T.RETURNING, T.RETURNED, T.LOST, T.DAMAGED)
        if self.attention or self.status in alarming:
            self._gtg_activity(' - '.join(filter(None, [
                self.attention or labels[self.status], self.reason])))

    def _gtg_cancelled_there(self):
        """Nobody here wished it: the box waits, and no courier comes."""
        text = ' - '.join(filter(None, [
            self.env._('The carrier has cancelled the waybill'), self.reason]))
        self.order_id._gtg_log(f'{self.name}: {text}')
        if self.order_id.state != 'cancel':
            self._gtg_activity(f'{text}. ' + self.env._('Request another waybill.'))

    def _gtg_activity(self, text):
        """One open activity per parcel and sentence on the order (F43)."""
        if self.order_id:
            self.order_id._gtg_warn(f'{self.name}: {text}')

    def _gtg_goods_left(self):
        """Validate the delivery once the carrier has all its boxes."""
        picking = self.picking_id
        if picking.state in ('done', 'cancel') or not all(
                parcel.status in T.HANDED_OVER
                for parcel in picking.gtg_parcel_ids._gtg_live()):
            return
        try:
            # what fails here must not undo what the carrier told
            with self.env.cr.savepoint():
                picking.with_context(skip_sms=True).button_validate()
                if picking.state != 'done':
                    raise UserError(self.env._(
                        'Not everything on the delivery is reserved.'))
        except UserError as error:
            self.order_id._gtg_hold('left', self.env._(
                'The carrier picked up %(parcel)s, but %(delivery)s could not be '
                'validated: %(error)s', parcel=self.name, delivery=picking.name,
                error=error))


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _gtg_read_parcels(self):
        """Take the facts that the carriers tell about these orders."""
        for order in self:
            parcels = order.gtg_parcel_ids._gtg_live()
            vals = order._gtg_parcel_facts(parcels) if parcels else {}
            news = {name: value for name, value in vals.items()
                    if order[name] != value
                    and (name == 'gtg_return_state' or not order[name])}
            if news:
                order.sudo().write(news)
            order._gtg_tell_partly(parcels)

    def _gtg_parcel_facts(self, parcels):
        self.ensure_one()
        back = parcels.filtered(lambda p: p.status in T.BACK)
        again = back != parcels and self._gtg_sent_again(back)
        statuses = set((parcels - back if again else parcels).mapped('status'))
        to_come = self._gtg_to_come()
        facts = {}
        if not to_come and statuses <= T.HANDED_OVER:
            facts['gtg_shipped_at'] = max(parcels.mapped(
                lambda p: p.picked_at or p.status_at))
        if not to_come and statuses == {T.DELIVERED}:
            facts['gtg_delivered_at'] = max(parcels.mapped(
                lambda p: p.delivered_at or p.status_at))
        if statuses == {T.RETURNED}:
            facts['gtg_return_state'] = 'returned'
        elif statuses <= {T.RETURNING, T.RETURNED}:
            facts['gtg_return_state'] = 'returning'
        elif statuses <= {T.LOST, T.DAMAGED}:
            facts['gtg_return_state'] = 'lost'
        elif again and statuses <= T.HANDED_OVER:
            facts['gtg_return_state'] = False
        cash = parcels.filtered(lambda p: p.cod_amount and p.cod_state)
        if cash and not to_come and all(p.cod_state == 'remitted' for p in cash):
            facts['gtg_cod_collected_at'] = max(cash.mapped('cod_remitted_at'))
        return facts

    def _gtg_to_come(self):
        """:return: deliveries that wait and have no waybill yet"""
        return self.picking_ids.filtered(
            lambda p: p.picking_type_code == 'outgoing' and p.state != 'cancel'
            and not p.gtg_parcel_ids._gtg_live() and p.state != 'done')

    def _gtg_sent_again(self, back):
        """Whether other goods are at the buyer or under way for all that came back or
        is lost: more has been sent than was ordered."""
        if not back:
            return False
        left = self.picking_ids.move_ids.filtered(
            lambda m: m.state == 'done' and m.location_dest_usage == 'customer')
        ordered = sum(
            line.product_uom_qty * sum(kit.values())
            if (kit := line._gtg_kit()) else line.product_uom_id._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id)
            for line in self.order_line if line.product_id.type == 'consu')
        gone = sum(quantity for parcel in back
                   for _product, quantity, _price in parcel._contents())
        return sum(left.mapped('product_qty')) - gone >= ordered > 0

    def _gtg_tell_partly(self, parcels):
        """One box arrived, another will not. What the buyer has is to be invoiced, and
        no more, so a person decides; ending the hold counts the order as delivered."""
        back = parcels.filtered(lambda p: p.status in T.BACK)
        statuses = set(parcels.mapped('status'))
        if self.gtg_delivered_at:
            self._gtg_release('partly')
        elif back and T.DELIVERED in statuses and statuses <= T.FINAL and (
                self.state != 'cancel' and not self._gtg_to_come()):
            labels = dict(parcels._fields['status']._description_selection(self.env))
            self._gtg_hold('partly', ', '.join(
                f'{p.name}: {labels[p.status]}' for p in parcels.sorted('id')))

    def _gtg_shipped_when_picked(self):
        """Goods that wait for the courier have not left, whatever the warehouse says."""
        waiting = self.filtered(lambda order: any(
            parcel.status not in T.HANDED_OVER
            for parcel in order.gtg_parcel_ids._gtg_live()
        ) or any(picking._gtg_still_here() for picking in order.picking_ids))
        return super()._gtg_shipped_when_picked() - waiting
