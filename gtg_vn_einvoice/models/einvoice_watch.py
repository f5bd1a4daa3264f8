from odoo import api, fields, models
from odoo.fields import Domain

from .einvoice import ISSUED

DEADLINE = 'gtg_legal_deadline'
# a comparison of a night that came to nothing goes with the next one that does
NIGHTS_MISSED = 2
HOLIDAY_DAYS = 30  # so long before it an undecided holiday is told


class EinvoiceWatch(models.Model):
    """A card of the accountant's monitor: what must be done and is not. Records are
    data; the numbers are those of the reader and the companies chosen."""

    _name = 'gtg.einvoice.watch'
    _description = 'E-invoice deadlines'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    advice = fields.Char(translate=True)
    is_late = fields.Boolean(help='Counts on the ladder of fines.')
    is_note = fields.Boolean(help='Is no reason for a digest by itself.')
    count = fields.Integer(compute='_compute_numbers')
    first_deadline = fields.Date(compute='_compute_numbers')
    days_late = fields.Integer(compute='_compute_numbers')
    hint = fields.Char(compute='_compute_hint')

    _code_unique = models.Constraint('UNIQUE (code)', 'This card exists.')

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_numbers(self):
        today = self.env['gtg.legal.deadline']._gtg_today()
        working = self.env['gtg.holiday']._working_days()
        for watch in self:
            count, deadline = watch._count()
            watch.count, watch.first_deadline = count, deadline
            watch.days_late = working.late(deadline, today) if deadline else 0

    def _count(self):
        """:return: (how many, earliest deadline or False) in one statement"""
        self.ensure_one()
        model, domain, _view = self._watched(self.code)
        records = self.env.get(model)
        if records is None or not records.has_access('read'):
            return 0, False
        deadline = [f'{DEADLINE}:min'] if DEADLINE in records._fields else []
        row = records._read_group(
            self._domain_of(records, domain), [], ['__count', *deadline])[0]
        return row[0], bool(deadline) and row[1]

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_hint(self):
        late = sum(self.search([('is_late', '=', True)]).mapped('count'))
        hint = self.env['gtg.penalty.step']._hint(late)
        for watch in self:
            watch.hint = hint if watch.is_late and watch.count else False
            if watch.code == 'unsent' and watch.days_late:
                watch.hint = self.env['gtg.penalty.step']._transfer_hint(watch.days_late)

    @api.model
    def _watched(self, code):
        """What a card counts. Others extend it for their cards.

        :return: (model, domain, external id of the list view or None)
        """
        today = self.env['gtg.legal.deadline']._gtg_today()
        move_view = 'gtg_vn_einvoice.account_move_view_list_watch'
        einvoice_view = 'gtg_vn_einvoice.einvoice_view_list_watch'
        if code == 'paused':
            return ('gtg.einvoice', self.env['gtg.connector.pause']._waiting_domain(),
                    einvoice_view)
        return {
            'to_issue': ('account.move', [(DEADLINE, '>=', today)], move_view),
            'late': ('account.move', [(DEADLINE, '<', today)], move_view),
            'waiting': ('gtg.einvoice', [
                ('state', '=', 'waiting_code'), ('unsent', '=', False)], einvoice_view),
            'refused': ('gtg.einvoice', [
                ('state', '=', 'refused'), '|', ('accepted_late', '=', True),
                ('move_id.gtg_einvoice_state', '=', 'refused')], einvoice_view),
            'notes': ('account.move', self._notes_domain(), move_view),
            'unsent': ('gtg.einvoice', [('unsent', '=', True)], einvoice_view),
            'mismatch': ('gtg.einvoice', [
                ('xml_state', '=', 'mismatch'),
                ('state', 'in', ('issued', 'waiting_code', 'coded'))], einvoice_view),
            # of one that is being compared, the older one still speaks
            'differences': ('gtg.einvoice.difference', [
                ('settled', '=', False), ('comparison_id.state', '=', 'done')],
                'gtg_vn_einvoice.difference_view_list'),
            'holidays': ('gtg.holiday', [
                ('active', '=', False), ('note', '!=', False), ('day', '>=', today),
                ('day', '<=', fields.Date.add(today, days=HOLIDAY_DAYS))],
                'gtg_vn_einvoice.holiday_view_list'),
            'nights': ('gtg.einvoice.comparison', [
                ('night', '<=', fields.Date.subtract(today, days=NIGHTS_MISSED)),
                ('state', '!=', 'done')], None),
        }.get(code, (None, [], None))

    @api.model
    def _notes_domain(self):
        """Confirmed credit notes that belong to no invoice: which e-invoice they
        adjust, a person must say. Of the others the deadlines tell."""
        return self._watched_moves() & Domain([
            ('move_type', '=', 'out_refund'), ('state', '=', 'posted'),
            ('gtg_correction_kind', '!=', 'books'),
            ('gtg_einvoice_state', 'not in', ISSUED),
            ('gtg_corrects_id', '=', False), ('reversed_entry_id', '=', False)])

    @api.model
    def _watched_moves(self):
        """Invoices from the day on from which the companies watch them."""
        return Domain.OR(
            Domain('company_id', '=', company.id)
            & Domain('invoice_date', '>=', company.gtg_einvoice_watch_from)
            for company in self.env.companies if company.gtg_einvoice_watch_from)

    @api.model
    def _domain(self, domain):
        return list(Domain('company_id', 'in', self.env.companies.ids) & Domain(domain))

    @api.model
    def _domain_of(self, records, domain):
        """What belongs to no company is the same for all."""
        return self._domain(domain) if 'company_id' in records._fields else domain

    def action_open(self):
        """Click on a card: the list of what it counts, with what can be done."""
        self.ensure_one()
        model, domain, view = self._watched(self.code)
        lists = view and self.env.ref(view).id
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': model,
            'domain': self._domain_of(self.env[model], domain), 'views': [(lists, 'list'), (False, 'form')],
            'context': {'create': False},
            'help': self.env._('<p>Nothing to do here.</p>')}
