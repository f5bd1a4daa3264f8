from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import naive_utc

from ..lib.listing import number_key

DAY = timedelta(days=1)
PERIOD_MAX = 366
# a list that changes under our hands is read once more before it counts as incomplete
PASSES = 2
# whatever is issued goes first
PRIORITY = 20
KEPT_DAYS, NIGHTS_KEPT = 90, 14


class EinvoiceComparison(models.Model):
    """The provider's documents of a period against ours.

    Listed page by page in the outbox, each page with its own attempt: one that fails
    is repeated, what came before is kept. They are compared only when all pages of
    all days have come, for half a list would call documents missing that are there;
    then in small steps, each committed (``einvoice_comparison_steps.py``).
    """

    _name = 'gtg.einvoice.comparison'
    _inherit = 'gtg.connector.subject'
    _description = 'Comparison with the provider'
    _order = 'id desc'
    _check_company_auto = True

    account_id = fields.Many2one(
        'gtg.einvoice.account', required=True, ondelete='cascade', check_company=True,
        domain="[('state', '=', 'connected')]", default=lambda self: self.env[
            'gtg.einvoice.account']._of_company(self.env.company))
    company_id = fields.Many2one(
        related='account_id.company_id', store=True, index=True)
    first = fields.Date('From', required=True, default=lambda self: fields.Date.subtract(
        self.env['gtg.legal.deadline']._gtg_today(), days=30))
    last = fields.Date('To', required=True, default=lambda self: self.env[
        'gtg.legal.deadline']._gtg_today())
    state = fields.Selection([
        ('draft', 'New'), ('running', 'Being listed'), ('comparing', 'Being compared'),
        ('done', 'Compared'), ('incomplete', 'Incomplete'),
    ], default='draft', required=True, readonly=True, copy=False)
    started_at = fields.Datetime(readonly=True, copy=False)
    step = fields.Integer(readonly=True, copy=False)
    window_first = fields.Date('Days being listed', readonly=True, copy=False)
    window_last = fields.Date(readonly=True, copy=False)
    page = fields.Integer(readonly=True, copy=False)
    passes = fields.Integer(readonly=True, copy=False)
    received = fields.Integer('Rows of these days', readonly=True, copy=False)
    repeated = fields.Integer('Rows that came twice', readonly=True, copy=False)
    series_names = fields.Char(
        'Only series', readonly=True, copy=False,
        help='The provider lists by series: others than these were not compared.')
    missing = fields.Integer(
        'Not listed', readonly=True, copy=False,
        help='Documents that the provider counts and does not list.')
    night = fields.Date(
        readonly=True, copy=False, help='Made by itself in this night.')
    compared_row = fields.Integer(readonly=True, copy=False)
    compared_own = fields.Integer(readonly=True, copy=False)
    row_ids = fields.One2many('gtg.einvoice.comparison.row', 'comparison_id')
    difference_ids = fields.One2many('gtg.einvoice.difference', 'comparison_id')
    listed = fields.Integer(compute='_compute_counts')
    difference_count = fields.Integer('Differences', compute='_compute_counts')
    # forms with a field of ours reload when something was exchanged
    gtg_progress = fields.Float('Progress', compute='_compute_gtg_progress')

    _days_in_order = models.Constraint(
        'CHECK (first <= last)', 'The period ends before it begins.')

    # === COMPUTES === #

    @api.depends('account_id', 'first', 'last')
    def _compute_display_name(self):
        for comparison in self:
            comparison.display_name = (
                f'{comparison.account_id.name or ""} '
                f'{comparison.first or ""} – {comparison.last or ""}')

    def _compute_counts(self):
        def counts(model):
            return dict(self.env[model]._read_group(
                [('comparison_id', 'in', self.ids)], ['comparison_id'], ['__count']))

        rows = counts('gtg.einvoice.comparison.row')
        differences = counts('gtg.einvoice.difference')
        for comparison in self:
            comparison.listed = rows.get(comparison, 0)
            comparison.difference_count = differences.get(comparison, 0)

    @api.depends('state', 'window_first')
    def _compute_gtg_progress(self):
        for comparison in self:
            days = done = 1
            if comparison.state in ('draft', 'running', 'comparing'):
                days = (comparison.last - comparison.first).days + 1 if (
                    comparison.first and comparison.last) else 1
                done = comparison.window_first and min(max(
                    (comparison.window_first - comparison.first).days, 0), days)
            comparison.gtg_progress = 100 * (done or 0) / days

    # === START === #

    def action_start(self):
        """Button: ask for the list; what a person waits for goes on by itself."""
        self.check_access('write')
        today = self.env['gtg.legal.deadline']._gtg_today()
        for comparison in self.filtered(lambda c: c.state == 'draft'):
            if comparison.last > today or (
                    comparison.last - comparison.first).days >= PERIOD_MAX:
                raise UserError(self.env._(
                    'Choose a period of at most a year that ends today or before.'))
            account = comparison.account_id.sudo()
            if not account._adapter()._can_list:
                raise UserError(self.env._(
                    '%s offers no list of its invoices. Compare on its site.',
                    dict(account._fields['provider']._description_selection(self.env))[
                        account.provider]))
            comparison._start()

    def _start(self):
        self.ensure_one()
        account = self.account_id.sudo()
        self.write({
            'state': 'running', 'started_at': fields.Datetime.now(),
            'series_names': account._adapter()._list_by_series and (', '.join(
                account.with_context(active_test=False).series_ids.filtered(
                    lambda series: not series.outside and (
                        self.first.year <= series.year <= self.last.year)
                ).mapped('name')) or '–')})
        # days more at both ends: clocks and meanings of "issued" differ a little
        self._ask(self.first - DAY)

    def _ask(self, first, page=1, passes=1):
        """Ask for the days from `first` on, as many as one list may cover."""
        account = self.account_id.sudo()
        last = min(self._end(), first + DAY * (account._adapter()._list_days - 1))
        again = {'received': 0, 'repeated': 0} if page == 1 else {}
        self.write({'window_first': first, 'window_last': last, 'page': page,
                    'passes': passes, 'step': self.step + 1, **again})
        self.env['gtg.connector.task']._enqueue(
            account, 'list_invoices', self, generation=self.step, lane='list',
            priority=PRIORITY, payload={'first': str(first), 'last': str(last), 'page': page})

    def _end(self):
        return min(self.last + DAY, self.env['gtg.legal.deadline']._gtg_today())

    # === PAGES === #

    def _gtg_task_done(self, task):
        result = super()._gtg_task_done(task)
        if task.generation == self.step and self.state == 'running':
            page = task.result
            new = self._store(page['rows'])
            task.sudo().result = {'rows': len(page['rows'])}
            self._go_on(page, new)
        return result

    def _store(self, rows):
        """:return: how many of them were not on an earlier page of these days"""
        keys = {number_key(row['number']): row for row in rows}
        Row = self.env['gtg.einvoice.comparison.row'].sudo()
        known = Row.search([
            ('comparison_id', '=', self.id), ('key', 'in', list(keys))])
        pages = {'window': self.window_first, 'passes': self.passes}
        repeated = known.filtered_domain([(name, '=', pages[name]) for name in pages])
        (known - repeated).write(pages)
        known_keys = set(known.mapped('key'))
        Row.create([{
            **row, 'comparison_id': self.id, 'key': key, **pages,
            'untold': row['total'] is None, 'total': float(row['total'] or 0),
            'issued_at': row['issued_at'] and naive_utc(
                datetime.fromisoformat(row['issued_at'])),
        } for key, row in keys.items() if key not in known_keys])
        self.repeated += len(repeated)
        return len(keys) - len(repeated)

    def _go_on(self, page, new):
        """The next page, the days again, the next days, or the end."""
        rows, total = len(page['rows']), page['total']
        self.received += page.get('count', rows)
        if page['more'] and (new or page.get('onward') or not rows and total):
            self._ask(self.window_first, page.get('next') or self.page + 1, self.passes)
            return
        lacking = max((total or 0) - self.received, 0)
        if page['more'] or rows > 1 and not new:
            lacking = max(lacking, 1)  # a page that only repeats: the rest never came
        # what comes twice may have pushed something else from page to page
        if (lacking or self.repeated) and self.passes < PASSES:
            self._ask(self.window_first, passes=self.passes + 1)
            return
        self.missing += lacking
        if self.window_last < self._end():
            self._ask(self.window_last + DAY)
            return
        self.state = 'incomplete' if self.missing else 'comparing'
        if self.state == 'comparing':
            self._wake()

    # === ENDS THAT ARE NONE === #

    def _gtg_task_given_up(self, operation):
        self.filtered(lambda c: c.state == 'running').state = 'incomplete'
        return super()._gtg_task_given_up(operation)

    def _gtg_task_settled(self, task):
        raise UserError(self.env._('Only the list itself can be compared. Press Retry.'))

    def _drop_tasks(self):
        """Forget questions whose answer nobody waits for any more: they only read.

        :return: the comparisons whose last question is in the air no more
        """
        tasks = self._gtg_open_tasks()
        dropped = tasks.try_lock_for_update().filtered_domain([
            ('state', '!=', 'sending')])
        flying = (tasks - dropped).mapped('res_id')
        dropped.unlink()
        return self.filtered(lambda comparison: comparison.id not in flying)

    @api.autovacuum
    def _gc_comparisons(self):
        def old(days):
            return ('create_date', '<', fields.Datetime.subtract(
                fields.Datetime.now(), days=days))

        self.search([
            '|', old(KEPT_DAYS), '&', old(NIGHTS_KEPT), ('night', '!=', False),
            ('difference_ids', 'not any', [('settled', '=', False)]),
        ], limit=1000)._drop_tasks().unlink()


class EinvoiceComparisonRow(models.Model):
    """A document in the provider's list."""

    _name = 'gtg.einvoice.comparison.row'
    _description = "Provider's e-invoice"
    _rec_name = 'number'

    comparison_id = fields.Many2one(
        'gtg.einvoice.comparison', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='comparison_id.company_id', store=True)
    key = fields.Char(required=True)
    window = fields.Date()
    passes = fields.Integer()
    number = fields.Char(required=True)
    kind = fields.Char()
    reference = fields.Char()
    corrects = fields.Char()
    buyer_tax_code = fields.Char()
    total = fields.Float(digits=(20, 2))
    untold = fields.Boolean('Total not told')
    currency = fields.Char()
    issued_at = fields.Datetime()

    _key_unique = models.UniqueIndex('(comparison_id, key)')
    _step_index = models.Index('(comparison_id, id)')
