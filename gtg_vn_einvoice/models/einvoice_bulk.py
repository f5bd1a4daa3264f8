import logging
import time

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import (
    CONFLICTS,
    contained,
    leave_cron,
    wake_cron,
)

from .einvoice import ISSUED

_logger = logging.getLogger(__name__)

CHUNK = 50  # invoices that are checked and asked for in one transaction
CONFLICTS_MAX = 5  # in one run of the cron
KEPT_DAYS = 30
# what the tax office refused has a number, but is no invoice
VALID = tuple(state for state in ISSUED if state != 'refused')

# how the invoices of a bulk fare: what was asked for is told by e-invoice and outbox
FARING = """
SELECT line.bulk_id, line.id, CASE
    WHEN line.state != 'asked' THEN line.state
    WHEN einvoice.state IN %s THEN 'issued'
    WHEN einvoice.state = 'to_sign' THEN 'to_sign'
    WHEN einvoice.state = 'queued' AND NOT EXISTS (
        SELECT 1 FROM gtg_connector_task task
         WHERE task.res_model = 'gtg.einvoice' AND task.res_id = einvoice.id
           AND task.operation = 'create_invoice' AND (task.state = 'failed'
               OR task.state = 'done' AND task.error_text IS NOT NULL)) THEN 'asked'
    ELSE 'failed' END
  FROM gtg_einvoice_bulk_line line
  JOIN account_move move ON move.id = line.move_id
  LEFT JOIN gtg_einvoice einvoice ON einvoice.id = move.gtg_einvoice_id
 WHERE line.bulk_id = ANY(%s)
"""
FARES = ('waiting', 'refused', 'asked', 'to_sign', 'issued', 'failed')


