from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib import corrections
from ..models.einvoice import GATE, STANDING


class EinvoiceCorrect(models.TransientModel):
    """What is wrong with an issued e-invoice? Leads to what the law wants done.

    Nothing is issued here: a draft credit note, draft invoice or notice is made, and a
    person looks at it.
    """

    _name = 'gtg.einvoice.correct'
    _description = 'Correct e-invoice'

    einvoice_id = fields.Many2one(
        'gtg.einvoice', 'E-invoice', required=True, readonly=True, ondelete='cascade')
    move_id = fields.Many2one(related='einvoice_id.move_id')
    currency_id = fields.Many2one(related='einvoice_id.currency_id')
    what = fields.Selection([
        ('name', 'Only name or address of the buyer, or a remark'),
        ('text', 'Only texts of the goods (name, unit, description), no amount'),
        ('amount', 'Price, quantity, VAT rate or goods of some lines'),
        ('buyer', 'The buyer or the tax code'),
        ('all', 'The whole invoice'),
        ('return', 'Nothing: goods came back, or the price was lowered later'),
    ], 'What is wrong?', required=True)
    ways = fields.Char(compute='_compute_decision')
    why = fields.Char(compute='_compute_decision')
    way = fields.Selection([
        ('notice', 'Notice to the tax office (04/SS)'),
        ('adjust', 'Adjust by the difference'),
        ('inform', 'Adjust the texts, no amount'),
        ('replace', 'Replace by a new invoice'),
    ], 'Correct by', compute='_compute_way', store=True, readonly=False)
    direction = fields.Selection([
        ('down', 'Too much was invoiced: lower it'),
        ('up', 'Too little was invoiced: raise it'),
    ], default='down', required=True)
    reason = fields.Char(
        help='What was wrong, as the buyer and the tax office may read it.')
    agreement = fields.Selection([
        ('needed', 'needed'), ('not_needed', 'not needed'),
    ], 'Agreement is', compute='_compute_decision')
    agreement_text = fields.Char(compute='_compute_decision')
    agreement_ref = fields.Char('Agreement')
    agreed_on = fields.Date()
    agreement_file = fields.Binary('Agreement file')
    agreement_name = fields.Char()
    line_ids = fields.One2many('gtg.einvoice.correct.line', 'wizard_id')

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        einvoice = self.env['gtg.einvoice'].browse(values.get('einvoice_id'))
        if einvoice and 'line_ids' in fields_list:
            values['line_ids'] = [Command.create({
                'move_line_id': line.id, 'quantity': line.quantity,
                'price_unit': line.price_unit,
            }) for line in einvoice.move_id.invoice_line_ids
                if line.display_type == 'product']
        return values

    @api.depends('what', 'einvoice_id')
    def _compute_decision(self):
        for wizard in self:
            einvoice = wizard.einvoice_id.sudo()
            decision = wizard._decision()
            wizard.ways = ','.join(decision.ways) if decision else ''
            wizard.why = decision and einvoice._gtg_why(decision)
            needed, text = wizard._agreement() if wizard.ways else (False, False)
            wizard.agreement = 'needed' if needed else 'not_needed'
            wizard.agreement_text = text

    @api.depends('what', 'einvoice_id')
    def _compute_way(self):
        for wizard in self:
            decision = wizard._decision()
            wizard.way = decision.ways[0] if decision and decision.ways else False

    def _decision(self):
        self.ensure_one()
        einvoice = self.einvoice_id.sudo()
        if not self.what or not einvoice:
            return None
        return corrections.decide(
            self.what, einvoice.code_kind == 'at_once', einvoice.correction_method,
            einvoice.account_id.register_returns,
            einvoice._gtg_can(), einvoice.series_id.in_summary,
            einvoice.account_id.register_names)

    def _agreement(self):
        """:return: (whether the buyer must have agreed in writing, sentence)"""
        move, einvoice = self.move_id, self.einvoice_id.sudo()
        buyer, _problems = move.partner_id._gtg_einvoice_buyer(
            einvoice.account_id.person_style)
        exempt = move._gtg_agreement_exempt()
        in_summary = einvoice.series_id.in_summary
        if corrections.needs_agreement(
                self.what, buyer.kind, bool(exempt), in_summary):
            return True, self.env._(
                'The buyer is a business: agree in writing first and keep the paper.')
        if in_summary and not exempt:
            return False, self.env._(
                'Reported in a summary table: no written agreement, tell the buyer.')
        return False, exempt[0] if exempt else self.env._(
            'The buyer is a consumer: no written agreement, tell the buyer.')

    # === DO IT === #

    def action_confirm(self):
        """Make what the decision says; the documents that result are drafts."""
        self.ensure_one()
        einvoice = self.einvoice_id
        einvoice.check_access('write')
        valid = einvoice.sudo().state in STANDING or einvoice.sudo().refused_stands
        if not valid or einvoice.sudo().correction_kind == 'adjust':
            raise UserError(self.env._(
                'Only a valid e-invoice that adjusts no other can be corrected.'))
        decision = self._decision()
        if not decision or self.way not in decision.ways:
            raise UserError(einvoice.sudo()._gtg_why(decision) if decision else (
                self.env._('Say what is wrong first.')))
        if not self.reason:
            raise UserError(self.env._('Reason: say what was wrong.'))
        if self.way == 'notice':
            return self._open(self._notice())
        self._check_agreement()
        # two people at once: the second finds what the first has made
        einvoice.sudo()._gtg_lock_original()
        self._check_open_corrections()
        return self._open(getattr(self, f'_{self.way}')())

    def _notice(self):
        """The notice 04/SS; of two clicks the second opens what the first has made."""
        self.einvoice_id.sudo()._gtg_lock_original()
        Notice = self.env['gtg.einvoice.error.notice']
        begun = Notice.search([
            ('einvoice_id', '=', self.einvoice_id.id),
            ('state', 'in', ('draft', 'queued'))], limit=1)
        if begun and begun.reason != self.reason:
            raise UserError(self.env._(
                '%s is not filed yet. File or delete it first.', begun.display_name))
        return begun or Notice.create({
            'einvoice_id': self.einvoice_id.id, 'reason': self.reason})

    def _check_agreement(self):
        needed, text = self._agreement()
        if needed and not (self.agreement_ref and self.agreed_on):
            raise UserError(self.env._(
                '%s Enter number and date of the paper.', text))
        if self.agreed_on and self.agreed_on > vietnam_date(fields.Datetime.now()):
            raise UserError(self.env._('Agreed on: the day lies in the future.'))

    def _check_open_corrections(self):
        """A draft correction that somebody began is finished or deleted first."""
        Move = self.env['account.move'].sudo()
        begun = Move.search([
            ('state', '=', 'draft'), '|', ('gtg_corrects_id', '=', self.einvoice_id.id),
            '&', ('reversed_entry_id', '=', self.move_id.id),
            ('move_type', '=', 'out_refund')])
        if begun:
            raise UserError(self.env._(
                '%s corrects this e-invoice already and is still a draft. Confirm or '
                'delete it first.', ', '.join(
                    move.display_name for move in begun)))
        original = self.einvoice_id.sudo()
        replacement = original._gtg_corrections().filtered(
            lambda e: e.correction_kind == 'replace')
        if replacement:
            raise UserError(original._gtg_replaced_text(replacement))
        waiting = Move.search([
            ('state', '=', 'posted'), ('gtg_corrects_id', '=', original.id),
            ('gtg_correction_kind', '=', 'replace'),
            '|', ('gtg_einvoice_number', '=', False),
            ('gtg_einvoice_id.given_up', '=', True)])
        if waiting.gtg_einvoice_id.filtered('given_up'):
            raise UserError(self.env._(
                '%s replaced this e-invoice, was refused and given up, and is still in '
                'the books. Reset it to draft and delete or cancel it first.', ', '.join(
                    waiting.mapped('display_name'))))
        if waiting:
            raise UserError(self.env._(
                '%s replaces this e-invoice and is not issued yet. Issue it, or reset it '
                'to draft and delete it.', ', '.join(waiting.mapped('display_name'))))

    def _values(self, kind):
        values = {
            'gtg_correction_kind': kind, 'gtg_correction_reason': self.reason,
            'gtg_correction_cause': 'return' if self.what == 'return' else 'error'}
        if kind != 'books':
            values.update(
                gtg_corrects_id=self.einvoice_id.id,
                gtg_agreement_ref=self.agreement_ref, gtg_agreed_on=self.agreed_on,
                gtg_agreement_file=self.agreement_file,
                gtg_agreement_name=self.agreement_name)
        return values

    def _link(self, moves, kind):
        moves.with_context(gtg_state_gate=GATE).write(self._values(kind))

    def _reversal(self):
        # core posts it at once only if it is of today, by the clock of the user
        return self.env['account.move.reversal'].with_context(
            tz='Asia/Ho_Chi_Minh',
            active_model='account.move', active_ids=self.move_id.ids).create({
                'reason': self.reason, 'date': vietnam_date(fields.Datetime.now()),
                'journal_id': self.move_id.journal_id.id})

    def _adjust(self):
        chosen = self.line_ids.filtered(lambda line: line.chosen and line.quantity)
        if chosen.filtered(lambda line: line.quantity * line.sold < 0):
            raise UserError(self.env._(
                'Quantity: enter how much changes, without a minus.'))
        if not chosen:
            raise UserError(self.env._('Choose the lines that change.'))
        if self.direction == 'up' and self.what != 'return':
            move = self.move_id.copy({'invoice_date': False})
        else:
            reversal = self._reversal()
            reversal.refund_moves()
            move = reversal.new_move_ids
        self._link(move, 'adjust')
        # copies keep the order of their lines
        pairs = zip(self._lines(self.move_id), self._lines(move), strict=True)
        by_origin = {line.move_line_id: line for line in chosen}
        commands = []
        for origin, line in pairs:
            change = by_origin.get(origin)
            commands.append(
                Command.update(line.id, change._line_values()) if change
                else Command.delete(line.id))
        move.write({'invoice_line_ids': commands})
        return move

    def _lines(self, move):
        return move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))

    def _replace(self):
        move = self.move_id
        if move.reversal_move_ids.filtered(
                lambda m: m.state == 'posted' and m.gtg_correction_kind != 'books'):
            raise UserError(self.env._(
                '%s has a credit note. Issue that as an adjustment instead of replacing '
                'the invoice.', move.display_name))
        if move.reversal_move_ids.filtered(lambda m: m.state == 'posted'):
            # in the books it is reversed already; the first draft was deleted
            new = move.with_context(include_business_fields=True).copy(
                {'invoice_date': False})
        else:
            move._gtg_remember_payments()
            before, reversal = move.reversal_move_ids, self._reversal()
            reversal.with_context(gtg_state_gate=GATE).modify_moves()
            new, note = reversal.new_move_ids, move.reversal_move_ids - before
            # also a draft would be issued as an adjustment some day
            self._link(note, 'books')
            if set(note.mapped('state')) != {'posted'}:
                raise UserError(self.env._(
                    '%s could not be reversed in the books today. Ask your accountant.',
                    move.display_name))
        new.write({
            'invoice_date': False, 'gtg_invoice_note': move.gtg_invoice_note})
        self._link(new, 'replace')
        return new

    def _open(self, record):
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name,
            'res_id': record.id, 'views': [(False, 'form')]}


class EinvoiceCorrectLine(models.TransientModel):
    _name = 'gtg.einvoice.correct.line'
    _description = 'Line of an e-invoice to correct'

    wizard_id = fields.Many2one(
        'gtg.einvoice.correct', required=True, ondelete='cascade')
    move_line_id = fields.Many2one(
        'account.move.line', 'Line', required=True, ondelete='cascade')
    name = fields.Char(related='move_line_id.name')
    sold = fields.Float(related='move_line_id.quantity', string='Invoiced')
    currency_id = fields.Many2one(related='move_line_id.currency_id')
    chosen = fields.Boolean('Change')
    quantity = fields.Float(digits='Product Unit')
    price_unit = fields.Float('Price per unit', digits='Product Price')

    def _line_values(self):
        """The change as values of an invoice line. Others extend it."""
        self.ensure_one()
        return {'quantity': self.quantity, 'price_unit': self.price_unit}
