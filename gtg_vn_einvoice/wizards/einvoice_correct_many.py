from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

# what the next one of several begins with
KEPT = ('what', 'direction', 'reason')
# and only where it is of the same buyer: it is his paper, and his invoice's words
KEPT_OF_BUYER = ('agreement_ref', 'agreed_on', 'agreement_file', 'agreement_name',
                 'wrong_text', 'right_text')


class EinvoiceCorrect(models.TransientModel):
    """Several e-invoices, one after another.

    The law lets one document correct several of one buyer and month (list 01/BK-DCTT),
    but the service of each provider takes a single original.
    """

    _inherit = 'gtg.einvoice.correct'

    rest_ids = fields.Many2many(
        'gtg.einvoice', 'gtg_einvoice_correct_rest', string='Next e-invoices')
    made_ids = fields.Many2many('account.move', 'gtg_einvoice_correct_made')
    notice_ids = fields.Many2many('gtg.einvoice.error.notice')
    left_out = fields.Char()
    many = fields.Char(compute='_compute_many')

    @api.depends('einvoice_id', 'rest_ids', 'made_ids', 'notice_ids')
    def _compute_many(self):
        for wizard in self:
            wizard.many = ' '.join(filter(None, [
                wizard._several() and wizard._many_text(), wizard.left_out]))

    def _several(self):
        return self.rest_ids or self.made_ids or self.notice_ids

    def _many_text(self):
        left = self.rest_ids.sudo()
        every = self.einvoice_id.sudo() | left
        account = every[:1].account_id
        text = self.env._(
            '%(number)s, and %(count)s more after it.', number=every[:1].number,
            count=len(left))
        if len(every) > 1 and not any(
                every.mapped(lambda e: e.code_kind == 'at_once')) and len({
                (e.partner_id.commercial_partner_id, e.account_id,
                 vietnam_date(e.issued_at).replace(day=1)) for e in every}) == 1:
            provider = dict(account._fields['provider']._description_selection(
                self.env))[account.provider]
            text += ' ' + self.env._(
                'The law would allow one document for all of them with a list '
                '(01/BK-DCTT) if the error is the same, but %s takes only one e-invoice '
                'per correction from Odoo, so each gets its own. If you want one for all, '
                'make it on the site of the provider.', provider)
        return text

    def action_confirm(self):
        action = super().action_confirm()
        if not self._several():
            return action
        name = 'made_ids' if action['res_model'] == 'account.move' else 'notice_ids'
        self[name] |= self[name].browse(action['res_id'])
        return self._next()

    def action_skip(self):
        """Button: leave this one as it is and go on."""
        self.ensure_one()
        return self._next()

    def _next(self):
        """The dialog about the next e-invoice, or what was made."""
        if not self.rest_ids:
            return self._made() or {'type': 'ir.actions.act_window_close'}
        following, *rest = sorted(self.rest_ids.ids)
        buyers = (self.einvoice_id | self.einvoice_id.browse(following)).sudo().mapped(
            'partner_id.commercial_partner_id')
        kept = KEPT if len(buyers) > 1 else KEPT + KEPT_OF_BUYER
        # by the context: the lines follow the e-invoice there
        wizard = self.with_context(default_einvoice_id=following).create({
            **{name: self[name] for name in kept},
            'rest_ids': rest, 'made_ids': self.made_ids.ids,
            'notice_ids': self.notice_ids.ids})
        return {**self.einvoice_id.move_id._gtg_correct_action(), 'res_id': wizard.id}

    def _made(self):
        for records, name in (
            (self.made_ids, self.env._('Corrections')),
            (self.notice_ids, self.env._('Error notices')),
        ):
            if len(records) == 1:
                return self._open(records)
            if records:
                return {
                    'type': 'ir.actions.act_window', 'res_model': records._name,
                    'name': name, 'views': [(False, 'list'), (False, 'form')],
                    'domain': [('id', 'in', records.ids)]}
        return None


class AccountMove(models.Model):
    _inherit = 'account.move'

    def action_gtg_correct(self):
        """Button: what is wrong with this e-invoice? Of several, one after another."""
        unnamed = self.filtered(lambda move: move._gtg_takes_over())
        moves = (self - unnamed).filtered(lambda move: (
            move.gtg_can_correct
            and move.gtg_einvoice_id.correction_kind != 'adjust'))
        to_name = unnamed and self.env._(
            'Issued elsewhere: %s. Open each, press "Correct e-invoice" and say what it '
            'is first.', ', '.join(unnamed.mapped('display_name')))
        if unnamed and not moves:
            raise UserError(to_name)
        if not moves:
            raise UserError(self.env._(
                'Only a valid e-invoice that adjusts no other can be corrected.'))
        first, *rest = sorted(moves.gtg_einvoice_id.ids)
        context = {'default_einvoice_id': first}
        if rest:
            context['default_rest_ids'] = rest
        others = self - moves - unnamed
        left_out = others and self.env._(
            'Left out, because they have no valid e-invoice or adjust one: %s.',
            ', '.join(others.mapped('display_name')))
        if left_out or to_name:
            context['default_left_out'] = ' '.join(filter(None, [left_out, to_name]))
        return {**self._gtg_correct_action(), 'context': context}

    def _gtg_correct_action(self):
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.einvoice.correct',
            'name': self.env._('Correct e-invoice'), 'views': [(False, 'form')],
            'target': 'new'}
