from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .einvoice import GATE
from .einvoice_exchange import ALARM_AFTER

CHOICES = [
    ('anew', 'Issue anew'),
    ('change', 'Change the invoice first'),
]
# so long the office is still asked about what it has refused, if the provider does not
# say that this is final; and about all that was given up
WATCH_DAYS = 30


class Einvoice(models.Model):
    """What the tax office has refused, and what the accountant makes of it.

    A document is given up only when the provider, asked once more, still calls it
    refused; only then another one may take its place. If the office accepts it all the
    same, somebody must hear of it.
    """

    _inherit = 'gtg.einvoice'

    refused_at = fields.Datetime('Refused on', readonly=True, copy=False)
    watched_from = fields.Datetime(readonly=True, copy=False)
    refused_choice = fields.Selection(
        CHOICES, 'Decided', readonly=True, copy=False,
        help='Done as soon as the provider has said once more that it is refused.')
    accepted_late = fields.Boolean(
        'Accepted after all', readonly=True, copy=False, tracking=True,
        help='It was given up, another e-invoice took its place, and then the tax '
             'office accepted it.')
    refused_stands = fields.Boolean(compute='_compute_refused_stands')

    _accepted_late_index = models.Index('(move_id) WHERE accepted_late')

    @api.depends('state', 'code_kind', 'given_up')
    def _compute_refused_stands(self):
        """Without a code to wait for it was issued all the same: the buyer has it, so
        it is adjusted or replaced like any other."""
        for einvoice in self:
            einvoice.refused_stands = (
                einvoice.state == 'refused' and einvoice.code_kind != 'later'
                and not einvoice.given_up)

    def action_refused(self):
        """Button: the tax office has refused it. What now?"""
        self.ensure_one()
        self.check_access('write')
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.einvoice.refused',
            'name': self.env._('Refused by the tax office'), 'target': 'new',
            'views': [(False, 'form')],
            'context': {'default_einvoice_id': self.id}}

    # === THE DECISION === #

    def _choose(self, choice, reason):
        """Note what the accountant wants; the provider is asked once more before.

        :raise UserError: somebody else has decided, or it is not refused any more
        """
        self._lock_refused()
        self._check_not_being_corrected()
        self._tell_choice(choice, reason)
        self.with_context(gtg_state_gate=GATE).refused_choice = choice
        self.action_ask_code()

    def _lock_refused(self):
        self._lock_decision(lambda e: (
            e.state == 'refused' and not e.given_up and not e.refused_choice))

    def _lock_chosen(self):
        self._lock_decision(lambda e: e.state == 'refused' and e.refused_choice)

    def _lock_decision(self, is_open):
        """Of two people at once the second finds what the first has decided.

        :param is_open: function of the e-invoice: whether it is still to be decided
        """
        self.ensure_one()
        self._gtg_lock_original()
        self.invalidate_recordset([
            'state', 'given_up', 'refused_choice', 'accepted_late'])
        if not is_open(self):
            raise UserError(self.env._(
                '%s is decided already. Reload the page.', self.display_name))

    def _check_not_being_corrected(self):
        """:raise UserError: a correction names it, so it may not be given up"""
        started = self._gtg_corrections() | self.correction_ids.filtered(
            lambda e: e.state == 'draft')
        moves = (started.move_id | self.env['account.move'].search([
            ('gtg_corrects_id', '=', self.id)])).filtered(
                lambda move: move.state != 'cancel')
        if moves:
            raise UserError(self.env._(
                '%(note)s corrects e-invoice %(number)s. Delete or cancel it before this '
                'is given up, or issue it instead.', number=self.number,
                note=', '.join(moves.mapped('display_name'))))

    def _take_choice_back(self, reason):
        self._lock_chosen()
        self._tell_choice('undecided', reason)
        self.with_context(gtg_state_gate=GATE).refused_choice = False

    def _do_unasked(self, reason):
        """Somebody has seen at the provider or the tax office that it is refused."""
        self._lock_chosen()
        if not self._cannot_be_asked():
            raise UserError(self.env._(
                'The provider is being asked. Wait for its answer.'))
        self._tell_choice('unasked', reason)
        self._do_choice()

    def _cannot_be_asked(self):
        """Whether no answer is to be expected about what was decided."""
        account = self.account_id.sudo()
        return bool(self.refused_choice) and (
            not account.active or account.state != 'connected' or self._waits_long())

    def _waits_long(self):
        return bool(self.watched_from) and (
            fields.Datetime.now() - self.watched_from > ALARM_AFTER)

    def _tell_choice(self, choice, reason):
        labels = {
            **dict(self._fields['refused_choice']._description_selection(self.env)),
            'ask': self.env._('Corrected at the provider, asked again'),
            'correct': self.env._('Adjusted or replaced'),
            'counts': self.env._('Counts after all'),
            'settled': self.env._('Settled'),
            'undecided': self.env._('Decision taken back'),
            'unasked': self.env._('Done without asking the provider once more'),
        }
        text = self.env._(
            'Refused e-invoice %(number)s: %(choice)s. Reason: %(reason)s',
            number=self.number, choice=labels[choice], reason=reason or '-')
        for record in (self, self.move_id):
            record.message_post(body=text)

    def action_ask_code(self):
        refused = self.filtered(lambda e: e.state == 'refused')
        result = super().action_ask_code()
        refused.sudo().with_context(
            gtg_state_gate=GATE).watched_from = fields.Datetime.now()
        return result

    def action_give_up(self):
        result = super().action_give_up()
        self.filtered('given_up').with_context(
            gtg_state_gate=GATE).watched_from = fields.Datetime.now()
        return result

    def _do_choice(self):
        """The provider says once more that it is refused."""
        choice = self.refused_choice
        self.original_id._gtg_lock_original()
        self.with_context(gtg_state_gate=GATE).write({
            'given_up': True, 'refused_choice': False,
            'watched_from': fields.Datetime.now()})
        self.activity_unlink(['mail.mail_activity_data_warning'])
        if choice != 'anew':
            return
        try:
            with self.env.cr.savepoint():
                self.move_id._gtg_issue_einvoice()
        except UserError as error:
            self._alarm(str(error))
            self.move_id._gtg_einvoice_failed(str(error))

    # === WHAT THE PROVIDER SAYS OF IT === #

    def _refused(self, values):
        known = self.state == 'refused'
        if not known:
            values = {**values, 'refused_at': fields.Datetime.now(),
                      'watched_from': fields.Datetime.now()}
        result = super()._refused(values)
        if known and self.refused_choice:
            self._do_choice()
        return result

    def _apply_poll(self, facts):
        tax_state = facts.get('tax_state')
        if self.state != 'refused' or tax_state == 'rejected':
            return super()._apply_poll(facts)
        # a cash register's code says nothing: it was there before
        accepted = facts.get('authority_code') if self.code_kind == 'later' else (
            tax_state == 'accepted')
        if accepted:
            return self._accepted_after_all(facts)
        if tax_state == 'pending':
            return self._sent_again(facts)
        return super()._apply_poll(facts)

    def _accepted_after_all(self, facts):
        values = self._poll_values(facts)
        code = facts.get('authority_code') or self.authority_code
        given_up = self.given_up
        # also where nobody gave it up: the one before it may have been accepted
        if self._others_live() or self.move_id.state == 'cancel':
            self._set_state('refused', accepted_late=True, given_up=True,
                            refused_choice=False, authority_code=code, **values)
            self._accepted_twice()
            return
        if not self.original_id:
            values['given_up'] = False
        self._set_state('coded' if code else 'issued', authority_code=code,
                        refused_choice=False, refused_at=False, **values)
        self.activity_unlink(['mail.mail_activity_data_warning'])
        self._enqueue('fetch_files')
        if not given_up:
            self.move_id._gtg_einvoice_accepted(self)
            return
        text = self.env._(
            'The tax office has accepted e-invoice %s after it was given up, so it '
            'counts. If the invoice was changed, credited or issued elsewhere since '
            'then, correct it.', self.number)
        self._alarm(text)
        self.move_id._gtg_einvoice_failed(text)

    def _others_live(self):
        """What has taken the place of this document, or is going to."""
        return (self.move_id.gtg_einvoice_ids | self._sold_anew()).filtered(
            lambda e: e != self and e.state != 'refused')

    def _sold_anew(self):
        """The e-invoices of what invoices the sale of a cancelled invoice anew. Others
        extend it."""
        return self.browse()

    def _accepted_twice(self):
        others = self._others_live()
        text = self.env._(
            'The tax office has accepted e-invoice %(number)s after it was given up, and '
            '%(other)s has taken its place. Only one may count: press "Refused: what '
            'now?" on %(number)s.', number=self.number,
            other=', '.join(others.mapped('display_name'))) if others else self.env._(
            'The tax office has accepted e-invoice %(number)s after it was given up and '
            '%(move)s was cancelled. Issue no other one for this sale: press "Refused: '
            'what now?" on %(number)s.', number=self.number,
            move=self.move_id.display_name)
        # those of the same invoice are asked once more when they are sent
        for other in others.filtered(
                lambda e: e.move_id != self.move_id and e.state == 'queued'):
            if not other._outcome_unknown():
                other.action_take_back()
        for einvoice in self | others:
            einvoice._alarm(text)
        self.move_id.message_post(body=text)
        self.move_id._gtg_einvoice_failed(text)

    def _sent_again(self, facts):
        """Somebody has corrected it at the provider: its answer is waited for."""
        values = self._poll_values(facts)
        text = self.env._(
            'E-invoice %s, which the tax office had refused, was sent to it again. Wait '
            'for the answer.', self.number)
        if self.given_up or self._others_live():
            self._set_state('refused', watched_from=fields.Datetime.now(), **values)
            self._alarm(text)
        else:
            chosen = self.refused_choice
            self._set_state({'later': 'waiting_code', 'at_once': 'coded'}.get(
                self.code_kind, 'issued'), refused_choice=False, refused_at=False,
                **values)
            self.activity_unlink(['mail.mail_activity_data_warning'])
            if chosen:
                self._alarm(text)
        self._plan_poll(push=facts.get('unsent'))

    def _plan_poll(self, push=False, late=False):
        if self.state == 'refused' and not self._is_watched():
            return None
        if self.refused_choice and self._waits_long():
            self._alarm(self.env._(
                'The provider has not said for a day whether e-invoice %s is still '
                'refused. Press "Refused: what now?" on it.', self.number))
        return super()._plan_poll(push=push, late=late or self.state == 'refused')

    def _is_watched(self):
        """Whether the office may still say something else."""
        if self.refused_choice or not self.watched_from:
            return True
        days = WATCH_DAYS if self.given_up else (
            self.account_id._adapter()._refused_days)
        return fields.Datetime.now() - self.watched_from < timedelta(days=days)

    # === TWO AT THE TAX OFFICE === #

    def _end_twice(self, counts, reason):
        """The accountant says what became of the two documents.

        :param bool counts: this one counts, and the other was never made
        """
        self._lock_decision(lambda e: e.accepted_late)
        if counts:
            self._check_books()
            others = self._others_live()
            if others.filtered(lambda e: e.state != 'draft' or e._outcome_unknown()):
                raise UserError(self.env._(
                    '%s is issued or may be. Correct one of the two, then press '
                    '"Settled".', ', '.join(others.mapped('display_name'))))
            others.unlink()
            self.env.flush_all()
            self._set_state(
                'coded' if self.authority_code else 'issued',
                **({} if self.original_id else {'given_up': False}))
            self._enqueue('fetch_files', generation=self.polls)
            self.move_id._gtg_einvoice_accepted(self)
        self.with_context(gtg_state_gate=GATE).accepted_late = False
        self._tell_choice('counts' if counts else 'settled', reason)
        (self | self.move_id.gtg_einvoice_ids | self._sold_anew()).activity_unlink(
            ['mail.mail_activity_data_warning'])

    def _check_books(self):
        """:raise UserError: the books do not have the sale, or have it twice"""
        move = self.move_id
        if move.state != 'posted':
            raise UserError(self.env._(
                '%s is not confirmed. Cancel what invoices the same sale anew, reset this '
                'one to draft and confirm it as it was. Then press again.',
                move.display_name))

    def _unchanged_payload(self):
        if self.generation:  # none of the others has come to life
            self.move_id._gtg_check_accepted_late()
        return super()._unchanged_payload()


