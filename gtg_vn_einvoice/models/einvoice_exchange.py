import logging
from datetime import datetime, timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.lib.clock import naive_utc
from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

_logger = logging.getLogger(__name__)

# seconds between the questions for the code; then half an hour until a day is over
POLLS = (5, 15, 30, 60, 120, 300, 600)
HALF_HOUR = 1800
ALARM_AFTER = timedelta(hours=24)
LATE_POLL = 6 * 3600
PUSH_AFTER = timedelta(minutes=10)
PEERS_WITHIN = timedelta(minutes=2)
# a draft that a person must sign: every quarter of an hour at first, then hourly
SIGN_POLLS, QUARTER, HOUR = 8, 900, 3600
SIGN_POLLS_MAX = SIGN_POLLS + 30 * 24  # a month

PEERS = """
SELECT einvoice.id
  FROM gtg_connector_task task
  JOIN gtg_einvoice einvoice ON einvoice.id = task.res_id
 WHERE task.operation = 'poll_code' AND task.state = 'queued'
   AND task.res_model = %(model)s AND task.res_id != %(id)s
   AND task.account_model = %(account_model)s AND task.account_id = %(account)s
   AND task.next_try_at <= %(until)s AND einvoice.series_id = %(series)s
   AND CASE WHEN %(drafts)s THEN einvoice.state = 'to_sign'
            ELSE einvoice.lookup_code IS NOT NULL END
 ORDER BY task.next_try_at, task.id
 LIMIT %(limit)s
"""


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    # === PEOPLE === #

    def action_issue(self):
        """Button: ask the drain to issue; nothing is called here."""
        for einvoice in self:
            einvoice.move_id._gtg_issue_einvoice()

    def action_gtg_retry(self):
        """Button: try again, with the invoice as it is now.

        What may have been issued is not rushed: its look-up waits its time.
        """
        for einvoice in self:
            if einvoice.state in ('draft', 'queued'):
                einvoice.move_id._gtg_issue_einvoice()
            else:
                self.env['gtg.connector.task'].sudo().search([
                    ('res_model', '=', self._name), ('res_id', '=', einvoice.id),
                    ('state', '=', 'failed')]).action_retry()

    def action_take_back(self):
        """Button: do not issue it after all, as long as it was certainly not sent."""
        self.check_access('write')
        for einvoice in self.filtered(lambda e: e.state == 'queued'):
            einvoice._create_task().action_cancel()

    def _compute_gtg_task(self):
        result = super()._compute_gtg_task()
        pauses = self.filtered(lambda e: e.state == 'queued')._pauses()
        for einvoice in self:
            einvoice.gtg_task_message = (
                einvoice.gtg_task_message or einvoice._waits_for_account(pauses))
        return result

    def _waits_for_account(self, pauses=None):
        """
        :param pauses: those of the accounts, if they are read already
        :return: why what was asked for is not sent, or False
        """
        account = self.account_id.sudo()
        if self.state != 'queued':
            return False
        if account.active and account.state == 'connected':
            pauses = self._pauses() if pauses is None else pauses
            return self._waits_for_pause(pauses.filtered(
                lambda pause: pause.account_id == account.id
                and pause.operation == 'create_invoice'
                and pause.lane in (False, self.series_id._lane()))[:1])
        return self.env._(
            '%(name)s is not sent: account %(account)s is archived or not connected. '
            'Restore and test it, or press "Take back" on the e-invoice.',
            name=self.display_name, account=account.name)

    def action_ask_code(self):
        """Button: ask the tax office's answer now."""
        self.check_access('write')
        for einvoice in self.filtered(lambda e: e.state in (
                'to_sign', 'issued', 'waiting_code', 'refused')):
            einvoice._enqueue('poll_code', generation=einvoice.polls, delay=0).sudo(
                ).action_retry()

    def action_fetch_files(self):
        """Button: fetch the XML and PDF again and check them."""
        self.check_access('write')
        for einvoice in self.filtered('number'):
            tasks = self.env['gtg.connector.task'].sudo().search([
                ('res_model', '=', self._name), ('res_id', '=', einvoice.id),
                ('operation', '=', 'fetch_files')])
            if not tasks.filtered(lambda task: task.state != 'done'):
                einvoice._enqueue('fetch_files', generation=len(tasks))
            tasks.action_retry()

    # === OUTBOX === #

    def _enqueue(self, operation, **options):
        self.ensure_one()
        return self.env['gtg.connector.task']._enqueue(
            self.account_id.sudo(), operation, self, reference=self.reference, **options)

    def _queue_issue(self, payload, values):
        """Store what will be sent, then ask for it.

        :param str payload: JSON text of the request
        :param dict values: amounts and buyer of the document
        """
        self.ensure_one()
        task = self._create_task()
        if task:
            # against the drain that may be claiming it just now
            self.env.cr.execute(
                'SELECT id FROM gtg_connector_task WHERE id = %s FOR UPDATE', [task.id])
        if self._outcome_unknown(task):
            if task.state in ('failed', 'done'):
                task.action_retry()  # looks it up or applies it again, sends nothing
            return  # the drain looks it up by itself, in its time
        self.sudo()._set_state('queued', payload=payload, **values)
        if task and task.state != 'done':
            task.action_retry()
        else:
            # what was done before was a draft that a person has deleted at the provider
            self.sudo()._enqueue_create(task.generation + 1 if task else 0)

    def _enqueue_create(self, generation=0):
        """Numbers of a series run in sequence: one call at a time."""
        for series, einvoices in self.grouped('series_id').items():
            self.env['gtg.connector.task']._enqueue_many(
                series.account_id.sudo(), 'create_invoice', einvoices,
                references=einvoices.mapped('reference'), generation=generation,
                lane=series._lane())

    def _unchanged_payload(self):
        """The stored request.

        :raise UserError: it must be checked and stored anew
        """
        self.ensure_one()
        if self.state == 'draft':  # see `action_retry` of its task
            raise UserError(self.env._(
                '%s was changed after the refusal. Press "Issue e-invoice" on it.',
                self.move_id.display_name))
        return self.payload

    def _is_unchanged(self):
        """:return: whether the invoice would be sent as it was when it was refused"""
        if self.original_id:
            return False  # another correction may have come between
        doc, problems = self.move_id._gtg_document(self.series_id, self.reference)
        return not problems and self.move_id.state == 'posted' and (
            self.payload == self.account_id._adapter()._payload(self.account_id, doc))

    def _gtg_task_done(self, task):
        result = super()._gtg_task_done(task)
        handler = {
            'create_invoice': self._issued,
            'poll_code': self._polled,
            'fetch_files': self._files_fetched,
        }.get(task.operation)
        if handler:
            handler(task)
        return result

    def _gtg_task_failed(self, task):
        result = super()._gtg_task_failed(task)
        text = task._error_sentences()
        if task.operation == 'poll_code':
            # a new question: asking for the code never ends for good
            self._set_state(self.state, polls=self.polls + 1)
            self._plan_poll(late=True)
            return result
        if task.operation == 'create_invoice' and not task.unsure:
            if self.state == 'queued':
                self._set_state('draft')
        self._alarm(self.env._('E-invoice: %s', text or task.operation))
        self.move_id._gtg_einvoice_failed(text, task)
        return result

    def _gtg_task_given_up(self, operation):
        if operation == 'create_invoice' and self.state == 'queued':
            self._set_state('draft')
        return super()._gtg_task_given_up(operation)

    def _gtg_task_settled(self, task):
        result = super()._gtg_task_settled(task)
        if task.operation == 'create_invoice':
            raise UserError(self.env._(
                'Only the provider can tell the number of %s. Press Retry: it is '
                'looked up there first, and issued only if it does not exist.',
                self.display_name))
        return result

    def _issued(self, task):
        """The provider gave a number, by its answer or found by our reference."""
        facts = task.result
        if self.number:
            return
        if facts.get('draft'):
            self._set_state('to_sign', missing_since=False)
            self.activity_unlink(['mail.mail_activity_data_warning'])
            self._plan_poll()
            return
        self._numbered(facts, task.sent_at)

    def _numbered(self, facts, sent_at=None):
        """It is a legal document now."""
        at = facts.get('issued_at')
        values = {
            'number': facts['number'],
            'provider_id': facts.get('provider_id'),
            'lookup_code': facts.get('lookup_code'),
            'issued_at': naive_utc(datetime.fromisoformat(at)) if at
            else sent_at or fields.Datetime.now(),
        }
        values['days_late_issued'] = self._lateness(values['issued_at'])
        code = facts.get('authority_code')
        # the invoice's history tells the number, see `_gtg_einvoice_issued`
        untracked = self.with_context(mail_notrack=True)
        if code:
            untracked._set_state('coded', authority_code=code, **values)
        elif self.code_kind == 'none':
            untracked._set_state('issued', **values)
        else:
            untracked._set_state('waiting_code', **values)
        self._unalarm()
        self.move_id._gtg_einvoice_issued(self)
        # also with the code at once: the search tells the date and the office's answer
        self._plan_poll()
        if self.state != 'waiting_code':
            self._enqueue('fetch_files', delay=2 * self.account_id._time_scale())

    def _polled(self, task):
        facts = dict(task.result or {})
        others = facts.pop('others', None)
        self._apply_poll(facts)
        if others:
            self._share_poll(others)

    def _poll_peers(self, limit):
        """Other documents of the series whose code is asked for about now: what the
        provider tells in one call need not be many."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            PEERS, model=self._name, id=self.id, series=self.series_id.id,
            account_model=self.account_id._name, account=self.account_id.id,
            drafts=self.state == 'to_sign', limit=limit,
            until=fields.Datetime.now() + PEERS_WITHIN))
        return self.browse(row[0] for row in rows)

    def _share_poll(self, others):
        """Apply what was told about peers; each one's own question is answered then.

        :param dict others: {reference: facts}
        """
        peers = self.search([('reference', 'in', list(others))])
        tasks = self.env['gtg.connector.task'].sudo().search([
            ('operation', '=', 'poll_code'), ('state', '=', 'queued'),
            ('res_model', '=', self._name), ('res_id', 'in', peers.ids)])
        # who is at it in another worker asks by itself
        for task in tasks.try_lock_for_update().filtered_domain(
                [('state', '=', 'queued')]):
            peer = self.browse(task.res_id)
            try:
                with self.env.cr.savepoint():
                    task.write({'state': 'done', 'applied': True,
                                'ended_at': fields.Datetime.now()})
                    peer._apply_poll(others[peer.reference])
            except CONFLICTS:
                raise
            except Exception:
                _logger.exception('e-invoice %s: state not applied', peer.id)

    def _apply_poll(self, facts):
        if self.state == 'to_sign':
            self._asked_for_signature(facts)
            return
        values = self._poll_values(facts)
        state, tax_state = self.state, facts.get('tax_state')
        code = facts.get('authority_code')
        if state in ('corrected', 'replaced'):
            self._set_state(state, **values)
            self._plan_corrected_poll(facts)
        elif tax_state == 'rejected':
            self._refused(values)
        elif code and state in ('issued', 'waiting_code'):
            self._set_state('coded', authority_code=code, **values)
            self.activity_unlink(['mail.mail_activity_data_warning'])
            self._enqueue('fetch_files')
        else:
            self._set_state(state, **values)
            # a cash-register code was there before the office has answered
            if tax_state != 'accepted' or state == 'waiting_code':
                self._plan_poll(push=facts.get('unsent'))

    def _poll_values(self, facts):
        values = {'polls': self.polls + 1, 'tax_message': facts.get('tax_message')}
        if facts.get('issued_at'):
            values['issued_at'] = naive_utc(datetime.fromisoformat(facts['issued_at']))
        if facts.get('lookup_code'):
            values['lookup_code'] = facts['lookup_code']
        return values

    def _plan_corrected_poll(self, facts):
        """A correction does not end the duty to send the original."""
        refused = facts.get('tax_state') == 'rejected'
        if refused and self.refused_at:
            return  # that is why it was corrected
        if refused:
            self._alarm(self.env._(
                'The tax office refused e-invoice %s, which was corrected meanwhile. Ask '
                'your accountant.', self.number))
        if facts.get('tax_state') != 'accepted':
            self._plan_poll(push=facts.get('unsent'), late=refused)

    def _asked_for_signature(self, facts):
        """Signed, still waiting, or deleted by a person: only two misses prove it."""
        missed_before = self.missing_since
        self._set_state('to_sign', polls=self.polls + 1, missing_since=(
            False if facts else missed_before or fields.Datetime.now()))
        if facts.get('number'):
            self._numbered(facts)
        elif facts or not missed_before:
            self._plan_poll()
        else:
            self._set_state('draft', missing_since=False)
            text = self.env._(
                'The draft of this e-invoice was deleted at the provider. Issue it again '
                'or correct the invoice first.')
            self._alarm(text)
            self.move_id._gtg_einvoice_failed(text)

    def _plan_signature(self):
        if self.polls >= SIGN_POLLS_MAX:
            self._alarm(self.env._(
                'The draft of this e-invoice has waited a month for its signature. Sign '
                'or delete it at the provider, then press "Ask for the code".'))
            return
        seconds = QUARTER if self.polls < SIGN_POLLS else HOUR
        self._enqueue('poll_code', generation=self.polls,
                      delay=seconds * self.account_id._time_scale())

    def _refused(self, values):
        known = self.state == 'refused'
        self._set_state('refused', **values)
        if not known:
            self._alarm(self.refusal)
            self.move_id._gtg_einvoice_failed(self.refusal)
        self._plan_poll(late=True)

    def _plan_poll(self, push=False, late=False):
        """Ask for the code again, less and less often, and alarm after a day."""
        if self.state == 'to_sign':
            self._plan_signature()
            return
        age = fields.Datetime.now() - (self.issued_at or fields.Datetime.now())
        scale = self.account_id._time_scale()
        if push and age >= PUSH_AFTER * scale and hasattr(
                self.account_id._adapter(), '_send_send_to_tax'):
            # the seller's setting may be to pass invoices on by hand
            self._enqueue('send_to_tax', generation=self.polls)
        seconds = POLLS[self.polls] if self.polls < len(POLLS) else HALF_HOUR
        if late or age > ALARM_AFTER:
            seconds = LATE_POLL
        self._enqueue('poll_code', generation=self.polls, delay=seconds * scale)
        if age > ALARM_AFTER and self.state == 'waiting_code':
            self._alarm(self.env._(
                'E-invoice %s has waited for its tax-authority code for more than a day. '
                'Ask the provider.', self.number))

    def _unalarm(self):
        """As `activity_unlink`, but read for many e-invoices at once."""
        kind = self.env['ir.model.data']._xmlid_to_res_id(
            'mail.mail_activity_data_warning')  # cached, unlike env.ref
        self.activity_ids.filtered(lambda activity: (
            activity.automated and activity.activity_type_id.id == kind)).unlink()

    def _alarm(self, text):
        """An activity for the person who issued the invoice, once per text."""
        self.ensure_one()
        if text not in self.activity_ids.mapped('summary'):
            self.activity_schedule(
                'mail.mail_activity_data_warning', summary=text,
                user_id=self._alarmed_user().id)

    def _alarmed_user(self):
        """Who reads it: whoever sold or billed, else an accountant. Crons bill too."""
        for user in self.move_id.invoice_user_id | self.move_id.create_uid:
            if user.active and self.company_id in user.company_ids and (
                    user.has_group('account.group_account_invoice')):
                return user
        billers = self.company_id._gtg_billers()
        return (billers.filtered('gtg_einvoice_notices') or billers).sorted(
            lambda user: not user.has_group('account.group_account_user')
        )[:1] or self.env.user


class ConnectorTask(models.Model):
    _inherit = 'gtg.connector.task'

    def action_retry(self):
        """A refused e-invoice is no draft any more: whoever looks at its state sees that
        it may be issued."""
        refused = self.sudo().filtered_domain([
            ('operation', '=', 'create_invoice'), ('res_model', '=', 'gtg.einvoice'),
            ('state', '=', 'failed'), ('unsure', '=', False)])
        for einvoice in self.env['gtg.einvoice'].sudo().browse(refused.mapped('res_id')):
            # what was changed stays a draft: its task will say so and send nothing
            if einvoice.state == 'draft' and einvoice._is_unchanged():
                einvoice._set_state('queued')
        return super().action_retry()