class EinvoiceBulk(models.Model):
    """The e-invoices that a person asked for with one click.

    The click only stores which. A cron checks them chunk by chunk and puts them into
    the outbox; nothing is lost when it dies, and no invoice is asked for twice:
    what was put there is committed with its line.
    """

    _name = 'gtg.einvoice.bulk'
    _description = 'E-invoices issued together'
    _order = 'id desc'

    company_id = fields.Many2one('res.company', required=True, readonly=True)
    line_ids = fields.One2many('gtg.einvoice.bulk.line', 'bulk_id', readonly=True)
    trouble_line_ids = fields.One2many(
        'gtg.einvoice.bulk.line', compute='_compute_faring', string='What to do')
    total = fields.Integer('Invoices', compute='_compute_faring')
    waiting = fields.Integer('To check', compute='_compute_faring')
    refused = fields.Integer('Cannot be issued', compute='_compute_faring')
    asked = fields.Integer('Being issued', compute='_compute_faring')
    to_sign = fields.Integer(
        'To sign at the provider', compute='_compute_faring')
    issued = fields.Integer(compute='_compute_faring')
    failed = fields.Integer(compute='_compute_faring')
    # forms with a field of ours reload when something was exchanged
    gtg_progress = fields.Float('Progress', compute='_compute_faring')

    @api.depends('create_date', 'create_uid')
    def _compute_display_name(self):
        for bulk in self:
            bulk.display_name = self.env._(
                '%(count)s e-invoices', count=len(bulk.line_ids))

    def _compute_faring(self):
        Line = self.env['gtg.einvoice.bulk.line']
        Line.flush_model(['bulk_id', 'state', 'move_id'])
        faring = dict.fromkeys(self.ids, ())
        for bulk_id, line_id, fare in self._faring():
            faring[bulk_id] += ((line_id, fare),)
        for bulk in self:
            fares = faring.get(bulk.id, ())
            for name in FARES:
                bulk[name] = sum(fare == name for _line, fare in fares)
            bulk.total = len(fares)
            ended = bulk.issued + bulk.refused + bulk.failed
            bulk.gtg_progress = 100 * ended / bulk.total if fares else 0
            bulk.trouble_line_ids = Line.browse(
                line for line, fare in fares if fare in ('refused', 'failed'))

    def _faring(self):
        """:return: [(bulk id, line id, one of `FARES`)]"""
        self.env['account.move'].flush_model(['gtg_einvoice_id'])
        self.env['gtg.einvoice'].flush_model(['state'])
        return self.env.execute_query(SQL(FARING, VALID, self.ids))

    # === WHAT THE PERSON DOES === #

    @api.model
    def _start(self, moves):
        """:return: a new bulk of the invoices, each series in the order of its dates

        :raise UserError: they are not one company's
        """
        moves.check_access('write')
        if len(moves.company_id) != 1:
            raise UserError(self.env._('Select the invoices of one company.'))
        today = fields.Date.context_today(self)
        # sudo: only as what it is, whoever may invoice makes one
        bulk = self.sudo().create({
            'company_id': moves.company_id.id,
            'line_ids': [fields.Command.create({'move_id': move.id})
                         for move in moves.sorted(lambda move: (
                             move.gtg_series_id.id or 0, move.invoice_date or today,
                             move.name or '', move.id))]})
        bulk._wake()
        return bulk.sudo(False)

    def _open(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.display_name,
            'res_model': self._name, 'res_id': self.id, 'views': [(False, 'form')]}

    def action_again(self):
        """Button: check and ask for the failed ones once more. What the tax office
        refused was issued: a correction is its way out, not the same once more."""
        lines = self.trouble_line_ids.filtered(
            lambda line: line.move_id.gtg_einvoice_state != 'refused')
        lines.move_id.check_access('write')
        lines.sudo().write({'state': 'waiting', 'message': False})
        self._wake()

    def action_open_moves(self):
        """Button: the invoices that fare as the context says."""
        self.ensure_one()
        wanted = self.env.context.get('fare')
        lines = [line for _bulk, line, fare in self._faring()
                 if wanted in (None, fare)]
        return {
            'type': 'ir.actions.act_window', 'name': self.display_name,
            'res_model': 'account.move', 'context': {'default_move_type': 'out_invoice'},
            'views': [(self.env.ref('account.view_out_invoice_tree').id, 'list'),
                      (False, 'form')],
            'domain': [('id', 'in', self.line_ids.browse(lines).move_id.ids)]}

    # === CARRYING OUT === #

    @api.model
    def _wake(self):
        wake_cron(self.env, 'gtg_vn_einvoice.cron_einvoice_bulk')

    @api.model
    def _issue_waiting(self):
        """Body of the cron: chunk by chunk until nothing waits. Never raises."""
        cron = self.env['ir.cron']
        in_cron = bool(self.env.context.get('ir_cron_progress_id'))
        ends = time.monotonic() + min(cron._commit_progress() if in_cron else 60.0, 60)
        done, conflicts = 0, 0
        while time.monotonic() < ends and conflicts < CONFLICTS_MAX:
            chunk = 0
            with contained(self.env, _logger, 'e-invoices in bulk') as turn:
                chunk = self._issue_chunk()
            if turn.conflict:
                conflicts += 1  # an invoice was changed meanwhile: again, as it is now
            elif turn.done and chunk:
                done += chunk
            else:
                break
        if in_cron:
            remaining = self.env['gtg.einvoice.bulk.line'].search_count(
                [('state', '=', 'waiting')])
            leave_cron(self.env, done, remaining, self._wake)
        return done

    @api.model
    def _issue_chunk(self):
        """:return: number of invoices that no longer wait"""
        lines = self.env['gtg.einvoice.bulk.line'].search(
            [('state', '=', 'waiting')], order='id', limit=CHUNK).try_lock_for_update()
        bulk = lines[:1].bulk_id
        lines = lines.filtered(lambda line: line.bulk_id == bulk).sorted('id')
        if not lines:
            return 0
        # as the person who asked: rights, language of the texts, books of the company
        user = bulk.create_uid
        moves = lines.move_id.with_user(user).with_context(
            allowed_company_ids=bulk.company_id.ids, lang=user.lang,
            tz='Asia/Ho_Chi_Minh')
        known = user.active or user.id == SUPERUSER_ID  # who asks for a rule is no person
        problems = self._issue_or_tell(moves) if known else dict.fromkeys(
            moves, self.env._('Whoever asked for this is no user any more. Issue it '
                              'again.'))
        for line, move in zip(lines, moves, strict=True):
            text = problems.get(move)
            line.write({'state': 'refused' if text else 'asked', 'message': text})
        user._bus_send('gtg.connector/ended', {'records': [(self._name, bulk.id)]})
        return len(lines)

    @api.model
    def _issue_or_tell(self, moves):
        """Whatever is wrong with one invoice or with the rights of who asked, stops no
        other: the rest would wait for ever behind it.

        :return: {move: text of what forbids it}
        """
        try:
            with self.env.cr.savepoint():
                return moves._gtg_issue_many()
        except CONFLICTS:
            raise
        except Exception as error:
            if len(moves) == 1:
                _logger.info('invoice %s: no e-invoice', moves.id,
                             exc_info=not isinstance(error, UserError))
                return {moves: str(error) or type(error).__name__}
        problems = {}
        for move in moves:
            problems.update(self._issue_or_tell(move))
        return problems

    @api.autovacuum
    def _gc_bulk(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        self.search([('create_date', '<', limit)], limit=1000).unlink()


class EinvoiceBulkLine(models.Model):
    """One invoice of a bulk: whether it was asked for, and if not, why."""

    _name = 'gtg.einvoice.bulk.line'
    _description = 'Invoice of e-invoices issued together'
    _order = 'id'
    _rec_name = 'move_id'

    bulk_id = fields.Many2one('gtg.einvoice.bulk', required=True, ondelete='cascade')
    move_id = fields.Many2one(
        'account.move', 'Invoice', required=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='bulk_id.company_id', store=True)
    partner_id = fields.Many2one(related='move_id.partner_id')
    state = fields.Selection([
        ('waiting', 'To check'), ('refused', 'Cannot be issued'),
        ('asked', 'Asked for')], default='waiting', required=True, readonly=True)
    message = fields.Text(readonly=True)
    reason = fields.Text('Why', compute='_compute_reason')

    _once = models.Constraint(
        'UNIQUE (bulk_id, move_id)', 'The invoice is in the list already.')
    _waiting_index = models.Index("(id) WHERE state = 'waiting'")

    def _compute_reason(self):
        for line in self:
            move = line.move_id
            line.reason = move.gtg_einvoice_id.sudo().refusal or (
                line.message or move.gtg_einvoice_message)

    def action_open(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'account.move',
            'res_id': self.move_id.id, 'views': [(False, 'form')]}
