import base64

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import from_iso, naive_utc
from odoo.addons.gtg_connector_base.lib.errors import Rejected

from ..lib import tracking as T


class Parcel(models.Model):
    """Waybill, label and cancellation: wishes become tasks, answers become facts."""

    _inherit = 'gtg.parcel'

    def _gtg_lock(self):
        """Lock the rows and wait for who has them: none may be left out. If they were
        changed meanwhile, PostgreSQL refuses and Odoo runs it all again."""
        if self.ids:
            # in one order, so that two transactions do not wait for each other
            self.env.cr.execute(
                'SELECT id FROM gtg_parcel WHERE id = ANY(%s) ORDER BY id FOR UPDATE',
                [self.ids], log_exceptions=False)

    # === REQUEST === #

    def action_request(self):
        """Button: request the waybills, one or hundreds; what cannot be requested
        says why and leaves the others alone."""
        self.check_access('write')
        self.sudo()._gtg_request()
        failed = self.filtered('problem')
        if len(self) == 1 and failed:
            return self._notify(failed.problem, 'warning')
        if failed:
            return self._notify(self.env._(
                '%(good)s requested, %(bad)s need you.',
                good=len(self) - len(failed), bad=len(failed)), 'warning')
        return True

    def _notify(self, message, kind):
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'message': message, 'type': kind, 'next': {
                'type': 'ir.actions.client', 'tag': 'soft_reload'}}}

    def _gtg_request(self):
        """Check the drafts and enqueue what is complete; nothing is called here."""
        self._gtg_lock()  # two people may press the button at once
        for parcel in self.filtered(lambda parcel: parcel.status == 'draft'):
            try:
                parcel._gtg_check()
            except Rejected as error:
                parcel._gtg_problem(error)
                continue
            parcel.write({
                'status': 'requested', 'requested_at': fields.Datetime.now(),
                'problem': False, 'problem_code': False, 'waits_for_places': False})
            parcel._gtg_enqueue('create_waybill', reference=parcel.reference)

    def action_gtg_retry(self):
        """Button: go on with what failed, one or hundreds: drafts are checked and
        requested again, other tasks are repeated."""
        self.check_access('write')
        drafts = self.filtered(lambda parcel: parcel.status == 'draft')
        super(Parcel, (self - drafts).sudo()).action_gtg_retry()
        return drafts.action_request() if drafts else True

    def _gtg_enqueue(self, operation, **options):
        """Ask for an operation on this parcel; a failed earlier one is tried again."""
        task = self.env['gtg.connector.task'].sudo()._enqueue(
            self.account_id.sudo(), operation, self, generation=self.generation,
            **options)
        if task.state == 'failed':
            task.action_retry()
        return task

    def _gtg_check(self):
        """Whether the waybill may be requested.

        :raise Rejected: with the code ``address`` when a person must choose the ward
        """
        self.ensure_one()
        picking = self.picking_id
        if picking.state in ('cancel', 'done') and not self.tracking_number and (
                self.box not in picking._gtg_left_behind().mapped('box')):
            raise Rejected(self.env._('The delivery is already %s.', dict(
                picking._fields['state']._description_selection(self.env))[
                    picking.state]), code='delivery')
        account = self.account_id.sudo()
        self._gtg_check_ours()
        account._adapter()._checked_shipment(account, self)
        self._gtg_check_cod()
        # the address is clear, so that hold has ended
        self.order_id._gtg_release('address')
        holds = self.order_id._gtg_blocks('print')
        if holds:
            raise Rejected(holds[0]._gtg_sentence(), code='held')

    def _gtg_check_again(self):
        """Just before the waybill is sent: what was right at the request may have been
        paid, changed or put on hold in the meantime.

        :raise Rejected: it must not be sent like this
        """
        self._gtg_check_ours()
        self._gtg_check_cod()
        holds = self.order_id._gtg_blocks('print').filtered(
            lambda hold: hold.reason_id.code != 'address')  # this sending may end it
        if holds:
            raise Rejected(holds[0]._gtg_sentence(), code='held')

    def _gtg_check_ours(self):
        """Not the marketplace makes the waybill: a second would be paid."""
        if theirs := self.order_id._gtg_shipped_by_channel():
            raise Rejected(self.env._(
                'The marketplace ships %s. If you ship it yourself, tick that on the '
                'order first.', ', '.join(theirs.mapped('name'))), code='channel')

    def _gtg_check_cod(self):
        """The parcels of an order together never ask for more than the buyer owes."""
        order = self.order_id
        if not self.cod_amount:
            return
        # what came back or is lost collects nothing any more
        others = (order.picking_ids.gtg_parcel_ids - self).filtered('cod_state')
        asked = self.cod_amount + sum(others.mapped('cod_amount'))
        due = self.picking_id._gtg_cod_owed(order)
        if self.currency_id.compare_amounts(asked, due) > 0:
            raise Rejected(
                self.env._('The parcels of this order would collect %(asked)s, but the '
                           'buyer owes %(due)s.',
                           asked=self.currency_id.format(asked),
                           due=self.currency_id.format(due)),
                code='cod', hint=self.env._('Correct the cash on delivery.'))

    def _gtg_problem(self, error):
        """Show on parcel and order what a person must do before the request."""
        account = self.account_id.sudo()
        text = ' '.join(
            account._said(part) for part in (error.text, error.hint) if part)
        self.write({'problem': text, 'problem_code': error.code,
                    'waits_for_places': error.code == 'no_catalogue'})
        if error.code == 'address':
            self.order_id._gtg_hold('address', text)
        elif error.code not in ('held', 'channel', 'delivery', 'no_catalogue'):
            self.order_id._gtg_hold('parcel', text)

    # === CANCEL === #

    def action_cancel(self):
        """Button: cancel, at the carrier too if it has the parcel already."""
        self.check_access('write')
        self.sudo()._gtg_cancel()
        return True

    def _gtg_cancel(self):
        self._gtg_lock()
        for parcel in self:
            if parcel.status in T.FINAL:
                continue
            task = parcel._gtg_task('create_waybill')
            untouched = not task or (
                task.state in ('queued', 'failed') and not task.unsure)
            if parcel.status in ('draft', 'requested') and not parcel.tracking_number:
                if untouched:
                    # a drain that has just taken it makes this fail and run again
                    task._give_up()
                    aside = parcel.status == 'draft'
                    parcel._gtg_cancelled()
                    if aside and parcel.picking_id.state == 'done':
                        parcel._gtg_put_aside()
                else:
                    parcel.cancel_wanted = True
                continue
            if parcel.status != T.READY:
                parcel.problem = self.env._(
                    'The carrier has the goods: a parcel can be cancelled before '
                    'pickup only. Ask for its return instead.')
                if parcel.order_id.state == 'cancel':
                    parcel._gtg_activity(parcel.problem)
                continue
            parcel.write({'cancel_wanted': True, 'problem': False})
            parcel._gtg_enqueue('cancel_waybill', priority=5)

    def _gtg_task(self, operation):
        return self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', '=', self.id),
            ('operation', '=', operation), ('generation', '=', self.generation)],
            limit=1)

    def _gtg_cancelled(self):
        """The carrier certainly has no (more) waybill for the box."""
        now = fields.Datetime.now()
        self.filtered(lambda p: p.status != T.CANCELLED).write({
            'status': T.CANCELLED, 'status_at': now})
        self.write({'cancel_wanted': False, 'problem': False, 'problem_code': False,
                    'attention': False})
        for parcel in self:
            if parcel.order_id.state == 'cancel' and parcel.picking_id.state == 'done':
                parcel._gtg_activity(self.env._(
                    'The waybill is cancelled. Return the goods of %s to the stock.',
                    parcel.picking_id.name))
        self._gtg_close_holds()
        self.picking_id._gtg_sync_tracking()
        self.order_id._gtg_read_labels()

    # === LEFT WITHOUT A WAYBILL === #

    def _gtg_left_without(self):
        """The delivery is validated, and the carrier does not know these boxes."""
        text = self.env._('Validated without a waybill. Request it now, or cancel the '
                          'parcel if the box goes another way.')
        for parcel in self:
            parcel.problem = parcel.problem or text
            parcel.order_id._gtg_log(f'{parcel.name}: {text}')
            parcel._gtg_activity(text)

    def _gtg_put_aside(self):
        """A person says that this box of a validated delivery needs no waybill."""
        self.requested_at = False  # else it still waits for another waybill
        if self.order_id.state != 'cancel':
            self.order_id._gtg_log(self.env._(
                '%(parcel)s needs no waybill, says %(user)s.',
                parcel=self.name, user=self.env.user.name))
            self.order_id._gtg_read_deliveries()

    # === LABEL, RETURN === #

    def action_label(self):
        """Button: fetch the label again."""
        self.check_access('write')
        for parcel in self.sudo().filtered('tracking_number'):
            task = parcel._gtg_task('fetch_label')
            if task.state == 'done':
                task.unlink()  # a read: repeating it has no effect at the carrier
            parcel._gtg_enqueue('fetch_label')
        return True

    def action_print(self):
        """Button: the stored labels in one PDF; counts as printed."""
        self.check_access('read')
        ready = self._gtg_live().filtered(
            lambda p: p.label_attachment_id and not p.cancel_wanted)
        if not ready:
            raise UserError(self.env._('There is no label yet. Request the waybill '
                                       'first, or wait a moment.'))
        ready.order_id._gtg_check_blocks('print')
        now = fields.Datetime.now()
        ready.sudo().write({'label_printed_at': now})
        ready.order_id.sudo()._gtg_read_printed(now)
        ids = ','.join(map(str, ready.ids))
        return {'type': 'ir.actions.act_url', 'target': 'new',
                'url': f'/gtg/parcel/labels?ids={ids}'}

    def _gtg_box_name(self):
        return self.tracking_number or self.env._('Box %s', self.box)

    def _gtg_why_no_label(self):
        """:return: what the label of this box waits for, '' when it is here"""
        self.ensure_one()
        if self.label_attachment_id:
            return ''
        name = self._gtg_box_name()
        if self.problem:
            return self.env._('%(box)s: %(problem)s', box=name, problem=self.problem)
        if self.tracking_number:
            return self.env._('%s: the carrier has not sent the label yet.', name)
        if self.status == 'requested':
            return self.env._('%s: the carrier has not answered yet.', name)
        return self.env._('%s: its waybill has not been requested yet.', name)

    def action_track(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'new',
                'url': self.tracking_url}

    def action_redeliver(self):
        """Button: ask for another delivery attempt."""
        return self._gtg_ask('redeliver')

    def action_send_back(self):
        """Button: let the parcel come back."""
        return self._gtg_ask('send_back')

    def _gtg_ask(self, operation):
        self.check_access('write')
        task_model = self.env['gtg.connector.task'].sudo()
        for parcel in self.sudo():
            if parcel.status not in (T.FAILED_ATTEMPT, T.IN_TRANSIT):
                raise UserError(self.env._(
                    '%s: this can be asked only after a failed attempt.', parcel.name))
            # each failed attempt may be answered once
            task = task_model._enqueue(
                parcel.account_id, operation, parcel,
                generation=parcel.failed_attempts)
            if task.state == 'failed':
                task.action_retry()
        return True

    def action_choose_ward(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.ward.wizard',
            'name': self.env._('Choose the ward'), 'views': [(False, 'form')],
            'target': 'new', 'context': {'default_parcel_id': self.id}}

    # === ANSWERS === #

    def _gtg_task_done(self, task):
        result = super()._gtg_task_done(task)
        getattr(self, f'_gtg_done_{task.operation}')(task.sudo())
        return result

    def _gtg_done_create_waybill(self, task):
        result = task.result or {}
        if not result.get('tracking'):
            return
        if self.status in ('draft', 'requested'):
            self.write({'status': T.READY, 'status_at': fields.Datetime.now()})
        self.write({
            'tracking_number': result['tracking'], 'problem': False,
            'problem_code': False, 'heard_at': fields.Datetime.now(),
            **{name: result[name] for name in ('sort_code',) if result.get(name)},
            **({'fee_expected': result['fee']} if result.get('fee') else {}),
            **({'expected_at': naive_utc(from_iso(result['expected_at']))}
               if result.get('expected_at') else {})})
        self._gtg_close_holds()
        self.picking_id._gtg_sync_tracking()
        self.order_id._gtg_follow_cod()  # it may have been paid in the meantime
        if self.cancel_wanted:
            self._gtg_enqueue('cancel_waybill', priority=5)
        elif 'label' in self.account_id._adapter()._can:
            self._gtg_enqueue('fetch_label', priority=20)

    def _gtg_done_cancel_waybill(self, task):
        self._gtg_cancelled()

    def _gtg_done_fetch_label(self, task):
        content = (task.result or {}).get('pdf')
        if not content:
            return
        self.label_attachment_id.unlink()
        self.label_attachment_id = self.env['ir.attachment'].create({
            'name': f'{self.tracking_number}.pdf', 'mimetype': 'application/pdf',
            'raw': base64.b64decode(content),
            'res_model': self._name, 'res_id': self.id})
        self.label_printed_at = False
        task.result = {}  # kept once is enough
        self.order_id._gtg_read_labels()
        parcels = self.order_id.gtg_parcel_ids._gtg_live()
        if all(parcels.mapped('label_attachment_id.id')) and (
                len(parcels.filtered('label_attachment_id')) == len(parcels)):
            self.order_id.filtered(lambda o: not o.gtg_label_ready_at).write({
                'gtg_label_ready_at': fields.Datetime.now()})

    def _gtg_done_redeliver(self, task):
        self.write({'attention': False, 'heard_at': False, 'polled_at': False})

    _gtg_done_send_back = _gtg_done_redeliver

    def _gtg_task_failed(self, task):
        super()._gtg_task_failed(task)
        task = task.sudo()
        text = ' '.join(filter(None, (task.error_text, task.error_hint)))
        self.write({'problem': text, 'problem_code': task.error_code})
        if task.operation in ('cancel_waybill', 'update_cod'):
            if task.operation == 'update_cod':
                text = f'{self._gtg_cod_sentence()} {text}'
            self._gtg_activity(text)
        if task.operation != 'create_waybill' or self.tracking_number:
            return
        if not task.unsure:
            self.status = 'draft'  # certainly refused: it may be corrected
            if self.cancel_wanted:
                task.action_cancel()
                self._gtg_cancelled()
                return
            if task.error_code == 'cod':
                self.order_id._gtg_follow_cod()
                self._gtg_request()
                return
            if task.error_code in ('held', 'channel'):
                return  # requested again when the hold ends
        bad_address = task.error_code in self.account_id._adapter()._address_codes
        self.order_id._gtg_hold('address' if bad_address else 'provider', task=task)

    def _gtg_task_given_up(self, operation):
        if operation == 'create_waybill' and self.status == 'requested':
            self.status = 'draft'
        return super()._gtg_task_given_up(operation)

    def _gtg_task_settled(self, task):
        """The waybill exists: its number comes with the carrier's next news."""
        result = super()._gtg_task_settled(task)
        self.write({'problem': False, 'problem_code': False})
        self._gtg_close_holds()
        return result

    def _gtg_close_holds(self):
        """End our holds on the orders none of whose parcels needs a person."""
        for order in self.order_id:
            if not order.gtg_parcel_ids._gtg_live().filtered('problem'):
                for reason in ('address', 'parcel', 'provider'):
                    order._gtg_release(reason)