class EinvoiceAdapter(models.AbstractModel):
    _inherit = 'gtg.einvoice.adapter'

    # days for which a refused document is asked about: shorter where the provider says
    # that a refusal is final
    _refused_days = WATCH_DAYS


class AccountMove(models.Model):
    _inherit = 'account.move'

    def action_gtg_refused(self):
        """Button: the tax office has refused the e-invoice. What now?"""
        self.ensure_one()
        return self.gtg_einvoice_id.action_refused()

    def _gtg_einvoice_accepted(self, einvoice):
        """The tax office accepts what it had refused. Others extend it."""
        self._message_log(body=self.env._(
            'The tax office has accepted e-invoice %s after all.', einvoice.number))

    def _gtg_accepted_late(self):
        return self.sudo().gtg_einvoice_ids.filtered('accepted_late')

    def _gtg_accepted_late_of_sale(self):
        """Also those of other invoices of the same sale. Others extend it."""
        return self._gtg_accepted_late()

    def _gtg_check_accepted_late(self, of_sale=False):
        for einvoice in (self._gtg_accepted_late_of_sale() if of_sale
                         else self._gtg_accepted_late()):
            raise UserError(self.env._(
                'The tax office has accepted e-invoice %s after it was given up. Press '
                '"Refused: what now?" on it first.', einvoice.number))

    def _gtg_einvoice_problems(self):
        try:
            self._gtg_check_accepted_late(of_sale=True)
        except UserError as error:
            return [str(error)]
        return super()._gtg_einvoice_problems()

    def _gtg_check_not_issued(self):
        for move in self:
            if move.state != 'cancel':  # which is confirmed again to have it count
                move._gtg_check_accepted_late()
        return super()._gtg_check_not_issued()
